"""The list of participants as a table: what is written is read, and a wrong cell is named."""

from dataclasses import replace
from datetime import date
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


@st.composite
def lists(draw: st.DrawFn) -> tuple[Participant, ...]:
    """Participants with everything a table can tell."""
    found = []
    for number in range(draw(st.integers(0, 4))):
        spans = [Validity(SINCE, date(2025, 6, 30)), Validity(date(2026, 1, 1))]
        spans = spans[: draw(st.integers(1, 2))]
        if draw(st.booleans()):
            spans[-1] = replace(spans[-1], pending=True)
        parts = [
            KeyPart(
                Validity(span.first_day, span.last_day),
                draw(st.none() | decimals(0, 1)),
                draw(st.integers(1, 9)),
            )
            for span in spans
        ]
        found.append(
            Participant(
                id=f"p{number}",
                name=draw(names),
                point=f"{30001234567890 + number}",
                role=draw(st.sampled_from(Role)),
                membership=tuple(spans),
                consent=(Validity(SINCE),) if draw(st.booleans()) else (),
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
                is_solidarity=draw(st.booleans()),
            )
        )
    return tuple(found)


@given(lists())
def test_what_is_written_is_read(people: tuple[Participant, ...]) -> None:
    """All of it, but for what no table holds."""
    assert read(written_participants(people)) == people


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
