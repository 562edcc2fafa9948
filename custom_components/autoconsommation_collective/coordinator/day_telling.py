"""Today and tomorrow as the card draws them: four parts, each told when it is new."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from homeassistant.core import HomeAssistant
from homeassistant.util.json import JsonObjectType

from ..adapters.load_words import Told, async_load_texts, load_sentence
from ..adapters.reason import Texts, async_reason_texts, reason_sentence
from ..engine.blocks import HOUR, MINUTE, Quantity
from ..engine.grid import Grid
from ..engine.outlook import Outlook
from ..engine.slots import midnight_of
from .load_view import LoadView
from .loads import LoadsCoordinator
from .outlook import OutlookCoordinator
from .plan_telling import told_load, told_run
from .settlement import SettlementCoordinator
from .share import AccSnapshot, ShareCoordinator
from .telling import told_kwh, told_now, told_outlook, told_time

DAYS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences in the language of whoever looks, which need not be the house's."""

    language: str
    reasons: Texts
    loads: Texts


async def async_words(hass: HomeAssistant, language: str) -> Words:
    """The words of a language, whatever country it is spoken in."""
    language = language.partition("-")[0]
    return Words(
        language,
        await async_reason_texts(hass, language),
        await async_load_texts(hass, language),
    )


@dataclass(slots=True)
class DayTelling:
    """What was told of a day, so that only what is new is told again."""

    settlement: SettlementCoordinator
    share: ShareCoordinator
    outlook: OutlookCoordinator
    loads: LoadsCoordinator
    words: Words
    _drawn_from: tuple[Outlook | None, datetime] | None = None
    """What the steps ahead were last told from."""

    def parts(self) -> dict[str, JsonObjectType]:
        """All parts but steps ahead that were told already."""
        snapshot, time_zone = self.share.data, self.settlement.time_zone
        parts = {
            "now": _told_now(snapshot, self.words, time_zone),
            "past": self._past(snapshot),
            "loads": self._loads(snapshot.today, time_zone),
        }
        drawn_from = self.outlook.data, snapshot.today
        if drawn_from != self._drawn_from:
            self._drawn_from = drawn_from
            parts["ahead"] = self._ahead(snapshot.today, time_zone)
        return parts

    def _ahead(self, today: datetime, time_zone: tzinfo) -> JsonObjectType:
        """The steps of today and tomorrow; none before they were first worked out."""
        end = _end(today, time_zone)
        told: JsonObjectType = {"steps": [], "windows": [], "missing": []}
        if self.outlook.data is not None:
            hours = (end - today) // HOUR
            told = told_outlook(self.outlook.data, today, hours, time_zone)
        return told | {
            "time_zone": self.settlement.time_zone.key,
            "today": told_time(today, time_zone),
            "tomorrow": told_time(_end(today, time_zone, 1), time_zone),
            "end": told_time(end, time_zone),
            "step_minutes": self.settlement.shape.step // MINUTE,
            "attribution": self.outlook.attribution,
        }

    def _past(self, snapshot: AccSnapshot) -> JsonObjectType:
        """What the home drew since midnight and what of it is estimated to be allocated."""
        grid = self._since_midnight(snapshot.today, snapshot.now)
        return {
            f"{name}_kwh": [
                told_kwh(wh) for wh in self.share.own_steps(grid, quantity).tolist()
            ]
            for name, quantity in (
                ("consumption", Quantity.CONSUMPTION),
                ("allocated", Quantity.ESTIMATED_ALLOCATED),
            )
        }

    def _loads(self, today: datetime, time_zone: tzinfo) -> JsonObjectType:
        """Each load by its id, with what it is planned to do and what it did today."""
        view = self.loads.data
        grid = self._since_midnight(today, view.now)
        return {
            load_id: told_load(load, time_zone)
            | {
                "kind": load.settings.kind.value,
                "reason": self._sentence(load, view.now, time_zone),
                "ready_by": load.ready_by.isoformat("minutes")
                if load.ready_by
                else None,
                "ran": [
                    told_run(run, time_zone) for run in self.loads.ran(load_id, grid)
                ],
            }
            for load_id, load in view.loads.items()
        }

    def _sentence(self, load: LoadView, now: datetime, time_zone: tzinfo) -> str:
        return load_sentence(
            self.words.loads,
            Told(load.status, load.plan, load.run, load.waits_until),
            now,
            time_zone,
            self.words.language,
        )

    def _since_midnight(self, today: datetime, now: datetime) -> Grid:
        """The steps of today that are over."""
        step = self.settlement.shape.step
        return Grid(today, step, max(0, (now - today) // step))


def _told_now(snapshot: AccSnapshot, words: Words, time_zone: tzinfo) -> JsonObjectType:
    """What to do now and why, and what was allocated today."""
    reason = None
    if snapshot.signal is not None:
        reason = reason_sentence(
            words.reasons, snapshot.signal, snapshot.now, time_zone, words.language
        )
    return told_now(snapshot, time_zone) | {
        "at": told_time(snapshot.now, time_zone),
        "reason": reason,
        "allocated_today_kwh": told_kwh(snapshot.allocated_today_wh),
    }


def _end(today: datetime, time_zone: tzinfo, days: int = DAYS_SHOWN) -> datetime:
    """The local midnight so many days later."""
    day = today.astimezone(time_zone).date() + timedelta(days=days)
    return midnight_of(day, time_zone)
