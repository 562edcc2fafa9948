"""Archives and workbooks: what is unpacked, and what never is."""

import io
import struct
import zipfile

import openpyxl
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Repair
from custom_components.autoconsommation_collective.pmo import archives, deliveries
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryProblem as Problem,
)
from script.simulation.locked import locked as archive_with

from .delivered import (
    PARIS,
    PRM,
    Variant,
    local,
    problem,
    read,
    refused,
    rows_of,
    saved,
    steps_between,
    told,
    zipped,
)

CONS = Quantity.CONSUMPTION
STARTS = steps_between(local("2026-01-14"), local("2026-01-16"), 30)
ROWS = rows_of(STARTS, 30, [(PRM, CONS)])
CURVE = Variant(shape="long").file(ROWS)
ENERGIES = dict(zip(STARTS, (row.wh[PRM, CONS] for row in ROWS), strict=True))
WORDS = b"PRM;nom;role\n1;ecole;consommateur\n"
"""A list of who takes part."""

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600

PASSWORD = "Soleil2026"


def locked(name: str, content: bytes) -> bytes:
    """An archive of one file with the password."""
    return archive_with(name, content, PASSWORD)


# What is unpacked


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_archives_in_archives(depth: int) -> None:
    """As mails have them."""
    body = CURVE
    for n in range(depth):
        body = zipped({f"{n}/export.zip" if n else "courbe.csv": body})
    assert told(read(body))[PRM, CONS] == ENERGIES


def test_a_password_opens_an_archive() -> None:
    """And the archive in it, whether that is locked too or not."""
    for inner in (zipped({"a.csv": CURVE}), locked("a.csv", CURVE)):
        body = locked("export.zip", inner)
        assert told(read(body, password=PASSWORD))[PRM, CONS] == ENERGIES


def test_a_workbook_in_an_archive() -> None:
    """Is one, and no archive of tables."""
    body = Variant(shape="long").workbook(ROWS)
    assert told(read(zipped({"a.xlsx": body, "b.csv": CURVE})))[PRM, CONS] == ENERGIES


def test_other_files_are_left_and_said() -> None:
    """As the list of members; what systems add is not even said."""
    body = zipped(
        {
            "perimetre.csv": WORDS,
            "courbes.csv": CURVE,
            "lisez moi.pdf": b"%PDF\0",
            ".DS_Store": b"\0",
            "__MACOSX/a": b"\0",
            "dossier/": b"",
        }
    )
    delivery = read(body)
    assert told(delivery)[PRM, CONS] == ENERGIES
    assert delivery.left == ("perimetre.csv", "lisez moi.pdf")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<!DOCTYPE html><html><br></html>", id="page"),
        pytest.param(b"<html><br></html>", id="page that is no XML"),
        pytest.param(b'<!DOCTYPE svg PUBLIC "a" "b"><svg/>', id="drawing"),
        pytest.param(b"[Lisez-moi] Bonjour", id="note in brackets"),
        pytest.param(b"[1] Bonjour\n", id="note that begins as JSON"),
        pytest.param(b"nom;code postal\n1;59000\n", id="numbers as days have them"),
    ],
)
def test_what_is_of_no_flow_is_left(body: bytes) -> None:
    """Whatever it begins with."""
    delivery = read(zipped({"lisez moi": body, "courbes.csv": CURVE}))
    assert told(delivery)[PRM, CONS] == ENERGIES
    assert delivery.left == ("lisez moi",)


def test_what_is_left_is_named_as_a_whole() -> None:
    """Not by the files and sheets in it."""
    book = openpyxl.Workbook()
    book.active.append(["nom", "role"])
    document = zipped({"[Content_Types].xml": b"<a/>", "word/document.xml": b"<b/>"})
    annexes = zipped({"b.docx": document, "perimetre.csv": WORDS})
    body = zipped(
        {
            "a.xlsx": saved(book),
            "annexes.zip": annexes,
            "envoi.zip": zipped({"notes.docx": document, "courbes.csv": CURVE}),
        }
    )
    assert read(body).left == ("a.xlsx", "annexes.zip", "notes.docx")


