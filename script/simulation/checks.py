"""What `script/demo --check` asserts of the running demonstration."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
import re

from custom_components.autoconsommation_collective.engine.blocks import Quantity

from . import house
from .errors import DemoError
from .membership import Shown, meter_statistic_wh, monthly_statistics
from .organiser import Organiser, id_of, settled_month
from .past import Settled
from .resident import Resident

IMPORT_LIMIT_S = 180
"""Home Assistant writes statistics row by row: some seconds for each month."""
PAIR = ("allocated", "complement")
TROUBLE = re.compile(r"^\S+ \S+ (ERROR|CRITICAL) |^Traceback ", re.MULTILINE)
PAGE_LEFT = re.compile(
    r"^\S+ \S+ ERROR \S+ \[homeassistant\] Error doing job: Task exception was never .*\n"
    r"(?:(?!\d{4}-\d\d-\d\d ).*\n)*?"
    r".*Cannot write to closing transport\n",
    re.MULTILINE,
)
"""What Home Assistant's own server logs where a page is left while it is being written to."""


def check_language(shown: Mapping[str, Shown], language: str) -> None:
    """Every name is the one of the language's own file."""
    texts = house.texts(language)["entity"]
    wrong = [
        entity.name
        for entity in shown.values()
        if entity.name != texts[entity.domain][entity.key]["name"]
    ]
    if wrong:
        raise DemoError(f"not named in {language}: {', '.join(wrong)}")


async def check_statistics(
    resident: Resident, settled: Settled, since: datetime
) -> None:
    """The past months stand in the statistics as they were settled, to the Wh."""
    await _stands(resident, settled, since, prefix="")


async def check_dashboard(resident: Resident, settled: Settled, since: datetime) -> str:
    """The pair of the Energy dashboard sums to the settled CONS, to the Wh; told in words.

    What it holds beyond the settled months is estimated, and is told beside what the meter's
    own statistic counts: that one begins with Home Assistant, and lags by an hour.
    """
    settled_wh, others = await _stands(resident, settled, since, prefix="dashboard_")
    meter_wh = round(await meter_statistic_wh(resident, since))
    return (
        f"settled {settled_wh} Wh, difference from CONS 0 Wh;"
        f" not settled yet {others} Wh, the meter's own statistic {meter_wh} Wh,"
        f" difference {others - meter_wh} Wh"
    )


def settled(organiser: Organiser, home: int) -> dict[str, tuple[int, int]]:
    """What was settled for a home, by month: allocated and complement in Wh."""
    return {
        f"{month:%Y-%m}": _settled_wh(organiser, month, home)
        for month in organiser.months
        if organiser.is_settled(month)
    }


async def _stands(
    resident: Resident, settled: Settled, since: datetime, prefix: str
) -> tuple[int, int]:
    """Wh of the settled months, once they stand as they were settled, and of all others."""
    expected = {
        month: dict(zip((f"{prefix}{suffix}" for suffix in PAIR), pair, strict=True))
        for month, pair in settled.items()
    }
    suffixes = [f"{prefix}{suffix}" for suffix in PAIR]
    found: dict[str, dict[str, int]] = {}
    stand: dict[str, dict[str, int]] = {}
    try:
        async with asyncio.timeout(IMPORT_LIMIT_S):
            while stand != expected:
                await asyncio.sleep(1)
                found = _by_month(await monthly_statistics(resident, since, suffixes))
                # Of months that are not settled only the dashboard knows anything.
                stand = {
                    month: told
                    for month, told in found.items()
                    if month in expected or not prefix
                }
    except TimeoutError:
        raise DemoError(
            f"statistics hold {stand} Wh and not the settled {expected} Wh"
        ) from None
    settled_wh = _total(stand)
    return settled_wh, _total(found) - settled_wh


def _total(months: Mapping[str, Mapping[str, int]]) -> int:
    return sum(wh for told in months.values() for wh in told.values())


def check_log(log: Path, secrets: Mapping[str, str]) -> None:
    """No error, and nothing in it that names the delivery point or opens the documents."""
    text = PAGE_LEFT.sub("", log.read_text())
    if trouble := TROUBLE.search(text):
        line = text[trouble.start() :].splitlines()[0]
        raise DemoError(f"Home Assistant logged: {line}")
    if named := [name for name, secret in secrets.items() if secret in text]:
        raise DemoError(f"Home Assistant's log contains the {', '.join(named)}")


def _settled_wh(organiser: Organiser, month: date, home: int) -> tuple[int, int]:
    page = settled_month(organiser, month).pages[id_of(home)]
    allocated, consumption = (
        int(page.total_wh(quantity) or 0)
        for quantity in (Quantity.ALLOCATED, Quantity.CONSUMPTION)
    )
    return allocated, consumption - allocated


def _by_month(
    statistics: Mapping[str, Mapping[str, float]],
) -> dict[str, dict[str, int]]:
    """The same energies by month and then by suffix, in whole Wh as they were written."""
    months = sorted({month for energies in statistics.values() for month in energies})
    return {
        month: {
            suffix: round(energies[month])
            for suffix, energies in sorted(statistics.items())
            if month in energies
        }
        for month in months
    }
