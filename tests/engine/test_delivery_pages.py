"""A home's months from a delivery: its own point, whole days, pairs completed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.delivery import (
    Curve,
    Delivery,
)
from custom_components.autoconsommation_collective.engine.delivery_pages import (
    DeliveredMonths,
    NotMine,
    delivered_months,
)
from custom_components.autoconsommation_collective.engine.model import Quality

PARIS = ZoneInfo("Europe/Paris")
MINE, OTHER = "99000000000036", "99000000000044"
HALF_HOUR = timedelta(minutes=30)
STARTS = st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1)).map(
    lambda at: at.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
)


def block(start: datetime, n_steps: int, *quantities: Quantity) -> Block:
    """Energies that tell their step by their size."""
    wh = np.arange(n_steps, dtype=float) + 100
    parts = {
        Quantity.CONSUMPTION: wh,
        Quantity.ALLOCATED: wh // 3,
        Quantity.COMPLEMENT: wh - wh // 3,
        Quantity.PRODUCTION: wh * 2,
        Quantity.SURPLUS: wh,
    }
    return Block(start, HALF_HOUR, {q: parts[q] for q in quantities})


def months(*curves: Curve) -> DeliveredMonths:
    """Of this home, which the delivery must tell."""
    found = delivered_months(Delivery(curves), MINE, PARIS)
    assert isinstance(found, DeliveredMonths)
    return found


def total(found: DeliveredMonths, quantity: Quantity) -> float:
    """Over all months."""
    return sum(page.total_wh(quantity) or 0.0 for page in found.pages)


@given(STARTS, st.integers(1, 3000))
def test_each_step_is_in_its_month_once(start: datetime, n_steps: int) -> None:
    """Whole local days, whatever the first and the last step are; clocks change."""
    told = block(start, n_steps, Quantity.CONSUMPTION, Quantity.ALLOCATED)
    found = months(Curve(MINE, (told,)))
    for quantity in (Quantity.CONSUMPTION, Quantity.ALLOCATED):
        assert total(found, quantity) == told.energies[quantity].sum()
    for page in found.pages:
        assert page.quality is Quality.SETTLED
        (one,) = page.blocks
        for at in (one.start, one.end):
            assert at.astimezone(PARIS).strftime("%H:%M") == "00:00"
        last = one.end - HALF_HOUR
        assert {f"{at.astimezone(PARIS):%Y-%m}" for at in (one.start, last)} == {
            page.month
        }


@pytest.mark.parametrize(
    "quantities",
    [
        (Quantity.CONSUMPTION, Quantity.ALLOCATED),
        (Quantity.CONSUMPTION, Quantity.COMPLEMENT),
        (Quantity.ALLOCATED, Quantity.COMPLEMENT),
        (Quantity.CONSUMPTION, Quantity.ALLOCATED, Quantity.COMPLEMENT),
    ],
    ids=lambda quantities: "+".join(quantities),
)
def test_two_of_three_are_enough(quantities: tuple[Quantity, ...]) -> None:
    """Consumption is what was allocated and what the supplier delivered."""
    start = datetime(2026, 5, 31, 22, tzinfo=UTC)
    whole = block(start, 48, Quantity.CONSUMPTION, Quantity.ALLOCATED)
    found = months(Curve(MINE, (block(start, 48, *quantities),)))
    for quantity, wh in whole.energies.items():
        assert total(found, quantity) == pytest.approx(wh.sum())
    assert bool(found.complement) is (Quantity.COMPLEMENT in quantities)


def test_a_producer() -> None:
    """What was injected, and what of it was not shared."""
    start = datetime(2026, 5, 31, 22, tzinfo=UTC)
    told = block(start, 48, Quantity.PRODUCTION, Quantity.SURPLUS)
    found = months(Curve(MINE, (told,)))
    assert total(found, Quantity.SURPLUS) == told.energies[Quantity.SURPLUS].sum()


@pytest.mark.parametrize(
    ("curves", "why"),
    [
        pytest.param([], NotMine.NO_CURVE, id="sums alone"),
        pytest.param(
            [(OTHER, Quantity.CONSUMPTION)], NotMine.OTHER_POINTS, id="another's"
        ),
        pytest.param([(MINE, Quantity.CONSUMPTION)], NotMine.NOT_SETTLED, id="raw"),
        pytest.param(
            [(None, Quantity.CONSUMPTION), (None, Quantity.CONSUMPTION)],
            NotMine.SEVERAL,
            id="two without a name",
        ),
    ],
)
def test_what_is_not_mine(
    curves: list[tuple[str | None, Quantity]], why: NotMine
) -> None:
    """Said, and nothing guessed."""
    start = datetime(2026, 5, 31, 22, tzinfo=UTC)
    told = tuple(Curve(point, (block(start, 48, q),)) for point, q in curves)
    assert delivered_months(Delivery(told), MINE, PARIS) is why


def test_mine_beside_others() -> None:
    """A file of the whole operation; and one that names nobody, where it is of one home."""
    start = datetime(2026, 5, 31, 22, tzinfo=UTC)
    pair = (Quantity.CONSUMPTION, Quantity.ALLOCATED)
    mine, other = block(start, 48, *pair), block(start, 96, *pair)
    found = months(Curve(OTHER, (other,)), Curve(MINE, (mine,)))
    assert total(found, pair[0]) == mine.energies[pair[0]].sum()
    found = months(Curve(None, (mine,)))
    assert total(found, pair[0]) == mine.energies[pair[0]].sum()


def test_a_hole_of_one_is_a_hole_of_both() -> None:
    """Half of a pair tells nothing."""
    start = datetime(2026, 5, 31, 22, tzinfo=UTC)
    told = block(start, 48, Quantity.CONSUMPTION, Quantity.ALLOCATED)
    told.energies[Quantity.ALLOCATED][5] = np.nan
    found = months(Curve(MINE, (told,)))
    consumed = found.pages[0].blocks[0].energies[Quantity.CONSUMPTION]
    assert np.flatnonzero(np.isnan(consumed)).tolist() == [5]
