"""Who takes part: the list, one of them, a table of all."""

from datetime import timedelta
from functools import reduce
import secrets
from typing import Any, Final

from homeassistant.components.http.auth import async_sign_path
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.const import CONF_LATITUDE, CONF_LONGITUDE
from homeassistant.helpers import selector
from homeassistant.helpers.translation import async_get_translations
import voluptuous as vol

from ..adapters.delivered_file import async_uploaded
from ..const import CONF_PLACE, DOMAIN
from ..engine.roster import Participant, Roster
from ..engine.roster_changes import TableTaken, table_taken
from ..engine.study import StudyError
from ..pmo.cells import shown as masked
from ..pmo.roster_table import read_participants
from .participant_form import (
    CONF_MORE_ASKED,
    CONF_REMOVE,
    PLACE_SCHEMA,
    edited,
    participant_errors,
    participant_schema,
    place_errors,
    place_shown,
    placed,
    shown,
)
from .perimeter_notes import notes
from .serving import ROSTER_URL
from .steps import CONF_PARTICIPANT, BookSteps
from .words import as_list, async_words

CONF_TABLE: Final = "table"
TABLE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_TABLE): selector.FileSelector(
            selector.FileSelectorConfig(accept=".csv,.txt")
        )
    }
)
LINK_HOLDS: Final = timedelta(minutes=5)
ID_BYTES: Final = 4
SHOWN: Final = 100
"""Of the list; who has more looks into the table."""


def new_id() -> str:
    """What stands for a participant where nobody is to be named."""
    return secrets.token_hex(ID_BYTES)


