"""The member's house: its entry, its meter, and how time passes in it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)

from custom_components.autoconsommation_collective.const import (
    CONF_DAILY,
    CONF_DELIVERY_POINT,
    CONF_EXPORT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_KIND,
    CONF_OPERATION_ID,
    CONF_OPERATION_NAME,
    DOMAIN,
    KIND_MEMBER,
)
from custom_components.autoconsommation_collective.coordinator import (
    SettlementCoordinator,
)

from .feed import AGREEMENT, NAME, Organiser

NOW = datetime(2026, 11, 20, 11, tzinfo=UTC)
"""Noon in the village: October is settled."""
PRM = "12345678901234"
ADCO = "021528603314"
INSTANCE_ID = "0123456789abcdef0123456789abcdef"
KEY = "cdfd0ee88828561a"
"""What stands for PRM on the instance of INSTANCE_ID."""
BASE_CONTRACT = {
    "contract": {
        "contract_kind": "base",
        "price_base": 0.194,
        "prices_since": "2026-02-01",
        "network_cost": 0.058,
    }
}
"""Options of a member on Base: 19.4 ct from the supplier, 5.8 ct for a kWh that is given."""

OFF_PEAK_CONTRACT = {
    "contract": {
        "contract_kind": "off_peak",
        "price_hp": 0.2065,
        "price_hc": 0.1579,
        "prices_since": "2026-02-01",
        "off_peak_hours": "22:00-06:00",
        "summer_first_month": "4",
        "summer_last_month": "10",
        "network_cost": 0.0593,
        "tariff_entity": "sensor.ptec",
    }
}
"""Options of a member with cheap nights, whose meter shows the class as sensor.ptec."""


@dataclass
class Linky:
    """An index as the core integration for the Linky shows it."""

    hass: HomeAssistant
    label: str = "BASE"
    wh: int = 1_000_000
    adco: str = ADCO

    def __post_init__(self) -> None:
        """Register the entity and show the index."""
        self.ref = (
            er.async_get(self.hass)
            .async_get_or_create(
                "sensor",
                "teleinfo",
                f"{self.adco}_{self.label}",
                object_id_base=f"linky_{self.label.lower()}",
                original_device_class="energy",
                unit_of_measurement="Wh",
                capabilities={"state_class": "total_increasing"},
            )
            .id
        )
        self.draw(0)

    @property
    def entity_id(self) -> str:
        """What it is called at present."""
        found = er.async_get(self.hass).entities.get_entry(self.ref)
        assert found is not None
        return found.entity_id

    def draw(self, wh: int) -> None:
        """Count energy and show the index."""
        self.wh += wh
        self._show(str(self.wh))

    def fall_silent(self) -> None:
        """Lose the meter."""
        self._show("unavailable")

    def _show(self, value: str) -> None:
        attributes = {
            "unit_of_measurement": "Wh",
            "device_class": "energy",
            "state_class": "total_increasing",
        }
        self.hass.states.async_set(self.entity_id, value, attributes)


def member_entry(
    organiser: Organiser | None = None,
    *,
    imports: tuple[str, ...] = (),
    exports: tuple[str, ...] = (),
    daily: tuple[str, ...] = (),
    options: dict[str, Any] | None = None,
    plants: tuple[ConfigSubentryData, ...] = (),
) -> MockConfigEntry:
    """An entry as the config flow makes it, with the feed of that organiser or none."""
    data: dict[str, Any] = {
        CONF_KIND: KIND_MEMBER,
        CONF_DELIVERY_POINT: PRM,
        CONF_OPERATION_NAME: NAME,
        CONF_IMPORT: list(imports),
        CONF_EXPORT: list(exports),
        CONF_DAILY: list(daily),
    }
    if organiser is not None:
        data |= {
            CONF_FEED_URL: organiser.url,
            "token": organiser.token,
            CONF_OPERATION_ID: AGREEMENT,
        }
    return MockConfigEntry(
        domain=DOMAIN,
        title=NAME,
        unique_id=KEY,
        data=data,
        options=options or {},
        subentries_data=plants,
    )


async def set_up(
    hass: HomeAssistant,
    entry: MockConfigEntry,
    state: ConfigEntryState = ConfigEntryState.LOADED,
) -> None:
    """Set an entry up and let it finish what it does in the background."""
    if hass.config_entries.async_get_entry(entry.entry_id) is None:
        entry.add_to_hass(hass)
    await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    assert entry.state is state


async def settle_down(hass: HomeAssistant) -> None:
    """Wait for all that runs, imports of statistics included."""
    await hass.async_block_till_done(wait_background_tasks=True)


async def wait(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, until: datetime | timedelta
) -> None:
    """Let time pass at once, up to an instant or by a span."""
    if isinstance(until, timedelta):
        freezer.tick(until)
    else:
        freezer.move_to(until)
    async_fire_time_changed(hass)
    await settle_down(hass)


async def live(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    linky: Linky,
    until: datetime,
    wh: int,
) -> None:
    """Draw that energy in each five minutes."""
    while datetime.now(UTC) < until:
        freezer.tick(timedelta(minutes=5))
        linky.draw(wh)
        async_fire_time_changed(hass)
        await settle_down(hass)


def coordinator(entry: MockConfigEntry) -> SettlementCoordinator:
    """What a loaded entry knows of its organiser."""
    found = entry.runtime_data.settlement
    assert isinstance(found, SettlementCoordinator)
    return found


def shown(hass: HomeAssistant, key: str, platform: str = "sensor") -> State:
    """The state of one of our entities, found as automations should: never by entity_id."""
    entity_id = er.async_get(hass).async_get_entity_id(platform, DOMAIN, f"{KEY}_{key}")
    assert entity_id is not None, key
    state = hass.states.get(entity_id)
    assert state is not None, key
    return state


def value(hass: HomeAssistant, key: str) -> float:
    """A number that is shown."""
    return float(shown(hass, key).state)
