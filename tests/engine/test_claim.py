"""What a home plans for: all plans fit, none takes more than it needs, and no common hour."""

from dataclasses import dataclass

from hypothesis import assume, given, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.claim import (
    BOLDEST,
    SHYEST,
    SUREST,
    SURPLUS_LIMIT,
    OwnNeed,
    claimable_surplus,
    error_by_step,
    hybrid_claim,
    own_first_claim,
    prorata_claim,
    shape_claim,
    spread_claim,
    static_claim,
)
from custom_components.autoconsommation_collective.engine.model import ForecastError

type Floats = npt.NDArray[np.float64]

N_STEPS = 12
WH = st.floats(0, 20_000).map(lambda wh: round(wh, 2))
SERIES = st.lists(WH, min_size=N_STEPS, max_size=N_STEPS).map(np.array)
ENERGIES = st.floats(0, 30_000).map(lambda wh: round(wh, 2))
LIMITS = st.floats(0, 4_000).map(lambda wh: round(wh, 2))
NEEDS = st.builds(OwnNeed, ENERGIES, LIMITS)
HOMES = st.lists(NEEDS, min_size=1, max_size=8)
PARTS = st.floats(0, 1)
BREAK_EVENS = st.floats(0, 1)
PLACES = st.floats(0, 1, exclude_max=True)
NOTHING = np.zeros(N_STEPS)


def is_at_most(less: Floats, more: Floats | float) -> bool:
    """Whether it is nowhere more, but for rounding."""
    return bool((less <= more + 1e-6).all())


def surplus(
    production: Floats, withdrawal: Floats, deviation: Floats, break_even: Floats
) -> Floats:
    """The claimable surplus of a forecast that is right on average."""
    return claimable_surplus(production, withdrawal, NOTHING, deviation, break_even)


# Laws


@given(SERIES, SERIES, SERIES, BREAK_EVENS, ENERGIES, LIMITS)
def test_no_bolder_than_the_need_asks_for(
    production: Floats,
    withdrawal: Floats,
    deviation: Floats,
    even: float,
    enough: float,
    most: float,
) -> None:
    """Less is counted on where less is enough, and as much as is enough if there is so much."""
    boldly = surplus(production, withdrawal, deviation, even + NOTHING)
    surely = claimable_surplus(
        production, withdrawal, NOTHING, deviation, even + NOTHING, enough, most
    )
    assert is_at_most(surely, boldly)
    had, could = (float(np.minimum(wh, most).sum()) for wh in (surely, boldly))
    assert had >= min(could, enough) - 1e-6
    surest = np.clip(
        production - withdrawal + SUREST * deviation, 0, SURPLUS_LIMIT * production
    )
    sure = float(np.minimum(surest, most).sum())
    assert had <= max(sure, enough) + 1.0


@given(SERIES, HOMES)
def test_all_claims_together_fit_into_the_surplus(
    surplus_wh: Floats, homes: list[OwnNeed]
) -> None:
    """At every step and whatever the needs, where all follow the rule."""
    flexible = sum(need.energy_wh for need in homes)
    claims = [prorata_claim(surplus_wh, need, flexible) for need in homes]
    assert is_at_most(sum(claims, NOTHING), surplus_wh)


@given(SERIES, SERIES, NEEDS, st.floats(0, 60_000), PARTS)
def test_no_claim_exceeds_its_bounds(
    wh: Floats, own_wh: Floats, need: OwnNeed, flexible: float, part: float
) -> None:
    """Never below nothing, above a step's limit, or above the need in all."""
    for claim in (
        prorata_claim(wh, need, flexible),
        static_claim(wh, part, own_wh, need),
        hybrid_claim(wh, part, own_wh, wh, need, flexible),
        shape_claim(wh, need),
        own_first_claim(wh, need),
    ):
        assert (claim >= 0).all()
        assert is_at_most(claim, need.limit_wh)
        assert claim.sum() <= need.energy_wh + 1e-6


@given(SERIES, NEEDS, PARTS, st.floats(0.1, 10))
def test_claims_scale_with_the_energies(
    wh: Floats, need: OwnNeed, part: float, scale: float
) -> None:
    """Wh or kWh, a quarter or an hour: the same plan."""
    larger = OwnNeed(scale * need.energy_wh, scale * need.limit_wh)
    for once, scaled in (
        (prorata_claim(wh, need, 20_000), prorata_claim(scale * wh, larger, scale * 20_000)),
        (static_claim(wh, part, wh / 9, need), static_claim(scale * wh, part, scale * wh / 9, larger)),
        (shape_claim(wh, need), shape_claim(scale * wh, larger)),
    ):  # fmt: skip
        assert scaled == pytest.approx(scale * once, rel=1e-6, abs=1e-6)


@given(SERIES, NEEDS)
def test_with_room_enough_the_need_is_met(wh: Floats, need: OwnNeed) -> None:
    """To the last Wh, and else all the room is used."""
    room = np.minimum(wh, need.limit_wh)
    claim = own_first_claim(wh, need)
    assert claim.sum() == pytest.approx(min(need.energy_wh, room.sum()), abs=1e-6)
    assert is_at_most(claim, room)


