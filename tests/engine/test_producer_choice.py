"""What own-first keeps, and what the neighbours are without."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.claim import USUAL_NEED_WH
from custom_components.autoconsommation_collective.engine.contract import (
    Contract,
    ContractKind,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Quality,
    Validity,
)
from custom_components.autoconsommation_collective.engine.producer_choice import (
    ProducerChoice,
    Stakes,
    producer_choice,
    stakes,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ONE_CLASS,
)
from custom_components.autoconsommation_collective.engine.tariffs import Tariff
from custom_components.autoconsommation_collective.engine.terms import Rate

PARIS = ZoneInfo("Europe/Paris")
MIDNIGHT = datetime(2026, 10, 1, tzinfo=PARIS).astimezone(UTC)
HOUR = timedelta(hours=1)
ALWAYS = Validity(date.min)
NAN = float("nan")


def page(
    energies: dict[Quantity, list[float]],
    month: str = "2026-10",
    quality: Quality = Quality.SETTLED,
) -> MonthPage:
    """A month of hours from the first local midnight on."""
    start = datetime.fromisoformat(f"{month}-01").replace(tzinfo=PARIS).astimezone(UTC)
    arrays_of = {quantity: np.array(values) for quantity, values in energies.items()}
    return MonthPage(month, 1, quality, (Block(start, HOUR, arrays_of),))


def day(**hours: float) -> list[float]:
    """A day of hours, all dark but those named h9, h10 ..."""
    return [hours.get(f"h{n}", 0.0) for n in range(24)]


def chosen(
    pages: list[MonthPage], community: list[MonthPage] | None = None
) -> ProducerChoice:
    """What is found in pages that tell something."""
    found = producer_choice(pages, community or [], PARIS)
    assert found is not None
    return found


DAYS = arrays(np.float64, 48, elements=st.integers(0, 10_000).map(float))
"""Settlements are whole Wh."""


@given(injected=DAYS, part=arrays(np.float64, 48, elements=st.floats(0, 1)))
def test_laws(injected: Energies, part: Energies) -> None:
    """Nobody keeps more than is injected or needed, nor lacks more than is kept."""
    surplus = injected * part
    found = chosen(
        [
            page(
                {
                    Quantity.PRODUCTION: injected.tolist(),
                    Quantity.SURPLUS: surplus.tolist(),
                }
            )
        ]
        if injected.sum() > 0
        else [page({Quantity.PRODUCTION: [1.0] * 48})]
    )
    slack = 1e-6
    assert 0 <= found.lacked_wh <= found.kept_wh + slack
    assert found.kept_wh <= found.injected_wh + slack
    assert found.kept_wh <= 2 * USUAL_NEED_WH + slack


@given(injected=DAYS)
def test_who_has_all_left_over_takes_from_nobody(injected: Energies) -> None:
    """What no member used is missing to none."""
    injected[12] += 1
    both = {
        Quantity.PRODUCTION: injected.tolist(),
        Quantity.SURPLUS: injected.tolist(),
    }
    assert chosen([page(both)]).lacked_wh == pytest.approx(0, abs=1e-9)


def test_two_hours_of_a_day() -> None:
    """Of 3 kWh in two hours all but 0.8 kWh fits 2.2 kW; half of one hour was left over."""
    found = chosen(
        [
            page(
                {
                    Quantity.PRODUCTION: day(h11=3000, h12=1000),
                    Quantity.SURPLUS: day(h11=500),
                }
            )
        ]
    )
    assert found == ProducerChoice(1, 4000, 500, 2200 + 1000, 1700 + 1000)


def test_each_day_has_its_own_need() -> None:
    """A bright day does not feed the next; days are those of the clock on the wall."""
    two_days = [*day(h9=2000, h10=2000, h11=2000, h12=2000), *day(h0=1000)]
    found = chosen([page({Quantity.PRODUCTION: two_days})])
    assert found.kept_wh == pytest.approx(USUAL_NEED_WH + 1000)


def test_what_is_left_over_of_all_counts_where_it_is_published() -> None:
    """The producer's own part of it is less; a step that is not published goes by that."""
    own = page(
        {
            Quantity.PRODUCTION: day(h11=2000, h12=2000),
            Quantity.SURPLUS: day(h11=100, h12=100),
        }
    )
    of_all = page(
        {
            Quantity.SHARED_INJECTION: day(h11=9000, h12=NAN),
            Quantity.ALLOCATED: day(h11=7500, h12=2000),
        }
    )
    found = chosen([own], [of_all])
    assert found.left_over_wh == 1500 + 100
    assert found.lacked_wh == 500 + 1900
    provisional = MonthPage("2026-10", 1, Quality.PROVISIONAL, of_all.blocks)
    assert chosen([own], [provisional]).left_over_wh == 200


