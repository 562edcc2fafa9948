"""A bill typed by hand, and files that hold sums alone: kept, marked, told."""

from collections.abc import Callable
from datetime import date, timedelta
import json
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.exceptions import ServiceValidationError
import numpy as np
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator.importing import (
    Importing,
)
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.delivery import (
    Curve,
    Delivery,
)
from custom_components.autoconsommation_collective.engine.import_report import (
    ImportReport,
)
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.reconcile import Source

from .feed import PARIS
from .flows import at_option
from .house import NOW, OFF_PEAK_CONTRACT, PRM, member_entry, set_up, settle_down, value
from .kept import statistics_of

pytestmark = pytest.mark.freeze_time(NOW)

SEPTEMBER = {"first_day": "2026-09-01", "last_day": "2026-09-30"}
BILL = {**SEPTEMBER, "allocated_kwh": 60, "consumption_kwh": 300}


@pytest.fixture
async def entry(
    hass: HomeAssistant, socket_enabled: None, disk: Path
) -> MockConfigEntry:
    """A member whose organiser publishes nothing, and without a meter."""
    await hass.config.async_set_time_zone(PARIS.key)
    hass.config.allowlist_external_dirs = {str(disk.parent / "in")}
    (disk.parent / "in").mkdir()
    entry = member_entry()
    await set_up(hass, entry)
    return entry


async def billed(hass: HomeAssistant, **told: Any) -> Any:
    """The answer of the action."""
    found = await hass.services.async_call(
        DOMAIN, "import_bill", told, blocking=True, return_response=True
    )
    await settle_down(hass)
    return found


async def test_by_the_action(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """The sum is settled and marked, its hours lie in the statistics, nothing is learned."""
    found = await billed(hass, **BILL)
    (month,) = found["months"]
    assert (month["allocated_kwh"], month["consumption_kwh"]) == (60, 300)
    assert (month["source"], month["only_sums"]) == ("hand", True)
    assert "a bill" in found["report"][0] and "estimate" in " ".join(found["report"])
    assert value(hass, "settled_allocated_month") == 60
    assert sum((await statistics_of(hass, "allocated")).values()) == 60_000
    months = (await entry.runtime_data.months.async_told())["months"]
    assert [one["basis"] for one in months] == ["bill"]
    assert not (await billed(hass, **BILL))["changed"]
    await hass.config_entries.async_reload(entry.entry_id)
    await settle_down(hass)
    assert entry.runtime_data.settlement.data.pages["2026-09"].is_spread
    await entry.runtime_data.outlook.async_refresh()
    assert entry.runtime_data.outlook.learned.n_days == 0


@pytest.mark.parametrize("source", [Source.API, Source.FILE, Source.HAND])
async def test_the_same_sums_are_no_correction(
    hass: HomeAssistant, entry: MockConfigEntry, source: Source
) -> None:
    """From wherever, and whatever the meter has recorded since they were laid on the hours."""
    importing = entry.runtime_data.importing
    start, end = month_bounds("2026-09", PARIS)
    n_steps = (end - start) // timedelta(minutes=30)
    days = date(2026, 9, 1), date(2026, 9, 30)
    for n_known, kwh, revision in ((300, 60.0, 1), (600, 60.0, 1), (600, 61.0, 2)):
        drawn = np.where(np.arange(n_steps) < n_known, np.arange(n_steps) % 7, np.nan)
        own = Block(start, timedelta(minutes=30), {Quantity.CONSUMPTION: drawn})
        sums = importing.bill(*days, kwh, {}, 300.0)
        with patch.object(Importing, "_async_own", AsyncMock(return_value=(own,))):
            report = await importing.async_import(sums, source)
        assert isinstance(report, ImportReport)
        page = entry.runtime_data.settlement.data.pages["2026-09"]
        assert page.revision == revision


async def test_several_bills_of_a_month(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """They add up; one entered again takes the place of its days."""
    half = {"allocated_kwh": 20, "consumption_kwh": 150}
    await billed(hass, first_day="2026-09-01", last_day="2026-09-14", **half)
    await billed(hass, first_day="2026-09-15", last_day="2026-10-02", **half)
    pages = entry.runtime_data.settlement.data.pages
    sums = [page.total_wh(Quantity.ALLOCATED) for page in pages.values()]
    assert len(sums) == 2 and sum(sums) == 40_000
    half["allocated_kwh"] = 30
    await billed(hass, first_day="2026-09-01", last_day="2026-09-14", **half)
    pages = entry.runtime_data.settlement.data.pages
    assert sum(p.total_wh(Quantity.ALLOCATED) for p in pages.values()) == 50_000


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({**SEPTEMBER, "allocated_kwh": 60}, "no complete record of 01/09/2026"),
        ({**BILL, "allocated_kwh": 301}, "301 kWh shared are more than the 300"),
        ({**BILL, "last_day": "2026-11-20"}, "not passed"),
        ({**SEPTEMBER}, "missing"),
    ],
)
async def test_refused_in_words(
    hass: HomeAssistant, entry: MockConfigEntry, told: dict[str, Any], message: str
) -> None:
    """What is wrong; nothing is kept."""
    with pytest.raises(ServiceValidationError, match=message):
        await billed(hass, **told)
    assert not entry.runtime_data.settlement.data.pages


