"""What a load does and why, in one sentence of the house's language."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

from homeassistant.core import HomeAssistant

from ..engine.indicators import WH_PER_KWH
from ..engine.load_plan import LoadPlan, Run, Why
from ..engine.load_status import LoadStatus
from .reason import Texts, async_texts, number_text, time_text

KIND = "load_"

BEFORE_THE_PLAN = {
    LoadStatus.UNREACHABLE: "unreachable",
    LoadStatus.NOT_OBEYING: "not_obeying",
    LoadStatus.BY_HAND: "by_hand",
    LoadStatus.SHED: "shed",
    LoadStatus.ABSENT: "absent",
    LoadStatus.SKIPPED: "skipped",
    LoadStatus.UNPLUGGED: "unplugged",
    LoadStatus.NOT_ARMED: "not_armed",
}
"""What is said whatever the plan says, by its text."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a sentence is made from."""

    status: LoadStatus
    plan: LoadPlan | None
    run: Run | None
    until: datetime | None
    """How long the user's hand, a skip or an absence lasts."""


async def async_load_texts(hass: HomeAssistant, language: str | None = None) -> Texts:
    """The sentences in a language, or else in the house's."""
    return await async_texts(hass, KIND, language or hass.config.language)


def load_sentence(
    texts: Texts, told: Told, now: datetime, time_zone: tzinfo, language: str
) -> str:
    """The sentence of a load, with energy and times as people write them."""
    values = dict.fromkeys(("until", "kwh", "covered", "start", "end", "short"), "")
    if told.until is not None:
        values["until"] = time_text(told.until, now, time_zone, language)
    if (run := told.run) is not None:
        values |= {
            "kwh": number_text(run.energy_wh / WH_PER_KWH, language),
            "covered": number_text(run.covered_wh / WH_PER_KWH, language),
            "start": time_text(run.start, now, time_zone, language),
            "end": time_text(run.end, now, time_zone, language),
        }
    if told.plan is not None:
        values["short"] = number_text(told.plan.short_wh / WH_PER_KWH, language)
    key = _key(told)
    return texts.get(key, key).format_map(values)


def _key(told: Told) -> str:
    """Which sentence it is."""
    if (said := BEFORE_THE_PLAN.get(told.status)) is not None:
        return said
    if told.plan is None:
        return "no_plan"
    why = told.plan.why
    if why is Why.BY_HAND:
        return "asked"
    if told.run is not None or why in {Why.SHORT, Why.NOT_WORTH_IT}:
        return why.value
    return "unverified" if told.status is LoadStatus.UNVERIFIED else "done"
