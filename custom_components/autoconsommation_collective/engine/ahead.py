"""What a member looks at of the steps ahead: a few numbers, as of one instant."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

import numpy as np

from .blocks import Energies
from .contract import CostsMissing, StepCosts
from .grid import Grid
from .outlook import Outlook
from .signal import Window
from .slots import midnight_of


@dataclass(frozen=True, slots=True)
class Ahead:
    """The outlook in a few numbers; None where it is not known."""

    eur_per_kwh: float | None
    """Expected cost of one more kWh in the step in progress."""
    window: Window | None
    """The good window in progress, else the next."""
    claimable_today_wh: float | None
    """This home's part of the good windows from now on."""
    claimable_tomorrow_wh: float | None
    surplus_today_wh: float | None
    """Expected to be left in the operation, the whole local day."""
    surplus_tomorrow_wh: float | None


def ahead_of(outlook: Outlook, now: datetime, time_zone: tzinfo) -> Ahead:
    """The outlook as of an instant of its grid; of another time it says nothing."""
    grid = outlook.grid
    if (current := grid.number(now)) is None:
        return Ahead(None, None, None, None, None, None)
    today = now.astimezone(time_zone).date()
    midnights = [midnight_of(today + timedelta(days=n), time_zone) for n in range(3)]
    first, second, third = ((at - grid.start) // grid.step for at in midnights)
    expected = outlook.judged.expected[current]
    third = min(third, grid.n_steps)
    return Ahead(
        eur_per_kwh=None if np.isnan(expected) else float(expected),
        window=next((w for w in outlook.windows if w.end > now), None),
        claimable_today_wh=_claimable(outlook, current, second),
        claimable_tomorrow_wh=_claimable(outlook, second, third),
        surplus_today_wh=_sum(outlook.surplus_wh[first:second]),
        surplus_tomorrow_wh=_sum(outlook.surplus_wh[second:third]),
    )


def days_ahead(now: datetime, step: timedelta, time_zone: tzinfo, n_days: int) -> Grid:
    """The steps of today and the days after it, so many whole local days in all."""
    today = now.astimezone(time_zone).date()
    first = midnight_of(today, time_zone)
    after = midnight_of(today + timedelta(days=n_days), time_zone)
    return Grid(first, step, (after - first) // step)


def on_whole_days(
    costs: StepCosts | CostsMissing, n_past: int
) -> StepCosts | CostsMissing:
    """Costs from the step in progress on, after that many steps of today that are past."""
    if isinstance(costs, CostsMissing) or not n_past:
        return costs
    gap = np.full(n_past, np.nan)
    return replace(
        costs,
        supplier=np.concatenate((gap, costs.supplier)),
        allocated=np.concatenate((gap, costs.allocated)),
        default=np.concatenate((gap, costs.default)),
        off_peak=None
        if costs.off_peak is None
        else np.concatenate((np.zeros(n_past, dtype=bool), costs.off_peak)),
    )


def _claimable(outlook: Outlook, first: int, after: int) -> float | None:
    """This home's part of the good windows in those steps; None where nothing is priced."""
    if np.isnan(outlook.judged.expected[first:after]).all():
        return None
    return outlook.claimable_wh(first, after)


def _sum(energies: Energies) -> float | None:
    """Sum of what is known; None where nothing is."""
    return None if np.isnan(energies).all() else float(np.nansum(energies))
