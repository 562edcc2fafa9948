"""What a home may plan its loads for: less the surer it is, and together no more than there is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import NormalDist
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings, strategies as st
import numpy as np
import numpy.typing as npt
import pytest

from custom_components.autoconsommation_collective.engine.claim import (
    SURPLUS_LIMIT,
    USUAL_NEED_WH,
    OwnNeed,
)
from custom_components.autoconsommation_collective.engine.coverage import (
    Coverage,
    unknown_coverage,
)
from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.known import Known
from custom_components.autoconsommation_collective.engine.model import (
    ForecastError,
    KeyType,
)
from custom_components.autoconsommation_collective.engine.outlook import look_ahead
from custom_components.autoconsommation_collective.engine.own_share import (
    COUNTED,
    REACHED,
    OwnShare,
    covered_wh,
    own_share,
)
from custom_components.autoconsommation_collective.engine.profile import Expected
from custom_components.autoconsommation_collective.engine.share import (
    Missing,
    ShareRule,
)

type Floats = npt.NDArray[np.float64]

PARIS = ZoneInfo("Europe/Paris")
STEP = timedelta(minutes=30)
SUMMER = datetime(2026, 6, 8, 22, tzinfo=UTC)
"""Midnight of Tuesday, 9 June in Paris."""
N_STEPS = 96
DEFAULT = ShareRule(KeyType.DEFAULT_DYNAMIC)
STATIC = ShareRule(KeyType.STATIC, 0.05)
BLIND = [
    pytest.param(ShareRule(KeyType.SIMPLE_DYNAMIC), id="simple dynamic"),
    pytest.param(ShareRule(KeyType.FULL_DYNAMIC), id="full dynamic"),
    pytest.param(ShareRule(KeyType.OTHER), id="other"),
    pytest.param(ShareRule(KeyType.STATIC), id="static, of unknown part"),
    pytest.param(Missing.KEY_UNKNOWN, id="not known"),
]
SPREAD = np.array([NormalDist().inv_cdf(1 - reached) for reached in REACHED])


def flat(value: float) -> Floats:
    """The same at each step."""
    return np.full(N_STEPS, float(value))


def known(**changes: Any) -> Known:
    """Two days with a surplus of 6000 Wh in each step, and ten homes that need 6 kWh a day."""
    told: dict[str, Any] = {
        "grid": Grid(SUMMER, STEP, N_STEPS),
        "time_zone": PARIS,
        "rule": DEFAULT,
        "production_wh": flat(10_000),
        "withdrawal_wh": flat(4000),
        "flexible_wh": {date(2026, 6, 9): 60_000.0, date(2026, 6, 10): 60_000.0},
        "own": Expected(flat(100), flat(150), flat(300)),
        "need": OwnNeed(6000, 1000),
        "place": 0.5,
    }
    return Known(**(told | changes))


def coverage(chance: float) -> Coverage:
    """The same chance at each step."""
    return replace(unknown_coverage(N_STEPS), probability=flat(chance))


def share(
    told: Known,
    *,
    claim_wh: float = 77.0,
    chance: float = 0.6,
    mean_error: float = 0.0,
    deviation: float = 1000.0,
) -> OwnShare:
    """The share of a home that claims the same in each step."""
    labels = local_steps(told.grid, PARIS)
    return own_share(
        told,
        labels,
        coverage(chance),
        flat(claim_wh),
        flat(mean_error),
        flat(deviation),
    )


# Laws

ENERGIES = st.sampled_from([0.0, 3000.0, 10_000.0, 12_000.0, np.nan])
KNOWN = st.fixed_dictionaries(
    {
        "rule": st.sampled_from([DEFAULT, STATIC, *(param.values[0] for param in BLIND)]),
        "production_wh": st.lists(ENERGIES, min_size=N_STEPS, max_size=N_STEPS).map(np.array),
        "withdrawal_wh": st.lists(ENERGIES, min_size=N_STEPS, max_size=N_STEPS).map(np.array),
        "own": st.sampled_from([None, Expected(flat(100), flat(150), flat(300))]),
        "flexible_wh": st.sampled_from([{}, {date(2026, 6, 9): 0.0}]),
        "need": st.builds(OwnNeed, st.sampled_from([0.0, 6000.0, 1e6]), st.just(1000.0)),
    }
)  # fmt: skip


@given(
    KNOWN,
    st.floats(-3000, 3000),
    st.floats(0, 5000),
    st.sampled_from([0.0, 0.6, np.nan]),
)
@settings(max_examples=60)
def test_amounts_grow_and_chances_fall(
    told: dict[str, Any], mean_error: float, deviation: float, chance: float
) -> None:
    """Whatever is not known: never a hole, never less than nothing."""
    found = share(
        known(**told), mean_error=mean_error, deviation=deviation, chance=chance
    )
    assert found.amounts_wh.shape == found.chances.shape == (len(REACHED), N_STEPS)
    assert (found.amounts_wh >= 0).all()
    assert (np.diff(found.amounts_wh, axis=0) >= 0).all()
    assert (np.diff(found.chances, axis=0) <= 0).all()
    assert ((found.chances >= 0) & (found.chances <= 1)).all()


@given(
    st.lists(st.floats(0, 12_000), min_size=1, max_size=12),
    st.floats(0, 12_000),
    st.floats(-2000, 2000),
    st.floats(0, 3000),
)
@settings(max_examples=60)
def test_the_parts_of_homes_that_tell_their_needs_fit_into_the_surplus(
    needs: list[float], production: float, mean_error: float, deviation: float
) -> None:
    """At each of the amounts, as sure as it is."""
    whole = known(
        production_wh=flat(production),
        flexible_wh=dict.fromkeys([date(2026, 6, 9), date(2026, 6, 10)], sum(needs)),
    )
    parts = [
        share(
            replace(whole, need=OwnNeed(need, 1000)),
            mean_error=mean_error,
            deviation=deviation,
        ).amounts_wh
        for need in needs
    ]
    reached = production - 4000 + mean_error + SPREAD * deviation
    surplus = np.clip(reached, 0, SURPLUS_LIMIT * production)
    total = sum(parts, np.zeros((len(REACHED), N_STEPS)))
    assert (total <= surplus[:, None] + 1e-6).all()
    # And who needs anything leaves nothing of it.
    if sum(needs) > 1:
        assert total == pytest.approx(np.repeat(surplus[:, None], N_STEPS, axis=1))


@given(st.floats(0, 3000), st.floats(0, 3000))
def test_the_less_is_known_the_further_apart_the_amounts(
    one: float, other: float
) -> None:
    """Around the same middle."""
    near, far = (share(known(), deviation=dev) for dev in sorted((one, other)))
    assert far.amounts_wh[1] == pytest.approx(near.amounts_wh[1])
    assert (far.amounts_wh[0] <= near.amounts_wh[0] + 1e-6).all()
    assert (far.amounts_wh[2] >= near.amounts_wh[2] - 1e-6).all()


@given(KNOWN, st.lists(st.floats(0, 20_000), min_size=N_STEPS, max_size=N_STEPS))
@settings(max_examples=30)
def test_no_more_is_covered_than_drawn(
    told: dict[str, Any], drawn: list[float]
) -> None:
    """Nor than all that is reached; the more is drawn, the more, and each kWh less surely."""
    found, wh = share(known(**told)), np.array(drawn)
    covered = covered_wh(found, wh)
    assert (covered >= 0).all()
    assert (covered <= np.minimum(wh, found.amounts_wh[-1]) + 1e-6).all()
    more = covered_wh(found, 2 * wh)
    assert (more >= covered - 1e-6).all()
    assert (more <= 2 * covered + 1e-6).all()


# Vectors


def test_pro_rata_it_is_the_part_of_the_need() -> None:
    """A tenth of 6000 Wh, more or less."""
    found = share(known())
    assert found.amounts_wh[:, 0] == pytest.approx((6000 + SPREAD * 1000) / 10)
    assert found.chances[:, 0] == pytest.approx(COUNTED)
    corrected = share(known(), mean_error=-500)
    assert corrected.amounts_wh[1] == pytest.approx(550)


def test_each_day_has_its_own_need_of_all() -> None:
    """Where it is told; else a usual one of each follower."""
    whole = known(flexible_wh={date(2026, 6, 10): 30_000.0}, followers=4)
    found = share(whole, deviation=0).amounts_wh[1]
    assert found[:48] == pytest.approx(6000 * 6000 / (4 * USUAL_NEED_WH))
    assert found[48:] == pytest.approx(6000 * 6000 / 30_000)


def test_who_needs_more_than_all_has_no_more_than_all() -> None:
    """Somebody told too little."""
    found = share(known(need=OwnNeed(90_000, 1000)), deviation=0)
    assert found.amounts_wh == pytest.approx(6000)


def test_who_needs_nothing_has_nothing() -> None:
    """Also where nobody needs anything."""
    idle = known(need=OwnNeed(0, 0), flexible_wh={date(2026, 6, 9): 0.0}, followers=0)
    assert not share(idle).amounts_wh[:, :48].any()


def test_under_a_static_key_it_is_the_own_part_less_the_own_draw() -> None:
    """What the others draw or need is nothing to it."""
    whole = known(rule=STATIC, withdrawal_wh=flat(np.nan), flexible_wh={})
    found = share(whole)
    reached = 0.05 * (10_000 + SPREAD * 1000) - 150
    assert found.amounts_wh[:, 0] == pytest.approx(reached)
    assert not share(
        replace(whole, production_wh=flat(2000)), deviation=0
    ).amounts_wh.any()


def test_optimism_has_a_limit() -> None:
    """Half as much again as what is produced, and nothing at night."""
    found = share(known(withdrawal_wh=flat(0)), deviation=1e6)
    assert found.amounts_wh[2] == pytest.approx(SURPLUS_LIMIT * 10_000 / 10)
    night = share(known(production_wh=flat(0), withdrawal_wh=flat(0)), mean_error=500)
    assert not night.amounts_wh.any()


@pytest.mark.parametrize("rule", BLIND)
def test_under_other_keys_past_cases_tell(rule: ShareRule | Missing) -> None:
    """Aggregates say nothing of who gets them: what is claimed, as surely as it was covered."""
    found = share(known(rule=rule))
    assert (found.amounts_wh == 77).all()
    assert (found.chances == 0.6).all()
    assert not share(known(rule=rule), chance=np.nan).chances.any()


@pytest.mark.parametrize(
    "hole",
    [
        pytest.param({"production_wh": flat(np.nan)}, id="no forecast"),
        pytest.param({"withdrawal_wh": flat(np.nan)}, id="nobody tells what the others draw"),
        pytest.param({"rule": STATIC, "own": None}, id="static, without habits"),
    ],
)  # fmt: skip
def test_what_is_not_known_of_the_operation(hole: dict[str, Any]) -> None:
    """Is known from past cases, or not at all."""
    found = share(known(**hole))
    assert (found.amounts_wh == 77).all()
    assert (found.chances == 0.6).all()


def test_a_hole_is_one_of_its_steps_alone() -> None:
    """The others are known."""
    production = flat(10_000)
    production[20:24] = np.nan
    found = share(known(production_wh=production))
    assert (found.amounts_wh[:, 20:24] == 77).all()
    assert found.amounts_wh[1, [19, 24]] == pytest.approx(600)


@pytest.mark.parametrize("reason", [Missing.NOT_MEMBER, Missing.NOT_CONSUMER])
def test_one_who_is_allocated_nothing_has_nothing(reason: Missing) -> None:
    """Left, or a producer alone."""
    found = share(known(rule=reason))
    assert found.amounts_wh.shape == found.chances.shape == (1, N_STEPS)
    assert not found.amounts_wh.any()
    assert not found.chances.any()


def test_the_outlook_has_it() -> None:
    """With the errors that were measured."""
    errors = (ForecastError(above_w=0, mean_w=200, deviation_w=2000),)
    found = look_ahead(known(errors=errors)).share
    assert found.amounts_wh[:, 0] == pytest.approx((6100 + SPREAD * 1000) / 10)


def test_covered_is_what_the_share_reaches() -> None:
    """Rung by rung, each with its chance."""
    share = OwnShare(
        np.array([[500.0], [800.0], [1000.0]]), np.array([[0.95], [0.7], [0.3]])
    )
    for drawn, covered in (
        (400, 380),
        (700, 475 + 140),
        (1000, 475 + 210 + 60),
        (2000, 475 + 210 + 60),
    ):
        assert covered_wh(share, np.array([float(drawn)])) == pytest.approx(covered)
