"""The share ahead: whatever is missing, there is an answer that says so."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.claim import (
    USUAL_NEED_WH,
    OwnNeed,
)
from custom_components.autoconsommation_collective.engine.claim_ahead import (
    DEFAULT_BREAK_EVEN,
    break_even,
)
from custom_components.autoconsommation_collective.engine.contract import (
    CostsMissing,
    StepCosts,
)
from custom_components.autoconsommation_collective.engine.coverage import (
    MIN_CASES,
    CoverageTable,
    learn_coverage,
)
from custom_components.autoconsommation_collective.engine.coverage_ahead import (
    situations,
)
from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.known import (
    Known,
    flexible_wh,
)
from custom_components.autoconsommation_collective.engine.model import (
    ForecastError,
    KeyType,
)
from custom_components.autoconsommation_collective.engine.outlook import (
    Degraded,
    Outlook,
    look_ahead,
)
from custom_components.autoconsommation_collective.engine.profile import Expected
from custom_components.autoconsommation_collective.engine.share import (
    Missing,
    ShareRule,
)
from custom_components.autoconsommation_collective.engine.signal import Level

type Floats = npt.NDArray[np.float64]

PARIS = ZoneInfo("Europe/Paris")
STEP = timedelta(minutes=30)
SUMMER = datetime(2026, 6, 8, 22, tzinfo=UTC)
"""Midnight of Tuesday, 9 June in Paris."""
MEMBERS = 20
PEAK, OFF_PEAK, ALLOCATED = 0.21, 0.16, 0.08
DEFAULT = ShareRule(KeyType.DEFAULT_DYNAMIC)
SIMPLE = ShareRule(KeyType.SIMPLE_DYNAMIC)
STATIC = ShareRule(KeyType.STATIC, 0.05)
ERRORS = (ForecastError(above_w=0, mean_w=0, deviation_w=500),)
"""A forecast that is nearly right."""


def sun(grid: Grid, peak_wh: float = 12_000) -> Floats:
    """A clear day: from 6 to 20 by the clock, most at 13."""
    hour = local_steps(grid, PARIS).minute / 60 + 0.25
    wh: Floats = np.maximum(0.0, np.sin((hour - 6) / 14 * np.pi)) * peak_wh
    return np.where((hour > 6) & (hour < 20), wh, 0.0)


def prices(
    grid: Grid, off_peak: tuple[tuple[int, int], ...] = ((0, 6), (22, 24))
) -> StepCosts:
    """Off-peak at night, or at the hours given."""
    hour = local_steps(grid, PARIS).minute // 60
    is_off = np.zeros(grid.n_steps, bool)
    for first, after in off_peak:
        is_off |= (hour >= first) & (hour < after)
    return StepCosts(
        supplier=np.where(is_off, OFF_PEAK, PEAK),
        allocated=np.full(grid.n_steps, ALLOCATED),
        default=np.full(grid.n_steps, OFF_PEAK if off_peak else PEAK),
    )


def usual(grid: Grid, wh: float = 150.0) -> Expected:
    """A home that always draws alike."""
    ones = np.ones(grid.n_steps)
    return Expected(0.5 * wh * ones, wh * ones, 2 * wh * ones)


def table(grid: Grid, covered: float = 1.0, n_days: int = 40) -> CoverageTable:
    """Settled days like those of the grid, with this part covered."""
    past = Grid(grid.start - n_days * timedelta(days=1), grid.step, 48 * n_days)
    asked = situations(past, local_steps(past, PARIS), sun(past), MEMBERS)
    drawn = np.full(past.n_steps, 200.0)
    found = learn_coverage(asked, drawn, covered * drawn, local_steps(past, PARIS).day)
    assert found is not None
    return found


def known(
    n_days: int = 2,
    start: datetime = SUMMER,
    n_steps: int | None = None,
    **changes: Any,
) -> Known:
    """An operation of 20 homes with much surplus, of which everything is known."""
    grid = Grid(start, STEP, n_steps or 48 * n_days)
    production = sun(grid)
    days = np.unique(local_steps(grid, PARIS).day).tolist()
    whole = Known(
        grid=grid,
        time_zone=PARIS,
        rule=DEFAULT,
        production_wh=production,
        withdrawal_wh=np.full(grid.n_steps, 3000.0),
        errors=ERRORS,
        flexible_wh={date.fromordinal(day): 60_000.0 for day in days},
        members=MEMBERS,
        followers=10,
        table=table(grid),
        own=usual(grid),
        costs=prices(grid),
        need=OwnNeed(6000, 1100),
        place=0.4,
    )
    return replace(whole, **changes)


WHOLE = known()


def cents(*values: int) -> tuple[Floats, ...]:
    """Prices in euros, the same at all steps of the grid of WHOLE."""
    return tuple(np.full(96, value / 100) for value in values)


def hole(known: Known) -> Floats:
    """Nothing known, on its grid."""
    return np.full(known.grid.n_steps, np.nan)


def day_of(known: Known) -> npt.NDArray[np.int64]:
    """The local day of each step."""
    return local_steps(known.grid, PARIS).day


def check(known: Known, outlook: Outlook) -> None:
    """What holds whatever is known."""
    n_steps = known.grid.n_steps
    claim = outlook.claim_wh
    assert claim.shape == (n_steps,)
    assert (claim >= 0).all()
    assert (claim <= known.need.limit_wh + 1e-6).all()
    days = day_of(known)
    for day in np.unique(days):
        assert claim[days == day].sum() <= known.need.energy_wh + 1e-6
    assert len(outlook.levels) == n_steps
    for values in (outlook.coverage.mean, outlook.coverage.probability):
        held = values[~np.isnan(values)]
        assert ((held >= 0) & (held <= 1)).all()
    for window in outlook.windows:
        assert known.grid.start <= window.start < window.end <= known.grid.end


# Laws

PIECES = {
    "rule": st.sampled_from([DEFAULT, SIMPLE, STATIC, ShareRule(KeyType.STATIC), *Missing]),
    "errors": st.sampled_from([(), ERRORS]),
    "flexible_wh": st.sampled_from([{}, {date(2026, 6, 9): 0.0}, {date(2026, 6, 10): 60_000.0}]),
    "members": st.sampled_from([None, 20]),
    "homes_alike": st.sampled_from([None, 20]),
    "followers": st.sampled_from([None, 0, 10]),
    "need": st.builds(OwnNeed, st.sampled_from([0.0, 6000.0, 1e6]), st.sampled_from([0.0, 1100.0])),
    "place": st.floats(0, 1, exclude_max=True),
    "is_stale": st.booleans(),
    "bias": st.floats(0.5, 1.5),
}  # fmt: skip


@given(
    st.fixed_dictionaries(PIECES),
    st.sets(st.sampled_from("abcdefg")),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=150)
def test_whatever_is_missing_there_is_an_answer(
    changes: dict[str, Any], missing: set[str], seed: int
) -> None:
    """Nothing warns, no bound is broken, whichever steps are holes."""
    rng = np.random.default_rng(seed)
    given_ = known(**changes)
    some = np.where(rng.random(given_.grid.n_steps) < 0.3, np.nan, 1.0)
    holes = {
        "a": {"production_wh": given_.production_wh * some},
        "b": {"withdrawal_wh": hole(given_)},
        "c": {"withdrawal_wh": given_.withdrawal_wh * some},
        "d": {"own": None},
        "e": {"table": None},
        "f": {"costs": CostsMissing.NO_CONTRACT},
        "g": {"own_surplus_wh": 0.1 * given_.production_wh * some},
    }
    for name in sorted(missing):
        given_ = replace(given_, **holes[name])
    check(given_, look_ahead(given_))


@given(st.lists(st.floats(0, 12_000), min_size=1, max_size=12), st.floats(0, 12_000))
@example([1.0, 2.2250738585072014e-308], 2932.0)
@settings(max_examples=40)
def test_all_plans_fit_into_the_surplus(needs: list[float], peak_wh: float) -> None:
    """Of homes that know the same and tell what they need in all."""
    whole = known(n_days=1)
    flexible = {date(2026, 6, 9): sum(needs)}
    claims = [
        look_ahead(
            replace(
                whole,
                production_wh=sun(whole.grid, peak_wh),
                flexible_wh=flexible,
                need=OwnNeed(need, 1100),
            )
        ).claim_wh
        for need in needs
    ]
    surplus = np.maximum(sun(whole.grid, peak_wh) - 3000, 0)
    # On the contract's break-even, (0.21 - 0.16) / (0.21 - 0.08), with a deviation of 250 Wh.
    bold = np.where(sun(whole.grid, peak_wh) > 0, 0.3 * 250, 0)
    assert (sum(claims, np.zeros(48)) <= surplus + bold + 1e-6).all()


CENTS = st.integers(0, 30)


@given(CENTS, CENTS, CENTS)
def test_break_even_is_a_chance(allocated: int, default: int, more: int) -> None:
    """In [0, 1], and 1 where even a covered kWh gains nothing."""
    supplier = default + more
    even = break_even(
        replace(WHOLE, costs=StepCosts(*cents(supplier, allocated, default)))
    )
    assert ((even >= 0) & (even <= 1)).all()
    assert bool(even[0] == 1) is (allocated >= default)


# All known


def test_a_sunny_day_with_all_known() -> None:
    """Good around noon, and the need of each day has its place in it."""
    whole = WHOLE
    outlook = look_ahead(whole)
    check(whole, outlook)
    assert not outlook.degraded
    assert len(outlook.windows) == 2
    for n, window in enumerate(outlook.windows):
        start = window.start.astimezone(PARIS)
        end = window.end.astimezone(PARIS)
        assert (start.date(), end.date()) == 2 * (date(2026, 6, 9 + n),)
        assert 7 <= start.hour < 11
        assert 15 < end.hour <= 19
        assert window.probability > 0.95
        assert window.eur_per_kwh == pytest.approx(ALLOCATED, abs=0.01)
        day = slice(48 * n, 48 * n + 48)
        assert outlook.claim_wh[day].sum() == pytest.approx(6000)
        assert outlook.claimable_wh(48 * n, 48 * n + 48) == pytest.approx(
            window.energy_wh
        )
    assert outlook.levels[0] is Level.NEUTRAL
    assert outlook.surplus_wh == pytest.approx(
        np.maximum(whole.production_wh - 3000, 0)
    )
    assert outlook.allocated.mean == pytest.approx(150 * outlook.coverage.mean)
    assert (outlook.allocated.low <= outlook.allocated.high).all()


@pytest.mark.parametrize(
    ("start", "n_steps"),
    [
        pytest.param(datetime(2026, 3, 28, 23, tzinfo=UTC), 46, id="23 hours"),
        pytest.param(datetime(2026, 10, 24, 22, tzinfo=UTC), 50, id="25 hours"),
    ],
)
@pytest.mark.parametrize("blind", [False, True])
def test_days_when_the_clock_changes(
    start: datetime, n_steps: int, blind: bool
) -> None:
    """A day is a local one, however many steps it has, and has its own plan."""
    whole = known(start=start, n_steps=n_steps + 48)
    if blind:
        whole = replace(
            whole, production_wh=hole(whole), costs=CostsMissing.NO_CONTRACT
        )
    outlook = look_ahead(whole)
    check(whole, outlook)
    assert np.unique(day_of(whole), return_counts=True)[1].tolist() == [n_steps, 48]
    for day in (outlook.claim_wh[:n_steps], outlook.claim_wh[n_steps:]):
        assert day.sum() == pytest.approx(6000)


# Each thing missing

MISSING_ONE = [
    pytest.param(lambda k: {"production_wh": hole(k)}, {Degraded.NO_FORECAST}, id="no forecast"),
    pytest.param(lambda k: {"withdrawal_wh": hole(k)}, {Degraded.NO_WITHDRAWAL}, id="no withdrawal"),
    pytest.param(lambda _: {"flexible_wh": {}}, {Degraded.NO_FLEXIBLE}, id="no flexible energy"),
    pytest.param(lambda _: {"flexible_wh": {date(2026, 6, 8): 60_000.0}}, {Degraded.NO_FLEXIBLE}, id="flexible energy of the past"),
    pytest.param(lambda _: {"table": None}, set(), id="nothing settled, errors measured"),
    pytest.param(lambda _: {"table": None, "errors": ()}, {Degraded.NO_SETTLED}, id="nothing settled"),
    pytest.param(lambda k: {"table": table(k.grid, n_days=2), "errors": ()}, {Degraded.NO_SETTLED}, id="two days settled"),
    pytest.param(lambda _: {"own": None}, {Degraded.NO_HABITS}, id="no habits"),
    pytest.param(lambda _: {"costs": CostsMissing.NO_CONTRACT}, {Degraded.NO_PRICES}, id="no contract"),
    pytest.param(lambda _: {"lacks_plants": True}, {Degraded.SOME_PLANTS}, id="a mill"),
    pytest.param(lambda _: {"is_stale": True}, {Degraded.STALE}, id="old"),
    pytest.param(lambda _: {"rule": STATIC, "flexible_wh": {}}, set(), id="static: needs nobody's"),
    pytest.param(lambda _: {"rule": ShareRule(KeyType.STATIC, 0.0), "flexible_wh": {}}, set(), id="static: a part of nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "degraded"), MISSING_ONE)
def test_what_is_missing_is_told(change: Any, degraded: set[Degraded]) -> None:
    """By its name, and nothing else with it."""
    whole = WHOLE
    less = replace(whole, **change(whole))
    outlook = look_ahead(less)
    check(less, outlook)
    assert outlook.degraded == degraded


def test_the_day_after_tomorrow_is_forecast_as_far_as_it_is() -> None:
    """Its evening is not known, and its noon is planned by what is."""
    whole = known(n_days=3)
    production, withdrawal = whole.production_wh.copy(), whole.withdrawal_wh.copy()
    production[96 + 30 :] = withdrawal[96 + 30 :] = np.nan
    outlook = look_ahead(
        replace(whole, production_wh=production, withdrawal_wh=withdrawal)
    )
    assert not outlook.degraded
    claim = outlook.claim_wh[96:]
    assert not claim[30:].any()
    assert claim.sum() == pytest.approx(6000)
    # Pro rata of the surplus, which begins after the production does.
    assert not claim[: 2 * 6 + 1].any()


def test_a_day_after_tomorrow_that_is_not_forecast_is_no_fault() -> None:
    """Today and tomorrow are; without tomorrow it is one."""
    whole = known(n_days=3)
    for first, degraded in ((96, set()), (48, {Degraded.NO_FORECAST})):
        production = whole.production_wh.copy()
        production[first:] = np.nan
        outlook = look_ahead(replace(whole, production_wh=production))
        assert outlook.degraded == degraded


def test_without_a_forecast_each_home_has_a_place_of_its_own() -> None:
    """In the middle of the day, never all at one hour; and nothing is called good."""
    whole = known(
        n_days=1,
        production_wh=np.full(48, np.nan),
        need=OwnNeed(2000, 1000),
        costs=CostsMissing.NO_CONTRACT,
    )
    starts = []
    for place in np.linspace(0, 0.99, 20).tolist():
        outlook = look_ahead(replace(whole, place=place))
        used = np.flatnonzero(outlook.claim_wh)
        assert outlook.claim_wh.sum() == pytest.approx(2000)
        assert (used >= 20).all() and (used < 32).all()
        assert not outlook.windows
        starts.append(used[0])
    assert len(set(starts)) == 11
    assert max(map(starts.count, starts)) <= 2


@given(st.floats(0.2, 5))
@settings(max_examples=10)
def test_past_cases_are_compared_by_the_level(factor: float) -> None:
    """Whatever settlements made of the production since."""
    told = replace(WHOLE, withdrawal_wh=hole(WHOLE), level_wh=WHOLE.production_wh)
    moved = replace(told, production_wh=factor * WHOLE.production_wh)
    before, after = (look_ahead(known).coverage for known in (told, moved))
    assert after.mean == pytest.approx(before.mean)
    assert after.probability == pytest.approx(before.probability)


@pytest.mark.parametrize(
    ("default", "planned"),
    [
        pytest.param(20, 6000, id="Base: nothing to lose"),
        pytest.param(15, 0, id="cheap nights: by chance, noon costs more"),
    ],
)
def test_without_a_forecast_prices_decide(default: int, planned: int) -> None:
    """A blind plan is never dearer than the cheapest alternative."""
    supplier, allocated, cheapest = cents(20, 6, default)
    blind = replace(
        WHOLE,
        production_wh=hole(WHOLE),
        costs=StepCosts(supplier, allocated, cheapest),
    )
    claim = look_ahead(blind).claim_wh
    assert claim[:48].sum() == claim[48:].sum() == pytest.approx(planned)


def test_without_withdrawals_the_plan_follows_the_sun_where_it_pays() -> None:
    """Where past cases say that it is covered: the shape of the production."""
    whole = known(n_days=1, withdrawal_wh=np.full(48, np.nan))
    covered = look_ahead(whole)
    lit = covered.claim_wh > 0
    ratio = covered.claim_wh[lit] / whole.production_wh[lit]
    assert ratio.max() == pytest.approx(ratio.min())
    assert covered.claim_wh.sum() == pytest.approx(6000)
    scarce = look_ahead(replace(whole, table=table(whole.grid, covered=0.3)))
    assert not scarce.claim_wh.any()


@pytest.mark.parametrize(
    ("off_peak", "claim_wh"),
    [pytest.param((), 6000, id="Base"), pytest.param(((0, 6),), 0, id="cheap nights")],
)
def test_with_nothing_learned_only_who_loses_nothing_tries(
    off_peak: tuple[tuple[int, int], ...], claim_wh: float
) -> None:
    """In the shape of the sun on Base; at night where nights are cheap."""
    whole = known(n_days=1, withdrawal_wh=np.full(48, np.nan), table=None)
    outlook = look_ahead(replace(whole, costs=prices(whole.grid, off_peak)))
    assert outlook.claim_wh.sum() == pytest.approx(claim_wh)
    assert not outlook.windows


@pytest.mark.parametrize(
    ("change", "flexible"),
    [
        pytest.param({}, 60_000, id="published"),
        pytest.param({"flexible_wh": {}}, 10 * USUAL_NEED_WH, id="a usual need of each follower"),
        pytest.param({"flexible_wh": {}, "followers": None}, 10 * USUAL_NEED_WH, id="half of the members"),
        pytest.param({"flexible_wh": {}, "followers": None, "members": None}, USUAL_NEED_WH, id="nobody known"),
        pytest.param({"flexible_wh": {date(2026, 6, 9): 0.0}}, 6000, id="less than this home's"),
    ],
)  # fmt: skip
def test_flexible_energy(change: dict[str, Any], flexible: float) -> None:
    """What all need, this home among them."""
    assert flexible_wh(known(**change), date(2026, 6, 9)) == flexible


# Keys


def test_static_plan_is_the_own_part_less_the_own_draw() -> None:
    """What the neighbours draw or need is nothing to it."""
    whole = known(n_days=1, rule=STATIC, need=OwnNeed(1e6, 1e6))
    outlook = look_ahead(whole)
    part = np.maximum(0.05 * whole.production_wh - 150, 0)
    assert outlook.claim_wh == pytest.approx(part)
    other = replace(whole, withdrawal_wh=hole(whole), flexible_wh={}, table=None)
    assert look_ahead(other).claim_wh == pytest.approx(part)
    lit = whole.production_wh > 0
    expected = np.minimum(1, 0.05 * whole.production_wh[lit] / 150)
    assert outlook.coverage.mean[lit] == pytest.approx(expected, abs=0.1)
    assert outlook.windows


def test_static_plan_without_habits_stays_within_the_own_part() -> None:
    """What the home draws is not known, what it gets is."""
    whole = known(n_days=1, rule=STATIC, own=None, need=OwnNeed(1e6, 1e6))
    outlook = look_ahead(whole)
    assert outlook.claim_wh == pytest.approx(0.05 * whole.production_wh)
    assert not outlook.windows


def test_other_keys_go_by_past_cases_alone() -> None:
    """Aggregates say nothing of who gets them."""
    whole = known(rule=SIMPLE)
    assert look_ahead(whole).windows
    blind = look_ahead(replace(whole, table=None))
    assert np.isnan(blind.coverage.mean).all()
    # The supplier's price is what is certain, at night for sure.
    assert blind.judged.expected == pytest.approx(prices(whole.grid).supplier)
    assert blind.levels[2 * 21] is Level.AVOID
    assert not blind.windows
    assert blind.degraded == {Degraded.NO_SETTLED}


def test_aggregates_serve_until_cases_are_enough() -> None:
    """Measured errors count as cases; those that are supposed do not."""
    whole = known(table=None)
    measured, supposed = look_ahead(whole), look_ahead(replace(whole, errors=()))
    lit = whole.production_wh > 0
    assert measured.windows and not supposed.windows
    assert (measured.coverage.n_cases[lit] == MIN_CASES).all()
    assert not supposed.coverage.n_cases.any()
    few = look_ahead(replace(whole, table=table(whole.grid, covered=0.3, n_days=2)))
    assert few.coverage.mean == pytest.approx(measured.coverage.mean)
    many = look_ahead(replace(whole, table=table(whole.grid, covered=0.3)))
    assert many.coverage.mean[26] == pytest.approx(0.3, abs=0.02)


def test_homes_like_this_one_where_nobody_tells() -> None:
    """A guess with a wide margin: it is an estimate, and never reason enough for a good time."""
    whole = known(table=None)
    told = look_ahead(replace(whole, errors=()))
    untold = replace(whole, withdrawal_wh=hole(whole), errors=())
    guess = look_ahead(replace(untold, homes_alike=MEMBERS))
    assert whole.own is not None
    assert guess.withdrawal_wh == pytest.approx(MEMBERS * whole.own.mean)
    assert guess.withdrawal_wh == pytest.approx(told.withdrawal_wh)
    sure = (told.coverage.probability > 0.9) & (whole.production_wh > 0)
    assert sure.any()
    assert (guess.coverage.probability < told.coverage.probability)[sure].all()
    assert (guess.coverage.low <= told.coverage.low).all()
    assert guess.surplus_wh == pytest.approx(told.surplus_wh)
    assert not guess.coverage.n_cases.any() and not guess.windows
    assert guess.degraded == {Degraded.NO_SETTLED, Degraded.NO_WITHDRAWAL}
    # Without a number of homes, or with habits unknown, there is nothing to suppose.
    for less in (untold, replace(untold, homes_alike=MEMBERS, own=None)):
        assert np.isnan(look_ahead(less).withdrawal_wh).all()


def test_what_others_draw_is_nothing_to_a_fixed_part() -> None:
    """Homes that are supposed make it no less sure."""
    whole = replace(known(rule=STATIC, table=None, errors=()), homes_alike=MEMBERS)
    untold = replace(whole, withdrawal_wh=hole(whole))
    told, guess = look_ahead(whole), look_ahead(untold)
    assert guess.coverage.probability == pytest.approx(told.coverage.probability)


@pytest.mark.parametrize("reason", [Missing.NOT_MEMBER, Missing.NOT_CONSUMER])
def test_one_who_is_allocated_nothing_plans_nothing(reason: Missing) -> None:
    """Left, or a producer alone."""
    outlook = look_ahead(known(rule=reason))
    assert not outlook.claim_wh.any()
    assert not outlook.windows


# Prices


def test_on_base_the_alternative_is_the_base_price() -> None:
    """Covered is good; never is anything to be avoided."""
    whole = WHOLE
    outlook = look_ahead(replace(whole, costs=prices(whole.grid, ())))
    assert outlook.windows
    assert Level.AVOID not in outlook.levels
    assert (break_even(replace(whole, costs=prices(whole.grid, ()))) == 0).all()


def test_cheap_nights_make_evenings_dear() -> None:
    """And uncovered mornings."""
    outlook = look_ahead(known(n_days=1))
    assert outlook.levels[2 * 21] is Level.AVOID
    assert outlook.levels[2 * 3] is Level.NEUTRAL
    even = break_even(known(n_days=1))
    assert even[26] == pytest.approx((PEAK - OFF_PEAK) / (PEAK - ALLOCATED))
    assert even[0] == 0


def test_midday_off_peak_below_the_operation_price_is_never_good() -> None:
    """Then the sun is the dearer, and nothing is moved to it."""
    whole = known(n_days=1)
    midday = prices(whole.grid, ((2, 7), (12, 15)))
    dear = replace(midday, allocated=np.full(48, OFF_PEAK + 0.01))
    outlook = look_ahead(replace(whole, costs=dear))
    assert not outlook.windows
    assert not outlook.claim_wh.any()
    assert look_ahead(replace(whole, costs=midday)).windows


def test_prices_not_known_mean_a_usual_break_even_and_no_word() -> None:
    """The plan goes on, the signal is neutral."""
    whole = known(costs=CostsMissing.NO_PRICE)
    outlook = look_ahead(whole)
    assert set(outlook.levels) == {Level.NEUTRAL}
    assert outlook.claim_wh[:48].sum() == pytest.approx(6000)
    assert (break_even(whole) == DEFAULT_BREAK_EVEN).all()


# A producer's own surplus


def test_own_first_fills_before_the_neighbours_have_it() -> None:
    """Within the limit of a step and the need, and only what is missing is claimed besides."""
    whole = known(n_days=1)
    own = np.where(whole.production_wh > 0, 200.0, 0.0)
    outlook = look_ahead(replace(whole, own_surplus_wh=own))
    check(whole, outlook)
    assert (outlook.claim_wh >= own * (6000 / max(6000.0, own.sum())) - 1e-6).all()
    assert outlook.claim_wh.sum() == pytest.approx(6000)
    plenty = look_ahead(replace(whole, own_surplus_wh=50 * own))
    assert (plenty.claim_wh[own == 0] == 0).all()
    assert plenty.claim_wh.sum() == pytest.approx(6000)


def test_what_a_producer_keeps_is_not_shared_once_more() -> None:
    """Its own part of the surplus is not there for the claim on the rest."""
    whole = known(
        n_days=1,
        errors=(ForecastError(above_w=0, mean_w=0, deviation_w=0),),
        flexible_wh={},
        members=None,
        followers=None,
        need=OwnNeed(1e12, 1e6),
    )
    own = np.where(whole.production_wh > 0, 2000.0, 0.0)
    outlook = look_ahead(replace(whole, own_surplus_wh=own))
    surplus = np.maximum(whole.production_wh - whole.withdrawal_wh, 0)
    assert outlook.claim_wh == pytest.approx(np.maximum(own, surplus))


def test_own_first_at_its_limit_leaves_other_steps_to_the_rest() -> None:
    """A step that is full takes no more; the need finds its place elsewhere."""
    whole = known(n_days=1, need=OwnNeed(6000, 600))
    own = np.zeros(48)
    own[26] = 5000
    outlook = look_ahead(replace(whole, own_surplus_wh=own))
    assert outlook.claim_wh[26] == pytest.approx(600)
    assert outlook.claim_wh.sum() == pytest.approx(6000)


# A bias that was found


def test_a_bias_is_taken_off_the_coverage() -> None:
    """Not off the chance, and within [0, 1]."""
    whole = WHOLE
    plain, less, more = (look_ahead(replace(whole, bias=b)) for b in (1.0, 0.8, 1.4))
    assert less.coverage.mean == pytest.approx(0.8 * plain.coverage.mean)
    assert less.allocated.mean == pytest.approx(0.8 * plain.allocated.mean)
    assert less.coverage.probability == pytest.approx(plain.coverage.probability)
    assert more.coverage.mean.max() == 1
    assert less.bias == 0.8


@given(st.integers(0, 23), st.sampled_from([15, 30, 60]))
def test_situations_are_of_the_middle_of_a_step(hour: int, minutes: int) -> None:
    """By the clock, by member and as a power."""
    step = timedelta(minutes=minutes)
    grid = Grid(SUMMER + timedelta(hours=hour), step, 1)
    found = situations(grid, local_steps(grid, PARIS), np.array([500.0]), 20)
    assert found.hour[0] == pytest.approx(hour + minutes / 120)
    assert found.level_w[0] == pytest.approx(500 / 20 * 60 / minutes)
    assert found.day_of_year[0] == 160
    assert not found.is_weekend[0]
