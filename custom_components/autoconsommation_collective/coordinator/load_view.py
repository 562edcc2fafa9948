"""What the entities show of the loads, at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from ..engine.ledger import Gain
from ..engine.load_plan import HomePlan, LoadPlan, Run
from ..engine.load_status import LoadStatus
from ..engine.loads import LoadSettings
from .load_guard import GuardView


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadView:
    """One load."""

    settings: LoadSettings
    status: LoadStatus
    reason: str
    """In a sentence."""
    plan: LoadPlan | None
    run: Run | None
    """In progress, else the next."""
    is_controlled: bool
    """Whether the plan switches it; else it is only observed."""
    waits_until: datetime | None
    """How long the user's hand, a skip or an absence lasts."""
    today_wh: float
    midnight: datetime
    """When today began."""
    need_wh: float | None
    """Of a day."""
    ready_by: time | None
    last_full: datetime | None
    """When a tank was last seen hot all through; None: never, or nothing tells."""
    gain: Gain
    """Of what was switched by the plan."""
    missed: Gain
    """What would have been gained of what was only observed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadsView:
    """All loads."""

    loads: Mapping[str, LoadView]
    gain: Gain
    guard: GuardView
    now: datetime
    plan: HomePlan | None
    """None: there is none yet."""