def test_holes_count_for_nothing() -> None:
    """Neither kept nor lacked."""
    found = chosen([page({Quantity.PRODUCTION: day(h11=NAN, h12=1000)})])
    assert (found.injected_wh, found.kept_wh) == (1000, 1000)


def test_the_last_year_counts() -> None:
    """The latest twelve settled months of a producer, in whatever order they come."""
    months = [f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 8)]
    pages = [
        page({Quantity.PRODUCTION: day(h12=n + 1)}, month)
        for n, month in enumerate(months)
    ]
    provisional = page(
        {Quantity.PRODUCTION: day(h12=500)}, "2026-08", Quality.PROVISIONAL
    )
    consumer = page({Quantity.CONSUMPTION: day(h12=500)}, "2026-09")
    found = chosen([*pages[::-1], provisional, consumer])
    assert found.n_months == 12
    assert found.injected_wh == sum(range(3, 15))


def test_a_month_as_consumer_first() -> None:
    """Blocks without production are passed over."""
    block = Block(MIDNIGHT - 24 * HOUR, HOUR, {Quantity.CONSUMPTION: np.ones(24)})
    own = page({Quantity.PRODUCTION: day(h12=700)})
    mixed = MonthPage("2026-10", 1, Quality.SETTLED, (block, *own.blocks))
    assert chosen([mixed]).injected_wh == 700


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([], id="nothing settled"),
        pytest.param([page({Quantity.CONSUMPTION: day(h12=1)})], id="a consumer"),
        pytest.param([page({Quantity.PRODUCTION: day()})], id="nothing injected"),
        pytest.param([page({Quantity.PRODUCTION: day(h12=1)}, quality=Quality.PROVISIONAL)], id="provisional"),
    ],
)  # fmt: skip
def test_nothing_to_tell(pages: list[MonthPage]) -> None:
    """No number is made up."""
    assert producer_choice(pages, [], PARIS) is None


CHOICE = ProducerChoice(12, 3_000_000, 500_000, 1_000_000, 600_000)
CONTRACT = Contract(
    ContractKind.OFF_PEAK,
    (Tariff("off_peak", ONE_CLASS, {"HP": 0.21, "HC": 0.16}, ALWAYS),),
    (Rate(0.06, ALWAYS),),
)


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        pytest.param((), Stakes(160, 60), id="no price told"),
        pytest.param((Price(PriceModel.GIFT, 0.5, ALWAYS),), Stakes(160, 60), id="a gift"),
        pytest.param((Price(PriceModel.SALE, 0.05, ALWAYS),), Stakes(130, 30), id="sold at 5 cents"),
    ],
)  # fmt: skip
def test_in_euros(prices: tuple[Price, ...], expected: Stakes) -> None:
    """1000 kWh kept at 16 cents; 600 kWh lacked at 16 less what they cost when allocated."""
    found = stakes(CHOICE, CONTRACT, prices)
    assert found.producer_eur == pytest.approx(expected.producer_eur)
    assert found.neighbours_eur == pytest.approx(expected.neighbours_eur)
