"""Whatever the bytes: only our errors, and neither time nor memory without end."""

import io
import json
import time
import zipfile

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Delivery
from custom_components.autoconsommation_collective.pmo import (
    delivery_blocks,
    delivery_found,
    delivery_tables,
)
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryProblem as Problem,
)
from script.fuzzing.readers import read_or_refused

from .delivered import (
    OTHER_PRM,
    PRM,
    Variant,
    local,
    problem,
    read,
    rows_of,
    saved,
    steps_between,
    zipped,
)
from .test_grid_operator_files import (
    CURVE,
    FEBRUARY,
    JANUARY,
    answer,
    at,
    calendar,
    flow,
    kind,
    r15,
    walloon,
)

CONS, PROD = Quantity.CONSUMPTION, Quantity.PRODUCTION
ROWS = rows_of(
    steps_between(local("2026-10-24"), local("2026-10-26"), 30),
    30,
    [(PRM, CONS), (OTHER_PRM, PROD)],
)
SOUND = {
    "long": Variant(shape="long", unit="kWh").file(ROWS),
    "wide": Variant(shape="wide", step_told=True, stamp="both").file(ROWS),
    "enedis": Variant(shape="enedis", stamp="open end", unit="W").file(ROWS),
    "workbook": Variant(shape="long").workbook(ROWS),
    "walloon": saved(walloon(hours=24)),
    "archive": zipped({"a.csv": Variant(shape="long").file(ROWS)}),
    "r15": r15(JANUARY, FEBRUARY).encode(),
    "r63": json.dumps(flow(kind(points=at(*CURVE)))).encode(),
    "r64": json.dumps(flow(kind(calendrier=[calendar("DI1", HP=[1, 2])]))).encode(),
    "api": json.dumps(answer()).encode(),
}


@pytest.mark.parametrize("name", SOUND)
def test_what_is_mutated_below_is_sound(name: str) -> None:
    """Or mutating it would show little."""
    assert isinstance(read_or_refused(SOUND[name]), Delivery)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_random_bytes(body: bytes) -> None:
    """Are refused, in our types."""
    read_or_refused(body)


BEGINNINGS = [
    b"PK\x03\x04", b"<", b"<?xml version='1.0'?><R15>", b"{", b'{"mesures":', b"[",
    b"debut;CONS (Wh)\n", b"Horodate;Valeur\n", b"\xef\xbb\xbf", b"debut;PRM;sens;kWh\n",
    b'[{"cons_id":"1","start":"2026-01-01","end":"2026-01-02","unit":"Wh","quantities":',
]  # fmt: skip


@settings(max_examples=300)
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
def test_random_bytes_that_begin_well(begin: bytes, body: bytes) -> None:
    """The same, deeper in."""
    read_or_refused(begin + body)


pieces = st.sampled_from(
    [b"", b"\0", b";", b"\n", b'"', b"-", b"9" * 40, b"nan", b"1e400", b"\xff", b"<", b">",
     b"{", b"]", b"null", b"true", b"2026-03-29 02:30", b"0", b"\xc3\x83", b"kWh", b"W", b"PK"]
)  # fmt: skip


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(
    name=st.sampled_from(list(SOUND)),
    changes=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), pieces), min_size=1, max_size=6
    ),
)
def test_sound_files_with_faults(
    name: str, changes: list[tuple[float, int, bytes]]
) -> None:
    """A few bytes changed, left out or put in, anywhere."""
    body = SOUND[name]
    for place, n_left_out, piece in changes:
        begin = int(place * len(body))
        body = body[:begin] + piece + body[begin + n_left_out :]
    read_or_refused(body)


@settings(max_examples=200)
@given(name=st.sampled_from(["workbook", "walloon"]), data=st.data())
def test_workbooks_with_faults_in_a_part(name: str, data: st.DataObject) -> None:
    """Which the checksums of the archive would not let through."""
    archive = zipfile.ZipFile(io.BytesIO(SOUND[name]))
    parts = {each: archive.read(each) for each in archive.namelist()}
    read_parts = [n for n in parts if "workbook" in n or "sheet" in n or "Strings" in n]
    part = data.draw(st.sampled_from(read_parts))
    begin = data.draw(st.integers(0, len(parts[part])))
    n_left_out, piece = data.draw(st.integers(0, 60)), data.draw(pieces)
    parts[part] = parts[part][:begin] + piece + parts[part][begin + n_left_out :]
    read_or_refused(zipped(parts))


# A megabyte takes no more than five seconds, on a slow machine too


MEGABYTE = 1_000_000


def filled(head: str, line: str, tail: str = "") -> bytes:
    """A megabyte of a line that comes again; `{n}` counts them."""
    lines, size, n = [head], len(head), 0
    while size < MEGABYTE:
        lines.append(
            line.format(
                n=n,
                day=n // 86_400 % 28 + 1,
                at=f"{n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}",
            )
        )
        size += len(lines[-1])
        n += 1
    return ("".join(lines) + tail).encode()


