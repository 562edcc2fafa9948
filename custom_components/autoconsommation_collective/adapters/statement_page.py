"""A statement on paper: one page of plain HTML that prints well and asks nobody for anything.

Built of texts and figures alone; everything is escaped, and no script runs on it.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
import hashlib
from html import escape
from typing import Final

from homeassistant.core import HomeAssistant

from ..engine.account import PriceKind, PriceUsed, Told
from ..engine.contract import CostsMissing
from ..engine.costs import Saving
from ..engine.indicators import WH_PER_KWH
from ..engine.months import OFFICIAL
from ..engine.prepaid import PrepaidAccount
from ..engine.price_age import PriceAge
from ..engine.refunds import RefundBalance
from ..engine.statement import Statement
from .reason import FRENCH, Texts, async_texts

KIND: Final = "statement_"
LANGUAGES: Final = ("en", FRENCH)
THIN: Final = "\u202f"
"""Between thousands, and before a French unit's sign: never broken."""
DASH: Final = "–"

STYLE: Final = """
:root{color-scheme:light}
body{font:16px/1.45 system-ui,sans-serif;color:#1b1b1b;background:#fff;max-width:46rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:1.8rem 0 .4rem}
p{margin:.4rem 0}.small{font-size:.875rem;color:#444}
table{border-collapse:collapse;width:100%;margin:.4rem 0}
caption{text-align:left;font-size:.875rem;color:#444;padding-bottom:.2rem}
th,td{text-align:left;padding:.3rem .4rem;border-bottom:1px solid #ccc;vertical-align:top}
thead th{border-bottom:2px solid #444}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
th.n{text-align:right}tr.sum>*{font-weight:600;border-top:2px solid #444}
.old{font-weight:600}
@page{margin:15mm}
@media print{body{margin:0;max-width:none;font-size:11pt}h2{break-after:avoid}tr{break-inside:avoid}}
"""
POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    f"style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
"""What a browser may do with the page: show it, in this style alone."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the page."""

    title: str
    """Of the membership."""
    today: date
    month: Statement
    year: Statement
    refunds: RefundBalance | None
    prepaid: PrepaidAccount | None
    runs_out: date | None


async def async_statement_texts(hass: HomeAssistant, language: str) -> Texts:
    """The words of the page in a language."""
    return await async_texts(hass, KIND, language)


def language_of(wanted: str | None, house: str) -> str:
    """The language of the page: the one that is wanted, else the house's, else English."""
    for one in (wanted or "", house):
        if (short := one.partition("-")[0]) in LANGUAGES:
            return short
    return LANGUAGES[0]


def statement_page(texts: Texts, language: str, paper: Paper) -> str:
    """The page."""
    words = _Words(texts, language)
    month = words.month(paper.month.last)
    heading = texts["title"].format_map({"month": month})
    name = escape(paper.title)
    parts = [
        f"<h1>{escape(heading)}</h1>",
        f"<p>{name}</p>",
        f'<p class="small">{escape(words.sure(paper.month))}</p>',
        *_statement(words, paper.month, "month_heading", {"month": month}),
        *_statement(
            words,
            paper.year,
            "year_heading",
            {"first": words.month(paper.year.first), "last": month},
        ),
        *_formulas(words, paper.year),
        *_refunds(words, paper.refunds),
        *_prepaid(words, paper),
        *_prices(words, paper),
        f'<p class="small">{escape(words.made_on(paper.today))}</p>',
    ]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(heading)} {DASH} {name}</title><style>{STYLE}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>"
    )


