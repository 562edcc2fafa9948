"""What looking ahead costs: 48 hours and more, with a year of settled half hours to learn from."""

from collections.abc import Callable
from datetime import UTC, date, timedelta
from functools import partial
import time

import numpy as np

from custom_components.autoconsommation_collective.engine.ahead import days_ahead
from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.claim import OwnNeed
from custom_components.autoconsommation_collective.engine.contract import (
    Contract,
    ContractKind,
    step_costs,
)
from custom_components.autoconsommation_collective.engine.grid import energies_on
from custom_components.autoconsommation_collective.engine.hours import (
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.keys import ProRataKey
from custom_components.autoconsommation_collective.engine.known import Known
from custom_components.autoconsommation_collective.engine.learning import (
    Learned,
    Past,
    learn,
)
from custom_components.autoconsommation_collective.engine.model import (
    KeyType,
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.outlook import (
    Outlook,
    look_ahead,
)
from custom_components.autoconsommation_collective.engine.repartition import allocate
from custom_components.autoconsommation_collective.engine.share import ShareRule
from custom_components.autoconsommation_collective.engine.tariffs import Tariff
from custom_components.autoconsommation_collective.engine.terms import Rate
from script.simulation.year import Year, net, night_heating_wh, simulate_year

from . import print_table

BAR_MS = 50
"""Of a whole refresh; it runs in another thread than the event loop."""
BAR_LEARN_MS = 1000
"""Once a day, and with each settlement."""
HOME = 3
DAYS_AHEAD = 3
FOREVER = Validity(date(2020, 1, 1))


def best_ms(run: Callable[[], object], n_runs: int = 5) -> float:
    """Milliseconds of the quickest run."""
    times = []
    for _ in range(n_runs):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)


def past_of(year: Year) -> Past:
    """A home's settled year, and what was injected."""
    injection, withdrawal = net(year, night_heating_wh(year))
    pooled = injection.sum(axis=1)
    allocated = allocate(injection, withdrawal, ProRataKey()).allocated[:, HOME]
    start, step = year.grid.start, year.grid.step
    settled = {
        Quantity.CONSUMPTION: withdrawal[:, HOME],
        Quantity.ALLOCATED: allocated,
    }
    production = Block(start, step, {Quantity.SHARED_INJECTION: pooled})
    return Past(
        settled=[Block(start, step, settled)],
        own=(),
        history=(),
        production=([production],),
    )


def looked(past: Past, learned: Learned, year: Year, step: timedelta) -> Outlook:
    """A refresh: costs, own consumption, coverage, claim and signal of three days."""
    now = year.grid.end - timedelta(days=200)
    grid = days_ahead(now.astimezone(UTC), step, year.time_zone, DAYS_AHEAD)
    (production,) = past.production
    tariff = Tariff(
        "bench",
        off_peak_calendar(parse_hours("22:30-06:30")),
        {"HP": 0.2065, "HC": 0.1579},
        FOREVER,
    )
    contract = Contract(ContractKind.OFF_PEAK, (tariff,), (Rate(0.0593, FOREVER),))
    profile = learned.profile
    return look_ahead(
        Known(
            grid=grid,
            time_zone=year.time_zone,
            rule=ShareRule(KeyType.DEFAULT_DYNAMIC),
            production_wh=energies_on(grid, production, Quantity.SHARED_INJECTION),
            withdrawal_wh=np.full(grid.n_steps, np.nan),
            members=year.n_homes,
            table=learned.table,
            own=profile.expected(grid, year.time_zone) if profile else None,
            costs=step_costs(
                contract,
                [Price(PriceModel.GIFT, 0.0, FOREVER)],
                grid,
                year.time_zone,
            ),
            need=OwnNeed(6000, 1100),
            place=0.5,
        )
    )


def main() -> None:
    """Measure and print."""
    year = simulate_year("A")
    past = past_of(year)

    def learn_all() -> Learned:
        return learn(
            past,
            now=year.grid.end,
            step=year.grid.step,
            time_zone=year.time_zone,
            operation=None,
            aggregates=None,
        )

    learned = learn_all()
    rows = [("", "ms", "bar")]
    rows.append(
        (
            "learning a year of half hours",
            f"{best_ms(learn_all, 3):.0f}",
            f"{BAR_LEARN_MS}",
        )
    )
    for minutes in (30, 15):
        step = timedelta(minutes=minutes)
        ms = best_ms(partial(looked, past, learned, year, step))
        n_steps = timedelta(days=DAYS_AHEAD) // step
        rows.append(
            (f"a refresh of {n_steps} steps of {minutes} min", f"{ms:.1f}", f"{BAR_MS}")
        )
    cases = len(learned.table.ratio) if learned.table else 0
    print(f"Looking ahead, with {cases:,} settled cases")
    print_table(rows)


if __name__ == "__main__":
    main()
