"""What an organiser prints from its books: for members without a screen, and for the accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from homeassistant.core import HomeAssistant

from ..adapters.indicator_paper import indicator_paper
from ..adapters.paper import Words
from ..adapters.reason import FRENCH, async_texts
from ..adapters.statement_paper import owed_table, statement_paper
from ..adapters.weekly_paper import Home, weekly_paper
from ..engine.blocks import MonthPage
from ..engine.organised_bills import owed
from ..engine.organised_month import Split
from ..engine.roster import Roster, members_on
from ..engine.statements import statements, whole_lines
from ..engine.weekly_sheet import season_of, usual_surplus
from ..pmo.coefficient_file import written_coefficients
from .books import Books

ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom and when something is printed, and of whom."""

    words: Words
    today: date
    """Of the operation's time zone."""
    participant: str | None = None
    """Id; None of everybody."""


async def async_words(hass: HomeAssistant, language: str | None) -> Words:
    """The texts in that language, or else in the house's; English where there are none."""
    wanted = (language or hass.config.language).partition("-")[0]
    found = FRENCH if wanted == FRENCH else ENGLISH
    return Words(found, await async_texts(hass, "paper_", found))


async def async_weekly(hass: HomeAssistant, books: Books, asked: Asked) -> str:
    """The season's usual good hours, a sheet for each home."""
    return await hass.async_add_executor_job(_weekly, books, asked)


async def async_indicators(hass: HomeAssistant, books: Books, asked: Asked) -> str:
    """What all shared, by month and by year."""
    job, name = hass.async_add_executor_job, books.roster.name
    return await job(indicator_paper, asked.words, name, books.community, asked.today)


async def async_statements(
    hass: HomeAssistant, books: Books, month: str, asked: Asked
) -> str | None:
    """The statements of a month; None of one that is not kept."""
    worked_out = await books.async_month(month)
    if worked_out is None:
        return None
    splits = await books.async_splits(month)
    job, pages = hass.async_add_executor_job, worked_out.pages
    return await job(_statements, books, month, splits, pages, asked)


async def async_owed(
    hass: HomeAssistant, books: Books, month: str, asked: Asked
) -> str | None:
    """Who owes whom for a month, as a table; None of one that is not kept."""
    splits = await books.async_splits(month)
    if not splits:
        return None
    return await hass.async_add_executor_job(_owed, books, splits, asked)


async def async_coefficients(
    hass: HomeAssistant, books: Books, month: str
) -> str | None:
    """The coefficients of a month for the grid operator; None of one that is not kept."""
    splits = await books.async_splits(month)
    if not splits:
        return None
    agreement, time_zone = books.roster.agreement or "", books.time_zone
    return await hass.async_add_executor_job(
        lambda: "".join(written_coefficients(agreement, splits, time_zone))
    )


def _weekly(books: Books, asked: Asked) -> str:
    roster, community = books.roster, books.community
    months = season_of(tuple(community), f"{asked.today:%Y-%m}")
    blocks = [block for month in months for block in community[month].blocks]
    members = members_on(roster.participants, asked.today)
    consumers = [one for one in members if one.consumes]
    homes = [
        # Without a turn of its own, evenly by the place in the list.
        Home(one.name, (n + 0.5) / len(consumers) if one.turn is None else one.turn)
        for n, one in enumerate(consumers)
        if asked.participant in (None, one.id)
    ]
    usual = usual_surplus(blocks, books.time_zone)
    return weekly_paper(asked.words, roster.name, months, usual, homes, asked.today)


def _statements(
    books: Books,
    month: str,
    splits: Sequence[Split],
    pages: Mapping[str, MonthPage],
    asked: Asked,
) -> str:
    roster = books.roster
    found = [
        one
        for one in statements(month, roster, splits, pages, books.time_zone)
        if asked.participant in (None, one.participant.id)
    ]
    words, names = asked.words, _names(roster)
    return statement_paper(words, roster.name, found, names, asked.today)


def _owed(books: Books, splits: Sequence[Split], asked: Asked) -> str:
    roster = books.roster
    bill = owed(splits, roster.prices, books.time_zone).bill
    return owed_table(asked.words, whole_lines(bill), _names(roster))


def _names(roster: Roster) -> dict[str, str]:
    return {one.id: one.name for one in roster.participants}
