"""What is ahead as others take it: JSON values, hours of the Energy dashboard, sentences."""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from math import isnan

from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType
import numpy as np

from ..adapters.spoken import Asked, async_spoken
from ..engine.blocks import HOUR, Energies
from ..engine.contract import CostsMissing
from ..engine.indicators import WH_PER_KWH
from ..engine.outlook import Degraded, Outlook
from ..engine.profile import Expected
from ..engine.settlement import MonthTotals
from ..engine.signal import Window
from .share import AccSnapshot

KWH_DECIMALS = 3
"""To the Wh, as meters count."""
PRICE_DECIMALS = 4
"""A hundredth of a cent, as on bills."""
CHANCE_DECIMALS = 2
"""In hundredths: a chance is not known any better."""
RATE_DECIMALS = 3
"""Of settled energies, which are known to the Wh."""


def told_outlook(
    outlook: Outlook, now: datetime, hours: int, time_zone: tzinfo
) -> JsonObjectType:
    """The steps from the one in progress on, and the windows in them; null: not known.

    As many hours as are asked for, or as the outlook has. Times are local, with their offset.
    """
    grid = outlook.grid
    first = max(0, (now - grid.start) // grid.step)
    after = min(
        grid.n_steps, -((grid.start - now - timedelta(hours=hours)) // grid.step)
    )
    until = grid.start + after * grid.step
    return {
        "steps": [_step(outlook, n, time_zone) for n in range(first, after)],
        "windows": [
            told_window(window, time_zone)
            for window in outlook.windows
            if window.end > now and window.start < until
        ],
        "missing": [kind.value for kind in Degraded if kind in outlook.degraded],
    }


def told_now(snapshot: AccSnapshot, time_zone: tzinfo) -> JsonObjectType:
    """The signal with its reason, the good window in progress or the next, and how sure."""
    signal, ahead, window = snapshot.signal, snapshot.ahead, _window(snapshot)
    return {
        "good_time": signal.level.is_good if signal else None,
        "level": signal.level.value if signal else None,
        "since": told_time(signal.since, time_zone) if signal else None,
        "reason": snapshot.reason or None,
        "reason_key": signal.reason.value if signal else None,
        "eur_per_kwh": _price(ahead.eur_per_kwh) if ahead else None,
        "window": told_window(window, time_zone) if window else None,
        "confidence": snapshot.confidence.value if snapshot.confidence else None,
    }


async def async_spoken_answer(
    hass: HomeAssistant,
    asked: Asked,
    language: str,
    memberships: Sequence[tuple[str, AccSnapshot, tzinfo]],
) -> str:
    """What a voice assistant says, of each membership by its name where there are several."""
    words = await async_spoken(hass, language)
    answers = [
        (
            name,
            words.answer(
                asked,
                snapshot.signal,
                _window(snapshot),
                snapshot.confidence,
                snapshot.now,
                time_zone,
            ),
        )
        for name, snapshot, time_zone in memberships
    ]
    if not answers:
        return words.texts["no_membership"]
    if len(answers) == 1:
        return answers[0][1]
    return " ".join(f"{name}: {answer}" for name, answer in answers)


def _window(snapshot: AccSnapshot) -> Window | None:
    """The good window in progress, else the next."""
    if snapshot.signal is not None and snapshot.signal.level.is_good:
        return snapshot.signal.window
    return snapshot.ahead.window if snapshot.ahead else None


def told_window(window: Window, time_zone: tzinfo) -> JsonObjectType:
    """A good window: when, this home's energy in it, how surely and at what cost."""
    return {
        "start": told_time(window.start, time_zone),
        "end": told_time(window.end, time_zone),
        "energy_kwh": told_kwh(window.energy_wh),
        "probability": _chance(window.probability),
        "eur_per_kwh": _price(window.eur_per_kwh),
    }


def told_month(totals: MonthTotals) -> JsonObjectType:
    """The result of a settled month, with what this member does: consume, inject or both."""
    rate = totals.self_production_rate
    told: JsonObjectType = {
        "month": totals.month,
        "allocated_kwh": told_kwh(totals.allocated_wh),
        "complement_kwh": told_kwh(totals.complement_wh),
        "self_production_rate": None if rate is None else round(rate, RATE_DECIMALS),
        "production_kwh": told_kwh(totals.production_wh),
        "surplus_kwh": told_kwh(totals.surplus_wh),
    }
    return {key: value for key, value in told.items() if value is not None}


def allocated_by_hour(outlook: Outlook, time_zone: tzinfo) -> dict[str, float]:
    """Expected allocation in Wh by the local start of each hour; whole known hours only."""
    per_hour = max(1, HOUR // outlook.grid.step)
    return {
        told_time(outlook.grid.starts[n], time_zone): round(float(wh), 1)
        for n in range(0, outlook.grid.n_steps, per_hour)
        if not isnan(wh := outlook.allocated.mean[n : n + per_hour].sum())
    }


def _step(outlook: Outlook, n: int, time_zone: tzinfo) -> JsonObjectType:
    """All that is expected of one step."""
    start = outlook.grid.start + n * outlook.grid.step
    return {
        "start": told_time(start, time_zone),
        "end": told_time(start + outlook.grid.step, time_zone),
        "production_kwh": told_kwh(outlook.production_wh[n]),
        "withdrawal_kwh": told_kwh(outlook.withdrawal_wh[n]),
        "surplus_kwh": told_kwh(outlook.surplus_wh[n]),
        **_expected("consumption", outlook.own, n),
        **_expected("allocated", outlook.allocated, n),
        "claim_kwh": told_kwh(outlook.claim_wh[n]),
        "probability": _chance(outlook.coverage.probability[n]),
        "n_cases": int(outlook.coverage.n_cases[n]),
        **_prices(outlook, n),
        "level": outlook.levels[n].value,
    }


def _expected(name: str, expected: Expected | None, n: int) -> JsonObjectType:
    """The mean, and what it may well be."""
    parts: dict[str, Energies | None] = {
        f"{name}_low_kwh": expected.low if expected else None,
        f"{name}_kwh": expected.mean if expected else None,
        f"{name}_high_kwh": expected.high if expected else None,
    }
    return {key: None if wh is None else told_kwh(wh[n]) for key, wh in parts.items()}


def _prices(outlook: Outlook, n: int) -> JsonObjectType:
    """What a kWh costs in a step, in €."""
    costs, judged = outlook.costs, outlook.judged
    allocated = np.nan if isinstance(costs, CostsMissing) else costs.allocated[n]
    return {
        "supplier_eur_per_kwh": _price(judged.supplier[n]),
        "allocated_eur_per_kwh": _price(allocated),
        "expected_eur_per_kwh": _price(judged.expected[n]),
        "default_eur_per_kwh": _price(judged.default[n]),
    }


def told_time(at: datetime, time_zone: tzinfo) -> str:
    """Local time with its offset."""
    return at.astimezone(time_zone).isoformat()


def told_kwh(energy_wh: float | None) -> float | None:
    """In kWh; None: not known."""
    if energy_wh is None:
        return None
    return _rounded(energy_wh / WH_PER_KWH, KWH_DECIMALS)


def _price(eur_per_kwh: float | None) -> float | None:
    return None if eur_per_kwh is None else _rounded(eur_per_kwh, PRICE_DECIMALS)


def _chance(probability: float) -> float | None:
    return _rounded(probability, CHANCE_DECIMALS)


def _rounded(value: float, decimals: int) -> float | None:
    """A plain number; NaN stands for what is not known."""
    return None if isnan(value) else round(float(value), decimals)
