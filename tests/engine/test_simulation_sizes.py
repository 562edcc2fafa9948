"""Plants of any size: what rises with them, what falls, and what is only typical of both."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from hypothesis import assume, given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.simulation import (
    PeriodOutcome,
    simulate,
    sizes,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    Producer,
    Scenario,
    Study,
    StudyError,
    StudyProblem,
)

from .study_cases import EXHAUSTING, names_of_keys, picked, small, studies


def rates(
    study: Study, key: str, factors: tuple[float, ...] = (0.1, 0.5, 1, 1.5, 4, 50)
) -> Iterator[PeriodOutcome]:
    """Totals with the first plant ever larger."""
    of = [Scenario("size", producers={study.producers[0].id: f}) for f in factors]
    return (found.total for found in simulate(study, [key], of))


def falls(numbers: list[float | None]) -> bool:
    """Whether any is below the one before, by more than a rounding."""
    return any(b < a - 1e-9 for a, b in pairwise(numbers))


@given(studies(behind=False, candidates=False), st.data())
def test_self_production_never_falls_as_a_plant_grows_up_to_a_ceiling(
    study: Study, data: st.DataObject
) -> None:
    """Verviers: a law of every key, beside any other plants, unless it is behind a meter.

    With more to share, no rule gives anybody less. The ceiling is what is consumed in steps
    in which something is produced.
    """
    assume(study.producers)
    key = data.draw(st.sampled_from(names_of_keys(study)))
    found = [total.tally.self_production_rate for total in rates(study, key)]
    assume(found[0] is not None)
    assert not falls(found)
    used = lit = 0.0
    for curves in study.curves:
        known = ~np.isnan(np.hstack([curves.consumption, curves.production])).any(1)
        if curves.coefficients is not None:
            shares = curves.coefficients.reshape(len(known), -1)
            known &= ~np.isnan(shares).any(1)
        by_step = curves.consumption.sum(axis=1)
        used += by_step[known].sum()
        lit += by_step[known & (curves.production.sum(axis=1) > 0)].sum()
    assert found[-1] <= lit / used + 1e-9
    if key in EXHAUSTING and len(study.producers) == 1:
        (largest,) = rates(study, key, (1e9,))
        assert largest.tally.self_production_rate == pytest.approx(lit / used)


@given(studies(behind=False, candidates=False), st.data())
def test_sharing_rate_never_rises_as_the_only_plant_grows(
    study: Study, data: st.DataObject
) -> None:
    """Verviers: a law of every key where no plant of another curve takes part.

    Keys know no unit, so that twice the production is shared as the same production would be
    among half the consumption; and no rule shares more because less is consumed.
    """
    assume(study.producers)
    alone = picked(study, list(range(len(study.consumers))), [0])
    key = data.draw(st.sampled_from(names_of_keys(alone)))
    found = [total.tally.self_consumption_rate for total in rates(alone, key)]
    assume(found[0] is not None)
    assert not falls(found[::-1])


def test_sharing_rate_may_rise_with_a_plant_that_produces_when_others_do_not() -> None:
    """Only typical, no law, beside other plants: a mill at night raises it."""
    roof = [[1000.0], [0.0]]
    mill = [[0.0], [100.0]]
    study = small([[100.0], [500.0]], np.hstack([mill, roof]))
    found = [total.tally.self_consumption_rate for total in rates(study, "prorata")]
    assert found[0] == pytest.approx(110 / 1010)
    assert found[4] == pytest.approx(500 / 1400)


def test_self_production_may_fall_as_a_plant_behind_a_meter_grows() -> None:
    """What a home no longer withdraws, neighbours no longer cover: own use is in neither."""
    study = small([[400.0], [400.0]], [[400.0, 400.0], [0.0, 0.0]], behind="site 0")
    scenes = [Scenario("without", producers={"site 0": 0}), AS_IT_IS]
    without, with_plant = (o.total for o in simulate(study, ["prorata"], scenes))
    assert without.tally.self_production_rate == 0.5
    assert with_plant.tally.self_production_rate == 0
    assert without.tally.self_sufficiency == with_plant.tally.self_sufficiency == 0.5


@given(studies(candidates=False), st.data())
def test_self_sufficiency_never_falls_even_behind_meters(
    study: Study, data: st.DataObject
) -> None:
    """Where the key leaves nothing that anybody lacks: own use or shared, it is used here."""
    assume(study.producers)
    key = data.draw(st.sampled_from(EXHAUSTING))
    found = [total.tally.self_sufficiency for total in rates(study, key)]
    assume(found[0] is not None)
    assert not falls(found)


def test_sizes_of_a_plant_scale_its_curve() -> None:
    """From the power that the curve stands for; others keep theirs."""
    roof = Producer("site 0", peak_power_kw=4.0)
    study = small([[9000.0]], [[100.0, 10.0]])
    mill = replace(study.producers[1], peak_power_kw=5.0)
    study = replace(study, producers=(roof, mill))
    tried = sizes(roof, (0, 2, 6.5))
    assert [s.name for s in tried] == [
        "site 0 0 kWc",
        "site 0 2 kWc",
        "site 0 6.5 kWc",
    ]
    found = list(simulate(study, ["prorata"], tried))
    assert [o.peak_power_kw for o in found] == [5.0, 7.0, 11.5]
    assert [o.total.tally.production_wh for o in found] == [10.0, 60.0, 172.5]


@pytest.mark.parametrize("power", [None, 0.0])
def test_sizes_need_the_power_of_the_curve(power: float | None) -> None:
    """It is not made up."""
    with pytest.raises(StudyError) as raised:
        sizes(Producer("roof", peak_power_kw=power), (3,))
    assert raised.value.problem is StudyProblem.VALUE_MISSING
    assert (raised.value.participant, raised.value.field) == ("roof", "kwc")
