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
    Aggregates,
    KeyType,
    Member,
    PriceModel,
    Quality,
    Role,
)
from custom_components.autoconsommation_collective.pmo.aggregates import read_aggregates
from custom_components.autoconsommation_collective.pmo.documents import (
    read_member,
    read_operation,
)
from custom_components.autoconsommation_collective.pmo.names import lies_as
from custom_components.autoconsommation_collective.pmo.pages import (
    read_aggregates_month,
    read_forecast,
    read_member_month,
)
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    unseal,
)
from custom_components.autoconsommation_collective.pmo.stamps import Stamps
from script.feed_rules import telling_positions
from script.simulation.organiser import Organiser, id_of, settled_month
from script.simulation.pmo_server import serving
from script.simulation.publisher import new_tokens, publish
from script.simulation.village import Village, found_school, found_village

VILLAGE = found_village()
DEMO_HOME = VILLAGE.shown_home
PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 21, 18, 40, tzinfo=UTC)
ORGANISER = Organiser(VILLAGE, NOW)
TOKENS = new_tokens(VILLAGE)
PRODUCER = VILLAGE.producers[0]
SCHOOL = Organiser(found_school(), NOW)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that was published once."""
    folder = tmp_path_factory.mktemp("feed")
    publish(ORGANISER, TOKENS, folder, Stamps())
    return folder


def _sealed(folder: Path, token: str, name: str, digest: str | None = None) -> bytes:
    """A member's document, opened with its token."""
    path = folder / "members" / member_path(token) / lies_as(name, digest)
    return unseal(token, name, path.read_bytes())


def _index(folder: Path, token: str) -> Member:
    return read_member(_sealed(folder, token, "index.acc"))


def _own_page(folder: Path, token: str, month: str) -> MonthPage:
    """As its index names it."""
    months = {one.month: one.digest for one in _index(folder, token).months}
    body = _sealed(folder, token, f"{month}.acc", months[month])
    return read_member_month(body, month, PARIS)


def _aggregates(folder: Path) -> Aggregates:
    return read_aggregates((folder / "aggregates.json").read_bytes())


def _page_of_all(folder: Path, month: str) -> MonthPage:
    """As the index of all names it."""
    months = {one.month: one.digest for one in _aggregates(folder).months}
    name = lies_as(f"aggregates-{month}.json", months[month])
    return read_aggregates_month((folder / name).read_bytes(), month, PARIS)


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
    publish(SCHOOL, new_tokens(SCHOOL.village), tmp_path, Stamps())
    operation = read_operation((tmp_path / "operation.json").read_bytes())
    (plant,) = operation.plants
    (price,) = operation.prices
    assert plant.households is None
    assert (plant.peak_power_kw, plant.tilt_deg, plant.azimuth_deg) == (40, 30, 0)
    assert (plant.latitude_deg, plant.longitude_deg) == (46.81, 1.69)
    assert (price.model, price.eur_per_kwh) == (PriceModel.PREPAID, 0.08)
    (counts,) = _aggregates(tmp_path).counts
    assert counts.members == 20
    assert (counts.household_producers, counts.non_household_plants) == (0, 1)


def test_school_is_told_of_its_production_only(tmp_path: Path) -> None:
    """What it injects is what is shared, and it is told what nobody took."""
    tokens = new_tokens(SCHOOL.village)
    publish(SCHOOL, tokens, tmp_path, Stamps())
    assert _index(tmp_path, tokens[-1]).role is Role.PRODUCER
    page = _own_page(tmp_path, tokens[-1], "2026-08")
    assert set(page.blocks[0].energies) == {Quantity.PRODUCTION, Quantity.SURPLUS}
    together = _page_of_all(tmp_path, "2026-08")
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
    publish(Organiser(village, NOW), new_tokens(village), tmp_path, Stamps())
    months = _aggregates(tmp_path).months
    assert len(months) == (4 if measured else 0)
    pages = sorted(tmp_path.glob("aggregates-*.json"))
    assert len(pages) == len(months)
    for month in months:
        page = _page_of_all(tmp_path, month.month)
        assert set(page.blocks[0].energies) == measured
    (block,) = read_forecast((tmp_path / "forecast.json").read_bytes()).blocks
    assert Quantity.SHARED_INJECTION in block.energies
    assert (Quantity.BASE_WITHDRAWAL in block.energies) == (len(village.homes) >= 10)
    operation = read_operation((tmp_path / "operation.json").read_bytes())
    assert not list(telling_positions(operation))


def test_a_correction_of_the_school_is_the_schools() -> None:
    """The first producer is the roof, not the first home."""
    corrected = replace(SCHOOL, corrected=frozenset({"2026-08"}))
    roof = id_of(len(SCHOOL.village.homes))
    before, after = (
        settled_month(one, SCHOOL.months[1]).pages[roof].total_wh(Quantity.PRODUCTION)
        for one in (SCHOOL, corrected)
    )
    assert before
    assert after == pytest.approx(0.9 * before, 1e-3)


