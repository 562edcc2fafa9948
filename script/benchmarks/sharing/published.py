"""What the organiser publishes of a day, and what each home expects of itself.

With perfect foresight, or the evening before: from the plants' forecast and from what past
months settled. What is settled of a month is known when the second month after it begins.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from custom_components.autoconsommation_collective.engine.claim import error_by_step
from custom_components.autoconsommation_collective.engine.forecast_error import (
    errors_by_level,
)
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.profile import learn_profile
from script.simulation.curves import STEP_HOURS, Matrix
from script.simulation.local_days import Numbers
from script.simulation.sun import Series
from script.simulation.year import APART, Year, net, night_heating_wh

from .days import Span

SETTLED_AFTER_MONTHS = 2
OWN_METER_AFTER_MONTHS = 1
"""A home reads its own meter; it learns once a month here, to save time."""
NEED_DAYS = 14
"""What heaters draw is told by those who follow, not settled."""
OWN_NEED_DAYS = 7
LEARNED_DAYS = 84
"""What lies further back has no weight left in a profile."""


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """For the days that count; energies in Wh by step, shape (n_steps,)."""

    production_wh: Series
    """Shared injection, after the producers' own use."""
    withdrawal_wh: Series
    """Without the loads that followers steer."""
    mean_error_wh: Series
    deviation_wh: Series
    flexible_wh: Series
    """What the followers' loads need, shape (n_days,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Own:
    """What each home expects of itself, in Wh, shape (n_steps, n_homes)."""

    withdrawal_wh: Matrix
    surplus_wh: Matrix
    """Of its own plant, after its base load."""
    need_wh: Matrix
    """Of its tank, shape (n_days, n_homes)."""


def perfect(span: Span, followers: Numbers) -> tuple[Published, Own]:
    """What will be."""
    year = span.year
    injection, withdrawal = net(year, _others_heating_wh(year, followers))
    nothing = np.zeros(year.grid.n_steps)
    surplus = np.zeros_like(withdrawal)
    behind = year.plant_home != APART
    surplus[:, year.plant_home[behind]] = net(year)[0][:, behind]
    need = year.heater_need_wh[:, followers].sum(axis=1)
    published = Published(
        injection.sum(axis=1), withdrawal.sum(axis=1), nothing, nothing, need
    )
    return published, Own(net(year)[1], surplus, year.heater_need_wh)


def day_ahead(span: Span, followers: Numbers) -> tuple[Published, Own]:
    """What is expected the evening before."""
    whole = span.whole
    others_wh = _others_heating_wh(whole, followers)
    behind = whole.plant_home != APART
    producers = whole.plant_home[behind]
    loads_wh = expected_own_loads(span)
    # Behind a plant's meter by home, elsewhere all together: what one home does is chance.
    elsewhere = np.setdiff1d(np.arange(whole.n_homes), producers)
    counted = whole.base_wh[:, elsewhere].sum(axis=1) + others_wh.sum(axis=1)
    elsewhere_wh = expected_wh(
        span, counted[:, None], SETTLED_AFTER_MONTHS, span.months
    )[:, 0]
    plants_wh = whole.plant_forecast_wh[:, behind]
    own_wh = np.minimum(plants_wh, loads_wh[:, producers])
    production = whole.plant_forecast_wh.sum(axis=1) - own_wh.sum(axis=1)
    withdrawal = elsewhere_wh + (loads_wh[:, producers] - own_wh).sum(axis=1)
    mean_wh, deviation_wh = _errors(span, production, withdrawal, others_wh)
    surplus = np.zeros_like(loads_wh)
    surplus[:, producers] = plants_wh - own_wh
    withdrawal_wh = loads_wh.copy()
    withdrawal_wh[:, producers] -= own_wh
    steps = span.steps
    published = Published(
        production[steps],
        withdrawal[steps],
        mean_wh[steps],
        deviation_wh[steps],
        _expected_need(span, followers),
    )
    own = Own(withdrawal_wh[steps], surplus[steps], _usual_wh(span, OWN_NEED_DAYS))
    return published, own


@cache
def expected_own_loads(span: Span) -> Matrix:
    """What each home expects to draw behind its meter, of the months that count.

    Of all months where homes produce: what was published before is judged by it.
    """
    has_producers = (span.whole.plant_home != APART).any()
    months = span.months if has_producers else span.months[span.day_numbers]
    loads_wh = span.whole.base_wh
    return expected_wh(span, loads_wh, OWN_METER_AFTER_MONTHS, months)


def expected_wh(
    span: Span, loads_wh: Matrix, after_months: int, months: Numbers
) -> Matrix:
    """Loads of some months, each as its own past lets expect; NaN where it has none.

    A month is known from the beginning of the one that comes so many months after it.
    """
    whole = span.whole
    expected = np.full_like(loads_wh, np.nan)
    for month in np.unique(months):
        known = known_days(span, month, after_months)[-LEARNED_DAYS:]
        if not len(known):
            continue
        past = _steps_between(whole, known)
        now = _steps_between(whole, np.flatnonzero(span.months == month))
        for column in range(loads_wh.shape[1]):
            profile = learn_profile(
                _part(whole, past), loads_wh[past, column], whole.time_zone
            )
            if profile is not None:
                # Its last day is weeks ago and says nothing of tomorrow.
                usual = replace(profile, level=1.0)
                day_ahead_wh = usual.expected(_part(whole, now), whole.time_zone)
                expected[now, column] = day_ahead_wh.mean
    return expected


def known_days(span: Span, month: int, after_months: int) -> Numbers:
    """Days of the months that are known when a month begins."""
    return np.flatnonzero(span.months <= month - after_months)


def _errors(
    span: Span, production_wh: Series, withdrawal_wh: Series, others_wh: Matrix
) -> tuple[Series, Series]:
    """Mean and deviation of the surplus' error by step, learned from months settled before."""
    whole = span.whole
    injection, withdrawal = net(whole, others_wh)
    found_wh = injection.sum(axis=1) - withdrawal.sum(axis=1)
    error_wh = found_wh - (production_wh - withdrawal_wh)
    is_known = ~np.isnan(error_wh)
    mean_wh, deviation_wh = np.zeros_like(error_wh), np.zeros_like(error_wh)
    for month in np.unique(span.months):
        known = known_days(span, month, SETTLED_AFTER_MONTHS)
        if not len(known):
            continue
        past = _steps_between(whole, known)
        past_steps = np.arange(past.start, past.stop)[is_known[past]]
        now = _steps_between(whole, np.flatnonzero(span.months == month))
        errors = errors_by_level(
            production_wh[past_steps] / STEP_HOURS, error_wh[past_steps] / STEP_HOURS
        )
        mean_wh[now], deviation_wh[now] = error_by_step(
            production_wh[now], errors, STEP_HOURS
        )
    return mean_wh, deviation_wh


def _expected_need(span: Span, followers: Numbers) -> Series:
    """What followers' loads need on each day that counts: as in the fortnight before."""
    expected: Series = _usual_wh(span, NEED_DAYS)[:, followers].sum(axis=1)
    return expected


def _usual_wh(span: Span, n_days: int) -> Matrix:
    """Mean need of each tank over the days before each day that counts."""
    need = span.whole.heater_need_wh
    return np.array([need[day - n_days : day].mean(axis=0) for day in span.day_numbers])


def _others_heating_wh(year: Year, followers: Numbers) -> Matrix:
    """What the heaters of those that do not follow draw at night."""
    heating = night_heating_wh(year)
    heating[:, followers] = 0
    return heating


def _steps_between(year: Year, days: Numbers) -> slice:
    """Steps of consecutive days."""
    midnights = year.days.midnights
    return slice(int(midnights[days[0]]), int(midnights[days[-1] + 1]))


def _part(year: Year, steps: slice) -> Grid:
    return Grid(
        year.grid.start + steps.start * year.grid.step,
        year.grid.step,
        steps.stop - steps.start,
    )
