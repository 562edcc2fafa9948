"""What a home tells its organiser each evening: one number, where its member lets it."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
import logging
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.autoconsommation_collective.const import DOMAIN, LOGGER
from custom_components.autoconsommation_collective.coordinator.need_telling import (
    FROM,
    WITHIN,
)
from custom_components.autoconsommation_collective.engine.told_needs import MOST_NEED_WH
from custom_components.autoconsommation_collective.pmo.needs import read_need
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    unseal,
)

from .feed import TOKEN, Organiser
from .house import (
    BASE_CONTRACT,
    NOW,
    coordinator,
    member_entry,
    set_up,
    settle_down,
    wait,
)
from .organised import books_of, coordinator_of, feed, home, organise, serve
from .steered import TANK, control, entity_id, have_device, tank
from .village import under

pytestmark = pytest.mark.freeze_time(NOW)

BEFORE = NOW.replace(hour=18, minute=29)
"""A minute before half past seven in the village."""
AFTER = NOW.replace(hour=19, minute=15)
LETS = BASE_CONTRACT | {"tell_need": True}
HEAT = tank(kwh_per_day=5.4)


@pytest.fixture
async def relay(hass: HomeAssistant) -> str:
    """A relay in the board."""
    return await have_device(hass, TANK)


@pytest.fixture
def takes(organiser: Organiser, relay: str) -> Organiser:
    """An organiser that takes needs."""
    organiser.takes_needs = True
    return organiser


async def living(
    hass: HomeAssistant,
    organiser: Organiser,
    options: dict[str, Any] = LETS,
    *,
    follows: bool = True,
) -> MockConfigEntry:
    """A home with a water heater that is let run by itself, or only looked at."""
    entry = member_entry(organiser, options=options, plants=(HEAT,))
    await set_up(hass, entry)
    if follows:
        await control(hass, TANK)
        await settle_down(hass)
    return entry


def device_of(hass: HomeAssistant) -> str:
    """The water heater's device."""
    status = entity_id(hass, TANK, "load_status", "sensor")
    entry = er.async_get(hass).async_get(status)
    assert entry is not None and entry.device_id is not None
    return entry.device_id


async def evening(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, day: int = 0
) -> None:
    """Let an evening pass, minute by minute while homes tell."""
    await wait(hass, freezer, BEFORE + timedelta(days=day))
    while datetime.now(UTC) < AFTER + timedelta(days=day, minutes=12):
        await wait(hass, freezer, timedelta(minutes=1))


def told(organiser: Organiser) -> list[tuple[int, int]]:
    """What was told: the day, and how much."""
    needs = []
    for where, body in organiser.handed_in:
        assert where == f"members/{member_path(TOKEN)}/need.acc"
        need = read_need(unseal(TOKEN, "need.acc", body))
        begins = FROM.hour * 60 + FROM.minute
        at = need.told_at + timedelta(hours=1)
        minute = at.hour * 60 + at.minute - begins
        assert 0 <= minute <= WITHIN / timedelta(minutes=1) + 10
        needs.append(need)
    return [(need.day.day, need.energy_wh) for need in needs]


