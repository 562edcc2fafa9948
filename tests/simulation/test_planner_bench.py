"""The bench of the planner, small: the bars hold loosely, and the reference is one."""

from pathlib import Path

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.planner import plan
from script.benchmarks.planner import Outcome, outcomes, print_bars, print_outcomes
from script.benchmarks.planning.broken import broken, judged_eur
from script.benchmarks.planning.days import Case, all_cases, hard_cases, random_case
from script.benchmarks.planning.stored import GAP, reference_of, solve_missing, stored

FEW = [*hard_cases(), *(random_case(n, hours) for n in range(4) for hours in (24, 48))]
QUICK = random_case(0, 24)
OUTCOMES: list[Outcome] = []


def found() -> list[Outcome]:
    """Worked out once."""
    if not OUTCOMES:
        OUTCOMES.extend(outcomes(FEW, stored(), n_runs=1))
    return OUTCOMES


def test_plans_come_near_the_optimum_and_break_nothing() -> None:
    """Of each hard kind, and of some days as chance throws them."""
    assert len(found()) == len(FEW)
    gaps = [outcome.gap for outcome in found()]
    assert np.median(gaps) < 0.01
    assert max(gaps) < 0.03
    assert min(gaps) > -0.01
    assert sum(outcome.n_broken for outcome in found()) == 0


def test_plans_are_steady() -> None:
    """The same again, and nothing is moved for nothing."""
    assert all(outcome.is_same for outcome in found())
    assert sum(outcome.n_moved_for_nothing for outcome in found()) == 0


def test_a_plan_takes_no_long_time() -> None:
    """With much to spare: machines differ."""
    assert np.median([outcome.ms for outcome in found()]) < 1000


def test_tables_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """A row for each kind and each bar."""
    print_outcomes(found())
    print_bars(found())
    told = capsys.readouterr().out
    assert all(f"\n{outcome.kind} " in told for outcome in found())
    assert "gap, median" in told and "starts moved for nothing" in told


def test_every_optimum_is_stored_under_its_case() -> None:
    """A case that changed has none: script/bench planner --solve."""
    known = stored()
    for case in all_cases():
        assert known[case.key].name == case.name
        assert known[case.key].bound_eur <= known[case.key].cost_eur + 1e-3


def test_the_stored_optimum_is_found_again() -> None:
    """By the solver, now."""
    again, before = reference_of(QUICK), stored()[QUICK.key]
    bill = QUICK.base_eur + before.spent_eur
    assert again.cost_eur == pytest.approx(before.cost_eur, abs=2 * GAP * bill)


def test_only_what_is_missing_is_worked_out(tmp_path: Path) -> None:
    """And what no case asks for goes."""
    path = tmp_path / "optima.json"
    solve_missing([QUICK], path)
    assert list(stored(path)) == [QUICK.key]
    kept = path.read_text("utf-8")
    solve_missing([QUICK], path)
    assert path.read_text("utf-8") == kept


def moved(case: Case, name: str, by: int) -> dict[str, np.ndarray]:
    """A plan of which one load is moved by some steps."""
    drawn = dict(plan(case.tasks, case.setting).drawn_wh)
    drawn[name] = np.roll(drawn[name], by)
    return drawn


def test_what_breaks_a_rule_is_counted_and_costs() -> None:
    """A washing machine before it is loaded, a tank that is late."""
    case = hard_cases()[0]
    early = moved(case, "washing machine", -20)
    assert any(
        "washing machine" in rule for rule in broken(case.tasks, case.setting, early)
    )
    late = moved(case, "tank", 60)
    best = judged_eur(case.tasks, case.setting, plan(case.tasks, case.setting).drawn_wh)
    assert judged_eur(case.tasks, case.setting, late) > best
