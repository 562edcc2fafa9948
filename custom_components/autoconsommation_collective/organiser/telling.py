"""An operation as the card shows it to its organiser: in counts, and nobody by name."""

from typing import Final

from homeassistant.util.json import JsonObjectType, JsonValueType

from ..coordinator.month_telling import told_tally
from ..engine.checklist import Item, Standing, next_due
from ..engine.roster import members_on
from .books import Books
from .view import OrganiserView

MOST_MONTHS: Final = 13
"""A year, and the same month of the year before."""


def told_operation(books: Books, view: OrganiserView) -> JsonObjectType:
    """Who takes part today, what the last months came to, and what is left to do."""
    taking_part = members_on(books.roster.participants, view.today)
    coming = tuple(one for one in view.items if one.standing is Standing.DUE)
    following = next_due(coming)
    is_published = books.settings.folder is not None
    months: list[JsonValueType] = [
        {
            "month": one.month,
            "basis": None if one.quality is None else one.quality.value,
            **(told_tally(one.tally) or {}),
        }
        for one in view.months.values()
        if one.tally is not None
    ]
    return {
        "name": books.roster.name,
        "members": view.n_members,
        "consumers": sum(one.consumes for one in taking_part),
        "producers": view.n_producers,
        "months": months[-MOST_MONTHS:],
        "has_deadlines": books.settings.checklist.since is not None,
        "next": None if following is None else _told(following),
        "late": [_told(one) for one in view.late],
        "is_published": is_published,
        "unpublished": [*sorted(view.unpublished)] if is_published else [],
    }


def _told(item: Item) -> JsonObjectType:
    """What is to be done for a month, and by which day."""
    return {
        "month": item.month,
        "duty": item.duty.value,
        "due": item.due.isoformat(),
    }
