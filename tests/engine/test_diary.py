"""The diary: a right forecast has no error, an honest one is no worse than the climate."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.diary import (
    BIAS_LIMITS,
    DiaryPage,
    Score,
    bias_factor,
    page_of,
    restored_diary,
    score_days,
    score_months,
    stored_diary,
)
from custom_components.autoconsommation_collective.engine.grid import Grid

type Floats = npt.NDArray[np.float64]

START = datetime(2026, 6, 8, 22, tzinfo=UTC)
STEP = timedelta(minutes=30)
DAY = timedelta(days=1)
PER_DAY = 48
NAN = float("nan")
SEEDS = st.integers(0, 2**32 - 1)


def page(
    n: int = 0,
    allocated_wh: float | Floats = 50.0,
    probability: float | Floats = 0.9,
    production_wh: float | Floats = 5000.0,
    correction: float = 1.0,
) -> DiaryPage:
    """The forecast of a day, made some hours before."""
    ones = np.ones(PER_DAY)
    start = START + n * DAY
    return DiaryPage(
        made_at=start - timedelta(hours=2),
        grid=Grid(start, STEP, PER_DAY),
        production_wh=production_wh * ones,
        level_wh=2 * production_wh * ones,
        allocated_wh=allocated_wh * ones,
        probability=probability * ones,
        correction=correction,
    )


def settled(
    n: int = 0, allocated_wh: float | Floats = 50.0, drawn_wh: float | Floats = 100.0
) -> Block:
    """The settlement of a day."""
    ones = np.ones(PER_DAY)
    return Block(
        START + n * DAY,
        STEP,
        {
            Quantity.CONSUMPTION: drawn_wh * ones,
            Quantity.ALLOCATED: allocated_wh * ones,
        },
    )


def live(n: int = 0, allocated_wh: float | Floats = 50.0) -> Block:
    """What was estimated live on a day."""
    wh = allocated_wh * np.ones(PER_DAY)
    return Block(START + n * DAY, STEP, {Quantity.ESTIMATED_ALLOCATED: wh})


def some_days(seed: int, n_days: int = 4) -> list[tuple[Floats, Floats]]:
    """Withdrawals and allocations of days, a third of them covered in full."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(1, 900, (n_days, PER_DAY)).astype(float)
    part = np.where(
        rng.random((n_days, PER_DAY)) < 0.3, 1.0, 0.8 * rng.random((n_days, PER_DAY))
    )
    return [(d, d * p) for d, p in zip(drawn, part, strict=True)]


# Laws


@given(SEEDS)
@settings(max_examples=25)
def test_a_perfect_forecast_has_no_error(seed: int) -> None:
    """No error of a day, no bias, no penalty for certainty that was right."""
    days = some_days(seed)
    score = score_days(
        [page(n, a, (a / d >= 0.9).astype(float)) for n, (d, a) in enumerate(days)],
        [settled(n, a, d) for n, (d, a) in enumerate(days)],
        [live(n, a) for n, (_, a) in enumerate(days)],
    )
    assert score.n_days == len(days)
    for error in (score.daily_error, score.bias, score.plain_bias, score.brier, score.live_error, score.live_bias):  # fmt: skip
        assert error == pytest.approx(0, abs=1e-9)
    assert [c.forecast for c in score.classes] == [c.came for c in score.classes]


@given(SEEDS)
@settings(max_examples=25)
def test_whoever_always_tells_the_frequency_scores_the_climatology(seed: int) -> None:
    """And whoever tells anything else, always the same, scores worse."""
    days = some_days(seed)
    came = np.mean([a / d >= 0.9 for d, a in days])
    blocks = [settled(n, a, d) for n, (d, a) in enumerate(days)]

    def told(chance: float) -> Score:
        return score_days([page(n, 50, chance) for n in range(len(days))], blocks, [])

    honest = told(float(came))
    assert honest.brier == pytest.approx(honest.climatology)
    (only,) = honest.classes
    assert only.came == pytest.approx(only.forecast)
    bold = told(min(1.0, float(came) + 0.2))
    assert bold.brier is not None and honest.brier is not None
    assert bold.brier == pytest.approx(honest.brier + 0.04)


@given(SEEDS)
@settings(max_examples=25)
def test_classes_hold_all_cases_once(seed: int) -> None:
    """Whatever was told, 0 and 1 too."""
    rng = np.random.default_rng(seed)
    told = rng.choice([0.0, 0.1, 0.2, 0.5, 0.8, 1.0], PER_DAY)
    days = some_days(seed, 1)
    score = score_days([page(0, 50, told)], [settled(0, *reversed(days[0]))], [])
    assert sum(c.n_cases for c in score.classes) == PER_DAY
    for each in score.classes:
        assert each.above - 1e-9 <= each.forecast <= each.above + 0.2 + 1e-9
        assert 0 <= each.came <= 1


