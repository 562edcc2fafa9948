"""The home now: the energies of a step as powers, whatever the forecast's own steps."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.live import (
    community_between,
    live_estimate,
    open_step_allocated_wh,
)
from custom_components.autoconsommation_collective.engine.model import KeyType
from custom_components.autoconsommation_collective.engine.share import (
    CommunityStep,
    Missing,
    ShareRule,
    expected_allocated_wh,
)

START = datetime(2026, 11, 20, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HALF_HOUR = 30 * MINUTE
DEFAULT = ShareRule(KeyType.DEFAULT_DYNAMIC)
HALF = ShareRule(KeyType.STATIC, coefficient=0.5)

WH = st.integers(0, 20_000).map(float)
STEPS = st.sampled_from([10, 15, 30, 60]).map(lambda minutes: minutes * MINUTE)
RULES = st.sampled_from(
    [DEFAULT, HALF, ShareRule(KeyType.FULL_DYNAMIC), Missing.NOT_MEMBER]
)
COMMUNITIES = st.builds(
    CommunityStep, shared_injection_wh=WH, withdrawal_wh=WH | st.none()
) | st.just(Missing.NO_FORECAST)


def forecast(step: timedelta, injection_wh: list[float]) -> Block:
    """A forecast in which members withdraw twice of what is injected."""
    injection = np.array(injection_wh)
    return Block(
        START,
        step,
        {Quantity.SHARED_INJECTION: injection, Quantity.BASE_WITHDRAWAL: 2 * injection},
    )


def between(
    block: Block, first_minute: int, last_minute: int
) -> CommunityStep | Missing:
    """What is expected between two minutes after START."""
    return community_between(
        [block], START + first_minute * MINUTE, START + last_minute * MINUTE
    )


# Laws


@given(STEPS, st.lists(WH, min_size=24, max_size=24), st.data())
def test_parts_of_a_window_add_up(
    step: timedelta, injection_wh: list[float], data: st.DataObject
) -> None:
    """Wherever it is cut; steps are cut short in proportion."""
    block = forecast(step, injection_wh)
    minutes = st.integers(0, 240)
    cuts = sorted(data.draw(st.sets(minutes, min_size=3, max_size=3)))
    whole, *parts = (
        between(block, a, b)
        for a, b in ((cuts[0], cuts[2]), (cuts[0], cuts[1]), (cuts[1], cuts[2]))
    )
    assert isinstance(whole, CommunityStep)
    found = [part for part in parts if isinstance(part, CommunityStep)]
    assert sum(part.shared_injection_wh for part in found) == pytest.approx(
        whole.shared_injection_wh
    )
    assert whole.withdrawal_wh == pytest.approx(2 * whole.shared_injection_wh)


@given(
    STEPS,
    st.integers(0, 10_000).map(float) | st.just(Missing.NO_METER),
    COMMUNITIES,
    RULES,
)
def test_estimate_is_the_share_of_the_step_as_a_power(
    step: timedelta,
    own_w: float | Missing,
    community: CommunityStep | Missing,
    rule: ShareRule | Missing,
) -> None:
    """Nothing is estimated in two ways; where it is not known, the reason is."""
    live = live_estimate(step=step, own_w=own_w, community=community, rule=rule)
    hours = step / timedelta(hours=1)
    given_ = (own_w, community, rule)
    if any(isinstance(part, Missing) for part in given_):
        assert live.allocated_w is None
        assert live.missing in given_
        return
    assert not isinstance(own_w, Missing)
    assert not isinstance(community, Missing)
    assert not isinstance(rule, Missing)
    expected = expected_allocated_wh(own_w * hours, community, rule)
    if isinstance(expected, Missing):
        assert (live.allocated_w, live.missing) == (None, expected)
    else:
        assert live.missing is None
        assert live.allocated_w == pytest.approx(expected / hours)
        assert live.coverage is None or 0 <= live.coverage <= 1 + 1e-9
        assert (live.coverage is None) is (own_w == 0)


@given(STEPS, COMMUNITIES, RULES)
def test_community_is_told_without_a_meter(
    step: timedelta, community: CommunityStep | Missing, rule: ShareRule | Missing
) -> None:
    """Production and surplus concern everybody."""
    live = live_estimate(
        step=step, own_w=Missing.NO_METER, community=community, rule=rule
    )
    hours = step / timedelta(hours=1)
    if isinstance(community, Missing):
        assert live.community_production_w is None
        assert live.community_surplus_w is None
        return
    assert live.community_production_w == community.shared_injection_wh / hours
    surplus_wh = community.surplus_wh
    assert live.community_surplus_w == (
        None if surplus_wh is None else surplus_wh / hours
    )


# Vectors


@pytest.mark.parametrize(
    ("first_minute", "last_minute", "injection_wh"),
    [
        pytest.param(0, 30, 100, id="a whole step"),
        pytest.param(15, 30, 50, id="half a step"),
        pytest.param(15, 45, 150, id="over a boundary"),
        pytest.param(0, 60, 300, id="two steps"),
    ],
)
def test_window(first_minute: int, last_minute: int, injection_wh: float) -> None:
    """100 Wh, then 200 Wh."""
    found = between(forecast(HALF_HOUR, [100, 200]), first_minute, last_minute)
    assert found == CommunityStep(injection_wh, 2 * injection_wh)


@pytest.mark.parametrize(
    ("first_minute", "last_minute"),
    [
        pytest.param(-1, 29, id="begins too early"),
        pytest.param(31, 61, id="ends too late"),
        pytest.param(60, 90, id="all of it after"),
    ],
)
def test_window_beyond_the_forecast(first_minute: int, last_minute: int) -> None:
    """Part of a step would pass for all of it."""
    block = forecast(HALF_HOUR, [100, 200])
    assert between(block, first_minute, last_minute) is Missing.NO_FORECAST


def test_forecast_with_a_hole_or_without_withdrawal() -> None:
    """A hole hides its step alone; a small group publishes no withdrawal."""
    block = forecast(HALF_HOUR, [100, float("nan")])
    assert between(block, 0, 30) == CommunityStep(100, 200)
    assert between(block, 15, 45) is Missing.NO_FORECAST
    alone = Block(START, HALF_HOUR, {Quantity.SHARED_INJECTION: np.array([100.0])})
    assert between(alone, 0, 30) == CommunityStep(100, None)


@given(STEPS, st.integers(1, 5000).map(float), st.floats(0, 1))
def test_past_cases_tell_the_part(step: timedelta, own_w: float, part: float) -> None:
    """Where the withdrawal of all is not published, too; for the step so far likewise."""
    community = CommunityStep(shared_injection_wh=1e6, withdrawal_wh=None)
    live = live_estimate(
        step=step, own_w=own_w, community=community, rule=DEFAULT, coverage=part
    )
    assert live.missing is None
    assert live.coverage == pytest.approx(part)
    assert live.allocated_w == pytest.approx(part * own_w)
    so_far_wh = open_step_allocated_wh(
        step=step,
        elapsed=step / 2,
        own_wh=100.0,
        community=community,
        rule=DEFAULT,
        coverage=part,
    )
    assert so_far_wh == pytest.approx(100 * part)


@pytest.mark.parametrize(
    ("rule", "community", "elapsed", "allocated_wh"),
    [
        pytest.param(DEFAULT, CommunityStep(1000, 4000), 15, 25, id="a quarter for all"),
        pytest.param(HALF, CommunityStep(300, None), 15, 75, id="static: half of the part so far"),
        pytest.param(DEFAULT, CommunityStep(1000, None), 15, None, id="withdrawal not known"),
        pytest.param(DEFAULT, Missing.NO_FORECAST, 15, None, id="no forecast"),
        pytest.param(Missing.NOT_MEMBER, CommunityStep(1000, 4000), 15, None, id="left"),
        pytest.param(DEFAULT, CommunityStep(1000, 4000), 0, None, id="just begun"),
    ],
)  # fmt: skip
def test_step_in_progress(
    rule: ShareRule | Missing,
    community: CommunityStep | Missing,
    elapsed: int,
    allocated_wh: float | None,
) -> None:
    """100 Wh drawn in the first quarter of an hour of a half."""
    found = open_step_allocated_wh(
        step=HALF_HOUR,
        elapsed=elapsed * MINUTE,
        own_wh=100,
        community=community,
        rule=rule,
    )
    assert found == (None if allocated_wh is None else pytest.approx(allocated_wh))


def test_one_who_has_left_waits_for_no_forecast() -> None:
    """The deeper reason is told."""
    live = live_estimate(
        step=HALF_HOUR,
        own_w=Missing.NO_METER,
        community=Missing.NO_FORECAST,
        rule=Missing.NOT_MEMBER,
    )
    assert live.missing is Missing.NOT_MEMBER
