"""What an import did, in sentences of the house's language."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Final

from homeassistant.core import HomeAssistant

from ..engine.blocks import HOUR
from ..engine.delivery import Delivery
from ..engine.estimate_check import EstimateCheck
from ..engine.import_report import ImportReport, MonthReport
from ..engine.indicators import WH_PER_KWH
from ..engine.meter_match import MeterMatch, Mismatch
from ..engine.spread_pages import SpreadBy
from .reason import Texts, async_texts, clock_text, number_text

KIND: Final = "import_"
MOST_DAYS: Final = 3
"""Days that are named; of more, how many."""
MANY_DAYS: Final = 10
"""Days of a month that a repair issue names."""


async def async_import_texts(hass: HomeAssistant, language: str) -> Texts:
    """The sentences in a language."""
    return await async_texts(hass, KIND, language)


def import_sentences(
    texts: Texts, report: ImportReport, time_zone: tzinfo, language: str
) -> list[str]:
    """What an import did, and what is odd about it; the first sentences matter most."""
    is_known = {one.source for one in report.months} <= {report.source}
    is_old = is_known and not report.changes_anything
    found = [texts["nothing_new"]] if is_old else []
    for one in report.months:
        is_changed = one.changes.new or one.changes.corrected
        if one.source is not report.source and not is_changed:
            better = {
                "month": month_text(one.month),
                "source": texts[f"source_{one.source.value}"],
            }
            found.append(texts["held_better"].format_map(better))
        found.append(_month(texts, one, language))
        found += (
            texts[f"flaw_{flawed.flaw.value}"].format_map(
                {
                    "month": month_text(one.month),
                    "n": flawed.n_steps,
                    "first": _at(flawed.first, time_zone, language),
                }
            )
            for flawed in one.flaws
        )
        if one.changes.missing:
            values = {"month": month_text(one.month), "n": one.changes.missing}
            found.append(texts["missing"].format_map(values))
        if one.is_spread:
            found.append(texts["spread"].format_map({"month": month_text(one.month)}))
    found += (texts[f"by_{by.value}"] for by in SpreadBy if by in report.by)
    if report.match is not None:
        found += _match(texts, report.match, language)
    if report.estimates is not None:
        found.append(_estimates(texts, report.estimates, language))
    return found


def delivery_sentences(texts: Texts, delivery: Delivery) -> list[str]:
    """What was put right in a delivery, and which of its files were left."""
    found = [
        texts[f"repair_{repair.value}"].format_map({"n": n})
        for repair, n in delivery.repairs.items()
    ]
    if delivery.left:
        files = ", ".join(delivery.left)
        found.append(texts["left"].format_map({"files": files}))
    return found


def _month(texts: Texts, one: MonthReport, language: str) -> str:
    kind = "producer" if one.is_producer else "consumer"
    return texts[f"month_{kind}"].format_map(
        {
            "month": month_text(one.month),
            "part": _kwh(one.part_wh, language),
            "whole": _kwh(one.whole_wh, language),
            "new": one.changes.new,
            "corrected": one.changes.corrected,
            "identical": one.changes.identical,
            "source": texts[f"source_{one.source.value}"],
        }
    )


def _estimates(texts: Texts, check: EstimateCheck, language: str) -> str:
    """How good the estimates were that are settled now."""
    values = {
        "n": check.n_days,
        "estimated": _kwh(check.estimated_wh, language),
        "settled": _kwh(check.settled_wh, language),
    }
    if (error := check.daily_error_wh) is None:
        return texts["estimates_sum"].format_map(values)
    return texts["estimates"].format_map(values | {"error": _kwh(error, language)})


def _match(texts: Texts, match: MeterMatch, language: str) -> list[str]:
    """Against the own meter: the difference, and what is beyond doubt."""
    values = {
        "settled": _kwh(match.settled_wh, language),
        "measured": _kwh(match.measured_wh, language),
        "difference": _kwh(match.difference_wh, language),
        "hours": number_text(abs(match.shift / HOUR), language),
    }
    key = "match"
    if match.mismatch is Mismatch.SHIFTED:
        key = "match_later" if match.shift / HOUR > 0 else "match_earlier"
    elif match.mismatch is not None:
        key = f"match_{match.mismatch.value}"
    found = [texts[key].format_map(values)]
    if match.missing_days:
        days = ", ".join(_day(day) for day in match.missing_days[:MOST_DAYS])
        told = {"days": days, "n": len(match.missing_days)}
        is_few = len(match.missing_days) <= MOST_DAYS
        found.append(texts["days" if is_few else "many_days"].format_map(told))
    return found


def days_by_month(missing: Mapping[str, Sequence[date]]) -> str:
    """Days that are missing of months, as a list."""
    return "\n".join(
        f"- {month_text(month)}: {_few(days)}" for month, days in missing.items()
    )


def _few(days: Sequence[date]) -> str:
    """The first days, and dots for the others."""
    told = ", ".join(_day(day) for day in days[:MANY_DAYS])
    return told if len(days) <= MANY_DAYS else f"{told} …"


def month_text(month: str) -> str:
    """Beside days, which are written in the same way."""
    year, number = month.split("-")
    return f"{number}/{year}"


def _kwh(wh: float, language: str) -> str:
    return number_text(wh / WH_PER_KWH, language)


def _at(at: datetime, time_zone: tzinfo, language: str) -> str:
    local = at.astimezone(time_zone)
    return f"{_day(local.date())} {clock_text(local, language)}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
