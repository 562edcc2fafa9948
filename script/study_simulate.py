"""Compare keys, plants and members on an operation's curves: `script/simulate FOLDER`.

Prints a table of every scenario under every key, and nothing else to standard output. What
the folder holds, and how to read the table: `docs/SIMULATION.md`.
"""

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
import math
import os
from pathlib import Path
import sys
import time
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from custom_components.autoconsommation_collective.engine.simulation import (
    Outcome,
    simulate,
    sizes,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    THEN,
    Producer,
    Scenario,
    Sharing,
    Study,
    StudyError,
    StudyProblem,
)
from custom_components.autoconsommation_collective.pmo.cells import shown
from custom_components.autoconsommation_collective.pmo.study_files import (
    read_study,
    study_files,
    unused_files,
)

from .study_chart import RATES, Curve, Sizes, draw_scenarios, draw_sizes
from .study_example import SCHOOL, SCHOOL_SIZES_KWC, word, write_example
from .study_report import Result, report, write_csv
from .study_texts import (
    HELP_TEXTS,
    LANGUAGES,
    TEXTS,
    key_choice,
    key_name,
    scenario_name,
    sentence,
)

COMMAND = "script/simulate"
ROOT = Path(__file__).parents[1]
EXAMPLE_FOLDER = ROOT / ".demo" / "simulation"
"""Ignored by git."""
EXAMPLE_CHART = "simulation.svg"
CHART_SUFFIXES = (".svg", ".png")
PROGRESS_EVERY_S = 5.0
"""Between two lines where no terminal shows the last one only."""
DEFAULT_KEYS = ("prorata", "equal", "fair", f"equal{THEN}prorata")


