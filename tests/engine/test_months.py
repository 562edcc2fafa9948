"""Months side by side: settled or estimated, what they saved, and the year."""

from datetime import UTC, datetime, timedelta
import math
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    HOUR,
    Block,
    MonthPage,
    Quantity,
)
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
from custom_components.autoconsommation_collective.engine.months import (
    Basis,
    community_tally,
    community_year,
    estimated_month,
    month_after,
    month_bounds,
    published_month,
    saved_eur,
    year_of,
)
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Period,
    Tariff,
)
from custom_components.autoconsommation_collective.engine.terms import Rate

PARIS = ZoneInfo("Europe/Paris")
HOLE = math.nan
SUPPLIER, NETWORK, ASKED = 0.20, 0.05, 0.03
SINCE = Validity(datetime(2020, 1, 1, tzinfo=UTC).date())
GIFT = (Price(PriceModel.SALE, ASKED, SINCE),)
BASE = Contract(
    ContractKind.BASE,
    (
        Tariff(
            name="base",
            validity=SINCE,
            eur_per_kwh={"BASE": SUPPLIER},
            calendar=Calendar((Period("BASE"),)),
        ),
    ),
    (Rate(NETWORK, SINCE),),
)

months = st.builds(
    lambda n: f"{2020 + n // 12}-{n % 12 + 1:02}",
    st.integers(min_value=0, max_value=200),
)


def block(start: datetime, **wh: list[float]) -> Block:
    """Some hours from then on."""
    return Block(
        start, HOUR, {Quantity(name): np.array(values) for name, values in wh.items()}
    )


def page(
    month: str, quality: Quality = Quality.SETTLED, **wh: list[float]
) -> MonthPage:
    """The first hours of a month."""
    start, _ = month_bounds(month, PARIS)
    return MonthPage(month, 1, quality, (block(start, **wh),))


def of_month(month: str, consumed: float, allocated: float) -> MonthPage:
    """A settled month of one hour."""
    return page(month, consumption=[consumed], allocated=[allocated])


@given(months, st.integers(min_value=-40, max_value=40))
def test_there_and_back(month: str, n: int) -> None:
    """So many months later and as many earlier is the same month."""
    assert month_after(month_after(month, n), -n) == month
    assert (month_after(month, n) > month) is (n > 0)


@given(months)
def test_months_follow_each_other(month: str) -> None:
    """One ends where the next begins, and has 28 to 31 days, give or take an hour."""
    start, end = month_bounds(month, PARIS)
    assert month_bounds(month_after(month), PARIS)[0] == end
    assert timedelta(days=28) <= end - start <= timedelta(days=31, hours=1)


def test_a_published_month() -> None:
    """Its sums over what is known, and how much that is."""
    told = published_month(
        page("2026-02", consumption=[100, HOLE, 50], allocated=[40, HOLE, 10]),
        1.5,
        PARIS,
    )
    assert told.basis is Basis.SETTLED
    assert (told.totals.consumption_wh, told.totals.allocated_wh) == (150, 50)
    assert told.known_part == pytest.approx(2 / (28 * 24))
    assert told.saved_eur == 1.5


def test_an_estimated_month_counts_no_neighbour() -> None:
    """Steps of the months around it belong to those; the month in progress is as long as now."""
    start, _ = month_bounds("2026-02", PARIS)
    drawn = [
        block(
            start - 2 * HOUR,
            consumption=[900, 900, 100, 100, HOLE, 100],
            estimated_allocated=[900, 900, 50, HOLE, HOLE, 50],
        )
    ]
    told = estimated_month("2026-02", drawn, (), None, start + 4 * HOUR, PARIS)
    assert told.basis is Basis.ESTIMATED
    assert (told.totals.consumption_wh, told.totals.allocated_wh) == (300, 100)
    assert told.totals.production_wh is None
    assert told.known_part == 0.75


@given(st.lists(st.floats(min_value=0, max_value=3000), min_size=1, max_size=48))
def test_saved_by_each_kwh(allocated: list[float]) -> None:
    """The supplier's price less all that an allocated kWh costs; blocks add up."""
    start = datetime(2026, 2, 1, tzinfo=UTC)
    first = block(start, allocated=allocated)
    saved = saved_eur([first], Quantity.ALLOCATED, BASE, GIFT, PARIS)
    each = SUPPLIER - NETWORK - ASKED
    assert saved == pytest.approx(sum(allocated) / 1000 * each)
    twice = saved_eur([first, first], Quantity.ALLOCATED, BASE, GIFT, PARIS)
    assert twice == pytest.approx(2 * (saved or 0.0))