@given(SERIES, NEEDS, st.floats(0, 60_000))
def test_a_step_with_more_surplus_is_claimed_no_less(
    wh: Floats, need: OwnNeed, flexible: float
) -> None:
    """In proportion to the surplus: no step of the same is preferred, which all would pick."""
    claim = prorata_claim(wh, need, flexible)
    order = np.argsort(wh)
    assert is_at_most(claim[order][:-1], claim[order][1:])


@given(SERIES, NEEDS, PARTS, SERIES)
def test_static_claims_use_the_own_part_and_no_more(
    production: Floats, need: OwnNeed, part: float, own: Floats
) -> None:
    """All that is needed, of all that the limit lets through."""
    left = np.maximum(part * production - own, 0)
    claim = static_claim(production, part, own, need)
    assert is_at_most(claim, left)
    usable = np.minimum(left, need.limit_wh).sum()
    assert claim.sum() == pytest.approx(min(need.energy_wh, usable), abs=1e-6)


@given(SERIES, SERIES, SERIES, BREAK_EVENS, BREAK_EVENS, NEEDS)
def test_who_has_more_to_lose_claims_no_more(
    production: Floats,
    withdrawal: Floats,
    deviation: Floats,
    one: float,
    other: float,
    need: OwnNeed,
) -> None:
    """A higher break-even means a smaller surplus at each step, and a smaller plan."""
    low, high = (
        surplus(production, withdrawal, deviation, np.full(N_STEPS, even))
        for even in sorted((one, other))
    )
    assert is_at_most(high, low)
    assert (
        prorata_claim(high, need, 20_000).sum()
        <= prorata_claim(low, need, 20_000).sum() + 1e-6
    )


@given(SERIES, SERIES, SERIES, BREAK_EVENS)
def test_surplus_never_exceeds_what_optimism_may_add(
    production: Floats, withdrawal: Floats, deviation: Floats, even: float
) -> None:
    """Between nothing and one and a half times the production, and nothing in the dark."""
    found = surplus(production, withdrawal, deviation, np.full(N_STEPS, even))
    assert (found >= 0).all()
    assert is_at_most(found, 1.5 * production)


@given(SERIES, SERIES, NEEDS, PARTS)
def test_a_second_claim_keeps_to_what_the_first_left(
    first_wh: Floats, second_wh: Floats, need: OwnNeed, part: float
) -> None:
    """Limit and need hold for both together, and what can be met is."""
    first = own_first_claim(part * first_wh, need)
    rest = own_first_claim(second_wh, need.after(first))
    assert is_at_most(first + rest, need.limit_wh)
    room = np.minimum(first + second_wh, need.limit_wh).sum()
    assert (first + rest).sum() == pytest.approx(min(need.energy_wh, room), abs=1e-6)


@dataclass(frozen=True)
class Blind:
    """A blind spread over the daylight of a day."""

    need: OwnNeed
    place: float
    daylight: Floats

    @property
    def claim(self) -> Floats:
        """What is planned."""
        return spread_claim(self.daylight, self.need, self.place)


DAYLIGHT = np.concatenate([np.zeros(20), np.ones(12), np.zeros(16)])
BLIND = st.builds(Blind, NEEDS, PLACES, st.just(DAYLIGHT))


@given(BLIND)
def test_a_blind_run_is_one_and_in_the_daylight(blind: Blind) -> None:
    """The need is met as far as the daylight lets it."""
    claim = blind.claim
    assert not claim[DAYLIGHT == 0].any()
    assert is_at_most(claim, blind.need.limit_wh)
    most = min(blind.need.energy_wh, 12 * blind.need.limit_wh)
    assert claim.sum() == pytest.approx(most, abs=1e-6)
    used = np.flatnonzero(claim)
    assert not len(used) or len(used) == used[-1] - used[0] + 1


@given(st.integers(1, 6))
def test_blind_runs_do_not_share_an_hour(n_run: int) -> None:
    """Places apart, runs apart: each step of the day's middle is as full as its neighbour."""
    need = OwnNeed(1000.0 * n_run, 1000.0)
    n_homes = 13 - n_run
    places = (np.arange(n_homes) + 0.5) / n_homes
    claims = [spread_claim(DAYLIGHT, need, place) for place in places.tolist()]
    starts = {int(np.flatnonzero(claim)[0]) for claim in claims}
    assert len(starts) == n_homes
    assert sum(claims, np.zeros(48)).max() <= n_run * 1000


# Vectors


