"""Loads in a real Home Assistant: planned, observed, switched, and left alone."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.update_coordinator import UpdateFailed
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator import (
    LoadsCoordinator,
    OutlookCoordinator,
)
from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.engine.announced import (
    restored_announced,
)

from .feed import PARIS
from .house import KEY, NOW, member_entry, set_up, settle_down, shown, wait
from .steered import (
    CAR,
    OPTIONS,
    TANK,
    WASHER,
    control,
    entity_id,
    have_device,
    load,
    load_state,
    press,
    tank,
)
from .village import PLANT, Sky, under

pytestmark = pytest.mark.freeze_time(NOW)

LOOK = timedelta(minutes=4)
EVENING = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
"""After the tank had to be hot, before the cheap hours."""


@pytest.fixture
async def sky(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[Sky]:
    """The weather, and a house in the village."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.latitude, hass.config.longitude = 46.5, 1.6
    async with under(NOW) as sky:
        yield sky


@pytest.fixture
async def relay(hass: HomeAssistant) -> str:
    """A relay in the board."""
    return await have_device(hass, TANK)


def is_on(hass: HomeAssistant, entity: str = "input_boolean.tank") -> bool:
    """Whether a device is on."""
    state = hass.states.get(entity)
    assert state is not None
    return state.state == "on"


async def switch(hass: HomeAssistant, *, on: bool, user: str | None = None) -> None:
    """Somebody's hand on the relay."""
    await hass.services.async_call(
        "input_boolean",
        "turn_on" if on else "turn_off",
        {"entity_id": "input_boolean.tank"},
        blocking=True,
        context=Context(user_id=user),
    )
    await settle_down(hass)


async def minutes(hass: HomeAssistant, freezer: FrozenDateTimeFactory, n: int) -> None:
    """Let minutes pass, one by one."""
    for _ in range(n):
        await wait(hass, freezer, timedelta(minutes=1))


async def pass_until(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, until: datetime
) -> None:
    """Let time pass, looked at as seldom as still counts."""
    while datetime.now(UTC) < until:
        await wait(hass, freezer, LOOK)


async def told(hass: HomeAssistant, action: str = "get_plan", **data: Any) -> Any:
    """The answer of an action."""
    return await hass.services.async_call(
        DOMAIN, action, data, blocking=True, return_response=True
    )


def device(hass: HomeAssistant, load_id: str) -> str:
    """The device of a load."""
    entry = er.async_get(hass).async_get(
        entity_id(hass, load_id, "load_status", "sensor")
    )
    assert entry is not None and entry.device_id is not None
    return entry.device_id


