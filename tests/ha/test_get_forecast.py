"""The action that tells what is ahead, as automations and cards ask for it."""

from datetime import datetime, timedelta
import json
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
import voluptuous as vol

from custom_components.autoconsommation_collective.const import (
    CONF_DELIVERY_POINT,
    DOMAIN,
)
from custom_components.autoconsommation_collective.coordinator import OutlookCoordinator
from custom_components.autoconsommation_collective.engine.outlook import Degraded
from custom_components.autoconsommation_collective.services import SERVICE_FORECAST
from custom_components.autoconsommation_collective.sky.open_meteo import ATTRIBUTION

from .feed import Organiser
from .house import (
    BASE_CONTRACT,
    NOW,
    PRM,
    Linky,
    member_entry,
    set_up,
    settle_down,
    wait,
)

pytestmark = pytest.mark.freeze_time(NOW)

STEP = timedelta(minutes=30)


async def ask(hass: HomeAssistant, **asked: Any) -> Any:
    """Call the action as an automation does; the answer is JSON."""
    answer = await hass.services.async_call(
        DOMAIN, SERVICE_FORECAST, asked, blocking=True, return_response=True
    )
    return json.loads(json.dumps(answer, allow_nan=False))


@pytest.mark.parametrize(
    ("asked", "n_steps"),
    [
        pytest.param({}, 96, id="two days unless asked otherwise"),
        pytest.param({"hours": 1}, 2, id="an hour"),
        pytest.param({"hours": 72}, 120, id="no further than is looked at"),
    ],
)
async def test_steps_from_now_on(
    hass: HomeAssistant, plenty: Organiser, asked: dict[str, Any], n_steps: int
) -> None:
    """One after the other, in local time with its offset; noon in the village."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    told = (await ask(hass, **asked))["steps"]
    assert len(told) == n_steps
    starts = [datetime.fromisoformat(step["start"]) for step in told]
    assert starts == [NOW + n * STEP for n in range(n_steps)]
    assert told[0]["start"] == "2026-11-20T12:00:00+01:00"
    assert told[0]["end"] == "2026-11-20T12:30:00+01:00"


async def test_the_step_in_progress_comes_first(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """And the last step that the hours reach into, last."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    await wait(hass, freezer, timedelta(minutes=10))
    told = (await ask(hass, hours=1))["steps"]
    assert [step["start"][11:16] for step in told] == ["12:00", "12:30", "13:00"]


async def test_what_a_step_tells(hass: HomeAssistant, plenty: Organiser) -> None:
    """Energies in kWh to the Wh, prices in €; null where nothing is known."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    step = (await ask(hass, hours=1))["steps"][0]
    claim_kwh = step.pop("claim_kwh")
    assert claim_kwh == round(claim_kwh, 3) > 0
    assert step == {
        "start": "2026-11-20T12:00:00+01:00",
        "end": "2026-11-20T12:30:00+01:00",
        "production_kwh": 6.0,
        "withdrawal_kwh": 3.0,
        "surplus_kwh": 3.0,
        "consumption_low_kwh": None,
        "consumption_kwh": None,
        "consumption_high_kwh": None,
        "allocated_low_kwh": None,
        "allocated_kwh": None,
        "allocated_high_kwh": None,
        "probability": 1.0,
        "n_cases": 30,
        "supplier_eur_per_kwh": 0.194,
        "allocated_eur_per_kwh": 0.058,
        "expected_eur_per_kwh": 0.058,
        "default_eur_per_kwh": 0.194,
        "level": "excellent",
    }


async def test_who_publishes_once_a_month_tells_what_is_usual(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """What all draw comes from a usual day, in the home's own steps; nothing of it is stale."""
    plenty.withdrawal_wh, plenty.usual_wh = None, 8000
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    told = await ask(hass, hours=1)
    assert told["steps"][0]["withdrawal_kwh"] == 4.0
    outlook = entry.runtime_data.outlook.data
    assert not outlook.degraded & {Degraded.NO_WITHDRAWAL, Degraded.STALE}