class _Words:
    """Numbers, days and texts of one language."""

    def __init__(self, texts: Texts, language: str) -> None:
        self.texts = texts
        self._is_french = language == FRENCH

    def __getitem__(self, key: str) -> str:
        return self.texts[key]

    def number(self, value: float, decimals: int) -> str:
        text = f"{abs(value):,.{decimals}f}"
        if self._is_french:
            text = text.replace(",", THIN).replace(".", ",")
        is_nothing = not text.strip("0.,")
        return text if value >= 0 or is_nothing else f"\u2212{text}"

    def kwh(self, wh: float | None) -> str:
        if wh is None:
            return DASH
        return f"{self.number(wh / WH_PER_KWH, 1)}\u00a0kWh"

    def eur(self, eur: Told[float]) -> str:
        if eur is None:
            return DASH
        if isinstance(eur, CostsMissing):
            return self.texts[f"missing_{eur.value}"]
        text = self.number(eur, 2)
        if self._is_french:
            return f"{text}\u00a0€"
        return f"\u2212€{text[1:]}" if text.startswith("\u2212") else f"€{text}"

    def price(self, eur_per_kwh: float) -> str:
        return f"{self.number(eur_per_kwh, 4)}\u00a0€/kWh"

    def month(self, month: str) -> str:
        year, number = month.split("-")
        return f"{self.texts[f'month_{int(number)}']} {year}"

    def day(self, day: date) -> str:
        if day == date.min:
            return self.texts["undated"]
        if self._is_french:
            return f"{day:%d/%m/%Y}"
        return f"{day.day} {self.texts[f'month_{day.month}']} {day.year}"

    def sure(self, statement: Statement) -> str:
        return self.texts[f"basis_{statement.basis.value}"]

    def made_on(self, today: date) -> str:
        return self.texts["made_on"].format_map({"day": self.day(today)})


def _statement(
    words: _Words, statement: Statement, heading: str, values: dict[str, str]
) -> Iterable[str]:
    """Energies, money, and the supplier's classes."""
    account = statement.account
    yield f"<h2>{escape(words[heading].format_map(values))}</h2>"
    if len(statement.months) > 1 or heading == "year_heading":
        settled = sum(month.basis in OFFICIAL for month in statement.months)
        said = words["year_months"].format_map(
            {"n": len(statement.months), "settled": settled}
        )
        yield f'<p class="small">{escape(said)}</p>'
    yield _table(
        words["caption_energy"],
        (words["what"], words["energy"], words["amount"]),
        [
            (words["consumption"], words.kwh(account.consumption_wh), ""),
            (
                words["allocated"],
                words.kwh(account.allocated_wh),
                words.eur(account.operation_eur),
            ),
            (
                words["complement"],
                words.kwh(account.complement_wh),
                words.eur(account.complement_eur),
            ),
        ],
    )
    if account.saving is not None:
        yield _saving(words, account.saving)
    if account.classes:
        yield _table(
            words["caption_classes"],
            (
                words["price_class"],
                words["complement"],
                words["amount"],
                words["allocated"],
                words["avoided"],
            ),
            [
                (
                    part.price_class or words["class_unknown"],
                    words.kwh(part.complement_wh),
                    words.eur(part.complement_eur),
                    words.kwh(part.allocated_wh),
                    words.eur(part.avoided_eur),
                )
                for part in account.classes
            ],
        )
    if account.production_wh is not None:
        yield _table(
            words["caption_production"],
            (words["what"], words["energy"], words["amount"]),
            [
                (words["injected"], words.kwh(account.production_wh), ""),
                (
                    words["shared"],
                    words.kwh(account.shared_wh),
                    words.eur(account.shared_eur),
                ),
                (
                    words["surplus"],
                    words.kwh(account.surplus_wh),
                    words.eur(account.surplus_eur),
                ),
                (words["own_reserve"], words.kwh(account.allocated_wh), ""),
            ],
        )


def _saving(words: _Words, saving: Saving | CostsMissing) -> str:
    """How the expected saving comes about."""
    if isinstance(saving, CostsMissing):
        return f"<p>{escape(words['saving'])}: {escape(words.eur(saving))}</p>"
    return _table(
        words["caption_saving"],
        (words["what"], words["amount"]),
        [
            (words["avoided"], words.eur(saving.avoided_eur)),
            (words["operation"], words.eur(-saving.operation_eur)),
            (words["network"], words.eur(-saving.network_eur - saving.excise_eur)),
            (words["saving"], words.eur(saving.saving_eur)),
        ],
        has_sum=True,
    )


