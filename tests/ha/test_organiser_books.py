"""An organiser's books in a real Home Assistant: kept, worked out anew, and published."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import UTC, date, datetime
from operator import methodcaller
from pathlib import Path
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.engine.model import (
    Quality,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    Participant,
    Roster,
)
from custom_components.autoconsommation_collective.engine.roster_changes import (
    from_then_on,
)
from custom_components.autoconsommation_collective.organiser.books import Books
from custom_components.autoconsommation_collective.organiser.publishing import (
    async_publish,
)
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import member_path
from custom_components.autoconsommation_collective.pmo.stamps import published_paths
from script.feed_check import check
from tests.engine.organised_cases import (
    MONTH,
    PARIS,
    SINCE,
    STEP,
    participant,
    random_curves,
)

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BASE = "https://pmo.example/feed/"
KEYS = (AgreedKey("prorata", SINCE),)
EMPTY = Roster("Indre solaire", "ACC00000123", PARIS.key, STEP, KEYS)


def home(n: int) -> Participant:
    """One of twelve; the first is a prosumer."""
    role = Role.PROSUMER if n == 0 else Role.CONSUMER
    one = participant(f"{30001234567890 + n}", role, consent=(SINCE,))
    return replace(one, id=f"id{n}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where it is published."""
    return tmp_path / "feed"


HOMES = tuple(home(n) for n in range(12))
ROSTER = replace(EMPTY, participants=HOMES)
MONTH_OF_ALL = Delivery(tuple(random_curves(HOMES)))


@pytest.fixture
async def books(hass: HomeAssistant, disk: Path) -> Books:
    """With everybody in them."""
    books = Books(hass, "op", EMPTY)
    await books.async_load()
    await books.async_change(lambda _: ROSTER)
    return books


async def findings(folder: Path, token: str) -> list[str]:
    """What the check of feeds finds for that member."""
    found = await check(str(folder), Invitation(BASE, token).text, NOW)
    return [text for texts in found.values() for text in texts]


async def test_a_restart_loses_nothing(hass: HomeAssistant, books: Books) -> None:
    """Neither the list, nor months, nor keys, nor what was published."""
    await books.async_take_in(MONTH_OF_ALL)
    await books.async_invite("id1")
    again = Books(hass, "op", EMPTY)
    await again.async_load()
    assert again.roster == books.roster
    assert again.keys == books.keys
    assert again.publishing == books.publishing
    assert again.community.keys() == {MONTH}
    assert await again.async_months() == [MONTH]


async def lost_power(hass: HomeAssistant, change: Awaitable[object]) -> Books:
    """The books as they are found again, had power been lost in the middle of a change."""
    cut = patch.object(Books, "_async_keep", side_effect=InterruptedError)
    with cut, pytest.raises(InterruptedError):
        await change
    again = Books(hass, "op", EMPTY)
    await again.async_load()
    return again


async def test_losing_power_while_a_month_is_taken_in(
    hass: HomeAssistant, books: Books
) -> None:
    """What the disk has already is published, as if nothing had been."""
    again = await lost_power(hass, books.async_take_in(MONTH_OF_ALL))
    assert again.publishing.due == {MONTH}
    assert again.community.keys() == {MONTH}
    assert again.reports.keys() == {MONTH}


async def test_losing_power_while_the_list_changes(
    hass: HomeAssistant, books: Books
) -> None:
    """The months that it changes are worked out anew all the same."""
    await books.async_take_in(MONTH_OF_ALL)
    await books.async_set_publishing(replace(books.publishing, due=frozenset()))
    without = replace(books.roster, participants=HOMES[:-1])
    again = await lost_power(hass, books.async_change(lambda _: without))
    assert again.publishing.due == {MONTH}
    drawn = Quantity.TOTAL_WITHDRAWAL
    before, after = (one.community[MONTH].total_wh(drawn) for one in (books, again))
    assert after < before


