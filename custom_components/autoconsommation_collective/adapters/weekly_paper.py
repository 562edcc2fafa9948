"""The usual good hours of a season, one large sheet for each home."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ..engine.weekly_sheet import HOURS_PER_DAY, UsualSurplus
from .paper import Words, escaped, page


@dataclass(frozen=True, slots=True)
class Home:
    """For whom a sheet is."""

    name: str
    place: float
    """In [0, 1): which of the hours it is given."""


def weekly_paper(
    words: Words,
    operation: str,
    months: Sequence[str],
    usual: Sequence[UsualSurplus],
    homes: Sequence[Home],
    today: date,
) -> str:
    """The sheets of these homes; `months` are those that the hours are usual in."""
    sheets = (_sheet(words, operation, months, usual, home, today) for home in homes)
    return page(words, words.plain("weekly_title"), sheets)


def _sheet(
    words: Words,
    operation: str,
    months: Sequence[str],
    usual: Sequence[UsualSurplus],
    home: Home,
    today: date,
) -> str:
    if usual:
        days = "\n".join(_day(words, kind, home) for kind in usual)
        told = ", ".join(words.month(month) for month in months)
        ending = (
            f"<p>{words.say('weekly_own_why')}</p>\n"
            f"<p><strong>{words.say('weekly_no_forecast', months=told)}</strong></p>"
        )
    else:
        days, ending = f"<p>{words.say('weekly_unknown')}</p>", ""
    return (
        f'<section class="large">\n<h1>{words.say("weekly_title")}</h1>\n'
        f"<p>{words.say('for', name=home.name)}</p>\n"
        f"<p>{words.say('weekly_intro', operation=operation)}</p>\n"
        f"{days}\n{ending}\n"
        f"<footer>{words.say('printed', operation=operation, date=words.day(today))}</footer>\n"
        "</section>"
    )


def _day(words: Words, kind: UsualSurplus, home: Home) -> str:
    title = words.say("weekend" if kind.is_weekend else "weekday")
    good, own = kind.good_hours, kind.hour_of(home.place)
    if good is None or own is None:
        return f"<h2>{title}</h2>\n<p>{words.say('weekly_nothing')}</p>"
    first, after = (words.hour(hour % HOURS_PER_DAY) for hour in good)
    return (
        f"<h2>{title}</h2>\n"
        f'<p class="hours">{words.say("hours", first=first, after=after)}</p>\n'
        f'<div class="own"><p>{words.say("weekly_own")} '
        f"<strong>{escaped(words.hour(own))}</strong></p></div>"
    )
