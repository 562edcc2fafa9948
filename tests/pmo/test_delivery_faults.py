"""What is refused, and where the fault is said to be."""

import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Repair
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryError,
    DeliveryProblem as Problem,
)

from .delivered import PRM, local, problem, read, refused, told

CONS = Quantity.CONSUMPTION
HEADER = "debut;CONS (Wh)"


def table(*lines: str, header: str = HEADER) -> str:
    """A table of these lines, after three that are sound."""
    sound = [f"2026-01-14 0{n}:00;{n}" for n in range(3)]
    return "\n".join([header, *sound, *lines])


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("2026-01-14 03:00;x", Problem.BAD_NUMBER, id="no number"),
        pytest.param("2026-01-14 03:00;inf", Problem.BAD_NUMBER, id="infinite"),
        pytest.param("2026-01-14 03:00;1e999", Problem.BAD_NUMBER, id="huge exponent"),
        pytest.param("2026-01-14 03:00;1e13", Problem.BAD_NUMBER, id="no operation's"),
        pytest.param("2026-01-14 03:00;" + "9" * 5000, Problem.BAD_NUMBER, id="digits"),
        pytest.param("2026-01-14 03:00;-1", Problem.NEGATIVE_ENERGY, id="negative"),
        pytest.param(
            "2026-01-14 03:00;-0,5", Problem.NEGATIVE_ENERGY, id="a bit negative"
        ),
        pytest.param("2026-01-14 03:00;1;2", Problem.BAD_ROW, id="cell too many"),
        pytest.param('2026-01-14 03:00;"1', Problem.BAD_ROW, id="quote never closed"),
        pytest.param("14/14/2026 03:00;1", Problem.BAD_TIME, id="month 14"),
        pytest.param("2026-01-14 25:00;1", Problem.BAD_TIME, id="hour 25"),
        pytest.param("hier;1", Problem.BAD_TIME, id="no time"),
        pytest.param("2026-03-29 02:30;1", Problem.BAD_TIME, id="skipped in March"),
        pytest.param("2026-03-29 02:00;1", Problem.BAD_TIME, id="no step begins there"),
        pytest.param("2026-01-14 03:07;1", Problem.BAD_TIME, id="beside the grid"),
        pytest.param("1999-01-14 03:00;1", Problem.BAD_TIME, id="another century"),
    ],
)
def test_a_line_that_is_wrong(line: str, expected: Problem) -> None:
    """The error names the line, or the time, and shows no more than the cell."""
    error = refused(table(line))
    assert error.problem is expected
    assert error.step in {
        "l. 5",
        "2026-03-29T01:00:00+00:00",
        "2026-01-14T02:07:00+00:00",
    }
    assert len(error.found) <= 61


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("2026-01-14 03:00;", id="empty"),
        pytest.param("2026-01-14 03:00;NaN", id="not a number"),
        pytest.param("2026-01-14 03:00;-", id="dash"),
        pytest.param(
            "2026-03-29 02:30;", id="an hour that is skipped, without a value"
        ),
        pytest.param("Total;3", id="sum of a column"),
        pytest.param(";", id="nothing"),
    ],
)
def test_a_line_that_tells_nothing(line: str) -> None:
    """Is a hole, or no line at all."""
    assert len(told(read(table(line)))[None, CONS]) == 3


def test_the_end_of_a_day_may_be_24_00() -> None:
    """Which is the next one's midnight."""
    lines = [f"31/01/2026 {h}:00;1" for h in (22, 23, 24)]
    delivery = read("\n".join(["fin;CONS (Wh)", *lines]))
    assert max(told(delivery)[None, CONS]) == local("2026-01-31 23:00")


def test_a_point_kept_as_text_by_an_apostrophe() -> None:
    """Is the point without it, also with spaces in it."""
    lines = "".join(
        f"2026-01-14 0{n}:00;{point};CONS;1;kWh\n"
        for n, point in enumerate([f"'{PRM}", f"{PRM[:2]} {PRM[2:]}", PRM])
    )
    assert set(told(read(LONG + lines))) == {(PRM, CONS)}