@given(st.floats(-0.9, 3), st.integers(1, 1000))
def test_a_bias_is_undone_the_more_the_longer_it_is_seen(bias: float, n: int) -> None:
    """Never beyond itself, nor the limits, and never to the wrong side."""
    one, more = (bias_factor(biased(bias, days)) for days in (n, n + 1))
    low, high = BIAS_LIMITS
    for factor in (one, more):
        assert low <= factor <= high
        after = factor * (1 + bias)
        assert min(1, 1 + bias) - 1e-9 <= after <= max(1, 1 + bias) + 1e-9
    assert abs(np.log(more)) >= abs(np.log(one)) - 1e-12


def biased(bias: float | None, n_days: int) -> Score:
    """A score of which the bias alone matters."""
    return replace(score_days([], [], []), n_days=n_days, bias=bias, plain_bias=bias)


@given(st.floats(0.7, 1.4))
@settings(max_examples=10)
def test_correcting_by_the_diary_ends_the_bias(promised: float) -> None:
    """Ten days after ten days, each corrected by what those before showed."""
    pages: list[DiaryPage] = []
    ones = np.ones(300 * PER_DAY)
    block = Block(
        START, STEP, {Quantity.CONSUMPTION: 100 * ones, Quantity.ALLOCATED: 50 * ones}
    )
    for n in range(0, 300, 10):
        factor = bias_factor(score_days(pages, [block], []))
        wh = promised * 50 * factor
        pages += [page(n + m, wh, correction=factor) for m in range(10)]
    assert pages[-1].allocated_wh[0] == pytest.approx(50, rel=0.05)


@given(SEEDS)
@settings(max_examples=25)
def test_a_page_comes_back_as_it_was_written(seed: int) -> None:
    """To the digits that are kept, holes too; a second time exactly."""
    rng = np.random.default_rng(seed)
    hole = np.where(rng.random(PER_DAY) < 0.2, NAN, 1.0)
    wrote = page(
        3,
        500 * rng.random(PER_DAY) * hole,
        rng.random(PER_DAY) * hole,
        9000 * rng.random(PER_DAY),
        1.07,
    )
    read = restored_diary(stored_diary(wrote))
    assert (read.made_at, read.grid, read.correction) == (wrote.made_at, wrote.grid, wrote.correction)  # fmt: skip
    assert read.production_wh == pytest.approx(wrote.production_wh, abs=0.5)
    assert read.level_wh == pytest.approx(wrote.level_wh, abs=0.5)
    assert read.allocated_wh == pytest.approx(wrote.allocated_wh, abs=0.05, nan_ok=True)
    assert read.probability == pytest.approx(wrote.probability, abs=5e-4, nan_ok=True)
    assert stored_diary(read) == stored_diary(wrote)


@given(SEEDS)
@settings(max_examples=25)
def test_holes_are_not_scored(seed: int) -> None:
    """Steps that were not settled or not forecast change nothing, whatever stands beside."""
    rng = np.random.default_rng(seed)
    ((drawn, allocated),) = some_days(seed, 1)
    told, chance = allocated + rng.normal(0, 20, PER_DAY), rng.random(PER_DAY)
    kept = rng.random(PER_DAY) < 0.6
    kept[:2] = True
    hole = np.where(kept, 1.0, NAN)
    with_holes = (
        score_days([page(0, told, chance)], [settled(0, allocated * hole, drawn)], [live(0, told)]),
        score_days([page(0, told, chance)], [settled(0, allocated, drawn * hole)], [live(0, told)]),
        score_days([page(0, told * hole, chance)], [settled(0, allocated, drawn)], [live(0, told)]),
    )  # fmt: skip
    error = abs(told[kept].sum() - allocated[kept].sum()) / allocated[kept].sum()
    covered = allocated[kept] / drawn[kept] >= 0.9
    for score in with_holes:
        assert score.daily_error == pytest.approx(error)
        assert score.live_error == pytest.approx(error)
        assert score.brier == pytest.approx(np.mean((chance[kept] - covered) ** 2))


# Vectors


def test_days_that_are_not_settled_are_not_scored() -> None:
    """A settlement of another day says nothing of this one."""
    pages = [page(n) for n in range(3)]
    assert score_days(pages, [], [live()]) == score_days([], [], [])
    score = score_days(pages, [settled(1)], [live(0, 90), live(1, 60)])
    assert score.n_days == 1
    assert score.live_error == pytest.approx(0.2)
    assert score_days([page(0, NAN)], [settled(0)], []).n_days == 0


def test_errors_of_days_do_not_cancel_but_biases_do() -> None:
    """A day a fifth too high, a day a fifth too low."""
    score = score_days([page(0, 60), page(1, 40)], [settled(0), settled(1)], [])
    assert score.daily_error == pytest.approx(0.2)
    assert score.bias == pytest.approx(0)


def test_live_estimates_with_holes_count_where_they_were_made() -> None:
    """A restart at noon costs no score."""
    made = np.where(np.arange(PER_DAY) < 20, 55.0, NAN)
    score = score_days([page()], [settled()], [live(0, made)])
    assert score.live_bias == pytest.approx(0.1)
    none = score_days([page()], [settled()], [])
    assert (none.live_error, none.live_bias) == (None, None)


