"""What can go wrong with the grid operator's interface; no text ever holds a key or a number."""

from datetime import timedelta
from enum import StrEnum

from ..engine.errors import AccError


class AccProblem(StrEnum):
    """Why there is no answer."""

    REFUSED = "refused"
    """The key is not, or no longer, good for this agreement and this delivery point."""
    NOT_THERE = "not_there"
    """Nothing is known of this agreement, delivery point or period."""
    TOO_OFTEN = "too_often"
    """Asked more often than is allowed."""
    UNAVAILABLE = "unavailable"
    """No answer, or one that says that something is wrong there."""
    UNREADABLE = "unreadable"
    """Too large, no JSON, or not as it is documented."""


class AccApiError(AccError):
    """A question that was not answered."""

    def __init__(
        self,
        problem: AccProblem,
        reason: str,
        retry_after: timedelta | None = None,
        *,
        is_answer: bool = False,
    ) -> None:
        """Keep why; `retry_after` is what the server asked for.

        `is_answer` where this one question was answered so: another may be answered otherwise.
        """
        super().__init__(f"{problem.value}: {reason}")
        self.problem = problem
        self.retry_after = retry_after
        self.is_answer = is_answer
