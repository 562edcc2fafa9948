"""What `script/demo --check` asserts of the running demonstration."""

import asyncio
from collections.abc import Mapping
from datetime import date
import json
from pathlib import Path
import re

from custom_components.autoconsommation_collective.engine.model import Quality

from . import feed_documents as documents
from .errors import DemoError
from .feed_documents import Publication
from .house import COMPONENTS
from .membership import DOMAIN, Shown, meter_statistic_wh, monthly_statistics
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
    file = COMPONENTS / DOMAIN / "translations" / f"{language}.json"
    texts = json.loads(file.read_text())["entity"]
    wrong = [
        entity.name
        for entity in shown.values()
        if entity.name != texts[entity.domain][entity.key]["name"]
    ]
    if wrong:
        raise DemoError(f"not named in {language}: {', '.join(wrong)}")


async def check_statistics(
    resident: Resident, publication: Publication, home: int
) -> None:
    """The past months stand in the statistics as they were settled, to the Wh."""
    expected = {
        f"{month:%Y-%m}": _settled_wh(publication, month, home)
        for month in publication.months
        if publication.quality(month) is Quality.SETTLED
    }
    start = documents.midnight(publication.months[0])
    found: dict[str, dict[str, int]] = {}
    try:
        async with asyncio.timeout(IMPORT_LIMIT_S):
            while found != expected:
                await asyncio.sleep(1)
                found = _by_month(await monthly_statistics(resident, start, PAIR))
    except TimeoutError:
        raise DemoError(
            f"statistics hold {found} Wh and not the settled {expected} Wh"
        ) from None


async def check_dashboard(
    resident: Resident, publication: Publication, home: int
) -> str:
    """The pair of the Energy dashboard sums to the settled CONS, to the Wh; told in words.

    What it holds beyond the settled months is estimated, and is told beside what the meter's
    own statistic counts: that one begins with Home Assistant, and lags by an hour.
    """
    start = documents.midnight(publication.months[0])
    pair = [f"dashboard_{suffix}" for suffix in PAIR]
    found = _by_month(await monthly_statistics(resident, start, pair))
    settled_wh = estimated_wh = 0
    for month in publication.months:
        told = found.pop(f"{month:%Y-%m}", {})
        if publication.quality(month) is not Quality.SETTLED:
            estimated_wh += sum(told.values())
            continue
        settled = _settled_wh(publication, month, home)
        if told != {f"dashboard_{suffix}": wh for suffix, wh in settled.items()}:
            raise DemoError(
                f"the dashboard holds {told} Wh and not the settled {settled} Wh"
                f" of {month:%Y-%m}"
            )
        settled_wh += sum(settled.values())
    estimated_wh += sum(wh for told in found.values() for wh in told.values())
    meter_wh = round(await meter_statistic_wh(resident, start))
    return (
        f"settled {settled_wh} Wh, difference from CONS 0 Wh;"
        f" not settled yet {estimated_wh} Wh, the meter's own statistic {meter_wh} Wh,"
        f" difference {estimated_wh - meter_wh} Wh"
    )


def check_log(log: Path, secrets: Mapping[str, str]) -> None:
    """No error, and nothing in it that names the delivery point or opens the documents."""
    text = PAGE_LEFT.sub("", log.read_text())
    if trouble := TROUBLE.search(text):
        line = text[trouble.start() :].splitlines()[0]
        raise DemoError(f"Home Assistant logged: {line}")
    if named := [name for name, secret in secrets.items() if secret in text]:
        raise DemoError(f"Home Assistant's log contains the {', '.join(named)}")


def _settled_wh(publication: Publication, month: date, home: int) -> dict[str, int]:
    """What was settled for a home in a month."""
    _, settlement = documents.settled_month(publication, month)
    allocated = int(settlement.allocated[:, home].sum())
    consumption = int(settlement.consumption[:, home].sum())
    return {"allocated": allocated, "complement": consumption - allocated}


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
