"""Compare keys, plants and members on an operation's curves: `script/simulate FOLDER`.

Prints a table of every scenario under every key, and nothing else to standard output. What
the folder holds, and how to read the table: `docs/SIMULATION.md`.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
import csv
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import batched, pairwise
import math
import os
from pathlib import Path
import sys
import time
from typing import TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.indicators import (
    WH_PER_KWH,
    kwh_per_home,
    self_consumption_rate,
    self_production_rate,
)
from custom_components.autoconsommation_collective.engine.simulation import (
    Outcome,
    PeriodOutcome,
    simulate,
    sizes,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    THEN,
    Curves,
    Producer,
    Scenario,
    Sharing,
    Study,
    StudyError,
    StudyProblem,
)
from custom_components.autoconsommation_collective.pmo.study_files import (
    read_study,
    study_files,
)
from custom_components.autoconsommation_collective.pmo.tables import plain, shown

from .study_chart import RATES, Curve, Sizes, draw_scenarios, draw_sizes
from .study_example import SCHOOL, SCHOOL_SIZES_KWC, word, write_example

ROOT = Path(__file__).parents[1]
EXAMPLE_FOLDER = ROOT / ".demo" / "simulation"
"""Ignored by git."""
EXAMPLE_CHART = "simulation.svg"
CHART_SUFFIXES = (".svg", ".png")

LANGUAGES = ("en", "fr")
YEAR = timedelta(days=365)
WHOLE_YEAR = 0.95
"""Part of a year from which on euros are told by the year."""
PROGRESS_EVERY_S = 5.0
"""Between two lines where no terminal shows the last one only."""
PAIRS_WIDTH = 12
"""Producers beside each other in the table of pairs."""
CSV_DECIMALS = 3
"""Of a kWh: whole Wh."""

ROUNDS = "+"
"""Joins the rounds of a key on the command line."""
DEFAULT_KEYS = ("prorata", "equal", "fair", f"equal{THEN}prorata")
FRENCH_KEYS = {
    Sharing.PRORATA: "prorata",
    Sharing.EQUAL: "égalitaire",
    Sharing.STATIC: "statique",
    Sharing.INVESTMENT: "investissement",
    Sharing.FAIR: "équitable",
    Sharing.FAIR_INVESTMENT: "équitable_investissement",
    Sharing.PRIORITY: "priorité",
    Sharing.PRIORITY_FAIR: "priorité_équitable",
    Sharing.DYNAMIC: "dynamique",
}


class Column(StrEnum):
    """A number of the tables."""

    INSTALLED = "installed"
    INJECTED = "injected"
    WITHDRAWN = "withdrawn"
    ALLOCATED = "allocated"
    SHARING = "sharing"
    SUFFICIENCY = "sufficiency"
    PER_HOME = "per_home"
    EUR = "eur"
    SURPLUS = "surplus"
    OWN_USE = "own_use"
    STEPS = "steps"


MAIN_COLUMNS = (
    Column.INSTALLED,
    Column.INJECTED,
    Column.ALLOCATED,
    Column.SHARING,
    Column.SUFFICIENCY,
    Column.PER_HOME,
    Column.EUR,
    Column.SURPLUS,
)
DECIMALS = {
    Column.INSTALLED: 1,
    Column.SHARING: 1,
    Column.SUFFICIENCY: 1,
    Column.EUR: 2,
}
"""Printed; none for the others."""

TEXTS = {
    "en": {
        "as_it_is": "as it is",
        "scenario": "scenario",
        "key": "key",
        "month": "month",
        "period": "period",
        "whole": "all",
        "consumer": "consumer",
        "producer": "producer",
        Column.INSTALLED: "installed\nkWc",
        Column.INJECTED: "injected\nkWh",
        Column.WITHDRAWN: "withdrawn\nkWh",
        Column.ALLOCATED: "allocated\nkWh",
        Column.SHARING: "sharing\nrate %",
        Column.SUFFICIENCY: "self-suffi-\nciency %",
        Column.PER_HOME: "per home\nkWh",
        Column.EUR: "per home\n€",
        "eur_per_year": "per home\n€/year",
        Column.SURPLUS: "surplus\nkWh",
        Column.OWN_USE: "own use\nkWh",
        Column.STEPS: "steps\nknown",
        "eur_csv": "€ saved per home, saved or earned",
        "eur_csv_per_year": "€ saved per home, saved or earned, of all: per year",
        "steps_note": "{known} steps of {minutes} minutes from {first} to {last}; "
        "{left_out} left out, where a curve has a gap.",
        "rates_note": "Sharing rate (self-consumption rate): allocated / injected. "
        "Self-sufficiency (self-production rate): allocated / withdrawn. "
        "Read them together, over a whole year, beside the kWh.",
        "same_note": "Keys with the same rates differ in who gets the energy: --members.",
        "not_a_year_note": "Less than a year: euros are those of the period, and rates of "
        "some months do not tell those of a year.",
        "months_note": "Euros of a month are those of the month.",
        "prices_note": "Euros: mean of the {known} of {all} homes whose prices are known.",
        "explained": "{name}: {text}.",
        "rounds": "a+b: a first, then b on what is left.",
        "members": "Each consumer, {scenario}: kWh allocated and € saved",
        "members_per_year": "Each consumer, {scenario}: kWh allocated and € saved per year",
        "plants": "Each producer, {scenario}: kWh allocated and € earned",
        "plants_per_year": "Each producer, {scenario}: kWh allocated and € earned per year",
        "pairs": "Who owes whom, {scenario}, {key}: kWh that each consumer has from each "
        "producer",
        "masked": "Some names are shortened: they are long, or look like the number of a "
        "delivery point, which is personal. Name the columns after places instead.",
        "written": "Written: {path}",
        "thousands": ",",
        "mark": ".",
    },
    "fr": {
        "as_it_is": "telle quelle",
        "scenario": "scénario",
        "key": "clé",
        "month": "mois",
        "period": "période",
        "whole": "tout",
        "consumer": "consommateur",
        "producer": "producteur",
        Column.INSTALLED: "installé\nkWc",
        Column.INJECTED: "injecté\nkWh",
        Column.WITHDRAWN: "soutiré\nkWh",
        Column.ALLOCATED: "attribué\nkWh",
        Column.SHARING: "autocon-\nsommation %",
        Column.SUFFICIENCY: "autopro-\nduction %",
        Column.PER_HOME: "par logement\nkWh",
        Column.EUR: "par logement\n€",
        "eur_per_year": "par logement\n€/an",
        Column.SURPLUS: "surplus\nkWh",
        Column.OWN_USE: "usage propre\nkWh",
        Column.STEPS: "pas\nconnus",
        "eur_csv": "€ économisés par logement, économisés ou gagnés",
        "eur_csv_per_year": "€ économisés par logement, économisés ou gagnés, en tout : par an",
        "steps_note": "{known} pas de {minutes} minutes du {first} au {last} ; "
        "{left_out} laissés de côté, où une courbe a un trou.",
        "rates_note": "Taux d'autoconsommation (taux de partage) : attribué / injecté. "
        "Taux d'autoproduction (taux d'autosuffisance) : attribué / soutiré. "
        "À lire ensemble, sur une année entière, à côté des kWh.",
        "same_note": "Des clés de mêmes taux diffèrent par qui reçoit l'énergie : --members.",
        "not_a_year_note": "Moins d'un an : les euros sont ceux de la période, et les taux de "
        "quelques mois ne disent pas ceux d'une année.",
        "months_note": "Les euros d'un mois sont ceux du mois.",
        "prices_note": "Euros : moyenne des {known} logements sur {all} dont les prix sont connus.",
        "explained": "{name} : {text}.",
        "rounds": "a+b : d'abord a, puis b sur ce qui reste.",
        "members": "Chaque consommateur, {scenario} : kWh attribués et € économisés",
        "members_per_year": "Chaque consommateur, {scenario} : kWh attribués et € économisés "
        "par an",
        "plants": "Chaque producteur, {scenario} : kWh attribués et € gagnés",
        "plants_per_year": "Chaque producteur, {scenario} : kWh attribués et € gagnés par an",
        "pairs": "Qui doit à qui, {scenario}, {key} : kWh que chaque consommateur a de chaque "
        "producteur",
        "masked": "Des noms sont abrégés : ils sont longs, ou ressemblent au numéro d'un point "
        "de livraison, qui est personnel. Donnez plutôt aux colonnes des noms de lieux.",
        "written": "Écrit : {path}",
        "thousands": "\N{NO-BREAK SPACE}",
        "mark": ",",
    },
}

KEY_TEXTS = {
    "en": {
        Sharing.PRORATA: "in proportion to what each withdraws (default dynamic key)",
        Sharing.EQUAL: "the same fixed part for each; what one does not use is surplus",
        Sharing.STATIC: "each its coefficient; what one does not use is surplus",
        Sharing.INVESTMENT: "fixed parts by what each put in; what one does not use is surplus",
        Sharing.FAIR: "equal shares, what one does not use going to the others",
        Sharing.FAIR_INVESTMENT: "shares by what each put in, what one does not use going "
        "to the others",
        Sharing.PRIORITY: "rank by rank, in proportion within a rank",
        Sharing.PRIORITY_FAIR: "rank by rank, equal shares within a rank",
        Sharing.DYNAMIC: "by the coefficients given for each step",
    },
    "fr": {
        Sharing.PRORATA: "en proportion de ce que chacun soutire (dynamique par défaut)",
        Sharing.EQUAL: "la même part fixe pour chacun ; l'inutilisé est du surplus",
        Sharing.STATIC: "à chacun son coefficient ; l'inutilisé est du surplus",
        Sharing.INVESTMENT: "parts fixes selon ce que chacun a investi ; l'inutilisé est du "
        "surplus",
        Sharing.FAIR: "parts égales, l'inutilisé allant aux autres",
        Sharing.FAIR_INVESTMENT: "parts selon l'investissement, l'inutilisé allant aux autres",
        Sharing.PRIORITY: "rang par rang, au prorata dans un rang",
        Sharing.PRIORITY_FAIR: "rang par rang, à parts égales dans un rang",
        Sharing.DYNAMIC: "selon les coefficients donnés pour chaque pas",
    },
}
ERROR_TEXTS: Mapping[str, Mapping[StudyProblem | AllocationProblem, str]] = {
    "en": {
        StudyProblem.NOT_ALLOWED: "{file} may not be read.",
        StudyProblem.NOT_THERE: "The file {file} is missing or cannot be read.",
        StudyProblem.TOO_LARGE: "{file} makes the files too large to be read.",
        StudyProblem.FILE_TWICE: "{file} and {found} are the same in two languages: remove one.",
        StudyProblem.NOT_TEXT: "{file} is no text table: save it as CSV.",
        StudyProblem.COLUMN_MISSING: "{file} has no column {field}.",
        StudyProblem.COLUMN_UNKNOWN: "{file}: the column {field} means nothing here; rename "
        "or remove it.",
        StudyProblem.COLUMN_TWICE: "{file} has the column {field} twice.",
        StudyProblem.BAD_NUMBER: "{file}, {step}, column {field}: {found} is not a number "
        "that can stand there.",
        StudyProblem.BAD_TIME: "{file}, {step}: {found} is not a time that can be read.",
        StudyProblem.BAD_VALUE: "{file} {step}, {participant} {field}: {found} cannot stand "
        "there.",
        StudyProblem.STEPS_IRREGULAR: "{file}, {step}: steps are out of order, there twice, or "
        "not all of one length.",
        StudyProblem.NOTHING_KNOWN: "There is no step for which every curve has a value.",
        StudyProblem.PARTICIPANT_TWICE: "{file}: {participant} is there twice.",
        StudyProblem.PARTICIPANT_UNKNOWN: "{participant} ({field}) has no curve; is the name "
        "that of a column?",
        StudyProblem.VALUE_MISSING: "{participant} has no number for {field} in "
        "participants.csv.",
        StudyProblem.KEY_UNKNOWN: "There is no key {field}; docs/SIMULATION.md lists them.",
        StudyProblem.PRICE_MISSING: "prices.csv: {field} has no price on {step}.",
        StudyProblem.PRICE_TWICE: "prices.csv: {field} has two prices on {step}.",
        AllocationProblem.WRONG_SHAPE: "The table {field} does not have a line for each step "
        "and a column for each participant ({found}).",
        AllocationProblem.STEPS_DIFFER: "The curves do not have the same steps ({found}).",
        AllocationProblem.HOLE: "{participant} has no value at {step} ({field}).",
        AllocationProblem.NOT_AN_ENERGY: "{participant} at {step}: {found} is no energy "
        "({field}).",
        AllocationProblem.NOT_WHOLE: "{participant} at {step}: {found} is no whole number of Wh.",
        AllocationProblem.PARTICIPANT_MISSING: "The key {field} does not say something of each "
        "participant ({found}).",
        AllocationProblem.COEFFICIENT_OUT_OF_RANGE: "Key {field}: the coefficient {found} of "
        "{participant} is not between 0 and 1.",
        AllocationProblem.COEFFICIENTS_ABOVE_ONE: "Key {field}: the coefficients add up to "
        "{found}; at most 1 can be given away.",
        AllocationProblem.ROUNDS_NOT_KNOWN: "The key {field} cannot have these rounds ({found}).",
    },
    "fr": {
        StudyProblem.NOT_ALLOWED: "{file} ne peut pas être lu : accès refusé.",
        StudyProblem.NOT_THERE: "Le fichier {file} manque ou ne peut pas être lu.",
        StudyProblem.TOO_LARGE: "Avec {file}, les fichiers sont trop gros pour être lus.",
        StudyProblem.FILE_TWICE: "{file} et {found} sont le même en deux langues : retirez-en un.",
        StudyProblem.NOT_TEXT: "{file} n'est pas un tableau de texte : enregistrez-le en CSV.",
        StudyProblem.COLUMN_MISSING: "{file} n'a pas de colonne {field}.",
        StudyProblem.COLUMN_UNKNOWN: "{file} : la colonne {field} n'a pas de sens ici ; "
        "renommez-la ou retirez-la.",
        StudyProblem.COLUMN_TWICE: "{file} a deux fois la colonne {field}.",
        StudyProblem.BAD_NUMBER: "{file}, {step}, colonne {field} : {found} n'est pas un nombre "
        "possible.",
        StudyProblem.BAD_TIME: "{file}, {step} : {found} n'est pas une heure lisible.",
        StudyProblem.BAD_VALUE: "{file} {step}, {participant} {field} : {found} n'est pas "
        "possible.",
        StudyProblem.STEPS_IRREGULAR: "{file}, {step} : les pas sont en désordre, en double ou "
        "de durées différentes.",
        StudyProblem.NOTHING_KNOWN: "Aucun pas où toutes les courbes ont une valeur.",
        StudyProblem.PARTICIPANT_TWICE: "{file} : {participant} y est deux fois.",
        StudyProblem.PARTICIPANT_UNKNOWN: "{participant} ({field}) n'a pas de courbe ; est-ce "
        "bien le nom d'une colonne ?",
        StudyProblem.VALUE_MISSING: "{participant} n'a pas de nombre pour {field} dans "
        "participants.csv.",
        StudyProblem.KEY_UNKNOWN: "La clé {field} n'existe pas ; docs/SIMULATION.md les donne.",
        StudyProblem.PRICE_MISSING: "prix.csv : {field} n'a pas de prix le {step}.",
        StudyProblem.PRICE_TWICE: "prix.csv : {field} a deux prix le {step}.",
        AllocationProblem.WRONG_SHAPE: "Le tableau {field} n'a pas une ligne par pas et une "
        "colonne par participant ({found}).",
        AllocationProblem.STEPS_DIFFER: "Les courbes n'ont pas les mêmes pas ({found}).",
        AllocationProblem.HOLE: "{participant} n'a pas de valeur à {step} ({field}).",
        AllocationProblem.NOT_AN_ENERGY: "{participant} à {step} : {found} n'est pas une énergie "
        "({field}).",
        AllocationProblem.NOT_WHOLE: "{participant} à {step} : {found} n'est pas un nombre "
        "entier de Wh.",
        AllocationProblem.PARTICIPANT_MISSING: "La clé {field} ne dit rien de l'un des "
        "participants ({found}).",
        AllocationProblem.COEFFICIENT_OUT_OF_RANGE: "Clé {field} : le coefficient {found} de "
        "{participant} n'est pas entre 0 et 1.",
        AllocationProblem.COEFFICIENTS_ABOVE_ONE: "Clé {field} : les coefficients font {found} ; "
        "on ne peut donner plus que 1.",
        AllocationProblem.ROUNDS_NOT_KNOWN: "La clé {field} ne peut pas avoir ces tours "
        "({found}).",
    },
}


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
    def years(self) -> float:
        """Length of what is known."""
        return self.n_steps * self.study.curves[0].step / YEAR

    @property
    def by_year(self) -> bool:
        """Whether euros can be told by the year."""
        return self.years >= WHOLE_YEAR

    def text(self, name: str) -> str:
        """A text that differs where euros are told by the year."""
        return self.texts[f"{name}_per_year" if self.by_year else name]


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


def key_name(choice: str, language: str) -> str:
    """What a key is called on the command line in that language."""
    return ROUNDS.join(
        FRENCH_KEYS[Sharing(name)] if language == "fr" else name
        for name in choice.split(THEN)
    )


def key_choice(name: str) -> str:
    """The key that goes by that name in any of the languages; unknown names as they are."""
    by_name = {plain(french): key.value for key, french in FRENCH_KEYS.items()}
    names = name.strip().replace(ROUNDS, THEN).split(THEN)
    return THEN.join(by_name.get(plain(part), part) for part in names)


def scenario_name(name: str, language: str) -> str:
    """The name of a scenario; that of the operation as it is in words."""
    return TEXTS[language]["as_it_is"] if name == AS_IT_IS.name else name


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


# Numbers


def rows(result: Result, *, pairs: bool) -> Iterator[Row]:
    """Every number of every outcome: the operation and each participant, in all and by month.

    With pairs, what each consumer has from each producer in all.
    """
    for outcome in result.outcomes:
        total = outcome.total
        whole = _Numbers(outcome, total, result.years if result.by_year else 1.0)
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
    eur_divisor: float

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
                tally.allocated_wh, len(self.outcome.consumers)
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
        return None if math.isnan(amount) else amount / self.eur_divisor


def left_out(study: Study, n_known: int) -> int:
    """Steps from the first to the last that do not count, because a curve has a gap."""
    length = sum(len(curves.consumption) for curves in study.curves)
    between = sum(
        (later.start - _end(curves)) // curves.step
        for curves, later in pairwise(study.curves)
    )
    return length + between - n_known


def _end(curves: Curves) -> datetime:
    return curves.start + len(curves.consumption) * curves.step


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


def number(value: float | None, decimals: int, language: str) -> str:
    """As people of that language write it; a dash where there is none."""
    if value is None:
        return "–"
    # What rounds to nothing has no sign.
    text = f"{round(value, decimals) + 0.0:,.{decimals}f}"
    texts = TEXTS[language]
    return text.translate(str.maketrans(",.", texts["thousands"] + texts["mark"]))


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
        result.text(column) if column is Column.EUR else texts[column]
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
    notes = [
        texts["steps_note"].format(
            known=number(result.n_steps, 0, result.language),
            minutes=study.curves[0].step // timedelta(minutes=1),
            first=study.curves[0].start.astimezone(zone).date(),
            last=(_end(study.curves[-1]) - study.curves[-1].step)
            .astimezone(zone)
            .date(),
            left_out=left_out(study, result.n_steps),
        ),
        *([] if result.by_year else [texts["not_a_year_note"]]),
        *([texts["months_note"]] if months and result.by_year else []),
        texts["rates_note"],
        *_price_note(result),
        *([texts["same_note"]] if len(keys) > 1 else []),
        *told,
    ]
    return "\n".join(notes)


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
    """A line for each participant, and for each key its kWh and its €."""
    language = result.language
    by_name: dict[str, list[Row]] = {}
    for row in of_side:
        by_name.setdefault(row.consumer or row.producer, []).append(row)
    header = [result.texts[side], result.texts[given]]
    for row in next(iter(by_name.values())):
        header += [f"{key_name(row.key, language)}\nkWh", "€"]
    lines = []
    for name, by_key in by_name.items():
        line = [name, number(by_key[0].cells[given], 0, language)]
        for row in by_key:
            line += [
                number(row.cells[Column.ALLOCATED], 0, language),
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


def write_csv(path: Path, result: Result, *, pairs: bool) -> None:
    """Every row for a spreadsheet: `;`, a byte order mark, and in French a decimal comma."""
    texts, language = result.texts, result.language
    names = ["scenario", "key", "period", "consumer", "producer"]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        labels = dict.fromkeys(Column, "")
        for column in Column:
            labels[column] = texts[column].replace("-\n", "").replace("\n", " ")
        labels[Column.EUR] = result.text("eur_csv")
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


# Command


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
    return ERROR_TEXTS[language][error.problem].format_map(named)


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


def _renamed_scenario(scenario: Scenario, names: Mapping[str, str]) -> Scenario:
    """The same of participants under other names; strangers keep theirs."""
    return Scenario(
        shown(scenario.name),
        consumers={names.get(n, n): f for n, f in scenario.consumers.items()},
        producers={names.get(n, n): f for n, f in scenario.producers.items()},
    )


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/simulate", description=__doc__)
    parser.add_argument(
        "folder", nargs="?", type=Path, help="with the study's CSV files"
    )
    parser.add_argument(
        "--example",
        action="store_true",
        help="write a study into the folder, which must be empty, and simulate it",
    )
    parser.add_argument("--keys", type=_keys, help="as prorata,static,equal+prorata")
    parser.add_argument("--sizes", type=_sizes, help="of a plant in kWc, as roof=3,6,9")
    parser.add_argument("--time-zone", type=_zone, default="Europe/Paris")
    parser.add_argument("--chart", type=_chart, help="file to draw, .svg or .png")
    parser.add_argument(
        "--csv", type=Path, help="file for all rows, of months and members too"
    )
    parser.add_argument(
        "--months", action="store_true", help="a row for each month too"
    )
    parser.add_argument("--members", action="store_true", help="kWh and € of each")
    parser.add_argument("--pairs", action="store_true", help="who owes whom, in kWh")
    parser.add_argument("--language", choices=LANGUAGES, default=_language(os.environ))
    options = parser.parse_args(arguments)
    if options.example:
        if options.folder is None:
            options.folder = EXAMPLE_FOLDER
        elif options.folder.exists() and any(options.folder.iterdir()):
            parser.error(f"{options.folder} is not empty: name a new folder")
    elif options.folder is None:
        parser.error("name the folder of a study, or --example")
    return options


def _keys(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key_choice(name) for name in text.split(",")))


def _sizes(text: str) -> tuple[str, tuple[float, ...]]:
    plant, _, numbers = text.rpartition("=")
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
