"""Read the index of what is told of all members: counts, months, and what is usual."""

from itertools import pairwise
from typing import Final

from ..engine.blocks import MINUTE
from ..engine.model import Aggregates, Counts, ForecastError, Usual, UsualDay
from ..engine.usual import MINUTES_PER_DAY, MONTHS_PER_YEAR
from . import names
from .documents import (
    MAX_COUNT,
    read_months,
    read_one_at_a_time,
    read_step,
    read_validity,
)
from .energies import MAX_ENERGY_WH, is_energy, why_no_energy
from .errors import Problem
from .fields import Fields, open_document

_MAX_ERROR_CLASSES: Final = 5
"""Finer ones would rest on few steps each."""
_MAX_POWER_W: Final = float(MAX_ENERGY_WH)
"""No operation's, as for energies."""


def read_aggregates(body: bytes) -> Aggregates:
    """Index of the aggregates; DocumentError names what is wrong."""
    document = open_document(body, names.AGGREGATES, "aggregates")
    document.instant("published_at")
    return Aggregates(
        counts=read_one_at_a_time(document, "counts", _counts),
        months=read_months(document),
        usual=_usual(document),
    )


def read_errors(document: Fields) -> tuple[ForecastError, ...]:
    """Classes by ascending level: from 0, so that every level has one."""
    found = document.optional(document.objects, "errors") or ()
    if len(found) > _MAX_ERROR_CLASSES:
        raise document.fault(Problem.BAD_VALUE, "errors")
    errors = tuple(
        ForecastError(
            above_w=fields.number("above_w", 0, _MAX_POWER_W),
            mean_w=fields.number("mean_w", -_MAX_POWER_W, _MAX_POWER_W),
            deviation_w=fields.number("deviation_w", 0, _MAX_POWER_W),
        )
        for fields in found
    )
    if errors and errors[0].above_w != 0:
        raise found[0].fault(Problem.BAD_VALUE, "above_w")
    for fields, (lower, upper) in zip(found[1:], pairwise(errors), strict=True):
        if upper.above_w <= lower.above_w:
            raise fields.fault(Problem.BAD_VALUE, "above_w")
    return errors


def _counts(fields: Fields) -> Counts:
    members = fields.whole("members", 0, MAX_COUNT)
    return Counts(
        members=members,
        household_producers=fields.whole("household_producers", 0, MAX_COUNT),
        non_household_plants=fields.whole("non_household_plants", 0, MAX_COUNT),
        validity=read_validity(fields),
        followers=fields.optional(fields.whole, "followers", 0, members),
    )


def _usual(document: Fields) -> Usual | None:
    """What is usual; None where the organiser does not tell."""
    usual = document.optional(document.object, "usual")
    if usual is None:
        return None
    days: dict[tuple[int, bool], UsualDay] = {}
    for fields in usual.objects("days"):
        day = _usual_day(fields)
        if (day.month, day.is_weekend) in days:
            raise fields.fault(Problem.PERIODS_OVERLAP, "month")
        days[day.month, day.is_weekend] = day
    return Usual(tuple(days.values()), read_errors(usual))


def _usual_day(fields: Fields) -> UsualDay:
    step = read_step(fields, "step_minutes")
    field = "base_withdrawal_wh"
    energies = fields.require(field, list)
    if len(energies) != MINUTES_PER_DAY // int(step / MINUTE):
        raise fields.fault(Problem.INCOMPLETE_DAY, field)
    for wh in energies:
        if not is_energy(wh):
            raise fields.fault(why_no_energy(wh), field)
    return UsualDay(
        month=fields.whole("month", 1, MONTHS_PER_YEAR),
        is_weekend=fields.require("is_weekend", bool),
        step=step,
        base_withdrawal_wh=tuple(energies),
    )
