"""Curves of a study: the same energies in any dialect, gaps that stay gaps, times that are sure."""

from collections.abc import Sequence
import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import io

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.study import (
    Curves,
    StudyProblem,
)
from custom_components.autoconsommation_collective.pmo.study_files import read_study

from .study_cases import CONSUMPTION, PARIS, place, refused, study

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
NAN = float("nan")

type Rows = dict[datetime, list[float]]
"""Energies in Wh of each step, by its start in UTC."""


def local(text: str) -> datetime:
    """The instant of a local time in Paris, the first one where there are two."""
    return datetime.fromisoformat(text).replace(tzinfo=PARIS).astimezone(UTC)


def rows(curves: Sequence[Curves], side: str) -> Rows:
    """What all blocks say of consumption, production or coefficients."""
    return {
        block.start + i * block.step: np.ravel(row).tolist()
        for block in curves
        for i, row in enumerate(
            {
                "consumption": block.consumption,
                "production": block.production,
                "coefficients": block.coefficients,
            }[side]
        )
    }


def lines(start: str, minutes: int, n: int, step: int = 1) -> list[str]:
    """Lines of one participant from a UTC time on, each with its own number."""
    first = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return [
        f"{first + i * step * timedelta(minutes=minutes):%Y-%m-%dT%H:%MZ};{i + 1}"
        for i in range(n)
    ]


def pair(consumption: Sequence[str], production: Sequence[str] | None = None) -> Rows:
    """What is read of the consumption in these lines; the production's are the same."""
    given_ = study(
        consumption="\n".join(["start;home", *consumption]),
        production="\n".join(["start;roof", *(production or consumption)]),
    )
    return rows(given_.study.curves, "consumption")


# Law: a study is read back as it was written, in every dialect the contract allows