@pytest.mark.parametrize(
    ("contract", "prices", "blocks"),
    [
        pytest.param(None, GIFT, 1, id="no contract"),
        pytest.param(BASE, (), 1, id="no price of the operation"),
        pytest.param(BASE, GIFT, 0, id="nothing allocated is known"),
    ],
)
def test_nothing_saved_is_not_zero(
    contract: Contract | None, prices: tuple[Price, ...], blocks: int
) -> None:
    """What is not known stays unknown."""
    told = [block(datetime(2026, 2, 1, tzinfo=UTC), allocated=[1000.0])] * blocks
    assert saved_eur(told, Quantity.ALLOCATED, contract, prices, PARIS) is None


def test_a_price_that_is_missing_where_nothing_was_allocated() -> None:
    """Does not matter: at night no kWh came from the neighbours."""
    price = Price(
        PriceModel.GIFT, 0.0, Validity(datetime(2026, 2, 2, tzinfo=UTC).date())
    )
    start, _ = month_bounds("2026-02", PARIS)
    day = [0.0] * 24 + [1000.0]
    saved = saved_eur(
        [block(start, allocated=day)], Quantity.ALLOCATED, BASE, (price,), PARIS
    )
    assert saved == pytest.approx(SUPPLIER - NETWORK)
    day[0] = 1.0
    assert (
        saved_eur(
            [block(start, allocated=day)], Quantity.ALLOCATED, BASE, (price,), PARIS
        )
        is None
    )


@given(st.integers(min_value=1, max_value=30))
def test_the_year_has_twelve_months_at_most(n: int) -> None:
    """The last ones; its rate is that of the sums, not the mean of the rates."""
    names = [month_after("2024-01", i) for i in range(n)]
    each = [
        published_month(of_month(name, 100.0 + i, float(i)), float(i), PARIS)
        for i, name in enumerate(names)
    ]
    year = year_of(each)
    assert year is not None
    last = each[-12:]
    assert (year.last, year.n_months) == (names[-1], len(last))
    assert year.first == month_after(names[-1], -11)
    allocated = sum(m.totals.allocated_wh or 0 for m in last)
    consumed = sum(m.totals.consumption_wh or 0 for m in last)
    assert year.totals.self_production_rate == pytest.approx(allocated / consumed)
    assert year.saved_eur == pytest.approx(sum(m.saved_eur or 0 for m in last))


def test_only_settlements_make_a_year() -> None:
    """A provisional month neither counts nor ends it; one gap is told by the number."""
    told = [
        published_month(of_month("2026-01", 100, 10), None, PARIS),
        published_month(of_month("2026-03", 100, 30), 2.0, PARIS),
        published_month(
            page("2026-04", Quality.PROVISIONAL, consumption=[100], allocated=[90]),
            9.0,
            PARIS,
        ),
    ]
    year = year_of(told)
    assert year is not None
    assert (year.last, year.n_months, year.totals.allocated_wh) == ("2026-03", 2, 40)
    assert year.saved_eur is None  # of one month it is not known
    assert year_of(told[2:]) is None


def test_the_operation_in_a_year() -> None:
    """Sums of the same twelve months; None where the organiser tells none of them."""
    pages = {
        name: page(name, shared_injection=[200], allocated=[150])
        for name in ("2025-01", "2025-06", "2026-01")
    }
    pages["2026-02"] = page("2026-02", shared_injection=[999])
    assert community_tally(pages["2026-02"]) is None
    told = community_year(pages)
    assert told is not None
    assert (told.first, told.last, told.n_months) == ("2025-02", "2026-01", 2)
    assert (told.tally.production_wh, told.tally.surplus_wh) == (400, 100)
    assert told.tally.self_consumption_rate == 0.75
    assert community_year(pages, "2024-12") is None
    assert community_year({}) is None


@given(
    st.lists(st.tuples(*[st.none() | st.integers(0, 900)] * 3), min_size=1, max_size=12)
)
def test_a_rate_is_of_steps_that_are_known_on_both_sides(
    steps: list[tuple[int | None, ...]],
) -> None:
    """A hole in one curve of a month changes no rate of the others."""
    injected, drawn, allocated = (
        [math.nan if step[n] is None else step[n] for step in steps] for n in range(3)
    )
    told = community_tally(
        page(
            "2026-01",
            shared_injection=injected,
            total_withdrawal=drawn,
            allocated=allocated,
        )
    )
    is_drawn_told = any(step[1] is not None for step in steps)
    if not is_drawn_told:
        steps = [(one, -1, other) for one, _, other in steps]
    whole = [step for step in steps if None not in step]
    if not whole:
        assert told is None
        return
    assert told is not None
    produced, consumed, shared = map(sum, zip(*whole, strict=True))
    assert (told.production_wh, told.allocated_wh) == (produced, shared)
    if is_drawn_told:
        assert told.consumption_wh == consumed
    else:
        assert math.isnan(told.consumption_wh)