NOT_LEFT = {
    "workbook of another age": (OLD, Problem.OLD_WORKBOOK),
    "UTF-16": (CURVE.decode().encode("utf-16"), Problem.NOT_TEXT),
    "UTF-16, big end first": (
        b"\xfe\xff" + CURVE.decode().encode("utf-16-be"),
        Problem.NOT_TEXT,
    ),
    "flow cut off": (b"<R15><PRM>", Problem.NOT_XML),
    "flow with a document type": (b"<!DOCTYPE R15><R15/>", Problem.XML_FORBIDDEN),
    "curve cut off": (b'{"mesures": [', Problem.NOT_JSON),
    "answer cut off": (b'{"quantities": [', Problem.NOT_JSON),
    **{
        f"times of another name, {id_}": (
            f"quand;ici\n{when};1\n".encode(),
            Problem.NEEDS_MAPPING,
        )
        for id_, when in {
            "day": "2026-01-14",
            "local": "14/01/2026 10:00",
            "instant": "2026-01-14T10:00:00+01:00",
            "clock": "mardi;10h30",
            "serial": "46036.416666666664",
        }.items()
    },
    "times without a header": (b"2026-01-14 10:00;1\n", Problem.NEEDS_MAPPING),
    "times in the header": (b"jour j;00:00;00:30\nx;1;2\n", Problem.NEEDS_MAPPING),
}


@pytest.mark.parametrize("name", NOT_LEFT)
@pytest.mark.parametrize("within", [False, True], ids=["beside", "in another archive"])
def test_what_may_hold_a_curve_is_never_left(name: str, within: bool) -> None:
    """Half of a delivery would pass for all of it."""
    body, expected = NOT_LEFT[name]
    other = zipped({"b": body}) if within else body
    assert problem(zipped({"a.csv": CURVE, "b": other})) is expected


def test_a_curve_that_is_not_understood_is_never_left() -> None:
    """Half of a delivery would pass for all of it."""
    unsure = b"debut;zone 5\n2026-01-14;1\n"
    assert problem(zipped({"a.csv": CURVE, "b.csv": unsure})) is Problem.NEEDS_MAPPING
    wrong = CURVE.replace(b";5", b";x")
    assert problem(zipped({"a.csv": CURVE, "b.csv": wrong})) is Problem.BAD_NUMBER


# What is refused


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(zipped({}), Problem.NOTHING_IN_IT, id="empty"),
        pytest.param(zipped({"a.csv": b""}), Problem.NOTHING_IN_IT, id="of nothing"),
        pytest.param(zipped({"a.csv": WORDS}), Problem.NEEDS_MAPPING, id="of no curve"),
        pytest.param(zipped({"a.csv": CURVE})[:-30], Problem.NOT_AN_ARCHIVE, id="cut off"),
        pytest.param(b"PK\x03\x04" + b"\0" * 99, Problem.NOT_AN_ARCHIVE, id="no archive"),
        pytest.param(zipped({"../a.csv": CURVE}), Problem.NAME_UNSAFE, id="out of its folder"),
        pytest.param(zipped({"a/../../b": CURVE}), Problem.NAME_UNSAFE, id="out by a detour"),
        pytest.param(zipped({"/etc/a.csv": CURVE}), Problem.NAME_UNSAFE, id="absolute"),
        pytest.param(zipped({"C:\\a.csv": CURVE}), Problem.NAME_UNSAFE, id="drive"),
        pytest.param(zipped({"..\\a.csv": CURVE}), Problem.NAME_UNSAFE, id="backslash"),
        pytest.param(zipped({"a.csv": CURVE}, zipfile.ZIP_LZMA), Problem.PACKED_OTHERWISE, id="lzma"),
        pytest.param(zipped({"a.csv": CURVE}, zipfile.ZIP_BZIP2), Problem.PACKED_OTHERWISE, id="bzip2"),
        pytest.param(zipped({f"{n}.csv": b"" for n in range(11_000)}), Problem.TOO_MANY_VALUES, id="too many files"),
        pytest.param(zipped({"a.csv": b"0" * 50_000_000}), Problem.UNPACKS_TOO_LARGE, id="bomb"),
    ],
)  # fmt: skip
def test_archives_refused(body: bytes, expected: Problem) -> None:
    """By what they are."""
    assert problem(body) is expected


def test_damage_is_noticed() -> None:
    """By the checksum, however the content looks."""
    body = zipped({"a.csv": CURVE}, zipfile.ZIP_STORED)
    assert problem(body.replace(b"CONS", b"PROD", 1)) is Problem.NOT_AN_ARCHIVE


