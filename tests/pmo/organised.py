"""An organiser's books of a few members, to be published."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    Aggregates,
    Counts,
    Key,
    KeyType,
    Member,
    Operation,
    Price,
    PriceModel,
    Quality,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.pmo.publication import (
    Books,
    PublishedMember,
)
from custom_components.autoconsommation_collective.pmo.sealing import (
    MemberKeys,
    member_keys,
    new_token,
)

from .conftest import PARIS

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
SINCE = Validity(date(2025, 1, 1))
HALF = timedelta(minutes=30)
OPERATION = Operation(
    "ACC00000123",
    "Indre solaire",
    PARIS.key,
    HALF,
    (Key(KeyType.DEFAULT_DYNAMIC, SINCE),),
    (Price(PriceModel.GIFT, 0.0, SINCE),),
    (),
)
COUNTS = (Counts(30, 17, 0, SINCE, followers=14),)


def page(month: str, whole_wh: int, part_wh: int, *, of_all: bool = False) -> MonthPage:
    """The same in each step."""
    start, end = month_bounds(month, PARIS)
    n_steps = (end - start) // HALF
    told = {
        Quantity.SHARED_INJECTION if of_all else Quantity.CONSUMPTION: whole_wh,
        Quantity.ALLOCATED: part_wh,
    }
    energies = {q: np.full(n_steps, float(wh)) for q, wh in told.items()}
    return MonthPage(month, 1, Quality.SETTLED, (Block(start, HALF, energies),))


def members(n: int) -> dict[str, tuple[str, PublishedMember]]:
    """So many, each with its token."""
    found = {}
    for number in range(n):
        token = new_token()
        member = Member(Role.CONSUMER, (SINCE,), (), ())
        found[f"p{number}"] = token, PublishedMember(member, member_keys(token))
    return found


def books(
    people: dict[str, tuple[str, PublishedMember]],
    *months: str,
    extra_wh: int = 0,
) -> Books:
    """These months of all of them; the first member gets so much more."""
    return Books(
        OPERATION,
        Aggregates(COUNTS, ()),
        None,
        {name: one for name, (_, one) in people.items()},
        {m: page(m, 900, 30 * len(people) + extra_wh, of_all=True) for m in months},
        {
            name: {
                m: page(m, 400, 30 + (extra_wh if name == "p0" else 0)) for m in months
            }
            for name in people
        },
        frozenset(months),
    )


def keys_of(people: dict[str, tuple[str, PublishedMember]], name: str) -> MemberKeys:
    """Of one member."""
    return people[name][1].keys


def rekeyed(one: PublishedMember) -> tuple[str, PublishedMember]:
    """The same member with a new token."""
    token = new_token()
    return token, replace(one, keys=member_keys(token))
