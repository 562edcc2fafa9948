"""Read prices, one per line, into what consumers pay and producers get, by plan."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
import re

from ..engine.model import Price, PriceModel, Role, Validity
from ..engine.study import StudyProblem
from ..engine.tariffs import MIDNIGHT, Calendar, Period, Tariff
from ..engine.terms import AccFormula, ConsumerTerms, Fee, ProducerTerms, Rate
from .cells import number
from .tables import Record, Table, open_table, records
from .times import read_clock, read_day


class Item(StrEnum):
    """What a price is for."""

    SUPPLIER = "supplier"
    NETWORK = "network"
    NETWORK_ALLOCATED = "network_allocated"
    NETWORK_COMPLEMENT = "network_complement"
    EXCISE = "excise"
    VAT = "vat"
    OPERATION = "operation"
    FEE = "fee"
    SURPLUS = "surplus"


FOR_ALL = ""
"""The plan of lines for all plans, and of those who pay by these alone."""


@dataclass(frozen=True, slots=True)
class PriceFile:
    """The prices of a file, by plan."""

    table: Table
    lines: Mapping[tuple[str, Item], Sequence[PriceLine]]
    """By the name of the plan, or FOR_ALL, and by item."""

    @property
    def plans(self) -> AbstractSet[str]:
        """Names of the plans that have lines of their own."""
        return {plan for plan, _ in self.lines if plan}

    def are_for_all(self, side: Role) -> bool:
        """Whether the lines for all plans are enough for one, without lines of its own."""
        return all((FOR_ALL, item) in self.lines for item in _NEEDED[side])

    def consumer_terms(self, plan: str) -> ConsumerTerms:
        """What a consumer pays by; what has no line stays empty. Raises StudyError."""
        return ConsumerTerms(
            supplier=self._tariffs(plan, Item.SUPPLIER),
            network=self._tariffs(plan, Item.NETWORK),
            excise=self._rates(plan, Item.EXCISE),
            vat=self._rates(plan, Item.VAT),
            prices=self._prices(plan),
            fees=self._fees(plan),
            acc_formula=self._acc_formula(plan),
        )

    def producer_terms(self, plan: str) -> ProducerTerms:
        """What a producer is paid by; what has no line stays empty."""
        return ProducerTerms(
            prices=self._prices(plan),
            surplus_prices=self._rates(plan, Item.SURPLUS),
            fees=self._fees(plan),
        )

    def _of(self, plan: str, item: Item) -> Sequence[PriceLine]:
        """The plan's own lines, or else those for all plans."""
        return self.lines.get((plan, item)) or self.lines.get((FOR_ALL, item), ())

    def _rates(self, plan: str, item: Item) -> tuple[Rate, ...]:
        return tuple(
            Rate(line.value, line.validity, line.source)
            for line in self._of(plan, item)
        )

    def _prices(self, plan: str) -> tuple[Price, ...]:
        return tuple(
            Price(
                PriceModel.SALE if line.value else PriceModel.GIFT,
                line.value,
                line.validity,
            )
            for line in self._of(plan, Item.OPERATION)
        )

    def _fees(self, plan: str) -> tuple[Fee, ...]:
        """The plan's own come on top of those for all plans."""
        return tuple(
            Fee(line.value, line.validity, line.source)
            for name in sorted({FOR_ALL, plan})
            for line in self.lines.get((name, Item.FEE), ())
        )

    def _acc_formula(self, plan: str) -> AccFormula | None:
        """The optional network formula, which has two prices."""
        allocated = self._tariffs(plan, Item.NETWORK_ALLOCATED)
        complement = self._tariffs(plan, Item.NETWORK_COMPLEMENT)
        if not allocated and not complement:
            return None
        if not allocated or not complement:
            raise self.table.fault(
                StudyProblem.PRICE_MISSING,
                participant=plan,
                field=Item.NETWORK_COMPLEMENT if allocated else Item.NETWORK_ALLOCATED,
            )
        return AccFormula(allocated, complement, extra=())

    def _tariffs(self, plan: str, item: Item) -> tuple[Tariff, ...]:
        """A tariff for each time of validity, of the lines that have it."""
        by_validity = defaultdict[Validity, list[PriceLine]](list)
        for line in self._of(plan, item):
            by_validity[line.validity].append(line)
        return tuple(
            _tariff(f"{plan} {item}".strip(), lines) for lines in by_validity.values()
        )


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price and when it is paid."""

    record: Record
    value: float
    period: Period
    validity: Validity

    @property
    def source(self) -> str:
        """Where the number comes from."""
        return self.record.text("source")

    @property
    def has_hours(self) -> bool:
        """Whether it is for some hours of a day only."""
        return bool(self.record.text("start"))

    @property
    def has_days(self) -> bool:
        """Whether it is for some months or weekdays only."""
        return self.period.months is not None or self.period.weekdays is not None


def read_prices(file: str, body: bytes) -> PriceFile:
    """The prices of a file. Raises StudyError."""
    table = open_table(file, body)
    lines = defaultdict[tuple[str, Item], list[PriceLine]](list)
    for record in records(table, _COLUMNS, _FRENCH, {"item", "value"}):
        item = record.needed("item", record.choice("item", _ITEMS))
        lines[record.text("plan"), item].append(_price_line(record, item))
    return PriceFile(table, dict(lines))


_HOURS = ("class", "start", "end", "months", "weekdays")
_COLUMNS = {"plan", "item", "value", *_HOURS, "first_day", "last_day", "source"}
_FRENCH = {
    "offre": "plan",
    "poste": "item",
    "valeur": "value",
    "classe": "class",
    "debut": "start",
    "fin": "end",
    "mois": "months",
    "jours": "weekdays",
    "premier_jour": "first_day",
    "dernier_jour": "last_day",
}
_ITEMS = {item.value: item for item in Item} | {
    "fournisseur": Item.SUPPLIER,
    "reseau": Item.NETWORK,
    "reseau_attribue": Item.NETWORK_ALLOCATED,
    "reseau_complement": Item.NETWORK_COMPLEMENT,
    "accise": Item.EXCISE,
    "tva": Item.VAT,
    "frais": Item.FEE,
}
_BY_THE_HOUR = {
    Item.SUPPLIER,
    Item.NETWORK,
    Item.NETWORK_ALLOCATED,
    Item.NETWORK_COMPLEMENT,
}
_NEEDED = {
    Role.CONSUMER: (Item.SUPPLIER, Item.NETWORK, Item.EXCISE, Item.VAT, Item.OPERATION),
    Role.PRODUCER: (Item.OPERATION, Item.SURPLUS),
}
"""Without one of them no euros can be told."""
_ONE_CLASS = "BASE"
"""How meters call the class of a price that has no classes."""
_FROM_THE_START = date.min
"""First day of a price of which none is told."""
_RANGE = re.compile(r"([0-9]{1,2})(?:\s*(?:-|–|à|to|\.\.)\s*([0-9]{1,2}))?")
"""Spreadsheets make a date of `6-7`, not of `6 à 7`."""


def _price_line(record: Record, item: Item) -> PriceLine:
    if item is Item.VAT:
        value = record.part("value")
    else:
        value = record.parsed("value", number, StudyProblem.BAD_NUMBER)
    if item not in _BY_THE_HOUR or not record.text("class"):
        for field in _HOURS:
            if record.text(field):
                # A price of some hours has a class, or could not be told from the others.
                raise record.fault(StudyProblem.BAD_VALUE, field)
    return PriceLine(
        record, record.needed("value", value), _period(record), _validity(record)
    )


def _period(record: Record) -> Period:
    start, end = (
        record.parsed(field, read_clock, StudyProblem.BAD_TIME)
        for field in ("start", "end")
    )
    if start is None and end is not None:
        raise record.fault(StudyProblem.BAD_VALUE, "start")
    if end is None and start is not None:
        raise record.fault(StudyProblem.BAD_VALUE, "end")
    weekdays = record.parsed("weekdays", lambda text: _cyclic(text, 7))
    return Period(
        record.text("class") or _ONE_CLASS,
        start or MIDNIGHT,
        end or MIDNIGHT,
        months=record.parsed("months", lambda text: _cyclic(text, 12)),
        weekdays=weekdays and frozenset(day - 1 for day in weekdays),
    )


def _validity(record: Record) -> Validity:
    first, last = (
        record.parsed(field, read_day, StudyProblem.BAD_TIME)
        for field in ("first_day", "last_day")
    )
    if first and last and last < first:
        raise record.fault(StudyProblem.BAD_TIME, "last_day")
    return Validity(first or _FROM_THE_START, last)


def _cyclic(text: str, n: int) -> frozenset[int] | None:
    """The numbers from 1 to n written as `1,2` or, past the end and on, as `11 à 3`."""
    numbers: set[int] = set()
    for part in text.split(","):
        if not (match := _RANGE.fullmatch(part.strip())):
            return None
        first, last = int(match[1]), int(match[2] or match[1])
        if not (1 <= first <= n and 1 <= last <= n):
            return None
        numbers.update((first + i - 1) % n + 1 for i in range((last - first) % n + 1))
    return frozenset(numbers)


def _tariff(name: str, lines: Sequence[PriceLine]) -> Tariff:
    """The tariff of these lines, which are all that is in force on their days.

    The first period that fits counts: those of some hours, then those of some days, then
    the one that is the rest.
    """
    eur_per_kwh: dict[str, float] = {}
    ordered = sorted(lines, key=lambda line: (not line.has_hours, not line.has_days))
    for line in lines:
        price_class = line.period.price_class
        if eur_per_kwh.setdefault(price_class, line.value) != line.value:
            raise line.record.fault(StudyProblem.PRICE_TWICE, "value")
    rest = [line for line in lines if not line.has_hours and not line.has_days]
    if len(rest) > 1:
        raise rest[1].record.fault(StudyProblem.PRICE_TWICE, "class")
    return Tariff(
        name=name,
        calendar=Calendar(tuple(line.period for line in ordered)),
        eur_per_kwh=eur_per_kwh,
        validity=lines[0].validity,
        source="; ".join(dict.fromkeys(filter(None, (line.source for line in lines)))),
    )