async def test_observed_first(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """A plan is shown; nothing is switched until the user lets it."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    assert load_state(hass, TANK, "load_status").state == "planned"
    assert load_state(hass, TANK, "control", "switch").state == "off"
    await minutes(hass, freezer, 20)
    assert not is_on(hass)
    await control(hass, TANK)
    await settle_down(hass)
    assert is_on(hass)
    assert load_state(hass, TANK, "load_status").state == "running"


async def test_hot_in_time_and_off_afterwards(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """A day's heat by six in the evening, counted from the hours it was on."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    await control(hass, TANK)
    await pass_until(hass, freezer, datetime(2026, 11, 20, 17, tzinfo=UTC))
    drawn = float(load_state(hass, TANK, "load_energy_today").state)
    assert 5.0 <= drawn <= 6.7
    await wait(hass, freezer, EVENING)
    assert not is_on(hass)
    # The next need is met in the cheap hours of the night.
    start = datetime.fromisoformat(load_state(hass, TANK, "run_start").state)
    assert start == datetime(2026, 11, 20, 21, tzinfo=UTC)


@pytest.mark.parametrize("known", [False, True])
async def test_a_hand_on_the_switch(
    hass: HomeAssistant,
    sky: Sky,
    relay: str,
    freezer: FrozenDateTimeFactory,
    hass_admin_user: MockUser,
    *,
    known: bool,
) -> None:
    """A wall button, or the app: left alone for some hours, then it follows the plan again."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    await control(hass, TANK)
    await minutes(hass, freezer, 3)
    assert is_on(hass)
    await switch(hass, on=False, user=hass_admin_user.id if known else None)
    assert load_state(hass, TANK, "load_status").state == "by_hand"
    assert "15 h" in load_state(hass, TANK, "load_reason").state or "16:0" in (
        load_state(hass, TANK, "load_reason").state
    )
    await minutes(hass, freezer, 10)
    assert not is_on(hass)
    await told(hass, "clear_override", device_id=device(hass, TANK))
    await settle_down(hass)
    assert is_on(hass)


async def test_restart_in_the_middle_of_a_run(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """It goes on, still controlled, with what it has drawn."""
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    await set_up(hass, entry)
    await control(hass, TANK)
    await minutes(hass, freezer, 30)
    drawn = float(load_state(hass, TANK, "load_energy_today").state)
    assert drawn == pytest.approx(1.1, abs=0.1)
    runs = (await told(hass))["loads"][0]["runs"]
    await hass.config_entries.async_unload(entry.entry_id)
    kept = await Stores(hass, KEY).async_load("loads")
    assert kept is not None
    announced = restored_announced(kept["announced"])
    assert announced is not None and announced.drawn_wh[TANK].any()
    await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    assert is_on(hass)
    assert load_state(hass, TANK, "control", "switch").state == "on"
    assert (await told(hass))["loads"][0]["runs"] == runs
    assert float(load_state(hass, TANK, "load_energy_today").state) == drawn


async def test_removed_it_is_left_to_itself(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """Its relay lets it heat; its device and entities are gone."""
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    await set_up(hass, entry)
    await control(hass, TANK)
    await wait(hass, freezer, EVENING)
    assert not is_on(hass)
    hass.config_entries.async_remove_subentry(entry, TANK)
    await settle_down(hass)
    assert is_on(hass)
    assert not entry.runtime_data.loads.data.loads


async def test_with_the_membership_it_is_left_to_itself(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """When the whole entry is removed."""
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    await set_up(hass, entry)
    await control(hass, TANK)
    await wait(hass, freezer, EVENING)
    assert not is_on(hass)
    await hass.config_entries.async_remove(entry.entry_id)
    await settle_down(hass)
    assert is_on(hass)


async def test_back_to_observing_it_is_left_to_itself(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """And nothing is commanded any more."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    await control(hass, TANK)
    await wait(hass, freezer, EVENING)
    assert not is_on(hass)
    await control(hass, TANK, is_on=False)
    assert is_on(hass)
    await switch(hass, on=False)
    await minutes(hass, freezer, 5)
    assert not is_on(hass)
    assert load_state(hass, TANK, "load_status").state != "by_hand"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param({"when_down": "keeps"}, id="could stay cold"),
        pytest.param({"volume_l": 500.0, "power_w": 6000.0}, id="too large"),
        pytest.param({"shared": True}, id="of several homes"),
        pytest.param({"actuator": None}, id="nothing to switch it"),
    ],
)
async def test_advice_only(
    hass: HomeAssistant, sky: Sky, relay: str, data: dict[str, Any]
) -> None:
    """Where it must not be switched there is a plan, and no switch."""
    heater = tank(**data)
    if data.get("actuator", "") is None:
        heater["data"] = {k: v for k, v in heater["data"].items() if k != "actuator"}
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, heater)))
    assert load_state(hass, TANK, "load_status").state == "planned"
    with pytest.raises(AssertionError, match="control"):
        entity_id(hass, TANK, "control", "switch")


