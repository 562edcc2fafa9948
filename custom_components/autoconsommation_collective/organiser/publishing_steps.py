"""Where it is published, and who is invited to it."""

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import selector
from homeassistant.helpers.network import NoURLAvailableError, get_url
import voluptuous as vol

from ..const import DOMAIN
from ..pmo.errors import InvitationError, InvitationProblem
from ..pmo.invitation import Invitation, parse_invitation
from ..pmo.sealing import new_token
from ..pmo.stamps import published_paths, without
from .month_steps import CONF_PUBLISH
from .serving import FEED_URL
from .settings import Settings
from .steps import CONF_PARTICIPANT, BookSteps

CONF_FOLDER: Final = "folder"
CONF_SERVED: Final = "is_served"
CONF_ADDRESS: Final = "address"
CONF_QR: Final = "qr"
PUBLISHING_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_FOLDER): selector.TextSelector(),
        vol.Required(CONF_SERVED, default=False): selector.BooleanSelector(),
        vol.Optional(CONF_ADDRESS): selector.TextSelector(),
        vol.Required(CONF_PUBLISH, default=True): selector.BooleanSelector(),
    }
)
NOT_TO_BE_WRITTEN: Final = frozenset({"custom_components", "deps"})
"""Beside hidden folders: Home Assistant runs what lies there."""


