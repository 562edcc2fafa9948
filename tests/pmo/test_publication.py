"""A publication writes what is new, and nothing else; what lies there stays readable."""

from dataclasses import replace
from datetime import timedelta
import json

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.errors import DocumentError
from custom_components.autoconsommation_collective.pmo.pages import read_member_month
from custom_components.autoconsommation_collective.pmo.publication import (
    Publication,
    publication,
)
from custom_components.autoconsommation_collective.pmo.sealing import unseal
from custom_components.autoconsommation_collective.pmo.stamps import (
    EVERYBODY,
    Stamps,
    forgotten,
    published_paths,
    restored_stamps,
    stored_stamps,
    without,
)

from .conftest import PARIS
from .organised import NOW, books, keys_of, members, rekeyed

LATER = NOW + timedelta(days=30)
PEOPLE = members(3)


def first() -> Publication:
    """Two months of three members."""
    return publication(books(PEOPLE, "2026-09", "2026-10"), Stamps(), NOW)


def folder_of(name: str) -> str:
    """Where a member's documents lie."""
    return f"members/{keys_of(PEOPLE, name).path}/"


def test_all_that_belongs_there_is_written() -> None:
    """Three documents for all and two months, and of each member an index and two months."""
    found = first()
    assert found.written.keys() == found.paths
    assert len(found.paths) == 3 + 2 + 3 * 3


def test_months_come_before_the_indexes_that_name_them() -> None:
    """Whoever reads an index finds what it names."""
    order = list(first().written)
    for index in (names.AGGREGATES, f"{folder_of('p0')}index.acc"):
        folder = index.rpartition("/")[0]
        months = [
            path
            for path in order
            if path.rpartition("/")[0] == folder and "2026-" in path
        ]
        assert max(map(order.index, months)) < order.index(index)


def test_the_same_again_writes_nothing() -> None:
    """However much later."""
    before = first()
    again = publication(books(PEOPLE, "2026-09", "2026-10"), before.stamps, LATER)
    assert again.written == {}
    assert again.paths == before.paths
    assert again.stamps == before.stamps


def test_months_that_are_not_told_again_stand() -> None:
    """A publication need not hold a year of energies in its hands."""
    before = first()
    again = publication(books(PEOPLE), before.stamps, LATER)
    assert again.written == {}
    assert again.paths == before.paths


def test_one_members_correction_rewrites_what_it_changes() -> None:
    """Its month and index, and the sum of all with the index of that."""
    before = first()
    after = publication(
        books(PEOPLE, "2026-09", "2026-10", extra_wh=5), before.stamps, LATER
    )
    own = [path for path in after.written if path.startswith(folder_of("p0"))]
    public = [path for path in after.written if not path.startswith("members/")]
    assert len(own) == len(public) == 3
    assert len(after.written) == 6
    index = json.loads(
        unseal(
            PEOPLE["p0"][0], names.MEMBER, after.written[f"{folder_of('p0')}index.acc"]
        )
    )
    assert [month["revision"] for month in index["months"]] == [2, 2]
    body = next(
        b for p, b in after.written.items() if p.startswith(f"{folder_of('p0')}2026-09")
    )
    page = read_member_month(
        unseal(PEOPLE["p0"][0], "2026-09.acc", body), "2026-09", PARIS
    )
    assert page.revision == 2


def test_a_new_token_moves_a_member_and_changes_nothing_in_what_it_reads() -> None:
    """The old path is gone, the revisions are those of before."""
    before = first()
    people = PEOPLE | {"p1": rekeyed(PEOPLE["p1"][1])}
    told = books(people, "2026-09", "2026-10")
    only_p1 = replace(
        told, community={}, pages={"p1": told.pages["p1"]}, anew=frozenset()
    )
    after = publication(only_p1, before.stamps, LATER)
    new = f"members/{people['p1'][1].keys.path}/"
    assert len(after.written) == 3
    assert all(path.startswith(new) for path in after.written)
    assert not any(path.startswith(folder_of("p1")) for path in after.paths)
    sealed = after.written[f"{new}index.acc"]
    index = json.loads(unseal(people["p1"][0], names.MEMBER, sealed))
    assert {month["revision"] for month in index["months"]} == {1}
    with pytest.raises(DocumentError):
        unseal(PEOPLE["p1"][0], names.MEMBER, sealed)


