"""Imported energy that a cloud wrote into the statistics the day after."""

from collections import defaultdict
from collections.abc import Iterable

from homeassistant.components.recorder.statistics import async_list_statistic_ids
from homeassistant.core import HomeAssistant
from homeassistant.util.unit_conversion import EnergyConverter

CLOUD_SOURCES = frozenset({"linky", "myelectricaldata"})
"""Sources of external statistics; those of production have names that say so."""


async def async_cloud_histories(
    hass: HomeAssistant, chosen: Iterable[str]
) -> dict[str, set[str]]:
    """Statistic ids by source: the known ones, and those chosen by the member."""
    sources: defaultdict[str, set[str]] = defaultdict(set)
    for key in chosen:
        sources[key.partition(":")[0]].add(key)
    for row in await async_list_statistic_ids(hass, statistic_type="sum"):
        key = row["statistic_id"]
        if (
            row["source"] in CLOUD_SOURCES
            and row["unit_class"] == EnergyConverter.UNIT_CLASS
            and "production" not in key
        ):
            sources[row["source"]].add(key)
    return sources