@pytest.mark.parametrize(
    ("need", "flexible", "claim"),
    [
        pytest.param(OwnNeed(300, 1000), 900, [0, 100, 200], id="all fits"),
        pytest.param(OwnNeed(300, 1000), 1800, [0, 100, 200], id="just fits"),
        pytest.param(OwnNeed(300, 1000), 3600, [0, 50, 100], id="scarce: a part of it"),
        pytest.param(OwnNeed(300, 170), 900, [0, 130, 170], id="a limit"),
        pytest.param(OwnNeed(300, 140), 900, [0, 140, 140], id="no more than the limits"),
        pytest.param(OwnNeed(300, 1000), 100, [0, 100, 200], id="the others understated"),
        pytest.param(OwnNeed(300, 1000), 0, [0, 0, 0], id="nobody needs anything"),
        pytest.param(OwnNeed(0, 1000), 900, [0, 0, 0], id="nothing needed"),
    ],
)  # fmt: skip
def test_prorata(need: OwnNeed, flexible: float, claim: list[float]) -> None:
    """600 Wh of surplus, then 1,200."""
    found = prorata_claim(np.array([0.0, 600.0, 1200.0]), need, flexible)
    assert found == pytest.approx(claim)


def test_static_claim_is_what_own_use_leaves() -> None:
    """A tenth of the production, less what the home draws anyway."""
    found = static_claim(
        np.array([500.0, 2000.0, 4000.0]), 0.1, np.full(3, 100.0), OwnNeed(5000, 250)
    )
    assert found == pytest.approx([0, 100, 250])


def test_hybrid_claim_takes_the_own_part_first() -> None:
    """Then its part of what is left for everybody, within what the step still lets through."""
    found = hybrid_claim(
        np.array([1000.0, 2000.0]),
        0.1,
        np.zeros(2),
        np.array([500.0, 2200.0]),
        OwnNeed(600, 250),
        flexible_wh=3000,
    )
    assert found == pytest.approx([100 + 40, 200 + 50])


def test_shape_claim_follows_the_sun() -> None:
    """Up to its limit at the best step; and never more than all that is produced."""
    shape = np.array([0.0, 1000.0, 2000.0])
    assert shape_claim(shape, OwnNeed(300, 1000)) == pytest.approx([0, 100, 200])
    assert shape_claim(shape, OwnNeed(5000, 1000)) == pytest.approx([0, 500, 1000])
    assert shape_claim(shape / 100, OwnNeed(300, 1000)) == pytest.approx([0, 10, 20])
    assert not shape_claim(np.zeros(3), OwnNeed(300, 1000)).any()


def test_boldness_follows_the_break_even() -> None:
    """Limits are told; beyond them nothing changes."""
    one = np.ones(1)

    def found(even: float) -> float:
        return float(
            claimable_surplus(1000 * one, 600 * one, 50 * one, 200 * one, even * one)[0]
        )

    assert found(SHYEST) == pytest.approx(450 + 0.1257 * 200, rel=1e-4)
    assert found(0.3) == pytest.approx(450 + 0.5244 * 200, rel=1e-4)
    assert found(0) == found(BOLDEST) == pytest.approx(450 + 1.6449 * 200, rel=1e-4)
    assert found(1) == found(SHYEST)


def test_a_surplus_that_is_not_known_stays_so() -> None:
    """No withdrawal, no surplus."""
    hole, one = np.array([np.nan, 100.0]), np.ones(2)
    assert np.isnan(surplus_of_two(200 * one, hole)).tolist() == [True, False]
    assert np.isnan(surplus_of_two(hole, one)).tolist() == [True, False]


def surplus_of_two(production: Floats, withdrawal: Floats) -> Floats:
    """Claimable surplus of two steps."""
    zero = np.zeros(2)
    return claimable_surplus(production, withdrawal, zero, zero, zero + 0.3)


CLASSES = [
    ForecastError(above_w=2000, mean_w=-40, deviation_w=600),
    ForecastError(above_w=0, mean_w=10, deviation_w=100),
]


@pytest.mark.parametrize(
    ("production_wh", "mean_wh", "deviation_wh"),
    [
        pytest.param(0, 5, 50, id="dark"),
        pytest.param(999, 5, 50, id="below the level"),
        pytest.param(1000, 5, 50, id="at the level"),
        pytest.param(1001, -20, 300, id="above"),
        pytest.param(np.nan, 5, 50, id="not known"),
    ],
)
def test_error_by_level(
    production_wh: float, mean_wh: float, deviation_wh: float
) -> None:
    """Powers are told, energies of half an hour are found."""
    found = error_by_step(np.array([production_wh]), CLASSES, hours=0.5)
    assert np.concatenate(found).tolist() == [mean_wh, deviation_wh]


def test_no_classes_no_error() -> None:
    """Whoever measured nothing adds nothing."""
    assert not np.concatenate(error_by_step(np.ones(3), (), 0.5)).any()


@given(SERIES, NEEDS)
def test_an_equal_claim_of_twins(wh: Floats, need: OwnNeed) -> None:
    """Two homes of the same need plan the same: the rule knows no names."""
    assume(need.energy_wh > 0)
    one, other = (prorata_claim(wh, need, 2 * need.energy_wh) for _ in range(2))
    assert one.tolist() == other.tolist()
    assert is_at_most(one + other, wh)
