"""From an organiser's list and curves to a folder that the check of feeds finds in order."""

from dataclasses import replace
from datetime import UTC, date, datetime
import gzip
import json
from pathlib import Path

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.feed_folder import (
    publish_into,
)
from custom_components.autoconsommation_collective.engine.blocks import (
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    Coefficient,
    PlantKind,
    Price,
    PriceModel,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.organised_pages import (
    community_page,
    member_pages,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    KeyPart,
    Panels,
    Participant,
    Place,
    Roster,
    Solidarity,
)
from custom_components.autoconsommation_collective.engine.roster_parts import (
    coefficients,
)
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.organised_feed import (
    feed_books,
    new_turns,
)
from custom_components.autoconsommation_collective.pmo.publication import publication
from custom_components.autoconsommation_collective.pmo.sealing import (
    MemberKeys,
    member_keys,
    new_token,
)
from custom_components.autoconsommation_collective.pmo.stamps import Stamps
from script.feed_check import check
from tests.engine.organised_cases import (
    IN_NEED,
    MONTH,
    PARIS,
    PRORATA,
    SINCE,
    STEP,
    participant,
    random_curves,
    splits_of,
)

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
TODAY = date(2026, 11, 20)
BASE = "https://pmo.example/feed/"


def people(n_homes: int, n_roofs: int) -> tuple[Participant, ...]:
    """Homes, the first ones with a roof."""
    found = []
    for n in range(n_homes):
        produces = n < n_roofs
        found.append(
            participant(
                f"{30001234567890 + n}",
                Role.PROSUMER if produces else Role.CONSUMER,
                consent=(SINCE,),
                panels=Panels(PlantKind.SOLAR, 3.0) if produces else None,
                place=Place(46.951234 + n / 1000, 1.991234, "Levroux", 6),
                follows=n % 2 == 0,
                key_parts=IN_NEED if n == 1 else (),
            )
        )
        found[-1] = replace(found[-1], id=f"id{n}", name=f"Martin-{n}")
    return new_turns(tuple(found))


def roster_of(members: tuple[Participant, ...]) -> Roster:
    """Their operation."""
    price = Price(PriceModel.GIFT, 0.0, SINCE)
    keys = (AgreedKey("prorata", SINCE, Solidarity.FIRST),)
    return Roster(
        "Indre solaire", "ACC00000123", PARIS.key, STEP, keys, (price,), None, members
    )


def publish(
    folder: Path, roster: Roster, tokens: dict[str, str]
) -> tuple[dict[str, MonthPage], MonthPage]:
    """A month of theirs; each member's page, and all members'."""
    splits = splits_of(roster.participants, list(random_curves(roster.participants)))
    pages = member_pages(MONTH, splits)
    community = community_page(MONTH, splits, PARIS, 6000)
    assert community is not None
    keys = {who: member_keys(token) for who, token in tokens.items()}
    told = feed_books(
        roster,
        keys,
        {MONTH: community},
        frozenset([MONTH]),
        {who: {MONTH: page} for who, page in pages.items()},
        TODAY,
    )
    found = publication(told, Stamps(), NOW)
    publish_into(folder, found.written, found.paths, found.replaced, NOW)
    return pages, community


@pytest.mark.parametrize(
    ("n_homes", "n_roofs", "public"),
    [
        pytest.param(12, 10, {"shared_injection", "allocated", "total_withdrawal", "base_withdrawal"}, id="a village"),
        pytest.param(12, 3, {"total_withdrawal", "base_withdrawal"}, id="few roofs"),
        pytest.param(9, 9, set(), id="few homes"),
    ],
)  # fmt: skip
async def test_the_check_of_feeds_finds_nothing(
    tmp_path: Path, n_homes: int, n_roofs: int, public: set[str]
) -> None:
    """Whatever the size, also of each member's own documents; and no more is public than may be."""
    roster = roster_of(people(n_homes, n_roofs))
    tokens = {one.id: new_token() for one in roster.participants}
    publish(tmp_path, roster, tokens)
    for token in tokens.values():
        found = await check(str(tmp_path), Invitation(BASE, token).text, NOW)
        assert {name: texts for name, texts in found.items() if texts} == {}
        assert len(found) == 5 + bool(public)
    told = json.loads((tmp_path / names.AGGREGATES).read_bytes())
    assert ("usual" in told) == (n_homes >= 10)
    month = list(tmp_path.glob("aggregates-*.json"))
    quantities = {
        key.removesuffix("_wh")
        for path in month
        for key in json.loads(path.read_bytes())["blocks"][0]
        if key.endswith("_wh")
    }
    assert quantities == public


def test_what_was_usual_while_few_took_part_is_not_told() -> None:
    """A month may be of a time before the tenth came, however many there are now."""
    members = people(12, 10)
    later = Validity(date(2026, 11, 1))
    grown = (*members[:2], *(replace(m, membership=(later,)) for m in members[2:]))
    for those, is_told in ((members, True), (grown, False)):
        splits = splits_of(those, list(random_curves(those)))
        page = community_page(MONTH, splits, PARIS, 6000)
        assert page is not None
        told = feed_books(roster_of(those), {}, {MONTH: page}, frozenset(), {}, TODAY)
        assert (told.aggregates.usual is not None) is is_told


def test_nobody_is_named_in_what_lies_there(tmp_path: Path) -> None:
    """No name, no delivery point, no address of a roof, nobody in need: in no file, nor its name."""
    roster = roster_of(people(12, 10))
    tokens = {one.id: new_token() for one in roster.participants}
    publish(tmp_path, roster, tokens)
    for path in tmp_path.rglob("*"):
        body = path.read_bytes() if path.is_file() else b""
        if path.suffix == ".gz":
            body = gzip.decompress(body)
        told = body + path.relative_to(tmp_path).as_posix().encode()
        for secret in (b"Martin", b"300012345678", b"46.9512", b"solidar", b"id0"):
            assert secret not in told
        for token in tokens.values():
            assert token.encode() not in told


def test_a_member_reads_its_own_month(tmp_path: Path) -> None:
    """And nothing in it tells that others are served first."""
    roster = roster_of(people(12, 10))
    tokens = {one.id: new_token() for one in roster.participants}
    pages, _ = publish(tmp_path, roster, tokens)
    keys = member_keys(tokens["id3"])
    folder = tmp_path / "members" / keys.path
    index = json.loads(keys.unseal("index.acc", (folder / "index.acc").read_bytes()))
    (month,) = index["months"]
    name = names.member_month(MONTH)
    sealed = (folder / names.lies_as(name, month["digest"])).read_bytes()
    page = json.loads(keys.unseal(name, sealed))
    own = pages["id3"].blocks[0].energies[Quantity.ALLOCATED]
    assert page["blocks"][0]["allocated_wh"] == own.astype(int).tolist()
    assert "solidar" not in json.dumps([index, page])


@pytest.mark.parametrize(
    "consent",
    [(), (Validity(date(2025, 1, 1), date(2026, 11, 19)),)],
    ids=["never given", "withdrawn"],
)
def test_without_consent_nothing_of_one_is_published(
    tmp_path: Path, consent: tuple[Validity, ...]
) -> None:
    """Its keys may still be there."""
    members = people(12, 10)
    roster = roster_of((replace(members[0], consent=consent), *members[1:]))
    tokens = {one.id: new_token() for one in roster.participants}
    publish(tmp_path, roster, tokens)
    assert not (tmp_path / "members" / member_keys(tokens["id0"]).path).exists()
    assert (tmp_path / "members" / member_keys(tokens["id1"]).path).exists()


def test_without_keys_there_is_nowhere_to_publish(tmp_path: Path) -> None:
    """Who was not invited yet."""
    roster = roster_of(people(12, 10))
    keys: dict[str, MemberKeys] = {}
    told = feed_books(roster, keys, {}, frozenset(), {}, TODAY)
    assert told.members == {}


# Turns, and parts of a static key


@given(st.lists(st.booleans(), max_size=20))
def test_every_follower_has_a_turn_of_its_own(follows: list[bool]) -> None:
    """Nobody's changes when another comes."""
    members = tuple(
        participant(f"{n:014}", follows=one) for n, one in enumerate(follows)
    )
    given_out = new_turns(members)
    turns = [one.turn for one in given_out if one.follows]
    assert len(set(turns)) == len(turns)
    assert all(one.turn is None for one in given_out if not one.follows)
    more = new_turns((*given_out, participant(f"{99:014}", follows=True)))
    assert more[:-1] == given_out


def test_a_turn_that_is_free_is_given_again() -> None:
    """So that turns lie evenly."""
    first, second = new_turns(
        tuple(participant(f"{n:014}", follows=True) for n in range(2))
    )
    gone = replace(first, follows=False)
    _, again, new = new_turns((gone, second, participant(f"{9:014}", follows=True)))
    assert (again.turn, new.turn) == (second.turn, first.turn)


def test_static_parts_by_stretches_of_days() -> None:
    """As the key and the list change."""
    parts = (
        KeyPart(Validity(date(2025, 1, 1), date(2026, 6, 30)), coefficient=0.25),
        KeyPart(Validity(date(2026, 7, 1)), coefficient=0.5),
    )
    anna = participant("Anna", key_parts=parts)
    ben = participant(
        "Ben",
        since=Validity(date(2026, 1, 1)),
        key_parts=(KeyPart(Validity(date(2026, 1, 1)), coefficient=0.5),),
    )
    keys = (
        AgreedKey("static", Validity(date(2025, 1, 1), date(2026, 8, 31))),
        AgreedKey("prorata", Validity(date(2026, 9, 1))),
    )
    roster = replace(roster_of((anna, ben)), keys=keys)
    assert coefficients(roster) == {
        "Anna": (
            Coefficient(0.25, Validity(date(2025, 1, 1), date(2026, 6, 30))),
            Coefficient(0.5, Validity(date(2026, 7, 1), date(2026, 8, 31))),
        ),
        "Ben": (Coefficient(0.5, Validity(date(2026, 1, 1), date(2026, 8, 31))),),
    }


def test_other_keys_have_no_parts() -> None:
    """Nor has a day on which one lacks its part."""
    assert coefficients(replace(roster_of(people(3, 1)), keys=PRORATA)) == {}
    static = (AgreedKey("static", SINCE),)
    assert coefficients(replace(roster_of(people(3, 1)), keys=static)) == {}
    equal = (AgreedKey("equal", SINCE),)
    found = coefficients(replace(roster_of(people(3, 1)), keys=equal))
    assert {part.value for parts in found.values() for part in parts} == {1 / 3}
    assert np.isclose(sum(parts[0].value for parts in found.values()), 1)
