"""The command that compares keys and plants: what a volunteer sees of it."""

import csv
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
import io
from itertools import pairwise
from pathlib import Path
import re
import shutil
import string
import subprocess
from xml.parsers import expat
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ONE_CLASS,
)
from custom_components.autoconsommation_collective.engine.simulation import simulate
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    Consumer,
    Curves,
    Producer,
    Scenario,
    Sharing,
    Study,
    StudyError,
    StudyProblem,
)
from custom_components.autoconsommation_collective.engine.tariffs import Tariff
from custom_components.autoconsommation_collective.engine.terms import (
    ConsumerTerms,
    ProducerTerms,
    Rate,
)
from script import study_chart, study_example, study_simulate
from script.study_chart import Curve, Sizes, draw_scenarios, draw_sizes, merged
from script.study_report import Result, Row, report, rows
from script.study_simulate import Progress, default_keys, error_text, main, shown_names
from script.study_texts import (
    DECIMALS,
    HELP_TEXTS,
    KEY_TEXTS,
    MAIN_COLUMNS,
    TEXTS,
    Column,
    key_choice,
    key_name,
    number,
)

ROOT = Path(__file__).parents[2]
PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
N_DAYS = 45
"""Of the example in the tests: all of January, half of February, and the gap."""
PRM = "12345678901234"

ALWAYS = Validity(date(2000, 1, 1))
HOME = ConsumerTerms(
    supplier=(Tariff("flat", ONE_CLASS, {"BASE": 0.20}, ALWAYS),),
    network=(Tariff("none", ONE_CLASS, {"BASE": 0.0}, ALWAYS),),
    excise=(Rate(0.0, ALWAYS),),
    vat=(Rate(0.2, ALWAYS),),
    prices=(Price(PriceModel.SALE, 0.10, ALWAYS),),
)
PLANT = ProducerTerms(
    prices=(Price(PriceModel.SALE, 0.10, ALWAYS),),
    surplus_prices=(Rate(0.05, ALWAYS),),
)


def study(hours: int = 2, **changes: object) -> Study:
    """Two homes and a roof: anna draws 3 kWh each hour, ben 1, the roof gives 2.

    Anna pays by a plan, ben has none; midnight of a month lies after the first hour.
    """
    consumption = np.tile([3000.0, 1000.0], (hours, 1))
    given = Study(
        time_zone=PARIS,
        consumers=(Consumer("anna", plan="flat"), Consumer("ben")),
        producers=(Producer("roof", peak_power_kw=2.0, plan="sold"),),
        curves=(
            Curves(
                datetime(2025, 1, 31, 22, tzinfo=UTC),
                HOUR,
                consumption,
                np.full((hours, 1), 2000.0),
            ),
        ),
        consumer_terms={"flat": HOME},
        producer_terms={"sold": PLANT},
    )
    return replace(given, **changes)


def result(
    of: Study,
    *keys: str,
    scenarios: tuple[Scenario, ...] = (AS_IT_IS,),
    language: str = "en",
) -> Result:
    """The study simulated."""
    return Result(of, tuple(simulate(of, keys or ("prorata",), scenarios)), language)


def cells(text: str) -> list[list[str]]:
    """The lines of the first table of a report, without its header and blank lines."""
    lines = text.split("\n\n\n", maxsplit=1)[0].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("---"))
    borders = [match.span() for match in re.finditer("-+", lines[start])]
    body: list[list[str]] = []
    for line in lines[start + 1 :]:
        if re.match(r"[\d.,\u00a0]+ (steps|pas) ", line):
            break
        if line:
            body.append([line[first:last].strip() for first, last in borders])
    return body


# Numbers


def test_numbers_of_the_operation() -> None:
    """Pro rata, half of the consumption is covered: everything follows from that."""
    whole, *_ = rows(result(study()), pairs=False)
    assert whole == Row(
        "as_it_is",
        "prorata",
        {
            Column.INSTALLED: 2.0,
            Column.INJECTED: 4.0,
            Column.WITHDRAWN: 8.0,
            Column.ALLOCATED: 4.0,
            Column.SHARING: 100.0,
            Column.SUFFICIENCY: 50.0,
            Column.PER_HOME: 2.0,
            Column.EUR: pytest.approx(0.30),
            Column.SURPLUS: 0.0,
            Column.OWN_USE: 0.0,
            Column.STEPS: 2,
        },
    )