def test_who_is_not_told_any_more_has_nothing_there() -> None:
    """As after a withdrawn consent."""
    before = first()
    people = {name: one for name, one in PEOPLE.items() if name != "p2"}
    after = publication(books(people), before.stamps, LATER)
    assert after.written == {}
    assert not any(path.startswith(folder_of("p2")) for path in after.paths)


def test_who_comes_back_finds_its_months_at_their_revisions() -> None:
    """A home takes only later ones; they are told anew, as nothing of them lies there."""
    told = books(PEOPLE, "2026-10")
    before = publication(told, Stamps(), NOW)
    without = replace(told, members={"p0": told.members["p0"]})
    away = publication(without, before.stamps, LATER)
    back = publication(books(PEOPLE, "2026-10", extra_wh=1), away.stamps, LATER)
    months = {name: back.stamps.months[name]["2026-10"].revision for name in PEOPLE}
    assert months == {"p0": 2, "p1": 1, "p2": 1}
    assert published_paths(back.stamps) == back.paths
    assert {path for path in back.paths if path.startswith(folder_of("p1"))} == {
        path for path in before.paths if path.startswith(folder_of("p1"))
    }


def test_a_month_that_has_no_page_any_more_is_taken_back() -> None:
    """As of who was no member then after all, or of sums over too few; later it goes on."""
    before = first()
    told = books(PEOPLE, "2026-09", "2026-10")
    less = replace(
        told,
        community={"2026-10": told.community["2026-10"]},
        pages=told.pages | {"p1": {"2026-09": told.pages["p1"]["2026-09"]}},
    )
    after = publication(less, before.stamps, LATER)
    assert len(before.paths - after.paths) == 2
    assert published_paths(after.stamps) == after.paths
    index = json.loads(
        unseal(
            PEOPLE["p1"][0], names.MEMBER, after.written[f"{folder_of('p1')}index.acc"]
        )
    )
    assert [month["month"] for month in index["months"]] == ["2026-09"]
    again = publication(
        books(PEOPLE, "2026-10", extra_wh=1), after.stamps, LATER + timedelta(days=1)
    )
    assert again.stamps.months[EVERYBODY]["2026-10"].revision == 2
    assert again.stamps.months[EVERYBODY]["2026-09"].revision == 1
    assert not [p for p in again.paths if p.startswith("aggregates-2026-09")]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=6))
def test_a_revision_never_falls(extras: list[int]) -> None:
    """It rises by one with each change, and with nothing else."""
    stamps, revision, said = Stamps(), 0, None
    for extra in extras:
        stamps = publication(
            books(PEOPLE, "2026-10", extra_wh=extra), stamps, NOW
        ).stamps
        revision += extra != said
        said = extra
        assert stamps.months["p0"]["2026-10"].revision == revision


def test_stamps_are_kept() -> None:
    """Over a restart."""
    stamps = first().stamps
    assert restored_stamps(json.loads(json.dumps(stored_stamps(stamps)))) == stamps


def test_what_a_folder_lost_is_written_again() -> None:
    """A month, an index or all of it, with the revisions that homes know."""
    before = first()
    month = next(p for p in before.paths if p.startswith(f"{folder_of('p1')}2026-09"))
    index = f"{folder_of('p0')}index.acc"
    for lost in ({month}, {index}, {names.OPERATION}, before.paths):
        left = without(before.stamps, lost)
        assert not published_paths(left) & lost
        again = publication(books(PEOPLE, "2026-09", "2026-10"), left, LATER)
        assert again.written.keys() >= lost
        assert again.paths == before.paths
        assert again.stamps.months == before.stamps.months


def test_a_folder_of_which_nothing_is_known_is_written_anew() -> None:
    """All of it, so that whoever has a month takes it, and again if it happens again."""
    told, months = books(PEOPLE, "2026-09", "2026-10"), ("2026-09", "2026-10")
    before = first()
    for days in (30, 31):
        at = NOW + timedelta(days=days)
        unknown = forgotten(PEOPLE, months, at.date())
        assert published_paths(unknown) == frozenset()
        again = publication(told, unknown, at)
        assert again.written.keys() == again.paths
        for whose, held in before.stamps.months.items():
            for month, stamp in held.items():
                assert again.stamps.months[whose][month].revision > stamp.revision
        before = again
