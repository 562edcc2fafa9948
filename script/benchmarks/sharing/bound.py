"""What no plan can pass: the most local use, by a linear program for each day.

HiGHS, as SciPy brings it. Heaters may draw any power up to their own, know everything and
serve all; what a day leaves over is drawn at night, as with any plan.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog  # type: ignore[import-untyped] # ships no types
from scipy.sparse import block_array, csr_array, eye_array, hstack, kron  # type: ignore[import-untyped] # ships no types

from script.simulation.curves import STEP_HOURS, Matrix
from script.simulation.sun import Series
from script.simulation.year import Year

from .plans import Followers, at_night
from .published import Own, Published


@dataclass(frozen=True, slots=True, eq=False)
class _Day:
    """What a day's program knows, of its steps with any production."""

    produced_wh: Series
    """Shared injection without the followers' heaters, shape (n_steps,)."""
    withdrawn_wh: Matrix
    """Of followers, base load, shape (n_steps, n_homes)."""
    surplus_wh: Matrix
    """Of followers' own plants, of the same shape."""
    most_wh: Series
    """Of each heater in a step, shape (n_homes,)."""
    need_wh: Series


def best_plan(
    year: Year,
    followers: Followers,
    published: Published,
    own: Own,
    coefficient: float | None,
) -> Matrix:
    """A plan of the most local use, given what will be; coefficient None: pro rata."""
    homes = followers.homes
    day_wh = np.zeros_like(year.base_wh)
    left_wh = published.production_wh - published.withdrawal_wh
    for day in range(year.days.n_days):
        steps = year.days.steps_of(day)
        serves = published.production_wh if coefficient is not None else left_wh
        used = steps.start + np.flatnonzero(serves[steps] > 0)
        if not len(used):
            continue
        known = _Day(
            produced_wh=serves[used],
            withdrawn_wh=own.withdrawal_wh[np.ix_(used, homes)],
            surplus_wh=own.surplus_wh[np.ix_(used, homes)],
            most_wh=year.heater_power_w[homes] * STEP_HOURS,
            need_wh=year.heater_need_wh[day, homes],
        )
        day_wh[np.ix_(used, homes)] = (
            _from_one_pot(known)
            if coefficient is None
            else _from_own_shares(known, coefficient)
        )
    return at_night(year, followers, day_wh)


def _from_one_pot(day: _Day) -> Matrix:
    """Under pro rata: what all draw, the most of all together, within what is left.

    Behind a meter or through the grid, a kWh used is a kWh used.
    """
    n_steps, n_homes = day.withdrawn_wh.shape
    by_step, by_home = _sums(n_steps, n_homes)
    found = linprog(
        -np.ones(n_steps * n_homes),
        A_ub=block_array([[by_step], [by_home]], format="csr"),
        b_ub=np.concatenate((day.produced_wh, day.need_wh)),
        bounds=_up_to(np.tile(day.most_wh, n_steps)),
    )
    return _energies(found.x, n_steps)


def _from_own_shares(day: _Day, coefficient: float) -> Matrix:
    """Under a static key: own plant and share, the most of all together.

    Unknown are what each draws from its own plant, what it draws beyond, what it is allotted,
    and what is still injected. Only followers are counted: others draw what they draw.
    """
    n_steps, n_homes = day.withdrawn_wh.shape
    n = n_steps * n_homes
    by_step, by_home = _sums(n_steps, n_homes)
    one, none = eye_array(n), csr_array((n, n))
    share = kron(eye_array(n_steps), np.ones((n_homes, 1))) * coefficient
    rows = [
        # Allotted: at most what is withdrawn, and at most the share of what is injected.
        [none, -one, one, csr_array((n, n_steps))],
        [none, none, one, -share],
        # A heater's power and need.
        [one, one, none, csr_array((n, n_steps))],
        [by_home, by_home, csr_array(by_home.shape), csr_array((n_homes, n_steps))],
        # Injected: what own heaters leave.
        [
            by_step,
            csr_array(by_step.shape),
            csr_array(by_step.shape),
            eye_array(n_steps),
        ],
    ]
    most = np.tile(day.most_wh, n_steps)
    limits = (
        day.withdrawn_wh.ravel(),
        np.zeros(n),
        most,
        day.need_wh,
        day.produced_wh,
    )
    upper = np.concatenate((day.surplus_wh.ravel(), most, np.full(n + n_steps, np.inf)))
    found = linprog(
        np.concatenate((-np.ones(n), np.zeros(n), -np.ones(n), np.zeros(n_steps))),
        A_ub=block_array(rows, format="csr"),
        b_ub=np.concatenate(limits),
        bounds=_up_to(upper),
    )
    return _energies(found.x[:n] + found.x[n : 2 * n], n_steps)


def _sums(n_steps: int, n_homes: int) -> tuple[csr_array, csr_array]:
    """Sums over homes by step, and over steps by home, of energies in one row."""
    by_step = kron(eye_array(n_steps), np.ones((1, n_homes)), format="csr")
    by_home = hstack([eye_array(n_homes)] * n_steps, format="csr")
    return by_step, by_home


def _up_to(upper: Series) -> Matrix:
    """Bounds of energies."""
    return np.column_stack((np.zeros_like(upper), upper))


def _energies(found: Series, n_steps: int) -> Matrix:
    """By step and home, without the solver's rounding."""
    energies: Matrix = np.maximum(found, 0.0).reshape(n_steps, -1)
    return energies
