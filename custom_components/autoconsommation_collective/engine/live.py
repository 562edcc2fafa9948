"""The home now: its own meter against what the organiser expects of all members together."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from .blocks import HOUR, Block, Quantity
from .share import CommunityStep, Missing, ShareRule, expected_allocated_wh


@dataclass(frozen=True, slots=True)
class LiveEstimate:
    """What is expected now, as mean powers over the step in progress."""

    allocated_w: float | None
    coverage: float | None
    """Part of the home's withdrawal that is expected to be allocated, in [0, 1]."""
    community_production_w: float | None
    """Injected for the operation, after the producers' own use."""
    community_surplus_w: float | None
    missing: Missing | None = None
    """Why nothing is expected to be allocated, where it is not known."""


def community_between(
    forecast: Iterable[Block],
    start: datetime,
    end: datetime,
    members: int | None = None,
) -> CommunityStep | Missing:
    """What the organiser expects of its members between two instants.

    Steps are cut short in proportion.
    """
    blocks = tuple(forecast)
    injection_wh = _energy_between(blocks, Quantity.SHARED_INJECTION, start, end)
    if injection_wh is None:
        return Missing.NO_FORECAST
    return CommunityStep(
        shared_injection_wh=injection_wh,
        withdrawal_wh=_energy_between(blocks, Quantity.BASE_WITHDRAWAL, start, end),
        members=members,
    )


def live_estimate(
    *,
    step: timedelta,
    own_w: float | Missing,
    community: CommunityStep | Missing,
    rule: ShareRule | Missing,
    coverage: float | None = None,
) -> LiveEstimate:
    """The estimate for a home that withdraws own_w throughout the step in progress.

    `coverage` is the part that settled months let expect, in [0, 1].
    """
    if isinstance(community, Missing):
        # One who has left need not wait for a forecast.
        return _unknown(rule if rule is Missing.NOT_MEMBER else community)
    hours = step / HOUR
    found = _allocated_w(hours, own_w, community, rule, coverage)
    allocated_w = None if isinstance(found, Missing) else found
    return LiveEstimate(
        allocated_w=allocated_w,
        coverage=None
        if isinstance(own_w, Missing) or allocated_w is None or not own_w
        else allocated_w / own_w,
        community_production_w=community.shared_injection_wh / hours,
        community_surplus_w=None
        if community.surplus_wh is None
        else community.surplus_wh / hours,
        missing=found if isinstance(found, Missing) else None,
    )


def open_step_allocated_wh(
    *,
    step: timedelta,
    elapsed: timedelta,
    own_wh: float,
    community: CommunityStep | Missing,
    rule: ShareRule | Missing,
    coverage: float | None = None,
) -> float | None:
    """Expected allocated energy of a step in progress, in which own_wh was drawn so far.

    As if the home went on as it began; then the part of the step that has passed.
    """
    if isinstance(community, Missing) or isinstance(rule, Missing) or not elapsed:
        return None
    part = elapsed / step
    allocated_wh = expected_allocated_wh(own_wh / part, community, rule, coverage)
    return None if isinstance(allocated_wh, Missing) else allocated_wh * part


def _unknown(missing: Missing) -> LiveEstimate:
    return LiveEstimate(
        allocated_w=None,
        coverage=None,
        community_production_w=None,
        community_surplus_w=None,
        missing=missing,
    )


def _allocated_w(
    hours: float,
    own_w: float | Missing,
    community: CommunityStep,
    rule: ShareRule | Missing,
    coverage: float | None,
) -> float | Missing:
    if isinstance(rule, Missing):
        return rule
    if isinstance(own_w, Missing):
        return own_w
    allocated_wh = expected_allocated_wh(own_w * hours, community, rule, coverage)
    return allocated_wh if isinstance(allocated_wh, Missing) else allocated_wh / hours


def _energy_between(
    blocks: Iterable[Block], quantity: Quantity, start: datetime, end: datetime
) -> float | None:
    """Energy in Wh between two instants; None unless every part of it is known."""
    energy_wh = 0.0
    covered = timedelta(0)
    for block in blocks:
        if quantity not in block.energies:
            continue
        begin, stop = max(start, block.start), min(end, block.end)
        if begin >= stop:
            continue
        edges = np.arange(block.n_steps + 1) * block.step.total_seconds()
        low, high = ((t - block.start).total_seconds() for t in (begin, stop))
        parts = np.diff(np.clip(edges, low, high)) / block.step.total_seconds()
        used = parts > 0
        energy_wh += float((block.energies[quantity][used] * parts[used]).sum())
        covered += stop - begin
    return energy_wh if covered == end - start and not np.isnan(energy_wh) else None
