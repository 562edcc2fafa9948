"""What changes with how many follow, for them and for their neighbours who do not."""

import numpy as np

from script.simulation.local_days import Numbers

from .case import Case, Group, group
from .outcome import NIGHT, Outcome, saved_eur
from .plans import STEERED
from .tables import STUDY_Q, Row, Table, percent, told

PARTS = (0.1, 0.25, 0.5, 0.75, 1.0)
"""Of homes that follow."""


def adoption_table(case: Case) -> Table:
    """By how many follow: what followers gain, and what their neighbours lose."""
    rows: Table = [
        (
            f"{case.year.operation}, {case.claim} key, by part that follows",
            "follow %",
            "sharing %",
            "kWh of followers",
            "against night",
            "kWh of neighbours",
            "against night %",
            "€ of neighbours",
            "peak kW",
        )
    ]
    for part in PARTS:
        some = group(case, part)
        for name, found in (
            ("common noon", some.noon),
            ("best hour, perfect", some.herd(foresight=True)),
            ("best hour, day-ahead", some.herd(foresight=False)),
            *(
                (
                    f"signal, {told(foresight)}, {actuator}",
                    some.signal(foresight, actuator, STUDY_Q),
                )
                for foresight in (True, False)
                for actuator in STEERED
            ),
        ):
            rows.append(_adoption_row(some, part, name, found))
    return rows


def _adoption_row(some: Group, part: float, name: str, found: Outcome) -> Row:
    ones, night = some.followers.homes, some.case.night
    others = neighbours(some)
    gained = found.kwh[ones].mean() - night.kwh[ones].mean()
    return (
        name,
        f"{100 * part:.0f}",
        percent(found.sharing),
        f"{found.kwh[ones].mean():.0f}",
        f"{gained:+.0f}",
        f"{found.kwh[others].mean():.0f}" if len(others) else "",
        f"{100 * neighbours_gain(some, found):+.2f}" if len(others) else "",
        f"{saved_eur(found, night, NIGHT, others):+.1f}" if len(others) else "",
        f"{found.peak_kw:.0f}",
    )


def neighbours(some: Group) -> Numbers:
    """Homes that do not follow."""
    return np.setdiff1d(np.arange(some.case.year.n_homes), some.followers.homes)


def neighbours_gain(some: Group, found: Outcome) -> float:
    """By which part what they are allotted differs from what they had where nobody follows."""
    others = neighbours(some)
    return float(found.kwh[others].sum() / some.case.night.kwh[others].sum() - 1)


def neighbours_bill_gain(some: Group, found: Outcome) -> float:
    """By which part of their bill with night off-peak hours they pay less; below 0: more."""
    others, night = neighbours(some), some.case.night
    return saved_eur(found, night, NIGHT, others) / float(
        night.eur[NIGHT][others].mean()
    )
