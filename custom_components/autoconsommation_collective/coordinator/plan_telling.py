"""The plan as others take it: JSON values, and events of a calendar."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import isnan

from homeassistant.util.json import JsonObjectType

from ..adapters.reason import Texts, number_text
from ..engine.indicators import WH_PER_KWH
from ..engine.ledger import Gain
from ..engine.load_plan import Run
from .load_view import LoadsView, LoadView
from .telling import told_kwh, told_time

EUR_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class RunEvent:
    """A planned run, in words."""

    load_id: str
    start: datetime
    end: datetime
    summary: str
    description: str


def run_events(view: LoadsView, texts: Texts, language: str) -> tuple[RunEvent, ...]:
    """The runs of all loads, in order of time."""
    events = [
        RunEvent(
            load.settings.id,
            run.start,
            run.end,
            texts.get("calendar", "{name}").format_map(
                {
                    "name": load.settings.name,
                    "kwh": number_text(run.energy_wh / WH_PER_KWH, language),
                }
            ),
            load.reason if run is load.run else "",
        )
        for load in view.loads.values()
        if load.plan
        for run in load.plan.runs
    ]
    return tuple(sorted(events, key=lambda event: (event.start, event.load_id)))


def told_plan(view: LoadsView, time_zone: tzinfo) -> JsonObjectType:
    """What each load does, what that should cost, and what was rejected would.

    The usual schedules were, or a plan that they are better than.
    """
    plan = view.plan
    return {
        "made_at": told_time(plan.made_at, time_zone) if plan else None,
        "is_usual": plan.is_default if plan else None,
        "cost_eur": _eur(plan.cost_eur) if plan else None,
        "rejected_cost_eur": _eur(plan.rejected_eur) if plan else None,
        "loads": [told_load(load, time_zone) for load in view.loads.values()],
        "gain": _told_gain(view.gain),
    }


def told_load(load: LoadView, time_zone: tzinfo) -> JsonObjectType:
    """One load: what it does, why, and what it gained."""
    plan = load.plan
    return {
        "id": load.settings.id,
        "name": load.settings.name,
        "status": load.status.value,
        "reason": load.reason,
        "reason_key": plan.why.value if plan else None,
        "is_controlled": load.is_controlled,
        "why_not_controlled": load.settings.no_control
        and load.settings.no_control.value,
        "runs": [told_run(run, time_zone) for run in plan.runs] if plan else [],
        "short_kwh": told_kwh(plan.short_wh) if plan else None,
        "cost_eur": _eur(plan.cost_eur) if plan else None,
        "usual_cost_eur": _eur(plan.default_eur) if plan else None,
        "gain": _told_gain(load.gain),
        "gain_missed": _told_gain(load.missed),
    }


def told_run(run: Run, time_zone: tzinfo) -> JsonObjectType:
    """A run: when, how much, and what of it the operation should cover."""
    return {
        "start": told_time(run.start, time_zone),
        "end": told_time(run.end, time_zone),
        "kwh": told_kwh(run.energy_wh),
        "covered_kwh": told_kwh(run.covered_wh),
    }


def _told_gain(gain: Gain) -> JsonObjectType:
    return {
        "shifted_kwh": told_kwh(gain.shifted_wh),
        "covered_kwh": told_kwh(gain.covered_wh),
        "saved_eur": _eur(gain.saved_eur),
        "settled_part": round(gain.settled_part, 2),
        "unknown_needs": gain.unknown_needs,
    }


def _eur(eur: float) -> float | None:
    return None if isnan(eur) else round(eur, EUR_DECIMALS)