def test_numbers_of_the_participants() -> None:
    """Under equal parts ben uses all of its own half; nobody knows what ben pays."""
    found = {
        (row.month, row.consumer, row.producer): row.cells
        for row in rows(result(study(), "equal"), pairs=True)
    }
    assert found["", "anna", ""] == {
        Column.WITHDRAWN: 6.0,
        Column.ALLOCATED: 2.0,
        Column.SUFFICIENCY: pytest.approx(100 / 3),
        Column.EUR: pytest.approx(0.20),
        Column.OWN_USE: 0.0,
    }
    assert found["", "ben", ""][Column.EUR] is None
    assert found["", "", "roof"] == {
        Column.INJECTED: 4.0,
        Column.ALLOCATED: 4.0,
        Column.SHARING: 100.0,
        Column.EUR: pytest.approx(0.40),
        Column.SURPLUS: 0.0,
    }
    assert found["", "ben", "roof"] == {Column.ALLOCATED: 2.0}
    assert found["2025-01", "ben", ""][Column.ALLOCATED] == 1.0


def test_what_a_fixed_part_leaves_is_surplus() -> None:
    """Ben uses 1 of its 2 kWh; the plant sells the other, and its rates and euros say so."""
    base = study()
    ample = replace(
        base, curves=(replace(base.curves[0], production=np.full((2, 1), 4000.0)),)
    )
    found = [row for row in rows(result(ample, "equal"), pairs=False) if not row.month]
    whole = next(row.cells for row in found if row.of_operation)
    assert (whole[Column.ALLOCATED], whole[Column.SURPLUS]) == (6.0, 2.0)
    assert whole[Column.SHARING] == whole[Column.SUFFICIENCY] == 75.0
    assert found[-1].cells == {
        Column.INJECTED: 8.0,
        Column.ALLOCATED: 6.0,
        Column.SHARING: 75.0,
        Column.EUR: pytest.approx(6 * 0.10 + 2 * 0.05),
        Column.SURPLUS: 2.0,
    }


def test_months_are_local_and_add_up() -> None:
    """The hour before the local midnight is January's, and energies of months add up."""
    found = [
        row for row in rows(result(study(hours=3)), pairs=False) if row.of_operation
    ]
    assert [row.month for row in found] == ["", "2025-01", "2025-02"]
    whole, january, february = (row.cells for row in found)
    assert (january[Column.STEPS], february[Column.STEPS]) == (1, 2)
    for column in (Column.INJECTED, Column.ALLOCATED, Column.WITHDRAWN, Column.EUR):
        assert january[column] + february[column] == pytest.approx(whole[column])


def test_euros_are_by_the_year_where_there_is_one() -> None:
    """Two years are halved, a month's euros are not; less than a year is as it is."""
    of_two_years = result(study(hours=2 * 365 * 24))
    whole, *others = [r for r in rows(of_two_years, pairs=False) if r.of_operation]
    per_hour = 0.10 * 1.5
    assert whole.cells[Column.EUR] == pytest.approx(365 * 24 * per_hour)
    march = next(row for row in others if row.month == "2025-03")
    assert march.cells[Column.EUR] == pytest.approx((31 * 24 - 1) * per_hour)
    assert "€/year" in report(of_two_years, months=False, members=False, pairs=False)

    short = report(result(study()), months=False, members=False, pairs=False)
    assert "/year" not in short
    assert "of the 0.1 days known" in short


def test_a_year_is_a_year_whatever_the_steps() -> None:
    """Half a year of hours, half of half hours of the same power: kWh and euros as of hours."""
    hours = study(hours=365 * 24)
    first = hours.curves[0]
    half = len(first.consumption) // 2
    finer = replace(
        first,
        start=first.start + half * first.step,
        step=first.step / 2,
        consumption=np.repeat(first.consumption[half:] / 2, 2, axis=0),
        production=np.repeat(first.production[half:] / 2, 2, axis=0),
    )
    coarse = replace(
        first,
        consumption=first.consumption[:half],
        production=first.production[:half],
    )
    told = [
        next(rows(result(each), pairs=False)).cells
        for each in (hours, replace(hours, curves=(coarse, finer)))
    ]
    for column in (Column.EUR, Column.PER_HOME):
        assert told[1][column] == pytest.approx(told[0][column])


def test_what_nobody_knows_is_a_dash() -> None:
    """Without prices no euros, without power no kWc, without production no sharing rate."""
    unknown = study(
        consumers=(Consumer("anna"), Consumer("ben")), producers=(Producer("roof"),)
    )
    dark = replace(
        unknown, curves=(replace(unknown.curves[0], production=np.zeros((2, 1))),)
    )
    text = report(result(dark), months=False, members=True, pairs=False)
    assert cells(text)[0][2:] == ["–", "0", "0", "–", "0.0", "0", "–", "0"]
    assert "prices are known" not in text


def test_euros_of_some_homes_only_say_so() -> None:
    """The mean is that of the homes with prices, and the note tells how many."""
    text = report(result(study()), months=False, members=False, pairs=False)
    assert "1 of 2 homes" in text


