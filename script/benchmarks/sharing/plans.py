"""When the followers' heaters run: by the night, by a common hour, or by their claims.

All return what the heaters draw, Wh, shape (n_steps, n_homes), with what the day left over
drawn in the night that follows, and the nights of those that do not follow.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.claim import (
    OwnNeed,
    claimable_surplus,
    own_first_claim,
    prorata_claim,
    shape_claim,
    spread_claim,
    static_claim,
)
from custom_components.autoconsommation_collective.engine.duty import (
    relay_energy,
    whole_steps,
)
from custom_components.autoconsommation_collective.engine.signal import SMALLEST_CLAIM_W
from custom_components.autoconsommation_collective.engine.turns import taken_in_turn
from script.simulation.curves import STEP_HOURS, Matrix
from script.simulation.local_days import Numbers
from script.simulation.sun import Series
from script.simulation.year import Year, night_heating_wh

from .published import Own, Published

NOON = 12.0
FIRST_HOUR, LAST_HOUR = 10.0, 16.0
"""Of the daylight in which a start at random lies."""
SHORTEST_ON = 1 / 6
"""Of a step: five minutes."""


class Actuator(StrEnum):
    """What a home can do with its heater."""

    DIMMER = "dimmer"
    RELAY = "5-minute relay"
    WHOLE = "whole steps"
    AT_ONCE = "one run, as soon as it is good"
    """As a machine that is started by hand: it goes on until it is done."""
    IN_TURN = "one run, in turn"


STEERED = (Actuator.DIMMER, Actuator.RELAY, Actuator.WHOLE)
"""Those that follow a claim step by step."""


class Claim(StrEnum):
    """The form of the claim."""

    PRORATA = "prorata"
    STATIC = "static"
    SHAPE = "shape"


@dataclass(frozen=True, slots=True, eq=False)
class Followers:
    """The homes that follow the signal, in the order in which they joined."""

    homes: Numbers
    places: Series


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How followers plan."""

    claim: Claim
    actuator: Actuator
    break_even: Matrix | float
    """By step and home, or of all."""
    own_first: bool = False
    """Whether producers fill their tanks from their own plants before the neighbours'."""
    knows_need: bool = True
    """Whether a home knows what its tank will need, or expects what it usually does."""


def van_der_corput(n: int) -> float:
    """0, 1/2, 1/4, 3/4, …: the binary digits of a number mirrored behind the point."""
    mirrored = f"{n:b}"[::-1]
    return float(int(mirrored, 2) / 2 ** len(mirrored))


def at_night(year: Year, followers: Followers, day_wh: Matrix) -> Matrix:
    """The day's heating, and what it left over in the night; the thermostat ends all of it."""
    heating = np.zeros_like(day_wh)
    left = year.heater_need_wh.copy()
    for day in range(year.days.n_days):
        steps = year.days.steps_of(day)
        drawn = np.minimum(np.cumsum(day_wh[steps], axis=0), left[day])
        heating[steps] = np.diff(drawn, axis=0, prepend=0)
        left[day] -= drawn[-1]
    by_night = night_heating_wh(replace(year, heater_need_wh=np.maximum(left, 0.0)))
    return heating + by_night


def run_wh(need: OwnNeed, first: int, n_steps: int) -> Energies:
    """Full power from a step on, until the need is met."""
    run = np.zeros(n_steps)
    left = need.energy_wh
    for step in range(first, n_steps):
        run[step] = min(left, need.limit_wh)
        left -= run[step]
    return run


type DayPlan = Callable[[slice, OwnNeed, float], Energies]
"""Energies of a day's steps, given the steps, the need and the home's place."""


def planned(year: Year, followers: Followers, plan: DayPlan) -> Matrix:
    """Each follower's plan of each day."""
    day_wh = np.zeros_like(year.base_wh)
    for day in range(year.days.n_days):
        steps = year.days.steps_of(day)
        for home, place in zip(followers.homes, followers.places, strict=True):
            need = need_of(year, day, home)
            day_wh[steps, home] = plan(steps, need, place)
    return at_night(year, followers, day_wh)


def need_of(year: Year, day: int, home: int) -> OwnNeed:
    """What a home's tank needs on a day."""
    return OwnNeed(
        float(year.heater_need_wh[day, home]),
        float(year.heater_power_w[home]) * STEP_HOURS,
    )


def common_noon(year: Year, followers: Followers) -> Matrix:
    """All from twelve o'clock on."""

    def plan(steps: slice, need: OwnNeed, _place: float) -> Energies:
        hours = year.days.hour[steps]
        return run_wh(need, int(np.searchsorted(hours, NOON)), len(hours))

    return planned(year, followers, plan)


