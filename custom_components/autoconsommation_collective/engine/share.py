"""What is expected: the part of the operation that reaches this home, before any settlement.

An estimate, never a settlement: the operation's energies are forecasts of the organiser.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .model import KeyType, Member, Operation, Role, in_force


class Missing(StrEnum):
    """Why there is no estimate."""

    NO_FEED = "no_feed"
    NO_METER = "no_meter"
    METER_SILENT = "meter_silent"
    NO_FORECAST = "no_forecast"
    NO_WITHDRAWAL = "no_withdrawal"
    KEY_UNKNOWN = "key_unknown"
    NOT_MEMBER = "not_member"
    NOT_CONSUMER = "not_consumer"


@dataclass(frozen=True, slots=True)
class CommunityStep:
    """What the organiser expects of all members together during one step."""

    shared_injection_wh: float
    """Injected by the operation's plants after their owners' own use."""
    withdrawal_wh: float | None
    """Expected to be withdrawn by all members without what they steer; None where the group
    is too small to publish it."""
    members: int | None = None
    """How many they are."""

    @property
    def surplus_wh(self) -> float | None:
        """Injected and not withdrawn by any member; None when withdrawal is unknown."""
        if self.withdrawal_wh is None:
            return None
        return max(0.0, self.shared_injection_wh - self.withdrawal_wh)


@dataclass(frozen=True, slots=True)
class ShareRule:
    """How this home's part of a step follows from the key in force."""

    key: KeyType
    coefficient: float | None = None
    """Of a static key."""


def rule_in_force(
    operation: Operation | None, member: Member | None, day: date
) -> ShareRule | Missing:
    """How this home's share follows from the key, on a local day of its membership."""
    if operation is None or member is None:
        return Missing.NO_FEED
    if not any(period.covers(day) for period in member.membership):
        return Missing.NOT_MEMBER
    if member.role is Role.PRODUCER:
        return Missing.NOT_CONSUMER
    keys = in_force(operation.keys, day)
    if not keys:
        return Missing.KEY_UNKNOWN
    coefficients = in_force(member.coefficients, day)
    return ShareRule(keys[0].type, coefficients[0].value if coefficients else None)


def expected_allocated_wh(
    own_wh: float,
    community: CommunityStep,
    rule: ShareRule,
    coverage: float | None = None,
) -> float | Missing:
    """Expected allocated energy of a step in which the home withdraws own_wh.

    Static: the coefficient's part of the injection, within the withdrawal. Otherwise the
    part that settled months let expect, in [0, 1], where it is given. Default dynamic
    without it: everybody is covered in the same proportion (Code de l'énergie D315-6).
    Other keys depend on coefficients that only settled months show.
    """
    if rule.key is KeyType.STATIC and rule.coefficient is not None:
        return min(own_wh, rule.coefficient * community.shared_injection_wh)
    if coverage is not None:
        return min(own_wh * coverage, community.shared_injection_wh)
    if rule.key is not KeyType.DEFAULT_DYNAMIC:
        return Missing.KEY_UNKNOWN
    withdrawal_wh = _withdrawal_with(own_wh, community)
    if withdrawal_wh is None:
        return Missing.NO_WITHDRAWAL
    if withdrawal_wh <= 0:
        return 0.0
    return own_wh * min(1.0, community.shared_injection_wh / withdrawal_wh)


def expected_shared_wh(
    own_wh: float,
    community: CommunityStep,
    key: KeyType | None,
    coverage: float | None = None,
) -> float | Missing:
    """Expected part of what a producer injects in a step that members take.

    Of all that is injected the same part is taken from each producer. Members take what the
    settled months let expect of their withdrawal, where that is given; under the default
    dynamic key without it, all that they withdraw. Other keys may leave some of it.
    """
    if key is None or (coverage is None and key is not KeyType.DEFAULT_DYNAMIC):
        return Missing.KEY_UNKNOWN
    if community.withdrawal_wh is None:
        return Missing.NO_WITHDRAWAL
    injected_wh = max(own_wh, community.shared_injection_wh)
    if injected_wh <= 0:
        return 0.0
    taken_wh = community.withdrawal_wh * (1.0 if coverage is None else coverage)
    return own_wh * min(1.0, taken_wh / injected_wh)


def _withdrawal_with(own_wh: float, community: CommunityStep) -> float | None:
    """Withdrawn by all members when this home withdraws own_wh.

    The organiser expects a usual withdrawal of each; what this home draws beyond a usual
    one comes on top, as a water heater or a washing machine does.
    """
    expected_wh = community.withdrawal_wh
    if expected_wh is None:
        return None
    if not community.members:
        return max(expected_wh, own_wh)
    return expected_wh + max(0.0, own_wh - expected_wh / community.members)
