"""What a simulation has found: rows of numbers, tables with notes, and a CSV file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
import csv
from dataclasses import dataclass
from datetime import timedelta
from itertools import batched, islice
import math
from pathlib import Path

import numpy as np

from custom_components.autoconsommation_collective.engine.indicators import (
    WH_PER_KWH,
    kwh_per_home,
    self_consumption_rate,
    self_production_rate,
)
from custom_components.autoconsommation_collective.engine.simulation import (
    Outcome,
    PeriodOutcome,
)
from custom_components.autoconsommation_collective.engine.study import (
    THEN,
    Sharing,
    Study,
)
from custom_components.autoconsommation_collective.engine.study_steps import Gaps, gaps

from .study_texts import (
    DECIMALS,
    KEY_TEXTS,
    MAIN_COLUMNS,
    TEXTS,
    Column,
    key_name,
    number,
    scenario_name,
)

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
MOST_GAPS = 5
"""Participants named for what their curves lack: enough to go and look at their meters."""
WHOLE_YEAR = 0.95
"""Part of a year from which on euros are told by the year."""
BY_YEAR = (Column.PER_HOME, Column.EUR)
"""Of the operation, told by the year where there is one; all else is summed up."""
PAIRS_WIDTH = 12
"""Producers beside each other in the table of pairs."""
CSV_DECIMALS = 3
"""Of a kWh: whole Wh."""


@dataclass(frozen=True, slots=True)
class Row:
    """Numbers of one scenario under one key; None where one is not known."""

    scenario: str
    key: str
    cells: Mapping[Column, float | None]
    month: str = ""
    """Empty: the whole study."""
    consumer: str = ""
    producer: str = ""
    """With a consumer: what that one has from it. Without either: the operation."""

    @property
    def of_operation(self) -> bool:
        """Whether it counts everybody."""
        return not self.consumer and not self.producer


@dataclass(frozen=True, slots=True)
class Result:
    """All that was simulated, and how it is said."""

    study: Study
    outcomes: tuple[Outcome, ...]
    language: str

    @property
    def texts(self) -> Mapping[str, str]:
        """Words of its language."""
        return TEXTS[self.language]

    @property
    def n_steps(self) -> int:
        """How many count: those known in every curve."""
        return self.outcomes[0].total.n_steps

    @property
    def duration(self) -> timedelta:
        """Length of what is known, whatever the steps."""
        return self.outcomes[0].total.duration

    @property
    def by_year(self) -> bool:
        """Whether euros, and kWh of a home, can be told by the year."""
        return self.duration >= WHOLE_YEAR * YEAR

    @property
    def divisor(self) -> float:
        """Of what is told by the year where there is one, and of the whole otherwise."""
        return self.duration / YEAR if self.by_year else 1.0

    def text(self, name: str) -> str:
        """A text that differs where something is told by the year."""
        return self.texts[f"{name}_per_year" if self.by_year else name]


# Numbers


def rows(result: Result, *, pairs: bool) -> Iterator[Row]:
    """Every number of every outcome: the operation and each participant, in all and by month.

    With pairs, what each consumer has from each producer in all.
    """
    for outcome in result.outcomes:
        total = outcome.total
        whole = _Numbers(outcome, total, result.divisor)
        yield from whole.rows("")
        for month, period in outcome.months.items():
            yield from _Numbers(outcome, period, 1.0).rows(month)
        if pairs:
            yield from whole.pairs()


@dataclass(frozen=True, slots=True)
class _Numbers:
    """A period of an outcome."""

    outcome: Outcome
    period: PeriodOutcome
    divisor: float
    """Of euros and of kWh per home."""

    def rows(self, month: str) -> Iterator[Row]:
        """The operation, then each consumer, then each producer."""
        scenario, key = self.outcome.scenario, self.outcome.key
        yield Row(scenario, key, self._operation(), month=month)
        for n, name in enumerate(self.outcome.consumers):
            yield Row(scenario, key, self._consumer(n), month=month, consumer=name)
        for n, name in enumerate(self.outcome.producers):
            yield Row(scenario, key, self._producer(n), month=month, producer=name)

    def pairs(self) -> Iterator[Row]:
        """Each consumer with each producer."""
        for i, consumer in enumerate(self.outcome.consumers):
            for n, producer in enumerate(self.outcome.producers):
                yield Row(
                    self.outcome.scenario,
                    self.outcome.key,
                    {Column.ALLOCATED: self.period.pairs_wh[n, i] / WH_PER_KWH},
                    consumer=consumer,
                    producer=producer,
                )

    def _operation(self) -> dict[Column, float | None]:
        tally = self.period.tally
        known = self.period.saving_eur[~np.isnan(self.period.saving_eur)]
        return {
            Column.INSTALLED: self.outcome.peak_power_kw,
            Column.INJECTED: tally.production_wh / WH_PER_KWH,
            Column.WITHDRAWN: tally.consumption_wh / WH_PER_KWH,
            Column.ALLOCATED: tally.allocated_wh / WH_PER_KWH,
            Column.SHARING: _percent(tally.self_consumption_rate),
            Column.SUFFICIENCY: _percent(tally.self_production_rate),
            Column.PER_HOME: kwh_per_home(
                tally.allocated_wh / self.divisor, len(self.outcome.consumers)
            ),
            Column.EUR: self._eur(float(known.mean())) if known.size else None,
            Column.SURPLUS: tally.surplus_wh / WH_PER_KWH,
            Column.OWN_USE: tally.own_use_wh / WH_PER_KWH,
            Column.STEPS: self.period.n_steps,
        }

    def _consumer(self, n: int) -> dict[Column, float | None]:
        allocated, withdrawn = (
            self.period.allocated_wh[n],
            self.period.consumption_wh[n],
        )
        return {
            Column.WITHDRAWN: withdrawn / WH_PER_KWH,
            Column.ALLOCATED: allocated / WH_PER_KWH,
            Column.SUFFICIENCY: _percent(self_production_rate(allocated, withdrawn)),
            Column.EUR: self._eur(self.period.saving_eur[n]),
            Column.OWN_USE: self.period.own_use_wh[n] / WH_PER_KWH,
        }

    def _producer(self, n: int) -> dict[Column, float | None]:
        injected, surplus = self.period.production_wh[n], self.period.surplus_wh[n]
        return {
            Column.INJECTED: injected / WH_PER_KWH,
            Column.ALLOCATED: (injected - surplus) / WH_PER_KWH,
            Column.SHARING: _percent(
                self_consumption_rate(injected - surplus, injected)
            ),
            Column.EUR: self._eur(self.period.income_eur[n]),
            Column.SURPLUS: surplus / WH_PER_KWH,
        }

    def _eur(self, amount: float) -> float | None:
        return None if math.isnan(amount) else amount / self.divisor


def _by(amount: float | None, divisor: float) -> float | None:
    return None if amount is None else amount / divisor


def _percent(rate: float | None) -> float | None:
    return None if rate is None else 100 * rate


# Tables


def report(result: Result, *, months: bool, members: bool, pairs: bool) -> str:
    """All that goes to standard output."""
    found = list(rows(result, pairs=False))
    parts = [_operation_table(result, found, months=months), _notes(result, months)]
    if members:
        parts += _member_tables(result, found)
    if pairs:
        parts += _pair_tables(result)
    return "\n\n".join(parts)


def table(header: Sequence[str], lines: Iterable[Sequence[str]], n_names: int) -> str:
    """Columns under headers of several lines, names to the left and numbers to the right.

    A line without cells is left empty.
    """
    body = list(lines)
    split = [name.split("\n") for name in header]
    height = max(map(len, split))
    heads = zip(*([""] * (height - len(name)) + name for name in split), strict=True)
    every = [*map(list, heads), *body]
    widths = [max(len(line[n]) for line in every if line) for n in range(len(header))]
    every.insert(height, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n < n_names else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        if line
        else ""
        for line in every
    )


def _operation_table(result: Result, found: Iterable[Row], *, months: bool) -> str:
    """Every scenario under every key."""
    texts, language = result.texts, result.language
    shown = [row for row in found if row.of_operation and (months or not row.month)]
    columns = list(MAIN_COLUMNS)
    if any(row.cells[Column.OWN_USE] for row in shown):
        columns.append(Column.OWN_USE)
    names = ["scenario", "key", *(["month"] if months else [])]
    lines: list[list[str]] = []
    scenario = None
    for row in shown:
        if scenario not in (None, row.scenario):
            lines.append([])
        first = scenario != row.scenario
        scenario = row.scenario
        lines.append(
            [
                scenario_name(scenario, language) if first else "",
                key_name(row.key, language),
                *([row.month or texts["whole"]] if months else []),
                *(
                    number(row.cells[column], DECIMALS.get(column, 0), language)
                    for column in columns
                ),
            ]
        )
    header = [texts[name] for name in names]
    header += [
        result.text(column) if column in BY_YEAR else texts[column]
        for column in columns
    ]
    return table(header, lines, len(names))


def _notes(result: Result, months: bool) -> str:
    """What a reader of the table must know."""
    texts, study = result.texts, result.study
    keys = list(dict.fromkeys(outcome.key for outcome in result.outcomes))
    names = dict.fromkeys(name for key in keys for name in key.split(THEN))
    told = [
        texts["explained"].format(
            name=key_name(name, result.language),
            text=KEY_TEXTS[result.language][Sharing(name)],
        )
        for name in names
    ]
    if any(THEN in key for key in keys):
        told.append(texts["rounds"])
    zone = study.time_zone
    last = study.curves[-1]
    last_step = last.start + (len(last.consumption) - 1) * last.step
    missing = gaps(study)
    days = result.duration / DAY
    known_days = number(days, 0 if days.is_integer() else 1, result.language)
    notes = [
        texts["steps_note"].format(
            known=number(result.n_steps, 0, result.language),
            minutes=", ".join(
                dict.fromkeys(str(c.step // MINUTE) for c in study.curves)
            ),
            first=study.curves[0].start.astimezone(zone).date(),
            last=last_step.astimezone(zone).date(),
            left_out=missing.n_steps,
        ),
        *_gaps_note(result, missing),
        result.text("sums_note").format(days=known_days),
        *([texts["months_note"]] if months and result.by_year else []),
        texts["rates_note"],
        *_price_note(result),
        *([texts["same_note"]] if len(keys) > 1 else []),
        *told,
    ]
    return "\n".join(notes)


def _gaps_note(result: Result, missing: Gaps) -> Iterator[str]:
    """Whose curves lack most: one silent meter costs everybody its steps."""
    lacks = islice(missing.by_participant.items(), MOST_GAPS)
    if named := ", ".join(f"{name} ({n_steps})" for name, n_steps in lacks):
        yield result.texts["gaps_note"].format(named=named)


def _price_note(result: Result) -> Iterator[str]:
    """Where the prices of some homes are known and those of others are not."""
    savings = result.outcomes[0].total.saving_eur
    known = int(np.isfinite(savings).sum())
    if 0 < known < savings.size:
        yield result.texts["prices_note"].format(known=known, all=savings.size)


def _member_tables(result: Result, found: Sequence[Row]) -> Iterator[str]:
    """For each scenario its consumers, then its producers, with kWh and € under each key."""
    for scenario in dict.fromkeys(row.scenario for row in found):
        of_scenario = [r for r in found if r.scenario == scenario and not r.month]
        consumers = [row for row in of_scenario if row.consumer]
        producers = [row for row in of_scenario if row.producer]
        for title, side, given, of_side in (
            ("members", "consumer", Column.WITHDRAWN, consumers),
            ("plants", "producer", Column.INJECTED, producers),
        ):
            if of_side:
                heading = result.text(title).format(
                    scenario=scenario_name(scenario, result.language)
                )
                yield f"{heading}\n\n{_side_table(result, side, given, of_side)}"


def _side_table(
    result: Result, side: str, given: Column, of_side: Sequence[Row]
) -> str:
    """A line for each participant, and for each key its kWh and its €, both by the year."""
    language, divisor = result.language, result.divisor
    by_name: dict[str, list[Row]] = {}
    for row in of_side:
        by_name.setdefault(row.consumer or row.producer, []).append(row)
    header = [result.texts[side], result.texts[given]]
    for row in next(iter(by_name.values())):
        header += [f"{key_name(row.key, language)}\nkWh", "€"]
    lines = []
    for name, by_key in by_name.items():
        line = [name, number(_by(by_key[0].cells[given], divisor), 0, language)]
        for row in by_key:
            line += [
                number(_by(row.cells[Column.ALLOCATED], divisor), 0, language),
                number(row.cells[Column.EUR], DECIMALS[Column.EUR], language),
            ]
        lines.append(line)
    return table(header, lines, 1)


def _pair_tables(result: Result) -> Iterator[str]:
    """For each outcome what each consumer, a line, has from each producer, a column."""
    for outcome in result.outcomes:
        heading = result.texts["pairs"].format(
            scenario=scenario_name(outcome.scenario, result.language),
            key=key_name(outcome.key, result.language),
        )
        kwh = outcome.total.pairs_wh / WH_PER_KWH
        for beside in batched(range(len(outcome.producers)), PAIRS_WIDTH, strict=False):
            lines = [
                [name, *(number(kwh[n, i], 0, result.language) for n in beside)]
                for i, name in enumerate(outcome.consumers)
            ]
            header = [result.texts["consumer"], *(outcome.producers[n] for n in beside)]
            yield f"{heading}\n\n{table(header, lines, 1)}"


# CSV


def write_csv(path: Path, result: Result, *, pairs: bool) -> None:
    """Every row for a spreadsheet: `;`, a byte order mark, and in French a decimal comma."""
    texts, language = result.texts, result.language
    names = ["scenario", "key", "period", "consumer", "producer"]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        labels = dict.fromkeys(Column, "")
        for column in Column:
            labels[column] = texts[column].replace("-\n", "").replace("\n", " ")
        for column in BY_YEAR:
            labels[column] = result.text(f"{column}_csv")
        writer.writerow([*(texts[name] for name in names), *labels.values()])
        for row in rows(result, pairs=pairs):
            writer.writerow(
                [
                    scenario_name(row.scenario, language),
                    key_name(row.key, language),
                    row.month or texts["whole"],
                    row.consumer,
                    row.producer,
                    *(_csv_number(row.cells.get(column), texts) for column in Column),
                ]
            )


def _csv_number(value: float | None, texts: Mapping[str, str]) -> str:
    """Without marks between thousands; empty where there is none."""
    if value is None:
        return ""
    return f"{round(value, CSV_DECIMALS) + 0.0:.{CSV_DECIMALS}f}".replace(
        ".", texts["mark"]
    )