@pytest.mark.parametrize(
    ("known", "later", "missing"),
    [
        pytest.param([True] * 4, 0, 0, id="none"),
        pytest.param([True, False, True, True], 0, 1, id="empty cell"),
        pytest.param([True] * 4, 3, 3, id="lines that are not there"),
        pytest.param([True, False, True, False], 2, 4, id="both"),
    ],
)
def test_steps_left_out_are_counted(
    known: list[bool], later: int, missing: int
) -> None:
    """Empty cells and missing lines alike."""
    first = study(hours=4).curves[0]
    consumption = first.consumption.copy()
    consumption[~np.array(known), 1] = np.nan
    parts = [replace(first, consumption=consumption)]
    if later:
        start = first.start + (4 + later) * HOUR
        parts.append(replace(first, start=start))
    holed = result(study(curves=tuple(parts)))
    told = report(holed, months=False, members=False, pairs=False)
    assert f"; {missing} left out" in told
    assert ("Steps without a value" in told) is not all(known)


def test_pairs_add_up_to_what_each_has() -> None:
    """Who owes whom: the consumer's kWh over all producers."""
    base = study(hours=4)
    two = replace(
        base,
        producers=(*base.producers, Producer("mill")),
        curves=(replace(base.curves[0], production=np.tile([3000.0, 1000.0], (4, 1))),),
    )
    of_two = result(two, "prorata")
    found = list(rows(of_two, pairs=True))
    for name in ("anna", "ben"):
        mine = [r for r in found if r.consumer == name and not r.month]
        allocated = [r.cells[Column.ALLOCATED] for r in mine if not r.producer]
        owed = [r.cells[Column.ALLOCATED] for r in mine if r.producer]
        assert sum(owed) == pytest.approx(allocated[0])
    table = report(of_two, months=False, members=False, pairs=True).split("\n\n")[-1]
    assert table.splitlines()[0].split() == ["consumer", "roof", "mill"]
    assert table.splitlines()[-2].split() == ["anna", "9", "3"]
    assert table.splitlines()[-1].split() == ["ben", "3", "1"]


# Words


@pytest.mark.parametrize(
    ("value", "decimals", "english", "french"),
    [
        (1234.56, 1, "1,234.6", "1\u00a0234,6"),
        (0.0, 0, "0", "0"),
        (-0.001, 2, "0.00", "0,00"),
        (-10.0, 2, "-10.00", "-10,00"),
        (None, 2, "–", "–"),
    ],
)
def test_numbers_are_written_as_people_do(
    value: float | None, decimals: int, english: str, french: str
) -> None:
    """Point and comma, or comma and a space that does not break."""
    assert number(value, decimals, "en") == english
    assert number(value, decimals, "fr") == french


def placeholders(text: str) -> set[str | None]:
    """What is filled in."""
    return {field for _, field, _, _ in string.Formatter().parse(text)} - {None}


@pytest.mark.parametrize(
    "texts",
    [TEXTS, HELP_TEXTS, KEY_TEXTS, study_chart.TEXTS],
    ids=["table", "help", "key", "chart"],
)
def test_both_languages_say_the_same(texts: dict) -> None:
    """The same texts, with the same things filled in, and none of them empty."""
    assert set(texts) == {"en", "fr"}
    english, french = texts["en"], texts["fr"]
    assert english.keys() == french.keys()
    for name, text in english.items():
        assert text
        assert french[name]
        assert placeholders(text) == placeholders(french[name]), name


def test_every_key_is_explained() -> None:
    """Each that there is, and no other."""
    assert set(KEY_TEXTS["en"]) == set(Sharing)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("problem", [*StudyProblem, *AllocationProblem])
def test_every_problem_has_a_sentence(
    problem: StudyProblem | AllocationProblem, language: str
) -> None:
    """What the engine and the reader may refuse; all that is named can be filled in."""
    assert error_text(StudyError(problem), language).endswith((".", "?"))


@pytest.mark.parametrize(
    "name",
    ["equal_then_prorata", "equal+prorata", "égalitaire+prorata", "Egalitaire+prorata"],
)
def test_keys_go_by_their_names_in_both_languages(name: str) -> None:
    """With accents or without; what is shown can be typed again."""
    assert key_choice(name) == "equal_then_prorata"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("key", [*Sharing, "static_then_prorata"])
def test_the_shown_name_of_a_key_can_be_typed(key: str, language: str) -> None:
    """A round trip for each of them."""
    assert key_choice(key_name(key, language)) == key


