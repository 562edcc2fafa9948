"""Errors of the engine: one root, so that the shell translates them in one place."""

from enum import StrEnum
from typing import override


class AccError(Exception):
    """Root of every error this integration raises on purpose."""


class AllocationProblem(StrEnum):
    """Why energies cannot be shared."""

    WRONG_SHAPE = "wrong_shape"
    """Not a row per step and a column per participant."""
    STEPS_DIFFER = "steps_differ"
    """Curves of different length; they are never aligned by guessing."""
    HOLE = "hole"
    """A step without a value; nothing can be shared with an unknown consumption."""
    NOT_AN_ENERGY = "not_an_energy"
    """Negative or infinite."""
    NOT_WHOLE = "not_whole"
    """Not in whole Wh, where meters count whole Wh."""
    PARTICIPANT_MISSING = "participant_missing"
    """A key that says nothing of a participant, or something of a stranger."""
    COEFFICIENT_OUT_OF_RANGE = "coefficient_out_of_range"
    COEFFICIENTS_ABOVE_ONE = "coefficients_above_one"
    """More than the production cannot be given away."""
    ROUNDS_NOT_KNOWN = "rounds_not_known"
    """A number of rounds, or parts for them, that no rule provides for."""


class AllocationError(AccError):
    """Energies or coefficients that cannot be shared."""

    def __init__(
        self,
        problem: AllocationProblem,
        table: str,
        *,
        participant: int | None = None,
        step: int | None = None,
        found: object = "",
    ) -> None:
        """Name the table, the participant's column, the step's row and what stands there."""
        super().__init__(problem, table, participant, step, found)
        self.problem = problem
        self.table = table
        """`production`, `consumption`, or the part of the key that is wrong."""
        self.participant = participant
        """Column, from 0; None where no single one is to blame."""
        self.step = step
        """Row, from 0; None where no single one is to blame."""
        self.found = str(found)

    @override
    def __str__(self) -> str:
        """One line, as `hole: consumption, participant 1, step 2: nan`."""
        where = [
            self.table,
            f"participant {self.participant}" if self.participant is not None else "",
            f"step {self.step}" if self.step is not None else "",
        ]
        text = f"{self.problem.value}: {', '.join(filter(None, where))}"
        return f"{text}: {self.found}" if self.found else text
