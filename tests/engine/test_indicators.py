"""Rates, against published figures."""

import pytest

from custom_components.autoconsommation_collective.engine.indicators import (
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