def test_each_key_of_the_table_is_explained() -> None:
    """Once, and rounds where there are any."""
    for keys, rounds in (
        (["equal", "static"], 0),
        (["equal", "equal_then_prorata"], 1),
    ):
        coefficients = (Consumer("anna", 0.5), Consumer("ben", 0.5))
        of_keys = result(study(consumers=coefficients), *keys)
        text = report(of_keys, months=False, members=False, pairs=False)
        assert text.count("equal: the same fixed part for each") == 1
        assert text.count(TEXTS["en"]["rounds"]) == rounds


@pytest.mark.parametrize(
    ("given", "keys"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"coefficient": 0.5}, ["static"], id="coefficients"),
        pytest.param(
            {"investment": 50.0, "rank": 1}, ["investment", "priority"], id="two"
        ),
    ],
)
def test_keys_that_are_tried_unasked(given: dict, keys: list[str]) -> None:
    """Those that need no number, and those whose number everybody has."""
    everybody = study(consumers=(Consumer("anna", **given), Consumer("ben", **given)))
    first = ["prorata", "equal", "fair", "equal_then_prorata"]
    assert [*default_keys(everybody)] == first + keys
    somebody = study(consumers=(Consumer("anna", **given), Consumer("ben")))
    assert [*default_keys(somebody)] == first


# Personal numbers


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("maison 3", "maison 3"),
        (PRM, "…234"),
        ("14 123 456 789 012", "…012"),
        (f"école {PRM}", "école …234"),
        ("541448920701234567", "…567"),
        ("2025-01-01", "2025-01-01"),
    ],
)
def test_number_of_a_delivery_point_is_not_shown(name: str, shown: str) -> None:
    """Only its last digits; other names stay."""
    assert shown_names([name]) == {name: shown}


def test_hidden_names_stay_different() -> None:
    """Two numbers that end alike, and one name on both sides."""
    one, other = "11111111111234", "22222222222234"
    assert shown_names([one, other, one]) == {one: "…234", other: "…234 (2)"}


def test_an_error_does_not_show_it_either() -> None:
    """Wherever in the sentence it stands."""
    error = StudyError(StudyProblem.PARTICIPANT_UNKNOWN, participant=PRM)
    assert "…234" in error_text(error, "fr")
    assert PRM not in error_text(error, "fr")


@pytest.mark.parametrize(
    ("file", "shown"), [("", " 1,15 "), ("participants.csv", " 1.1500000000000001 ")]
)
def test_numbers_in_errors(file: str, shown: str) -> None:
    """What was computed is rounded, with a comma in French; what stands in a file is quoted."""
    error = StudyError(
        AllocationProblem.COEFFICIENTS_ABOVE_ONE, file=file, found="1.1500000000000001"
    )
    assert shown in error_text(error, "fr")


# Progress


class Stream(io.StringIO):
    """A standard error that is a terminal, or not."""

    def __init__(self, is_terminal: bool) -> None:
        """Start empty."""
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        """As told."""
        return self._is_terminal


def told(is_terminal: bool, *seconds: float) -> str:
    """What is told while outcomes are done at these times."""
    clock = iter([0.0, *seconds])
    stream = Stream(is_terminal)
    progress = Progress(stream, len(seconds), lambda: next(clock))
    done = result(study()).outcomes[0]
    for _ in seconds:
        progress.tell(done, "en")
    return stream.getvalue()


def test_a_terminal_shows_each_outcome_and_ends_clean() -> None:
    """One line, written over, empty when all is done."""
    assert told(True, 0.1, 0.2) == "\r1/2 prorata, as it is\x1b[K\r\x1b[K"


def test_a_log_gets_a_line_now_and_then() -> None:
    """Nothing of a short run, and no line within five seconds of another."""
    assert told(False, 0.1, 4.9) == ""
    assert told(False, 4.0, 6.0, 10.5, 11.5) == (
        "2/4 prorata, as it is\n4/4 prorata, as it is\n"
    )


# Chart

SIZED = Sizes("school <roof>", (0.0, 3.0, 36.0), (19.0, 22.0, 55.0))
CURVES = [
    Curve("prorata", {"sharing": (60.0, 56.0, 33.0), "sufficiency": (5.0, 6.3, 14.0)}),
    Curve("equal", {"sharing": (40.0, 39.0, 29.0), "sufficiency": (3.3, 4.5, 12.0)}),
    Curve("fair", {"sharing": (60.0, 56.0, 33.0), "sufficiency": (5.0, 6.3, 14.0)}),
    Curve("static", {"sharing": (np.nan, 43.0, 29.0), "sufficiency": (0.0, 4.0, 12.5)}),
]
SCENARIOS = ["as it is", "with <the> mill", "more"]