def test_passwords() -> None:
    """Needed, wrong, and wrong without the archive noticing at once."""
    body = locked("a.csv", CURVE)
    assert problem(body) is Problem.PASSWORD_NEEDED
    problems = {problem(body, password=f"x{n}") for n in range(600)}
    assert problems == {Problem.PASSWORD_WRONG}


@pytest.mark.parametrize("method", ["method", "flag"])
def test_archives_locked_by_aes_are_told_apart(method: str) -> None:
    """The user needs another program for them, no other password."""
    body = bytearray(locked("a.csv", CURVE))
    central = body.index(b"PK\x01\x02")
    if method == "method":
        struct.pack_into("<H", body, central + 10, 99)
    else:
        struct.pack_into("<H", body, central + 8, 0x41)
    assert problem(bytes(body), password=PASSWORD) is Problem.LOCKED_BY_AES


@pytest.mark.parametrize("what", ["version", "patch"])
def test_what_the_library_does_not_unpack_is_no_wrong_password(what: str) -> None:
    """A newer version of the format, or a patch: another program may open it."""
    body = bytearray(zipped({"a.csv": CURVE}))
    central = body.index(b"PK\x01\x02")
    if what == "version":
        struct.pack_into("<H", body, central + 6, 99)
    else:
        struct.pack_into("<H", body, central + 8, 0x20)
        struct.pack_into("<H", body, 6, 0x20)
    assert problem(bytes(body)) is Problem.PACKED_OTHERWISE


def test_nesting_has_an_end() -> None:
    """Also where each archive is small."""
    body = CURVE
    for _ in range(4):
        body = zipped({"export.zip": body})
    assert problem(body) is Problem.NESTED_TOO_DEEP


def test_bombs_in_archives_count_together() -> None:
    """Each inner archive is within the limit, all of them are not."""
    inner = zipped({"a.csv": b"words\n" * 1_500_000})
    assert len(inner) < 30_000
    assert (
        problem(zipped({f"{n}.zip": inner for n in range(5)}))
        is Problem.UNPACKS_TOO_LARGE
    )


def test_a_size_that_is_not_told_is_not_believed() -> None:
    """A part ends where the archive says it does; the checksum then is wrong."""
    body = bytearray(zipped({"a.csv": b"0" * 20_000_000}))
    struct.pack_into("<L", body, body.index(b"PK\x01\x02") + 24, 1000)
    assert problem(bytes(body)) is Problem.NOT_AN_ARCHIVE