async def test_once_each_evening(
    hass: HomeAssistant, takes: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """What the loads that follow will need tomorrow; at the same minute on each evening."""
    await living(hass, takes)
    for day in range(2):
        await evening(hass, freezer, day)
    assert told(takes) == [(21, 5400), (22, 5400)]
    first, second = (
        read_need(unseal(TOKEN, "need.acc", body)).told_at
        for _, body in takes.handed_in
    )
    assert (
        timedelta(hours=23, minutes=58)
        < second - first
        < timedelta(hours=24, minutes=2)
    )


@pytest.mark.parametrize(
    ("options", "takes_needs", "follows"),
    [
        pytest.param(BASE_CONTRACT, True, True, id="not let"),
        pytest.param(
            BASE_CONTRACT | {"tell_need": False}, True, True, id="no longer let"
        ),
        pytest.param(LETS, False, True, id="not taken"),
        pytest.param(LETS, None, True, id="a web space"),
        pytest.param(LETS, True, False, id="nothing follows"),
    ],
)
async def test_nothing_is_told(
    hass: HomeAssistant,
    takes: Organiser,
    freezer: FrozenDateTimeFactory,
    options: dict[str, Any],
    takes_needs: bool | None,
    follows: bool,
) -> None:
    """Unless the member lets it, the organiser takes it, and there is something to tell."""
    takes.takes_needs = takes_needs
    await living(hass, takes, options, follows=follows)
    await evening(hass, freezer)
    assert takes.handed_in == []


async def test_who_has_left_tells_nothing(
    hass: HomeAssistant, takes: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Nor does an entry that was unloaded."""
    await living(hass, takes, LETS | {"left_on": "2026-11-19"}, follows=False)
    await control(hass, TANK)
    await evening(hass, freezer)
    assert takes.handed_in == []


async def test_unloaded_nothing_is_told(
    hass: HomeAssistant, takes: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """What a member switches off is off at once."""
    entry = await living(hass, takes)
    await hass.config_entries.async_unload(entry.entry_id)
    await evening(hass, freezer)
    assert takes.handed_in == []


@pytest.mark.parametrize(
    ("until", "energy_wh"),
    [
        pytest.param("2026-11-25 12:00:00", 0, id="all of tomorrow"),
        pytest.param("2026-11-21 12:00:00", 5400, id="back tomorrow"),
    ],
)
async def test_of_an_empty_home(
    hass: HomeAssistant,
    takes: Organiser,
    freezer: FrozenDateTimeFactory,
    until: str,
    energy_wh: int,
) -> None:
    """Nothing is needed while nobody is there."""
    await living(hass, takes)
    await hass.services.async_call(
        DOMAIN,
        "set_absence",
        {"device_id": device_of(hass), "until": until},
        blocking=True,
    )
    await evening(hass, freezer)
    assert told(takes) == [(21, energy_wh)]


@pytest.mark.parametrize(
    ("refused", "n_told"),
    [
        pytest.param([], 1, id="taken"),
        pytest.param([503], 2, id="taken the second time"),
        pytest.param([503, 401], 2, id="refused twice"),
        pytest.param([200, 302, 204], 2, id="a web space that takes everything"),
    ],
)
async def test_no_more_than_twice(
    hass: HomeAssistant,
    takes: Organiser,
    freezer: FrozenDateTimeFactory,
    caplog: pytest.LogCaptureFixture,
    refused: list[int],
    n_told: int,
) -> None:
    """An evening in vain is said, without a path; those that follow it are not."""
    takes.refuses_with = list(refused)
    await living(hass, takes)
    await evening(hass, freezer)
    assert len(takes.handed_in) == n_told
    takes.refuses_with = list(refused)
    await evening(hass, freezer, 1)
    assert len(takes.handed_in) == 2 * n_told

    def loud() -> list[str]:
        return [
            record.getMessage()
            for record in caplog.records
            if record.name.startswith(LOGGER.name) and record.levelno > logging.DEBUG
        ]

    said = [text for text in loud() if "need.acc" in text]
    assert len(said) == (len(refused) >= 2)
    assert not [text for text in said if member_path(TOKEN) in text]


async def test_no_more_than_a_home_can_need(
    hass: HomeAssistant, takes: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """What is told is taken."""
    entry = member_entry(takes, options=LETS, plants=(tank(kwh_per_day=180.0),))
    await set_up(hass, entry)
    await control(hass, TANK)
    await evening(hass, freezer)
    assert told(takes) == [(21, MOST_NEED_WH)]


async def test_let_in_the_options(
    hass: HomeAssistant, takes: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Offered where it is taken; to take it back, always."""
    entry = await living(hass, takes, BASE_CONTRACT)

    async def choose(*, lets: bool) -> None:
        options = hass.config_entries.options
        result = await options.async_init(entry.entry_id)
        assert "tell_need" in result["menu_options"]
        result = await options.async_configure(
            result["flow_id"], {"next_step_id": "tell_need"}
        )
        assert result["step_id"] == "tell_need"
        result = await options.async_configure(result["flow_id"], {"tell_need": lets})
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await settle_down(hass)

    await choose(lets=True)
    assert entry.options == LETS
    takes.takes_needs = None
    await coordinator(entry).async_refresh()
    await choose(lets=False)
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert "tell_need" not in result["menu_options"]


# With the organiser in the same house


@pytest.fixture
async def sky(socket_enabled: None) -> AsyncGenerator[None]:
    """Light on each day."""
    async with under(NOW):
        yield


@pytest.mark.usefixtures("disk", "sky", "relay")
async def test_from_a_home_to_its_organiser(
    hass: HomeAssistant,
    hass_client_no_auth: ClientSessionGenerator,
    freezer: FrozenDateTimeFactory,
) -> None:
    """Sealed, over HTTP, and into its books."""
    people = tuple(home(n, follows=True) for n in range(12))
    organiser = await organise(hass, *people)
    client = await hass_client_no_auth()
    folder = f"{DOMAIN}/feed"
    address = str(client.make_url(feed(organiser)))
    books = books_of(organiser)
    into = Path(hass.config.path(folder))
    evening = {"refreshes_forecast": True, "takes_needs": True}
    await serve(organiser, into, address=address, **evening)
    token = await books.async_invite("id4")
    await coordinator_of(organiser).async_publish()
    await living(hass, Organiser(NOW, address, token))
    await wait(hass, freezer, BEFORE)
    while datetime.now(UTC) < AFTER:
        await wait(hass, freezer, timedelta(minutes=5))
    assert books.needs.told_wh((NOW + timedelta(days=1)).date()) == {"id4": 5400}
