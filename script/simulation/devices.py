"""Two devices of the demonstration's home that can be switched, and the member who hands them over.

A water heater behind a relay and a car behind a charging point: helpers of Home Assistant itself,
which draw their power while they are on.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .errors import DemoError
from .membership import DOMAIN, Shown, entities_of
from .resident import Json, Resident

CONFIGURATION: Final = """\
input_boolean:
  water_heater:
    name: Relais du chauffe-eau
  charging_point:
    name: Borne de recharge
input_number:
  charging_current:
    name: Courant de charge
    min: 6
    max: 32
    step: 1
    initial: 6
    unit_of_measurement: A
template:
  - sensor:
      - name: Puissance du chauffe-eau
        unique_id: water_heater_power
        unit_of_measurement: W
        device_class: power
        state_class: measurement
        state: "{{ 2200 if is_state('input_boolean.water_heater', 'on') else 0 }}"
"""
TANK, CAR = "Chauffe-eau", "Voiture"
PLAN_LIMIT_S = 60
"""A plan is made within a second of the first outlook."""


@dataclass(frozen=True, slots=True)
class Device:
    """A load as the member describes it."""

    template: str
    name: str
    answers: dict[str, Json]
    """What is typed, by step of the flow."""


DEVICES: Final = (
    Device(
        "water_heater",
        TANK,
        {
            "water_heater": {
                "name": TANK,
                "actuator": "input_boolean.water_heater",
                "power_sensor": "sensor.puissance_du_chauffe_eau",
            },
            "board": {"wiring": "replaces", "when_down": "on"},
        },
    ),
    Device(
        "car",
        CAR,
        {
            "car": {
                "name": CAR,
                "actuator": "input_boolean.charging_point",
                "current_entity": "input_number.charging_current",
                "kwh_per_day": 7,
                "ready_by": "19:00:00",
            }
        },
    ),
)


async def hand_over(
    resident: Resident, entry_id: str, say: Callable[[str], None]
) -> None:
    """Describe the devices, and let the plan switch them."""
    for device in DEVICES:
        say(f"the member adds {device.name}")
        choice = {"user": {"next_step_id": device.template}}
        await resident.configure_subentry(entry_id, "load", choice | device.answers)
    for device in DEVICES:
        found = await wait_until_planned(resident, device.name)
        await resident.request(
            "/api/services/switch/turn_on", {"entity_id": found["control"].entity_id}
        )


async def wait_until_planned(resident: Resident, name: str) -> dict[str, Shown]:
    """The entities of a load by translation key, once it has a plan."""
    try:
        async with asyncio.timeout(PLAN_LIMIT_S):
            while True:
                found = await entities_of(resident, name)
                if "run_start" in found and found["run_start"].is_known:
                    return found
                await asyncio.sleep(1)
    except TimeoutError:
        raise DemoError(f"{DOMAIN}: no plan for {name}") from None
