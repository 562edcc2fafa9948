"""What part is covered: cases that are alike tell it, and say how many they are."""

from dataclasses import fields, replace

from hypothesis import given, settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.coverage import (
    MIN_CASES,
    Coverage,
    CoverageTable,
    Situations,
    formula_coverage,
    learn_coverage,
    unknown_coverage,
)

type Floats = npt.NDArray[np.float64]

SEEDS = st.integers(0, 2**32 - 1)
WH = st.floats(0, 20_000).map(lambda wh: round(wh, 1))
SERIES = st.lists(WH, min_size=6, max_size=6).map(np.array)
SHARES = ("mean", "probability", "low", "high")


def situations(
    level_w: float | Floats, hour: float | Floats = 12.0, n: int = 1, day: float = 172
) -> Situations:
    """Steps of working days around midsummer."""
    ones = np.ones(n)
    return Situations(level_w * ones, hour * ones, np.zeros(n, bool), day * ones)


def some_situations(rng: np.random.Generator, n: int) -> Situations:
    """All levels, times and seasons."""
    return Situations(
        level_w=rng.uniform(0, 2000, n),
        hour=rng.uniform(0, 24, n),
        is_weekend=rng.random(n) < 0.3,
        day_of_year=rng.integers(1, 367, n).astype(float),
    )


def learned(cases: Situations, ratio: Floats, drawn_wh: float = 1000) -> CoverageTable:
    """The table of cases in which this part of the draw was allocated."""
    drawn = np.full(len(ratio), drawn_wh)
    table = learn_coverage(cases, drawn, ratio * drawn, np.arange(len(ratio)))
    assert table is not None
    return table


def some_table(rng: np.random.Generator, n: int) -> CoverageTable:
    """A table of cases of all kinds, half of them covered in full."""
    return learned(some_situations(rng, n), np.minimum(1, rng.uniform(0, 2, n)))


def is_alike(one: Coverage, other: Coverage) -> bool:
    """Whether both say the same, but for rounding."""
    return all(
        np.allclose(
            getattr(one, field.name),
            getattr(other, field.name),
            rtol=1e-9,
            atol=1e-9,
            equal_nan=True,
        )
        for field in fields(Coverage)
    )


# Laws of the table


@given(SEEDS, st.integers(1, 300), st.integers(0, 100))
@settings(max_examples=50)
def test_all_shares_are_shares_and_in_order(seed: int, n: int, n_asked: int) -> None:
    """In [0, 1], low up to mean up to high; cases never more than there are."""
    rng = np.random.default_rng(seed)
    found = some_table(rng, n).at(asked := some_situations(rng, n_asked))
    for name in SHARES:
        values = getattr(found, name)
        assert values.shape == (n_asked,)
        assert ((values >= 0) & (values <= 1)).all()
    assert ((found.low <= found.mean) & (found.mean <= found.high)).all()
    lit = asked.level_w >= 20
    assert ((found.n_cases[lit] >= 0) & (found.n_cases[lit] <= n + 1e-6)).all()


@given(SEEDS, st.integers(2, 200))
@settings(max_examples=30)
def test_the_order_of_cases_says_nothing(seed: int, n: int) -> None:
    """Cases are a set."""
    rng = np.random.default_rng(seed)
    table, asked = some_table(rng, n), some_situations(rng, 70)
    order = rng.permutation(len(table.ratio))
    shuffled = replace(
        table,
        situations=Situations(
            *(getattr(table.situations, f.name)[order] for f in fields(Situations))
        ),
        ratio=table.ratio[order],
        weight=table.weight[order],
    )
    assert is_alike(table.at(asked), shuffled.at(asked))


@given(SEEDS, st.integers(1, 150))
@settings(max_examples=30)
def test_steps_are_told_one_by_one(seed: int, n_asked: int) -> None:
    """What else is asked changes nothing."""
    rng = np.random.default_rng(seed)
    table, asked = some_table(rng, 50), some_situations(rng, n_asked)
    n = int(rng.integers(n_asked))
    alone = Situations(*(getattr(asked, f.name)[n : n + 1] for f in fields(Situations)))
    found, one = table.at(asked), table.at(alone)
    for field in fields(Coverage):
        assert getattr(found, field.name)[n] == pytest.approx(
            getattr(one, field.name)[0]
        )


@given(st.integers(1, 500), st.floats(0, 1))
def test_alike_cases_tell_their_frequency(n: int, part: float) -> None:
    """Of cases that were the same, as many will be covered as were."""
    n_covered = round(part * n)
    ratio = np.where(np.arange(n) < n_covered, 1.0, 0.3)
    found = learned(situations(500, n=n), ratio).at(situations(500))
    assert found.probability[0] == pytest.approx(n_covered / n)
    assert found.mean[0] == pytest.approx(ratio.mean())
    assert found.n_cases[0] == pytest.approx(n)