class PublishingSteps(BookSteps):
    """The folder, the address, and the invitations that carry it."""

    async def async_step_publishing(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Where is it published?"""
        errors: dict[str, str] = {}
        problem = ""
        if user_input is not None:
            folder = await self.hass.async_add_executor_job(
                allowed_folder, self.hass, user_input[CONF_FOLDER]
            )
            address = user_input.get(CONF_ADDRESS, "").strip()
            if folder is None:
                errors[CONF_FOLDER] = "folder_not_allowed"
            if address:
                try:
                    address = base_address(address)
                except InvitationError as error:
                    is_open = error.problem is InvitationProblem.NOT_SECURE
                    errors[CONF_ADDRESS] = (
                        "address_not_secure" if is_open else "address_not_one"
                    )
            if folder is not None and not errors:
                await self._async_set(folder, address or None, user_input[CONF_SERVED])
                if not user_input[CONF_PUBLISH]:
                    return self._changed()
                try:
                    await self._coordinator.async_publish()
                except HomeAssistantError as error:
                    errors["base"] = "not_published"
                    problem = str(error)
                else:
                    return self._changed()
        return self.async_show_form(
            step_id="publishing",
            data_schema=self.add_suggested_values_to_schema(
                PUBLISHING_SCHEMA, user_input or self._suggested()
            ),
            errors=errors,
            description_placeholders={
                "own_address": self._own_address() or "–",
                "problem": problem,
            },
        )

    async def _async_set(
        self, folder: Path, address: str | None, is_served: bool
    ) -> None:
        """Keep where; what lies in another folder so far is published anew."""
        books = self._books
        async with books.changing:
            before, months = books.settings, await books.async_months()
            after = replace(
                before, folder=str(folder), address=address, is_served=is_served
            )
            if before.folder is not None and before.folder != after.folder:
                stamps, left = books.publishing.stamps, books.publishing.left
                publishing = replace(
                    books.publishing,
                    stamps=without(stamps, published_paths(stamps)),
                    due=frozenset(months),
                    moved=frozenset(books.keys),
                    left=(left | {before.folder}) - {after.folder},
                )
                await books.async_set_publishing(publishing)
            await books.async_set_settings(after)

    def _suggested(self) -> dict[str, Any]:
        """As it is, else a folder of its own in the configuration."""
        settings = self._books.settings
        own = f"{DOMAIN}/feed_{self._coordinator.config_entry.entry_id.lower()}"
        told = {
            CONF_FOLDER: settings.folder or self.hass.config.path(own),
            CONF_SERVED: settings.is_served,
            CONF_ADDRESS: settings.address,
        }
        if settings == Settings(checklist=settings.checklist):
            told[CONF_ADDRESS] = self._own_address()
        return {field: value for field, value in told.items() if value is not None}

    def _own_address(self) -> str | None:
        """Where Home Assistant hands the feed out itself, where it can be reached safely."""
        try:
            url = get_url(
                self.hass, allow_internal=False, prefer_external=True, require_ssl=True
            )
        except NoURLAvailableError:
            return None
        return f"{url}{FEED_URL}{self._coordinator.config_entry.entry_id}/"

    # Invitations

    async def async_step_invite(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Whom?"""
        books, errors = self._books, dict[str, str]()
        if user_input is not None:
            one = books.roster.participant(user_input[CONF_PARTICIPANT])
            if books.settings.address is None:
                errors["base"] = "address_missing"
            elif one is None or not one.agrees(self._coordinator.today):
                errors[CONF_PARTICIPANT] = "consent_missing"
            else:
                return await self._async_invited(one.id, one.name)
        return self.async_show_form(
            step_id="invite",
            data_schema=vol.Schema({vol.Required(CONF_PARTICIPANT): self._choose()}),
            errors=errors,
        )

    async def _async_invited(self, participant: str, name: str) -> ConfigFlowResult:
        """Show the invitation, once; its token is not kept."""
        token = await self._books.async_invite(participant)
        assert self._books.settings.address is not None
        text = Invitation(self._books.settings.address, token).text
        qr = selector.QrCodeSelector(
            selector.QrCodeSelectorConfig(
                data=text,
                scale=5,
                error_correction_level=selector.QrErrorCorrectionLevel.MEDIUM,
            )
        )
        problem = await self._async_published()
        return self.async_show_form(
            step_id="invited",
            data_schema=vol.Schema({vol.Optional(CONF_QR): qr}),
            errors={"base": "not_published"} if problem else {},
            description_placeholders={
                "name": name,
                "invitation": text,
                "problem": problem,
            },
        )

    async def async_step_invited(self, _user_input: dict[str, Any]) -> ConfigFlowResult:
        """It was handed over."""
        return self._changed()

    async def async_step_revoke(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Whose documents are taken away?"""
        errors: dict[str, str] = {}
        problem = ""
        if user_input is not None:
            await self._books.async_revoke(user_input[CONF_PARTICIPANT])
            problem = await self._async_published()
            if not problem:
                return self._changed()
            errors["base"] = "not_published"
        if not self._books.keys and not errors:
            return self.async_abort(reason="nobody_invited")
        invited = self._choose(set(self._books.keys))
        return self.async_show_form(
            step_id="revoke",
            data_schema=vol.Schema({vol.Required(CONF_PARTICIPANT): invited}),
            errors=errors,
            description_placeholders={"problem": problem},
        )

    async def _async_published(self) -> str:
        """Publish what follows from keys at once; why that failed, in words."""
        try:
            await self._coordinator.async_publish(with_months=False)
        except HomeAssistantError as error:
            return str(error)
        return ""


def base_address(text: str) -> str:
    """An address as invitations carry it. Raises InvitationError on one that they cannot."""
    whole = Invitation(f"{text.rstrip('/')}/", new_token()).text
    return parse_invitation(whole).base_url


def allowed_folder(hass: HomeAssistant, text: str) -> Path | None:
    """The folder, where it may be published into; blocks."""
    folder = Path(hass.config.path(text.strip())).resolve()
    config = Path(hass.config.config_dir).resolve()
    if folder.is_relative_to(config):
        parts = folder.relative_to(config).parts
        refused = any(part.startswith(".") for part in parts)
        first = parts[0] if parts else "."
        is_allowed = bool(parts) and not refused and first not in NOT_TO_BE_WRITTEN
        return folder if is_allowed else None
    return folder if hass.config.is_allowed_path(str(folder)) else None
