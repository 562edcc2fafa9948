"""A study from a folder, simulated: what an organiser compares before it chooses a key."""

from collections.abc import Sequence
from math import isnan, nan
from pathlib import Path
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType
import numpy as np

from ..engine.indicators import WH_PER_KWH
from ..engine.simulation import Outcome, PeriodOutcome, simulate, sizes
from ..engine.study import Scenario, Study, StudyError, StudyProblem
from ..engine.study_steps import gaps
from ..pmo.cells import shown
from ..pmo.study_files import read_study, study_files, unused_files

KWH_DECIMALS = 3
"""To the Wh, as meters count."""
RATE_DECIMALS = 4
"""A hundredth of a percent."""
EUR_DECIMALS = 2


async def async_simulate(
    hass: HomeAssistant,
    folder: str,
    keys: Sequence[str],
    plant_sizes: tuple[str, Sequence[float]] | None,
    *,
    by_month: bool,
    by_member: bool,
) -> JsonObjectType:
    """Simulate the study in a folder that Home Assistant may read; the result as JSON values.

    The folder is absolute, or relative to the folder of the configuration. Raises
    StudyError; `told` says what of it may be shown.
    """
    path = Path(hass.config.path(folder))

    def run() -> JsonObjectType:
        if not hass.config.is_allowed_path(str(path)):
            raise StudyError(StudyProblem.NOT_ALLOWED, file=folder)
        found = read_study(study_files(path), ZoneInfo(hass.config.time_zone))
        scenarios = (*found.scenarios, *_sized(found.study, plant_sizes))
        outcomes = tuple(simulate(found.study, keys, scenarios))
        missing = gaps(found.study)
        return {
            "steps": outcomes[0].total.n_steps,
            "steps_left_out": missing.n_steps,
            "gaps": dict(missing.by_participant),
            "unused_files": list(unused_files(path)),
            "outcomes": [_reported(o, by_month, by_member) for o in outcomes],
        }

    return await hass.async_add_executor_job(run)


def told(error: StudyError) -> dict[str, str]:
    """What the texts of an error name; Home Assistant logs them, so no delivery point's number."""
    return {name: shown(value) for name, value in error.placeholders.items()}


def _sized(
    study: Study, plant_sizes: tuple[str, Sequence[float]] | None
) -> tuple[Scenario, ...]:
    """The scenarios of a plant in several sizes."""
    if plant_sizes is None:
        return ()
    name, peak_powers_kw = plant_sizes
    for producer in study.producers:
        if producer.id == name:
            return sizes(producer, peak_powers_kw)
    raise StudyError(StudyProblem.PARTICIPANT_UNKNOWN, participant=name)


def _reported(outcome: Outcome, by_month: bool, by_member: bool) -> JsonObjectType:
    """An outcome as JSON values; what is not known is null."""
    report: JsonObjectType = {
        "scenario": outcome.scenario,
        "key": outcome.key,
        "peak_power_kw": outcome.peak_power_kw,
        **_sums(outcome.total),
    }
    if by_member:
        report |= _members(outcome, outcome.total)
    if by_month:
        report["months"] = {
            name: _sums(month) | (_members(outcome, month) if by_member else {})
            for name, month in outcome.months.items()
        }
    return report


def _sums(period: PeriodOutcome) -> JsonObjectType:
    """What the operation as a whole has of a period."""
    tally = period.tally
    n_priced = int(np.isfinite(period.saving_eur).sum())
    return {
        "production_kwh": _kwh(tally.production_wh),
        "consumption_kwh": _kwh(tally.consumption_wh),
        "allocated_kwh": _kwh(tally.allocated_wh),
        "surplus_kwh": _kwh(tally.surplus_wh),
        "own_use_kwh": _kwh(tally.own_use_wh),
        "self_consumption_rate": _rate(tally.self_consumption_rate),
        "self_production_rate": _rate(tally.self_production_rate),
        "saving_eur": _eur(float(np.nansum(period.saving_eur)) if n_priced else nan),
        "homes_with_prices": n_priced,
    }


def _members(outcome: Outcome, period: PeriodOutcome) -> JsonObjectType:
    """What each participant has of a period."""
    consumers = zip(
        outcome.consumers,
        period.consumption_wh.tolist(),
        period.allocated_wh.tolist(),
        period.saving_eur.tolist(),
        strict=True,
    )
    producers = zip(
        outcome.producers,
        period.production_wh.tolist(),
        period.surplus_wh.tolist(),
        period.income_eur.tolist(),
        strict=True,
    )
    return {
        "consumers": {
            name: {
                "consumption_kwh": _kwh(consumption),
                "allocated_kwh": _kwh(allocated),
                "complement_kwh": _kwh(consumption - allocated),
                "saving_eur": _eur(saving),
            }
            for name, consumption, allocated, saving in consumers
        },
        "producers": {
            name: {
                "production_kwh": _kwh(production),
                "allocated_kwh": _kwh(production - surplus),
                "surplus_kwh": _kwh(surplus),
                "income_eur": _eur(income),
            }
            for name, production, surplus, income in producers
        },
    }


def _kwh(energy_wh: float) -> float:
    return round(energy_wh / WH_PER_KWH, KWH_DECIMALS)


def _rate(rate: float | None) -> float | None:
    return None if rate is None else round(rate, RATE_DECIMALS)


def _eur(amount: float) -> float | None:
    """NaN stands for a price that is not known."""
    return None if isnan(amount) else round(amount, EUR_DECIMALS)
