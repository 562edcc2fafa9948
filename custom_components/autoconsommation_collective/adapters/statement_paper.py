"""Statements of a month, one sheet for each participant; and who owes whom, as a table."""

from collections.abc import Callable, Iterable, Mapping, Sequence
import csv
from datetime import date
import io
from typing import Final

from ..engine.bills import Line
from ..engine.indicators import WH_PER_KWH, self_consumption_rate, self_production_rate
from ..engine.model import PriceModel, Quality
from ..engine.statements import PricedDays, Statement
from .paper import Words, page, table

PRICE_DECIMALS: Final = 4
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it spreadsheets mix up accents."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""With which a cell begins that a spreadsheet would compute."""

type Rows = list[tuple[str, str]]


def statement_paper(
    words: Words,
    operation: str,
    statements: Sequence[Statement],
    names: Mapping[str, str],
    today: date,
) -> str:
    """The sheets of these statements; names by participant's id."""
    sheets = (_sheet(words, operation, one, names, today) for one in statements)
    return page(words, words.plain("statement"), sheets)


def _sheet(
    words: Words,
    operation: str,
    one: Statement,
    names: Mapping[str, str],
    today: date,
) -> str:
    title = words.say("statement_title", month=words.month(one.month))
    basis = "statement_provisional"
    if one.quality is Quality.SETTLED:
        basis = "statement_settled"
    notes = [words.say(basis)]
    if not one.is_whole:
        notes.append(words.say("statement_partial"))
    parts = [
        table(words.plain("energies"), ("", "kWh"), _energies(words, one)),
        _lines(words, "owes", one.owes, names, lambda line: line.producer),
        _lines(words, "due", one.due, names, lambda line: line.consumer),
        *(f"<p>{text}</p>" for text in _prices(words, one.prices)),
    ]
    if not one.owes and not one.due:
        parts.append(f"<p>{words.say('nothing_owed')}</p>")
    return (
        f"<section>\n<h1>{title}</h1>\n<p>{words.say('for', name=one.participant.name)}"
        f"</p>\n<p>{' '.join(notes)}</p>\n{'\n'.join(filter(None, parts))}\n<footer>"
        f"{words.say('no_invoice')} "
        f"{words.say('printed', operation=operation, date=words.day(today))}</footer>\n"
        "</section>"
    )


def _energies(words: Words, one: Statement) -> Rows:
    rows: Rows = []
    drawn, allocated = one.consumption_wh, one.allocated_wh
    if drawn is not None and allocated is not None:
        rows += [
            (words.plain("consumption"), words.kwh(drawn)),
            (words.plain("allocated"), words.kwh(allocated)),
        ]
        if one.served_first_wh is not None:
            rows.append((words.plain("served_first"), words.kwh(one.served_first_wh)))
        rate = self_production_rate(allocated, drawn)
        rows += [
            (words.plain("complement"), words.kwh(drawn - allocated)),
            (words.plain("self_production"), words.rate(rate)),
        ]
    injected, left = one.production_wh, one.surplus_wh
    if injected is not None and left is not None:
        shared = injected - left
        rows += [
            (words.plain("production"), words.kwh(injected)),
            (words.plain("shared"), words.kwh(shared)),
            (words.plain("surplus"), words.kwh(left)),
            (
                words.plain("self_consumption"),
                words.rate(self_consumption_rate(shared, injected)),
            ),
        ]
    return rows


def _lines(
    words: Words,
    side: str,
    lines: Sequence[Line],
    names: Mapping[str, str],
    other: Callable[[Line], str],
) -> str:
    """What is owed, to or by whom; nothing where nothing is."""
    if not lines:
        return ""
    rows = [
        (names[other(line)], words.kwh(line.energy_wh), words.eur(line.cents))
        for line in lines
    ]
    total = (
        words.plain("total"),
        words.kwh(sum(line.energy_wh for line in lines)),
        words.eur(sum(line.cents for line in lines)),
    )
    return table(words.plain(side), (words.plain("member"), "kWh", "€"), rows, total)


def _prices(words: Words, prices: Iterable[PricedDays]) -> list[str]:
    found = []
    for one in prices:
        days = {"first": words.day(one.first), "last": words.day(one.last)}
        if one.price is None:
            found.append(words.say("price_unknown", **days))
        elif one.price.model is PriceModel.SALE:
            price = words.number(one.price.eur_per_kwh, PRICE_DECIMALS)
            found.append(words.say("price_sale", price=price, **days))
        else:
            found.append(words.say(f"price_{one.price.model}", **days))
    return found


def owed_table(words: Words, lines: Iterable[Line], names: Mapping[str, str]) -> str:
    """Who owes whom, for a spreadsheet: whole Wh as kWh, euros to the cent, and their sums."""
    text = io.StringIO()
    text.write(BYTE_ORDER_MARK)
    sheet = csv.writer(text, delimiter=";", lineterminator="\r\n")
    sheet.writerow([words.plain(key) for key in ("owed_by", "owed_to", "kwh", "euros")])
    told = list(lines)
    for line in told:
        sheet.writerow(
            [
                *(_cell(names[id_]) for id_ in (line.consumer, line.producer)),
                *_amounts(words, line.energy_wh, line.cents),
            ]
        )
    sums = (sum(line.energy_wh for line in told), sum(line.cents for line in told))
    sheet.writerow([words.plain("total"), "", *_amounts(words, *sums)])
    return text.getvalue()


def _amounts(words: Words, energy_wh: float, cents: int) -> tuple[str, str]:
    """With the language's decimal sign and no other: spreadsheets add them up."""
    sign = words.number(0.5, 1)[1]
    kwh, eur = f"{energy_wh / WH_PER_KWH:.3f}", f"{cents / 100:.2f}"
    return kwh.replace(".", sign), eur.replace(".", sign)


def _cell(text: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
