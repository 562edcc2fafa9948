"""Costs by hour: each step at its own price, against a plain sum; then what a contract gives."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
import math
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    HOUR,
    Block,
    Quantity,
    sum_by_hour,
)
from custom_components.autoconsommation_collective.engine.contract import (
    Contract,
    ContractKind,
)
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.hour_costs import (
    PARTS_PER_EUR,
    HourCost,
    hour_costs,
    injection_pricing,
    withdrawal_pricing,
)
from custom_components.autoconsommation_collective.engine.hours import (
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.tariffs import Prices, Tariff
from custom_components.autoconsommation_collective.engine.terms import Rate

PARIS = ZoneInfo("Europe/Paris")
ALWAYS = Validity(date.min)
START = datetime(2026, 3, 2, 20, tzinfo=UTC)
WITHDRAWN = Quantity.CONSUMPTION, Quantity.ALLOCATED

type Step = tuple[float, float, float, float]
"""Allocated and complement in Wh, and their prices."""


def block(steps: list[Step], step: timedelta, lead: int = 0) -> Block:
    """These steps, the first one so many steps after the full hour."""
    allocated, complement, _, _ = np.array(steps, dtype=np.float64).T
    energies = {
        Quantity.CONSUMPTION: allocated + complement,
        Quantity.ALLOCATED: allocated,
    }
    return Block(START + lead * step, step, energies)


def costs_of(steps: list[Step], given: Block) -> dict[datetime, HourCost]:
    """The costs of a block at the prices of its steps."""

    def priced(grid: Grid) -> tuple[Prices, Prices]:
        assert grid == Grid(given.start, given.step, given.n_steps)
        return np.array([s[2] for s in steps]), np.array([s[3] for s in steps])

    return hour_costs((given,), *WITHDRAWN, priced)


energies = st.integers(0, 9000).map(float) | st.just(math.nan)
prices = st.integers(-5000, 90000).map(lambda n: n / 1e5) | st.just(math.nan)
series = st.lists(
    st.tuples(energies, energies, prices, prices), min_size=1, max_size=20
)
lengths = st.sampled_from([10, 15, 30, 60]).map(
    lambda minutes: timedelta(minutes=minutes)
)


@given(steps=series, step=lengths, lead=st.integers(0, 5))
def test_each_hour_costs_the_sum_of_its_steps(
    steps: list[Step], step: timedelta, lead: int
) -> None:
    """Within half a part, for each of the two; a hole, or an unknown price, stays in its hour."""
    given = block(steps, step, lead)
    found = costs_of(steps, given)
    assert found.keys() == sum_by_hour((given,), *WITHDRAWN).keys()
    for hour, cost in found.items():
        first = (hour - given.start) // step
        within = steps[first : first + HOUR // step]
        for number, told in enumerate(cost):
            used = [(s[number], s[number + 2]) for s in within if s[number]]
            if any(math.isnan(price) for _, price in used):
                assert told is None
                continue
            exact = sum(Fraction(wh) * Fraction(price) for wh, price in used)
            assert told is not None
            assert abs(told - exact * PARTS_PER_EUR / 1000) <= Fraction(
                1, 2
            ) + Fraction(1, 10**6)


@given(steps=series, step=lengths, at=st.integers(0, 20))
def test_hours_stand_alone(steps: list[Step], step: timedelta, at: int) -> None:
    """A block given in two, cut at any full hour, costs the same."""
    per_hour = HOUR // step
    cut = min(at * per_hour, len(steps))
    halves = [half for half in (steps[:cut], steps[cut:]) if half]
    whole = costs_of(steps, block(steps, step))
    found: dict[datetime, HourCost] = {}
    for half in halves:
        lead = cut if half is not halves[0] or not steps[:cut] else 0
        found |= costs_of(half, block(half, step, lead))
    assert found == whole


def contract(network: float = 0.05) -> Contract:
    """Cheap from 22:00 to 06:00."""
    tariff = Tariff(
        "HPHC",
        off_peak_calendar(parse_hours("22h-6h")),
        {"HP": 0.21, "HC": 0.16},
        ALWAYS,
    )
    return Contract(ContractKind.OFF_PEAK, (tariff,), (Rate(network, ALWAYS),))


@pytest.mark.parametrize(
    ("told", "asked", "expected"),
    [
        pytest.param(
            contract(),
            (Price(PriceModel.SALE, 0.08, ALWAYS),),
            # 22:00 in Paris is 21:00 UTC: of the hour from 20:00, all is dear.
            [(130, 630), (130, 480)],
            id="all known",
        ),
        pytest.param(contract(), (), [(None, 630), (None, 480)], id="no ACC price"),
        pytest.param(
            contract(),
            (Price(PriceModel.GIFT, 0.0, ALWAYS),),
            [(50, 630), (50, 480)],
            id="a gift costs the network fee",
        ),
        pytest.param(
            contract(),
            (Price(PriceModel.SALE, 0.08, Validity(date(2026, 3, 3))),),
            [(None, 630), (None, 480)],
            id="asked from tomorrow on",
        ),
        pytest.param(
            None,
            (Price(PriceModel.SALE, 0.08, ALWAYS),),
            [(None, None), (None, None)],
            id="no contract",
        ),
    ],
)
def test_what_a_member_pays(
    told: Contract | None, asked: tuple[Price, ...], expected: list[HourCost]
) -> None:
    """10 Wh allocated and 30 Wh from the supplier in each hour, around 22:00 in Paris."""
    steps: list[Step] = [(5.0, 15.0, 0, 0)] * 4
    found = hour_costs(
        (block(steps, timedelta(minutes=30)),),
        *WITHDRAWN,
        withdrawal_pricing(told, asked, PARIS),
    )
    assert list(found.values()) == expected


@pytest.mark.parametrize(
    ("surplus", "asked", "expected"),
    [
        pytest.param(
            0.04, (Price(PriceModel.SALE, 0.1, ALWAYS),), (40, 300), id="both"
        ),
        pytest.param(
            None, (Price(PriceModel.SALE, 0.1, ALWAYS),), (None, 300), id="shared"
        ),
        pytest.param(0.04, (), (40, None), id="surplus"),
        pytest.param(0.04, (Price(PriceModel.GIFT, 0.0, ALWAYS),), (40, 0), id="gift"),
    ],
)
def test_what_a_producer_is_paid(
    surplus: float | None, asked: tuple[Price, ...], expected: HourCost
) -> None:
    """10 Wh left over, 30 Wh shared."""
    energies = {
        Quantity.PRODUCTION: np.full(4, 10.0),
        Quantity.SURPLUS: np.full(4, 2.5),
    }
    found = hour_costs(
        (Block(START, timedelta(minutes=15), energies),),
        Quantity.PRODUCTION,
        Quantity.SURPLUS,
        injection_pricing(
            () if surplus is None else (Rate(surplus, ALWAYS),), asked, PARIS
        ),
    )
    assert found == {START: expected}