async def test_through_the_form(hass: HomeAssistant, entry: MockConfigEntry) -> None:
    """Refused with what was typed, then shown, then kept."""
    result = await at_option(hass, entry, "import_hand")
    configure = hass.config_entries.options.async_configure
    wrong = {**BILL, "last_day": "2026-08-30"}
    result = await configure(result["flow_id"], wrong)
    assert result["errors"] == {"base": "bill_not_taken"}
    assert "before" in (result["description_placeholders"] or {})["problem"]
    result = await configure(result["flow_id"], BILL)
    assert result["step_id"] == "import_confirm"
    assert "60.0" in (result["description_placeholders"] or {})["report"]
    assert not entry.runtime_data.settlement.data.pages
    result = await configure(result["flow_id"], {})
    await settle_down(hass)
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, "imported")
    assert value(hass, "settled_allocated_month") == 60


@pytest.mark.parametrize("has_file", [False, True])
async def test_taken_back(
    hass: HomeAssistant, entry: MockConfigEntry, has_file: bool
) -> None:
    """In the sums and the statistics, also after a restart; what a file told stays."""
    options = await hass.config_entries.options.async_init(entry.entry_id)
    assert "import_remove" not in options["menu_options"]
    importing, settlement = (
        entry.runtime_data.importing,
        entry.runtime_data.settlement,
    )
    if has_file:
        days = date(2026, 9, 1), date(2026, 9, 10)
        await importing.async_import(
            importing.bill(*days, 20.0, {}, 100.0), Source.FILE
        )
    await billed(hass, **BILL)
    assert sum((await statistics_of(hass, "allocated")).values()) > 50_000
    configure = hass.config_entries.options.async_configure
    result = await at_option(hass, entry, "import_remove")
    result = await configure(result["flow_id"], {"month": "2026-09"})
    assert result["step_id"] == "import_remove_confirm"
    assert settlement.held(Source.HAND)
    result = await configure(result["flow_id"], {})
    await settle_down(hass)
    assert (result["type"], result["reason"]) == (
        FlowResultType.ABORT,
        "import_removed",
    )
    for _ in range(2):
        left = 20_000 if has_file else 0
        assert sum((await statistics_of(hass, "allocated")).values()) == left
        pages = entry.runtime_data.settlement.data.pages
        assert (pages.keys() == {"2026-09"}) is has_file
        await hass.config_entries.async_reload(entry.entry_id)
        await settle_down(hass)
    await billed(hass, **BILL)
    page = entry.runtime_data.settlement.data.pages["2026-09"]
    hours = await statistics_of(hass, "allocated")
    assert sum(hours.values()) == page.total_wh(Quantity.ALLOCATED) > 50_000


async def test_the_form_asks_for_the_classes_of_the_contract(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Each is laid on its hours."""
    hass.config_entries.async_update_entry(entry, options=OFF_PEAK_CONTRACT)
    await settle_down(hass)
    result = await at_option(hass, entry, "import_hand")
    classes = {"allocated_hp": 50, "allocated_hc": 10}
    told = {**SEPTEMBER, **classes, "consumption_kwh": 300}
    configure = hass.config_entries.options.async_configure
    result = await configure(result["flow_id"], told)
    assert result["step_id"] == "import_confirm", result
    await configure(result["flow_id"], {})
    await settle_down(hass)
    hours = await statistics_of(hass, "allocated")
    by_night = [
        wh for at, wh in hours.items() if not 6 <= at.astimezone(PARIS).hour < 22
    ]
    assert sum(by_night) == 10_000 and sum(hours.values()) == 60_000


@pytest.fixture
def put(disk: Path) -> Callable[[Any], str]:
    """Puts a document into a folder that may be read."""

    def write(document: Any) -> str:
        path = disk.parent / "in" / "answer.json"
        path.write_text(json.dumps(document))
        return str(path)

    return write


def answered(allocated_kwh: float, consumption_kwh: float) -> Any:
    """What the interface of the grid operator answers for September."""

    def kind(name: str, kwh: float) -> Any:
        parts = {"HPB": 0.75 * kwh, "HCB": 0.25 * kwh}
        return {
            "type": name,
            "calendar_type": "DISTRIB",
            "quantities": [{"name": n, "value": v} for n, v in parts.items()],
        }

    return {
        "cons_id": PRM,
        "start": "2026-09-01",
        "end": "2026-10-01",
        "unit": "kWh",
        "quantities": [kind("autocons", allocated_kwh), kind("cons", consumption_kwh)],
    }


async def test_a_file_of_sums(
    hass: HomeAssistant, entry: MockConfigEntry, put: Callable[[Any], str]
) -> None:
    """Taken in, before what was typed by hand; that changes nothing then, which is said."""
    found = await hass.services.async_call(
        DOMAIN,
        "import_settlement",
        {"file": put(answered(80, 400))},
        blocking=True,
        return_response=True,
    )
    (month,) = found["months"]  # type: ignore[index, misc]
    assert (month["allocated_kwh"], month["source"]) == (80, "file")
    again = await billed(hass, **BILL)
    assert not again["changed"]
    assert "surer is held: a file" in again["report"][0]
    assert again["months"][0]["allocated_kwh"] == 80


async def test_a_curve_takes_the_place_of_a_bill(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    """Whatever came first."""
    await billed(hass, **BILL)
    start, end = month_bounds("2026-09", PARIS)
    n_steps = (end - start) // timedelta(minutes=30)
    energies: dict[Quantity, Energies] = {
        Quantity.CONSUMPTION: np.full(n_steps, 300.0),
        Quantity.ALLOCATED: np.full(n_steps, 100.0),
    }
    delivery = Delivery((Curve(PRM, (Block(start, timedelta(minutes=30), energies),)),))
    report = await entry.runtime_data.importing.async_import(delivery, Source.FILE)
    await settle_down(hass)
    assert isinstance(report, ImportReport)
    assert report.months[0].changes.corrected == 1440
    assert not entry.runtime_data.settlement.data.pages["2026-09"].is_spread
    assert value(hass, "settled_allocated_month") == 144