def test_the_dark_is_no_case() -> None:
    """Whoever is right at night has shown nothing; nor one who draws nothing."""
    lit = np.where(np.arange(PER_DAY) < 10, 5000.0, 0.0)
    drawn = np.where(np.arange(PER_DAY) < 4, 0.0, 100.0)
    score = score_days([page(0, 0, 0.7, lit)], [settled(0, 0.0, drawn)], [])
    (only,) = score.classes
    assert only.n_cases == 6
    assert score.daily_error is None
    assert score.brier == pytest.approx(0.49)


def test_a_chance_that_was_not_told_is_no_case() -> None:
    """The energies of the day are scored all the same."""
    score = score_days([page(0, 60, NAN)], [settled()], [])
    assert (score.brier, score.climatology, score.classes) == (None, None, ())
    assert score.bias == pytest.approx(0.2)


def test_a_corrected_forecast_is_scored_as_it_was_made() -> None:
    """But what the next correction is to undo, is found before it."""
    score = score_days([page(0, 50, correction=0.8)], [settled()], [])
    assert score.bias == pytest.approx(0)
    assert score.plain_bias == pytest.approx(0.25)
    assert bias_factor(score) < 1


@pytest.mark.parametrize(
    ("bias", "n_days", "factor"),
    [
        pytest.param(None, 100, 1, id="nothing allocated"),
        pytest.param(0.0, 100, 1, id="none"),
        pytest.param(0.25, 10**6, 0.8, id="a quarter too much"),
        pytest.param(0.25, 30, 0.8**0.5, id="half believed after a month"),
        pytest.param(-0.2, 10**6, 1.25, id="a fifth too little"),
        pytest.param(9.0, 10**6, 0.5, id="at most half"),
        pytest.param(-0.99, 10**6, 1.5, id="at most half as much again"),
        pytest.param(-1.0, 10**6, 1, id="nothing was promised: no factor helps"),
    ],
)
def test_factor(bias: float | None, n_days: int, factor: float) -> None:
    """By what the next estimates are multiplied."""
    assert bias_factor(biased(bias, n_days)) == pytest.approx(factor, rel=1e-3)


def test_a_page_is_cut_out_of_a_longer_forecast() -> None:
    """All of a day, or none."""
    grid = Grid(START - DAY, STEP, 3 * PER_DAY)
    wh = np.arange(3.0 * PER_DAY, dtype=np.float64)
    day = Grid(START, STEP, PER_DAY)
    cut = page_of(START, day, grid, wh, 3 * wh, 2 * wh, wh / 200, 1.1)
    assert cut is not None
    assert (cut.grid, cut.correction) == (day, 1.1)
    assert cut.production_wh.tolist() == list(range(PER_DAY, 2 * PER_DAY))
    assert cut.level_wh[0] == 3 * PER_DAY
    assert cut.allocated_wh[0] == 2 * PER_DAY
    assert cut.probability[-1] == pytest.approx((2 * PER_DAY - 1) / 200)
    for other in (
        replace(day, start=START - 2 * DAY),
        replace(day, start=START + 1.5 * DAY),
        replace(day, start=START + STEP / 2),
        replace(day, step=STEP / 2),
    ):
        assert page_of(START, other, grid, wh, wh, wh, wh) is None


BROKEN = [
    pytest.param({"made_at": "yesterday"}, ValueError, id="no instant"),
    pytest.param({"made_at": "2026-06-08T20:00:00"}, ValueError, id="no zone"),
    pytest.param({"start": 12}, TypeError, id="a number for an instant"),
    pytest.param({"step_minutes": 0}, ValueError, id="no step"),
    pytest.param({"step_minutes": "30"}, ValueError, id="a step as text"),
    pytest.param({"production_wh": [1.0]}, ValueError, id="shorter than the others"),
    pytest.param({"level_wh": [1.0]}, ValueError, id="levels shorter"),
    pytest.param({"allocated_wh": ["much"]}, ValueError, id="text for energies"),
    pytest.param({"probability": None}, (TypeError, ValueError), id="no series"),
    pytest.param({"correction": 0}, ValueError, id="corrected to nothing"),
    pytest.param({"correction": None}, TypeError, id="no correction"),
]


@pytest.mark.parametrize(("change", "error"), BROKEN)
def test_a_damaged_page_is_refused(
    change: dict[str, object], error: type[Exception]
) -> None:
    """Nothing is read into it."""
    stored = stored_diary(page())
    with pytest.raises(error):
        restored_diary({**stored, **change})
    for name in change:
        with pytest.raises(KeyError):
            restored_diary({k: v for k, v in stored.items() if k != name})


def test_each_month_has_a_score_of_its_own() -> None:
    """By the local month of the day; one without a settled day has none."""
    pages = [page(n) for n in range(40)]
    blocks = [settled(n) for n in range(35)]
    months = score_months(pages, blocks, [], UTC)
    assert sum(score.n_days for score in months.values()) == 35
    assert len(months) == len({f"{p.grid.start:%Y-%m}" for p in pages[:35]}) > 1
