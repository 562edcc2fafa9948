"""The published feed, read by the readers that ship, and served as any web space would."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import aiohttp
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    KeyType,
    PriceModel,
    Quality,
    Role,
)
from custom_components.autoconsommation_collective.pmo.aggregates import read_aggregates
from custom_components.autoconsommation_collective.pmo.documents import (
    read_member,
    read_operation,
)
from custom_components.autoconsommation_collective.pmo.pages import (
    read_aggregates_month,
    read_forecast,
    read_member_month,
)
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    unseal,
)
from script.feed_rules import telling_positions
from script.simulation.feed_documents import Publication, settled_month
from script.simulation.pmo_server import serving
from script.simulation.publisher import new_tokens, publish
from script.simulation.village import Village, found_school, found_village

VILLAGE = found_village()
DEMO_HOME = VILLAGE.shown_home
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 18, 40, tzinfo=UTC)
PUBLICATION = Publication(VILLAGE, NOW)
TOKENS = new_tokens(PUBLICATION)
PRODUCER = VILLAGE.producers[0]
SCHOOL = Publication(found_school(), NOW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was published once."""
    folder = tmp_path_factory.mktemp("feed")
    publish(PUBLICATION, TOKENS, folder)
    return folder


def _own(folder: Path, home: int, name: str) -> bytes:
    """A member's document, opened with its token."""
    token = TOKENS[home]
    return unseal(
        token, name, (folder / "members" / member_path(token) / name).read_bytes()
    )


def _own_page(folder: Path, home: int, month: str) -> MonthPage:
    return read_member_month(_own(folder, home, f"{month}.acc"), month, PARIS)


def _total(page: MonthPage, quantity: Quantity) -> float:
    return sum(block.energies[quantity].sum() for block in page.blocks)


def test_operation_is_what_the_village_is(folder: Path) -> None:
    """Key, plants and step as agreed; households only as a group."""
    operation = read_operation((folder / "operation.json").read_bytes())
    assert operation.step == timedelta(minutes=30)
    assert [key.type for key in operation.keys] == [KeyType.DEFAULT_DYNAMIC]
    assert [plant.households for plant in operation.plants] == [17]
    assert operation.plants[0].peak_power_kw == 19


def test_school_is_a_plant_on_its_own(tmp_path: Path) -> None:
    """With its place and slope, no household, and energy that was paid for in advance."""
    publish(SCHOOL, new_tokens(SCHOOL), tmp_path)
    operation = read_operation((tmp_path / "operation.json").read_bytes())
    (plant,) = operation.plants
    (price,) = operation.prices
    assert plant.households is None
    assert (plant.peak_power_kw, plant.tilt_deg, plant.azimuth_deg) == (40, 30, 0)
    assert (plant.latitude_deg, plant.longitude_deg) == (46.81, 1.69)
    assert (price.model, price.eur_per_kwh) == (PriceModel.PREPAID, 0.08)
    (counts,) = read_aggregates((tmp_path / "aggregates.json").read_bytes()).counts
    assert counts.members == 20
    assert (counts.household_producers, counts.non_household_plants) == (0, 1)


def test_school_is_told_of_its_production_only(tmp_path: Path) -> None:
    """What it injects is what is shared, and it is told what nobody took."""
    tokens = new_tokens(SCHOOL)
    publish(SCHOOL, tokens, tmp_path)
    path = tmp_path / "members" / member_path(tokens[-1])
    index = unseal(tokens[-1], "index.acc", (path / "index.acc").read_bytes())
    assert read_member(index).role is Role.PRODUCER
    sealed = unseal(tokens[-1], "2026-08.acc", (path / "2026-08.acc").read_bytes())
    page = read_member_month(sealed, "2026-08", PARIS)
    assert set(page.blocks[0].energies) == {Quantity.PRODUCTION, Quantity.SURPLUS}
    body = (tmp_path / "aggregates-2026-08.json").read_bytes()
    together = read_aggregates_month(body, "2026-08", PARIS)
    injected = _total(together, Quantity.SHARED_INJECTION)
    assert _total(page, Quantity.PRODUCTION) == injected
    assert _total(page, Quantity.SURPLUS) == injected - _total(
        together, Quantity.ALLOCATED
    )


