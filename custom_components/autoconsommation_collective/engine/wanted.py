"""What a plan wants of a device at an instant: off, on, or a current."""

from datetime import datetime
from typing import Final

from .actuation import Setting
from .blocks import HOUR
from .load_plan import HomePlan
from .load_state import LoadState
from .loads import LoadKind, LoadSettings

OFF: Final[Setting] = 0.0
ON: Final[Setting] = 1.0


def wanted(
    settings: LoadSettings,
    state: LoadState,
    plan: HomePlan | None,
    now: datetime,
    place: float,
) -> Setting | None:
    """What the plan wants of a load now; None: nothing, it is left as it is.

    Without a plan a tank may draw when it wants: water stays hot. `place`, in [0, 1), is the
    load's own in a step of which it needs a part, so that not all homes switch at once.
    """
    if plan is None or (n := plan.grid.number(now)) is None:
        return ON if settings.tank is not None else None
    if state.began is not None:
        return ON  # a programme in progress is not cut
    drawn_wh = float(plan.loads[settings.id].drawn_wh[n])
    if drawn_wh <= 0:
        return OFF
    step, hours = plan.grid.step, plan.grid.step / HOUR
    charging = settings.charging
    if charging is not None and charging.is_modulated:
        current_a = drawn_wh / hours / charging.power_w(1.0)
        return min(charging.highest_a, current_a)
    if not settings.switching.in_parts:
        return ON
    part = min(1.0, drawn_wh / hours / settings.power_w)
    begin = plan.grid.start + n * step + place * (1 - part) * step
    return ON if begin <= now < begin + part * step else OFF


def left_alone(settings: LoadSettings) -> Setting | None:
    """What a load is set to when it is handed back; None: it stays as it is.

    A tank, a car and a machine draw when they want: each ends by itself. What only runs on
    cheap energy does not run without a plan.
    """
    match settings.kind:
        case LoadKind.CAR if settings.charging and settings.charging.is_modulated:
            return settings.charging.highest_a
        case LoadKind.WATER_HEATER | LoadKind.CAR | LoadKind.APPLIANCE:
            return ON
        case LoadKind.SURPLUS:
            return OFF
        case _:
            return None