async def test_a_device_that_does_not_obey(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """A repair tells of it, and goes away once it obeys."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    await control(hass, TANK)
    await minutes(hass, freezer, 2)
    hass.services.async_remove("input_boolean", "turn_off")
    await wait(hass, freezer, EVENING)
    await minutes(hass, freezer, 30)
    issues = ir.async_get(hass)
    assert is_on(hass)
    assert issues.async_get_issue(DOMAIN, f"load_{TANK}") is not None
    assert load_state(hass, TANK, "load_status").state == "not_obeying"
    hass.states.async_set("input_boolean.tank", "off")
    await minutes(hass, freezer, 2)
    assert issues.async_get_issue(DOMAIN, f"load_{TANK}") is None


async def test_washing_once(
    hass: HomeAssistant, sky: Sky, freezer: FrozenDateTimeFactory
) -> None:
    """It waits to be loaded; then it runs as a whole, once."""
    plug = await have_device(hass, WASHER)
    washer = load(WASHER, "washing_machine", actuator=plug, worth_eur_per_kwh=None)
    washer["data"] = {k: v for k, v in washer["data"].items() if v is not None}
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, washer)))
    await control(hass, WASHER)
    assert load_state(hass, WASHER, "load_status").state == "not_armed"
    await minutes(hass, freezer, 5)
    assert not is_on(hass, plug)
    await press(hass, WASHER, "arm")
    await settle_down(hass)
    assert load_state(hass, WASHER, "load_status").state in {"planned", "running"}
    n_on = 0
    for _ in range(105):
        await wait(hass, freezer, LOOK)
        n_on += is_on(hass, plug)
    assert n_on == pytest.approx(30, abs=2)
    assert load_state(hass, WASHER, "load_status").state == "not_armed"


async def test_a_programme_is_learned_from_its_power(
    hass: HomeAssistant, sky: Sky, freezer: FrozenDateTimeFactory
) -> None:
    """Seen from beginning to end, its energy is what the next one needs."""
    plug = await have_device(hass, WASHER)
    power = {"unit_of_measurement": "W", "device_class": "power"}
    hass.states.async_set("sensor.washer", "0", power)
    washer = load(
        WASHER, "washing_machine", actuator=plug, power_sensor="sensor.washer"
    )
    entry = member_entry(options=OPTIONS, plants=(PLANT, washer))
    await set_up(hass, entry)
    await press(hass, WASHER, "arm")
    for watts, length in ((2400, 30), (120, 40), (0, 90)):
        hass.states.async_set("sensor.washer", str(watts), power)
        await settle_down(hass)
        await minutes(hass, freezer, length)
    needed = float(load_state(hass, WASHER, "need", "number").state)
    assert needed == pytest.approx((2400 * 30 + 120 * 40) / 60_000, abs=0.06)
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert float(load_state(hass, WASHER, "need", "number").state) == needed


async def test_a_load_that_is_added_during_the_set_up(
    hass: HomeAssistant, sky: Sky, relay: str
) -> None:
    """Two in a row: the second comes while the first is being set up."""
    plug = await have_device(hass, WASHER)
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    washer = load(WASHER, "washing_machine", actuator=plug)
    start = LoadsCoordinator.async_load
    added = False

    async def load_and_add(loads: LoadsCoordinator) -> None:
        nonlocal added
        await start(loads)
        if not added:
            added = True
            subentry = ConfigSubentry(
                data=MappingProxyType(washer["data"]),
                subentry_id=WASHER,
                subentry_type="load",
                title=WASHER,
                unique_id=None,
            )
            hass.config_entries.async_add_subentry(entry, subentry)

    with patch.object(LoadsCoordinator, "async_load", load_and_add):
        await set_up(hass, entry)
    assert load_state(hass, WASHER, "load_status").state == "not_armed"


async def test_what_a_person_asks_for(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """Skip once, run now, another time, another need, away."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    await control(hass, TANK)
    await press(hass, TANK, "skip")
    await settle_down(hass)
    assert load_state(hass, TANK, "load_status").state == "skipped"
    await minutes(hass, freezer, 2)
    assert not is_on(hass)
    await press(hass, TANK, "run_now")
    await settle_down(hass)
    assert is_on(hass)
    await hass.services.async_call(
        "number",
        "set_value",
        {"entity_id": entity_id(hass, TANK, "need", "number"), "value": 3.3},
        blocking=True,
    )
    await hass.services.async_call(
        "time",
        "set_value",
        {"entity_id": entity_id(hass, TANK, "ready_by", "time"), "time": "20:00:00"},
        blocking=True,
    )
    assert load_state(hass, TANK, "need", "number").state == "3.3"
    assert load_state(hass, TANK, "ready_by", "time").state == "20:00:00"
    await told(
        hass,
        "set_absence",
        device_id=device(hass, TANK),
        until="2026-11-24 17:00:00",
    )
    await settle_down(hass)
    assert load_state(hass, TANK, "load_status").state == "absent"
    assert not is_on(hass)


async def test_the_plan_as_an_answer(hass: HomeAssistant, sky: Sky, relay: str) -> None:
    """With runs, reasons, and what the usual schedule would cost; in a calendar, too."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    answer = await told(hass)
    (found,) = answer["loads"]
    # By the usual schedule it would not be hot in time.
    assert not answer["is_usual"]
    assert answer["rejected_cost_eur"] == found["usual_cost_eur"]
    assert (found["name"], found["id"]) == (TANK, TANK)
    assert found["runs"] and found["reason"]
    assert found["usual_cost_eur"] > 0
    (again,) = (await told(hass, "plan_now"))["loads"]
    assert again["runs"] == found["runs"]
    assert "kWh" in shown(hass, "planned_runs", "calendar").attributes["message"]


async def test_diagnostics_tell_of_loads(
    hass: HomeAssistant, sky: Sky, relay: str
) -> None:
    """What each does and why, without its name."""
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    await set_up(hass, entry)
    told = await async_get_config_entry_diagnostics(hass, entry)
    assert told["loads"][TANK]["status"] == "planned"
    assert told["loads"][TANK]["runs"]
    titles = {subentry["title"] for subentry in told["entry"]["subentries"]}
    assert titles == {"**REDACTED**"}


async def test_what_was_gained(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """Told once a need is over, against the contactor's hours with the same energy.

    Asked to run in the evening at the peak price, it loses what the night would have saved.
    """
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    await control(hass, TANK)
    # The step in which it starts is not seen whole.
    await minutes(hass, freezer, 1)
    await wait(hass, freezer, EVENING)
    before = gained(hass)
    await press(hass, TANK, "run_now")
    await settle_down(hass)
    assert is_on(hass)
    await pass_until(hass, freezer, EVENING + timedelta(days=1))
    saved, shifted = (
        now - then for now, then in zip(gained(hass), before, strict=True)
    )
    assert shifted > 5
    peak, night = OPTIONS["contract"]["price_hp"], OPTIONS["contract"]["price_hc"]
    assert saved == pytest.approx((night - peak) * shifted, rel=0.02)
    assert float(shown(hass, "loads_saved").state) == pytest.approx(gained(hass)[0])


async def test_what_would_have_been_gained(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """Only observed, and heated at the peak price: the plan would have waited for the night."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    # The step in which it starts is not seen whole.
    await minutes(hass, freezer, 1)
    await wait(hass, freezer, EVENING)
    before = float(load_state(hass, TANK, "load_missed").state)
    await switch(hass, on=True)
    await pass_until(hass, freezer, EVENING + timedelta(hours=2))
    await switch(hass, on=False)
    entry = next(iter(hass.config_entries.async_entries(DOMAIN)))
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    await pass_until(hass, freezer, EVENING + timedelta(days=1))
    peak, night = OPTIONS["contract"]["price_hp"], OPTIONS["contract"]["price_hc"]
    found = float(load_state(hass, TANK, "load_missed").state) - before
    assert found == pytest.approx((peak - night) * 4.4, rel=0.02)
    assert gained(hass) == (0, 0)
    (plan,) = (await told(hass))["loads"]
    assert plan["gain_missed"]["shifted_kwh"] == pytest.approx(4.4, rel=0.02)


async def test_what_nobody_saw_is_no_gain(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """Home Assistant was down for some hours of the night: the need is not known whole."""
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    await set_up(hass, entry)
    await control(hass, TANK)
    await minutes(hass, freezer, 1)
    await wait(hass, freezer, EVENING)
    await press(hass, TANK, "run_now")
    await pass_until(hass, freezer, EVENING + timedelta(hours=5))
    await hass.config_entries.async_unload(entry.entry_id)
    freezer.move_to(EVENING + timedelta(hours=8))
    await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    await pass_until(hass, freezer, EVENING + timedelta(days=1))
    assert gained(hass) == (0, 0)
    (plan,) = (await told(hass))["loads"]
    assert plan["gain"]["unknown_needs"] == 2


def gained(hass: HomeAssistant) -> tuple[float, float]:
    """Euros saved, and kWh moved."""
    saved, shifted = (
        float(load_state(hass, TANK, key).state)
        for key in ("load_saved", "load_shifted")
    )
    return saved, shifted


async def test_only_what_follows_the_plan_is_overridden(
    hass: HomeAssistant, sky: Sky, relay: str
) -> None:
    """Nothing would switch an observed load back."""
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, tank())))
    data = {"device_id": device(hass, TANK), "on": False, "duration": {"hours": 1}}
    with pytest.raises(ServiceValidationError, match="only observed"):
        await told(hass, "set_override", **data)
    await control(hass, TANK)
    await settle_down(hass)
    await told(hass, "set_override", **data)
    await settle_down(hass)
    assert not is_on(hass)
    assert load_state(hass, TANK, "load_status").state == "by_hand"
    with pytest.raises(ServiceValidationError, match="no such load"):
        await told(hass, "clear_override", device_id="of somebody else")
    with pytest.raises(ServiceValidationError, match="machine"):
        await told(hass, "arm", device_id=device(hass, TANK))


