"""The Energy dashboard set up with the home's statistics, and put back as it was."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final, cast

from homeassistant.components.energy import DOMAIN as ENERGY_DOMAIN
from homeassistant.components.energy.data import (
    ENERGY_SOURCE_SCHEMA,
    EnergyManager,
    SourceType,
    async_get_manager,
)
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
import voluptuous as vol

from ..const import CONF_DELIVERY_POINT, CONF_EXPORT, CONF_IMPORT, DOMAIN, LOGGER
from ..engine.energy_sources import (
    Meter,
    Ours,
    Replaced,
    Source,
    Way,
    has_ours,
    set_up,
    undone,
)
from .identity import async_delivery_point_key
from .importer import INJECTED, WITHDRAWN, Flow
from .meter import resolve
from .store import Stores

STORE: Final = "energy_dashboard"
"""Name of the document in which replaced sources are kept until they are put back."""


class EnergyProblem(StrEnum):
    """Why nothing can be set up."""

    NOT_LOADED = "energy_not_loaded"
    NOTHING_YET = "energy_nothing_yet"
    """No hour was written so far: the dashboard would not know the statistics."""
    REFUSED = "energy_refused"
    """Home Assistant does not accept the sources, as where one was put back by hand."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a set-up would make of the dashboard."""

    ours: Ours
    names: Mapping[str, str]
    """Of our statistics, as the recorder shows them."""
    sources: list[Source]
    """As they would be."""
    replaced: list[Replaced]
    others: list[Source]
    """Grid connections that stay: the member knows whether one is the same meter."""


class EnergySetup:
    """Ours in the Energy dashboard of a home."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, manager: EnergyManager, key: str
    ) -> None:
        """Use async_energy_setup."""
        self._hass = hass
        self._entry = entry
        self._manager = manager
        self._key = key
        self._stores = Stores(hass, key)
        self._ids = {
            self._id(s) for flow in (WITHDRAWN, INJECTED) for s in flow.dashboard
        }

    async def async_offer(self) -> Offer | EnergyProblem:
        """What can be set up now, from what the dashboard would be without us."""
        names = await self._async_names()
        if not self._written(WITHDRAWN.dashboard, names):
            return EnergyProblem.NOTHING_YET
        before = undone(self._sources(), self._ids, await self._async_replaced())
        meter = self._meter()
        allocated, complement = self._ways(WITHDRAWN, names)
        ours = Ours(complement, allocated)
        exports = {s["stat_energy_to"] for s in before if s.get("stat_energy_to")}
        # Where something else injects, too, whose it is only the member knows.
        if self._written(INJECTED.dashboard, names) and exports <= meter.exports:
            ours = Ours(complement, allocated, *self._ways(INJECTED, names))
        sources, replaced = set_up(before, ours, meter)
        gone = {each.place for each in replaced}
        return Offer(
            ours=ours,
            names=names,
            sources=sources,
            replaced=replaced,
            others=[
                source
                for place, source in enumerate(before)
                if source["type"] == "grid" and place not in gone
            ],
        )

    async def async_set_up(self, offer: Offer) -> EnergyProblem | None:
        """Do what was offered; what is replaced is kept first."""
        if problem := _refused(offer.sources):
            return problem
        replaced = [asdict(each) for each in offer.replaced]
        await self._stores.async_save(STORE, {"replaced": replaced})
        await self._async_update(offer.sources)
        return None

    async def async_undo(self) -> EnergyProblem | None:
        """Take ours out, and put back what they replaced."""
        sources = undone(self._sources(), self._ids, await self._async_replaced())
        if problem := _refused(sources):
            return problem
        await self._async_update(sources)
        await self._stores.async_remove(STORE)
        return None

    async def async_can_undo(self) -> bool:
        """Whether ours stand, or what they replaced is kept; also where our statistics are gone."""
        return has_ours(self._sources(), self._ids) or await self.async_is_kept()

    async def async_is_kept(self) -> bool:
        """Whether it is kept what ours replaced: they were set up, and not taken out here."""
        return await self._stores.async_load(STORE) is not None

    async def _async_update(self, sources: list[Source]) -> None:
        """All else that the dashboard shows stays as it is."""
        told = cast(list[SourceType], sources)
        await self._manager.async_update({"energy_sources": told})  # type: ignore[typeddict-item]

    def _sources(self) -> list[Source]:
        """A copy, so that nothing is changed by looking."""
        data = self._manager.data
        sources = cast(list[Source], data["energy_sources"] if data else [])
        return deepcopy(sources)

    async def _async_replaced(self) -> list[Replaced]:
        stored = await self._stores.async_load(STORE) or {}
        return [Replaced(**each) for each in stored.get("replaced", ())]

    def _meter(self) -> Meter:
        """The home's own meter; our settled statistics would count twice as well."""
        return Meter(
            imports=frozenset(self._entities(CONF_IMPORT))
            | {self._id(suffix) for suffix in WITHDRAWN.settled},
            exports=frozenset(self._entities(CONF_EXPORT))
            | {self._id(suffix) for suffix in (*INJECTED.settled, "injected")},
        )

    def _entities(self, conf: str) -> Iterable[str]:
        refs = self._entry.data.get(conf, ())
        return filter(None, (resolve(self._hass, ref) for ref in refs))

    def _ways(self, flow: Flow, names: Mapping[str, str]) -> tuple[Way, Way]:
        """Part and rest, with their money where any was written."""
        part, rest = (
            Way(self._id(energy), self._id(money) if self._id(money) in names else None)
            for energy, money in zip(flow.dashboard, flow.money, strict=True)
        )
        return part, rest

    def _written(self, suffixes: Sequence[str], names: Mapping[str, str]) -> bool:
        return all(self._id(suffix) in names for suffix in suffixes)

    async def _async_names(self) -> dict[str, str]:
        """Names of those of our statistics that the recorder knows."""
        wanted = {
            self._id(suffix)
            for flow in (WITHDRAWN, INJECTED)
            for suffix in flow.statistics
        }
        found = await get_instance(self._hass).async_add_executor_job(
            lambda: get_metadata(self._hass, statistic_ids=wanted)
        )
        return {key: metadata["name"] or key for key, (_, metadata) in found.items()}

    def _id(self, suffix: str) -> str:
        return f"{DOMAIN}:{self._key}_{suffix}"


