"""The member's own view: what the integration shows in Home Assistant."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .errors import DemoError
from .resident import Json, Resident
from .village import TIME_ZONE

DOMAIN = "autoconsommation_collective"
UNKNOWN = ("unknown", "unavailable")
DECIMAL_SIGN = {"en": ".", "fr": ","}

SUMMARY = (
    "settled_allocated_month",
    "settled_self_production_rate",
    "estimated_allocated_today",
    "estimated_community_production",
    "estimated_community_surplus",
    "price_now",
    "claimable_today",
    "claimable_tomorrow",
    "confidence",
    "good_time",
)
"""Translation keys of what is told when everything runs, in this order."""
MAY_BE_UNKNOWN = {"signal_event", "window_start", "window_end"}
"""A grey day has no good window, and nothing may have happened yet."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entity of the integration, found by what it means and never by its id."""

    entity_id: str
    key: str
    """Translation key."""
    name: str
    """As it was translated."""
    device_id: str
    state: str
    attributes: Json

    @property
    def is_known(self) -> bool:
        """Whether it has a value."""
        return self.state not in UNKNOWN

    @property
    def domain(self) -> str:
        """The platform's domain, such as sensor."""
        return self.entity_id.split(".", maxsplit=1)[0]


async def entities(resident: Resident) -> dict[str, Shown]:
    """The enabled entities of the membership itself by translation key."""
    return await _entities(resident, None)


async def entities_of(resident: Resident, load: str) -> dict[str, Shown]:
    """The enabled entities of a load by translation key; none while it is not there."""
    devices = await resident.ask("config/device_registry/list")
    ours = (device["id"] for device in devices if device["name"] == load)
    return await _entities(resident, device_id) if (device_id := next(ours, "")) else {}


async def _entities(resident: Resident, device_id: str | None) -> dict[str, Shown]:
    """The enabled entities of a device; None: all that belong to no load."""
    registry = await resident.ask("config/entity_registry/list")
    states = {state["entity_id"]: state for state in await resident.ask("get_states")}
    return {
        entry["translation_key"]: Shown(
            entity_id=entry["entity_id"],
            key=entry["translation_key"],
            name=entry["original_name"],
            device_id=entry["device_id"],
            state=states[entry["entity_id"]]["state"],
            attributes=states[entry["entity_id"]]["attributes"],
        )
        for entry in registry
        if entry["platform"] == DOMAIN
        and entry["entity_id"] in states
        and (
            entry["device_id"] == device_id
            if device_id
            else entry["config_subentry_id"] is None
        )
    }


async def wait_until_known(
    resident: Resident, limit_s: float, say: Callable[[str], None]
) -> dict[str, Shown]:
    """The entities once they have a value; DemoError names those that never had one."""
    missing = ["any entity"]
    try:
        async with asyncio.timeout(limit_s):
            while missing:
                await asyncio.sleep(1)
                shown = await entities(resident)
                before, missing = missing, _missing(shown) if shown else missing
                if missing and missing != before:
                    say(f"not known yet: {', '.join(missing)}")
    except TimeoutError:
        names = ", ".join(missing)
        raise DemoError(f"not known after {limit_s:.0f} s: {names}") from None
    return shown


def _missing(shown: Mapping[str, Shown]) -> list[str]:
    """Keys of the entities that should have a value by now."""
    return [
        key
        for key, entity in shown.items()
        if not entity.is_known and key not in MAY_BE_UNKNOWN
    ]


async def summary(
    resident: Resident, shown: Mapping[str, Shown], language: str
) -> list[str]:
    """What the member now knows, in the words of the device page."""
    lines = []
    for key in SUMMARY:
        value = await _value(resident, shown[key], language)
        lines.append(f"{shown[key].name}: {value}")
    lines[-1] += f" ({shown['good_time'].attributes['reason']})"
    return lines


async def _value(resident: Resident, entity: Shown, language: str) -> str:
    """A state as the pages of Home Assistant write it."""
    if not entity.is_known:
        return "–"
    if "unit_of_measurement" not in entity.attributes:
        return await resident.render(
            f"{{{{ state_translated('{entity.entity_id}') }}}}"
        )
    template = f"{{{{ states('{entity.entity_id}', with_unit=True) }}}}"
    return (await resident.render(template)).replace(".", DECIMAL_SIGN[language])


async def monthly_statistics(
    resident: Resident, start: datetime, suffixes: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Wh by month (YYYY-MM) of our long-term statistics, by suffix of their id."""
    listed = await resident.ask("recorder/list_statistic_ids", statistic_type="sum")
    ours = [e["statistic_id"] for e in listed if e["source"] == DOMAIN]
    named = {each.partition(":")[2].partition("_")[2]: each for each in ours}
    ids = {suffix: named[suffix] for suffix in suffixes if suffix in named}
    return await _by_month(resident, start, ids)


async def meter_statistic_wh(resident: Resident, start: datetime) -> float:
    """What Home Assistant's own statistics of the meter's indexes count since then."""
    listed = await resident.ask("recorder/list_statistic_ids", statistic_type="sum")
    known = {entry["statistic_id"] for entry in listed}
    registry = await resident.ask("config/entity_registry/list")
    indexes = {
        entity["entity_id"]: entity["entity_id"]
        for entity in registry
        if entity["platform"] == "teleinfo" and entity["entity_id"] in known
    }
    found = await _by_month(resident, start, indexes)
    return sum(wh for months in found.values() for wh in months.values())


async def _by_month(
    resident: Resident, start: datetime, ids: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    rows = await resident.ask(
        "recorder/statistics_during_period",
        start_time=start.isoformat(),
        statistic_ids=list(ids.values()),
        period="month",
        types=["change"],
        units={"energy": "Wh"},
    )
    return {
        suffix: {_month(row): row["change"] for row in rows.get(statistic_id, ())}
        for suffix, statistic_id in ids.items()
    }


def _month(row: Json) -> str:
    """Local month of a monthly row."""
    start = datetime.fromtimestamp(row["start"] / 1000, UTC)
    return f"{start.astimezone(TIME_ZONE):%Y-%m}"