class ParticipantSteps(BookSteps):
    """The list of participants."""

    _one: Participant | None = None
    """Who is being changed; None for somebody new."""
    _told: Participant
    _taken: TableTaken

    async def async_step_participants(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The list, and what may be done with it."""
        words, today = await async_words(self.hass), self._coordinator.today
        people = self._books.roster.participants
        lines = words.some((words.participant(one, today) for one in people), SHOWN)
        return self.async_show_menu(
            step_id="participants",
            menu_options=[
                "participant_new",
                "participant_choose",
                "participants_upload",
                "participants_download",
                "organiser",
            ],
            description_placeholders={
                "list": as_list(lines) or words.texts["nobody"],
                "n": str(len(people)),
            },
        )

    async def async_step_participant_new(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Somebody new."""
        self._one = None
        return await self.async_step_participant()

    async def async_step_participant_choose(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Of whom is something else true?"""
        if user_input is not None:
            self._one = self._books.roster.participant(user_input[CONF_PARTICIPANT])
            return await self.async_step_participant()
        return self.async_show_form(
            step_id="participant_choose",
            data_schema=vol.Schema({vol.Required(CONF_PARTICIPANT): self._choose()}),
        )

    async def async_step_participant(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Who, since when, and what it agrees to."""
        roster, today, one = self._books.roster, self._coordinator.today, self._one
        errors: dict[str, str] = {}
        if user_input is not None:
            if one is not None and user_input.get(CONF_REMOVE):
                return await self.async_step_participant_remove()
            others = [
                each for each in roster.participants if one is None or each.id != one.id
            ]
            errors = participant_errors(user_input, others)
            if not errors:
                self._told = edited(one, user_input, roster.keys, new_id(), today)
                if user_input[CONF_MORE_ASKED]:
                    return await self.async_step_participant_place()
                return await self._async_keep()
        return await self._async_ask(user_input, errors)

    async def _async_ask(
        self, told: dict[str, Any] | None, errors: dict[str, str]
    ) -> ConfigFlowResult:
        """The form about a participant, as it was filled or as the list has it."""
        roster, today, one = self._books.roster, self._coordinator.today, self._one
        words = await async_words(self.hass)
        spans = [words.span(span) for span in one.membership] if one else []
        return self.async_show_form(
            step_id="participant",
            data_schema=self.add_suggested_values_to_schema(
                participant_schema(roster, today, is_new=one is None),
                told or (shown(one, today) if one else {CONF_MORE_ASKED: True}),
            ),
            errors=errors,
            description_placeholders={"spans": "; ".join(spans) or "–"},
        )

    async def async_step_participant_remove(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Was it entered by mistake?"""
        assert self._one is not None
        if user_input is not None:
            if await self._books.async_forget(self._one.id):
                return await self.async_step_participants()
            errors: dict[str, str] = {}
            errors[CONF_REMOVE] = "took_part"
            return await self._async_ask(None, errors)
        return self.async_show_form(
            step_id="participant_remove",
            data_schema=vol.Schema({}),
            description_placeholders={"name": self._one.name},
        )

    async def async_step_participant_place(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Where it is, and what its panels are."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = place_errors(user_input)
            if not errors:
                self._told = placed(self._told, user_input)
                return await self._async_keep()
        return self.async_show_form(
            step_id="participant_place",
            data_schema=self.add_suggested_values_to_schema(
                PLACE_SCHEMA, user_input or self._here() | place_shown(self._told)
            ),
            errors=errors,
            description_placeholders={"name": self._told.name},
        )

    async def _async_keep(self) -> ConfigFlowResult:
        """Keep the participant, and tell what is to be known of it."""
        told = self._told
        await self._books.async_change(lambda roster: roster.with_participant(told))
        found = await self.hass.async_add_executor_job(
            notes,
            self._books.roster,
            self._told,
            self._coordinator.today,
            await async_words(self.hass),
        )
        if not found:
            return await self.async_step_participants()
        return self.async_show_form(
            step_id="participant_noted",
            data_schema=vol.Schema({}),
            description_placeholders={
                "name": self._told.name,
                "notes": as_list(found),
            },
        )

    async def async_step_participant_noted(
        self, _user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """It was read."""
        return await self.async_step_participants()

    def _here(self) -> dict[str, Any]:
        """A place to start from: sites are near the house."""
        place = {
            CONF_LATITUDE: self.hass.config.latitude,
            CONF_LONGITUDE: self.hass.config.longitude,
        }
        return {CONF_PLACE: place}

    # A table of all

    async def async_step_participants_upload(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Which table?"""
        if user_input is None:
            return self._show_table("", {})
        found = await async_uploaded(self.hass, user_input[CONF_TABLE])
        if found is None:
            return self._show_table("", {CONF_TABLE: "file_gone"})
        people = self._books.roster.participants
        try:
            table = await self.hass.async_add_executor_job(
                read_participants, *found, people, new_id
            )
        except StudyError as error:
            problem = await self._async_why_not(error)
            return self._show_table(problem, {"base": "file_not_read"})
        self._taken = table_taken(people, table)
        words = await async_words(self.hass)
        return self.async_show_form(
            step_id="participants_confirm",
            data_schema=vol.Schema({}),
            description_placeholders={"report": as_list(words.table(self._taken))},
        )

    async def async_step_participants_confirm(
        self, _user_input: dict[str, Any]
    ) -> ConfigFlowResult:
        """Keep it."""
        taken = self._taken
        # Whoever was added meanwhile stays.
        await self._books.async_change(
            lambda roster: reduce(
                Roster.with_participant, (*taken.new, *taken.changed), roster
            )
        )
        return await self.async_step_participants()

    def _show_table(self, problem: str, errors: dict[str, str]) -> ConfigFlowResult:
        return self.async_show_form(
            step_id="participants_upload",
            data_schema=TABLE_SCHEMA,
            errors=errors,
            description_placeholders={"problem": problem},
        )

    async def _async_why_not(self, error: StudyError) -> str:
        """What is wrong with a table, and where."""
        texts = await async_get_translations(
            self.hass, self.hass.config.language, "exceptions", {DOMAIN}
        )
        text = texts[f"component.{DOMAIN}.exceptions.study_{error.problem}.message"]
        told = {name: masked(value) for name, value in error.placeholders.items()}
        return text.format_map(told)

    async def async_step_participants_download(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The list as a table, behind an address that holds for some minutes."""
        if user_input is not None:
            return await self.async_step_participants()
        entry_id = self._coordinator.config_entry.entry_id
        return self.async_show_form(
            step_id="participants_download",
            data_schema=vol.Schema({}),
            description_placeholders={
                "address": async_sign_path(
                    self.hass, f"{ROSTER_URL}{entry_id}", LINK_HOLDS
                )
            },
        )
