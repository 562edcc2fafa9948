"""What the rules of the perimeter and of power say of an operation, told as advice."""

from datetime import date

from ..engine.perimeter import PerimeterError, Site, may_join, power_limit
from ..engine.roster import Participant, Roster, members_on
from .view import key_problem
from .words import Words

FRENCH_DIGITS = 14
"""Of a PRM. The rules known here are those of mainland France."""


def notes(roster: Roster, one: Participant, today: date, words: Words) -> list[str]:
    """What to know of a participant that is in the list now; blocks where they are many."""
    found: list[str] = []
    if (site := _site(one)) is not None and len(one.point) == FRENCH_DIGITS:
        others = [
            other
            for each in roster.participants
            if each.id != one.id
            and _takes_part(each, today)
            and (other := _site(each)) is not None
        ]
        try:
            check = may_join(site, others, roster.derogation, today)
            found += words.joining(check, roster)
            found += _power(roster, today, words)
        except PerimeterError:
            found.append(words.texts["perimeter_unknown"])
    problem = key_problem(roster, today)
    if problem is not None and members_on(roster.participants, today):
        found.append(words.key_problem(problem))
    return found


def _power(roster: Roster, today: date, words: Words) -> list[str]:
    total_kw = sum(
        one.panels.peak_power_kw
        for one in roster.participants
        if one.panels is not None and _takes_part(one, today)
    )
    limit = power_limit(roster.derogation, today)
    return [] if limit.allows(total_kw) else [words.power(total_kw, limit)]


def _takes_part(one: Participant, today: date) -> bool:
    """Today or later, also while the grid operator is waited for."""
    last_days = [span.last_day for span in one.membership]
    return any(last is None or last >= today for last in last_days)


def _site(one: Participant) -> Site | None:
    if (place := one.place) is None:
        return None
    return Site(
        one.id,
        place.latitude_deg,
        place.longitude_deg,
        place.commune,
        place.density_class,
        place.epci,
        place.body,
    )
