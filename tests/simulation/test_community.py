"""The bench of homes that share the sun: its parts, and its bars on a few days of each season."""

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.keys import ProRataKey
from script.benchmarks.sharing.adoption import neighbours_gain
from script.benchmarks.sharing.case import Case, even_places, group
from script.benchmarks.sharing.days import WEEKS, four_weeks
from script.benchmarks.sharing.outcome import NIGHT, outcome_of, saved_eur
from script.benchmarks.sharing.plans import Actuator, Claim
from script.simulation.year import net

SPANS = {operation: four_weeks(operation, n_days=3) for operation in ("A", "B")}
CASES = {
    (operation, claim): Case(span, claim)
    for operation, span in SPANS.items()
    for claim in (Claim.PRORATA, Claim.STATIC)
}
A = CASES["A", Claim.PRORATA]
ALL = group(A)
EACH = pytest.mark.parametrize(
    "case", [pytest.param(case, id=" ".join(name)) for name, case in CASES.items()]
)


def test_days_of_each_season() -> None:
    """Glued one to the other, none torn, none twice."""
    assert [week.month for week in WEEKS] == [1, 4, 7, 10]
    year = A.year
    assert year.days.n_days == 12
    assert year.grid.n_steps == 12 * 48
    assert (np.bincount(year.days.day_of_step) == 48).all()
    assert (year.days.hour[year.days.midnights[:-1]] == 0).all()


def test_places_lie_evenly() -> None:
    """However many there are."""
    assert even_places(range(4)).tolist() == [0, 0.5, 0.25, 0.75]


@EACH
def test_no_plan_passes_the_bound(case: Case) -> None:
    """Under the linear program is what any of ours attains; nights are below all."""
    everybody = group(case)
    bound = everybody.bound.local_use
    for foresight in (True, False):
        found = everybody.signal(foresight, Actuator.DIMMER, 0.3)
        assert case.night.local_use < found.local_use < bound + 0.002


@EACH
def test_tanks_are_warm_in_the_end(case: Case) -> None:
    """Whatever the plan, all that is needed is drawn, by day or by night."""
    need_kwh = case.year.heater_need_wh.sum() / 1000
    everybody = group(case)
    base = outcome_of(case.year, np.zeros_like(case.year.base_wh), ProRataKey())
    for found in (
        case.night,
        everybody.noon,
        everybody.signal(False, Actuator.RELAY, 0.3),
    ):
        drawn = found.load_kwh - base.load_kwh
        assert drawn == pytest.approx(need_kwh)


@pytest.mark.parametrize(
    ("foresight", "actuator", "caution", "least"),
    [
        pytest.param(True, Actuator.DIMMER, 0.3, 0.99, id="perfect, dimmer"),
        pytest.param(True, Actuator.RELAY, 0.3, 0.97, id="perfect, relay"),
        pytest.param(True, Actuator.WHOLE, 0.3, 0.91, id="perfect, whole steps"),
        pytest.param(False, Actuator.RELAY, 0.3, 0.88, id="day-ahead"),
        pytest.param(
            False, Actuator.RELAY, 0.57, 0.84, id="day-ahead, by night prices"
        ),
    ],
)
def test_our_signal_is_near_the_bound(
    foresight: bool, actuator: Actuator, caution: float, least: float
) -> None:
    """By less than over a whole year: few days are luck."""
    found = ALL.signal(foresight, actuator, caution)
    assert found.sharing > least * ALL.bound.sharing


def test_a_common_hour_is_clearly_worse() -> None:
    """Even the best one, and it costs those who pay night prices."""
    for foresight in (True, False):
        herd = ALL.herd(foresight)
        ours = ALL.signal(foresight, Actuator.RELAY, 0.3)
        assert ours.sharing > herd.sharing + 0.05
        assert ours.peak_kw < herd.peak_kw - 10
        homes = ALL.followers.homes
        assert saved_eur(herd, A.night, NIGHT, homes) < 0


@pytest.mark.parametrize("foresight", [True, False], ids=["perfect", "day-ahead"])
def test_machines_started_by_hand_take_turns(foresight: bool) -> None:
    """All at once, the first good step is fought over, and the others are left."""
    at_once, in_turn = (
        ALL.signal(foresight, actuator, 0.3).sharing
        for actuator in (Actuator.AT_ONCE, Actuator.IN_TURN)
    )
    assert in_turn > at_once + 0.1


@pytest.mark.parametrize("part", [0.25, 0.75])
def test_neighbours_lose_nothing_to_who_knows_all(part: float) -> None:
    """And less to our signal than to a common hour in any case."""
    some = group(A, part)
    assert neighbours_gain(some, some.signal(True, Actuator.DIMMER, 0.3)) > -0.001
    ours = neighbours_gain(some, some.signal(False, Actuator.RELAY, 0.45))
    assert ours > neighbours_gain(some, some.herd(foresight=False))


def test_own_tanks_first_leave_others_less() -> None:
    """The producers' choice decides what homes without a plant are allotted."""
    case = CASES["B", Claim.PRORATA]
    everybody = group(case)
    others = np.setdiff1d(np.arange(case.year.n_homes), case.producers)
    community, own = (
        everybody.signal(True, Actuator.DIMMER, 0.3, own_first=choice)
        .kwh[others]
        .mean()
        for choice in (False, True)
    )
    assert own < community / 2


def test_what_is_published_was_known() -> None:
    """Tomorrow's forecast is the same whatever tomorrow brings."""
    published, _ = ALL.day_ahead
    changed = four_weeks("A", n_days=3)
    last_month = changed.months == changed.months[changed.day_numbers[-1]]
    steps = last_month[changed.whole.days.day_of_step]
    changed.whole.base_wh[steps] *= 3
    changed.whole.plant_wh[steps] /= 2
    again, _ = group(Case(changed, Claim.PRORATA)).day_ahead
    assert (again.withdrawal_wh == published.withdrawal_wh).all()
    assert (again.deviation_wh == published.deviation_wh).all()
    assert (net(changed.year)[0] != net(A.year)[0]).any()