async def test_a_preview_keeps_nothing(books: Books) -> None:
    """It says the same as taking in."""
    previewed = await books.async_preview(MONTH_OF_ALL)
    assert await books.async_months() == []
    assert await books.async_take_in(MONTH_OF_ALL) == previewed
    (report,) = previewed
    assert report.quality is Quality.PROVISIONAL
    assert report.is_complete


async def test_a_month_in_two_deliveries(books: Books) -> None:
    """What is missing of the first comes with the second."""
    first, second = MONTH_OF_ALL.curves[:4], MONTH_OF_ALL.curves[4:]
    (report,) = await books.async_take_in(Delivery(first))
    assert len(report.missing) == 8
    (report,) = await books.async_take_in(Delivery(second))
    assert report.is_complete


async def test_the_same_file_again_changes_nothing(books: Books) -> None:
    """Nothing waits to be published for it; the report is told all the same."""
    first = await books.async_take_in(MONTH_OF_ALL)
    await books.async_set_publishing(replace(books.publishing, due=frozenset()))
    assert await books.async_take_in(MONTH_OF_ALL) == first
    assert books.publishing.due == frozenset()


async def test_published_and_read(
    books: Books, hass: HomeAssistant, folder: Path
) -> None:
    """By everybody who was invited."""
    await books.async_take_in(MONTH_OF_ALL)
    tokens = {one.id: await books.async_invite(one.id) for one in HOMES}
    n_written = await async_publish(hass, books, folder, NOW, TODAY)
    assert n_written == 3 + 1 + 2 * 12
    for token in tokens.values():
        assert await findings(folder, token) == []
    assert await async_publish(hass, books, folder, NOW, TODAY) == 0


async def test_a_correction_is_published_to_whom_it_concerns(
    books: Books, hass: HomeAssistant, folder: Path
) -> None:
    """One home drew less: under pro rata all get more, where the sun did not suffice."""
    await books.async_take_in(MONTH_OF_ALL)
    tokens = {one.id: await books.async_invite(one.id) for one in HOMES}
    await async_publish(hass, books, folder, NOW, TODAY)
    before = await books.async_month(MONTH)
    (block,) = MONTH_OF_ALL.curves[3].blocks
    lower = {q: wh / 2 for q, wh in block.energies.items()}
    curve = replace(MONTH_OF_ALL.curves[3], blocks=(replace(block, energies=lower),))
    await books.async_take_in(Delivery((curve,)))
    assert books.publishing.due == {MONTH}
    await async_publish(hass, books, folder, NOW, TODAY)
    after = await books.async_month(MONTH)
    assert before is not None
    assert after is not None
    assert after.pages["id3"].total_wh(Quantity.CONSUMPTION) != before.pages[
        "id3"
    ].total_wh(Quantity.CONSUMPTION)
    assert await findings(folder, tokens["id3"]) == []
    assert books.publishing.stamps.months["id3"][MONTH].revision == 2


async def test_a_new_token_closes_the_old_door(
    books: Books, hass: HomeAssistant, folder: Path
) -> None:
    """All months lie under the new path."""
    await books.async_take_in(MONTH_OF_ALL)
    old = await books.async_invite("id1")
    await async_publish(hass, books, folder, NOW, TODAY)
    new = await books.async_invite("id1")
    await async_publish(hass, books, folder, NOW, TODAY)
    assert not (folder / "members" / member_path(old)).exists()
    assert await findings(folder, new) == []
    assert books.publishing.stamps.months["id1"][MONTH].revision == 1


async def test_a_revoked_member_has_nothing_there(
    books: Books, hass: HomeAssistant, folder: Path
) -> None:
    """From the next publication on."""
    await books.async_take_in(MONTH_OF_ALL)
    token = await books.async_invite("id1")
    await async_publish(hass, books, folder, NOW, TODAY)
    await books.async_revoke("id1")
    await async_publish(hass, books, folder, NOW, TODAY)
    assert not (folder / "members" / member_path(token)).exists()


