"""What comes of a plan: energies allotted, rates and euros, by the operation's key."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from custom_components.autoconsommation_collective.engine.costs import (
    break_even_probability,
)
from custom_components.autoconsommation_collective.engine.keys import (
    ProRataKey,
    StaticKey,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ONE_CLASS,
    trv_base,
    trv_peak_off_peak,
)
from custom_components.autoconsommation_collective.engine.repartition import allocate
from script.simulation.curves import STEP_HOURS, Matrix
from script.simulation.local_days import Numbers
from script.simulation.sun import Series
from script.simulation.year import Year, net

BASE_EUR = trv_base(6)[0].eur_per_kwh["BASE"]
PEAK_EUR = trv_peak_off_peak(ONE_CLASS)[0].eur_per_kwh["HP"]
OFF_PEAK_EUR = trv_peak_off_peak(ONE_CLASS)[0].eur_per_kwh["HC"]
"""Of August 2025, as in the study; hours are drawn here."""
ALLOCATED_EUR: Mapping[str, float] = {"A": 0.13, "B": 0.044}
"""All that an allotted kWh costs, as in the study: assumed for A; the network's part, B's
energy being given."""
NIGHT_HOURS, SHORT_NIGHT_HOURS = 8, 5
MIDDAY_FROM, MIDDAY_TO = 12.0, 15.0

BASE, NIGHT, MIDDAY = "Base", "HC by night", "HC at midday"
CONTRACTS = (BASE, NIGHT, MIDDAY)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What the meters of the days that count tell, and what the key gives."""

    sharing: float
    """Part of what is injected that is allotted."""
    local_use: float
    """Part of what is produced that is used at home or allotted."""
    sufficiency_grid: float
    """Part of what is withdrawn that is allotted."""
    sufficiency: float
    """Part of the load that comes from a home's own plant or is allotted."""
    kwh: Series
    """Allotted to each home."""
    eur: Mapping[str, Series]
    """Paid by each home under each contract."""
    peak_kw: float
    """Highest withdrawal of all together."""
    load_kwh: float
    """Of all homes, behind their meters."""


def outcome_of(year: Year, heating_wh: Matrix, key: ProRataKey | StaticKey) -> Outcome:
    """Settle a plan."""
    injection, withdrawal = net(year, heating_wh)
    shared = allocate(injection, withdrawal, key)
    own_wh = year.plant_wh.sum() - injection.sum()
    allotted_wh = shared.allocated.sum()
    load_wh = year.base_wh.sum() + heating_wh.sum()
    paid = ALLOCATED_EUR[year.operation] * shared.allocated.sum(axis=0) / 1000
    return Outcome(
        sharing=float(allotted_wh / injection.sum()),
        local_use=float((allotted_wh + own_wh) / year.plant_wh.sum()),
        sufficiency_grid=float(allotted_wh / withdrawal.sum()),
        sufficiency=float((allotted_wh + own_wh) / load_wh),
        kwh=shared.allocated.sum(axis=0) / 1000,
        eur={
            contract: paid
            + (prices_eur(year, contract) * shared.complement).sum(axis=0) / 1000
            for contract in CONTRACTS
        },
        peak_kw=float(withdrawal.sum(axis=1).max() / STEP_HOURS / 1000),
        load_kwh=float(load_wh) / 1000,
    )


def prices_eur(year: Year, contract: str) -> Matrix:
    """The supplier's price of each step for each home, whose nights begin at its own hour."""
    if contract == BASE:
        return np.full_like(year.base_wh, BASE_EUR)
    hour = year.days.hour[:, None]
    since = (hour - year.night_start) % 24
    if contract == NIGHT:
        off_peak = since < NIGHT_HOURS
    else:
        off_peak = (since < SHORT_NIGHT_HOURS) | (
            (hour >= MIDDAY_FROM) & (hour < MIDDAY_TO)
        )
    return np.where(off_peak, OFF_PEAK_EUR, PEAK_EUR)


def break_even(year: Year, contract: str) -> Matrix:
    """Each home's break-even probability at each step: nights are the alternative."""
    prices = prices_eur(year, contract)
    default = OFF_PEAK_EUR if contract != BASE else BASE_EUR
    by_price = {
        price: break_even_probability(default, price, ALLOCATED_EUR[year.operation])
        for price in np.unique(prices).tolist()
    }
    even = np.zeros_like(prices)
    for price, probability in by_price.items():
        even[prices == price] = probability or 0.0
    return even


def peak_break_even(operation: str) -> float:
    """The break-even probability of night off-peak hours, by day."""
    found = break_even_probability(OFF_PEAK_EUR, PEAK_EUR, ALLOCATED_EUR[operation])
    return found or 0.0


def saved_eur(outcome: Outcome, night: Outcome, contract: str, homes: Numbers) -> float:
    """What each of some homes saves against nights, on average."""
    return float((night.eur[contract] - outcome.eur[contract])[homes].mean())