def drawn(path: Path, kind: str, language: str = "en") -> Path:
    """A chart of that kind."""
    if kind == "sizes":
        draw_sizes(path, SIZED, CURVES, language)
    else:
        draw_scenarios(path, SCENARIOS, CURVES, language)
    return path


def svg_texts(svg: bytes) -> dict[str, list[str]]:
    """What stands in each kind of element of a well-formed SVG."""
    found: dict[str, list[str]] = {}
    inside: list[str] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, _: inside.append(name)
    parser.EndElementHandler = lambda _: inside.pop()
    parser.CharacterDataHandler = lambda text: found.setdefault(inside[-1], []).append(
        text
    )
    parser.Parse(svg, True)
    return found


@pytest.mark.parametrize("kind", ["sizes", "scenarios"])
def test_chart_is_the_same_each_time(kind: str, tmp_path: Path) -> None:
    """No date and no random number in it, so that two runs can be compared."""
    one = drawn(tmp_path / "one.svg", kind).read_bytes()
    assert one == drawn(tmp_path / "two.svg", kind).read_bytes()
    assert b"dc:date" not in one


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", ["sizes", "scenarios"])
def test_chart_is_text_that_names_every_key(
    kind: str, language: str, tmp_path: Path
) -> None:
    """Title, axes and names can be read aloud; the description has every number."""
    texts = svg_texts(drawn(tmp_path / "chart.svg", kind, language).read_bytes())
    read = " ".join(texts["text"])
    for name in ("prorata", "equal", "fair", "static", "0 %", "100 %", "÷"):
        assert name in read
    assert texts["title"][0].strip() in read
    described = " ".join(texts["desc"])
    mark = "," if language == "fr" else "."
    for curve in CURVES:
        assert curve.name in described
    for figure in ("56.0", "33.0", "6.3", "12.5"):
        assert f"{figure.replace('.', mark)} %" in described
    assert "nan" not in described + read
    assert ("<roof>" if kind == "sizes" else "<the>") in read + described


@pytest.mark.parametrize(
    ("written", "kwc"),
    [
        pytest.param("3,5", (3.0, 5.0), id="commas"),
        pytest.param("3,5;6", (3.5, 6.0), id="semicolons and a decimal comma"),
        pytest.param("3.5;6;6", (3.5, 6.0), id="twice the same"),
    ],
)
def test_sizes_as_people_write_them(
    examples: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
    written: str,
    kwc: tuple[float, ...],
) -> None:
    """A comma separates, unless semicolons do."""
    folder = str(examples["en"])
    asked = [folder, "--keys", "prorata", "--sizes", f"school roof={written}"]
    assert main([*asked, "--language", "en"]) == 0
    told = capsys.readouterr().out
    sized = {row[0] for row in cells(told) if row[0].startswith("school roof")}
    assert sized == {f"school roof {size:g} kWc" for size in kwc}


def test_files_that_are_not_used_are_named(
    examples: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt name is no reason to stop, and worth a word."""
    folder = shutil.copytree(examples["en"], tmp_path / "study")
    assert main([str(folder), "--keys", "prorata", "--language", "en"]) == 0
    assert "Not used" not in capsys.readouterr().err
    (folder / "tarifs.csv").write_text("plan;item;value\n")
    assert main([str(folder), "--keys", "prorata", "--language", "en"]) == 0
    assert "Not used: tarifs.csv" in capsys.readouterr().err


def test_sizes_stand_on_the_axis(tmp_path: Path) -> None:
    """With the power of the whole operation, where it is known."""
    read = svg_texts(drawn(tmp_path / "a.svg", "sizes").read_bytes())["text"]
    assert {"0", "3", "36", "(19)", "(22)", "(55)"} <= set(read)
    assert any("whole operation" in text for text in read)
    draw_sizes(tmp_path / "b.svg", replace(SIZED, whole_kwc=(None,) * 3), CURVES, "en")
    read = svg_texts((tmp_path / "b.svg").read_bytes())["text"]
    assert "(19)" not in read
    assert not any("whole operation" in text for text in read)
    assert {"0", "3", "36"} <= set(read)


def test_curves_that_coincide_are_one_with_all_names() -> None:
    """Also where a rate is missing, and not where one point differs."""
    blank = Curve("a", {"sharing": (np.nan,), "sufficiency": (1.0,)})
    same = Curve("b", {"sharing": (float("nan"),), "sufficiency": (1.0 + 1e-9,)})
    other = Curve("c", {"sharing": (np.nan,), "sufficiency": (1.1,)})
    assert [c.name for c in merged([blank, other, same])] == ["a, b", "c"]


def test_names_do_not_cover_each_other() -> None:
    """Seven ends at one height, or at the border, stand apart and inside."""
    for end in (0.0, 12.0, 100.0):
        places = sorted(study_chart._apart([end] * 7, [6.0] * 7))  # noqa: SLF001
        assert all(high - low > 5.5 for low, high in pairwise(places))
        assert places[0] > 0
        assert places[-1] < 100


def contrast_on_white(colour: str) -> float:
    """WCAG's ratio."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [
        p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    ]
    return 1.05 / (float(np.dot(linear, (0.2126, 0.7152, 0.0722))) + 0.05)


