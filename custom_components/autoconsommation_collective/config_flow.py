"""The questions: which operation, which delivery point, which meter, which contract."""

from collections.abc import Mapping
import itertools
import re
from typing import Any, override
from uuid import uuid4

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryData,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import selector
from homeassistant.helpers.aiohttp_client import async_get_clientsession
import voluptuous as vol

from .adapters.contract_steps import ContractSteps
from .adapters.described_steps import DescriptionSteps, PlantSubentryFlow
from .adapters.identity import async_delivery_point_key
from .adapters.load_steps import LoadSubentryFlow
from .adapters.meter import index_problem, reference, resets_daily, resolve
from .adapters.meter_detection import MeterCandidate, async_detect_meters
from .adapters.options_flow import AccOptionsFlow
from .const import (
    CHANGED,
    CONF_CONTRACT,
    CONF_DAILY,
    CONF_DELIVERY_POINT,
    CONF_EXPORT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_INVITATION,
    CONF_KIND,
    CONF_LIVE_POWER,
    CONF_OPERATION,
    CONF_OPERATION_ID,
    CONF_OPERATION_NAME,
    CONF_SUBSCRIBED_KVA,
    DOMAIN,
    INVITATION_RENEWED,
    KIND_MEMBER,
    KIND_ORGANISER,
    SUBENTRY_LOAD,
    SUBENTRY_PLANT,
)
from .coordinator.entries import is_organiser
from .engine.model import Member, Operation
from .organiser.options_flow import OrganiserOptionsFlow
from .organiser.setup_steps import OrganiseSteps
from .pmo import names
from .pmo.client import FeedClient
from .pmo.documents import read_member, read_operation
from .pmo.errors import AccessRefused, DocumentError, FeedUnavailable, InvitationError
from .pmo.invitation import Invitation, parse_invitation

DELIVERY_POINT = re.compile(r"[0-9]{14}|[0-9]{18}")
"""A French PRM (PDL), or a Belgian or Luxembourgish EAN."""

INDEX = selector.EntitySelector(
    selector.EntitySelectorConfig(
        multiple=True,
        filter=[
            {"domain": "sensor", "device_class": "energy"},
            {"domain": "sensor", "unit_of_measurement": ["Wh", "kWh", "MWh"]},
        ],
    )
)

INVITATION_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_INVITATION): selector.TextSelector(
            selector.TextSelectorConfig(multiline=True)
        )
    }
)
FIRST_SCHEMA = vol.Schema(
    {vol.Optional(CONF_INVITATION): INVITATION_SCHEMA.schema[CONF_INVITATION]}
)
NO_FEED_SCHEMA = vol.Schema(
    {vol.Required(CONF_OPERATION_NAME): selector.TextSelector()}
)
DELIVERY_POINT_SCHEMA = vol.Schema(
    {vol.Required(CONF_DELIVERY_POINT): selector.TextSelector()}
)
METER_SCHEMA = vol.Schema(
    {vol.Optional(CONF_IMPORT): INDEX, vol.Optional(CONF_EXPORT): INDEX}
)


async def _async_fetch(
    hass: HomeAssistant, invitation: Invitation
) -> tuple[Operation, Member]:
    """What the invitation opens; raises what FeedClient and the readers raise."""
    client = FeedClient(async_get_clientsession(hass), invitation)
    member = (await client.fetch(names.MEMBER)).body or b""
    operation = (await client.fetch(names.OPERATION)).body or b""
    # In a thread: a document of 10 MiB takes a second to read.
    read = hass.async_add_executor_job
    return await read(read_operation, operation), await read(read_member, member)


