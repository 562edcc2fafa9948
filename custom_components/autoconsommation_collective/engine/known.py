"""All that is known when looking ahead; anything may be missing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Final

from .blocks import Energies
from .claim import USUAL_NEED_WH, OwnNeed
from .contract import CostsMissing, StepCosts
from .coverage import CoverageTable
from .grid import Grid
from .model import ForecastError, KeyType
from .profile import Expected
from .share import Missing, ShareRule

FOLLOWING_PART: Final = 0.5
"""Of the members, where nobody says how many follow the signal: rather too few than too many,
which would leave surplus unused."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Known:
    """All that is known when looking ahead. Arrays on the grid; NaN: not known."""

    grid: Grid
    """From a local midnight on, so that days are whole."""
    time_zone: tzinfo
    rule: ShareRule | Missing
    production_wh: Energies
    """Expected to be injected for the operation."""
    level_wh: Energies | None = None
    """The same before it was put right by settlements, which past cases are compared by; None:
    it was not."""
    withdrawal_wh: Energies
    """Expected to be withdrawn by all members, without steered loads; as the organiser told."""
    homes_alike: int | None = None
    """Where no organiser tells it: how many homes to suppose that draw as this one does."""
    errors: tuple[ForecastError, ...] = ()
    flexible_wh: Mapping[date, float] = field(default_factory=dict)
    """What all followers' steered loads need, by local day."""
    members: int | None = None
    followers: int | None = None
    table: CoverageTable | None = None
    own: Expected | None = None
    own_surplus_wh: Energies | None = None
    """A producer's own surplus, where it fills its own loads first; None: neighbours alike."""
    costs: StepCosts | CostsMissing = CostsMissing.NO_CONTRACT
    need: OwnNeed
    planned_wh: Energies | None = None
    """What this home's loads are expected to draw beside its base consumption; None: no plan."""
    place: float
    """Of this home among all, in [0, 1)."""
    is_stale: bool = False
    lacks_plants: bool = False
    """Whether the production is that of some of the plants only."""
    bias: float = 1.0
    """What past estimates are to be multiplied by, as the diary found."""


def static_coefficient(rule: ShareRule | Missing) -> float | None:
    """This home's part of the production, where the key gives a fixed one."""
    if isinstance(rule, Missing) or rule.key is not KeyType.STATIC:
        return None
    return rule.coefficient


def flexible_wh(known: Known, day: date) -> float:
    """What all followers need on a local day: published, else a usual need of each."""
    if day in known.flexible_wh:
        # This home's need is among what all need.
        return max(known.need.energy_wh, known.flexible_wh[day])
    followers = known.followers
    if followers is None and known.members is not None:
        followers = round(FOLLOWING_PART * known.members)
    return max(known.need.energy_wh, (followers or 1) * USUAL_NEED_WH)