def test_colours_can_be_read_on_white() -> None:
    """As text: 4.5 to 1; and each look differs from the next in more than colour."""
    assert all(
        contrast_on_white(c) >= 4.5 for c in (*study_chart.PALETTE, study_chart.INK)
    )
    assert len(set(study_chart.MARKERS)) >= len(set(study_chart.PALETTE))


@pytest.mark.parametrize("kind", ["sizes", "scenarios"])
def test_png_is_drawn(kind: str, tmp_path: Path) -> None:
    """By the end of the file's name."""
    assert drawn(tmp_path / "chart.PNG", kind).read_bytes().startswith(b"\x89PNG")


# The example, and the command as a whole


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The example of some weeks, by language."""
    folder = tmp_path_factory.mktemp("examples")
    for language in ("en", "fr"):
        study_example.write_example(folder / language, language, N_DAYS)
    return {language: folder / language for language in ("en", "fr")}


@pytest.fixture(autouse=True)
def language_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """English, whoever runs the tests."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_example_follows_verviers(
    examples: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """More kWc: the self-production rate rises, each kWc less than the one before; sharing falls."""
    sizes = [3, 6, 12, 24, 36]
    asked = f"school roof={','.join(map(str, sizes))}"
    assert main([str(examples["en"]), "--keys", "prorata,fair", "--sizes", asked]) == 0
    printed = [line for line in cells(capsys.readouterr().out) if line[1] == "prorata"]
    assert [line[0] for line in printed] == [
        "as it is", "with the mill", *(f"school roof {size} kWc" for size in sizes)
    ]  # fmt: skip
    of_roof = [printed[0], *printed[2:]]
    kwc, injected, _, sharing, sufficiency = (
        [float(line[n].replace(",", "")) for line in of_roof] for n in range(2, 7)
    )
    assert kwc == [19.0 + size for size in [0, *sizes]]
    assert injected == sorted(injected)
    assert all(more < less for less, more in pairwise(sharing))
    gains = [
        (more - less) / (larger - smaller)
        for (less, more), (smaller, larger) in zip(
            pairwise(sufficiency), pairwise(kwc), strict=True
        )
    ]
    assert all(gain > 0 for gain in gains)
    assert gains[-1] < 0.7 * gains[0]


def test_plants_of_the_example_have_their_power(examples: dict[str, Path]) -> None:
    """In these weeks of winter a roof gives half of it at best, a mill nearly all."""
    with (examples["en"] / "production.csv").open() as file:
        curves = list(csv.DictReader(file))
    with (examples["en"] / "participants.csv").open() as file:
        power = {row["id"]: row["kwc"] for row in csv.DictReader(file)}
    for name, low, high in (("school roof", 0.4, 0.6), ("mill", 0.9, 1.0)):
        best_kw = max(float(row[name]) for row in curves) / 500
        assert low < best_kw / float(power[name]) < high


