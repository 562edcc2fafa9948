"""The list of participants as a table: what is written is read, and a wrong cell is named."""

import csv
from dataclasses import replace
from datetime import date, timedelta
import io
from itertools import count

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.model import (
    PlantKind,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.perimeter import Body
from custom_components.autoconsommation_collective.engine.roster import (
    KeyPart,
    Panels,
    Participant,
    Place,
)
from custom_components.autoconsommation_collective.engine.study import (
    StudyError,
    StudyProblem,
)
from custom_components.autoconsommation_collective.pmo.roster_table import (
    read_participants,
    written_participants,
)

PRM = "30001234567890"
SINCE = date(2025, 1, 1)
names = st.text("abcdefgéèçÀÉœ'- ", min_size=1, max_size=8).map(
    lambda t: " ".join(f"A{t}b".split())
)


def decimals(least: int, most: int) -> st.SearchStrategy[float]:
    """Numbers as somebody types them."""
    return st.integers(least * 1000, most * 1000).map(lambda n: n / 1000)


def read(text: str, known: tuple[Participant, ...] = ()) -> tuple[Participant, ...]:
    """The participants, with ids p0, p1 ..."""
    ids = count()
    return read_participants("p.csv", text.encode(), known, lambda: f"p{next(ids)}")


def validities(first: date, longest: int) -> st.SearchStrategy[list[Validity]]:
    """Some stretches one after the other; the last may be open."""

    def laid(lengths: list[tuple[int, int]], is_open: bool) -> list[Validity]:
        found, day = [], first
        for gap, n_days in lengths:
            begin = day + timedelta(days=gap)
            day = begin + timedelta(days=n_days)
            found.append(Validity(begin, day - timedelta(days=1)))
        if found and is_open:
            found[-1] = Validity(found[-1].first_day)
        return found

    lengths = st.tuples(st.integers(0, 20), st.integers(1, longest))
    return st.builds(laid, st.lists(lengths, max_size=3), st.booleans())


@st.composite
def lists(draw: st.DrawFn) -> tuple[Participant, ...]:
    """Participants with everything that may be kept of one."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        spans = draw(validities(SINCE, 60).filter(bool))
        spans[-1] = replace(spans[-1], pending=draw(st.booleans()))
        parts = [
            KeyPart(
                span,
                draw(st.none() | decimals(0, 1)),
                draw(st.none() | st.integers(1, 9)),
                draw(st.none() | decimals(0, 9)),
                is_solidarity=draw(st.booleans()),
            )
            for span in draw(validities(SINCE, 40))
        ]
        found.append(
            Participant(
                id=f"p{number}",
                name=draw(names),
                point=f"{30001234567890 + number}",
                role=draw(st.sampled_from(Role)),
                membership=tuple(spans),
                consent=tuple(draw(validities(SINCE - timedelta(days=30), 50))),
                key_parts=tuple(parts),
                panels=draw(
                    st.none()
                    | st.builds(
                        Panels,
                        st.sampled_from(PlantKind),
                        decimals(0, 100),
                        st.none() | decimals(0, 90),
                        st.none() | decimals(-180, 180),
                    )
                ),
                is_household=draw(st.booleans()),
                place=draw(
                    st.none()
                    | st.builds(
                        Place,
                        decimals(-90, 90),
                        decimals(-180, 180),
                        names,
                        st.integers(1, 7),
                        st.none() | names,
                        st.sampled_from(Body),
                    )
                ),
                follows=draw(st.booleans()),
            )
        )
    return tuple(found)


def of_day(one: Participant, day: date) -> tuple[object, ...]:
    """What holds of a participant on a day of its membership."""
    part = one.key_part(day)
    if part is None or not part.says_something:
        return (one.agrees(day), None)
    told = (part.coefficient, part.rank, part.investment, part.is_solidarity)
    return (one.agrees(day), told)


def days_of(one: Participant) -> list[date]:
    """Days on which it is a member, or waits to be one."""
    days = [SINCE + timedelta(days=n) for n in range(300)]
    spans = [replace(span, pending=False) for span in one.membership]
    return [day for day in days if any(span.covers(day) for span in spans)]


def undated(one: Participant) -> Participant:
    """What is no matter of days."""
    return replace(one, membership=(), consent=(), key_parts=())


@given(lists())
def test_what_is_written_is_read(people: tuple[Participant, ...]) -> None:
    """Whoever moves with the table has on each day of each member what there was."""
    for one, told in zip(people, read(written_participants(people)), strict=True):
        assert undated(told) == undated(one)
        days = days_of(one)
        assert days_of(told) == days
        assert [told.is_member(day) for day in days] == [
            one.is_member(day) for day in days
        ]
        assert [of_day(told, day) for day in days] == [of_day(one, day) for day in days]


@given(lists())
def test_a_table_as_it_was_written_changes_nothing(
    people: tuple[Participant, ...],
) -> None:
    """Not even what stands on no line of it."""
    turned = tuple(replace(one, turn=0.5) for one in people)
    assert read(written_participants(turned), turned) == turned


COLUMN_SETS = {
    "needed": (),
    "with the rank": ("rank", "valid_to"),
    "with the coefficient and who is served first": (
        "coefficient",
        "solidarity",
        "valid_to",
    ),
    "with panels and place": ("kwc", "latitude", "longitude", "commune", "density"),
    "with the consent": ("consent_from", "consent_to", "valid_to"),
    "with the status": ("status", "valid_to"),
}


@pytest.mark.parametrize("columns", COLUMN_SETS.values(), ids=COLUMN_SETS)
@given(lists())
def test_a_column_that_is_left_out_changes_nothing(
    columns: tuple[str, ...], people: tuple[Participant, ...]
) -> None:
    """A member's consent, parts of the key and panels are not lost by a shorter table."""
    table = csv.DictReader(io.StringIO(written_participants(people)), delimiter=";")
    kept = ("name", "point", "role", "valid_from", *columns)
    text = io.StringIO()
    shorter = csv.DictWriter(text, kept, delimiter=";", extrasaction="ignore")
    shorter.writeheader()
    told = set()
    for line in table:
        # Who tells no ends tells one line of each.
        if "valid_to" in columns or line["point"] not in told:
            shorter.writerow(line)
        told.add(line["point"])
    for one, after in zip(people, read(text.getvalue(), people), strict=True):
        days = days_of(one)
        assert [of_day(after, day) for day in days] == [
            of_day(one, day) for day in days
        ]
        assert undated(after) == undated(one)
        assert days_of(after) == days


def test_whoever_ends_a_consent_ends_it() -> None:
    """It stands on one line, whatever else has several."""
    parts = [
        KeyPart(Validity(SINCE, date(2025, 5, 31)), rank=1),
        KeyPart(Validity(date(2025, 6, 1)), rank=2),
    ]
    (anna, _) = read(FRENCH)
    anna = replace(anna, consent=(Validity(SINCE),), key_parts=tuple(parts))
    written = written_participants([anna])
    assert written.count(";2025-01-01;;;1") == 1
    ended = written.replace(";2025-01-01;;;1", ";2025-01-01;2025-03-31;;1")
    (after,) = read(ended, (anna,))
    assert after.consent == (Validity(SINCE, date(2025, 3, 31)),)
    assert after.key_parts == anna.key_parts


FRENCH = f"""Nom;PRM;Role;Du;Au;Accord du;Priorité;kWc;Foyer;Latitude;Longitude;Commune;Densité;Suit;Solidarité;Statut;Organisme
Anna;{PRM};consommateur;01/01/2025;;15/02/2025;2;;oui;46,95;1,99;Levroux;6;oui;non;actif;
École;30009876543210;Les deux;01/03/2025;31/12/2026;;;36;non;46,9;2,0;Déols;4;non;;En attente;Service public
"""


def test_a_french_spreadsheet() -> None:
    """With its commas, accents and days."""
    anna, school = read(FRENCH)
    assert anna.role is Role.CONSUMER
    assert anna.consent == (Validity(date(2025, 2, 15)),)
    assert anna.key_parts == (KeyPart(Validity(SINCE), rank=2),)
    assert anna.place == Place(46.95, 1.99, "Levroux", 6)
    assert anna.follows
    assert school.panels == Panels(PlantKind.SOLAR, 36.0)
    assert not school.is_household
    assert school.role is Role.PROSUMER
    assert school.place is not None
    assert school.place.body is Body.PUBLIC_SERVICE
    until = Validity(date(2025, 3, 1), date(2026, 12, 31), pending=True)
    assert school.membership == (until,)


def test_who_is_known_keeps_its_id_and_turn() -> None:
    """Documents and turns hang on them."""
    known = replace(read(FRENCH)[0], id="kept", turn=0.25)
    anna, school = read(FRENCH, (known,))
    assert (anna.id, anna.turn) == ("kept", 0.25)
    assert (school.id, school.turn) == ("p0", None)


HEAD = "name;point;role;valid_from;valid_to;coefficient;latitude;longitude;commune;density\n"


@pytest.mark.parametrize(
    ("line", "problem", "field"),
    [
        ("A;123;consumer;2025-01-01", StudyProblem.BAD_VALUE, "point"),
        (f"A;{PRM};boss;2025-01-01", StudyProblem.BAD_VALUE, "role"),
        (f"A;{PRM};consumer;", StudyProblem.BAD_TIME, "valid_from"),
        (f"A;{PRM};consumer;soon", StudyProblem.BAD_TIME, "valid_from"),
        (f"A;{PRM};consumer;2025-02-01;2025-01-01", StudyProblem.BAD_TIME, "valid_to"),
        (f";{PRM};consumer;2025-01-01", StudyProblem.BAD_VALUE, "name"),
        (f"A;{PRM};consumer;2025-01-01;;4", StudyProblem.BAD_NUMBER, "coefficient"),
        (f"A;{PRM};consumer;2025-01-01;;;46;1;X;9", StudyProblem.BAD_NUMBER, "density"),
        (f"A;{PRM};consumer;2025-01-01;;;46;1;;6", StudyProblem.BAD_VALUE, "commune"),
        (
            f"A;{PRM};consumer;2025-01-01;;;146;1;X;6",
            StudyProblem.BAD_NUMBER,
            "latitude",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and ";" not in value else "",
)
def test_a_wrong_cell_is_named(line: str, problem: StudyProblem, field: str) -> None:
    """With its line and column, and no whole point."""
    with pytest.raises(StudyError) as caught:
        read(HEAD + line + "\n")
    assert (caught.value.problem, caught.value.field) == (problem, field)
    assert PRM not in str(caught.value)


def test_the_same_days_twice_are_refused() -> None:
    """Whoever comes back has days of their own."""
    line = f"A;{PRM};consumer;2025-01-01\n"
    with pytest.raises(StudyError) as caught:
        read(HEAD + line + line)
    assert caught.value.problem is StudyProblem.PARTICIPANT_TWICE
