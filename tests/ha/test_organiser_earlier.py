"""What an organiser's earlier versions wrote is read; what is damaged costs nothing else.

Each folder of `earlier_organiser/` holds the files as a version wrote them, its config entry,
and the invitation that a member got then.
"""

from collections.abc import Callable
from datetime import UTC, datetime
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.engine.roster_store import (
    stored_roster,
)
from custom_components.autoconsommation_collective.organiser.settings import (
    stored_settings,
)
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.stamps import stored_stamps
from script.feed_check import check
from tests.engine.organised_cases import random_curves

from .feed import Organiser
from .house import KEY, NOW, member_entry, set_up, settle_down, wait
from .organised import MONTH, books_of, coordinator_of, shown

pytestmark = pytest.mark.freeze_time(NOW)

EARLIER = Path(__file__).parent / "earlier_organiser"
VERSIONS = sorted(folder.name for folder in EARLIER.iterdir())
NO_STORE = {"entry.json", "told.json"}
WRITTEN_INTO = "/config/feed"
"""The folder of the feed as the settings have it, for which a test has one of its own."""

ROSTER, KEYS, PUBLISHED = "roster", "member_keys", "published"
SETTINGS, COMMUNITY, ENERGIES = (
    "settings",
    f"community.{MONTH}",
    f"energies.{MONTH}.npz",
)
DOCUMENTS = (ROSTER, KEYS, PUBLISHED, SETTINGS, COMMUNITY)


class Kept:
    """What an organiser's Home Assistant keeps on its disk, and its entry."""

    def __init__(self, version: str, disk: Path, folder: Path) -> None:
        """Move in with the files of a version, that publishes into the folder."""
        self._source = EARLIER / version
        told: dict[str, Any] = json.loads((self._source / "entry.json").read_text())
        self.entry = MockConfigEntry(domain=DOMAIN, **told)
        self.folder = folder
        self._disk = disk
        for path in self._source.iterdir():
            if path.name not in NO_STORE:
                name = path.name.removesuffix(".json")
                body = path.read_bytes()
                self.path(name).write_bytes(
                    body.replace(WRITTEN_INTO.encode(), str(folder).encode())
                )

    def path(self, name: str) -> Path:
        """Where a file lies."""
        key = f"organiser_{self.entry.entry_id}"
        return self._disk / f"{DOMAIN}.{key}.{name}"

    def told(self, name: str) -> dict[str, Any]:
        """What a document was written with."""
        found: dict[str, Any] = json.loads((self._source / f"{name}.json").read_text())
        return found

    def contents(self) -> dict[str, bytes]:
        """All files."""
        return {path.name: path.read_bytes() for path in self._disk.glob(f"{DOMAIN}.*")}

    def feed(self) -> dict[str, bytes]:
        """All that lies in the published folder."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    async def findings(self) -> list[str]:
        """What the check of feeds finds for the member who was invited then."""
        address = "https://pmo.example/feed/"
        invitation = Invitation(address, self.told("told")["token"]).text
        found = await check(str(self.folder), invitation, NOW)
        return [text for texts in found.values() for text in texts]


async def load(hass: HomeAssistant, entry: ConfigEntry) -> bool:
    """Set the entry up, whether it can be or not."""
    is_loaded = await hass.config_entries.async_setup(entry.entry_id)
    await settle_down(hass)
    return is_loaded


@pytest.fixture(params=VERSIONS)
async def kept(
    request: pytest.FixtureRequest, hass: HomeAssistant, disk: Path, tmp_path: Path
) -> Kept:
    """As that version left it; nothing is loaded, and all that was published is there."""
    kept = Kept(request.param, disk, tmp_path / "feed")
    kept.entry.add_to_hass(hass)
    assert await load(hass, kept.entry)
    assert await hass.config_entries.async_unload(kept.entry.entry_id)
    await settle_down(hass)
    return kept


def damage_issue(hass: HomeAssistant, entry: ConfigEntry) -> str | None:
    """What the repair issue says is damaged; None without one."""
    issue = ir.async_get(hass).async_get_issue(DOMAIN, f"damaged_{entry.entry_id}")
    return issue and (issue.translation_placeholders or {})["damage"]


# Earlier versions


async def test_goes_on_with_what_it_kept(hass: HomeAssistant, kept: Kept) -> None:
    """The list to the last day, months, keys, stamps, settings; old invitations still open."""
    assert await load(hass, kept.entry)
    books = books_of(kept.entry)
    roster = json.loads(json.dumps(stored_roster(books.roster)))
    for one, before in zip(
        roster["participants"], kept.told(ROSTER)["data"]["participants"], strict=True
    ):
        assert one.items() >= before.items()
    assert (
        roster.items()
        >= {
            key: told
            for key, told in kept.told(ROSTER)["data"].items()
            if key != "participants"
        }.items()
    )
    assert books.keys.keys() == kept.told(KEYS)["data"].keys()
    told = kept.told(SETTINGS)["data"] | {"folder": str(kept.folder)}
    assert stored_settings(books.settings).items() >= told.items()
    stamps = json.loads(json.dumps(stored_stamps(books.publishing.stamps)))
    for whose, months in kept.told(PUBLISHED)["data"]["stamps"]["months"].items():
        for month, stamp in months.items():
            # What a later version tells otherwise is a later revision, never an earlier one.
            assert stamps["months"][whose][month]["revision"] >= stamp["revision"]
    assert books.community.keys() == {MONTH}
    assert float(shown(hass, "shared_month").state) > 0
    assert await kept.findings() == []
    assert await coordinator_of(kept.entry).async_publish() == 0
    assert damage_issue(hass, kept.entry) is None


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_newer_version_is_not_written_over(
    hass: HomeAssistant, kept: Kept, name: str
) -> None:
    """After a downgrade it says so, and leaves everything as it is."""
    told = json.loads(kept.path(name).read_text())
    kept.path(name).write_text(json.dumps(told | {"version": 2}))
    before = kept.contents(), kept.feed()
    assert not await load(hass, kept.entry)
    assert kept.entry.state is ConfigEntryState.SETUP_ERROR
    assert kept.entry.error_reason_translation_key == "stored_by_newer"
    assert name in kept.entry.error_reason_translation_placeholders["file"]
    assert (kept.contents(), kept.feed()) == before


async def test_of_a_member_neither(
    hass: HomeAssistant, organiser: Organiser, disk: Path
) -> None:
    """Its files are kept in the same way."""
    entry = member_entry(organiser)
    await set_up(hass, entry)
    await hass.config_entries.async_unload(entry.entry_id)
    path = disk / f"{DOMAIN}.{KEY}.feed"
    newer = json.dumps(json.loads(path.read_text()) | {"version": 2})
    path.write_text(newer)
    assert not await load(hass, entry)
    assert entry.error_reason_translation_key == "stored_by_newer"
    assert path.read_text() == newer


# What is damaged


def cut(path: Path) -> None:
    """As after a loss of power on a disk that lies."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def emptied(path: Path) -> None:
    """Its name is there, and nothing in it."""
    path.write_bytes(b"")