async def test_an_agreement_that_comes_back_brings_all_months(
    books: Books, hass: HomeAssistant, folder: Path
) -> None:
    """With the invitation of before; no month need be published for it."""
    await books.async_take_in(MONTH_OF_ALL)
    token = await books.async_invite("id1")
    await async_publish(hass, books, folder, NOW, TODAY)
    for consent in ((), HOMES[1].consent):
        told = replace(HOMES[1], consent=consent)
        await books.async_change(methodcaller("with_participant", told))
        await async_publish(hass, books, folder, NOW, TODAY, with_months=False)
        there = list((folder / "members" / member_path(token)).glob("2026-10.*.acc"))
        assert len(there) == len(consent)
    assert await findings(folder, token) == []


async def test_who_was_no_member_after_all_has_no_month_left(
    books: Books, hass: HomeAssistant, folder: Path
) -> None:
    """It was somebody else's, and lies there no more from the next publication on."""
    await books.async_take_in(MONTH_OF_ALL)
    token = await books.async_invite("id1")
    await async_publish(hass, books, folder, NOW, TODAY)
    november = (Validity(date(2026, 11, 1)),)
    await books.async_change(
        lambda known: known.with_participant(replace(HOMES[1], membership=november))
    )
    await async_publish(hass, books, folder, NOW, TODAY)
    assert published_paths(books.publishing.stamps) & {
        f"members/{member_path(token)}/{path.name}"
        for path in (folder / "members" / member_path(token)).iterdir()
    } == {f"members/{member_path(token)}/index.acc"}
    assert await findings(folder, token) == []


async def test_who_leaves_in_the_middle_changes_the_month(books: Books) -> None:
    """It is worked out and published anew."""
    await books.async_take_in(MONTH_OF_ALL)
    await books.async_set_publishing(replace(books.publishing, due=frozenset()))
    left = Validity(date(2025, 1, 1), date(2026, 10, 15))
    await books.async_change(
        lambda known: known.with_participant(
            replace(known.participants[2], membership=(left,))
        )
    )
    assert books.publishing.due == {MONTH}
    month = await books.async_month(MONTH)
    assert month is not None
    assert month.pages["id2"].blocks[0].n_steps == 15 * 48


async def test_who_comes_later_changes_no_month_before(books: Books) -> None:
    """Nor does a key of the next month; nothing waits to be published again."""
    await books.async_take_in(MONTH_OF_ALL)
    await books.async_set_publishing(replace(books.publishing, due=frozenset()))
    november = Validity(date(2026, 11, 1))
    late = replace(home(99), membership=(november,))
    await books.async_change(lambda known: known.with_participant(late))
    keys = from_then_on(books.roster.keys, AgreedKey("fair", november))
    await books.async_change(lambda known: replace(known, keys=keys))
    assert books.publishing.due == frozenset()
    october = Validity(date(2026, 10, 31))
    keys = from_then_on(books.roster.keys, AgreedKey("fair", october))
    await books.async_change(lambda known: replace(known, keys=keys))
    assert books.publishing.due == {MONTH}


async def test_a_new_name_changes_no_month(books: Books) -> None:
    """Nor does an agreement to be published."""
    await books.async_take_in(MONTH_OF_ALL)
    await books.async_set_publishing(replace(books.publishing, due=frozenset()))
    await books.async_change(
        lambda known: known.with_participant(
            replace(known.participants[2], name="Zoé", consent=())
        )
    )
    assert books.publishing.due == frozenset()


async def test_two_changes_that_wait_are_both_kept(
    hass: HomeAssistant, books: Books
) -> None:
    """Two forms sent while it is being published, or from two browsers."""
    renamed = replace(HOMES[1], name="Zoé"), replace(HOMES[2], name="Ali")
    async with books.changing:
        changes = [
            hass.async_create_task(
                books.async_change(methodcaller("with_participant", one))
            )
            for one in renamed
        ]
        await asyncio.sleep(0)
    await asyncio.gather(*changes)
    names = {one.name for one in books.roster.participants}
    assert {"Zoé", "Ali"} <= names
