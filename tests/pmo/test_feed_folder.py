"""The published folder: whole at every moment, and never more than what belongs there."""

from contextlib import suppress
from datetime import datetime, timedelta
import gzip
import os
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.autoconsommation_collective.adapters.feed_folder import (
    KEPT_FOR,
    FolderError,
    publish_into,
)
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.aggregates import read_aggregates
from custom_components.autoconsommation_collective.pmo.documents import (
    read_member,
    read_operation,
)
from custom_components.autoconsommation_collective.pmo.pages import (
    read_aggregates_month,
    read_member_month,
)
from custom_components.autoconsommation_collective.pmo.publication import (
    Books,
    publication,
)
from custom_components.autoconsommation_collective.pmo.sealing import MemberKeys
from custom_components.autoconsommation_collective.pmo.stamps import (
    Stamps,
    published_paths,
)

from .conftest import PARIS
from .organised import NOW, books, keys_of, members, rekeyed

PEOPLE = members(3)
MONTHS = ("2026-09", "2026-10")


def publish(folder: Path, told: Books, before: Stamps, now: datetime = NOW) -> Stamps:
    """Bring the folder up to date."""
    found = publication(told, before, now)
    publish_into(folder, found.written, found.paths, found.replaced, now)
    return found.stamps


def files(folder: Path) -> set[str]:
    """All that lies there."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir()
    }


def readable(folder: Path, keys: MemberKeys) -> dict[str, int]:
    """Revision of each month that a member can read, its own and all members'; all must be."""
    read_operation((folder / names.OPERATION).read_bytes())
    found = {}
    aggregates = read_aggregates((folder / names.AGGREGATES).read_bytes())
    for month in aggregates.months:
        name = names.aggregates_month(month.month)
        body = (folder / names.lies_as(name, month.digest)).read_bytes()
        page = read_aggregates_month(body, month.month, PARIS)
        assert page.revision == month.revision
        found[name] = page.revision
    own = folder / "members" / keys.path
    index = read_member(keys.unseal(names.MEMBER, (own / names.MEMBER).read_bytes()))
    for month in index.months:
        name = names.member_month(month.month)
        sealed = (own / names.lies_as(name, month.digest)).read_bytes()
        page = read_member_month(keys.unseal(name, sealed), month.month, PARIS)
        assert page.revision == month.revision
        found[name] = page.revision
    return found


def test_what_was_published_can_be_read(tmp_path: Path) -> None:
    """By each member, with its own keys."""
    publish(tmp_path, books(PEOPLE, *MONTHS), Stamps())
    for name in PEOPLE:
        assert len(readable(tmp_path, keys_of(PEOPLE, name))) == 4


def test_public_documents_lie_packed_beside(tmp_path: Path) -> None:
    """So that a web server need not pack them ten thousand times."""
    publish(tmp_path, books(PEOPLE, *MONTHS), Stamps())
    for plain in tmp_path.glob("*.json"):
        packed = plain.with_name(f"{plain.name}.gz").read_bytes()
        assert gzip.decompress(packed) == plain.read_bytes()
    assert not [path for path in files(tmp_path) if path.endswith(".acc.gz")]


class PowerLost(Exception):
    """The machine is off."""


@settings(max_examples=25, deadline=None)
@given(n_done=st.integers(0, 14), correction=st.integers(1, 3))
def test_losing_power_leaves_a_whole_feed(
    tmp_path_factory: pytest.TempPathFactory, n_done: int, correction: int
) -> None:
    """At whatever file: every month that an index names is there at its revision."""
    folder = tmp_path_factory.mktemp("feed")
    before = publish(folder, books(PEOPLE, *MONTHS), Stamps())
    told = books(PEOPLE, *MONTHS, extra_wh=correction)
    left = [n_done]
    really = Path.replace

    def cut_off(self: Path, target: Path) -> Path:
        if not left[0]:
            raise PowerLost
        left[0] -= 1
        return really(self, target)

    with patch.object(Path, "replace", cut_off), suppress(PowerLost):
        publish(folder, told, before)
    for name in PEOPLE:
        assert len(readable(folder, keys_of(PEOPLE, name))) == 4
    # Then, from what was known before, everything is put right.
    publish(folder, told, before, NOW + timedelta(hours=1))
    revisions = readable(folder, keys_of(PEOPLE, "p0"))
    assert set(revisions.values()) == {2}
    assert not [path for path in files(folder) if ".draft" in path]


def test_a_replaced_month_stays_for_a_day(tmp_path: Path) -> None:
    """A home may just have read the index that names it."""
    before = publish(tmp_path, books(PEOPLE, *MONTHS), Stamps())
    old = files(tmp_path)
    for path in old:
        # Nobody has corrected anything for a month.
        os.utime(tmp_path / path, ((NOW - timedelta(days=30)).timestamp(),) * 2)
    after = publish(tmp_path, books(PEOPLE, *MONTHS, extra_wh=1), before)
    assert old < files(tmp_path)
    soon = NOW + KEPT_FOR - timedelta(minutes=1)
    after = publish(tmp_path, books(PEOPLE), after, soon)
    assert old < files(tmp_path)
    later = NOW + KEPT_FOR + timedelta(minutes=1)
    publish(tmp_path, books(PEOPLE), after, later)
    left = old - {
        f"{path}{end}" for path in published_paths(after) for end in ("", ".gz")
    }
    assert len(left) == 2 * len(MONTHS) + len(MONTHS)
    assert not left & files(tmp_path)
    assert len(readable(tmp_path, keys_of(PEOPLE, "p0"))) == 4


def test_a_revoked_members_folder_goes_at_once(tmp_path: Path) -> None:
    """Nothing of the old path is left."""
    before = publish(tmp_path, books(PEOPLE, *MONTHS), Stamps())
    people = PEOPLE | {"p1": rekeyed(PEOPLE["p1"][1])}
    publish(tmp_path, books(people, *MONTHS), before)
    assert not (tmp_path / "members" / keys_of(PEOPLE, "p1").path).exists()
    assert len(readable(tmp_path, keys_of(people, "p1"))) == 4


def test_what_is_not_of_a_feed_is_left_alone(tmp_path: Path) -> None:
    """An organiser may keep a page there, or a picture."""
    (tmp_path / "members").mkdir()
    other = {"index.html", "members/readme.txt", "2026-10.acc", "notes.json"}
    for name in other:
        (tmp_path / name).write_text("mine")
    publish(tmp_path, books(PEOPLE, *MONTHS), Stamps())
    assert other <= files(tmp_path)


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    """Whoever can lay one into the folder could have anything overwritten."""
    folder, outside = tmp_path / "feed", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    secret = outside / "secret"
    secret.write_text("kept")
    (folder / names.OPERATION).symlink_to(secret)
    (folder / f".{names.AGGREGATES}.draft").symlink_to(secret)
    publish(folder, books(PEOPLE), Stamps())
    assert secret.read_text() == "kept"
    assert not (folder / names.OPERATION).is_symlink()


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    """Members' documents would lie where nobody meant them to."""
    folder, outside = tmp_path / "feed", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "members").symlink_to(outside)
    with pytest.raises(FolderError):
        publish(folder, books(PEOPLE), Stamps())
    assert files(outside) == set()


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    """Neither replaced nor deleted."""
    place = tmp_path / "feed"
    place.write_text("mine")
    with pytest.raises(FolderError):
        publish(place, books(PEOPLE), Stamps())
    assert place.read_text() == "mine"
