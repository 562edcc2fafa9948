"""Tables as spreadsheets save them: the same cells whatever the dialect, or the place of a fault."""

import csv
import io

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.study import StudyProblem
from custom_components.autoconsommation_collective.pmo.cells import (
    fraction,
    number,
    perhaps_percent,
    plain,
    shown,
)
from custom_components.autoconsommation_collective.pmo.tables import open_table, records

from .study_cases import place, refused

NAMES = {"id", "rank", "side"}
FRENCH = {"nom": "id", "priorite": "rank", "cote": "side"}

cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=8
).map(str.strip)


def read(body: str | bytes, encoding: str = "utf-8") -> list[tuple[int, list[str]]]:
    """Lines of a table under its header."""
    raw = body if isinstance(body, bytes) else body.encode(encoding)
    return list(open_table("t.csv", raw).lines)


# Laws


@given(
    rows=st.lists(st.tuples(cells, cells, cells), max_size=5),
    separator=st.sampled_from(";,\t"),
    line_end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    mark=st.sampled_from(["", "\ufeff"]),
    blank=st.booleans(),
)
def test_every_dialect_gives_the_same_cells(
    rows: list[tuple[str, str, str]],
    separator: str,
    line_end: str,
    quoting: int,
    mark: str,
    blank: bool,
) -> None:
    """Separator, quotes, line ends, byte order mark and blank lines are no content."""
    file = io.StringIO()
    writer = csv.writer(
        file, delimiter=separator, lineterminator=line_end, quoting=quoting
    )
    for row in [("id", "rank", "side"), *rows]:
        writer.writerow(row)
        if blank:
            file.write(separator * 2 + line_end)
    assert [found for _, found in read(mark + file.getvalue())] == [
        list(row) for row in rows if any(row)
    ]


@given(st.floats(allow_nan=False, allow_infinity=False), st.booleans())
def test_a_number_is_read_as_it_was_written(value: float, comma: bool) -> None:
    """With a point or a comma, with an exponent or without."""
    text = repr(value)
    assert number(text.replace(".", ",") if comma else text) == value


@given(st.integers(0, 10**12), st.sampled_from(" \u00a0\u2009\u202f"))
def test_thousands_may_be_parted(value: int, space: str) -> None:
    """By any of the spaces that spreadsheets use."""
    assert number(f"{value:,}".replace(",", space)) == value


@given(st.text(max_size=6), st.text(max_size=6), st.sampled_from([14, 18]), st.data())
def test_no_number_of_a_delivery_point_is_shown(
    before: str, after: str, n_digits: int, data: st.DataObject
) -> None:
    """Whatever stands around it: no four digits of it that follow each other."""
    digits = data.draw(st.text("123456789", min_size=n_digits, max_size=n_digits))
    said = shown(f"{before.strip('0123456789')} {digits} {after}")
    assert not any(digits[i : i + 4] in said for i in range(n_digits - 3))


# Vectors


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("1250", 1250.0, id="whole"),
        pytest.param("0,25", 0.25, id="comma"),
        pytest.param(".5", 0.5, id="no digit before"),
        pytest.param("5,", 5.0, id="no digit after"),
        pytest.param("-1", -1.0, id="negative"),
        pytest.param("+1", 1.0, id="signed"),
        pytest.param("1,5E+03", 1500.0, id="exponent"),
        pytest.param("12 345,6", 12345.6, id="thousands"),
        pytest.param("", None, id="nothing"),
        pytest.param(",", None, id="mark alone"),
        pytest.param("1.234,5", None, id="two marks"),
        pytest.param("1 2", None, id="two numbers"),
        pytest.param("1_000", None, id="as in code"),
        pytest.param("nan", None, id="not a number"),
        pytest.param("inf", None, id="infinite"),
        pytest.param("1e999", None, id="too large for a float"),
        pytest.param("٣", None, id="digit of another script"),
        pytest.param("12 kWh", None, id="unit"),
        pytest.param("#N/A", None, id="fault of a spreadsheet"),
    ],
)
def test_number(text: str, value: float | None) -> None:
    """What is one, and what is not."""
    assert number(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("0,2", 0.2, id="plain"),
        pytest.param("20%", 0.2, id="percent"),
        pytest.param("5,5 %", 0.055, id="percent apart"),
        pytest.param("%", None, id="percent alone"),
        pytest.param("20 %%", None, id="percent twice"),
    ],
)
def test_fraction(text: str, value: float | None) -> None:
    """A percentage is a hundredth."""
    assert fraction(text) == (value if value is None else pytest.approx(value))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("5,5", "5,5 (5.5 %, 0.055)", id="percent"),
        pytest.param("100", "100 (100 %, 1)", id="all"),
        pytest.param("1", "1", id="one"),
        pytest.param("101", "101", id="more than all"),
        pytest.param("101 %", "101 %", id="percent already"),
        pytest.param("half", "half", id="no number"),
    ],
)
def test_perhaps_percent(text: str, said: str) -> None:
    """What was meant, where it is likely."""
    assert perhaps_percent(text) == said