def test_the_end_of_a_step_may_be_when_clocks_go_forward() -> None:
    """Local clocks show 02:00 for no time at all, and yet a step ends then."""
    lines = "\n".join(f"2026-03-29 0{h}:{m}0;{h}" for h, m in [(1, 0), (1, 3), (2, 0)])
    delivery = read(f"fin;CONS (Wh)\n{lines}\n2026-03-29 03:30;3")
    assert sorted(told(delivery)[None, CONS]) == [
        local(f"2026-03-29 {at}") for at in ("00:30", "01:00", "01:30", "03:00")
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("", Problem.NOTHING_IN_IT, id="empty"),
        pytest.param(" \n\n", Problem.NOTHING_IN_IT, id="blank"),
        pytest.param(HEADER, Problem.NOTHING_IN_IT, id="header alone"),
        pytest.param(HEADER + "\n2026-01-14;", Problem.STEP_UNKNOWN, id="one hole"),
        pytest.param(
            HEADER + "\n2026-01-14 10:00;1", Problem.STEP_UNKNOWN, id="one line"
        ),
        pytest.param(
            HEADER + "\n2026-01-14;1\n2026-01-15;1", Problem.STEP_UNKNOWN, id="days"
        ),
        pytest.param("<html></html>", Problem.FORMAT_UNKNOWN, id="a page"),
        pytest.param('{"a": 1}', Problem.FORMAT_UNKNOWN, id="other json"),
        pytest.param("[]", Problem.FORMAT_UNKNOWN, id="empty list"),
        pytest.param("[1, 2]", Problem.FORMAT_UNKNOWN, id="list of numbers"),
        pytest.param('{"mesures": [', Problem.NOT_JSON, id="json cut off"),
        pytest.param('{"mesures": NaN}', Problem.NOT_JSON, id="NaN in json"),
        pytest.param('{"mesures": ' + "[" * 99_999, Problem.NOT_JSON, id="nested json"),
        pytest.param('{"mesures": ' + "9" * 9_999, Problem.NOT_JSON, id="no json"),
        pytest.param("[{'quantities'", Problem.NEEDS_MAPPING, id="words in brackets"),
        pytest.param('[{"quantities":', Problem.NOT_JSON, id="answer cut off"),
        pytest.param("<html><br></html>", Problem.FORMAT_UNKNOWN, id="an open page"),
        pytest.param(
            "<e:x><Donnees_Releve>", Problem.NOT_XML, id="flow by its readings"
        ),
        pytest.param("\n" * 600, Problem.NOTHING_IN_IT, id="blank for long"),
        pytest.param("%PDF-1.7\n\0\0", Problem.NOT_TEXT, id="pdf"),
        pytest.param("debut;CONS".encode("utf-16"), Problem.NOT_TEXT, id="utf-16"),
        pytest.param(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Problem.OLD_WORKBOOK, id="xls"
        ),
        pytest.param("a" * 3_000_000, Problem.NOT_TEXT, id="endless line"),
        pytest.param("some words", Problem.NEEDS_MAPPING, id="words"),
    ],
)
def test_a_file_that_is_none(body: str | bytes, expected: Problem) -> None:
    """By what it is."""
    assert problem(body) is expected


def test_a_table_may_begin_with_empty_lines() -> None:
    """More of them than it takes to tell what a file is."""
    assert len(told(read("\n" * 600 + table()))[None, CONS]) == 3


def test_the_first_name_of_a_table_may_stand_in_brackets() -> None:
    """It is no JSON then."""
    body = table(header="[debut];[CONS (Wh)]")
    assert len(told(read(body))[None, CONS]) == 3


LONG = "debut;PRM;grandeur;valeur;unite\n"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (f"2026-01-14;{PRM};CONS;1;MWh", Problem.UNIT_UNKNOWN),
        (f"2026-01-14;{PRM};CONS;1;", Problem.UNIT_UNKNOWN),
        (f"2026-01-14;{PRM};chaleur;1;kWh", Problem.QUANTITY_UNKNOWN),
        (f"2026-01-14;{PRM};autoconsommation;1;kWh", Problem.QUANTITY_UNKNOWN),
        (
            f"2026-01-14;{PRM};CONS;1;kWh\n2026-01-15;{PRM};CONS;1;W",
            Problem.UNITS_MIXED,
        ),
        ("2026-01-14;3,00012E+13;CONS;1;kWh", Problem.POINT_ROUNDED),
    ],
)
def test_what_a_line_tells_of_its_energy(lines: str, expected: Problem) -> None:
    """Is known or refused."""
    assert problem(LONG + lines) is expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("2026-01-14 00:00;1;45\n", Problem.STEP_UNKNOWN),
        ("2026-01-14 00:00;1;P1D\n", Problem.STEP_UNKNOWN),
        ("2026-01-14 00:00;1;60\n2026-01-14 00:30;1;30\n", Problem.STEPS_OVERLAP),
    ],
)
def test_steps_that_are_told_and_cannot_be(lines: str, expected: Problem) -> None:
    """Of no length there is, or over each other."""
    assert problem("debut;CONS (Wh);pas\n" + lines) is expected


def test_lines_of_reactive_energy_are_left_by_their_unit() -> None:
    """As an analyser writes them between the others."""
    lines = [
        f"2026-01-14 0{n}:00;{PRM};CONS;{value};{unit}"
        for n in range(3)
        for value, unit in ((n, "W"), (77, "VAr"))
    ]
    delivery = read(LONG + "\n".join(lines))
    assert list(told(delivery)[PRM, CONS].values()) == [0, 1, 2]
    assert delivery.repairs == {Repair.REACTIVE_LEFT: 3}


def test_no_error_shows_a_delivery_point() -> None:
    """Not in a cell, not in a name of a column or of the file."""
    error = refused(f"debut;{PRM} CONS (Wh)\n2026-01-14;{PRM} kWh", f"{PRM}.csv")
    assert error.problem is Problem.BAD_NUMBER
    texts = [str(error), repr(error), *error.placeholders.values(), str(error.args)]
    assert not any(PRM[:11] in text for text in texts)
    assert "…890" in error.file and "…890" in error.field and "…890" in error.found


def test_no_delivery_shows_a_delivery_point_by_itself() -> None:
    """A log that has one whole by mistake does not tell whose it is."""
    assert PRM not in repr(
        read(LONG + f"2026-01-14;{PRM};CONS;1;kWh\n2026-01-14 00:30;{PRM};CONS;1;kWh")
    )


def test_placeholders_are_never_empty() -> None:
    """A translated sentence has a dash where there is nothing to name."""
    error = DeliveryError(Problem.TOO_LARGE)
    assert set(error.placeholders.values()) == {"–"}
    assert str(error) == "too_large: "
