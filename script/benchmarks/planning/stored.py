"""Optima that were worked out once: a file of them, by the hash of their case."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
import json
from pathlib import Path
import time
from typing import Final

from .broken import broken, judged_eur, spent_eur
from .days import Case
from .optimum import optimum

STORE: Final = Path(__file__).with_name("optima.json")
SECONDS: Final = 60.0
"""For each case; then its bound stands for the optimum."""
GAP: Final = 1e-3
"""Of the bill, within which a plan counts as the best."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a case costs at least."""

    name: str
    cost_eur: float
    """Of the best plan found, with what is short, less what optional energy is worth."""
    bound_eur: float
    """Proven: no plan costs less."""
    spent_eur: float
    """Of the best plan: what its loads cost, with their wear."""
    seconds: float
    """Of the processor, that the solver took."""
    is_finished: bool

    @property
    def least_eur(self) -> float:
        """What plans are held against: the best one, or the bound where it may not be."""
        return self.cost_eur if self.is_finished else self.bound_eur


def stored(path: Path = STORE) -> dict[str, Reference]:
    """References by the hash of their case."""
    if not path.exists():
        return {}
    told = json.loads(path.read_text("utf-8"))
    return {key: Reference(**fields) for key, fields in told.items()}


def reference_of(case: Case, seconds: float = SECONDS) -> Reference:
    """Work one out, and check that it is a plan and costs what the solver says."""
    start = time.process_time()
    found = optimum(
        case.tasks, case.setting, base_eur=case.base_eur, seconds=seconds, gap=GAP
    )
    took = time.process_time() - start
    if found.drawn_wh is None:
        raise ValueError(f"{case.name}: no plan within {seconds:.0f} s")
    rules = broken(case.tasks, case.setting, found.drawn_wh)
    judged = judged_eur(case.tasks, case.setting, found.drawn_wh)
    if rules or abs(judged - found.cost_eur) > 1e-3:
        raise ValueError(
            f"{case.name}: {judged:.4f} €, solver {found.cost_eur:.4f} €, {rules}"
        )
    return Reference(
        name=case.name,
        cost_eur=round(judged, 5),
        bound_eur=round(found.bound_eur, 5),
        spent_eur=round(spent_eur(case.tasks, case.setting, found.drawn_wh), 5),
        seconds=round(took, 1),
        is_finished=found.is_finished,
    )


def solve_missing(cases: Iterable[Case], path: Path = STORE) -> None:
    """Work out what the store lacks, and keep each at once; what no case asks for goes."""
    known: Mapping[str, Reference] = stored(path)
    kept = {case.key: known[case.key] for case in cases if case.key in known}
    for case in cases:
        if case.key in kept:
            continue
        try:
            kept[case.key] = reference_of(case)
        except ValueError as error:
            print(error, flush=True)
            continue
        told = {key: asdict(reference) for key, reference in kept.items()}
        path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(case.name, kept[case.key], flush=True)
