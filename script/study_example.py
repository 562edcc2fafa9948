"""A study to start from: a year of the simulated village, with two plants that might join it.

Thirty homes and seventeen roofs; a roof of the school and a small water mill as candidates.
Prices are examples with their source: an organiser puts its own in their place.
"""

from collections.abc import Iterable, Iterator, Sequence
import csv
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
import math
from pathlib import Path

import numpy as np

from custom_components.autoconsommation_collective.engine.reference_prices import (
    ACC_EXCISE,
    ONE_CLASS,
    VAT,
    NetworkFormula,
    trv_base,
    trv_peak_off_peak,
    turpe,
)
from custom_components.autoconsommation_collective.engine.tariffs import tariff_in_force

from .simulation.curves import STEPS_PER_DAY, Matrix, WattHours, clearness, measured
from .simulation.sun import Orientation
from .simulation.village import STEP, TIME_ZONE, Home, Village, found_village

FIRST_DAY = date(2025, 1, 1)
N_DAYS = 365
PRICES_OF = date(2026, 2, 1)
"""Whose prices are used for the whole year: what would it give today."""

SCHOOL = "school roof"
SCHOOL_KWC = 36.0
"""As much as an ordinary connection at low voltage carries in France, 36 kVA."""
SCHOOL_SIZES_KWC = (3.0, 6.0, 9.0, 12.0, 18.0, 36.0)
MILL = "mill"
MILL_KW = 5.0
SILENT_HOME = 4
SILENT_STEPS = slice(14 * STEPS_PER_DAY, 15 * STEPS_PER_DAY)
"""A day of which that home's meter told nothing: a real study has gaps."""
SHARE_EUR = 50
"""What a member puts in is a number of such shares."""
FEE_EUR = 10
"""Of a producer per year, as in the operation of the Indre."""

type Cell = str | float | None
"""Text, a number, or nothing. Text is translated where the whole of it is known."""

FRENCH = {
    "candidate": "candidat",
    "class": "classe",
    "consumer": "consommateur",
    "consumption.csv": "consommation.csv",
    "end": "fin",
    "example": "exemple",
    "example hours: take those of your bill": "heures d'exemple : prenez celles de votre facture",
    "excise": "accise",
    "factor": "facteur",
    "fee": "frais",
    "gift": "don",
    "given by the neighbours": "donné par les voisins",
    "home": "maison",
    "hydro": "hydraulique",
    "id": "nom",
    "investment": "investissement",
    "item": "poste",
    "kind": "type",
    "mill": "moulin",
    "months": "mois",
    "network": "reseau",
    "off-peak": "heures creuses",
    "plan": "offre",
    "prices.csv": "prix.csv",
    "producer": "producteur",
    "rank": "priorite",
    "roof": "toit",
    "school roof": "toit école",
    "side": "cote",
    "solar": "solaire",
    "start": "debut",
    "supplier": "fournisseur",
    "value": "valeur",
    "vat": "tva",
    "with the mill": "avec le moulin",
    "yes": "oui",
}
"""What the files say in French; a word that is not here is the same in both."""


