"""The home's own meter: followed, estimated, kept, through all that happens to it."""

from datetime import UTC, date, datetime, timedelta
import math

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from .feed import Organiser
from .house import NOW, Linky, live, member_entry, set_up, shown, value, wait
from .kept import kept_steps, statistics_of

pytestmark = [
    pytest.mark.freeze_time(NOW),
    pytest.mark.usefixtures("nothing_settled"),
]

HALF_HOUR = timedelta(minutes=30)
HOUR = timedelta(hours=1)


@pytest.fixture
def linky(hass: HomeAssistant) -> Linky:
    """The home's meter."""
    return Linky(hass)


@pytest.fixture
async def entry(
    hass: HomeAssistant, organiser: Organiser, linky: Linky
) -> MockConfigEntry:
    """An entry that follows the meter."""
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    return entry


# Steps and estimates


async def test_steps_with_the_estimate_of_their_time(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Half is covered by the first forecast, a quarter by the next; neither is remade."""
    await live(hass, freezer, linky, NOW + HOUR, 30)
    organiser.injection_wh = 750
    await wait(hass, freezer, HALF_HOUR / 30)
    await entry.runtime_data.settlement.async_refresh()
    await live(hass, freezer, linky, NOW + 2 * HOUR, 30)
    assert value(hass, "estimated_coverage") == pytest.approx(25)
    kept = await kept_steps(hass, entry)
    consumption = [wh for wh, _ in kept.values()]
    estimates = [allocated for _, allocated in kept.values()]
    assert list(kept)[0] == NOW
    assert consumption[:2] == [180, 180]
    assert estimates[:2] == [90, 90]
    assert estimates[3] == pytest.approx(consumption[3] / 4, abs=0.1)


async def test_each_step_has_its_own_forecast(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The 24th step of the day at 40 %, the next a little better."""
    organiser.injection_wh, organiser.rise_wh = 0, 50
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=65), 30)
    kept = await kept_steps(hass, entry)
    assert kept == {NOW: (180, 72), NOW + HALF_HOUR: (180, 75)}


async def test_live_values(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    entry: MockConfigEntry,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Power over the last minutes, half of it covered; the open step counts at once."""
    await live(hass, freezer, linky, NOW + timedelta(minutes=20), 30)
    assert shown(hass, "estimate_status").state == "estimated"
    assert value(hass, "estimated_allocated_power") == 180
    assert value(hass, "estimated_coverage") == 50
    assert value(hass, "estimated_community_production") == 3000
    assert value(hass, "estimated_community_surplus") == 0
    assert value(hass, "estimated_allocated_today") == pytest.approx(0.06)


async def test_two_directions(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """What is injected is kept too, with what members are expected to take of it."""
    organiser.role = "prosumer"
    drawn, injected = Linky(hass), Linky(hass, "EAIT", wh=500)
    entry = member_entry(organiser, imports=(drawn.ref,), exports=(injected.ref,))
    await set_up(hass, entry)
    for _ in range(7):
        await live(hass, freezer, drawn, datetime.now(UTC) + timedelta(minutes=5), 30)
        injected.draw(10)
    assert (await kept_steps(hass, entry, "export"))[NOW] == (60, 60)


async def test_no_forecast_no_estimate(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    freezer: FrozenDateTimeFactory,
) -> None:
    """The energy is kept all the same, and counts as the supplier's."""
    organiser.forecast_hours = 0
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=65), 30)
    assert shown(hass, "estimate_status").state == "no_forecast"
    assert shown(hass, "estimated_allocated_today").state == "unknown"
    assert await statistics_of(hass, "dashboard_allocated") == {NOW: 0}
    assert await statistics_of(hass, "dashboard_complement") == {NOW: 360}
    wh, estimate = (await kept_steps(hass, entry))[NOW]
    assert wh == 180
    assert math.isnan(estimate)


async def test_someone_asks_for_an_update(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """As the update_entity action does."""
    await async_setup_component(hass, "homeassistant", {})
    status = shown(hass, "estimate_status")
    await hass.services.async_call(
        "homeassistant",
        "update_entity",
        {"entity_id": status.entity_id},
        blocking=True,
    )
    assert entry.runtime_data.share.last_update_success


# Days


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param(date(2026, 11, 20), 24, id="an ordinary day"),
        pytest.param(date(2026, 10, 25), 25, id="autumn: 25 hours"),
        pytest.param(date(2026, 3, 29), 23, id="spring: 23 hours"),
    ],
)
async def test_today_begins_at_the_local_midnight_of_the_operation(
    hass: HomeAssistant,
    organiser: Organiser,
    linky: Linky,
    freezer: FrozenDateTimeFactory,
    day: date,
    hours: int,
) -> None:
    """All of the day counts, however long it is, wherever the house thinks it is."""
    midnight = datetime.combine(day, datetime.min.time()).astimezone(UTC) - HOUR
    if day.month == 10:
        midnight -= HOUR
    freezer.move_to(midnight)
    organiser.now = midnight
    linky.draw(0)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await wait(hass, freezer, HALF_HOUR)
    linky.draw(100)
    await wait(hass, freezer, midnight + timedelta(hours=hours - 1))
    linky.draw(0)
    await wait(hass, freezer, HALF_HOUR)
    linky.draw(100)
    await wait(hass, freezer, timedelta(minutes=29))
    assert shown(hass, "estimated_allocated_today").attributes["last_reset"] == (
        midnight.isoformat()
    )
    assert value(hass, "estimated_allocated_today") == pytest.approx(0.1)
    await wait(hass, freezer, timedelta(minutes=2))
    reset = shown(hass, "estimated_allocated_today")
    assert (
        reset.attributes["last_reset"]
        == (midnight + timedelta(hours=hours)).isoformat()
    )
