"""Rates, against published figures, and what holds for any energies."""

from dataclasses import astuple

from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.indicators import (
    Tally,
    kwh_per_home,
    self_consumption_rate,
    self_production_rate,
)


def test_published_rates() -> None:
    """V8: 11.70 kWh allocated of 35.31 produced, and of 18.56 consumed."""
    assert self_consumption_rate(11_700, 35_310) == pytest.approx(0.3314, abs=5e-5)
    assert self_production_rate(11_700, 18_560) == pytest.approx(0.6304, abs=5e-5)


def test_sharing_and_self_sufficiency() -> None:
    """V2: 660 allocated of 1000 produced, and of 810 consumed."""
    assert self_consumption_rate(660, 1000) == 0.66
    assert self_production_rate(660, 810) == pytest.approx(0.814815, abs=5e-7)


def test_no_rate_of_nothing() -> None:
    """V6: without energy there is no rate, not a rate of zero."""
    assert self_consumption_rate(0, 0) is None
    assert self_production_rate(0, 0) is None


@pytest.mark.parametrize(
    ("allocated_wh", "production_wh", "percent"),
    [
        pytest.param(7_500, 13_000, 57.7, id="a page gives 50 %"),
        pytest.param(2_400, 15_000, 16.0, id="V5"),
    ],
)
def test_published_errors(
    allocated_wh: float, production_wh: float, percent: float
) -> None:
    """Figures that public pages give wrong, or that only their two steps together give."""
    rate = Tally(production_wh, 20_000, allocated_wh).self_consumption_rate
    assert rate is not None
    assert 100 * rate == pytest.approx(percent, abs=0.05)


def test_self_production_divides_by_consumption() -> None:
    """A page divides by the production: of 6 kWh out of 8 consumed that hides 75 %."""
    assert Tally(12_000, 8_000, 6_000).self_production_rate == 0.75


def test_own_use_counts_in_the_totals_alone() -> None:
    """A plant gave 10 kWh: 4 to its owner, 6 to the grid, of which 3 to a home that drew 6."""
    tally = Tally(6_000, 6_000, 3_000, own_use_wh=4_000)
    assert tally.self_consumption_rate == tally.self_production_rate == 0.5
    assert tally.self_sufficiency == tally.local_use == 0.7
    assert tally.surplus_wh == tally.complement_wh == 3_000


def test_the_two_totals_have_their_own_whole() -> None:
    """Self-sufficiency is of what was used, local use of what was generated."""
    tally = Tally(8_000, 18_000, 4_000, own_use_wh=2_000)
    assert tally.self_sufficiency == 0.3
    assert tally.local_use == 0.6
    assert tally.surplus_wh == 4_000
    assert tally.complement_wh == 14_000


def test_no_rate_of_an_empty_tally() -> None:
    """A night without withdrawal has no rate at all."""
    tally = Tally(0, 0, 0)
    assert tally.self_consumption_rate is None
    assert tally.self_production_rate is None
    assert tally.self_sufficiency is None
    assert tally.local_use is None


def test_all_own_use_is_self_sufficient_and_local() -> None:
    """Who injects and withdraws nothing has totals, and no rate of the operation."""
    tally = Tally(0, 0, 0, own_use_wh=1_000)
    assert tally.self_sufficiency == tally.local_use == 1.0
    assert tally.self_consumption_rate is None


def test_kwh_per_home() -> None:
    """40 MWh among 25 homes; no figure without homes."""
    assert kwh_per_home(40_000_000, 25) == 1600
    assert kwh_per_home(0, 25) == 0
    assert kwh_per_home(1_000, 0) is None


WH = st.integers(0, 10**9)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    """Energies of anything from a dark minute to a year of a village."""
    production, consumption = draw(WH), draw(WH)
    allocated = draw(st.integers(0, min(production, consumption)))
    return Tally(production, consumption, allocated, draw(WH))


@given(st.lists(tallies(), min_size=1))
def test_tallies_add_up(periods: list[Tally]) -> None:
    """Each energy of the whole is the sum of the parts."""
    whole = sum(periods[1:], start=periods[0])
    sums = [sum(parts) for parts in zip(*map(astuple, periods), strict=True)]
    assert list(astuple(whole)) == sums
    assert whole.surplus_wh == sum(tally.surplus_wh for tally in periods)
    assert whole.complement_wh == sum(tally.complement_wh for tally in periods)


@given(tallies())
def test_rates_are_parts(tally: Tally) -> None:
    """Each is in [0, 1], and own use never lowers one."""
    for rate, total in (
        (tally.self_consumption_rate, tally.local_use),
        (tally.self_production_rate, tally.self_sufficiency),
    ):
        if rate is not None:
            assert total is not None
            assert 0 <= rate <= total <= 1