def test_months_are_the_four_before_this_one(folder: Path) -> None:
    """October ended three weeks ago: all four are settled."""
    months = _aggregates(folder).months
    assert [m.month for m in months] == ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert {m.quality for m in months} == {Quality.SETTLED}


def test_last_month_is_provisional_at_first(tmp_path: Path) -> None:
    """A week after its end the grid operator told nothing of it yet."""
    early = Organiser(VILLAGE, datetime(2026, 11, 7, tzinfo=UTC))
    publish(early, TOKENS, tmp_path, Stamps())
    qualities = [month.quality for month in _aggregates(tmp_path).months]
    assert qualities[-2:] == [Quality.SETTLED, Quality.PROVISIONAL]
    own = [month.quality for month in _index(tmp_path, TOKENS[DEMO_HOME]).months]
    assert own == qualities


def test_what_the_operator_told_is_what_the_key_gives() -> None:
    """No month has anything that its organiser would have to look at."""
    for month in ORGANISER.months:
        assert settled_month(ORGANISER, month).report.is_complete


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
    publish(Organiser(VILLAGE, now), TOKENS, tmp_path, Stamps())
    page = _own_page(tmp_path, TOKENS[DEMO_HOME], month)
    assert sum((b.end - b.start for b in page.blocks), timedelta()) == timedelta(
        hours=hours
    )


def test_members_add_up_to_the_aggregates(folder: Path) -> None:
    """What members are told one by one is what everybody is told together."""
    pages = [_own_page(folder, TOKENS[home], "2026-08") for home in range(30)]
    together = _page_of_all(folder, "2026-08")
    allocated = sum(_total(page, Quantity.ALLOCATED) for page in pages)
    producers = [pages[home] for home in VILLAGE.producers]
    surplus = sum(_total(page, Quantity.SURPLUS) for page in producers)
    assert allocated == _total(together, Quantity.ALLOCATED)
    assert allocated + surplus == _total(together, Quantity.SHARED_INJECTION)


def test_only_producers_are_told_of_production(folder: Path) -> None:
    """A consumer's page has no empty production in it."""
    consumer = _own_page(folder, TOKENS[DEMO_HOME], "2026-10").blocks[0]
    producer = _own_page(folder, TOKENS[PRODUCER], "2026-10").blocks[0]
    assert set(producer.energies) - set(consumer.energies) == {
        Quantity.PRODUCTION,
        Quantity.SURPLUS,
    }
    roles = [_index(folder, TOKENS[home]).role for home in (DEMO_HOME, PRODUCER)]
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
    (counts,) = _aggregates(folder).counts
    assert [need.day.day for need in forecast.flexible] == [21, 22, 23]
    assert {need.homes for need in forecast.flexible} == {counts.followers}
    assert len(forecast.errors) == 5
    members = [_index(folder, token) for token in TOKENS]
    places = [member.place for member in members if member.place is not None]
    assert len(set(places)) == len(places) == counts.followers


def test_shift_moves_the_forecast_and_no_settlement(tmp_path: Path) -> None:
    """The sun may be moved for a demonstration; what is settled stays."""
    stamps = publish(ORGANISER, TOKENS, tmp_path, Stamps())
    before = dict(_inodes(tmp_path))
    shifted = replace(ORGANISER, shift=timedelta(hours=12))
    publish(shifted, TOKENS, tmp_path, stamps)
    assert _replaced(before, tmp_path) == FORECAST


FORECAST = {"forecast.json", "forecast.json.gz"}


def _inodes(folder: Path) -> Iterator[tuple[str, int]]:
    for path in sorted(folder.rglob("*.*")):
        yield path.relative_to(folder).as_posix(), path.stat().st_ino


def _replaced(before: dict[str, int], folder: Path) -> set[str]:
    """Paths that are new, or were written again."""
    return {name for name, inode in _inodes(folder) if before.get(name) != inode}


@pytest.mark.parametrize(
    ("hours", "replaced"),
    [
        pytest.param(1, set(), id="an hour later"),
        pytest.param(6, FORECAST, id="the next day"),
    ],
)
def test_publishing_again_touches_the_forecast_once_a_day(
    tmp_path: Path, hours: int, replaced: set[str]
) -> None:
    """A poll finds the same files, but for the day that came to an end."""
    stamps = publish(ORGANISER, TOKENS, tmp_path, Stamps())
    before = dict(_inodes(tmp_path))
    later = replace(ORGANISER, now=NOW + timedelta(hours=hours))
    publish(later, TOKENS, tmp_path, stamps)
    assert _replaced(before, tmp_path) == replaced


def test_a_correction_replaces_one_month(tmp_path: Path) -> None:
    """A second revision changes what was allocated in that month and in no other."""
    stamps = publish(ORGANISER, TOKENS, tmp_path, Stamps())
    token = TOKENS[DEMO_HOME]
    before = {m: _own_page(tmp_path, token, m) for m in ("2026-08", "2026-09")}
    corrected = replace(ORGANISER, corrected=frozenset({"2026-08"}))
    publish(corrected, TOKENS, tmp_path, stamps)
    after = {m: _own_page(tmp_path, token, m) for m in before}
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
