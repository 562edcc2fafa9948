"""A delivery taken in: the home's own months, and what is said of them."""

from datetime import datetime, timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.import_words import (
    async_import_texts,
    import_sentences,
)
from custom_components.autoconsommation_collective.coordinator import AccData
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.delivery import (
    Curve,
    Delivery,
)
from custom_components.autoconsommation_collective.engine.delivery_unread import Refusal
from custom_components.autoconsommation_collective.engine.import_report import (
    ImportReport,
)
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.reconcile import Flaw, Source

from .feed import PARIS, Organiser
from .house import NOW, PRM, Linky, live, member_entry, set_up, settle_down, value

pytestmark = pytest.mark.freeze_time(NOW)

HALF_HOUR = timedelta(minutes=30)


def september(consumed_wh: float, allocated_wh: float, **more: float) -> Block:
    """A month in which every step is the same."""
    start, end = month_bounds("2026-09", PARIS)
    n_steps = (end - start) // HALF_HOUR
    told = {"consumption": consumed_wh, "allocated": allocated_wh, **more}
    energies: dict[Quantity, Energies] = {
        Quantity(name): np.full(n_steps, float(wh)) for name, wh in told.items()
    }
    return Block(start, HALF_HOUR, energies)


async def taken_in(hass: HomeAssistant, data: AccData, *blocks: Block) -> ImportReport:
    """The report of a delivery of this home."""
    delivery = Delivery((Curve(PRM, blocks),))
    found = await data.importing.async_import(delivery, Source.FILE)
    await settle_down(hass)
    assert isinstance(found, ImportReport)
    return found


async def said(hass: HomeAssistant, report: ImportReport, language: str) -> list[str]:
    """What is said of it."""
    texts = await async_import_texts(hass, language)
    return import_sentences(texts, report, PARIS, language)


@pytest.fixture
async def data(hass: HomeAssistant, organiser: Organiser) -> AccData:
    """A member whose organiser publishes October."""
    entry = member_entry(organiser, imports=(Linky(hass).ref,))
    await set_up(hass, entry)
    found: AccData = entry.runtime_data
    return found


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_a_month_and_the_same_again(
    hass: HomeAssistant, data: AccData, language: str
) -> None:
    """All of it is new, then nothing."""
    total = value(hass, "settled_allocated_total")
    first = await taken_in(hass, data, september(300, 100))
    assert first.changes_anything and not first.months[0].flaws
    assert value(hass, "settled_allocated_total") == pytest.approx(total + 144)
    (told,) = await said(hass, first, language)
    for word in ("09/2026", "144", "432", "1440"):
        assert word in told
    again = await taken_in(hass, data, september(300, 100))
    assert not again.changes_anything
    nothing, _ = await said(hass, again, language)
    assert "2026" not in nothing and "{" not in nothing


async def test_a_correction(hass: HomeAssistant, data: AccData) -> None:
    """Months later; the steps are counted, and the sums follow."""
    await taken_in(hass, data, september(300, 100))
    total = value(hass, "settled_allocated_total")
    block = september(300, 100)
    block.energies[Quantity.ALLOCATED][:48] = 150
    block.energies[Quantity.CONSUMPTION][:48] = 350
    block.energies[Quantity.CONSUMPTION][48:50] = np.nan
    report = await taken_in(hass, data, block)
    (month,) = report.months
    assert (month.changes.corrected, month.changes.missing) == (48, 0)
    assert value(hass, "settled_allocated_total") == pytest.approx(total + 2.4)


async def test_a_corrected_allocation_alone(hass: HomeAssistant, data: AccData) -> None:
    """What was drawn stays: the bill changes all the same."""
    await taken_in(hass, data, september(300, 100))
    report = await taken_in(hass, data, september(300, 120))
    assert report.changes_anything
    assert report.months[0].changes.corrected == 1440


async def test_parts_that_do_not_add_up(hass: HomeAssistant, data: AccData) -> None:
    """Kept, and said with the first step."""
    block = september(300, 100, complement=190)
    report = await taken_in(hass, data, block)
    (flawed,) = report.months[0].flaws
    assert (flawed.flaw, flawed.n_steps) == (Flaw.PARTS, 1440)
    told = " ".join(await said(hass, report, "fr"))
    assert "01/09/2026 0 h" in told


async def test_against_the_own_meter(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Three days of November, an hour late: said, and nothing else is."""
    organiser.months = []
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    dice = np.random.default_rng(5)
    drawn = dice.integers(20, 900, 5 * 24)
    for wh in drawn.tolist():
        until = datetime.now(PARIS) + timedelta(hours=1)
        await live(hass, freezer, linky, until, wh // 12)
    start = NOW + timedelta(hours=1)
    steps = np.repeat(drawn // 12 * 6.0, 2)
    energies: dict[Quantity, Energies] = {
        Quantity.CONSUMPTION: steps,
        Quantity.ALLOCATED: steps // 2,
    }
    report = await taken_in(hass, entry.runtime_data, Block(start, HALF_HOUR, energies))
    told = " ".join(await said(hass, report, "en"))
    assert "1.0 h later" in told


async def test_a_file_of_somebody_else(data: AccData) -> None:
    """Nothing is kept."""
    delivery = Delivery((Curve("99000000000044", (september(300, 100),)),))
    before = dict(data.settlement.data.pages)
    found = await data.importing.async_import(delivery, Source.FILE)
    assert found == Refusal("not_mine_other_points")
    assert data.settlement.data.pages == before
