"""What an organiser is told, in sentences of the house's language."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from homeassistant.core import HomeAssistant
from homeassistant.helpers.translation import async_get_translations

from ..adapters.import_words import month_text
from ..adapters.reason import Texts, async_texts, clock_text, number_text
from ..const import DOMAIN
from ..engine.checklist import Item
from ..engine.delivery import Delivery
from ..engine.indicators import WH_PER_KWH
from ..engine.model import Price, Quality, Validity
from ..engine.organised_pages import Difference, strangers
from ..engine.organised_report import MonthReport
from ..engine.perimeter import Finding, JoinCheck, PerimeterCheck, PowerLimit
from ..engine.roster import AgreedKey, Participant, Roster, RosterError
from ..engine.roster_changes import TableTaken
from ..engine.study import StudyError

KIND = "organiser_"
DAY = timedelta(days=1)
LAST_DIGITS = 4
"""Of a delivery point's number: enough to find it in the organiser's own list."""
MOST_NAMED = 20
"""Of a long list the first ones are named, and the others counted."""


@dataclass(frozen=True, slots=True)
class Words:
    """The sentences of one language."""

    texts: Texts
    keys: Texts
    """Names of the repartition keys."""
    language: str

    def said(self, key: str, **values: object) -> str:
        """One sentence."""
        return self.texts[key].format_map(values)

    # What is due

    def item(self, one: Item) -> str:
        """A duty of a month, and how it stands."""
        return self.said(
            f"item_{one.standing.value}",
            month=month_text(one.month),
            duty=self.texts[f"duty_{one.duty.value}"],
            day=day_text(one.due),
        )

    # A month

    def report(self, one: MonthReport, roster: Roster, time_zone: tzinfo) -> list[str]:
        """A month as it stands, what matters most first."""
        state = "complete" if one.is_complete else "incomplete"
        found = [self.said(f"report_{state}", month=month_text(one.month))]
        if one.tally is None:
            found.append(self.texts["report_nothing"])
        else:
            rate = one.tally.self_consumption_rate
            is_settled = one.quality is Quality.SETTLED
            found.append(
                self.said(
                    "report_shared" if is_settled else "report_computed",
                    shared=self._kwh(one.tally.allocated_wh),
                    produced=self._kwh(one.tally.production_wh),
                    rate="–" if rate is None else str(round(100 * rate)),
                )
            )
        if one.n_known < one.n_steps:
            found.append(self.said("report_known", n=one.n_known, steps=one.n_steps))
        found += (self.texts[f"problem_{problem.value}"] for problem in one.problems)
        found += self._some(
            self.said(
                "report_missing",
                name=_name(roster, participant),
                days=number_text(n_steps * roster.step / DAY, self.language),
            )
            for participant, n_steps in one.missing.items()
        )
        found += self._some(
            self._difference(each, roster, time_zone) for each in one.differences
        )
        return found

    def strangers(self, delivery: Delivery, roster: Roster) -> list[str]:
        """How many delivery points of a file nobody in the list is, by their last digits."""
        points = sorted(strangers(roster.participants, delivery.curves))
        if not points:
            return []
        ends = ", ".join(f"…{point[-LAST_DIGITS:]}" for point in points[:MOST_NAMED])
        return [self.said("report_strangers", n=len(points), ends=ends)]

    def _difference(self, one: Difference, roster: Roster, time_zone: tzinfo) -> str:
        return self.said(
            "report_difference",
            name=_name(roster, one.participant),
            told=self._kwh(one.told_wh),
            computed=self._kwh(one.computed_wh),
            n=one.n_steps,
            first=self._at(one.first, time_zone),
        )

    # The list

    def participant(self, one: Participant, today: date) -> str:
        """A participant in one line."""
        told = [
            f"{one.name} (…{one.point[-LAST_DIGITS:]})",
            self.texts[f"role_{one.role.value}"],
            "; ".join(self.span(span) for span in one.membership),
            self.texts["agreed" if one.agrees(today) else "not_agreed"],
        ]
        return ", ".join(told)

    def span(self, span: Validity) -> str:
        """Days on which something holds."""
        key = "span_open" if span.last_day is None else "span_closed"
        if span.pending:
            key = "span_pending"
        last = "" if span.last_day is None else day_text(span.last_day)
        return self.said(key, first=day_text(span.first_day), last=last)

    def key(self, key: AgreedKey) -> str:
        """A key and its days."""
        told = [self.keys.get(key.choice, key.choice)]
        if key.solidarity is not None:
            told.append(self.texts[f"solidarity_{key.solidarity.value}"])
        return f"{', '.join(told)}: {self.span(key.validity)}"

    def price(self, price: Price) -> str:
        """A price and its days."""
        cents = number_text(100 * price.eur_per_kwh, self.language)
        return f"{self.said('cents', cents=cents)}: {self.span(price.validity)}"

    def table(self, taken: TableTaken) -> list[str]:
        """What a table of participants would change."""
        told = {"new": taken.new, "changed": taken.changed, "gone": taken.gone}
        return [
            self.said(f"table_{which}", n=len(people), names=self._names(people))
            for which, people in told.items()
            if people
        ] or [self.texts["table_nothing"]]

    def key_problem(self, error: RosterError | StudyError) -> str:
        """Why nobody can tell today who gets what."""
        if isinstance(error, RosterError):
            return self.texts[f"problem_{error.problem.value}"]
        return self.said("key_part_missing", name=error.participant)

    # The perimeter

    def joining(self, check: JoinCheck, roster: Roster) -> list[str]:
        """What stands in a candidate's way; how far all lie apart, where nothing does."""
        found = check.reasons or check.after.findings
        return self._findings(found, check.after, roster) or [self._fits(check.after)]

    def perimeter(self, check: PerimeterCheck, roster: Roster) -> list[str]:
        """Who breaks the rule; how far all lie apart, where nobody does."""
        return self._findings(check.findings, check, roster) or [self._fits(check)]

    def power(self, total_kw: float, limit: PowerLimit) -> str:
        """Too much of it."""
        return self.said(
            "perimeter_power",
            kw=number_text(total_kw, self.language),
            most=number_text(limit.kw, self.language),
            source=limit.source,
        )

    def _findings(
        self, findings: Iterable[Finding], check: PerimeterCheck, roster: Roster
    ) -> list[str]:
        return self._some(
            self.said(
                f"perimeter_{one.reason.value}",
                name=_name(roster, one.site_id),
                other=_name(roster, one.other_site_id),
                km=number_text(one.distance_km or 0.0, self.language),
                **self._limit(check),
            )
            for one in findings
        )

    def _fits(self, check: PerimeterCheck) -> str:
        km = number_text(check.greatest_km, self.language)
        return self.said("perimeter_fits", km=km, **self._limit(check))

    def _limit(self, check: PerimeterCheck) -> dict[str, str]:
        limit = check.limit
        return {
            "limit": number_text(limit.km, self.language),
            "source": limit.source,
        }

    # Parts of sentences

    def some(self, sentences: Iterable[str], most: int) -> list[str]:
        """The first sentences, and how many more there are."""
        every = list(sentences)
        left = len(every) - most
        return every if left <= 0 else [*every[:most], self.said("more", n=left)]

    def _some(self, sentences: Iterable[str]) -> list[str]:
        return self.some(sentences, MOST_NAMED)

    def _names(self, people: Sequence[Participant]) -> str:
        return ", ".join(self._some(one.name for one in people))

    def _kwh(self, wh: float) -> str:
        return number_text(wh / WH_PER_KWH, self.language)

    def _at(self, at: datetime, time_zone: tzinfo) -> str:
        local = at.astimezone(time_zone)
        return f"{day_text(local.date())} {clock_text(local, self.language)}"


async def async_words(hass: HomeAssistant) -> Words:
    """The sentences in the house's language."""
    language = hass.config.language
    every = await async_get_translations(hass, language, "selector", {DOMAIN})
    prefix = f"component.{DOMAIN}.selector.sharing.options."
    keys = {
        name.removeprefix(prefix): text
        for name, text in every.items()
        if name.startswith(prefix)
    }
    return Words(await async_texts(hass, KIND, language), keys, language)


def as_list(sentences: Iterable[str]) -> str:
    """Sentences as a form shows them, one under the other."""
    return "\n".join(f"- {sentence}" for sentence in sentences)


def day_text(day: date) -> str:
    """A day as people write it."""
    return f"{day:%d/%m/%Y}"


def _name(roster: Roster, participant: str | None) -> str:
    one = roster.participant(participant) if participant else None
    return one.name if one else "–"
