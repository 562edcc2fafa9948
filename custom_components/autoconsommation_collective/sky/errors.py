"""What can go wrong with a weather service; no message ever holds a place."""

from datetime import timedelta
from enum import StrEnum
from typing import override

from ..engine.errors import AccError


class WeatherProblem(StrEnum):
    """Why an answer about the weather cannot be read."""

    REFUSED = "refused"
    """The service does not take the question; asking again changes nothing."""
    TOO_LARGE = "too_large"
    NOT_JSON = "not_json"
    """Not JSON at all, or cut off."""
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    WRONG_UNIT = "wrong_unit"
    NOT_A_NUMBER = "not_a_number"
    ARRAYS_DIFFER_IN_LENGTH = "arrays_differ_in_length"
    IRREGULAR_TIMES = "irregular_times"
    """No steps of one length, up to an hour, one after the other."""


class WeatherError(AccError):
    """An answer that breaks what the service documents."""

    def __init__(self, problem: WeatherProblem, field: str = "") -> None:
        """Keep why, and the field (`hourly.time`), empty for the answer as a whole."""
        super().__init__(problem, field)
        self.problem = problem
        self.field = field

    @override
    def __str__(self) -> str:
        """One line for a log."""
        return (
            f"{self.problem.value}: {self.field}" if self.field else self.problem.value
        )


class WeatherUnavailable(AccError):
    """The service did not answer as it should; a later try may succeed."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        """Keep why; `retry_after` is what the service asked for."""
        super().__init__(reason)
        self.retry_after = retry_after