HEAVY = {
    "lines of one time": filled("debut;CONS (Wh)\n", "2026-01-14;1\n"),
    "times of the repeated hour": filled("debut;CONS (Wh)\n", "2026-10-25 02:30;{n}\n"),
    "times all different": filled("debut;CONS (Wh)\n", "2026-01-{day:02} {at};{n}\n"),
    "a point for each line": filled("debut;PRM;sens;kWh\n", "2026-01-14;{n};CONS;1\n"),
    "a column for each cell": filled("debut", ";{n}"),
    "names of columns": filled("debut", ";CONS (kWh) {n:014}"),
    "quotes": filled("debut;CONS (Wh)\n", '"2026-01-14 00:00";"1"\n'),
    "quotes that are not closed": filled('debut;"', '"a""'),
    "blank lines": filled("debut;CONS (Wh)\n", "\n"),
    "spaces alone": b" " * MEGABYTE,
    "other spaces alone": "\u00a0".encode() * (MEGABYTE // 2),
    "quotes alone": b'"' * 100_000 + b"\n",
    "words in brackets": filled("[", "[{n}] "),
    "numbers": filled("debut;CONS (Wh)\n2026-01-14;", "9"),
    "spaces": filled("debut;CONS (Wh)\n2026-01-14;1", " "),
    "accents mixed up": filled("debut;CONS (Wh)\n2026-01-14;", "Ã©"),
    "json lists": filled('{"mesures": [', "[],", "1]}"),
    "json points": filled('{"mesures":[{"idPrm":"1","grandeur":[{"grandeurMetier":"CONS","unite":"Wh","points":[',
                          '{{"d":"2026-01-14 00:00","v":{n}}},', '{"d":"2026-01-15","v":1}]}]}]}'),
    "json indexes": filled('{"mesures":[{"idPrm":"1","grandeur":[{"grandeurMetier":"CONS","unite":"Wh","valeur":[',
                           '{{"d":"20{day}-01-{day} {at}","v":{n}}},', '{"d":"2026-01-15","v":1}]}]}]}'),
    "xml elements": filled("<R15>", "<a/>", "</R15>"),
    "xml depth": filled("<R15>", "<a>"),
    "xml attributes": filled("<R15", " a{n}='1'", "/>"),
    "xml classes": filled("<R15><PRM><Donnees_Releve>", "<Classe_Temporelle_Distributeur/>"),
    "xml readings": filled("<R15><PRM><Id_PRM>1</Id_PRM>", "<Donnees_Releve><Date_Releve>2026-01-14</Date_Releve></Donnees_Releve>",
                           "</PRM></R15>"),
}  # fmt: skip


@pytest.mark.parametrize("name", HEAVY)
def test_a_megabyte_takes_a_few_seconds(name: str) -> None:
    """Whatever it consists of."""
    start = time.process_time()
    read_or_refused(HEAVY[name])
    assert time.process_time() - start < 5


@pytest.mark.parametrize("name", HEAVY)
def test_a_packed_file_takes_a_few_seconds(name: str) -> None:
    """The most that an archive of its size may give."""
    body = zipped({"a": HEAVY[name] * 9})
    start = time.process_time()
    read_or_refused(body)
    assert time.process_time() - start < 5


# Sizes that no operation has


def test_values_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a table, and over all files of an archive."""
    body = Variant(shape="long").file(ROWS)
    monkeypatch.setattr(delivery_tables, "MAX_VALUES", 150)
    assert problem(body) is Problem.TOO_MANY_VALUES
    monkeypatch.undo()
    monkeypatch.setattr(
        "custom_components.autoconsommation_collective.pmo.deliveries.MAX_VALUES", 250
    )
    assert problem(zipped({"a": body, "b": body})) is Problem.TOO_MANY_VALUES


def test_series_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of points and quantities."""
    monkeypatch.setattr(delivery_tables, "MAX_SERIES", 1)
    assert problem(SOUND["long"]) is Problem.TOO_MANY_VALUES


def test_holes_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps of five minutes a day apart cost as much as a day of them."""
    lines = "".join(
        f"2026-01-{n + 1:02};1;5\n2026-01-{n + 1:02} 23:55;1;5\n" for n in range(20)
    )
    body = "debut;CONS (Wh);pas\n" + lines
    assert len(read(body).curves[0].blocks) == 1
    monkeypatch.setattr(delivery_blocks, "MAX_VALUES", 5_000)
    assert problem(body) is Problem.TOO_MANY_VALUES


def test_blocks_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps that are days apart are blocks of one step each."""
    lines = "".join(f"2026-01-{n * 2 + 1:02};1;5\n" for n in range(10))
    monkeypatch.setattr(delivery_blocks, "MAX_BLOCKS", 9)
    assert problem("debut;CONS (Wh);pas\n" + lines) is Problem.TOO_MANY_VALUES


def test_the_limits_leave_room_for_an_operation() -> None:
    """300 members, three months of quarter-hours of consumption and share."""
    assert delivery_found.MAX_VALUES > 300 * 92 * 96 * 2
    assert delivery_found.MAX_SERIES > 300 * 5