async def test_a_car_that_is_plugged_in_is_planned_at_once(
    hass: HomeAssistant, sky: Sky
) -> None:
    """Not only at the next step."""
    charger = await have_device(hass, CAR)
    hass.states.async_set("binary_sensor.plug", "off")
    car = load(
        CAR,
        "car",
        actuator=charger,
        plugged_sensor="binary_sensor.plug",
        kwh_per_day=5.0,
        ready_by="17:00:00",
    )
    await set_up(hass, member_entry(options=OPTIONS, plants=(PLANT, car)))
    assert load_state(hass, CAR, "load_status").state == "unplugged"
    assert load_state(hass, CAR, "run_start").state == "unknown"
    hass.states.async_set("binary_sensor.plug", "on")
    await settle_down(hass)
    assert load_state(hass, CAR, "load_status").state == "planned"
    assert load_state(hass, CAR, "run_start").state != "unknown"


async def test_no_plan_for_hours_lets_the_water_be_heated(
    hass: HomeAssistant, sky: Sky, relay: str, freezer: FrozenDateTimeFactory
) -> None:
    """After a start nothing is switched until a plan comes; if none does, the tank may heat."""
    entry = member_entry(options=OPTIONS, plants=(PLANT, tank()))
    await set_up(hass, entry)
    await control(hass, TANK)
    await wait(hass, freezer, EVENING)
    assert not is_on(hass)
    with patch.object(
        OutlookCoordinator, "_async_update_data", side_effect=UpdateFailed
    ):
        await hass.config_entries.async_reload(entry.entry_id)
        await settle_down(hass)
        await minutes(hass, freezer, 3)
        assert not is_on(hass)
        await wait(hass, freezer, timedelta(hours=2, minutes=1))
        await minutes(hass, freezer, 1)
        assert is_on(hass)