def main(arguments: Sequence[str], clock: Callable[[], float] = time.monotonic) -> int:
    """Print the result; 0 where all is well, 1 where the study cannot be simulated."""
    options = _parsed(arguments)
    try:
        _run(options, clock)
    except StudyError as error:
        print(f"simulate: {error_text(error, options.language)}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"simulate: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def error_text(error: StudyError, language: str) -> str:
    """What is wrong in a sentence, without the number of a delivery point."""
    named = error.placeholders
    for name in ("participant", "field"):
        named[name] = shown(named[name])
    if not error.file:
        # Computed, not what stands in a file: without the last digits of binary fractions.
        with suppress(ValueError):
            named["found"] = f"{float(error.found):g}".replace(
                ".", TEXTS[language]["mark"]
            )
    return sentence(error.problem, language).format_map(named)


def default_keys(study: Study) -> tuple[str, ...]:
    """Keys that need nothing, and those whose numbers everybody has."""

    def all_have(numbers: Iterable[float | None]) -> bool:
        return None not in list(numbers)

    given = {
        Sharing.STATIC: all_have(c.coefficient for c in study.consumers),
        Sharing.INVESTMENT: all_have(c.investment for c in study.consumers),
        Sharing.PRIORITY: all_have(c.rank for c in study.consumers),
        Sharing.DYNAMIC: all(c.coefficients is not None for c in study.curves),
    }
    return (*DEFAULT_KEYS, *(key.value for key, is_given in given.items() if is_given))


def _run(options: argparse.Namespace, clock: Callable[[], float]) -> None:
    language = options.language
    if options.example:
        _write_example(options)
    found = read_study(study_files(options.folder), options.time_zone)
    if unused := unused_files(options.folder):
        told = TEXTS[language]["unused"].format(files=", ".join(unused))
        print(told, file=sys.stderr)
    names = shown_names(
        [
            *(consumer.id for consumer in found.study.consumers),
            *(producer.id for producer in found.study.producers),
        ]
    )
    if any(name != new for name, new in names.items()):
        print(TEXTS[language]["masked"], file=sys.stderr)
    study = renamed(found.study, names)
    scenarios = [_renamed_scenario(s, names) for s in found.scenarios]
    plant, tried = "", dict[str, float]()
    if options.sizes:
        plant, kwc = names.get(options.sizes[0], options.sizes[0]), options.sizes[1]
        producer = _producer(study, plant)
        sized = sizes(producer, kwc)
        scenarios += sized
        today = 0.0 if producer.candidate else producer.peak_power_kw or 0.0
        tried = {s.name: size for s, size in zip(sized, kwc, strict=True)}
        tried[AS_IT_IS.name] = today
    keys = options.keys or default_keys(study)
    progress = Progress(sys.stderr, len(keys) * len(scenarios), clock)
    outcomes = []
    for outcome in simulate(study, keys, scenarios):
        progress.tell(outcome, language)
        outcomes.append(outcome)
    result = Result(study, tuple(outcomes), language)
    print(
        report(
            result, months=options.months, members=options.members, pairs=options.pairs
        )
    )
    if options.csv:
        write_csv(options.csv, result, pairs=options.pairs)
    if options.chart:
        draw(options.chart, result, tried, plant)
    for path in filter(None, (options.csv, options.chart)):
        print(TEXTS[language]["written"].format(path=path), file=sys.stderr)


def _write_example(options: argparse.Namespace) -> None:
    """Write the example, and ask for the sizes of its school roof and for a chart."""
    write_example(options.folder, options.language)
    print(
        TEXTS[options.language]["written"].format(path=options.folder), file=sys.stderr
    )
    options.sizes = options.sizes or (word(SCHOOL, options.language), SCHOOL_SIZES_KWC)
    options.chart = options.chart or options.folder / EXAMPLE_CHART


def _producer(study: Study, name: str) -> Producer:
    for producer in study.producers:
        if producer.id == name:
            return producer
    raise StudyError(StudyProblem.PARTICIPANT_UNKNOWN, participant=name)


# Progress


class Progress:
    """How far a long run is, on a line that is written over; now and then elsewhere."""

    def __init__(
        self, stream: TextIO, n_outcomes: int, clock: Callable[[], float]
    ) -> None:
        """Start to count."""
        self._stream = stream
        self._n_outcomes = n_outcomes
        self._clock = clock
        self._told_at = clock()
        self._n_done = 0

    def tell(self, outcome: Outcome, language: str) -> None:
        """Count an outcome."""
        self._n_done += 1
        text = (
            f"{self._n_done}/{self._n_outcomes} {key_name(outcome.key, language)}, "
            f"{scenario_name(outcome.scenario, language)}"
        )
        if self._stream.isatty():
            last = self._n_done == self._n_outcomes
            self._stream.write("\r\x1b[K" if last else f"\r{text}\x1b[K")
            self._stream.flush()
        elif (now := self._clock()) - self._told_at >= PROGRESS_EVERY_S:
            self._told_at = now
            print(text, file=self._stream, flush=True)


# Names


def shown_names(names: Iterable[str]) -> dict[str, str]:
    """Names without the numbers of delivery points, which are personal; all different."""
    chosen: dict[str, str] = {}
    for name in dict.fromkeys(names):
        new, n = shown(name), 1
        while new in chosen.values():
            n += 1
            new = f"{shown(name)} ({n})"
        chosen[name] = new
    return chosen


def renamed(study: Study, names: Mapping[str, str]) -> Study:
    """The study with other names of its participants."""
    return replace(
        study,
        consumers=tuple(replace(c, id=names[c.id]) for c in study.consumers),
        producers=tuple(
            replace(
                p,
                id=names[p.id],
                behind=None if p.behind is None else names.get(p.behind, p.behind),
            )
            for p in study.producers
        ),
    )


def _renamed_scenario(scenario: Scenario, names: Mapping[str, str]) -> Scenario:
    """The same of participants under other names; strangers keep theirs."""
    return Scenario(
        shown(scenario.name),
        consumers={names.get(n, n): f for n, f in scenario.consumers.items()},
        producers={names.get(n, n): f for n, f in scenario.producers.items()},
    )


# Chart


def draw(path: Path, result: Result, tried: Mapping[str, float], plant: str) -> None:
    """Both rates as a picture: against the sizes tried of a plant, or else by scenario.

    `tried` has the kWc of each scenario that counts; the same size is drawn once.
    """
    if not tried:
        scenarios = list(dict.fromkeys(o.scenario for o in result.outcomes))
        names = [scenario_name(name, result.language) for name in scenarios]
        draw_scenarios(path, names, _curves(result, scenarios), result.language)
        return
    by_size = {kwc: name for name, kwc in tried.items()}
    in_order = dict(sorted(by_size.items()))
    installed = {o.scenario: o.peak_power_kw for o in result.outcomes}
    shown = Sizes(
        plant=plant,
        kwc=tuple(in_order),
        whole_kwc=tuple(installed[name] for name in in_order.values()),
    )
    curves = _curves(result, list(in_order.values()))
    draw_sizes(path, shown, curves, result.language)


def _curves(result: Result, scenarios: Sequence[str]) -> list[Curve]:
    """Both rates of each key in these scenarios."""
    tallies = {(o.key, o.scenario): o.total.tally for o in result.outcomes}
    curves = []
    for key in dict.fromkeys(outcome.key for outcome in result.outcomes):
        of_key = [tallies[key, scenario] for scenario in scenarios]
        rates = (
            [tally.self_consumption_rate for tally in of_key],
            [tally.self_production_rate for tally in of_key],
        )
        drawn = (
            tuple(math.nan if r is None else 100 * r for r in rate) for rate in rates
        )
        curves.append(
            Curve(key_name(key, result.language), dict(zip(RATES, drawn, strict=True)))
        )
    return curves


# Arguments


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    # Asked first, and alone, because the help is in that language.
    asked = argparse.ArgumentParser(prog=COMMAND, add_help=False)
    asked.add_argument("--language", choices=LANGUAGES, default=_language(os.environ))
    texts = HELP_TEXTS[asked.parse_known_args(arguments)[0].language]
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=texts["what"], add_help=False, parents=[asked]
    )
    parser.add_argument("-h", "--help", action="help", help=texts["help"])
    parser.add_argument("folder", nargs="?", type=Path, help=texts["folder"])
    parser.add_argument("--example", action="store_true", help=texts["example"])
    parser.add_argument("--keys", type=_keys, help=texts["keys"])
    parser.add_argument("--sizes", type=_sizes, help=texts["sizes"])
    parser.add_argument("--time-zone", type=_zone, default="Europe/Paris")
    parser.add_argument("--chart", type=_chart, help=texts["chart"])
    parser.add_argument("--csv", type=Path, help=texts["csv"])
    for name in ("months", "members", "pairs"):
        parser.add_argument(f"--{name}", action="store_true", help=texts[name])
    options = parser.parse_args(arguments)
    if options.example:
        if options.folder is None:
            options.folder = EXAMPLE_FOLDER
        elif options.folder.exists() and any(options.folder.iterdir()):
            parser.error(texts["not_empty"].format(folder=options.folder))
    elif options.folder is None:
        parser.error(texts["no_folder"])
    return options


def _keys(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key_choice(name) for name in text.split(",")))


def _sizes(text: str) -> tuple[str, tuple[float, ...]]:
    plant, _, numbers = text.rpartition("=")
    if ";" in numbers:
        # As a French reader writes them: between semicolons, a comma is a decimal mark.
        numbers = numbers.replace(",", ".").replace(";", ",")
    kwc = tuple(dict.fromkeys(map(float, numbers.split(","))))
    if not plant or not all(0 <= size < math.inf for size in kwc):
        raise ValueError(text)
    return plant.strip(), kwc


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        raise ValueError(name) from None


def _chart(name: str) -> Path:
    path = Path(name)
    if path.suffix.lower() not in CHART_SUFFIXES:
        raise ValueError(name)
    return path


def _language(environment: Mapping[str, str]) -> str:
    """Of the first variable that is set, in the order of POSIX; English unless French."""
    named = (environment.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "fr" if next(filter(None, named), "").startswith("fr") else "en"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
