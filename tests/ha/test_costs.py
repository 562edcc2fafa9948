"""What the hours of the Energy dashboard cost and earn, in a real recorder."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.core import HomeAssistant
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.contract import contract_of
from custom_components.autoconsommation_collective.adapters.importer import (
    INJECTED,
    WITHDRAWN,
    Importer,
    async_importer,
)
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.hour_costs import HomePrices
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Quality,
    Validity,
)
from custom_components.autoconsommation_collective.engine.terms import Rate

from .feed import Month, Organiser
from .house import BASE_CONTRACT, KEY, NOW, Linky, live, member_entry, set_up, wait
from .kept import costs_of, kept_steps, statistics_of

pytestmark = pytest.mark.freeze_time(NOW)

HOUR = timedelta(hours=1)
HALF = timedelta(minutes=30)
SOLD = (Price(PriceModel.SALE, 0.1, Validity(date.min)),)
ALLOCATED_COST, COMPLEMENT_COST = WITHDRAWN.money
BASE_EUR, NETWORK_EUR = 0.194, 0.058


def prices(
    options: dict[str, Any] | None = None,
    operation: tuple[Price, ...] = SOLD,
    surplus: tuple[Rate, ...] = (),
) -> HomePrices:
    """By which a home is priced."""
    contract = contract_of(BASE_CONTRACT if options is None else options)
    return HomePrices(contract, operation, surplus, ZoneInfo("Europe/Paris"))


def page(
    revision: int, allocated: Iterable[float], whole: Quantity = Quantity.CONSUMPTION
) -> MonthPage:
    """A month of half-hours of 100 Wh each; of an injection, what is left over."""
    part = Quantity.ALLOCATED if whole is Quantity.CONSUMPTION else Quantity.SURPLUS
    wh = np.array(list(allocated))
    block = Block(NOW, HALF, {whole: np.full(len(wh), 100.0), part: wh})
    return MonthPage("2026-11", revision, Quality.SETTLED, (block,))


@pytest.fixture
async def importer(hass: HomeAssistant, disk: Path) -> Importer:
    """The importer of a home."""
    return await async_importer(hass, KEY, Stores(hass, KEY))


async def test_what_hours_cost(hass: HomeAssistant, importer: Importer) -> None:
    """In hundred-thousandths of a euro: 15.8 ct for what is given, 19.4 ct for the rest."""
    await importer.async_import(page(1, [10, 20, 30, 40]), prices())
    assert await costs_of(hass, ALLOCATED_COST) == {NOW: 474, NOW + HOUR: 1106}
    assert await costs_of(hass, COMPLEMENT_COST) == {NOW: 3298, NOW + HOUR: 2522}


async def test_what_the_dashboard_needs_to_know(
    hass: HomeAssistant, importer: Importer
) -> None:
    """A sum in euros, which no unit class converts."""
    await importer.async_import(page(1, [10, 20]), prices())
    found = await get_instance(hass).async_add_executor_job(get_metadata, hass)
    for suffix in WITHDRAWN.money:
        _, metadata = found[f"{DOMAIN}:{KEY}_{suffix}"]
        assert metadata["has_sum"]
        assert metadata["unit_of_measurement"] == "EUR"
        assert metadata["unit_class"] is None


async def test_a_correction_corrects_the_cost(
    hass: HomeAssistant, importer: Importer
) -> None:
    """Of its hours, and all sums that follow."""
    await importer.async_import(page(1, [10, 20, 30, 40]), prices())
    await importer.async_import(page(2, [0, 0, 30, 40]), prices())
    assert await costs_of(hass, ALLOCATED_COST) == {NOW: 0, NOW + HOUR: 1106}
    assert await costs_of(hass, COMPLEMENT_COST) == {NOW: 3880, NOW + HOUR: 2522}


async def test_a_price_that_is_not_known_leaves_no_trace(
    hass: HomeAssistant, importer: Importer
) -> None:
    """No row without a contract; told later, the months are priced then."""
    unpriced = prices(options={})
    await importer.async_import(page(1, [10, 20]), unpriced)
    for suffix in WITHDRAWN.money:
        assert await costs_of(hass, suffix) == {}
    assert importer.is_priced_otherwise(prices())
    await importer.async_reprice([page(1, [10, 20])], {}, prices())
    assert await costs_of(hass, COMPLEMENT_COST) == {NOW: 3298}
    assert not importer.is_priced_otherwise(prices())


async def test_prices_that_are_taken_back(
    hass: HomeAssistant, importer: Importer, freezer: FrozenDateTimeFactory
) -> None:
    """What stands is brought to zero; looked at once an hour, whatever changes."""
    months = [page(1, [10, 20])]
    await importer.async_import(months[0], prices())
    await importer.async_reprice(months, {}, prices())
    assert not importer.is_priced_otherwise(prices(options={}))
    freezer.tick(HOUR)
    assert importer.is_priced_otherwise(prices(options={}))
    await importer.async_reprice(months, {}, prices(options={}))
    assert await costs_of(hass, ALLOCATED_COST) == {NOW: 0}


async def test_priced_once_also_over_a_restart(
    hass: HomeAssistant, importer: Importer
) -> None:
    """What it was priced by is kept."""
    await importer.async_import(page(1, [10, 20]), prices())
    await importer.async_reprice([page(1, [10, 20])], {}, prices())
    again = await async_importer(hass, KEY, Stores(hass, KEY))
    assert not again.is_priced_otherwise(prices())
    assert again.is_priced_otherwise(prices(operation=()))


async def test_what_a_producer_injects(hass: HomeAssistant, importer: Importer) -> None:
    """Shared and surplus add up to what was injected, and earn what each is paid."""
    months = page(1, [10, 20, 30.4, 40.4], Quantity.PRODUCTION)
    await importer.async_import(
        months, prices(surplus=(Rate(0.04, Validity(date.min)),))
    )
    later = NOW + HOUR
    assert await statistics_of(hass, "injected") == {NOW: 200, later: 200}
    for prefix in ("", "dashboard_"):
        assert await statistics_of(hass, f"{prefix}surplus") == {NOW: 30, later: 71}
        assert await statistics_of(hass, f"{prefix}shared") == {NOW: 170, later: 129}
    surplus, shared = INJECTED.money
    assert await costs_of(hass, surplus) == {NOW: 120, later: 283}
    assert await costs_of(hass, shared) == {NOW: 1700, later: 1292}
    assert await statistics_of(hass, "allocated") == {}


async def test_contract_told_months_later(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Settled months and estimated hours of the slot store are priced in the background."""
    start = organiser.now = datetime(2026, 11, 1, 10, tzinfo=UTC)
    october = Month("2026-10")
    organiser.months = [october]
    freezer.move_to(start)
    linky = Linky(hass)
    entry = member_entry(organiser, imports=(linky.ref,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, start + timedelta(minutes=125), 30)
    await wait(hass, freezer, timedelta(days=4))
    assert await costs_of(hass, COMPLEMENT_COST) == {}

    hass.config_entries.async_update_entry(entry, options=BASE_CONTRACT)
    await wait(hass, freezer, HOUR)
    settled = {h: round((c - a) * 19.4) for h, (c, a) in october.hours.items()}
    complement = await statistics_of(hass, "dashboard_complement")
    estimated = {h: round(complement[h] * 19.4) for h in (start, start + HOUR)}
    assert await costs_of(hass, COMPLEMENT_COST) == settled | estimated
    given = {h: round(a * 5.8) for h, (_, a) in october.hours.items()}
    allocated = await costs_of(hass, ALLOCATED_COST)
    assert {h: allocated[h] for h in given} == given


async def test_what_a_producer_injects_is_estimated_first(
    hass: HomeAssistant, organiser: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Half is expected to be shared; the two add up to what the meter injected."""
    start = organiser.now = datetime(2026, 11, 1, 10, tzinfo=UTC)
    organiser.role, organiser.months = "prosumer", []
    organiser.injection_wh, organiser.withdrawal_wh = 6000, 3000
    freezer.move_to(start)
    drawn, injected = Linky(hass), Linky(hass, "EAIT", wh=500)
    entry = member_entry(organiser, imports=(drawn.ref,), exports=(injected.ref,))
    await set_up(hass, entry)
    while datetime.now(UTC) < start + timedelta(minutes=125):
        await live(hass, freezer, drawn, datetime.now(UTC) + timedelta(minutes=5), 30)
        injected.draw(10)
    shared = await statistics_of(hass, "dashboard_shared")
    surplus = await statistics_of(hass, "dashboard_surplus")
    assert shared == surplus
    assert await statistics_of(hass, "injected") == {}
    drawn_wh = sum((await statistics_of(hass, "dashboard_allocated")).values()) + sum(
        (await statistics_of(hass, "dashboard_complement")).values()
    )
    kept = await kept_steps(hass, entry, "export")
    whole_hours = [start + n * HALF for n in range(4)]
    assert sum(shared.values()) + sum(surplus.values()) == sum(
        kept[at][0] for at in whole_hours
    )
    assert drawn_wh == 4 * 180