@pytest.mark.parametrize(
    ("village", "measured"),
    [
        pytest.param(
            replace(VILLAGE, homes=VILLAGE.homes[:9]), None, id="nine of small plants"
        ),
        pytest.param(
            replace(SCHOOL.village, homes=SCHOOL.village.homes[:9]),
            {Quantity.SHARED_INJECTION},
            id="nine around a school",
        ),
        pytest.param(
            replace(VILLAGE, homes=(VILLAGE.homes[0], *VILLAGE.homes[17:])),
            {Quantity.BASE_WITHDRAWAL, Quantity.TOTAL_WITHDRAWAL},
            id="one small plant",
        ),
    ],
)
def test_small_groups_stay_private(
    tmp_path: Path, village: Village, measured: set[Quantity] | None
) -> None:
    """A sum over fewer than ten is left out, and its month where nothing is left."""
    publication = Publication(village, NOW)
    publish(publication, new_tokens(publication), tmp_path)
    months = read_aggregates((tmp_path / "aggregates.json").read_bytes()).months
    assert len(months) == (4 if measured else 0)
    pages = sorted(tmp_path.glob("aggregates-*.json"))
    assert len(pages) == len(months)
    for path in pages:
        page = read_aggregates_month(path.read_bytes(), path.stem[-7:], PARIS)
        assert set(page.blocks[0].energies) == measured
    (block,) = read_forecast((tmp_path / "forecast.json").read_bytes()).blocks
    assert Quantity.SHARED_INJECTION in block.energies
    assert (Quantity.BASE_WITHDRAWAL in block.energies) == (len(village.homes) >= 10)
    operation = read_operation((tmp_path / "operation.json").read_bytes())
    assert not list(telling_positions(operation))


def test_a_correction_of_the_school_is_the_schools(tmp_path: Path) -> None:
    """The first producer is the roof, not the first home."""
    corrected = replace(SCHOOL, revisions={"2026-08": 2})
    month = SCHOOL.months[1]
    _, before = settled_month(SCHOOL, month)
    _, after = settled_month(corrected, month)
    assert after.production.sum() == pytest.approx(0.9 * before.production.sum(), 1e-3)


def test_months_are_the_four_before_this_one(folder: Path) -> None:
    """October ended three weeks ago: all four are settled."""
    months = read_aggregates((folder / "aggregates.json").read_bytes()).months
    assert [m.month for m in months] == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert {m.quality for m in months} == {Quality.SETTLED}


def test_last_month_is_provisional_at_first() -> None:
    """A week after its end a month is not settled yet; the one before is."""
    early = Publication(VILLAGE, datetime(2026, 11, 7, tzinfo=UTC))
    qualities = [early.quality(month) for month in early.months]
    assert qualities[-2:] == [Quality.SETTLED, Quality.PROVISIONAL]


@pytest.mark.parametrize(
    ("month", "now", "hours"),
    [
        pytest.param("2026-10", NOW, 31 * 24 + 1, id="october has an hour twice"),
        pytest.param("2026-09", NOW, 30 * 24, id="ordinary month"),
        pytest.param(
            "2026-03",
            datetime(2026, 5, 2, tzinfo=UTC),
            31 * 24 - 1,
            id="march lacks an hour",
        ),
    ],
)
def test_pages_have_every_hour(
    tmp_path: Path, month: str, now: datetime, hours: int
) -> None:
    """Whole local months, with 23 and 25 hours on the days of the change."""
    publish(Publication(VILLAGE, now), TOKENS, tmp_path)
    page = _own_page(tmp_path, DEMO_HOME, month)
    assert sum((b.end - b.start for b in page.blocks), timedelta()) == timedelta(
        hours=hours
    )


def test_members_add_up_to_the_aggregates(folder: Path) -> None:
    """What members are told one by one is what everybody is told together."""
    pages = [_own_page(folder, home, "2026-08") for home in range(30)]
    body = (folder / "aggregates-2026-08.json").read_bytes()
    together = read_aggregates_month(body, "2026-08", PARIS)
    allocated = sum(_total(page, Quantity.ALLOCATED) for page in pages)
    producers = [pages[home] for home in VILLAGE.producers]
    surplus = sum(_total(page, Quantity.SURPLUS) for page in producers)
    assert allocated == _total(together, Quantity.ALLOCATED)
    assert allocated + surplus == _total(together, Quantity.SHARED_INJECTION)