def rewritten(path: Path) -> None:
    """Something else in good JSON."""
    path.write_text(json.dumps({"version": 1, "minor_version": 1, "data": {"a": 1}}))


def zeroed(path: Path) -> None:
    """A sector of it is lost."""
    body = bytearray(path.read_bytes())
    middle = len(body) // 2
    body[middle : middle + 512] = bytes(512)
    path.write_bytes(bytes(body))


type Damage = Callable[[Path], None]
DAMAGES = pytest.mark.parametrize("damage", [cut, emptied, rewritten, zeroed])


@DAMAGES
async def test_without_the_list_nothing_is_done(
    hass: HomeAssistant, kept: Kept, damage: Damage
) -> None:
    """However often it is tried; with the list of a backup everything is as before."""
    healthy, feed = kept.path(ROSTER).read_bytes(), kept.feed()
    damage(kept.path(ROSTER))
    damaged = kept.path(ROSTER).read_bytes()
    others = {n: b for n, b in kept.contents().items() if not n.endswith(ROSTER)}
    for _ in range(2):
        assert not await load(hass, kept.entry)
        assert kept.entry.state is ConfigEntryState.SETUP_ERROR
        assert kept.entry.error_reason_translation_key == "roster_damaged"
        there = kept.contents()
        assert there.items() >= others.items()
        assert damaged in there.values()
        assert kept.feed() == feed
        await hass.config_entries.async_unload(kept.entry.entry_id)
    kept.path(ROSTER).write_bytes(healthy)
    assert await load(hass, kept.entry)
    assert await kept.findings() == []


async def test_a_list_that_is_gone(hass: HomeAssistant, kept: Kept) -> None:
    """As after half a backup: who was invited shows that there was one."""
    kept.path(ROSTER).unlink()
    assert not await load(hass, kept.entry)
    assert kept.entry.error_reason_translation_key == "roster_damaged"


@DAMAGES
async def test_without_the_keys_nothing_is_taken_from_anybody(
    hass: HomeAssistant, kept: Kept, damage: Damage, freezer: FrozenDateTimeFactory
) -> None:
    """Neither at night nor by the button; with the keys of a backup it goes on."""
    healthy, feed = kept.path(KEYS).read_bytes(), kept.feed()
    damage(kept.path(KEYS))
    damaged = kept.path(KEYS).read_bytes()
    assert await load(hass, kept.entry)
    assert len(books_of(kept.entry).roster.participants) == 13
    assert KEYS in (damage_issue(hass, kept.entry) or "")
    with pytest.raises(HomeAssistantError) as refused:
        await coordinator_of(kept.entry).async_publish()
    assert refused.value.translation_key == "publishing_no_keys"
    await wait(hass, freezer, datetime(2026, 11, 20, 23, 5, tzinfo=UTC))
    assert kept.feed() == feed
    assert damaged in kept.contents().values()
    kept.path(KEYS).write_bytes(healthy)
    assert await hass.config_entries.async_reload(kept.entry.entry_id)
    await settle_down(hass)
    assert damage_issue(hass, kept.entry) is None
    assert await coordinator_of(kept.entry).async_publish() == 0


