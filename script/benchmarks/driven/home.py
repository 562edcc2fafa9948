"""One home of operation A over days: what it and the others use, what was foreseen, and prices."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

import numpy as np

from custom_components.autoconsommation_collective.engine.claim import OwnNeed
from custom_components.autoconsommation_collective.engine.contract import (
    Contract,
    ContractKind,
    CostsMissing,
    StepCosts,
    step_costs,
)
from custom_components.autoconsommation_collective.engine.grid import (
    Grid,
    LocalSteps,
    local_steps,
)
from custom_components.autoconsommation_collective.engine.hours import (
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.known import Known
from custom_components.autoconsommation_collective.engine.model import (
    ForecastError,
    KeyType,
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.outlook import (
    Outlook,
    look_ahead,
)
from custom_components.autoconsommation_collective.engine.profile import Expected
from custom_components.autoconsommation_collective.engine.share import ShareRule
from custom_components.autoconsommation_collective.engine.tariffs import Tariff
from custom_components.autoconsommation_collective.engine.terms import Rate
from script.benchmarks.sharing.days import Span, whole_year
from script.benchmarks.sharing.published import day_ahead
from script.simulation.curves import STEP_HOURS
from script.simulation.local_days import Flags
from script.simulation.sun import Series
from script.simulation.year import Year, night_heating_wh

HOME: Final = 3
FOREVER: Final = Validity(date(2020, 1, 1))
PRICES: Final = {"HP": 0.2081, "HC": 0.1635}
ALLOCATED_EUR: Final = 0.13
"""Those of the study; the operation's is assumed there."""
AHEAD_DAYS: Final = 3
NIGHT, MIDDAY = "22:00-06:00", "02:00-07:00; 12:00-15:00"
"""Off-peak hours as they were, and as they are moved to since 2025."""
USUAL_WH: Final = 5760.0
"""What the outlook takes for the tank's need of a day."""


@dataclass(frozen=True, slots=True, eq=False)
class Home:
    """Energies in Wh by step."""

    year: Year
    labels: LocalSteps
    base_wh: Series
    """Of this home without loads."""
    others_wh: Series
    """Withdrawn by all others, who heat at night as ever."""
    injected_wh: Series
    water_wh: Series
    """Hot water of each day, shape (n_days,)."""
    costs: StepCosts
    known: Known
    """Of the whole time; a day's outlook is made from a part of it."""

    def outlook(self, day: int, *, is_blind: bool) -> Outlook:
        """What was known at a midnight of the days to come; blind: nothing of the sun."""
        midnights = self.year.days.midnights
        first = int(midnights[day])
        after = int(midnights[min(day + AHEAD_DAYS, self.year.days.n_days)])
        part = slice(first, after)
        known = self.known
        assert known.own is not None
        grid = self.year.grid
        production = known.production_wh[part]
        return look_ahead(
            replace(
                known,
                grid=Grid(grid.start + first * grid.step, grid.step, after - first),
                production_wh=np.full_like(production, np.nan)
                if is_blind
                else production,
                withdrawal_wh=known.withdrawal_wh[part],
                own=Expected(
                    known.own.low[part], known.own.mean[part], known.own.high[part]
                ),
                costs=self._costs(part),
            )
        )

    def _costs(self, part: slice) -> StepCosts | CostsMissing:
        costs = self.costs
        assert costs.off_peak is not None
        return StepCosts(
            costs.supplier[part],
            costs.allocated[part],
            costs.default[part],
            costs.off_peak[part],
        )

    def bill_eur(self, loads_wh: Series) -> float:
        """What the home pays when its loads draw that, settled pro rata."""
        drawn = self.base_wh[: len(loads_wh)] + loads_wh
        n = len(drawn)
        ratio = np.minimum(1.0, self.injected_wh[:n] / (self.others_wh[:n] + drawn))
        price = ratio * ALLOCATED_EUR + (1 - ratio) * self.costs.supplier[:n]
        return float((drawn * price).sum() / 1000)

    def covered_part(self, loads_wh: Series) -> float:
        """Part of the loads' energy that the operation covered."""
        n = len(loads_wh)
        drawn = self.base_wh[:n] + loads_wh
        ratio = np.minimum(1.0, self.injected_wh[:n] / (self.others_wh[:n] + drawn))
        return float((ratio * loads_wh).sum() / loads_wh.sum())

    def surplus_before(self, n: int) -> float:
        """What was left in the operation in the step before, in W: telemetry comes late."""
        if n == 0:
            return 0.0
        left = self.injected_wh[n - 1] - self.others_wh[n - 1] - self.base_wh[n - 1]
        return float(max(left, 0.0) / STEP_HOURS)


def live_in(hours: str = NIGHT, span: Span | None = None) -> Home:
    """The home over the whole year, or other days, with those off-peak hours."""
    span = span or whole_year("A")
    year = span.year
    published, own = day_ahead(span, np.array([HOME]))
    heating = night_heating_wh(year)
    heating[:, HOME] = 0
    everyone = year.base_wh + heating
    calendar = off_peak_calendar(parse_hours(hours))
    contract = Contract(
        ContractKind.OFF_PEAK,
        (Tariff("", calendar, PRICES, FOREVER),),
        (Rate(0.0, FOREVER),),
    )
    price = Price(PriceModel.SALE, ALLOCATED_EUR, FOREVER)
    costs = step_costs(contract, [price], year.grid, year.time_zone)
    assert isinstance(costs, StepCosts)
    lit: Flags = published.production_wh > 0
    errors = ForecastError(
        0.0,
        float(published.mean_error_wh[lit].mean() / STEP_HOURS),
        float(published.deviation_wh[lit].mean() / STEP_HOURS),
    )
    mean = own.withdrawal_wh[:, HOME]
    first_day = year.grid.start.astimezone(year.time_zone).date()
    return Home(
        year=year,
        labels=local_steps(year.grid, year.time_zone),
        base_wh=year.base_wh[:, HOME],
        others_wh=everyone.sum(axis=1) - year.base_wh[:, HOME],
        injected_wh=year.plant_wh.sum(axis=1),
        water_wh=year.heater_need_wh[:, HOME],
        costs=costs,
        known=Known(
            grid=year.grid,
            time_zone=year.time_zone,
            rule=ShareRule(KeyType.DEFAULT_DYNAMIC),
            production_wh=published.production_wh,
            withdrawal_wh=published.withdrawal_wh,
            errors=(errors,),
            flexible_wh={
                first_day + timedelta(days=n): float(wh)
                for n, wh in enumerate(published.flexible_wh)
            },
            members=year.n_homes,
            own=Expected(0.6 * mean, mean, 1.6 * mean),
            costs=costs,
            need=OwnNeed(USUAL_WH, 2200 * STEP_HOURS),
            place=0.5,
        ),
    )
