"""Statistics in each database that Home Assistant's recorder may write to: real servers.

`script/databases` starts MariaDB and PostgreSQL and tells their URLs.
"""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path
from unittest.mock import patch
from uuid import uuid4
from zoneinfo import ZoneInfo

from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.tasks import AdjustStatisticsTask, RecorderTask
from homeassistant.core import HomeAssistant
import numpy as np
import pytest
import pytest_socket
import sqlalchemy as sa

from custom_components.autoconsommation_collective.adapters.contract import contract_of
from custom_components.autoconsommation_collective.adapters.importer import (
    Importer,
    async_importer,
)
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.hour_costs import HomePrices
from custom_components.autoconsommation_collective.engine.model import Quality

from .house import BASE_CONTRACT, KEY
from .kept import costs_of, statistics_of

PRICES = HomePrices(contract_of(BASE_CONTRACT), (), (), ZoneInfo("Europe/Paris"))
HALF = timedelta(minutes=30)
HOURS_A_MONTH = 24 * 14


@pytest.fixture(
    params=["sqlite", "mariadb", "postgresql"],
    ids=["SQLite", "MariaDB", "PostgreSQL"],
)
def recorder_db_url(
    request: pytest.FixtureRequest, hass_fixture_setup: list[bool], tmp_path: Path
) -> Generator[str]:
    """A new database of that kind, for this test alone."""
    assert not hass_fixture_setup
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/home-assistant_v2.db"
        return
    url = os.environ.get(f"{request.param.upper()}_URL")
    if url is None:
        pytest.skip(f"no {request.param}: script/databases starts one")
    pytest_socket.socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"recorder_{uuid4().hex}"
    with server.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name}"))
    server.dispose()


def month(number: int, allocated_wh: float, revision: int = 1) -> MonthPage:
    """Two weeks of 2026 in which half an hour took 100 Wh."""
    start = datetime(2026, number, 1, tzinfo=UTC)
    energies = {
        Quantity.CONSUMPTION: np.full(2 * HOURS_A_MONTH, 100.0),
        Quantity.ALLOCATED: np.full(2 * HOURS_A_MONTH, allocated_wh),
    }
    block = Block(start, HALF, energies)
    return MonthPage(f"2026-{number:02}", revision, Quality.SETTLED, (block,))


@pytest.fixture
async def importer(hass: HomeAssistant, disk: Path) -> Importer:
    """The importer of a home."""
    return await async_importer(hass, KEY, Stores(hass, KEY))


async def totals(hass: HomeAssistant) -> dict[str, int]:
    """What all hours add up to, Wh and parts of a euro; each hour's sum is checked."""
    found = {
        suffix: sum((await statistics_of(hass, suffix)).values())
        for suffix in ("allocated", "complement", "dashboard_allocated")
    }
    cost = await costs_of(hass, "dashboard_complement_cost")
    return found | {"cost": sum(cost.values())}


def expected(*allocated_each_wh: float) -> dict[str, int]:
    """Of months of so much allocated in each half-hour."""
    allocated = round(sum(allocated_each_wh) * 2 * HOURS_A_MONTH)
    complement = 200 * HOURS_A_MONTH * len(allocated_each_wh) - allocated
    return {
        "allocated": allocated,
        "complement": complement,
        "dashboard_allocated": allocated,
        "cost": round(complement * 19.4),
    }


async def test_months_and_a_correction_months_later(
    hass: HomeAssistant, importer: Importer
) -> None:
    """All hours, sums and costs follow; the same again changes nothing."""
    for page in (month(3, 20), month(5, 40), month(4, 30)):
        await importer.async_import(page, PRICES)
    assert await totals(hass) == expected(20, 30, 40)
    await importer.async_import(month(3, 25, revision=2), PRICES)
    assert await totals(hass) == expected(25, 30, 40)
    await importer.async_heal()
    assert await totals(hass) == expected(25, 30, 40)


async def test_stop_between_a_write_and_its_shift(
    hass: HomeAssistant, recorder_mock: Recorder, importer: Importer
) -> None:
    """The next start puts the sums right, and the import ends."""
    for page in (month(3, 20), month(4, 30)):
        await importer.async_import(page, PRICES)
    killed = asyncio.Event()
    queue = recorder_mock.queue_task

    def queue_until_shift(task: RecorderTask) -> None:
        if isinstance(task, AdjustStatisticsTask):
            killed.set()
        if not killed.is_set():
            queue(task)

    corrected = month(3, 25, revision=2)
    with patch.object(recorder_mock, "queue_task", queue_until_shift):
        importing = asyncio.create_task(importer.async_import(corrected, PRICES))
        await killed.wait()
        importing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await importing
    again = await async_importer(hass, KEY, Stores(hass, KEY))
    await again.async_heal()
    await again.async_import(corrected, PRICES)
    assert await totals(hass) == expected(25, 30)


async def test_prices_told_later(hass: HomeAssistant, importer: Importer) -> None:
    """No row before; afterwards each hour has its cost."""
    unpriced = HomePrices(None, (), (), PRICES.time_zone)
    await importer.async_import(month(3, 20), unpriced)
    assert await costs_of(hass, "dashboard_complement_cost") == {}
    await importer.async_reprice([month(3, 20)], {}, PRICES)
    assert await totals(hass) == expected(20)