async def test_new_invitations_instead_of_the_keys(
    hass: HomeAssistant, kept: Kept
) -> None:
    """Without a backup: the first one opens publishing again."""
    cut(kept.path(KEYS))
    assert await load(hass, kept.entry)
    await books_of(kept.entry).async_invite("id1")
    await settle_down(hass)
    assert damage_issue(hass, kept.entry) is None
    await coordinator_of(kept.entry).async_publish()
    homes = {path.split("/")[1] for path in kept.feed() if path.startswith("members/")}
    assert homes == {books_of(kept.entry).keys["id1"].path}


@DAMAGES
async def test_what_was_published_is_published_anew(
    hass: HomeAssistant, kept: Kept, damage: Damage, freezer: FrozenDateTimeFactory
) -> None:
    """Once its organiser wants it, and so that those who have it take it."""
    feed = kept.feed()
    before = kept.told(PUBLISHED)["data"]["stamps"]["months"]["id1"][MONTH]["revision"]
    damage(kept.path(PUBLISHED))
    damaged = kept.path(PUBLISHED).read_bytes()
    assert await load(hass, kept.entry)
    assert PUBLISHED in (damage_issue(hass, kept.entry) or "")
    await wait(hass, freezer, datetime(2026, 11, 20, 23, 5, tzinfo=UTC))
    assert kept.feed() == feed
    books = books_of(kept.entry)
    assert books.publishing.due == {MONTH}
    assert await coordinator_of(kept.entry).async_publish() > 0
    await settle_down(hass)
    assert damage_issue(hass, kept.entry) is None
    assert books.publishing.stamps.months["id1"][MONTH].revision > before
    assert await kept.findings() == []
    assert damaged in kept.contents().values()


async def test_what_this_version_does_not_know_waits_for_one_that_does(
    hass: HomeAssistant, kept: Kept
) -> None:
    """A duty of a later version: told again or not, what was set is not lost."""
    told = json.loads(kept.path(SETTINGS).read_text())
    told["data"]["days"]["later_duty"] = 3
    later = json.dumps(told)
    kept.path(SETTINGS).write_text(later)
    assert await load(hass, kept.entry)
    assert SETTINGS in (damage_issue(hass, kept.entry) or "")
    assert kept.path(SETTINGS).read_text() == later
    await books_of(kept.entry).async_set_settings(books_of(kept.entry).settings)
    await settle_down(hass)
    assert damage_issue(hass, kept.entry) is None
    assert later.encode() in kept.contents().values()


@DAMAGES
async def test_settings_are_told_again(
    hass: HomeAssistant, kept: Kept, damage: Damage
) -> None:
    """Meanwhile nothing is published, and what lies there stays."""
    feed = kept.feed()
    damage(kept.path(SETTINGS))
    damaged = kept.path(SETTINGS).read_bytes()
    assert await load(hass, kept.entry)
    books = books_of(kept.entry)
    assert SETTINGS in (damage_issue(hass, kept.entry) or "")
    assert books.settings.folder is None
    assert len(books.roster.participants) == 13
    assert kept.feed() == feed
    await books.async_set_settings(books.settings)
    await settle_down(hass)
    assert damage_issue(hass, kept.entry) is None
    assert damaged in kept.contents().values()


@DAMAGES
async def test_sums_of_all_are_worked_out_anew(
    hass: HomeAssistant, kept: Kept, damage: Damage
) -> None:
    """From everybody's energies; nobody need do anything."""
    damage(kept.path(COMMUNITY))
    assert await load(hass, kept.entry)
    again = json.loads(kept.path(COMMUNITY).read_text())["data"]
    assert again == kept.told(COMMUNITY)["data"]
    assert damage_issue(hass, kept.entry) is None
    assert await coordinator_of(kept.entry).async_publish() == 0


@DAMAGES
async def test_energies_are_taken_in_again(
    hass: HomeAssistant, kept: Kept, damage: Damage
) -> None:
    """Meanwhile what was published stays; the damaged file is not written over."""
    feed = kept.feed()
    damage(kept.path(ENERGIES))
    damaged = kept.path(ENERGIES).read_bytes()
    assert await load(hass, kept.entry)
    books = books_of(kept.entry)
    assert "10/2026" in (damage_issue(hass, kept.entry) or "")
    assert books.community.keys() == {MONTH}
    await coordinator_of(kept.entry).async_publish()
    assert kept.feed() == feed
    people = books.roster.participants
    await books.async_take_in(Delivery(tuple(random_curves(people))))
    await settle_down(hass)
    assert damage_issue(hass, kept.entry) is None
    assert books.reports[MONTH].tally is not None
    assert damaged in kept.contents().values()
    assert await hass.config_entries.async_reload(kept.entry.entry_id)
    assert damage_issue(hass, kept.entry) is None


async def test_all_of_it_goes_with_the_entry(hass: HomeAssistant, kept: Kept) -> None:
    """What was put aside, too."""
    cut(kept.path(KEYS))
    assert await load(hass, kept.entry)
    await hass.config_entries.async_remove(kept.entry.entry_id)
    assert kept.contents() == {}