def _refused(sources: list[Source]) -> EnergyProblem | None:
    """Whether Home Assistant's own rules for sources are broken."""
    try:
        ENERGY_SOURCE_SCHEMA(deepcopy(sources))
    except vol.Invalid:
        return EnergyProblem.REFUSED
    return None


async def async_energy_setup(
    hass: HomeAssistant, entry: ConfigEntry
) -> EnergySetup | EnergyProblem:
    """The set-up of a home's dashboard, where there is a dashboard."""
    if ENERGY_DOMAIN not in hass.config.components:
        return EnergyProblem.NOT_LOADED
    manager = await async_get_manager(hass)
    key = await async_delivery_point_key(hass, entry.data[CONF_DELIVERY_POINT])
    return EnergySetup(hass, entry, manager, key)


async def async_put_back(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Put back what ours replaced, where they were set up; whatever fails is only told."""
    try:
        found = await async_energy_setup(hass, entry)
        if isinstance(found, EnergySetup) and await found.async_is_kept():
            problem: str | None = await found.async_undo()
        else:
            return
    except Exception as error:  # noqa: BLE001
        # Nobody is to be kept from removing an entry by a dashboard.
        problem = type(error).__name__
    if problem:
        LOGGER.warning("The Energy dashboard was not put back: %s", problem)


def source_name(hass: HomeAssistant, source: Mapping[str, Any]) -> str:
    """What a grid connection is called, as the dashboard shows it."""
    if name := source.get("name"):
        return str(name)
    energy = source.get("stat_energy_from") or source.get("stat_energy_to") or ""
    state = hass.states.get(energy)
    return state.name if state else str(energy)
