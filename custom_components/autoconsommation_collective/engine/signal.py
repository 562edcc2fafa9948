"""What to do about it: is now a good time to consume, and why.

First version: an extra kilowatt used during this step would be covered by what is left in
the operation. It looks at this step only and promises nothing about the next.
"""

from dataclasses import dataclass
from enum import StrEnum

from .share import Missing

EXTRA_LOAD_W = 1000.0
"""The load the question is asked for: about a washing machine's mean power while heating."""


class Reason(StrEnum):
    """Why it is, or is not, a good time."""

    COVERED = "covered"
    NOT_ENOUGH = "not_enough"
    NO_PRODUCTION = "no_production"


@dataclass(frozen=True, slots=True)
class Signal:
    """The answer, with what it rests on."""

    good: bool | None
    """None: not known."""
    reason: Reason | Missing
    left_w: float | None = None
    """Mean power still free for this home during the step."""


def good_time(left_w: float | Missing, community_production_w: float | None) -> Signal:
    """Whether an extra kilowatt would be covered by what is left for this home."""
    if isinstance(left_w, Missing):
        return Signal(good=None, reason=left_w)
    if left_w >= EXTRA_LOAD_W:
        return Signal(good=True, reason=Reason.COVERED, left_w=left_w)
    if community_production_w == 0:
        return Signal(good=False, reason=Reason.NO_PRODUCTION, left_w=left_w)
    return Signal(good=False, reason=Reason.NOT_ENOUGH, left_w=left_w)