def write_example(folder: Path, language: str, n_days: int = N_DAYS) -> None:
    """Write the study's files into a folder, which is made; `fr` or else English.

    French files have the separator and the decimal mark that a French spreadsheet saves.
    """
    village = found_village()
    midnight = datetime.combine(FIRST_DAY, time(), TIME_ZONE).astimezone(UTC)
    steps = [midnight + n * STEP for n in range(n_days * STEPS_PER_DAY)]
    homes = measured(village, midnight, len(steps))
    school = measured(_school(village), midnight, len(steps))
    withdrawal = homes.withdrawal.astype(np.float64)
    withdrawal[SILENT_STEPS, SILENT_HOME] = np.nan
    injection = np.column_stack(
        [homes.injection[:, village.producers], school.injection, _mill(village, steps)]
    )
    consumers = _numbered("home", len(village.homes), language)
    roofs = _numbered("roof", len(village.producers), language)
    files = {
        "consumption.csv": _curves(steps, consumers, withdrawal),
        "production.csv": _curves(steps, [*roofs, SCHOOL, MILL], injection),
        "participants.csv": _participants(village, homes.withdrawal, consumers, roofs),
        "scenarios.csv": _scenarios(),
        "prices.csv": _prices(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        _write(folder / word(name, language), rows, language)


def word(text: str, language: str) -> str:
    """What the files call it in that language."""
    return FRENCH.get(text, text) if language == "fr" else text


def _numbered(name: str, n: int, language: str) -> list[str]:
    return [f"{word(name, language)} {number:02}" for number in range(1, n + 1)]


def _school(village: Village) -> Village:
    """One roof that nobody lives under, in the village's weather."""
    roof = Home(
        standby_w=0,
        morning_w=0,
        evening_w=0,
        evening_hour=19,
        water_heater=None,
        peak_power_kw=SCHOOL_KWC,
        panels=Orientation(tilt_deg=15, azimuth_deg=10),
    )
    return replace(village, homes=(roof,))


def _mill(village: Village, steps: Sequence[datetime]) -> WattHours:
    """A wheel that turns day and night: most in February, and on grey days."""
    full_wh = MILL_KW * 1000 * (STEP / timedelta(hours=1))
    days = [step.date() for step in steps]
    flows = {
        day: (0.55 + 0.35 * math.cos(math.tau * (day.timetuple().tm_yday - 45) / 365))
        * (1.1 - 0.3 * clearness(village, day))
        for day in set(days)
    }
    return np.rint([full_wh * flows[day] for day in days]).astype(np.int64)


def _curves(
    steps: Sequence[datetime], names: Sequence[str], energies_wh: Matrix
) -> Iterator[Sequence[Cell]]:
    """A line per step, a column per participant."""
    yield ["start", *names]
    for step, row in zip(steps, energies_wh.tolist(), strict=True):
        yield [step.astimezone(TIME_ZONE).isoformat(), *row]


def _participants(
    village: Village,
    withdrawal: WattHours,
    consumers: Sequence[str],
    roofs: Sequence[str],
) -> Iterator[Sequence[Cell]]:
    """What the keys go by: homes without panels first, parts by what each home withdraws."""
    yield [
        "id", "side", "coefficient", "rank", "investment", "kwc", "kind", "plan", "candidate"
    ]  # fmt: skip
    parts = withdrawal.sum(axis=0) / withdrawal.sum()
    for n, (name, home) in enumerate(zip(consumers, village.homes, strict=True)):
        yield [
            name,
            "consumer",
            # Rounded down, so that they never add up to more than 1.
            math.floor(parts[n] * 1000) / 1000,
            2 if home.produces else 1,
            SHARE_EUR * (1 + 7 * n % 10),
            None,
            None,
            "off-peak" if home.water_heater else "base",
            None,
        ]
    for name, n in zip(roofs, village.producers, strict=True):
        power = round(village.homes[n].peak_power_kw, 2)
        yield [name, "producer", None, None, None, power, "solar", "gift", None]
    for name, power, kind in ((SCHOOL, SCHOOL_KWC, "solar"), (MILL, MILL_KW, "hydro")):
        yield [name, "producer", None, None, None, power, kind, None, "yes"]


def _scenarios() -> Iterator[Sequence[Cell]]:
    yield ["scenario", "id", "side", "factor"]
    yield ["with the mill", MILL, "producer", 1]


def _prices() -> Iterator[Sequence[Cell]]:
    """Prices of two kinds of homes, and of who gives its production away."""
    yield ["plan", "item", "value", "class", "start", "end", "months", "source"]
    hours = [
        # A night of five hours at least, and up to three hours at midday in summer: what
        # the reform of 2025 gives to most homes.
        ("HC", "23:00", "07:00", "11-3"),
        ("HC", "01:00", "06:00", "4-10"),
        ("HC", "12:00", "15:00", "4-10"),
        ("HP", None, None, None),
    ]
    for item, base, two_classes in (
        ("supplier", trv_base(6), trv_peak_off_peak(ONE_CLASS)),
        (
            "network",
            turpe(NetworkFormula.CUST, ONE_CLASS),
            turpe(NetworkFormula.MUDT, ONE_CLASS),
        ),
    ):
        tariff = tariff_in_force(base, PRICES_OF)
        yield [
            "base",
            item,
            tariff.eur_per_kwh["BASE"],
            None,
            None,
            None,
            None,
            tariff.source,
        ]
        tariff = tariff_in_force(two_classes, PRICES_OF)
        for price_class, start, end, months in hours:
            price = tariff.eur_per_kwh[price_class]
            yield [
                "off-peak",
                item,
                price,
                price_class,
                start,
                end,
                months,
                tariff.source,
            ]
    for plan, item, value, source in (
        (None, "operation", 0, "given by the neighbours"),
        (None, "excise", ACC_EXCISE[0].value, ACC_EXCISE[0].source),
        (None, "vat", VAT[0].value, VAT[0].source),
        ("gift", "surplus", 0, "given by the neighbours"),
        ("gift", "fee", FEE_EUR, "example"),
    ):
        yield [plan, item, value, None, None, None, None, source]


def _write(path: Path, rows: Iterable[Sequence[Cell]], language: str) -> None:
    """Write a table as a spreadsheet of that language saves it."""
    french = language == "fr"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";" if french else ",")
        for row in rows:
            writer.writerow([_text(cell, language) for cell in row])


def _text(cell: Cell, language: str) -> str:
    """What stands in the file; a gap stays empty."""
    if cell is None or cell != cell:  # noqa: PLR0124  # NaN
        return ""
    if isinstance(cell, str):
        return word(cell, language)
    number = f"{cell:.10g}"
    return number.replace(".", ",") if language == "fr" else number