def best_hour(year: Year, followers: Followers, published: Published) -> Matrix:
    """Each in the run of its length in which most is produced."""

    def plan(steps: slice, need: OwnNeed, _place: float) -> Energies:
        produced = published.production_wh[steps]
        n_run = max(1, int(np.ceil(need.energy_wh / need.limit_wh)))
        sums = np.convolve(produced, np.ones(n_run), mode="valid")
        return run_wh(need, int(np.argmax(sums)), len(produced))

    return planned(year, followers, plan)


def any_hour(year: Year, followers: Followers) -> Matrix:
    """Each at its own place between ten and sixteen, as who knows nothing."""

    def plan(steps: slice, need: OwnNeed, place: float) -> Energies:
        hours = year.days.hour[steps]
        daylight = (hours >= FIRST_HOUR) & (hours < LAST_HOUR)
        return spread_claim(daylight.astype(np.float64), need, place)

    return planned(year, followers, plan)


def our_signal(
    year: Year,
    followers: Followers,
    published: Published,
    own: Own,
    coefficient: float,
    rule: Rule,
) -> Matrix:
    """Each by its claim on what is published, as its actuator can."""
    first_wh = (
        _own_first_wh(year, followers, own)
        if rule.own_first
        else np.zeros_like(year.base_wh)
    )
    told = _after_own(year, published, first_wh)
    break_even = np.broadcast_to(rule.break_even, year.base_wh.shape)
    day_wh = np.zeros_like(year.base_wh)
    for day in range(year.days.n_days):
        steps = year.days.steps_of(day)
        for home, place in zip(followers.homes, followers.places, strict=True):
            first = first_wh[steps, home]
            need = need_of(year, day, home)
            if not rule.knows_need:
                need = OwnNeed(float(own.need_wh[day, home]), need.limit_wh)
            need = need.after(first)
            match rule.claim:
                case Claim.PRORATA:
                    flexible_wh = float(told.flexible_wh[day])
                    part = min(1.0, need.energy_wh / max(flexible_wh, 1.0))
                    surplus = claimable_surplus(
                        told.production_wh[steps],
                        told.withdrawal_wh[steps],
                        told.mean_error_wh[steps],
                        told.deviation_wh[steps],
                        break_even[steps, home],
                        flexible_wh,
                        need.limit_wh / max(part, 1e-9),
                    )
                    claim = prorata_claim(surplus, need, flexible_wh)
                case Claim.STATIC:
                    claim = static_claim(
                        told.production_wh[steps],
                        coefficient,
                        own.withdrawal_wh[steps, home],
                        need,
                    )
                case Claim.SHAPE:
                    claim = shape_claim(told.production_wh[steps], need)
            if rule.actuator in (Actuator.AT_ONCE, Actuator.IN_TURN):
                turn = place if rule.actuator is Actuator.IN_TURN else 0.0
                day_wh[steps, home] = _one_run(
                    told, steps, day, first + claim, need, turn
                )
                continue
            day_wh[steps, home] = _switched(
                first + claim, need.limit_wh, rule.actuator, place
            )
    return at_night(year, followers, day_wh)


def _one_run(
    told: Published,
    steps: slice,
    day: int,
    claim: Energies,
    need: OwnNeed,
    place: float,
) -> Energies:
    """All that is claimed in the day at full power, from this home's turn on."""
    shared = claim >= SMALLEST_CLAIM_W * STEP_HOURS
    if not shared.any():
        return np.zeros_like(claim)
    in_turn, _ = taken_in_turn(
        shared,
        claim,
        np.maximum(told.production_wh[steps] - told.withdrawal_wh[steps], 0.0),
        need.limit_wh,
        float(told.flexible_wh[day]),
        place,
    )
    first = int(np.argmax(shared & in_turn))
    return run_wh(OwnNeed(float(claim.sum()), need.limit_wh), first, len(claim))


def _switched(
    claim: Energies, limit_wh: float, actuator: Actuator, place: float
) -> Energies:
    """What the heater draws for a claim."""
    match actuator:
        case Actuator.RELAY:
            return relay_energy(claim, limit_wh, limit_wh * SHORTEST_ON, place)
        case Actuator.WHOLE:
            return whole_steps(claim, limit_wh, place)
        case _:
            return claim


def _own_first_wh(year: Year, followers: Followers, own: Own) -> Matrix:
    """What producers among the followers plan on their own plants."""
    first_wh = np.zeros_like(year.base_wh)
    for day in range(year.days.n_days):
        steps = year.days.steps_of(day)
        for home in followers.homes:
            need = need_of(year, day, home)
            first_wh[steps, home] = own_first_claim(own.surplus_wh[steps, home], need)
    return first_wh


def _after_own(year: Year, published: Published, first_wh: Matrix) -> Published:
    """What is shared, and needed, once producers had their own."""
    by_day = np.add.reduceat(first_wh.sum(axis=1), year.days.midnights[:-1])
    return replace(
        published,
        production_wh=published.production_wh - first_wh.sum(axis=1),
        flexible_wh=np.maximum(published.flexible_wh - by_day, 0.0),
    )