@given(SEEDS)
@settings(max_examples=30)
def test_holes_say_nothing(seed: int) -> None:
    """Steps of which anything is not known are as if they had never been."""
    rng = np.random.default_rng(seed)
    n = 100
    cases = some_situations(rng, n)
    drawn = rng.integers(1, 500, n).astype(float)
    allocated = drawn * rng.random(n)
    days = rng.integers(0, 9, n)
    hole = rng.integers(0, 4, n)
    level = np.where(hole == 1, np.nan, cases.level_w)
    holes = learn_coverage(
        replace(cases, level_w=level),
        np.where(hole == 2, np.nan, drawn),
        np.where(hole == 3, np.nan, allocated),
        days,
    )
    kept = hole == 0
    part = Situations(*(getattr(cases, f.name)[kept] for f in fields(Situations)))
    whole = learn_coverage(part, drawn[kept], allocated[kept], days[kept])
    assert holes is not None and whole is not None
    asked = some_situations(rng, 20)
    assert holes.n_days == whole.n_days
    assert is_alike(holes.at(asked), whole.at(asked))


@given(st.floats(1, 1e6), st.floats(0, 24))
def test_what_was_never_seen_rests_on_nothing(level_w: float, hour: float) -> None:
    """However far from all cases, there is an answer, and it says how little it rests on."""
    table = learned(situations(100, 12, 400), np.linspace(0, 1, 400))
    found = table.at(situations(level_w, hour))
    assert np.isfinite([getattr(found, name)[0] for name in SHARES]).all()
    is_far = abs(np.log(level_w / 100)) > 0.5 or abs(hour - 12) > 3
    if level_w >= 20 and is_far:
        assert found.n_cases[0] < MIN_CASES
    if 90 < level_w < 110 and abs(hour - 12) < 0.5:
        assert found.n_cases[0] > 200


# Vectors of the table


def test_night_covers_nothing_and_the_unknown_is_not_known() -> None:
    """Night is sure; what nobody forecasts is not."""
    table = learned(situations(500, n=50), np.ones(50))
    found = table.at(situations(np.array([0.0, 19.9, np.nan, 500.0]), n=4))
    for name in SHARES:
        values = getattr(found, name)
        assert values == pytest.approx([0, 0, np.nan, 1], nan_ok=True)
    assert found.n_cases == pytest.approx([MIN_CASES, MIN_CASES, 0, 50])


def test_without_a_step_there_is_no_answer() -> None:
    """An empty question."""
    table = learned(situations(500, n=5), np.ones(5))
    assert not len(table.at(situations(500, n=0)).mean)


def test_few_cases_are_drawn_to_the_usual() -> None:
    """One bright step among dull ones is no rule."""
    level = np.array([500.0] + [50.0] * 99)
    table = learned(situations(level, n=100), np.where(level > 100, 1.0, 0.1))
    found = table.at(situations(500))
    assert 0.1 < found.mean[0] < 0.75
    assert found.n_cases[0] < 2


@pytest.mark.parametrize(
    ("alike", "other"),
    [
        pytest.param(situations(500), situations(250), id="production"),
        pytest.param(situations(500, 12.0), situations(500, 9.0), id="time of day"),
        pytest.param(situations(500, day=172), situations(500, day=20), id="season"),
        pytest.param(situations(500, day=2), situations(500, day=90), id="season, over New Year"),
    ],
)  # fmt: skip
def test_cases_count_by_how_alike_they_are(
    alike: Situations, other: Situations
) -> None:
    """Between two kinds of cases, those of the kind asked decide."""
    n = 40
    cases = Situations(
        *(
            np.repeat(
                np.concatenate([getattr(alike, f.name), getattr(other, f.name)]), n
            )
            for f in fields(Situations)
        )
    )
    ratio = np.repeat([0.9, 0.1], n)
    asked = replace(alike, day_of_year=(alike.day_of_year - 4) % 365)
    assert learned(cases, ratio).at(asked).mean[0] > 0.7


def test_a_weekend_tells_of_a_working_day_but_less() -> None:
    """Both kinds of day are heard."""
    n = 40
    cases = replace(situations(500, n=2 * n), is_weekend=np.arange(2 * n) < n)
    table = learned(cases, np.where(cases.is_weekend, 1.0, 0.0))
    assert table.at(situations(500)).mean[0] == pytest.approx(0.6 / 1.6, abs=0.02)


