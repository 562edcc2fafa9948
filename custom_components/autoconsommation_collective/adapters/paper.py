"""Pages to print: A4, black on white, with nothing in them that a browser would have to fetch.

Everything that is written passes `Words.say` or `escaped`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape as escaped
import math
from typing import Final

from ..engine.indicators import WH_PER_KWH
from .reason import FRENCH

STYLE: Final = """\
@page { size: A4; margin: 15mm; }
* { box-sizing: border-box; }
body { margin: 0; color: #000; background: #fff; font: 11pt/1.35 sans-serif; }
section { max-width: 180mm; margin: 0 auto; break-after: page; }
section:last-child { break-after: auto; }
h1 { font-size: 22pt; line-height: 1.2; margin: 0 0 3mm; }
h2 { font-size: 15pt; margin: 6mm 0 0; }
p { margin: 0 0 3mm; }
table { border-collapse: collapse; width: 100%; margin: 0 0 5mm; }
tr { break-inside: avoid; }
caption { text-align: left; font-weight: bold; padding: 1mm 0; }
th, td { text-align: left; padding: 0.8mm 2mm; border-bottom: 1px solid #555; }
thead th { vertical-align: bottom; }
tbody th { font-weight: normal; }
.number { text-align: right; }
td.number { white-space: nowrap; }
thead .number { font-size: 10pt; }
th:first-child { min-width: 48mm; }
tfoot th, tfoot td { border-top: 2px solid #000; font-weight: bold; }
.large { font-size: 17pt; }
.large h1 { font-size: 30pt; }
.large h2 { font-size: 20pt; }
.hours { font-size: 32pt; font-weight: bold; margin: 0 0 1mm; }
.own { border: 3px solid #000; padding: 2mm 5mm; margin: 0 0 5mm; }
.own p { margin: 0; }
.own strong { font-size: 24pt; white-space: nowrap; }
footer { margin-top: 6mm; font-size: 10pt; }
.large footer { font-size: 13pt; }
"""
ENDASH: Final = "\N{EN DASH}"
NARROW: Final = "\N{NARROW NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of one language, and how it writes numbers and days."""

    language: str
    texts: Mapping[str, str]
    """By what comes after `paper_`."""

    def plain(self, key: str, **values: str) -> str:
        """A text with these values in it, for what is no page."""
        return self.texts[key].format(**values)

    def say(self, key: str, **values: str) -> str:
        """The same, to stand in a page."""
        return escaped(self.plain(key, **values))

    def kwh(self, energy_wh: float | None) -> str:
        """Energy to a tenth of a kWh; a dash where nobody knows it."""
        return ENDASH if energy_wh is None else self.number(energy_wh / WH_PER_KWH, 1)

    def eur(self, cents: int) -> str:
        """An amount to the cent."""
        return self.number(cents / 100, 2)

    def rate(self, part: float | None) -> str:
        """A part in per cent; a dash where there is no whole."""
        if part is None or math.isnan(part):
            return ENDASH
        space = NARROW if self.language == FRENCH else ""
        return f"{self.number(100 * part, 0)}{space}%"

    def number(self, value: float, decimals: int) -> str:
        """With the language's signs."""
        if math.isnan(value):
            return ENDASH
        text = f"{value:,.{decimals}f}"
        if self.language == FRENCH:
            return text.replace(",", NARROW).replace(".", ",")
        return text

    def month(self, month: str) -> str:
        """Such as `October 2026`."""
        year, number = map(int, month.split("-"))
        return f"{self._month_name(number)} {year}"

    def day(self, day: date) -> str:
        """Such as `3 October 2026`."""
        is_first = self.language == FRENCH and day.day == 1
        number = "1er" if is_first else str(day.day)
        return f"{number} {self._month_name(day.month)} {day.year}"

    def hour(self, hour: int) -> str:
        """Of the clock."""
        return f"{hour}{NARROW}h" if self.language == FRENCH else f"{hour}:00"

    def _month_name(self, number: int) -> str:
        return self.texts["months"].split(", ")[number - 1]


def page(words: Words, title: str, sections: Iterable[str]) -> str:
    """A whole document; each section begins a sheet. The title is plain text."""
    return (
        f'<!DOCTYPE html>\n<html lang="{escaped(words.language)}">\n<head>\n'
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{escaped(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n"
        f"<body>\n{'\n'.join(sections)}\n</body>\n</html>\n"
    )


def table(
    caption: str,
    heading: Sequence[str],
    rows: Iterable[Sequence[str]],
    total: Sequence[str] = (),
) -> str:
    """A table of plain cells; the first column names the rows, the others are numbers."""
    body = "\n".join(_row(row) for row in rows)
    head = "".join(
        f'<th scope="col"{_number(n)}>{escaped(cell)}</th>'
        for n, cell in enumerate(heading)
    )
    foot = f"<tfoot>{_row(total)}</tfoot>\n" if total else ""
    return (
        f"<table>\n<caption>{escaped(caption)}</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n{foot}</table>"
    )


def _row(cells: Sequence[str]) -> str:
    first, *others = cells
    numbers = "".join(f'<td class="number">{escaped(cell)}</td>' for cell in others)
    return f'<tr><th scope="row">{escaped(first)}</th>{numbers}</tr>'


def _number(column: int) -> str:
    return ' class="number"' if column else ""