async def test_a_forecast_comes_before_what_is_usual(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """It knows the day."""
    plenty.usual_wh = 8000
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    assert (await ask(hass, hours=1))["steps"][0]["withdrawal_kwh"] == 3.0


async def test_signal_and_windows(hass: HomeAssistant, plenty: Organiser) -> None:
    """What is so now with its reason; the same window stands in both."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    told = await ask(hass, hours=1)
    now = told["now"]
    assert (now["good_time"], now["level"]) == (True, "excellent")
    assert now["reason_key"] == "covered"
    assert now["reason"].startswith("About ")
    assert now["eur_per_kwh"] == 0.058
    assert now["confidence"] == "low"
    (window,) = told["windows"]
    assert window == now["window"]
    assert window["probability"] == 1.0
    assert window["eur_per_kwh"] == 0.058
    assert window["energy_kwh"] > 0
    assert datetime.fromisoformat(window["start"]) <= NOW
    assert datetime.fromisoformat(window["end"]) > NOW


async def test_a_window_that_is_held_on_is_told_as_promised(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """A cloud in the forecast does not end it at once: signal and window agree."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    promised = (await ask(hass))["now"]["window"]
    plenty.injection_wh = 100
    await entry.runtime_data.settlement.async_refresh()
    await settle_down(hass)
    told = await ask(hass)
    assert told["windows"] == []
    assert (told["now"]["good_time"], told["now"]["window"]) == (True, promised)


async def test_own_consumption_once_it_is_known(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """With what it may well be, and the part of it that is covered."""
    plenty.months = Organiser(NOW).months
    linky = Linky(hass)
    entry = member_entry(plenty, imports=(linky.ref,), options=BASE_CONTRACT)
    await set_up(hass, entry)
    for step in (await ask(hass))["steps"]:
        for name in ("consumption", "allocated"):
            low, high = step[f"{name}_low_kwh"], step[f"{name}_high_kwh"]
            assert 0 <= low <= high
        assert 0 <= step["allocated_kwh"] <= step["consumption_kwh"] > 0


async def test_without_a_contract_no_price(
    hass: HomeAssistant, plenty: Organiser
) -> None:
    """What is missing is named, the worst first, and nothing stands in for it."""
    await set_up(hass, member_entry(plenty))
    told = await ask(hass, hours=1)
    assert told["windows"] == []
    assert told["now"]["window"] is None
    assert {told["steps"][0][f"{name}_eur_per_kwh"] for name in ("supplier", "allocated", "expected", "default")} == {None}  # fmt: skip
    assert "no_prices" in told["missing"]
    assert told["missing"] == [kind for kind in Degraded if kind in told["missing"]]


@pytest.mark.parametrize("is_used", [True, False], ids=["asked", "not asked"])
async def test_weather_service_is_named_where_it_was_asked(
    hass: HomeAssistant, plenty: Organiser, is_used: bool
) -> None:
    """Its licence wants that."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    entry.runtime_data.production.is_used = is_used
    assert (await ask(hass))["attribution"] == (ATTRIBUTION if is_used else None)


async def test_two_memberships(hass: HomeAssistant, plenty: Organiser) -> None:
    """Then it must be said which."""
    one = member_entry(plenty, options=BASE_CONTRACT)
    other = MockConfigEntry(
        domain=DOMAIN,
        unique_id="another",
        data={**member_entry().data, CONF_DELIVERY_POINT: "98765432109876"},
    )
    await set_up(hass, one)
    await set_up(hass, other)
    with pytest.raises(ServiceValidationError, match="multiple"):
        await ask(hass)
    assert (await ask(hass, config_entry=one.entry_id))["now"]["good_time"] is True
    told = await ask(hass, config_entry=other.entry_id)
    assert {step["production_kwh"] for step in told["steps"]} == {None}
    assert told["missing"][0] == "no_forecast"


async def test_nothing_loaded(hass: HomeAssistant, plenty: Organiser) -> None:
    """The action is there and says so, in words."""
    assert await async_setup_component(hass, DOMAIN, {})
    with pytest.raises(ServiceValidationError):
        await ask(hass)
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    with pytest.raises(ServiceValidationError, match="not loaded"):
        await ask(hass, config_entry=entry.entry_id)


async def test_nothing_known_yet(hass: HomeAssistant, plenty: Organiser) -> None:
    """In the first moment after a start."""
    with patch.object(OutlookCoordinator, "async_refresh_soon"):
        await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    with pytest.raises(HomeAssistantError, match="Nothing is known"):
        await ask(hass)


@pytest.mark.parametrize("hours", [0, 73, "many"])
async def test_hours_out_of_range(
    hass: HomeAssistant, plenty: Organiser, hours: Any
) -> None:
    """Are refused before anything is worked out."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    with pytest.raises(vol.Invalid):
        await ask(hass, hours=hours)


async def test_names_nobody(hass: HomeAssistant, plenty: Organiser) -> None:
    """The number of the delivery point is nowhere in the answer."""
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    assert PRM not in json.dumps(await ask(hass))