@pytest.mark.parametrize(
    ("written", "word"),
    [
        pytest.param("Priorité", "priorite", id="accent"),
        pytest.param("coté".upper(), "cote", id="capitals"),
        pytest.param("Premier  jour", "premier_jour", id="spaces"),
        pytest.param("first-day", "first_day", id="hyphen"),
    ],
)
def test_plain(written: str, word: str) -> None:
    """Words are compared without what people write in several ways."""
    assert plain(written) == word


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("12345678901234", "…234", id="PRM"),
        pytest.param("541449011000012345", "…345", id="EAN"),
        pytest.param("12 345 678 901 234", "…234", id="in groups"),
        pytest.param("12\u00a0345\u00a0678\u00a0901\u00a0234", "…234", id="by no break"),
        pytest.param("home 12345678901234 (old)", "home …234 (old)", id="in a name"),
        pytest.param("2025-01-01T00:00:00+01:00", "2025-01-01T00:00:00+01:00", id="time"),
        pytest.param("1234567890123", "1234567890123", id="13 digits"),
        pytest.param("a\nb\tc", "a b c", id="one line"),
        pytest.param("a\x07b", "a·b", id="bell"),
        pytest.param("x" * 61, "x" * 60 + "…", id="long"),
        pytest.param("x" * 60, "x" * 60, id="as long as may be"),
        pytest.param("x" * 50 + "12345678901234", "x" * 50 + "…234", id="masked before cut"),
    ],
)  # fmt: skip
def test_shown(text: str, said: str) -> None:
    """What an error repeats."""
    assert shown(text) == said


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("id;a\n1;2", [(2, ["1", "2"])], id="no end of line"),
        pytest.param("id;a\r1;2\r", [(2, ["1", "2"])], id="ends of old"),
        pytest.param("\n\nid;a\n\n1;2", [(5, ["1", "2"])], id="blank lines are counted"),
        pytest.param("id;a;;\n1;2;;\n", [(2, ["1", "2"])], id="trailing separators"),
        pytest.param("id;a\n1;2;;\n", [(2, ["1", "2"])], id="only in a line"),
        pytest.param("id;a;b\n1\n", [(2, ["1", "", ""])], id="empty end left out"),
        pytest.param("id,a\n1,\n", [(2, ["1", ""])], id="comma: empty cell"),
        pytest.param("id,a,\n1,2,\n", [(2, ["1", "2"])], id="comma: trailing in both"),
        pytest.param("id;a, b\n1;2,5\n", [(2, ["1", "2,5"])], id="comma in a name"),
        pytest.param("id,a;b;c\n1,2\n", [(2, ["1", "2"])], id="semicolons in a name"),
        pytest.param('"id";"a;b"\n1;"2\n3"\n', [(3, ["1", "2\n3"])], id="quotes"),
        pytest.param('"i;d",a\n1,2\n', [(2, ["1", "2"])], id="separator in the first name"),
        pytest.param('id;a\r\n1;"2\r\n3"\r\n', [(3, ["1", "2\r\n3"])], id="end of line in quotes"),
        pytest.param("id\n1\n", [(2, ["1"])], id="one column"),
        pytest.param("id;a\n 1 ;\u00a02\n", [(2, ["1", "2"])], id="spaces around"),
    ],
)  # fmt: skip
def test_lines(text: str, lines: list[tuple[int, list[str]]]) -> None:
    """Cells by line, with the number the line has in the file."""
    assert read(text) == lines