class AccConfigFlow(
    ContractSteps, DescriptionSteps, OrganiseSteps, ConfigFlow, domain=DOMAIN
):
    """One entry per delivery point, and one per operation that is organised here."""

    VERSION = 1
    MINOR_VERSION = 1

    def __init__(self) -> None:
        """Know nothing yet."""
        self._data: dict[str, Any] = {CONF_KIND: KIND_MEMBER}
        self._found: MeterCandidate | None = None
        self._produces = False
        self._described: dict[str, Any] = {}
        self._plants: tuple[ConfigSubentryData, ...] = ()

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """The options of an entry, by its kind."""
        if is_organiser(config_entry):
            return OrganiserOptionsFlow()
        return AccOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Loads, and plants where no organiser tells them; none of an organiser's."""
        if is_organiser(config_entry):
            return {}
        loads: dict[str, type[ConfigSubentryFlow]] = {SUBENTRY_LOAD: LoadSubentryFlow}
        if CONF_FEED_URL in config_entry.data:
            return loads
        return loads | {SUBENTRY_PLANT: PlantSubentryFlow}

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The organiser's invitation; who has none leaves it empty."""
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            text = user_input.get(CONF_INVITATION, "").strip()
            if not text:
                return await self.async_step_no_invitation()
            errors, placeholders = await self._async_accept(text)
            if not errors:
                return await self.async_step_delivery_point()
        return self._show_invitation("user", user_input, errors, placeholders)

    async def async_step_no_invitation(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """A member whose organiser publishes nothing, or an organiser?"""
        return self.async_show_menu(
            step_id="no_invitation", menu_options=["no_feed", "organise"]
        )

    async def async_step_no_feed(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The name of an operation that publishes nothing yet."""
        if user_input is not None:
            self._data |= user_input
            return await self.async_step_describe()
        return self.async_show_form(step_id="no_feed", data_schema=NO_FEED_SCHEMA)

    @override
    async def _async_organised(
        self, told: dict[str, Any], agreement: str | None
    ) -> ConfigFlowResult:
        await self.async_set_unique_id(agreement or uuid4().hex)
        self._abort_if_unique_id_configured(
            reload_on_update=False, error="operation_already_organised"
        )
        self._data = {CONF_KIND: KIND_ORGANISER, **told}
        return self.async_create_entry(title=self._free_title(), data=self._data)

    async def async_step_describe(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Is the operation to be described by hand?"""
        return self.async_show_menu(
            step_id="describe", menu_options=["operation", "delivery_point"]
        )

    @override
    async def _async_operation_told(
        self, operation: dict[str, Any]
    ) -> ConfigFlowResult:
        self._described = {CONF_OPERATION: operation}
        return await self.async_step_plant()

    @override
    async def _async_plant_told(self, plant: ConfigSubentryData) -> ConfigFlowResult:
        self._plants = (plant,)
        return await self.async_step_delivery_point()

    async def async_step_delivery_point(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The PRM or EAN."""
        errors: dict[str, str] = {}
        if user_input is not None:
            delivery_point = re.sub(r"[\s.-]", "", user_input[CONF_DELIVERY_POINT])
            if DELIVERY_POINT.fullmatch(delivery_point):
                key = await async_delivery_point_key(self.hass, delivery_point)
                await self.async_set_unique_id(key)
                self._abort_if_unique_id_configured(reload_on_update=False)
                self._data[CONF_DELIVERY_POINT] = delivery_point
                return await self.async_step_meter()
            errors[CONF_DELIVERY_POINT] = "invalid_delivery_point"
        return self.async_show_form(
            step_id="delivery_point",
            data_schema=self.add_suggested_values_to_schema(
                DELIVERY_POINT_SCHEMA, user_input
            ),
            errors=errors,
            description_placeholders={"operation": self._data[CONF_OPERATION_NAME]},
        )

    async def async_step_meter(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The meter: found, to be confirmed."""
        return await self._async_ask_meter("meter", user_input)

    async def async_step_meter_replaced(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """A new meter took the place of the old one; what was measured stays."""
        return await self._async_ask_meter("meter_replaced", user_input)

    async def async_step_without_meter(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what is missing without a live meter."""
        return self.async_show_menu(
            step_id="without_meter", menu_options=["meter", "finish"]
        )

    async def async_step_without_export(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what a producer misses without an export index."""
        return self.async_show_menu(
            step_id="without_export", menu_options=["meter", "finish"]
        )

    async def async_step_finish(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """The meter is known; a new member is asked for the contract last."""
        if self.source == SOURCE_RECONFIGURE:
            return self._update(self._get_reconfigure_entry())
        return await self.async_step_contract()

    @property
    @override
    def _entry_data(self) -> Mapping[str, Any]:
        return self._data

    @property
    @override
    def _entry_options(self) -> Mapping[str, Any]:
        return self._found_options() | self._described

    @override
    async def _async_contract_told(self, contract: dict[str, Any]) -> ConfigFlowResult:
        """Everything is known."""
        return self.async_create_entry(
            title=self._free_title(),
            data=self._data,
            options={**self._entry_options, CONF_CONTRACT: contract},
            subentries=self._plants,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """What has changed?"""
        entry = self._get_reconfigure_entry()
        if is_organiser(entry):
            return self.async_abort(reason="organiser_has_options")
        self._data = dict(entry.data)
        if entry.state is ConfigEntryState.LOADED and CONF_FEED_URL in entry.data:
            self._produces = entry.runtime_data.settlement.shape.produces
        return self.async_show_menu(
            step_id="reconfigure",
            menu_options=["meter", "meter_replaced", "new_invitation"],
        )

    async def async_step_new_invitation(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """An invitation for an entry that has another one, or none yet."""
        return await self._async_renew(
            "new_invitation", self._get_reconfigure_entry(), user_input
        )

    async def async_step_reauth(
        self, entry_data: Mapping[str, Any]
    ) -> ConfigFlowResult:
        """The organiser no longer accepts the invitation."""
        self._data = dict(entry_data)
        return await self.async_step_reauth_confirm()

    async def async_step_reauth_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the new invitation."""
        return await self._async_renew(
            "reauth_confirm", self._get_reauth_entry(), user_input
        )

    async def _async_renew(
        self, step_id: str, entry: ConfigEntry, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        placeholders: dict[str, str] = {}
        if user_input is not None:
            errors, placeholders = await self._async_accept(user_input[CONF_INVITATION])
            if not errors:
                return self._update(entry)
        return self._show_invitation(step_id, user_input, errors, placeholders)

    def _update(self, entry: ConfigEntry) -> ConfigFlowResult:
        """Change the entry; its listener reloads it, if it is loaded and anything changed."""
        listens = entry.state is ConfigEntryState.LOADED and entry.data != self._data
        reason = CHANGED if self.source == SOURCE_RECONFIGURE else INVITATION_RENEWED
        options = dict(entry.options)
        if self._data[CONF_IMPORT] != entry.data[CONF_IMPORT]:
            # The old meter's live sensors tell nothing of the new one.
            options.pop(CONF_LIVE_POWER, None)
            options |= self._found_options()
        result = self.async_update_and_abort(
            entry, data=self._data, options=options, reason=reason
        )
        if not listens:
            self.hass.config_entries.async_schedule_reload(entry.entry_id)
        return result

    def _show_invitation(
        self,
        step_id: str,
        user_input: dict[str, Any] | None,
        errors: dict[str, str],
        placeholders: dict[str, str],
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(
                FIRST_SCHEMA if step_id == "user" else INVITATION_SCHEMA, user_input
            ),
            errors=errors,
            description_placeholders={
                "operation": self._data.get(CONF_OPERATION_NAME, ""),
                "document": "",
                "field": "",
                "step": "",
            }
            | placeholders,
        )

    async def _async_accept(self, text: str) -> tuple[dict[str, str], dict[str, str]]:
        """Try an invitation and note what it opens; errors and what their texts name."""
        try:
            invitation = parse_invitation(text)
            operation, member = await _async_fetch(self.hass, invitation)
        except InvitationError as err:
            return {CONF_INVITATION: f"invitation_{err.problem}"}, {}
        except AccessRefused:
            return {CONF_INVITATION: "invitation_unknown"}, {}
        except FeedUnavailable as err:
            return {"base": "feed_unavailable"}, {"document": err.document}
        except DocumentError as err:
            return {"base": f"document_{err.problem}"}, err.placeholders
        known = self._data.get(CONF_OPERATION_ID)
        if known is not None and operation.id != known:
            return {CONF_INVITATION: "another_operation"}, {}
        self._produces = member.role.produces
        self._data |= {
            CONF_FEED_URL: invitation.base_url,
            CONF_TOKEN: invitation.token,
            CONF_OPERATION_NAME: operation.name,
            CONF_OPERATION_ID: operation.id,
        }
        return {}, {}

    async def _async_ask_meter(
        self, step_id: str, user_input: dict[str, Any] | None
    ) -> ConfigFlowResult:
        errors: dict[str, str] = {}
        suggested = user_input
        if user_input is not None:
            errors = self._meter_errors(user_input)
            if not errors:
                return await self._async_take_meter(user_input)
        else:
            suggested = await self._async_suggested_meter(step_id)
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(METER_SCHEMA, suggested),
            errors=errors,
        )

    def _free_title(self) -> str:
        """Name of the operation, numbered where another delivery point has it already."""
        name: str = self._data[CONF_OPERATION_NAME]
        titles = {e.title for e in self.hass.config_entries.async_entries(DOMAIN)}
        numbered = (f"{name} {n}" for n in itertools.count(2))
        return next(t for t in itertools.chain([name], numbered) if t not in titles)

    def _used_elsewhere(self) -> set[str]:
        """The indexes that other delivery points count."""
        own = (
            self._get_reconfigure_entry().entry_id
            if self.source == SOURCE_RECONFIGURE
            else None
        )
        return {
            ref
            for entry in self.hass.config_entries.async_entries(DOMAIN)
            if entry.entry_id != own
            for conf in (CONF_IMPORT, CONF_EXPORT)
            for ref in entry.data.get(conf, ())
        }

    def _meter_errors(self, user_input: dict[str, Any]) -> dict[str, str]:
        """Why a chosen entity cannot be an index, by field."""
        used = self._used_elsewhere()
        errors: dict[str, str] = {}
        for conf in (CONF_IMPORT, CONF_EXPORT):
            for entity_id in user_input.get(conf, ()):
                ref = reference(self.hass, entity_id)
                if problem := index_problem(self.hass, ref, used=used):
                    errors.setdefault(conf, f"index_{problem}")
                used.add(ref)
        return errors

    async def _async_take_meter(self, user_input: dict[str, Any]) -> ConfigFlowResult:
        for conf in (CONF_IMPORT, CONF_EXPORT):
            self._data[conf] = [
                reference(self.hass, entity_id)
                for entity_id in user_input.get(conf, ())
            ]
        self._data[CONF_DAILY] = [
            ref
            for ref in self._data[CONF_IMPORT] + self._data[CONF_EXPORT]
            if resets_daily(self.hass, ref)
        ]
        if not self._data[CONF_IMPORT]:
            return await self.async_step_without_meter()
        if self._produces and not self._data[CONF_EXPORT]:
            return await self.async_step_without_export()
        return await self.async_step_finish()

    def _found_options(self) -> dict[str, Any]:
        """What is known of the meter that was found, where it was the one chosen."""
        found = self._found
        if found is None or list(found.import_refs) != self._data[CONF_IMPORT]:
            return {}
        told = {
            CONF_SUBSCRIBED_KVA: found.subscribed_kva,
            CONF_LIVE_POWER: list(found.live_power_refs),
        }
        return {name: value for name, value in told.items() if value}

    async def _async_suggested_meter(self, step_id: str) -> dict[str, list[str]]:
        """The present choice, or the meter found; a replaced meter is looked for anew."""
        chosen = {conf: self._data.get(conf, ()) for conf in (CONF_IMPORT, CONF_EXPORT)}
        if not chosen[CONF_IMPORT] or step_id == "meter_replaced":
            used = self._used_elsewhere()
            for meter in await async_detect_meters(self.hass):
                if meter.confident and used.isdisjoint(meter.import_refs):
                    self._found = meter
                    chosen = {
                        CONF_IMPORT: meter.import_refs,
                        CONF_EXPORT: meter.export_refs,
                    }
                    break
        return {
            conf: [e for ref in refs if (e := resolve(self.hass, ref)) is not None]
            for conf, refs in chosen.items()
            if refs
        }
