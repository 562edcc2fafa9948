"""What must hold, and whether it does: operation A under pro rata."""

from collections.abc import Iterator
from dataclasses import dataclass

from .adoption import PARTS, neighbours_bill_gain, neighbours_gain
from .case import Case, group
from .outcome import NIGHT, peak_break_even, saved_eur
from .plans import Actuator
from .tables import STUDY_Q, percent, told

HERD_GAP = 0.05
"""By which part of the bound the best hour must stay behind our signal: clearly."""
NOTHING = 0.001
"""A part so small that neighbours do not lose it."""
LITTLE = 0.01
"""A part that neighbours may lose."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One requirement, measured."""

    name: str
    measured: str
    required: str
    is_met: bool


def bars(case: Case) -> Iterator[Bar]:
    """All of them."""
    everybody = group(case)
    bound = everybody.bound.sharing
    night_q = peak_break_even(case.year.operation)
    for name, foresight, actuator, caution, least in (
        ("perfect, dimmer", True, Actuator.DIMMER, STUDY_Q, 0.99),
        ("perfect, 5-minute relay", True, Actuator.RELAY, STUDY_Q, 0.98),
        ("perfect, whole steps", True, Actuator.WHOLE, STUDY_Q, 0.94),
        ("day-ahead, q* 0.30, dimmer", False, Actuator.DIMMER, STUDY_Q, 0.94),
        ("day-ahead, q* 0.30, 5-minute relay", False, Actuator.RELAY, STUDY_Q, 0.94),
        (f"day-ahead, q* {night_q:.2f}, dimmer", False, Actuator.DIMMER, night_q, 0.90),
        (
            f"day-ahead, q* {night_q:.2f}, 5-minute relay",
            False,
            Actuator.RELAY,
            night_q,
            0.90,
        ),
    ):
        found = everybody.signal(foresight, actuator, caution)
        part = found.sharing / bound
        yield Bar(
            f"{name}, % of LP",
            percent(part),
            f"at least {100 * least:.0f}",
            part >= least,
        )
        if caution == night_q:
            saved = saved_eur(found, case.night, NIGHT, everybody.followers.homes)
            yield Bar(f"{name}, € saved", f"{saved:+.1f}", "above 0", saved > 0)
    for foresight in (True, False):
        ours = everybody.signal(foresight, Actuator.RELAY, STUDY_Q).sharing
        behind = (ours - everybody.herd(foresight).sharing) / bound
        yield Bar(
            f"best hour behind our signal, {told(foresight)}, % of LP",
            percent(behind),
            f"at least {100 * HERD_GAP:.0f}",
            behind >= HERD_GAP,
        )
    yield from _neighbours(case)


def _neighbours(case: Case) -> Iterator[Bar]:
    """What those who do not follow lose at most, however many follow."""
    some = [group(case, part) for part in PARTS if part < 1]
    night_q = peak_break_even(case.year.operation)
    for foresight, actuator, caution, least in (
        (True, Actuator.DIMMER, STUDY_Q, -NOTHING),
        (True, Actuator.RELAY, STUDY_Q, -LITTLE),
        (False, Actuator.RELAY, STUDY_Q, -LITTLE),
        (False, Actuator.RELAY, night_q, -LITTLE),
    ):
        outcomes = [(one, one.signal(foresight, actuator, caution)) for one in some]
        name = f"{told(foresight)}, q* {caution:.2f}, {actuator}"
        for measured, gain in (
            ("kWh", neighbours_gain),
            (f"bill, {NIGHT}", neighbours_bill_gain),
        ):
            worst = min(gain(one, found) for one, found in outcomes)
            yield Bar(
                f"neighbours' {measured} against night, {name}, worst, %",
                f"{100 * worst:+.2f}",
                f"above {100 * least:+.1f}",
                worst > least,
            )