def test_example_says_its_gap(
    examples: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The silent day of one home is left out for all."""
    main([str(examples["en"]), "--keys", "prorata"])
    out = capsys.readouterr().out
    assert (
        f"{N_DAYS * 48 - 48:,} steps of 30 minutes from 2025-01-01 to 2025-02-14; 48 left out"
        in out
    )


def test_example_is_the_same_in_both_languages(
    examples: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Same numbers, other words, and the dialect of a French spreadsheet."""
    assert {path.name for path in examples["fr"].iterdir()} == {
        "consommation.csv", "production.csv", "participants.csv", "scenarios.csv", "prix.csv"
    }  # fmt: skip
    first, second = (
        (examples["fr"] / "participants.csv").read_text("utf-8").split("\n")[:2]
    )
    assert first.startswith("nom;cote;coefficient;priorite;")
    assert re.search(r";0,0\d+;", second)
    main([str(examples["en"]), "--months"])
    english = cells(capsys.readouterr().out)
    main([str(examples["fr"]), "--months", "--language", "fr"])
    french = cells(capsys.readouterr().out)
    assert {line[1] for line in french} == {
        "prorata", "égalitaire", "équitable", "égalitaire+prorata", "statique",
        "investissement", "priorité",
    }  # fmt: skip
    assert {line[0] for line in french} == {"telle quelle", "avec le moulin", ""}
    for english_line, french_line in zip(english, french, strict=True):
        assert [
            cell.replace(",", "\u00a0").replace(".", ",") for cell in english_line[3:]
        ] == french_line[3:]


def test_prices_of_the_example_reach_the_table(
    examples: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """A gift saves what the supplier asks less the network's part: between 11 and 15 cents."""
    main([str(examples["en"]), "--keys", "prorata", "--members"])
    out = capsys.readouterr().out
    line = cells(out)[0]
    assert 0.11 < float(line[8]) / (float(line[4].replace(",", "")) / 30) < 0.15
    as_it_is, with_mill = [
        p for p in out.split("\n\n") if p.startswith("producer") or "\nproducer" in p
    ]
    assert as_it_is.splitlines()[-1].split()[-1].startswith("-1.")
    assert with_mill.splitlines()[-1].split()[0] == "mill"
    assert with_mill.splitlines()[-1].split()[-1] == "–"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_csv_has_what_is_printed(
    language: str,
    examples: dict[str, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each printed number, rounded; and beside them every month, participant and pair."""
    path = tmp_path / "rows.csv"
    main(
        [
            str(examples[language]), "--keys", "prorata,equal", "--months", "--pairs",
            "--csv", str(path), "--language", language,
        ]
    )  # fmt: skip
    printed = cells(capsys.readouterr().out)
    body = path.read_bytes()
    assert body.startswith(b"\xef\xbb\xbf")
    header, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";")
    assert len({len(line) for line in [header, *lines]}) == 1
    texts = TEXTS[language]
    of_operation = [line for line in lines if not line[3] and not line[4]]
    columns = list(Column)
    scenario = ""
    assert len(printed) == len(of_operation)
    for shown, kept in zip(printed, of_operation, strict=True):
        scenario = shown[0] or scenario
        assert [scenario, shown[1], shown[2]] == kept[:3]
        for column, text in zip(MAIN_COLUMNS, shown[3:], strict=True):
            value = float(kept[5 + columns.index(column)].replace(texts["mark"], "."))
            decimals = DECIMALS.get(column, 0)
            plain = text.replace(texts["thousands"], "").replace(texts["mark"], ".")
            assert float(plain) == pytest.approx(value, abs=0.5 * 10**-decimals + 1e-3)
    months = ["2025-01", "2025-02", texts["whole"]]
    assert sorted({line[2] for line in lines}) == months
    n_pairs = 2 * 30 * (17 + 18)
    n_participants = 2 * 3 * (2 * 30 + 17 + 18)
    assert len(lines) == 2 * 2 * 3 + n_participants + n_pairs


def test_example_command_writes_reads_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One command from nothing to table and chart, which lies beside the files."""
    short = partial(study_example.write_example, n_days=N_DAYS)
    monkeypatch.setattr(study_simulate, "write_example", short)
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    folder = tmp_path / "essai"
    assert main(["--example", str(folder)]) == 0
    printed = capsys.readouterr()
    assert "toit école 36 kWc" in printed.out
    assert f"Écrit : {folder}\n" in printed.err
    read = svg_texts((folder / "simulation.svg").read_bytes())
    assert "« toit école »" in read["title"][0]
    assert "prorata, équitable, égalitaire+prorata, priorité" in read["desc"][0]
    asked = ["--keys", "prorata", "--sizes", "moulin=2", "--chart", f"{tmp_path}/a.png"]
    assert main(["--example", str(tmp_path / "deux"), *asked]) == 0
    assert "moulin 2 kWc" in capsys.readouterr().out
    assert (tmp_path / "a.png").exists()
    assert not (tmp_path / "deux" / "simulation.svg").exists()


def test_example_leaves_a_folder_with_files_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """They may be somebody's own."""
    own = tmp_path / "consumption.csv"
    own.write_text("mine")
    with pytest.raises(SystemExit, match="2"):
        main(["--example", str(tmp_path)])
    assert [*tmp_path.iterdir()] == [own]
    assert "not empty" in capsys.readouterr().err


def test_size_of_a_plant_of_today_is_drawn_once(
    examples: dict[str, Path], tmp_path: Path
) -> None:
    """The operation as it is has the plant in its size of today; a candidate has none."""
    for plant, sizes, shown in (
        ("roof 03", "3,0.5,1.57", ["0.5", "1.57", "3"]),
        ("school roof", "9,4.5", ["0", "4.5", "9"]),
    ):
        chart = tmp_path / "chart.svg"
        main([
            str(examples["en"]), "--keys", "prorata", "--sizes", f"{plant}={sizes}",
            "--chart", str(chart),
        ])  # fmt: skip
        described = svg_texts(chart.read_bytes())["desc"][0].split(". ")[0]
        assert re.findall(r"at ([\d.]+) kWc", described) == shown


@pytest.fixture
def edited(examples: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the example that a test may spoil."""
    folder = tmp_path / "edited"
    folder.mkdir()
    for path in examples["en"].iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_numbers_of_delivery_points_in_files_are_hidden(
    edited: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In tables, rows, chart and progress; and a warning says so."""
    numbers = {"school roof": PRM, "home 01": PRM[::-1], "mill": "98765432109876"}
    for path in edited.iterdir():
        text = path.read_text("utf-8")
        for name, hidden in numbers.items():
            text = text.replace(name, hidden)
        path.write_text(text, "utf-8")
    rows_file, chart = tmp_path / "rows.csv", tmp_path / "chart.svg"
    assert main([
        str(edited), "--keys", "prorata", "--sizes", f"{PRM}=9", "--members", "--pairs",
        "--csv", str(rows_file), "--chart", str(chart),
    ]) == 0  # fmt: skip
    printed = capsys.readouterr()
    for text in (printed.out, printed.err, rows_file.read_text(), chart.read_text()):
        assert [hidden for hidden in numbers.values() if hidden in text] == []
    for shown in ("…234 9 kWc", "with the …876"):
        assert shown in printed.out
    assert "…321" in printed.out
    assert "the number of a delivery point" in printed.err


@pytest.mark.parametrize(
    ("arguments", "language", "sentence"),
    [
        pytest.param(["--keys", "lottery"], "en", "There is no key lottery;", id="key"),
        pytest.param(
            ["--keys", "loterie"], "fr", "La clé loterie n'existe pas", id="French"
        ),
        pytest.param(["--sizes", "barn=3"], "en", "barn has no curve", id="stranger"),
        pytest.param(["--sizes", f"{PRM}=3"], "en", "…234 has no curve", id="PRM"),
        pytest.param(
            ["--keys", "dynamic"], "en", "has no number for dynamic", id="number"
        ),
        pytest.param(
            ["--csv", "/nowhere/rows.csv"], "en", "No such file", id="no folder"
        ),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    arguments: list[str],
    language: str,
    sentence: str,
    examples: dict[str, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """On standard error, with 1 as the end."""
    assert main([str(examples["en"]), "--language", language, *arguments]) == 1
    assert capsys.readouterr().err.startswith("simulate: ")
    main([str(examples["en"]), "--language", language, *arguments])
    assert sentence in capsys.readouterr().err


def test_a_coefficient_too_many_names_the_key(
    edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is in the files and cannot be shared."""
    path = edited / "participants.csv"
    path.write_text(re.sub(r"(home 02,consumer),[\d.]+", r"\1,0.5", path.read_text()))
    assert main([str(edited), "--keys", "static"]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(
        "simulate: Key static: the coefficients add up to 1.4"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param([], id="nothing"),
        pytest.param(["folder", "--sizes", "roof"], id="sizes without a number"),
        pytest.param(["folder", "--sizes", "roof=-3"], id="negative size"),
        pytest.param(["folder", "--sizes", "=3"], id="nobody's size"),
        pytest.param(["folder", "--chart", "chart.pdf"], id="another kind of picture"),
        pytest.param(["folder", "--time-zone", "Europe/Verviers"], id="no time zone"),
        pytest.param(["folder", "--time-zone", "Europe"], id="a continent"),
        pytest.param(["folder", "--language", "nl"], id="another language"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read."""
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"LANG": "fr_FR.UTF-8"}, "telle quelle"),
        ({"LANG": "fr_BE.UTF-8", "LC_ALL": "C"}, "as it is"),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "fr_LU"}, "telle quelle"),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, "as it is"),
    ],
)
def test_language_is_that_of_the_machine(
    environment: dict[str, str],
    word: str,
    examples: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """French where the first variable that is set says so."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    main([str(examples["en"]), "--keys", "prorata"])
    assert word in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "fr"])
def test_help_is_in_the_language_asked(
    language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the machine speaks another one; and so is what is missing."""
    for arguments, name in ((["--help"], "pairs"), ([], "no_folder")):
        with pytest.raises(SystemExit):
            main([*arguments, "--language", language])
        assert HELP_TEXTS[language][name] in "".join(capsys.readouterr())


def test_command_runs_from_any_folder(examples: dict[str, Path]) -> None:
    """Paths are the caller's; what is wrong ends with 1, one line and no traceback."""
    done = subprocess.run(
        [ROOT / "script" / "simulate", "en", "--keys", "lottery"],
        cwd=examples["en"].parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("simulate: There is no key lottery;")
    assert len(done.stderr.splitlines()) == 1