def _formulas(words: _Words, year: Statement) -> Iterable[str]:
    """Which network formula would have been cheaper."""
    if (choice := year.account.formulas) is None:
        return
    costs = choice.costs
    difference = abs(costs.normal_eur - costs.acc_eur)
    key = "formula_acc" if costs.acc_is_cheaper else "formula_normal"
    said = words[key].format_map(
        {
            "first": words.day(choice.first_day),
            "last": words.day(choice.last_day),
            "normal": words.eur(costs.normal_eur),
            "acc": words.eur(costs.acc_eur),
            "difference": words.eur(difference),
        }
    )
    yield f"<h2>{escape(words['formula_heading'])}</h2><p>{escape(said)}</p>"


def _refunds(words: _Words, balance: RefundBalance | None) -> Iterable[str]:
    """What the supplier owes, gave back, and still owes."""
    if balance is None:
        return
    yield f"<h2>{escape(words['refund_heading'])}</h2>"
    since = words["refund_since"].format_map(
        {"month": words.month(balance.since), "n": balance.n_months}
    )
    yield f'<p class="small">{escape(since)}</p>'
    if balance.n_unpriced:
        left = words["refund_unpriced"].format_map({"n": balance.n_unpriced})
        yield f'<p class="small">{escape(left)}</p>'
    yield _table(
        words["refund_heading"],
        (words["what"], words["amount"]),
        [
            (words["refund_expected"], words.eur(balance.expected_eur)),
            (words["refund_received"], words.eur(balance.received_eur)),
            (words["refund_difference"], words.eur(balance.difference_eur)),
        ],
        has_sum=True,
    )


def _prepaid(words: _Words, paper: Paper) -> Iterable[str]:
    """What is left of the packs."""
    if (account := paper.prepaid) is None:
        return
    kwh = WH_PER_KWH
    yield f"<h2>{escape(words['prepaid_heading'])}</h2>"
    yield _table(
        words["prepaid_heading"],
        (words["what"], words["energy"], words["amount"]),
        [
            (
                words["prepaid_bought"],
                words.kwh(account.bought_kwh * kwh),
                words.eur(account.paid_eur),
            ),
            (words["prepaid_consumed"], words.kwh(account.consumed_kwh * kwh), ""),
            (words["prepaid_balance"], words.kwh(account.balance_kwh * kwh), ""),
        ],
        has_sum=True,
    )
    if paper.runs_out is not None:
        said = words["prepaid_runs_out"].format_map({"day": words.day(paper.runs_out)})
        yield f"<p>{escape(said)}</p>"


def _prices(words: _Words, paper: Paper) -> Iterable[str]:
    """All prices that the figures rest on, each with its day and where it comes from."""
    used = paper.month.account.prices | paper.year.account.prices
    if not used:
        return
    yield f"<h2>{escape(words['prices_heading'])}</h2>"
    yield _table(
        words["caption_prices"],
        (words["price"], words["amount"], words["since"], words["source"]),
        [
            (
                _price_name(words, price),
                words.price(price.eur_per_kwh),
                words.day(price.since),
                words[f"source_{price.source}"],
            )
            for price in sorted(used, key=lambda p: (p.kind, p.price_class, p.since))
        ],
    )
    if any(paper.year.age(p, paper.today) is not PriceAge.RECENT for p in used):
        yield f'<p class="old">{escape(words["prices_old"])}</p>'


def _price_name(words: _Words, price: PriceUsed) -> str:
    name = words[f"price_{price.kind.value}"]
    is_named = price.kind is PriceKind.SUPPLIER and price.price_class
    return f"{name} ({price.price_class})" if is_named else name


def _table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    has_sum: bool = False,
) -> str:
    """A table whose first column names its rows; with a sum, the last row is it."""
    given = list(rows)
    titles = "".join(
        f'<th scope="col"{_numeric(n)}>{escape(title)}</th>'
        for n, title in enumerate(head)
    )
    lines = []
    for number, (name, *cells) in enumerate(given):
        is_sum = has_sum and number == len(given) - 1
        filled = "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells)
        lines.append(
            f"<tr{' class="sum"' if is_sum else ''}>"
            f'<th scope="row">{escape(name)}</th>{filled}</tr>'
        )
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{titles}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )


def _numeric(column: int) -> str:
    return ' class="n"' if column else ""
