"""What a kWh costs at each step ahead: known, or not known, never guessed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import math
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.contract import (
    Contract,
    ContractKind,
    CostsMissing,
    DayKind,
    PriceClass,
    StepCosts,
    day_kind_of,
    step_costs,
    tempo_calendar,
    tempo_day,
)
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.hours import (
    off_peak_calendar,
    parse_hours,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ONE_CLASS,
)
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Tariff,
)
from custom_components.autoconsommation_collective.engine.terms import Rate

PARIS = ZoneInfo("Europe/Paris")
ALWAYS = Validity(date.min)
NETWORK = 0.058
SOLD = Price(PriceModel.SALE, 0.05, ALWAYS)
TEMPO_PRICES = {
    "HPJB": 0.16, "HCJB": 0.13, "HPJW": 0.19, "HCJW": 0.15, "HPJR": 0.73, "HCJR": 0.17,
}  # fmt: skip
PEAK, OFF_PEAK = 0.21, 0.16


def contract(
    kind: ContractKind, calendar: Calendar, prices: dict[str, float]
) -> Contract:
    """A contract with these prices, in force always."""
    return Contract(
        kind, (Tariff(kind, calendar, prices, ALWAYS),), (Rate(NETWORK, ALWAYS),)
    )


BASE = contract(ContractKind.BASE, ONE_CLASS, {"BASE": 0.2})
NIGHT = contract(
    ContractKind.OFF_PEAK,
    off_peak_calendar(parse_hours("22h-6h")),
    {"HP": PEAK, "HC": OFF_PEAK},
)
HOURS_TO_LEARN = contract(
    ContractKind.OFF_PEAK, off_peak_calendar(()), {"HP": PEAK, "HC": OFF_PEAK}
)
TEMPO = contract(
    ContractKind.TEMPO, tempo_calendar(parse_hours("22h-6h")), TEMPO_PRICES
)


def grid(local: str, hours: int = 48, minutes: int = 30) -> Grid:
    """A grid that begins at a local time in Paris."""
    start = datetime.fromisoformat(local).replace(tzinfo=PARIS).astimezone(UTC)
    return Grid(start, timedelta(minutes=minutes), hours * 60 // minutes)


def costs(
    contract: Contract,
    grid: Grid,
    days: dict[date, str] | None = None,
    class_now: str | None = None,
    prices: Sequence[Price] = (SOLD,),
) -> StepCosts:
    """What the steps cost."""
    found = step_costs(
        contract, prices, grid, PARIS, day_kinds=days, class_now=class_now
    )
    assert isinstance(found, StepCosts)
    assert {
        each.shape for each in (found.supplier, found.allocated, found.default)
    } == {(grid.n_steps,)}
    return found


def at(grid: Grid, prices: np.ndarray, local: str) -> float:
    """The price of the step that holds a local time."""
    number = grid.number(datetime.fromisoformat(local).replace(tzinfo=PARIS))
    assert number is not None
    return float(prices[number])


# Laws

HOUR = st.integers(0, 24 * 365 * 3).map(
    lambda n: (datetime(2026, 1, 1) + timedelta(hours=n)).isoformat()
)
STEP = st.sampled_from([10, 15, 30, 60])
COLOURS = st.lists(st.sampled_from([*DayKind]), min_size=5, max_size=5)


@given(HOUR, STEP, st.sampled_from([BASE, NIGHT]))
def test_default_is_the_cheapest_of_a_day(
    start: str, minutes: int, contract: Contract
) -> None:
    """Of the 24 hours from the step on, the step itself among them, also past the grid."""
    steps = grid(start, minutes=minutes)
    found = costs(contract, steps)
    assert set(found.supplier) <= set(contract.supplier[0].eur_per_kwh.values())
    assert (found.default <= found.supplier).all()
    assert set(found.default) == {min(contract.supplier[0].eur_per_kwh.values())}


@given(HOUR, COLOURS, st.integers(0, 5))
def test_what_is_known_stays_true(start: str, colours: list[str], n_told: int) -> None:
    """Colours told later change nothing that was known before."""
    steps = grid(start)
    first = tempo_day(steps.start, PARIS)
    days = {first + timedelta(days=n): kind for n, kind in enumerate(colours)}
    told = dict(list(days.items())[:n_told])
    later = costs(TEMPO, steps, days)
    assert not np.isnan(later.supplier).any()
    assert not np.isnan(later.default).any()
    now = step_costs(TEMPO, [SOLD], steps, PARIS, day_kinds=told)
    if now is CostsMissing.NO_PRICE:
        assert n_told == 0
        return
    assert isinstance(now, StepCosts)
    for known, true in ((now.supplier, later.supplier), (now.default, later.default)):
        assert known[~np.isnan(known)] == pytest.approx(true[~np.isnan(known)])


@given(HOUR, STEP, st.sampled_from(["HP", "HC"]))
def test_the_meter_tells_the_step_in_progress_alone(
    start: str, minutes: int, told: str
) -> None:
    """And over the calendar."""
    steps = grid(start, minutes=minutes)
    by_calendar, by_meter = costs(NIGHT, steps), costs(NIGHT, steps, class_now=told)
    assert by_meter.supplier[0] == NIGHT.supplier[0].eur_per_kwh[told]
    assert (by_meter.supplier[1:] == by_calendar.supplier[1:]).all()


@given(HOUR, STEP, COLOURS, st.integers(0, 5), st.sampled_from([None, "HP", "HC"]))
def test_off_peak_hours_are_those_of_the_contract(
    start: str, minutes: int, colours: list[str], n_told: int, told: str | None
) -> None:
    """From 22 to 6 by the clock, whatever colour a day is; now as the meter tells."""
    steps = grid(start, minutes=minutes)
    first = tempo_day(steps.start, PARIS)
    days = {first + timedelta(days=n): kind for n, kind in enumerate(colours[:n_told])}
    hours = np.array([step.astimezone(PARIS).hour for step in steps.starts])
    at_night = (hours >= 22) | (hours < 6)
    for contract in (NIGHT, TEMPO):
        found = step_costs(
            contract, [SOLD], steps, PARIS, day_kinds=days, class_now=told
        )
        if isinstance(found, CostsMissing):
            continue
        assert found.off_peak is not None
        assert (found.off_peak[1:] == at_night[1:]).all()
        by_meter = told is not None and contract is NIGHT
        assert found.off_peak[0] == (told == "HC" if by_meter else at_night[0])


# Vectors


def test_off_peak_hours() -> None:
    """Prices follow local time, through a change of clocks."""
    steps = grid("2026-10-24 20:00")
    found = costs(NIGHT, steps)
    assert at(steps, found.supplier, "2026-10-24 21:30") == PEAK
    assert at(steps, found.supplier, "2026-10-24 22:00") == OFF_PEAK
    assert at(steps, found.supplier, "2026-10-25 06:00") == PEAK
    assert np.sum(found.supplier[:24] == OFF_PEAK) == 2 * 9
    assert found.allocated == pytest.approx(SOLD.eur_per_kwh + NETWORK)


@pytest.mark.parametrize(
    ("now", "colours", "known_until", "default"),
    [
        pytest.param("2026-01-14 11:00", ["red", "blue"], "2026-01-16 06:00", 0.16, id="both days told: the blue morning"),
        pytest.param("2026-01-14 04:00", ["white"], "2026-01-14 06:00", math.nan, id="before 6, today is not told"),
        pytest.param("2026-01-14 07:00", ["white"], "2026-01-15 06:00", 0.15, id="white: no peak hour can be cheaper than its night"),
        pytest.param("2026-01-14 07:00", ["red"], "2026-01-15 06:00", math.nan, id="red: a blue morning would be cheaper"),
        pytest.param("2026-01-14 22:00", ["white"], "2026-01-15 06:00", 0.15, id="the next night is a day off"),
        pytest.param("2026-01-14 22:30", ["white"], "2026-01-15 06:00", math.nan, id="a blue night may come"),
        pytest.param("2026-01-14 22:00", ["blue"], "2026-01-15 06:00", 0.13, id="none is cheaper than a blue night"),
    ],
)  # fmt: skip
def test_tempo(now: str, colours: list[str], known_until: str, default: float) -> None:
    """Steps of days that are not told are not known; the cheapest is where it is sure."""
    steps = grid(now)
    first = tempo_day(steps.start, PARIS)
    days = {first + timedelta(days=n): kind for n, kind in enumerate(colours)}
    found = costs(TEMPO, steps, days)
    until = steps.number(datetime.fromisoformat(known_until).replace(tzinfo=PARIS))
    assert not np.isnan(found.supplier[:until]).any()
    assert np.isnan(found.supplier[until:]).all()
    assert found.default[0] == pytest.approx(default, nan_ok=True)


def test_hours_to_be_learned() -> None:
    """Only the step that the meter tells is known; nothing is cheaper than off-peak."""
    steps = grid("2026-01-14 11:00")
    missing = step_costs(HOURS_TO_LEARN, [SOLD], steps, PARIS)
    assert missing is CostsMissing.NO_PRICE
    peak = costs(HOURS_TO_LEARN, steps, class_now="HP")
    assert (peak.supplier[0], np.isnan(peak.supplier[1:]).all()) == (PEAK, True)
    assert np.isnan(peak.default).all()
    assert costs(HOURS_TO_LEARN, steps, class_now="HC").default[0] == OFF_PEAK


@pytest.mark.parametrize(
    ("contract", "told"),
    [
        pytest.param(NIGHT, "BASE", id="a new contract as an old meter shows it"),
        pytest.param(BASE, "HC", id="of another contract"),
        pytest.param(TEMPO, "HC", id="without colour"),
    ],
)
def test_a_class_without_price_says_nothing(contract: Contract, told: str) -> None:
    """The calendar goes on."""
    days = {date(2026, 1, 14): "blue"}
    steps = grid("2026-01-14 11:00")
    found, silent = (costs(contract, steps, days, said) for said in (told, None))
    assert found.supplier == pytest.approx(silent.supplier, nan_ok=True)


@pytest.mark.parametrize(
    ("prices", "asked"),
    [
        pytest.param([SOLD], 0.05, id="sold"),
        pytest.param([Price(PriceModel.PREPAID, 0.1, ALWAYS)], 0.1, id="prepaid"),
        pytest.param([Price(PriceModel.GIFT, 0.0, ALWAYS)], 0.0, id="given"),
        pytest.param([SOLD, SOLD], math.nan, id="two at once"),
    ],
)
def test_price_of_an_allocated_kwh(prices: list[Price], asked: float) -> None:
    """What the grid and the state take comes on top."""
    if math.isnan(asked):
        missing = step_costs(BASE, prices, grid("2026-01-14 11:00"), PARIS)
        assert missing is CostsMissing.NO_ACC_PRICE
        return
    found = costs(BASE, grid("2026-01-14 11:00"), prices=prices)
    assert found.allocated == pytest.approx(asked + NETWORK)


def test_price_that_ends() -> None:
    """From the local midnight on there is none."""
    ending = Price(PriceModel.SALE, 0.05, Validity(date(2026, 1, 1), date(2026, 1, 14)))
    steps = grid("2026-01-14 11:00")
    found = costs(BASE, steps, prices=[ending])
    assert np.isfinite(found.allocated).sum() == 26
    assert at(steps, found.allocated, "2026-01-14 23:30") == pytest.approx(0.108)


def test_without_prices() -> None:
    """A contract without any number has no cost, nor has one that nobody told."""
    steps = grid("2026-01-14 11:00")
    empty = contract(ContractKind.BASE, ONE_CLASS, {})
    assert step_costs(empty, [SOLD], steps, PARIS) is CostsMissing.NO_PRICE
    assert step_costs(None, [SOLD], steps, PARIS) is CostsMissing.NO_CONTRACT
    assert step_costs(BASE, [], steps, PARIS) is CostsMissing.NO_ACC_PRICE


def test_tempo_class_without_price() -> None:
    """How cheap a night may get cannot be told: the default is not known."""
    prices = {name: eur for name, eur in TEMPO_PRICES.items() if name != "HCJB"}
    partial = contract(ContractKind.TEMPO, TEMPO.supplier[0].calendar, prices)
    steps = grid("2026-01-14 11:00")
    found = costs(
        partial, steps, {date(2026, 1, 14): "white", date(2026, 1, 15): "red"}
    )
    assert found.default[0] == 0.15


@pytest.mark.parametrize(
    ("price_class", "kind"),
    [
        pytest.param(PriceClass.HCJB, DayKind.BLUE, id="blue"),
        pytest.param(PriceClass.HPJW, DayKind.WHITE, id="white"),
        pytest.param(PriceClass.HPJR, DayKind.RED, id="red"),
        pytest.param(PriceClass.HC, None, id="no colour"),
        pytest.param(PriceClass.BASE, None, id="base"),
    ],
)
def test_colour_of_a_class(price_class: str, kind: DayKind | None) -> None:
    """Its last letter."""
    assert day_kind_of(price_class) is kind


# When the contactor closes


def closed(
    contract: Contract, local: str, hours: int = 24, minutes: int = 30
) -> list[str]:
    """Local times at which the steps begin in which the contactor is closed."""
    steps = grid(local, hours, minutes)
    found = costs(contract, steps).off_peak
    assert found is not None
    assert found.dtype == np.bool_
    assert found.shape == (steps.n_steps,)
    at = [step.astimezone(PARIS) for step in steps.starts]
    return [
        f"{one:%H:%M}" for one, is_closed in zip(at, found, strict=True) if is_closed
    ]


@pytest.mark.parametrize(
    ("hours", "minutes", "expected"),
    [
        pytest.param("12:30-14:30", 60, ["13:00", "14:00"], id="by the start of the step"),
        pytest.param("12:30-14:30", 30, ["12:30", "13:00", "13:30", "14:00"], id="30 minutes"),
        pytest.param("12:30-13:00", 10, ["12:30", "12:40", "12:50"], id="10 minutes"),
        pytest.param("1h-2h; 14h-15h", 60, ["01:00", "14:00"], id="at noon as well"),
    ],
)  # fmt: skip
def test_steps_of_off_peak_hours(hours: str, minutes: int, expected: list[str]) -> None:
    """Those that begin in them."""
    told = contract(
        ContractKind.OFF_PEAK,
        off_peak_calendar(parse_hours(hours)),
        {"HP": PEAK, "HC": OFF_PEAK},
    )
    assert closed(told, "2026-06-09 00:00", minutes=minutes) == expected


@pytest.mark.parametrize(
    ("local", "n_steps"),
    [
        pytest.param("2026-03-28 20:00", 14, id="23 hours"),
        pytest.param("2026-06-09 20:00", 16, id="24 hours"),
        pytest.param("2026-10-24 20:00", 18, id="25 hours"),
    ],
)
def test_off_peak_hours_when_the_clock_changes(local: str, n_steps: int) -> None:
    """A night is as long as it is by the clock."""
    assert len(closed(NIGHT, local)) == n_steps


def test_off_peak_hours_of_summer() -> None:
    """By the month of each day."""
    summer = off_peak_calendar(
        parse_hours("0h-2h"), parse_hours("12h-13h"), frozenset(range(4, 11))
    )
    told = contract(ContractKind.OFF_PEAK, summer, {"HP": PEAK, "HC": OFF_PEAK})
    assert closed(told, "2026-10-31 00:00", 48, 60) == ["12:00", "00:00", "01:00"]


@pytest.mark.parametrize(
    ("told", "class_now"),
    [
        pytest.param(BASE, None, id="one price"),
        pytest.param(HOURS_TO_LEARN, "HC", id="still to be learned"),
    ],
)
def test_without_off_peak_hours_nothing_is_known_of_a_contactor(
    told: Contract, class_now: str | None
) -> None:
    """Not that it never closes."""
    assert costs(told, grid("2026-06-09 00:00"), class_now=class_now).off_peak is None


def test_after_the_end_of_a_contract_nothing_is_off_peak() -> None:
    """Nobody knows what comes."""
    ending = Validity(date(2026, 1, 1), date(2026, 6, 9))
    tariff = Tariff(
        "old", NIGHT.supplier[0].calendar, NIGHT.supplier[0].eur_per_kwh, ending
    )
    old = replace(NIGHT, supplier=(tariff,))
    assert closed(old, "2026-06-09 20:00", minutes=60) == ["22:00", "23:00"]
