"""What a load is doing, in one word for its owner."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .load_plan import LoadPlan, Run, Why
from .load_state import LoadState
from .loads import LoadKind, LoadSettings


class LoadStatus(StrEnum):
    """What a load is doing; the first that is so, in this order."""

    UNREACHABLE = "unreachable"
    """The device does not answer."""
    NOT_OBEYING = "not_obeying"
    """It answers, but does not do what it is told."""
    BY_HAND = "by_hand"
    """The user switched it: it stays so for a while."""
    SHED = "shed"
    """Held back, as the home draws nearly all of its subscribed power."""
    ABSENT = "absent"
    SKIPPED = "skipped"
    RUNNING = "running"
    SHORT = "short"
    """It will not be ready in time."""
    UNPLUGGED = "unplugged"
    NOT_ARMED = "not_armed"
    """A machine that waits to be loaded."""
    PLANNED = "planned"
    UNVERIFIED = "unverified"
    """Heated for its hours, but nothing measures whether it is hot."""
    DONE = "done"
    """What it needed, it has."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """What else decides on the word."""

    is_available: bool = True
    obeys: bool = True
    is_by_hand: bool = False
    is_shed: bool = False
    is_plugged: bool = True


def load_status(
    settings: LoadSettings, state: LoadState, plan: LoadPlan | None, now: Conditions
) -> LoadStatus:
    """The word for what a load is doing."""
    is_car = settings.kind is LoadKind.CAR
    is_idle_machine = (
        settings.kind is LoadKind.APPLIANCE
        and state.finish_by is None
        and state.began is None
    )
    is_unverified = settings.tank is not None and not settings.tank.is_verified
    found = {
        LoadStatus.UNREACHABLE: not now.is_available,
        LoadStatus.NOT_OBEYING: not now.obeys,
        LoadStatus.BY_HAND: now.is_by_hand,
        LoadStatus.SHED: now.is_shed,
        LoadStatus.ABSENT: state.is_absent,
        LoadStatus.SKIPPED: state.skipped_until is not None,
        LoadStatus.RUNNING: state.is_on,
        LoadStatus.SHORT: plan is not None and plan.why is Why.SHORT,
        LoadStatus.UNPLUGGED: is_car and not now.is_plugged,
        LoadStatus.NOT_ARMED: is_idle_machine,
        LoadStatus.PLANNED: plan is not None and bool(plan.runs),
        LoadStatus.UNVERIFIED: is_unverified,
    }
    return next((word for word, is_so in found.items() if is_so), LoadStatus.DONE)


def next_run(plan: LoadPlan | None, now: datetime) -> Run | None:
    """The run in progress, else the next."""
    if plan is None:
        return None
    return next((run for run in plan.runs if run.end > now), None)
