"""Prices, network fees and taxes of French homes, dated and with their source: data to pass in.

To start from and to test with. What a home pays is its own to say, and anything here can be
replaced by a user's number. Days after the last one that is known have no price rather than
an old one. Hours are not here: calendars come from the meter or from the user.
"""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Literal

from .model import Validity
from .tariffs import Calendar, Period, Tariff
from .terms import AccFormula, Fee, Rate

NOT_OFFICIAL = "not official"
"""How the source of a number begins that was read in no official text."""

ONE_CLASS = Calendar((Period("BASE"),))
"""The calendar of *Base* and of one-class network formulas."""

HIGH_SEASON = frozenset({11, 12, 1, 2, 3})
"""Months of the network's *saison haute* (reseaux.photovoltaique.info, on low voltage)."""

EXCISE = tuple(
    Rate(
        round(eur_per_mwh / 1000, 6),
        Validity(first_day, last_day),
        "accise sur l'électricité, ménages, loi de finances 2026 (blog.avocats.deloitte.fr)",
    )
    for eur_per_mwh, first_day, last_day in (
        (33.70, date(2025, 2, 1), date(2025, 7, 31)),
        (29.98, date(2025, 8, 1), date(2026, 1, 31)),
        (30.85, date(2026, 2, 1), date(2026, 7, 31)),
    )
)
"""On a kWh of the supplier, in €/kWh without VAT. A change on 1 August 2026 was announced, its
value is not established."""

ACC_EXCISE = (
    Rate(
        0.0,
        Validity(date(2025, 3, 1), date(2026, 12, 31)),
        "CIBS L312-79 and L312-87, loi de finances 2025 article 75; from 1 March: enogrid.com",
    ),
)
"""On an allocated kWh from a renewable site below 1 MW. A tax ruling limits its scope
(bofip.impots.gouv.fr, 367293); one source ends it on 1 January 2027, others do
not: from then on it is not taken for granted."""

VAT = (
    Rate(
        0.20,
        Validity(date(2014, 1, 1)),
        "normal rate, as on one operator's invoices",
    ),
)
"""On energy, network fees and excise. Of private sellers it is not established."""


class NetworkFormula(StrEnum):
    """Network formulas of low voltage up to 36 kVA."""

    CU4 = "CU4"
    """Short use, four classes."""
    CUST = "CUST"
    """Short use, one class."""
    MU4 = "MU4"
    """Medium use, four classes."""
    MUDT = "MUDT"
    """Medium use, HP and HC."""
    LU = "LU"
    """Long use, one class."""


type FourClassFormula = Literal[NetworkFormula.CU4, NetworkFormula.MU4]
"""Those that have a variant for members of an operation."""


def trv_base(power_kva: int) -> tuple[Tariff, ...]:
    """*Tarif Bleu Base* of a subscribed power, all taxes included; class BASE."""
    return tuple(
        Tariff(
            "TRV Base",
            ONE_CLASS,
            {"BASE": small if power_kva <= _SMALL_KVA else large},
            validity,
            source,
        )
        for validity, source, small, large in (
            (*_TRV_AUGUST_2025, 0.1952, 0.1952),
            (*_TRV_FEBRUARY_2026, 0.1940, 0.1927),
            (*_TRV_AUGUST_2026, 0.2001, 0.1985),
        )
    )


def trv_peak_off_peak(calendar: Calendar) -> tuple[Tariff, ...]:
    """*Tarif Bleu HP/HC*, all taxes included; the calendar's classes are HP and HC."""
    return tuple(
        Tariff("TRV HP/HC", calendar, {"HP": peak, "HC": off_peak}, validity, source)
        for validity, source, peak, off_peak in (
            (*_TRV_AUGUST_2025, 0.2081, 0.1635),
            (*_TRV_FEBRUARY_2026, 0.2065, 0.1579),
            (*_TRV_AUGUST_2026, 0.2142, 0.1589),
        )
    )


def trv_tempo(calendar: Calendar) -> tuple[Tariff, ...]:
    """*Tarif Bleu Tempo*, all taxes included.

    The calendar's classes are those the meter names: HPJB and HCJB on blue days, HPJW and
    HCJW on white, HPJR and HCJR on red ones.
    """
    classes = ("HPJB", "HCJB", "HPJW", "HCJW", "HPJR", "HCJR")
    return tuple(
        Tariff(
            "TRV Tempo",
            calendar,
            dict(zip(classes, prices, strict=True)),
            validity,
            source,
        )
        for validity, source, *prices in (
            (*_TRV_FEBRUARY_2026, 0.1612, 0.1325, 0.1871, 0.1499, 0.7060, 0.1575),
            (*_TRV_AUGUST_2026, 0.1654, 0.1356, 0.1921, 0.1536, 0.7295, 0.1615),
        )
    )


