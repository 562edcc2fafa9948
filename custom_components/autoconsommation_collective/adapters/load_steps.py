"""The questions about a load, one load to a subentry: asked once, changed later."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, override

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigSubentry,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.helpers.translation import async_get_translations

from ..const import (
    CHANGED,
    CONF_ACTUATOR,
    CONF_MEANS,
    CONF_MORE,
    CONF_OWN_ACTIONS,
    CONF_TEMPLATE,
    DOMAIN,
    SUBENTRY_LOAD,
)
from ..engine.loads import LoadKind
from .load_entities import (
    SWITCHING,
    entities_gone,
    entity_errors,
    referred,
    resolved,
    switched_by,
)
from .load_errors import board_errors, load_errors
from .load_forms import BOARD_SCHEMA, MORE, load_schema
from .load_means import means_of
from .load_means_steps import MeansSteps
from .load_templates import TEMPLATES
from .loads import Means, has_actuator, load_settings
from .meter import resolve

NAMED: Final = {"water_heater", "car", "washing_machine", "dishwasher"}
"""Templates whose word in the menu is a name; the others are described there."""
NAME_TEXT: Final = (
    f"component.{DOMAIN}.config_subentries.{SUBENTRY_LOAD}.step.user.menu_options.{{}}"
)


class LoadSubentryFlow(MeansSteps):
    """What a load is, what switches it, and, of a water heater, how the board is wired."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._template = ""
        self._known: dict[str, Any] = {}
        """What the forms are filled with: as it was kept, or told before going back."""
        self._load: dict[str, Any] = {}
        self._switch: dict[str, Any] = {}
        self._board: dict[str, Any] = {}

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """What is it?"""
        return self.async_show_menu(step_id="user", menu_options=[*TEMPLATES])

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Something else is true of it; the entry's listener reloads it."""
        subentry = self._get_reconfigure_subentry()
        self._known = {CONF_NAME: subentry.title, **subentry.data}
        self._template = subentry.data[CONF_TEMPLATE]
        return self._show_load(
            resolved(self.hass, self._known), entities_gone(self.hass, self._known)
        )

    # Of each kind

    async def async_step_water_heater(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """A tank of hot water."""
        return await self._async_ask_load("water_heater", user_input)

    async def async_step_car(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """A car that is charged at home."""
        return await self._async_ask_load("car", user_input)

    async def async_step_washing_machine(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """A machine, with what a wash needs."""
        return await self._async_ask_load("washing_machine", user_input)

    async def async_step_dishwasher(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """A machine, with what the dishes need."""
        return await self._async_ask_load("dishwasher", user_input)

    async def async_step_appliance(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """The machine that was chosen."""
        return await self._async_ask_load(self._template, user_input)

    async def async_step_deferrable(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Anything that runs for some hours a day."""
        return await self._async_ask_load("deferrable", user_input)

    async def async_step_surplus(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Anything that runs only on what is cheap."""
        return await self._async_ask_load("surplus", user_input)

    async def _async_ask_load(
        self, template: str, user_input: dict[str, Any] | None
    ) -> SubentryFlowResult:
        self._template = template
        if user_input is None:
            known = self._known or await self._async_usual_name()
            return self._show_load(resolved(self.hass, known))
        told = _flat(user_input)
        used = switched_by(self.hass, self._own_id)
        errors = entity_errors(self.hass, told, used)
        errors |= load_errors(TEMPLATES[template].kind, told)
        if errors:
            others = (used.get(told.get(field, "")) for field in SWITCHING)
            return self._show_load(told, errors, next(filter(None, others), ""))
        kept = referred(self.hass, told)
        if kept.get(CONF_ACTUATOR) != self._known.get(CONF_ACTUATOR):
            self._known.pop(CONF_MEANS, None)
        self._load, self._switch, self._board = kept, {}, {}
        if kept.get(CONF_OWN_ACTIONS):
            return await self.async_step_actions()
        if CONF_ACTUATOR not in kept:
            return await self._async_means_told({})
        ways = means_of(self.hass, told[CONF_ACTUATOR])
        if len(ways) > 1:
            return await self.async_step_ways()
        if ways == [Means.ON_OFF]:
            return await self._async_means_told({CONF_MEANS: Means.ON_OFF.value})
        return await self._async_ask_means(ways[0])

    async def _async_usual_name(self) -> dict[str, str]:
        """What it was chosen as, in the language of the house; the first of them is named so."""
        if self._template not in NAMED:
            return {}
        language = self.hass.config.language
        texts = await async_get_translations(
            self.hass, language, "config_subentries", {DOMAIN}
        )
        loads = self._get_entry().get_subentries_of_type(SUBENTRY_LOAD)
        name = texts[NAME_TEXT.format(self._template)]
        return {} if name in {load.title for load in loads} else {CONF_NAME: name}

    def _show_load(
        self,
        suggested: Mapping[str, Any],
        errors: Mapping[str, str] = MappingProxyType({}),
        other: str = "",
    ) -> SubentryFlowResult:
        """The form of the load; an error of the section can only be shown above it."""
        kind = TEMPLATES[self._template].kind
        shown: dict[str, str] = {}
        for field, error in errors.items():
            shown.setdefault(CONF_MORE if field in MORE[kind] else field, error)
        schema = load_schema(self._template, collapsed=CONF_MORE not in shown)
        return self.async_show_form(
            step_id=kind.value,
            data_schema=self.add_suggested_values_to_schema(
                schema, {**suggested, CONF_MORE: suggested}
            ),
            errors=shown,
            description_placeholders={"load": other},
        )

    @override
    async def _async_means_told(self, switch: dict[str, Any]) -> SubentryFlowResult:
        """Go on with the board where it matters: a water heater that is to be switched."""
        self._switch = switch
        is_tank = TEMPLATES[self._template].kind is LoadKind.WATER_HEATER
        if is_tank and has_actuator(self._load):
            return await self.async_step_board()
        return await self.async_step_keep()

    async def async_step_board(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """How the relay is wired, and what it does when it is left alone."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = board_errors(user_input)
            if not errors:
                self._board = user_input
                return await self._async_refuse_or_end()
        return self.async_show_form(
            step_id="board",
            data_schema=self.add_suggested_values_to_schema(
                BOARD_SCHEMA, user_input or self._known
            ),
            errors=errors,
        )

    async def _async_refuse_or_end(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say why it must not be switched, if so; the user may leave it at advice, or go back."""
        reason = load_settings(self._subentry).no_control
        if reason is None:
            return await self.async_step_keep()
        return self.async_show_menu(
            step_id=f"refused_{reason}", menu_options=["keep", "go_back"]
        )

    async_step_refused_could_stay_cold = _async_refuse_or_end
    async_step_refused_too_large = _async_refuse_or_end
    async_step_refused_shared = _async_refuse_or_end

    async def async_step_go_back(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """The first form once more, with all that was answered."""
        self._known = {**self._load, **self._switch, **self._board}
        return self._show_load(resolved(self.hass, self._known))

    async def async_step_keep(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Keep the load as it was described."""
        load = self._subentry
        if self.source == SOURCE_RECONFIGURE:
            return self.async_update_and_abort(
                self._get_entry(),
                self._get_reconfigure_subentry(),
                title=load.title,
                data=load.data,
                reason=CHANGED,
            )
        return self.async_create_entry(title=load.title, data=load.data)

    @property
    def _subentry(self) -> ConfigSubentry:
        """The load as it would be kept."""
        data = {CONF_TEMPLATE: self._template}
        data |= self._load | self._switch | self._board
        return ConfigSubentry(
            title=data.pop(CONF_NAME),
            data=MappingProxyType(data),
            subentry_type=SUBENTRY_LOAD,
            unique_id=None,
        )

    @property
    @override
    def _known_means(self) -> Mapping[str, Any]:
        return self._known

    @property
    @override
    def _actuator(self) -> str | None:
        return resolve(self.hass, self._load.get(CONF_ACTUATOR, ""))

    @property
    def _own_id(self) -> str | None:
        """Of the load that is changed; None of a new one."""
        if self.source != SOURCE_RECONFIGURE:
            return None
        return self._get_reconfigure_subentry().subentry_id


def _flat(user_input: Mapping[str, Any]) -> dict[str, Any]:
    """All answers side by side; what is cleared inside a section comes as an empty text."""
    answers = {**user_input, **user_input[CONF_MORE]}
    return {k: v for k, v in answers.items() if k != CONF_MORE and v != ""}
