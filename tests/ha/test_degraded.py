"""Whatever is missing or odd: the entities say so, nothing raises, and nothing flaps."""

from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
import logging
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.helpers.event import async_track_state_change_event
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import LOGGER
from custom_components.autoconsommation_collective.coordinator import outlook
from custom_components.autoconsommation_collective.engine.outlook import look_ahead

from .feed import PARIS, Month, Organiser
from .house import (
    BASE_CONTRACT,
    NOW,
    OFF_PEAK_CONTRACT,
    Linky,
    live,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
    wait,
)
from .test_history import record

pytestmark = pytest.mark.freeze_time(NOW)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NUMBERS = (
    "price_now",
    "claimable_today",
    "claimable_tomorrow",
    "surplus_today",
    "surplus_tomorrow",
)

type Change = Callable[[Organiser], None]


@pytest.fixture(autouse=True)
def nothing_raises(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Neither a warning of ours nor an exception of anybody."""
    yield
    loud = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if record.exc_info
        or (record.name.startswith(LOGGER.name) and record.levelno >= logging.WARNING)
    ]
    assert loud == []


@pytest.fixture
async def whole(hass: HomeAssistant, plenty: Organiser) -> Organiser:
    """An organiser that tells all there is, for a house in the village."""
    await hass.config.async_set_time_zone(PARIS.key)
    plenty.flexible_wh = 12_000
    return plenty


@pytest.fixture
async def linky(hass: HomeAssistant) -> Linky:
    """A meter whose last week was recorded."""
    linky = Linky(hass)
    start = NOW - timedelta(days=8)
    await record(hass, linky, [100.0] * 24 * 8, start)
    return linky


def entry_of(
    organiser: Organiser | None, linky: Linky | None, **more: Any
) -> MockConfigEntry:
    """A member on Base."""
    imports = () if linky is None else (linky.ref,)
    options = {"options": BASE_CONTRACT} | more
    return member_entry(organiser, imports=imports, **options)


def told(hass: HomeAssistant) -> tuple[str, set[str]]:
    """State of the outlook, and all that it lacks."""
    state = shown(hass, "outlook_status")
    return state.state, set(state.attributes["missing"])


# One thing missing


def changed(**fields: Any) -> Change:
    """An organiser that tells something else."""

    def change(organiser: Organiser) -> None:
        for name, wanted in fields.items():
            setattr(organiser, name, wanted)

    return change


STATIC = {"key": "static", "coefficient": 0.1}


@pytest.mark.parametrize(
    ("change", "status", "missing"),
    [
        pytest.param(changed(), "complete", set(), id="nothing"),
        pytest.param(changed(flexible_wh=None), "no_flexible", {"no_flexible"}, id="flexible"),
        pytest.param(changed(withdrawal_wh=None), "no_settled", {"no_settled", "no_withdrawal"}, id="withdrawal, nothing settled"),
        pytest.param(changed(withdrawal_wh=None, injection_wh=4000, months=[Month("2026-10", n_days=24)]), "no_withdrawal", {"no_withdrawal"}, id="withdrawal, but a month to learn from"),
        pytest.param(changed(withdrawal_wh=None, **STATIC), "complete", set(), id="withdrawal, under a static key"),
        pytest.param(changed(withdrawal_wh=None, flexible_wh=None, **STATIC), "complete", set(), id="all of others, under a static key"),
        pytest.param(changed(deviation_w=None), "no_settled", {"no_settled"}, id="errors, nothing settled"),
        pytest.param(changed(deviation_w=None, months=[Month("2026-10", n_days=24)]), "no_settled", {"no_settled"}, id="errors, what is settled is not alike"),
        pytest.param(changed(forecast_hours=0), "no_forecast", {"no_forecast", "no_settled", "no_withdrawal", "no_flexible"}, id="forecast"),
        pytest.param(changed(now=NOW - timedelta(hours=49)), "no_forecast", {"no_forecast", "stale", "no_settled", "no_withdrawal"}, id="anything new for two days"),
    ],
)  # fmt: skip
async def test_what_the_organiser_does_not_tell(
    hass: HomeAssistant,
    whole: Organiser,
    linky: Linky,
    change: Change,
    status: str,
    missing: set[str],
) -> None:
    """The worst is the state, all stand beside it; the surest answer is given all the same."""
    change(whole)
    await set_up(hass, entry_of(whole, linky))
    if not whole.forecast_hours:
        missing.discard("no_flexible")
    assert told(hass) == (status, missing)
    assert shown(hass, "good_time", "binary_sensor").state in ("on", "off")
    assert value(hass, "price_now") > 0
    if missing:
        assert shown(hass, "confidence").state == "low"


async def test_no_contract(hass: HomeAssistant, whole: Organiser, linky: Linky) -> None:
    """Nothing is advised, and no price made up; the surplus is known."""
    await set_up(hass, entry_of(whole, linky, options={}))
    assert told(hass) == ("no_prices", {"no_prices"})
    state = shown(hass, "good_time", "binary_sensor")
    assert (state.state, state.attributes["reason_key"]) == ("off", "no_contract")
    assert [shown(hass, name).state for name in NUMBERS[:3]] == ["unknown"] * 3
    assert value(hass, "surplus_today") > 0


async def test_no_meter(hass: HomeAssistant, whole: Organiser) -> None:
    """What the home draws is not known; what the others leave is."""
    await set_up(hass, entry_of(whole, None))
    assert told(hass) == ("no_habits", {"no_habits"})
    assert shown(hass, "good_time", "binary_sensor").state == "on"


async def test_no_feed(hass: HomeAssistant) -> None:
    """A home alone: nothing known of anything, and said so."""
    await set_up(hass, entry_of(None, None))
    assert told(hass)[0] == "no_forecast"
    assert "stale" not in told(hass)[1]
    assert shown(hass, "confidence").state == "low"
    assert shown(hass, "surplus_today").state == "unknown"


async def test_before_anything_was_worked_out(
    hass: HomeAssistant, whole: Organiser, linky: Linky
) -> None:
    """Not known is not complete."""
    with patch.object(outlook.OutlookCoordinator, "async_refresh_soon", lambda _: None):
        await set_up(hass, entry_of(whole, linky))
    assert told(hass) == ("unknown", set())
    assert shown(hass, "confidence").state == "unknown"
    assert [shown(hass, name).state for name in NUMBERS] == ["unknown"] * 5


# Something odd for a while


async def test_meter_silent_for_a_day(
    hass: HomeAssistant,
    whole: Organiser,
    linky: Linky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The estimate says so; what is ahead rests on the days before."""
    await set_up(hass, entry_of(whole, linky))
    await live(hass, freezer, linky, NOW + HOUR, 30)
    assert shown(hass, "estimate_status").state == "estimated"
    linky.fall_silent()
    for _ in range(24):
        whole.now = datetime.now(UTC)
        await wait(hass, freezer, HOUR)
    assert shown(hass, "estimate_status").state == "meter_silent"
    assert shown(hass, "estimated_allocated_power").state == "unknown"
    assert told(hass) == ("complete", set())
    await live(hass, freezer, linky, NOW + 26 * HOUR, 30)
    assert shown(hass, "estimate_status").state == "estimated"


async def test_old_news_and_then_new(
    hass: HomeAssistant, whole: Organiser, linky: Linky, freezer: FrozenDateTimeFactory
) -> None:
    """From the 48th hour on it is not trusted, and from the next news on it is."""
    whole.forecast_hours = 144
    await set_up(hass, entry_of(whole, linky))
    await wait(hass, freezer, 47 * HOUR)
    assert told(hass) == ("complete", set())
    await wait(hass, freezer, 90 * MINUTE)
    assert told(hass)[0] == "no_forecast"
    assert "stale" in told(hass)[1]
    whole.now = datetime.now(UTC)
    await wait(hass, freezer, HOUR)
    assert told(hass) == ("complete", set())


# Nothing flaps


@pytest.mark.parametrize(
    "midnight",
    [
        pytest.param(datetime(2026, 11, 20, 23, tzinfo=UTC), id="24 hours"),
        pytest.param(datetime(2026, 3, 28, 23, tzinfo=UTC), id="23 hours"),
        pytest.param(datetime(2026, 10, 24, 22, tzinfo=UTC), id="25 hours"),
    ],
)
async def test_a_day_of_forecasts_that_are_never_quite_the_same(
    hass: HomeAssistant,
    whole: Organiser,
    freezer: FrozenDateTimeFactory,
    midnight: datetime,
) -> None:
    """Around what is just sure enough, a good time begins once a day and stays."""
    freezer.move_to(midnight - HOUR)
    whole.deviation_w = 1000
    whole.now = datetime.now(UTC)
    whole.injection_wh = 3180
    entry = entry_of(whole, None)
    await set_up(hass, entry)
    turns: list[str] = []

    @callback
    def turned(event: Event[EventStateChangedData]) -> None:
        before, after = event.data["old_state"], event.data["new_state"]
        if before and after and before.state != after.state:
            turns.append(after.state)

    sensor = shown(hass, "good_time", "binary_sensor").entity_id
    async_track_state_change_event(hass, [sensor], turned)
    statuses = set()
    for n in range(26 * 12):
        if n % 12 == 0:
            whole.now = datetime.now(UTC)
            # With 3.12 kWh, 3 kWh are covered to 0.9 four times in five.
            whole.injection_wh = (3180, 3080, 3140, 3060)[n // 12 % 4]
            await entry.runtime_data.settlement.async_refresh()
        await wait(hass, freezer, 5 * MINUTE)
        statuses.add(shown(hass, "outlook_status").state)
    # Three local days are touched, each with a plan that begins when it is this home's turn
    # and ends; twenty-six forecasts that each turned it would be seen.
    assert len(turns) <= 6
    assert statuses == {"no_habits"}


# No more often than needed


@pytest.fixture
def looks() -> Generator[list[datetime]]:
    """When what is ahead was worked out."""
    looks: list[datetime] = []

    def counted(known: Any) -> Any:
        looks.append(datetime.now(UTC))
        return look_ahead(known)

    with patch.object(outlook, "look_ahead", counted):
        yield looks


async def pass_minutes(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, n: int
) -> None:
    """Let minutes pass one by one."""
    for _ in range(n):
        await wait(hass, freezer, MINUTE)


async def test_worked_out_at_each_step_and_no_more(
    hass: HomeAssistant,
    whole: Organiser,
    linky: Linky,
    freezer: FrozenDateTimeFactory,
    looks: list[datetime],
) -> None:
    """Not each minute, nor because the organiser was asked in vain."""
    freezer.move_to(NOW + MINUTE)
    await set_up(hass, entry_of(whole, linky))
    looks.clear()
    asked = len(whole.asked)
    await pass_minutes(hass, freezer, 119)
    assert len(whole.asked) > asked
    assert looks == [NOW + n * HOUR / 2 for n in (1, 2, 3, 4)]


async def test_worked_out_when_something_is_new(
    hass: HomeAssistant,
    whole: Organiser,
    freezer: FrozenDateTimeFactory,
    looks: list[datetime],
) -> None:
    """A forecast, a price class; once each."""
    hass.states.async_set("sensor.ptec", "peak")
    freezer.move_to(NOW + MINUTE)
    entry = entry_of(whole, None, options=OFF_PEAK_CONTRACT)
    await set_up(hass, entry)
    looks.clear()
    whole.injection_wh = 5000
    await entry.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    assert len(looks) == 1
    hass.states.async_set("sensor.ptec", "off_peak")
    await pass_minutes(hass, freezer, 3)
    assert len(looks) == 2
