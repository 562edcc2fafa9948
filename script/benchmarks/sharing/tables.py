"""The tables of `script/bench community`: rows of text, heading first."""

from collections.abc import Iterator

import numpy as np

from script.simulation.local_days import Numbers
from script.simulation.year import describe

from .case import Case, Group, even_places, group
from .outcome import CONTRACTS, Outcome, break_even, peak_break_even, saved_eur
from .plans import Actuator, Claim

type Row = tuple[str, ...]
type Table = list[Row]

CAUTION = (0.1, 0.3)
"""Break-even probabilities of the main table, beside that of night off-peak hours."""
STUDY_Q = 0.3
"""The break-even probability at which adoption, places and producers are compared."""
N_DRAWS = 5
"""Of places at random."""


def percent(part: float) -> str:
    """One decimal."""
    return f"{100 * part:.1f}"


def told(foresight: bool) -> str:
    """How much is known."""
    return "perfect" if foresight else "day-ahead"


def plans(everybody: Group, operation: str) -> Iterator[tuple[str, Outcome]]:
    """What is compared where all follow."""
    yield "night", everybody.case.night
    yield "common noon", everybody.noon
    yield "random 10-16 h", everybody.random
    yield "best hour, perfect", everybody.herd(foresight=True)
    for actuator in Actuator:
        yield (
            f"signal, perfect, {actuator}",
            everybody.signal(True, actuator, STUDY_Q),
        )
    yield "LP bound", everybody.bound
    yield "best hour, day-ahead", everybody.herd(foresight=False)
    shape = everybody.signal(False, Actuator.DIMMER, STUDY_Q, claim=Claim.SHAPE)
    yield "shape of the sun, day-ahead, dimmer", shape
    if everybody.case.claim is Claim.STATIC:
        for actuator in Actuator:
            yield (
                f"signal, day-ahead, {actuator}",
                everybody.signal(False, actuator, STUDY_Q),
            )
        guessed = everybody.signal(False, Actuator.RELAY, STUDY_Q, knows_need=False)
        yield f"  {Actuator.RELAY}, and the own need as last week", guessed
        return
    for caution in (*CAUTION, peak_break_even(operation)):
        for actuator in Actuator:
            yield (
                f"signal, day-ahead, q* {caution:.2f}, {actuator}",
                everybody.signal(False, actuator, caution),
            )
        guessed = everybody.signal(False, Actuator.RELAY, caution, knows_need=False)
        yield f"  {Actuator.RELAY}, and the own need as last week", guessed


def main_table(everybody: Group) -> Table:
    """All plans where all follow."""
    operation = everybody.case.year.operation
    heading = f"{operation}, {everybody.case.claim} key, all follow"
    rows: Table = [
        (
            heading,
            "sharing %",
            "of LP %",
            "local use %",
            "SSR grid %",
            "SSR total %",
            "kWh/home",
            "min-max",
            "peak kW",
            *(f"€ {contract}" for contract in CONTRACTS),
        )
    ]
    bound, night = everybody.bound.local_use, everybody.case.night
    homes = everybody.followers.homes
    for name, outcome in plans(everybody, operation):
        rows.append(
            (
                name,
                percent(outcome.sharing),
                percent(outcome.local_use / bound),
                percent(outcome.local_use),
                percent(outcome.sufficiency_grid),
                percent(outcome.sufficiency),
                f"{outcome.kwh.mean():.0f}",
                f"{outcome.kwh.min():.0f}-{outcome.kwh.max():.0f}",
                f"{outcome.peak_kw:.0f}",
                *(
                    f"{saved_eur(outcome, night, contract, homes):+.1f}"
                    for contract in CONTRACTS
                ),
            )
        )
    return rows


def money_table(everybody: Group) -> Table:
    """Each contract at its own break-even probabilities, by 5-minute relay."""
    case = everybody.case
    rows: Table = [
        (
            f"{case.year.operation}, {case.claim} key, each contract at its own q*",
            "q* at 13 h, before its limits",
            "sharing %, day-ahead",
            "€ saved, day-ahead",
            "sharing %, perfect",
            "€ saved, perfect",
        )
    ]
    noon = int(np.flatnonzero(case.year.days.hour == 13)[0])
    for contract in CONTRACTS:
        even = break_even(case.year, contract)
        cells = []
        for foresight in (False, True):
            found = everybody.signal(foresight, Actuator.RELAY, even)
            saved = saved_eur(found, case.night, contract, everybody.followers.homes)
            cells += [percent(found.sharing), f"{saved:+.1f}"]
        rows.append((contract, f"{even[noon, 0]:.2f}", *cells))
    return rows


def places_table(case: Case) -> Table:
    """Places handed out evenly, or drawn by each home for itself."""
    n_homes = case.year.n_homes
    rows: Table = [
        (
            f"{case.year.operation}, {case.claim} key, sharing %",
            "places in order",
            "at random, mean",
            "least",
            "most",
            "all at one place",
        )
    ]
    drawn = [
        group(case, places=np.random.default_rng(seed).random(n_homes))
        for seed in range(N_DRAWS)
    ]
    even = group(case, places=even_places(range(n_homes)))
    same = group(case, places=np.full(n_homes, 0.5))
    for foresight in (True, False):
        for actuator in (Actuator.RELAY, Actuator.WHOLE):
            in_order, alike, *by_chance = (
                one.signal(foresight, actuator, STUDY_Q).sharing
                for one in (even, same, *drawn)
            )
            rows.append(
                (
                    f"{told(foresight)}, {actuator}",
                    percent(in_order),
                    percent(float(np.mean(by_chance))),
                    percent(min(by_chance)),
                    percent(max(by_chance)),
                    percent(alike),
                )
            )
    return rows


def producers_table(everybody: Group) -> Table:
    """What producers' choice means for themselves and for those without a plant."""
    case = everybody.case
    producers = case.producers
    others = np.setdiff1d(np.arange(case.year.n_homes), producers)
    rows: Table = [
        (
            f"{case.year.operation}, {case.claim} key, whose tanks first",
            "local use %",
            "sharing %",
            "kWh of producers",
            "of the others",
            *(
                f"€ {contract}, {who}"
                for contract in CONTRACTS
                for who in ("producers", "others")
            ),
        )
    ]
    for foresight in (True, False):
        for own_first in (False, True):
            found = everybody.signal(
                foresight, Actuator.RELAY, STUDY_Q, own_first=own_first
            )
            whose = "own first" if own_first else "community first"
            rows.append(
                _producers_row(case, f"{whose}, {told(foresight)}", found, others)
            )
    night = _producers_row(case, "night", case.night, others)
    return [rows[0], night, *rows[1:]]


def _producers_row(case: Case, name: str, found: Outcome, others: Numbers) -> Row:
    return (
        name,
        percent(found.local_use),
        percent(found.sharing),
        f"{found.kwh[case.producers].mean():.0f}",
        f"{found.kwh[others].mean():.0f}",
        *(
            f"{saved_eur(found, case.night, contract, homes):+.1f}"
            for contract in CONTRACTS
            for homes in (case.producers, others)
        ),
    )


def world_table(case: Case) -> Table:
    """The operation as it is."""
    return list[Row](describe(case.year))