@dataclass(frozen=True)
class Dialect:
    """How a file is written."""

    separator: str
    comma: bool
    encoding: str
    line_end: str
    french: bool
    unit: str
    brackets: str
    is_end: bool
    time: str
    quoting: int

    def number(self, wh: float, step: timedelta) -> str:
        """An energy in the unit of the file."""
        if np.isnan(wh):
            return ""
        value = int(wh) * (round(HOUR / step) if self.unit[-1:] == "W" else 1)
        text = f"{value // 1000}.{value % 1000:03}" if "k" in self.unit else f"{value}"
        return text.replace(".", ",") if self.comma else text

    def moment(self, start: datetime, step: timedelta) -> str:
        """The time that stands for a step."""
        at = start + step if self.is_end else start
        match self.time:
            case "utc":
                return f"{at:%Y-%m-%dT%H:%M:%SZ}"
            case "offset":
                return at.astimezone(PARIS).isoformat()
            case "local":
                return f"{at.astimezone(PARIS):%Y-%m-%d %H:%M}"
            case _:
                return f"{at.astimezone(PARIS):%d/%m/%Y %H:%M:%S}"

    def file(self, names: Sequence[str], energies: Rows, step: timedelta) -> bytes:
        """The bytes of the file."""
        first = {
            (False, False): "start",
            (False, True): "Début",
            (True, False): "end",
            (True, True): "fin",
        }[self.is_end, self.french]
        text = io.StringIO()
        writer = csv.writer(
            text,
            delimiter=self.separator,
            lineterminator=self.line_end,
            quoting=self.quoting,
        )
        unit = f" {self.brackets[0]}{self.unit}{self.brackets[1]}" if self.unit else ""
        writer.writerow([first + unit, *names])
        for start, row in energies.items():
            numbers = [self.number(wh, step) for wh in row]
            writer.writerow([self.moment(start, step), *numbers])
        return text.getvalue().encode(self.encoding)


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    """Any that the contract allows."""
    separator = draw(st.sampled_from(";,\t"))
    return Dialect(
        separator=separator,
        comma=separator != "," and draw(st.booleans()),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252"])),
        line_end=draw(st.sampled_from(["\n", "\r\n"])),
        french=draw(st.booleans()),
        unit=draw(st.sampled_from(["", "Wh", "kWh", "W", "kW"])),
        brackets=draw(st.sampled_from(["[]", "()"])),
        is_end=draw(st.booleans()),
        time=draw(st.sampled_from(["utc", "offset", "local", "local in French"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )


MIDNIGHTS = [
    local(day)
    for day in ("2025-01-01", "2025-03-30", "2025-10-25", "2025-10-26", "2024-02-29")
]
"""Ordinary days, those on which clocks change, and one that not every year has."""
energies_wh = st.one_of(st.integers(0, 10**7).map(float), st.just(NAN))


@st.composite
def curves(draw: st.DrawFn, step: timedelta, n_names: int, steps: int) -> Rows:
    """Energies of some steps, a few of them missing as a whole."""
    first = draw(st.shared(st.sampled_from(MIDNIGHTS), key="first"))
    missing = draw(st.sets(st.integers(4, steps - 2), max_size=2))
    wh = draw(
        st.lists(
            st.lists(energies_wh, min_size=n_names, max_size=n_names),
            min_size=steps,
            max_size=steps,
        )
    )
    return {
        first + i * step: row
        for i, row in enumerate(wh)
        if i not in missing or _is_repeated(first + i * step, step)
    }


def _is_repeated(start: datetime, step: timedelta) -> bool:
    """Whether local clocks show the step's start or end twice: by order, if all are there."""
    return any(
        at.astimezone(PARIS).utcoffset()
        != at.astimezone(PARIS).replace(fold=fold).utcoffset()
        for at in (start, start + step)
        for fold in (0, 1)
    )


@given(data=st.data(), minutes=st.sampled_from([10, 15, 30, 60]))
def test_a_study_is_read_as_it_was_written(data: st.DataObject, minutes: int) -> None:
    """Whatever the dialect of each file: the same names, steps, energies and gaps."""
    step = timedelta(minutes=minutes)
    n_steps = data.draw(st.integers(12, 30))
    written: dict[str, tuple[list[str], Rows]] = {
        "consumption": (["école", "home 2"], data.draw(curves(step, 2, n_steps))),
        "production": (["roof, 3 kWc"], data.draw(curves(step, 1, n_steps))),
    }
    bodies: dict[str, bytes] = {}
    for name, (names, energies) in written.items():
        dialect = data.draw(dialects())
        french = name == "consumption" and dialect.french
        bodies["consommation.csv" if french else f"{name}.csv"] = dialect.file(
            names, energies, step
        )
    found = read_study(bodies, PARIS).study
    assert [c.id for c in found.consumers] == written["consumption"][0]
    assert [p.id for p in found.producers] == written["production"][0]
    assert [c.step for c in found.curves] == [step]
    known = written["consumption"][1].keys() | written["production"][1].keys()
    for name, (names, energies) in written.items():
        read = rows(found.curves, name)
        assert (min(read), max(read)) == (min(known), max(known))
        gap = [NAN] * len(names)
        for start, row in read.items():
            np.testing.assert_allclose(row, energies.get(start, gap), rtol=1e-12)


@given(
    data=st.data(),
    lengths=st.sampled_from([(10, 30), (15, 30), (30, 60), (10, 60), (15, 60)]),
    finer=st.sampled_from(["consumption", "production"]),
)
def test_finer_energies_are_summed(
    data: st.DataObject, lengths: tuple[int, int], finer: str
) -> None:
    """Each step is the sum of its parts, and a gap where one of them is not known."""
    fine, coarse = (timedelta(minutes=minutes) for minutes in lengths)
    n = coarse // fine
    first = datetime(2025, 3, 30, tzinfo=UTC)
    known = data.draw(st.lists(st.integers(0, 10**7), min_size=8 * n, max_size=8 * n))
    parts: dict[datetime, int | None] = {
        first + i * fine: wh for i, wh in enumerate(known)
    }
    # Fewer lines than last are missing, and no whole step of the coarser file.
    absent = data.draw(st.sets(st.integers(1, 8 * n - 2), max_size=2))
    empty = data.draw(st.sets(st.integers(0, 8 * n - 1), max_size=2))
    for i in empty:
        parts[first + i * fine] = None
    texts = {
        finer: [
            f"{start.isoformat()};{'' if wh is None else wh}"
            for i, (start, wh) in enumerate(parts.items())
            if i not in absent
        ]
    }
    other = "production" if finer == "consumption" else "consumption"
    texts[other] = [f"{(first + i * coarse).isoformat()};1" for i in range(8)]
    found = study(
        **{name: "\n".join([f"start;{name}", *rows_]) for name, rows_ in texts.items()}
    ).study.curves
    assert [(block.start, block.step) for block in found] == [(first, coarse)]
    gaps = {i // n for i in absent | empty}
    sums = [[NAN if i in gaps else sum(known[i * n : (i + 1) * n])] for i in range(8)]
    np.testing.assert_array_equal(list(rows(found, finer).values()), sums)
    np.testing.assert_array_equal(list(rows(found, other).values()), [[1]] * 8)


# Steps


def test_a_plant_by_quarters_beside_homes_by_halves() -> None:
    """Also before and after the homes' lines, where they miss one, and ending in between."""
    halves = lines("2025-01-01T00:30", 30, 4)
    del halves[2]
    found = study(
        consumption="\n".join(["start;home", *halves]),
        production="\n".join(["start;roof", *lines("2025-01-01T00:15", 15, 12)]),
    ).study.curves
    assert [(block.start.hour, block.step) for block in found] == [(0, 2 * QUARTER)]
    np.testing.assert_array_equal(
        found[0].production[:, 0], [NAN, 5, 9, 13, 17, 21, NAN]
    )
    np.testing.assert_array_equal(
        found[0].consumption[:, 0], [NAN, 1, 2, NAN, 4, NAN, NAN]
    )


def test_only_one_file_changes_its_step() -> None:
    """Quarters are summed as long as the other file has half-hours, and no longer."""
    quarters = lines("2025-01-01T00:00", 15, 48)
    mixed = lines("2025-01-01T00:00", 30, 12) + lines("2025-01-01T06:00", 15, 24)
    for names in (("home", "roof"), ("roof", "home")):
        files = dict(zip(names, (quarters, mixed), strict=True))
        found = study(
            consumption="\n".join(["start;home", *files["home"]]),
            production="\n".join(["start;roof", *files["roof"]]),
        ).study.curves
        assert [(block.step, len(block.production)) for block in found] == [
            (2 * QUARTER, 12),
            (QUARTER, 24),
        ]
        side = "consumption" if names[0] == "home" else "production"
        assert [row[0] for row in rows(found, side).values()] == [
            *(4 * i + 3 for i in range(12)),
            *range(25, 49),
        ]


def test_the_other_file_becomes_coarser() -> None:
    """From its first longer step on quarters are summed; before its first line they are not."""
    mixed = lines("2025-01-01T01:00", 15, 12) + lines("2025-01-01T04:00", 30, 12)
    found = study(
        consumption="\n".join(["start;home", *mixed]),
        production="\n".join(["start;roof", *lines("2025-01-01T00:00", 15, 40)]),
    ).study.curves
    assert [(block.step, len(block.production)) for block in found] == [
        (QUARTER, 16),
        (2 * QUARTER, 12),
    ]
    assert [row[0] for row in rows(found, "production").values()] == [
        *range(1, 17),
        *(4 * i + 35 for i in range(12)),
    ]


def test_a_change_that_is_no_whole_step_after_a_gap() -> None:
    """What is left before the finer lines begin stays as fine as they are."""
    mixed = lines("2025-01-01T00:00", 30, 12) + lines("2025-01-01T06:45", 15, 24)
    found = study(
        consumption="\n".join(["start;home", *mixed]),
        production="\n".join(["start;roof", *lines("2025-01-01T00:00", 15, 48)]),
    ).study.curves
    assert [(block.step, len(block.production)) for block in found] == [
        (2 * QUARTER, 13),
        (QUARTER, 25),
    ]
    assert found[0].production[-1, 0] == 51
    assert found[1].production[0, 0] == 27


def test_energies_stand_where_they_belong() -> None:
    """Arrays in the order of the columns; an empty cell is no zero."""
    (curves_,) = study().study.curves
    assert curves_.start == datetime(2024, 12, 31, 23, tzinfo=UTC)
    assert curves_.step == QUARTER
    np.testing.assert_array_equal(
        curves_.consumption, [[1250, NAN, 3], [1240, 88, 4], [1230, 90, 5]]
    )
    np.testing.assert_array_equal(curves_.production, [[500, 30], [600, 31], [700, 32]])
    assert curves_.coefficients is None


def test_a_step_that_one_file_lacks_is_a_gap_in_it() -> None:
    """At the ends and in between."""
    steps = lines("2025-01-01T00:00", 30, 6)
    found = study(
        consumption="\n".join(["start;home", *steps[:4], steps[5]]),
        production="\n".join(["start;roof", *steps[1:]]),
    ).study.curves
    assert len(found) == 1
    np.testing.assert_array_equal(found[0].consumption[:, 0], [1, 2, 3, 4, NAN, 6])
    np.testing.assert_array_equal(found[0].production[:, 0], [NAN, 2, 3, 4, 5, 6])


def test_a_step_that_both_files_lack_is_a_gap() -> None:
    """So that the result can say that it was left out."""
    steps = lines("2025-01-01T00:00", 15, 5)
    found = pair(steps[:2] + steps[3:])
    assert [row[0] for row in found.values()] == pytest.approx(
        [1, 2, NAN, 4, 5], nan_ok=True
    )


@pytest.mark.parametrize("first", ["start", "end"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(30, 15, id="finer"),
        pytest.param(15, 30, id="coarser"),
        pytest.param(60, 10, id="six times finer"),
    ],
)
def test_the_step_may_change(first: str, before: int, after: int) -> None:
    """Each length is a block of its own, without overlap and without a gap between."""
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    steps = [timedelta(minutes=before)] * 12 + [timedelta(minutes=after)] * 24
    starts = [begin + sum(steps[:i], timedelta()) for i in range(len(steps))]
    shown = (
        starts
        if first == "start"
        else [start + step for start, step in zip(starts, steps, strict=True)]
    )
    text = [f"{at.isoformat()};{i}" for i, at in enumerate(shown)]
    del text[25]
    found = study(
        consumption="\n".join([f"{first};home", *text]),
        production="\n".join([f"{first};roof", *text]),
    ).study.curves
    assert [(c.start, c.step, len(c.production)) for c in found] == [
        (begin, timedelta(minutes=before), 12),
        (starts[12], timedelta(minutes=after), 24),
    ]
    expected = {start: [float(i)] for i, start in enumerate(starts)}
    expected[starts[25]] = [NAN]
    read = rows(found, "consumption")
    assert read.keys() == expected.keys()
    for start, row in read.items():
        np.testing.assert_array_equal(row, expected[start])


def test_a_gap_near_the_beginning_hides_no_change() -> None:
    """The first lines have the step that lasts after them, not the one most lines have."""
    halves, quarters = (
        lines("2025-01-01T00:00", 30, 14),
        lines("2025-01-01T07:00", 15, 30),
    )
    text = "\n".join([*halves[:3], *halves[4:], *quarters])
    found = study(
        consumption=f"start;home\n{text}", production=f"start;roof\n{text}"
    ).study.curves
    assert [(c.step, len(c.production)) for c in found] == [
        (2 * QUARTER, 14),
        (QUARTER, 30),
    ]


@pytest.mark.parametrize("name", ["end", "Fin"])
def test_the_end_of_a_step(name: str) -> None:
    """Is a step later than its start."""
    found = study(consumption=CONSUMPTION.replace("start", name)).study.curves
    assert found[0].start == local("2024-12-31T23:45")
    assert found[0].production[1, 0] == 500


def test_power_is_energy_of_its_own_step() -> None:
    """1 kW is 500 Wh of a half-hour, and 250 Wh of a quarter."""
    times = [f"2025-01-01T{h:02}:{m:02}Z" for h in range(5) for m in (0, 30)]
    times += [f"2025-01-01T05:{m:02}Z" for m in (0, 15, 30, 45)]
    times += [f"2025-01-01T{h:02}:{m:02}Z" for h in (6, 7) for m in (0, 15, 30, 45)]
    found = study(
        consumption="\n".join(["start [kW];home", *(f"{t};1" for t in times)]),
        production="\n".join(["start [W];roof", *(f"{t};1000" for t in times)]),
    ).study.curves
    assert [c.consumption[:, 0].tolist() for c in found] == [[500.0] * 10, [250.0] * 12]
    assert [c.production[:, 0].tolist() for c in found] == [[500.0] * 10, [250.0] * 12]


def test_lines_missing_now_and_then_are_no_other_step() -> None:
    """Up to a few doubled differences in a row."""
    steps = lines("2025-01-01T00:00", 15, 40)
    found = pair(steps[:10] + steps[10:24:2] + steps[24:])
    assert len(found) == 40
    assert sum(np.isnan(row[0]) for row in found.values()) == 7


def test_a_decimal_kwh_is_a_whole_wh() -> None:
    """What binary makes of a decimal fraction does not last."""
    found = pair(["2025-01-01T00:00Z;1", "2025-01-01T00:15Z;1"])
    assert len(found) == 2
    in_kwh = study(
        consumption="start [kWh];home\n2025-01-01T00:00Z;1,001\n2025-01-01T00:15Z;4,035\n",
        production="start;roof\n2025-01-01T00:00Z;1\n2025-01-01T00:15Z;1\n",
    )
    assert in_kwh.study.curves[0].consumption[:, 0].tolist() == [1001.0, 4035.0]


def test_as_a_spreadsheet_in_french_saves_it() -> None:
    """Windows-1252, its own ends of lines, days before months, decimal commas."""
    text = "debut;école;mairie\r\n01/02/2026 12:30;1250,5;310\r\n01/02/2026 13:00;1240;\r\n"
    roof = text.replace("école;mairie", "école;toit")
    found = read_study(
        {"consommation.csv": text.encode("cp1252"), "production.csv": roof.encode()},
        PARIS,
    ).study
    assert [consumer.id for consumer in found.consumers] == ["école", "mairie"]
    assert found.curves[0].start == local("2026-02-01T12:30")
    np.testing.assert_array_equal(
        found.curves[0].consumption, [[1250.5, 310], [1240, NAN]]
    )


# Local time

OCTOBER = ("01:30", "02:00", "02:30", "02:00", "02:30", "03:00")
MARCH = ("01:30", "03:00", "03:30")


def test_the_hour_that_october_repeats() -> None:
    """By its order: six half-hours from half past one to three."""
    found = pair([f"2025-10-26 {at};{i}" for i, at in enumerate(OCTOBER)])
    first = local("2025-10-26T01:30")
    assert found == {first + i * 2 * QUARTER: [float(i)] for i in range(6)}


def test_the_hour_that_october_repeats_in_hourly_curves() -> None:
    """The same time twice in a row."""
    times = ("01:00", "02:00", "02:00", "03:00", "04:00")
    found = pair([f"2025-10-26 {at};{i}" for i, at in enumerate(times)])
    first = local("2025-10-26T01:00")
    assert found == {first + i * HOUR: [float(i)] for i in range(5)}


def test_the_hour_that_october_repeats_is_there_once() -> None:
    """Taken for the first of the two; the other is a gap."""
    found = pair(
        [f"2025-10-26 {at};1" for at in ("01:30", "02:00", "02:30", "03:00", "03:30")]
    )
    gaps = [start for start, row in found.items() if np.isnan(row[0])]
    assert gaps == [local("2025-10-26T03:00") - i * 2 * QUARTER for i in (2, 1)]


def test_a_file_may_begin_in_the_hour_that_october_repeats() -> None:
    """In its first occurrence."""
    found = pair([f"2025-10-26 {at};1" for at in OCTOBER[1:]])
    assert min(found) == local("2025-10-26T02:00")


def test_the_hour_that_march_skips() -> None:
    """Three follows half past one at once."""
    found = pair([f"2025-03-30 {at};{i}" for i, at in enumerate(MARCH)])
    first = local("2025-03-30T01:30")
    assert found == {first + i * 2 * QUARTER: [float(i)] for i in range(3)}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("2025-01-01T01:00:00+01:00", id="offset"),
        pytest.param("2025-01-01T01:00+0100", id="offset without a colon"),
        pytest.param("2025-01-01T00:00:00Z", id="UTC"),
        pytest.param("2025-01-01 01:00", id="local"),
        pytest.param("2025-01-01T01:00:00.000", id="thousandths"),
        pytest.param("01/01/2025 01:00:00", id="French"),
        pytest.param("1/1/2025 1:00", id="French and short"),
        pytest.param("2025-01-01 1:00", id="short hour"),
    ],
)
def test_ways_to_write_a_time(text: str) -> None:
    """All the same instant."""
    found = pair([f"{text};1", "2025-01-01T00:15Z;2"])
    assert min(found) == datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2025-01-01", "01/01/2025"])
def test_midnight_may_be_a_day(text: str) -> None:
    """As spreadsheets write it."""
    found = pair([f"{text};1", "2025-01-01T00:15;2"])
    assert min(found) == local("2025-01-01T00:00")


def test_day_before_month() -> None:
    """Never the other way round, as far as one can tell."""
    found = pair(["02/03/2025 00:00;1", "02/03/2025 00:30;1"])
    assert min(found) == local("2025-03-02T00:00")


# Coefficients


def test_coefficients_by_consumer() -> None:
    """In the order of the consumers, on the steps of the curves; the rest is left."""
    (found,) = study(
        coefficients="""\
start;old mill;home;school
2024-12-31T23:45:00+01:00;1;0;0
2025-01-01T00:00:00+01:00;0,5;20 %;0
2025-01-01T00:30:00+01:00;0;;1
"""
    ).study.curves
    assert found.coefficients is not None
    np.testing.assert_array_equal(
        found.coefficients, [[0, 0.2, 0.5], [NAN, NAN, NAN], [1, NAN, 0]]
    )


def test_coefficients_by_pair() -> None:
    """Shape (n_steps, n_producers, n_consumers)."""
    header = "start;roof>school;roof > home;roof>old mill;old mill>home;old mill>school;old mill>old mill"
    (found,) = study(
        coefficients=f"{header}\n2025-01-01T00:00:00+01:00;0,1;0,2;0,3;0,5;0,4;0\n"
        "2025-01-01T00:15:00+01:00;1;0;0;0;0;1\n"
    ).study.curves
    assert found.coefficients is not None
    np.testing.assert_array_equal(
        found.coefficients[:2],
        [[[0.1, 0.2, 0.3], [0.4, 0.5, 0]], [[1, 0, 0], [0, 0, 1]]],
    )
    assert found.coefficients.shape == (3, 2, 3)
    assert np.isnan(found.coefficients[2]).all()


@pytest.mark.parametrize("header", ["start;home;school", "start;roof>home;roof>school"])
def test_a_candidate_without_coefficient_is_given_nothing(header: str) -> None:
    """Of the organiser, who does not know it yet."""
    (found,) = study(
        participants="id;side;candidate\nold mill;consumer;yes\nold mill;producer;oui\n",
        coefficients=f"{header}\n2025-01-01T00:00:00+01:00;0,5;0,25\n2025-01-01T00:15:00+01:00;0;0\n",
    ).study.curves
    assert found.coefficients is not None
    first = found.coefficients[0].reshape(-1, 3)
    np.testing.assert_array_equal(first[0], [0.25, 0.5, 0])
    assert not first[1:].any()


# Refused: each fault once, and the file without it once

STEPS = "start;home\n2025-01-01T00:00Z;1\n2025-01-01T00:15Z;2\n2025-01-01T00:30Z;3\n"
ROOF = STEPS.replace("home", "roof")
GIVEN = "start;home\n2025-01-01T00:00Z;1\n2025-01-01T00:15Z;0\n"


@pytest.mark.parametrize(
    ("file", "right", "wrong", "told"),
    [
        pytest.param("consumption", ";2\n", ";-2\n", (StudyProblem.BAD_NUMBER, "l. 3", "home", "-2"), id="negative"),
        pytest.param("consumption", ";2\n", ";two\n", (StudyProblem.BAD_NUMBER, "l. 3", "home", "two"), id="text"),
        pytest.param("consumption", ";2\n", ";nan\n", (StudyProblem.BAD_NUMBER, "l. 3", "home", "nan"), id="nan"),
        pytest.param("production", ";3\n", ";1e13\n", (StudyProblem.BAD_NUMBER, "l. 4", "roof", "1e13"), id="more than any plant"),
        pytest.param("consumption", "start;", "Horodate;", (StudyProblem.COLUMN_MISSING, "", "debut, fin, start, end (≠ Horodate)", "Horodate"), id="start or end"),
        pytest.param("consumption", "start;home", "home;start", (StudyProblem.COLUMN_MISSING, "", "debut, fin, start, end (≠ home)", "home"), id="start is not first"),
        pytest.param("consumption", STEPS, "", (StudyProblem.COLUMN_MISSING, "", "debut, fin, start, end", ""), id="empty file"),
        pytest.param("consumption", STEPS, "start\n2025-01-01T00:00Z\n", (StudyProblem.COLUMN_MISSING, "", "", ""), id="nobody"),
        pytest.param("consumption", "start;", "start [MWh];", (StudyProblem.BAD_VALUE, "", "start [MWh]", "MWh"), id="unit unknown"),
        pytest.param("consumption", "start;", "start (MWh);", (StudyProblem.BAD_VALUE, "", "start (MWh)", "MWh"), id="unit unknown in parentheses"),
        pytest.param("consumption", "start;", "start (W];", (StudyProblem.COLUMN_MISSING, "", "debut, fin, start, end (≠ start (W])", "start (W]"), id="unit half in brackets"),
        pytest.param("consumption", "start;", "start [];", None, id="no unit is Wh"),
        pytest.param("consumption", "00:15Z", "00:25", (StudyProblem.STEPS_IRREGULAR, "l. 3", "", "2025-01-01T00:25"), id="local before UTC"),
        pytest.param("consumption", "T00:15Z", "T25:15Z", (StudyProblem.BAD_TIME, "l. 3", "start", "2025-01-01T25:15Z"), id="no hour"),
        pytest.param("consumption", "2025-01-01T00:15Z", "2025-02-30T00:15Z", (StudyProblem.BAD_TIME, "l. 3", "start", "2025-02-30T00:15Z"), id="no day"),
        pytest.param("consumption", "2025-01-01T00:15Z", "45658,01", (StudyProblem.BAD_TIME, "l. 3", "start", "45658,01"), id="serial number"),
        pytest.param("consumption", "2025-01-01T00:15Z", "", (StudyProblem.BAD_TIME, "l. 3", "start", ""), id="no time"),
        pytest.param("consumption", "2025-01-01T00:30Z", "2052-01-01T00:30Z", (StudyProblem.BAD_TIME, "l. 4", "start", "2052-01-01T00:30Z"), id="year mistyped"),
        pytest.param("consumption", "T00:30Z", "T00:15Z", (StudyProblem.STEPS_IRREGULAR, "l. 4", "", "2025-01-01T00:15Z"), id="twice"),
        pytest.param("consumption", "T00:30Z", "T00:05Z", (StudyProblem.STEPS_IRREGULAR, "l. 4", "", "2025-01-01T00:05Z"), id="out of order"),
        pytest.param("production", "T00:30Z", "T00:35Z", (StudyProblem.STEPS_IRREGULAR, "l. 4", "", "15 min"), id="beside the grid"),
        pytest.param("production", ROOF, "start;roof\n2025-01-01T00:00Z;1\n2025-01-01T00:10Z;1\n", (StudyProblem.STEPS_IRREGULAR, "l. 2", "", "10 min, 15 min"), id="production by ten minutes"),
        pytest.param("consumption", STEPS, "start;home\n2025-01-01T00:00Z;1\n2025-01-01T00:05Z;1\n", (StudyProblem.STEPS_IRREGULAR, "l. 3", "", "5 min"), id="five minutes"),
        pytest.param("consumption", STEPS, "start;home\n2025-01-01T00:00Z;1\n2025-01-02T00:00Z;1\n", (StudyProblem.STEPS_IRREGULAR, "l. 3", "", "1440 min"), id="days"),
        pytest.param("consumption", STEPS, "start;home\n2025-01-01T00:00Z;1\n", (StudyProblem.STEPS_IRREGULAR, "l. 2", "", "0 min"), id="one line"),
        pytest.param("consumption", STEPS, "start;home\n", (StudyProblem.NOTHING_KNOWN, "", "", ""), id="no line"),
        pytest.param("production", ROOF, ROOF.replace("2025", "2024"), (StudyProblem.NOTHING_KNOWN, "", "", ""), id="other year"),
        pytest.param("coefficients", "start;", "start [Wh];", (StudyProblem.BAD_VALUE, "", "start [Wh]", "Wh"), id="coefficients with a unit"),
        pytest.param("coefficients", ";1\n", ";25\n", (StudyProblem.BAD_NUMBER, "l. 2", "home", "25 (25 %, 0.25)"), id="coefficient above 1"),
        pytest.param("coefficients", ";1\n", ";101 %\n", (StudyProblem.BAD_NUMBER, "l. 2", "home", "101 %"), id="coefficient above 100 %"),
        pytest.param("coefficients", "home", "hone", (StudyProblem.COLUMN_UNKNOWN, "", "hone", ""), id="coefficient of a stranger"),
        pytest.param("coefficients", "start;home", "start;roof>hone", (StudyProblem.COLUMN_UNKNOWN, "", "roof>hone", ""), id="pair with a stranger"),
        pytest.param("coefficients", GIVEN, "start;roof>home;roof > home\n2025-01-01T00:00Z;1;1\n", (StudyProblem.STEPS_IRREGULAR, "l. 2", "", "0 min"), id="coefficients of one line"),
        pytest.param("coefficients", GIVEN, "start;roof>home;roof > home\n2025-01-01T00:00Z;1;1\n2025-01-01T00:15Z;1;1\n", (StudyProblem.COLUMN_TWICE, "", "roof>home", ""), id="pair twice"),
        pytest.param("coefficients", "T00:15Z", "T00:30Z", (StudyProblem.STEPS_IRREGULAR, "l. 2", "", "15 min, 30 min"), id="coefficients by half-hours"),
    ],
)  # fmt: skip
def test_refused_and_read_once_repaired(
    file: str,
    right: str,
    wrong: str,
    told: tuple[StudyProblem, str, str, str] | None,
) -> None:
    """The fault with its file and line; without it the study is read."""
    good = {"consumption": STEPS, "production": ROOF, "coefficients": GIVEN}
    assert right in good[file]
    bad = good | {file: good[file].replace(right, wrong, 1)}
    if told is None:
        assert study(**bad)
        return
    problem, name, line, _, field, found = place(refused(lambda: study(**bad)))
    assert name == f"{file}.csv"
    assert (problem, line, field, found) == told
    assert study(**good)


def test_a_member_without_coefficient_is_missed() -> None:
    """No coefficient is no zero, but for candidates."""
    coefficients = "start;home;school\n2025-01-01T00:00Z;0;0\n2025-01-01T00:15Z;0;0\n"
    error = refused(lambda: study(coefficients=coefficients))
    assert (error.problem, error.field) == (StudyProblem.COLUMN_MISSING, "old mill")


@pytest.mark.parametrize("finer", ["consumption", "production"])
def test_finer_steps_beside_the_coarser_ones(finer: str) -> None:
    """A step that reaches into two of the other file can be summed to neither."""
    halves = "start;a\n2025-01-01T00:00Z;1\n2025-01-01T00:30Z;1\n"
    quarters = "start;b\n2025-01-01T00:05Z;1\n2025-01-01T00:20Z;1\n"
    other = "production" if finer == "consumption" else "consumption"
    error = refused(lambda: study(**{finer: quarters, other: halves}))
    assert (error.problem, error.file, error.step, error.found) == (
        StudyProblem.STEPS_IRREGULAR,
        f"{finer}.csv",
        "l. 2",
        "15 min, 30 min",
    )


def test_a_time_that_march_skips() -> None:
    """Named by its line."""
    error = refused(lambda: pair(["2025-03-30 01:30;1", "2025-03-30 02:00;1"]))
    assert (error.problem, error.step) == (StudyProblem.BAD_TIME, "l. 3")


def test_a_step_inside_another_one() -> None:
    """Quarter-hours that begin before the last half-hour has ended."""
    halves = lines("2025-01-01T00:15", 30, 12)
    quarters = lines("2025-01-01T05:50", 15, 12)
    error = refused(lambda: pair(halves + quarters))
    assert (error.problem, error.step) == (StudyProblem.STEPS_IRREGULAR, "l. 14")


def test_curves_are_named_in_the_order_of_the_files() -> None:
    """Who is in both is a consumer and a producer, each with what its meter counted."""
    found = study().study
    assert [c.id for c in found.consumers] == ["school", "home", "old mill"]
    assert [(p.id, p.behind) for p in found.producers] == [
        ("roof", None),
        ("old mill", None),
    ]
