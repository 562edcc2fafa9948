"""Everything that can go wrong with a feed, in types the shell can translate."""

from datetime import timedelta
from enum import StrEnum
from typing import override

from ..engine.errors import AccError


class InvitationProblem(StrEnum):
    """Why a pasted text is no invitation."""

    NOT_AN_ADDRESS = "not_an_address"
    NOT_SECURE = "not_secure"
    TOKEN_MISSING = "token_missing"
    TOKEN_INCOMPLETE = "token_incomplete"


class Problem(StrEnum):
    """Why a document is refused."""

    NOT_THERE = "not_there"
    """The host does not have it, or does not hand it out."""
    TOO_LARGE = "too_large"
    CANNOT_UNSEAL = "cannot_unseal"
    NOT_JSON = "not_json"
    """Not JSON at all, or cut off."""
    WRONG_FORMAT = "wrong_format"
    """No feed document, or another one than was asked for."""
    WRONG_VERSION = "wrong_version"
    MISSING_FIELD = "missing_field"
    WRONG_TYPE = "wrong_type"
    BAD_VALUE = "bad_value"
    """Of the right type, but not among the values the contract knows."""
    BAD_TIMESTAMP = "bad_timestamp"
    UNKNOWN_TIME_ZONE = "unknown_time_zone"
    PERIODS_OVERLAP = "periods_overlap"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE_ENERGY = "negative_energy"
    ARRAYS_DIFFER_IN_LENGTH = "arrays_differ_in_length"
    HOLES_DIFFER = "holes_differ"
    ALLOCATED_EXCEEDS_CONSUMPTION = "allocated_exceeds_consumption"
    SURPLUS_EXCEEDS_PRODUCTION = "surplus_exceeds_production"
    ALLOCATED_EXCEEDS_INJECTION = "allocated_exceeds_injection"
    ALLOCATED_EXCEEDS_WITHDRAWAL = "allocated_exceeds_withdrawal"
    BASE_EXCEEDS_TOTAL = "base_exceeds_total"
    DUPLICATE_STEPS = "duplicate_steps"
    STEPS_OUT_OF_ORDER = "steps_out_of_order"
    OUTSIDE_MONTH = "outside_month"
    STEP_CHANGES_INSIDE_DAY = "step_changes_inside_day"
    INCOMPLETE_DAY = "incomplete_day"
    OUTDATED = "outdated"
    """Of a lower revision than its index says."""


class FeedError(AccError):
    """Root of what the feed can raise; no message ever holds a token or a member's path."""


class InvitationError(FeedError):
    """A text that is no invitation."""

    def __init__(self, problem: InvitationProblem) -> None:
        """Keep why; the text itself is never repeated, it may hold a token."""
        super().__init__(problem.value)
        self.problem = problem


class DocumentError(FeedError):
    """A document that breaks the contract."""

    def __init__(
        self, document: str, problem: Problem, field: str = "", step: str | None = None
    ) -> None:
        """Name the document (its file name), the field (`blocks[1].start`) and the step."""
        super().__init__(document, problem, field, step)
        self.document = document
        self.problem = problem
        self.field = field
        """Path inside the document, empty for the document as a whole."""
        self.step = step
        """Start of the offending step, ISO 8601 with offset; None where no step is to blame."""

    @property
    def placeholders(self) -> dict[str, str]:
        """What the translated texts of a problem name; a dash where there is nothing."""
        return {
            "document": self.document,
            "field": self.field or "–",
            "step": self.step or "–",
        }

    @override
    def __str__(self) -> str:
        """One line for a log."""
        where = [self.document, self.field, self.step or ""]
        return f"{self.problem.value}: {' '.join(filter(None, where))}"


class AccessRefused(FeedError):
    """The member's index is not, or no longer, there for this token."""

    def __init__(self, status: int) -> None:
        """Keep the HTTP status that said so."""
        super().__init__(f"access refused: HTTP {status}")
        self.status = status


class FeedUnavailable(FeedError):
    """The feed did not answer as it should; a later try may succeed."""

    def __init__(
        self, document: str, reason: str, retry_after: timedelta | None = None
    ) -> None:
        """Name the document and why; `retry_after` is what the server asked for."""
        super().__init__(f"{document}: {reason}")
        self.document = document
        self.retry_after = retry_after