def test_only_producers_are_told_of_production(folder: Path) -> None:
    """A consumer's page has no empty production in it."""
    consumer = _own_page(folder, DEMO_HOME, "2026-10").blocks[0]
    producer = _own_page(folder, PRODUCER, "2026-10").blocks[0]
    assert set(producer.energies) - set(consumer.energies) == {
        Quantity.PRODUCTION,
        Quantity.SURPLUS,
    }
    roles = [
        read_member(_own(folder, h, "index.acc")).role for h in (DEMO_HOME, PRODUCER)
    ]
    assert roles == [Role.CONSUMER, Role.PROSUMER]


def test_forecast_covers_today_and_48_hours(folder: Path) -> None:
    """From local midnight until two days from now, at least."""
    blocks = read_forecast((folder / "forecast.json").read_bytes()).blocks
    assert blocks[0].start == datetime(2026, 11, 20, 23, tzinfo=UTC)
    assert blocks[-1].end >= NOW + timedelta(hours=48)
    assert all(later.start == earlier.end for earlier, later in pairwise(blocks))


def test_followers_are_told_what_they_share(folder: Path) -> None:
    """As many in all documents; three days' needs, five classes of errors."""
    forecast = read_forecast((folder / "forecast.json").read_bytes())
    (counts,) = read_aggregates((folder / "aggregates.json").read_bytes()).counts
    assert [need.day.day for need in forecast.flexible] == [21, 22, 23]
    assert {need.homes for need in forecast.flexible} == {counts.followers}
    assert len(forecast.errors) == 5
    members = [read_member(_own(folder, home, "index.acc")) for home in range(30)]
    places = [member.place for member in members if member.place is not None]
    assert len(set(places)) == len(places) == counts.followers


def test_shift_moves_the_forecast_and_no_settlement(
    tmp_path: Path, folder: Path
) -> None:
    """The sun may be moved for a demonstration; what is settled stays."""
    publish(Publication(VILLAGE, NOW, shift=timedelta(hours=12)), TOKENS, tmp_path)
    changed = {path.name for path in folder.glob("*.json")} - {
        path.name
        for path in folder.glob("*.json")
        if path.read_bytes() == (tmp_path / path.name).read_bytes()
    }
    assert changed == {"forecast.json"}


def _stamps(folder: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(folder.rglob("*.*")):
        yield path.relative_to(folder).as_posix(), path.stat().st_ino


def test_publishing_again_touches_nothing(tmp_path: Path) -> None:
    """A poll an hour later finds the same files, but for the forecast."""
    publish(PUBLICATION, TOKENS, tmp_path)
    before = dict(_stamps(tmp_path))
    publish(Publication(VILLAGE, NOW + timedelta(hours=1)), TOKENS, tmp_path)
    after = dict(_stamps(tmp_path))
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {"forecast.json"}


def test_a_correction_replaces_one_month(tmp_path: Path) -> None:
    """A second revision changes what was allocated in that month and in no other."""
    publish(PUBLICATION, TOKENS, tmp_path)
    before = {m: _own_page(tmp_path, DEMO_HOME, m) for m in ("2026-08", "2026-09")}
    publish(Publication(VILLAGE, NOW, {"2026-08": 2}), TOKENS, tmp_path)
    after = {m: _own_page(tmp_path, DEMO_HOME, m) for m in before}
    assert (after["2026-08"].revision, after["2026-09"].revision) == (2, 1)
    allocated = Quantity.ALLOCATED
    assert _total(after["2026-08"], allocated) < _total(before["2026-08"], allocated)
    assert _total(after["2026-09"], allocated) == _total(before["2026-09"], allocated)


async def test_server_answers_unchanged_documents_with_304(
    folder: Path, socket_enabled: None
) -> None:
    """A real conditional request on loopback."""
    async with serving(folder) as address, aiohttp.ClientSession() as session:
        async with session.get(f"{address}operation.json") as response:
            assert response.status == 200
            etag = response.headers["ETag"]
        again = {"If-None-Match": etag}
        async with session.get(f"{address}operation.json", headers=again) as response:
            assert response.status == 304
        async with session.get(f"{address}members/{'0' * 32}/index.acc") as response:
            assert response.status == 404