def test_windows_1252() -> None:
    """What is no UTF-8 is what a French spreadsheet saved."""
    (name,) = open_table("t.csv", "Priorité €".encode("cp1252")).header
    assert name == "Priorité €"


def test_names_are_the_same_however_accents_are_encoded() -> None:
    """École in one piece or in two."""
    composed, parted = (
        open_table("t.csv", name.encode()).header
        for name in ("\u00e9cole  1", "e\u0301cole\u00a01")
    )
    assert composed == parted


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(
            "id;a".encode("utf-16"), (StudyProblem.NOT_TEXT, "", "", ""), id="UTF-16"
        ),
        pytest.param(
            b"PK\x03\x04\0\0", (StudyProblem.NOT_TEXT, "", "", ""), id="workbook"
        ),
        pytest.param(b"id;\x81", (StudyProblem.NOT_TEXT, "", "", ""), id="no encoding"),
        pytest.param(
            b"id;;b\n", (StudyProblem.COLUMN_MISSING, "l. 1", "2", ""), id="no name"
        ),
        pytest.param(
            b"id;b;b\n", (StudyProblem.COLUMN_TWICE, "l. 1", "b", ""), id="twice"
        ),
        pytest.param(
            b"id;a\n1;2\n1;2;3\n",
            (StudyProblem.BAD_VALUE, "l. 3", "", "3"),
            id="too many cells",
        ),
        pytest.param(
            b"id,a,b\n1,1,5,2,\n",
            (StudyProblem.BAD_VALUE, "l. 2", "", "2"),
            id="decimal comma between commas",
        ),
        pytest.param(
            b"id,a,b\n1,1,5,\n",
            (StudyProblem.BAD_VALUE, "l. 2", "", ""),
            id="decimal comma and an empty end",
        ),
        pytest.param(
            b'id;a\n1;"2\n3;4\n',
            (StudyProblem.BAD_VALUE, "l. 3", "", ""),
            id="quote left open",
        ),
    ],
)
def test_refused(body: bytes, told: tuple[StudyProblem, str, str, str]) -> None:
    """Each fault with its place."""
    problem, file, line, _, field, found = place(refused(lambda: read(body)))
    assert file == "t.csv"
    assert (problem, line, field, found) == told


def test_records() -> None:
    """Cells by the English name of the column, in any order and language."""
    table = open_table("t.csv", "Priorité;NOM\n1;a  b\n".encode())
    (record,) = records(table, NAMES, FRENCH, {"id"})
    assert (record.line, record.cells) == (2, {"rank": "1", "id": "a b"})
    assert record.text("side") == ""


@pytest.mark.parametrize(
    ("header", "told"),
    [
        pytest.param("nom;id", (StudyProblem.COLUMN_TWICE, "id"), id="in both languages"),
        pytest.param("id;rang", (StudyProblem.COLUMN_UNKNOWN, "rang"), id="unknown"),
        pytest.param("rank", (StudyProblem.COLUMN_MISSING, "id"), id="missing"),
        pytest.param("", (StudyProblem.COLUMN_MISSING, "id"), id="empty file"),
    ],
)  # fmt: skip
def test_columns_refused(header: str, told: tuple[StudyProblem, str]) -> None:
    """Columns are held to what is known."""
    table = open_table("t.csv", header.encode())
    error = refused(lambda: list(records(table, NAMES, FRENCH, {"id"})))
    assert (error.problem, error.field) == told


def test_a_fault_names_the_column_as_the_file_does() -> None:
    """With the participant of the line."""
    table = open_table("t.csv", "nom;Priorité\nmaison;-1\n".encode())
    (record,) = records(table, NAMES, FRENCH, {"id"})
    assert place(refused(lambda: record.amount("rank"))) == (
        StudyProblem.BAD_NUMBER,
        "t.csv",
        "l. 2",
        "maison",
        "Priorité",
        "-1",
    )