def test_a_file_has_a_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it is; and so has a part that is read as a whole."""
    monkeypatch.setattr(deliveries, "MAX_BYTES", 1_000)
    monkeypatch.setattr(archives, "MAX_BYTES", 10_000)
    assert problem(b" " * 1_001) is Problem.TOO_LARGE
    assert problem(zipped({"a.json": b"{" + b" " * 10_000})) is Problem.TOO_LARGE
    assert problem(zipped({"a.xml": b"<" + b" " * 10_000})) is Problem.TOO_LARGE
    assert (
        problem(zipped({"a.zip": zipped({"b": b"0" * 9_999}, 0)})) is Problem.TOO_LARGE
    )
    assert problem(zipped({"a.csv": b"0" * 10_001})) is Problem.NEEDS_MAPPING


# Workbooks


def parts_of(body: bytes) -> dict[str, bytes]:
    """The parts of a workbook."""
    archive = zipfile.ZipFile(io.BytesIO(body))
    return {name: archive.read(name) for name in archive.namelist()}


WORKBOOK = parts_of(Variant(shape="long", unit="kWh").workbook(ROWS))
SHEET = "xl/worksheets/sheet1.xml"


def with_sheet(xml: str | bytes) -> bytes:
    """The workbook with another sheet."""
    body = xml.encode() if isinstance(xml, str) else xml
    return zipped(WORKBOOK | {SHEET: body})


def of_rows(rows: str) -> bytes:
    """The workbook with other rows."""
    return with_sheet(f"<worksheet><sheetData>{rows}</sheetData></worksheet>")


def test_formulas_count_by_the_results_that_were_saved() -> None:
    """And it is said that there are some; one without a result is a hole."""
    cell = b'<c r="D2" t="n"><v>'
    assert cell in WORKBOOK[SHEET]
    saved_ = WORKBOOK[SHEET].replace(cell, b'<c r="D2"><f>1+1</f><v>')
    delivery = read(with_sheet(saved_))
    assert told(delivery)[PRM, CONS] == ENERGIES
    assert delivery.repairs == {Repair.FORMULAS: 1}
    book = openpyxl.Workbook()
    for line in (
        ["debut", "CONS (Wh)"],
        *[[f"2026-01-14 0{n}:00", n] for n in range(4)],
    ):
        book.active.append(line)
    book.active["B3"] = "=B2+1"
    delivery = read(saved(book))
    assert sorted(told(delivery)[None, CONS].values()) == [0, 2, 3]
    assert delivery.repairs == {Repair.FORMULAS: 1}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param(with_sheet("<worksheet>"), Problem.NOT_XML, id="cut off"),
        pytest.param(with_sheet("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), Problem.XML_FORBIDDEN, id="entities"),
        pytest.param(of_rows(""), Problem.NOTHING_IN_IT, id="empty"),
        pytest.param(of_rows("<row><c t='s'><v>99</v></c></row>"), Problem.NOT_A_WORKBOOK, id="text of nowhere"),
        pytest.param(of_rows("<row><c t='s'><v>-1</v></c></row>"), Problem.NOT_A_WORKBOOK, id="text before the first"),
        pytest.param(of_rows("<row><c r='5'><v>1</v></c></row>"), Problem.NOT_A_WORKBOOK, id="cell of nowhere"),
        pytest.param(of_rows("<row><c r='XFD1'><v>1</v></c></row>" * 999), Problem.TOO_MANY_VALUES, id="far columns"),
        pytest.param(of_rows("<row>" + "<c/>" * 9_999 + "</row>"), Problem.TOO_MANY_VALUES, id="many columns"),
        pytest.param(of_rows(f"<row><c><v>{'1' * 40_000}</v></c></row>"), Problem.NOT_XML, id="endless cell"),
        pytest.param(zipped({"xl/workbook.xml": b"<a/>"}), Problem.NOT_A_WORKBOOK, id="parts missing"),
        pytest.param(zipped(WORKBOOK | {"xl/workbook.xml": b"<workbook/>"}), Problem.NOTHING_IN_IT, id="no sheets"),
        pytest.param(zipped(WORKBOOK | {"xl/workbook.xml": b"<w><workbookPr date1904='1'/></w>"}), Problem.NOT_A_WORKBOOK, id="days since 1904"),
    ],
)  # fmt: skip
def test_workbooks_refused(body: bytes, expected: Problem) -> None:
    """Whatever the parts have instead of what they should."""
    assert problem(body) is expected


def test_a_sheet_of_empty_cells_has_an_end() -> None:
    """A few kilobytes would keep the house busy for a minute."""
    body = of_rows("<row>" + "<c/>" * 2_400_000 + "</row>")
    assert len(body) < 100_000
    assert problem(body) is Problem.TOO_MANY_VALUES


def test_sheets_are_read_in_their_order() -> None:
    """The later one counts where both tell the same step."""
    book = openpyxl.Workbook()
    for sheet, wh in ((book.active, 5), (book.create_sheet("2"), 6)):
        sheet.append(["debut", "CONS (Wh)"])
        for n in range(3):
            sheet.append([f"2026-01-14 0{n}:00", wh])
    delivery = read(saved(book))
    assert set(told(delivery)[None, CONS].values()) == {6}
    assert delivery.repairs == {Repair.REPLACED: 3}


def test_an_error_names_the_file_in_the_archive() -> None:
    """Not only the archive."""
    error = refused(zipped({"mars/courbe.csv": b"debut;CONS (Wh)\nx;1\n"}), "envoi.zip")
    assert (error.file, error.step) == ("courbe.csv", "l. 2")


def test_the_time_zone_is_that_of_the_operation() -> None:
    """Where a file tells no other."""
    utc = deliveries.read(
        "x", b"debut;CONS (Wh)\n2026-07-14 10:00;1\n2026-07-14 10:30;1", PARIS
    )
    assert min(told(utc)[None, CONS]) == local("2026-07-14 10:00")
