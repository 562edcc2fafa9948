"""What an operation shared, by month and by year: kWh, and the rates beside them."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from ..engine.blocks import MonthPage
from ..engine.indicators import Tally
from ..engine.model import Quality
from ..engine.months import community_tally
from .paper import Words, page, table

COLUMNS: Final = (
    "injected",
    "drawn",
    "shared_kwh",
    "self_consumption_rate",
    "self_production_rate",
)


def indicator_paper(
    words: Words, operation: str, months: Mapping[str, MonthPage], today: date
) -> str:
    """A sheet with all months, and the sums of each year."""
    tallies = {
        month: (tally, each.quality)
        for month, each in sorted(months.items())
        if (tally := community_tally(each))
    }
    rows = [
        _row(words, _title(words, month, quality), tally)
        for month, (tally, quality) in tallies.items()
    ]
    years = [
        _row(words, *_year(words, year, [tallies[month][0] for month in run]))
        for year, run in groupby(tallies, key=lambda month: month[:4])
    ]
    heading = ("", *(words.plain(key) for key in COLUMNS))
    sheet = (
        f"<section>\n<h1>{words.say('indicators_title', operation=operation)}</h1>\n"
        f"{table(words.plain('by_month'), heading, rows)}\n"
        f"{table(words.plain('by_year'), heading, years)}\n"
        f"<p>{words.say('indicators_note')}</p>\n<footer>"
        f"{words.say('printed', operation=operation, date=words.day(today))}</footer>\n"
        "</section>"
    )
    return page(words, words.plain("indicators"), [sheet])


def _title(words: Words, month: str, quality: Quality) -> str:
    name = words.month(month)
    if quality is Quality.SETTLED:
        return name
    return words.plain("provisional_month", month=name)


def _year(words: Words, year: str, tallies: Sequence[Tally]) -> tuple[str, Tally]:
    title = words.plain("year", year=year, n=str(len(tallies)))
    return title, sum(tallies[1:], tallies[0])


def _row(words: Words, title: str, tally: Tally) -> tuple[str, ...]:
    return (
        title,
        words.kwh(tally.production_wh),
        words.kwh(tally.consumption_wh),
        words.kwh(tally.allocated_wh),
        words.rate(tally.self_consumption_rate),
        words.rate(tally.self_production_rate),
    )