def test_a_small_draw_counts_little() -> None:
    """Three of four Wh may be any part around; three of four kWh are three quarters."""
    drawn = np.array([1000.0] * 9 + [4.0])
    allocated = np.array([500.0] * 9 + [4.0])
    table = learn_coverage(situations(500, n=10), drawn, allocated, np.arange(10))
    assert table is not None
    assert table.at(situations(500)).mean[0] == pytest.approx(0.5, abs=0.01)


def test_nothing_settled_no_table() -> None:
    """Nothing to learn from: no withdrawal, no production, no allocation."""
    hole, some, days = np.array([np.nan]), np.array([100.0]), np.zeros(1, np.int64)
    assert learn_coverage(situations(500), hole, some, days) is None
    assert learn_coverage(situations(500), 0 * some, some, days) is None
    assert learn_coverage(situations(500), some, hole, days) is None
    assert learn_coverage(situations(0), some, some, days) is None
    assert learn_coverage(situations(500), some, some, days) is not None


# The formula


@given(SERIES, SERIES, SERIES, SERIES, SERIES)
def test_more_production_covers_no_less(
    production: Floats, more: Floats, drawn: Floats, error: Floats, deviation: Floats
) -> None:
    """The mean, the chance and the range."""
    less_sun, more_sun = (
        formula_coverage(sun, drawn, error - 10_000, deviation)
        for sun in (production, production + more)
    )
    for name in SHARES:
        less, most = getattr(less_sun, name), getattr(more_sun, name)
        assert ((less >= 0) & (most <= 1)).all()
        assert (less <= most + 1e-9).all()
    assert (less_sun.low <= less_sun.mean).all()
    assert (less_sun.mean <= less_sun.high).all()


@given(SERIES, SERIES)
def test_a_sure_forecast_is_a_simple_ratio(production: Floats, drawn: Floats) -> None:
    """Without error, what is produced over what is drawn."""
    zero = np.zeros(6)
    found = formula_coverage(production, drawn + 1, zero, zero)
    ratio = np.minimum(1, production / (drawn + 1))
    assert found.mean == pytest.approx(ratio, abs=1e-6)
    clear = abs(ratio - 0.9) > 1e-6
    assert found.probability[clear] == pytest.approx(
        (ratio >= 0.9).astype(float)[clear]
    )


@given(st.floats(0, 3000), st.floats(10, 2000), st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_formula_is_what_many_skies_give(
    mean: float, deviation: float, seed: int
) -> None:
    """Mean and chance over drawn errors of the forecast."""
    one = np.ones(1)
    found = formula_coverage(mean * one + 1, 1000 * one, 0 * one, deviation * one)
    skies = np.random.default_rng(seed).normal(mean + 1, deviation, 20_000)
    ratio = np.clip(skies / 1000, 0, 1)
    assert found.mean[0] == pytest.approx(ratio.mean(), abs=0.015)
    assert found.probability[0] == pytest.approx(np.mean(ratio >= 0.9), abs=0.015)
    assert np.mean(ratio < found.low[0]) <= 0.115
    assert np.mean(ratio > found.high[0]) <= 0.115


@pytest.mark.parametrize(
    ("production", "drawn", "mean", "probability"),
    [
        pytest.param(0, 1000, 0, 0, id="dark"),
        pytest.param(0, 0, 0, 0, id="dark, and nobody draws"),
        pytest.param(100, 0, 1, 1, id="nobody draws"),
        pytest.param(9000, 1000, 1, 1, id="sun to spare"),
        pytest.param(900, 1000, 0.8994, 0.5, id="just covered, as likely as not"),
        pytest.param(np.nan, 1000, np.nan, np.nan, id="production not known"),
        pytest.param(1000, np.nan, np.nan, np.nan, id="withdrawal not known"),
    ],
)
def test_formula(
    production: float, drawn: float, mean: float, probability: float
) -> None:
    """A deviation of 100 Wh."""
    one = np.ones(1)
    found = formula_coverage(production * one, drawn * one, 0 * one, 100 * one)
    assert found.mean[0] == pytest.approx(mean, abs=0.01, nan_ok=True)
    assert found.probability[0] == pytest.approx(probability, abs=1e-6, nan_ok=True)


def test_a_known_error_is_taken_off() -> None:
    """Whoever always promised 200 Wh too much is believed 200 Wh less."""
    one = np.ones(1)
    found = formula_coverage(700 * one, 1000 * one, -200 * one, 1 * one)
    assert found.mean[0] == pytest.approx(0.5)


def test_nothing_known() -> None:
    """All of it, and no case."""
    found = unknown_coverage(3)
    assert all(np.isnan(getattr(found, name)).all() for name in SHARES)
    assert not found.n_cases.any()