def turpe(formula: NetworkFormula, calendar: Calendar) -> tuple[Tariff, ...]:
    """Variable network fee, without VAT.

    The calendar's classes are BASE (CUST, LU), HP and HC (MUDT), or those of `seasonal`.
    """
    return _turpe(f"TURPE {formula}", calendar, _TURPE_7[formula])


def turpe_acc(formula: FourClassFormula, calendar: Calendar) -> AccFormula:
    """The optional formula of members of an operation, without VAT; classes of `seasonal`.

    Who may choose it is not established.
    """
    allocated, complement = _TURPE_7_ACC[formula]
    return AccFormula(
        allocated=_turpe(f"TURPE {formula} autoproduite", calendar, allocated),
        complement=_turpe(f"TURPE {formula} alloproduite", calendar, complement),
        # Yearly management: 21.27 in an operation, 16.80 otherwise.
        extra=(Fee(4.47, *_TURPE_7_FROM_2025),),
    )


def seasonal(calendar: Calendar) -> Calendar:
    """The same hours with a class for each season: HPH and HCH in the high one, HPB and HCB."""
    seasons = (("H", HIGH_SEASON), ("B", _ALL_MONTHS - HIGH_SEASON))
    return replace(
        calendar,
        periods=tuple(
            replace(
                period,
                price_class=period.price_class + letter,
                months=months
                & (_ALL_MONTHS if period.months is None else period.months),
            )
            for period in calendar.periods
            for letter, months in seasons
        ),
    )


_TRV_AUGUST_2025 = (
    Validity(date(2025, 8, 1), date(2026, 1, 31)),
    f"{NOT_OFFICIAL}: Tarif Bleu of 1 August 2025, read without its document",
)
_TRV_FEBRUARY_2026 = (
    Validity(date(2026, 2, 1), date(2026, 7, 31)),
    "Tarif Bleu of 1 February 2026, revolution-energetique.com",
)
_TRV_AUGUST_2026 = (
    Validity(date(2026, 8, 1), date(2027, 1, 31)),
    f"{NOT_OFFICIAL}: Tarif Bleu of 1 August 2026 as public software has it",
)
"""The Tarif Bleu moves each 1 February and 1 August: what comes then is not known."""
_SMALL_KVA = 6
"""Up to which subscribed power Base has the first of its two prices."""

_TURPE_7_FROM_2025 = (
    Validity(date(2025, 8, 1), date(2026, 7, 31)),
    "CRE, délibération 2025-40 (TURPE 7), from 1 August 2025",
)
"""Until the yearly update of 1 August 2026, whose values are not established."""
_FOUR_CLASSES = ("HPH", "HCH", "HPB", "HCB")
_TURPE_7 = {
    NetworkFormula.CU4: dict(zip(_FOUR_CLASSES, (7.49, 3.97, 1.66, 1.16), strict=True)),
    NetworkFormula.CUST: {"BASE": 4.84},
    NetworkFormula.MU4: dict(zip(_FOUR_CLASSES, (7.00, 3.73, 1.61, 1.11), strict=True)),
    NetworkFormula.MUDT: {"HP": 4.94, "HC": 3.50},
    NetworkFormula.LU: {"BASE": 1.25},
}
"""In c€/kWh, as published."""
_TURPE_7_ACC: dict[NetworkFormula, tuple[dict[str, float], dict[str, float]]] = {
    NetworkFormula.CU4: (
        dict(zip(_FOUR_CLASSES, (2.86, 1.28, 0.76, 0.49), strict=True)),
        dict(zip(_FOUR_CLASSES, (7.52, 4.03, 1.73, 1.21), strict=True)),
    ),
    NetworkFormula.MU4: (
        dict(zip(_FOUR_CLASSES, (2.60, 1.23, 0.75, 0.49), strict=True)),
        dict(zip(_FOUR_CLASSES, (7.04, 3.76, 1.61, 1.15), strict=True)),
    ),
}
"""In c€/kWh: *autoproduite*, *alloproduite*."""
_ALL_MONTHS = frozenset(range(1, 13))


def _turpe(
    name: str, calendar: Calendar, cents: dict[str, float]
) -> tuple[Tariff, ...]:
    """A tariff in € of a table in cents."""
    eur = {price_class: round(price / 100, 6) for price_class, price in cents.items()}
    return (Tariff(name, calendar, eur, *_TURPE_7_FROM_2025),)
