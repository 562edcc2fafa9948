"""The config flow as a person goes through it."""

from collections.abc import Iterable
import json
from pathlib import Path
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigFlowResult,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import voluptuous as vol

from custom_components.autoconsommation_collective.const import (
    CONF_CONTRACT_KIND,
    CONF_DELIVERY_POINT,
    CONF_INVITATION,
    CONF_MORE,
    CONF_OPERATION_NAME,
    DOMAIN,
    SUBENTRY_LOAD,
)
from custom_components.autoconsommation_collective.engine.contract import ContractKind

from .feed import NAME, Organiser
from .house import PRM, settle_down

ENGLISH = (
    Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations/en.json"
)


async def begin(hass: HomeAssistant, choice: str) -> ConfigFlowResult:
    """Add the integration and take one of its ways: without an invitation, or to its field."""
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
    if choice == "invitation":
        return result
    result = await answer(hass, result, {})
    assert (result["type"], result["step_id"]) == (
        FlowResultType.MENU,
        "no_invitation",
    )
    result = await choose(hass, result, choice)
    assert result["step_id"] == choice
    return result


async def choose(
    hass: HomeAssistant, result: ConfigFlowResult, choice: str
) -> ConfigFlowResult:
    """Take one way of a menu."""
    return await answer(hass, result, {"next_step_id": choice})


async def answer(
    hass: HomeAssistant, result: ConfigFlowResult, answers: dict[str, Any]
) -> ConfigFlowResult:
    """Fill in a form."""
    result = await hass.config_entries.flow.async_configure(result["flow_id"], answers)
    await settle_down(hass)
    if errors := result.get("errors"):
        texts = json.loads(ENGLISH.read_text())["config"]["error"]
        assert result["data_schema"] is not None
        fields = {str(field) for field in result["data_schema"].schema}
        assert errors.keys() <= fields | {"base"}
        assert not set(errors.values()) - texts.keys()
    return result


async def named(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigFlowResult:
    """Name an operation whose organiser publishes nothing."""
    result = await answer(hass, result, {CONF_OPERATION_NAME: NAME})
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "describe")
    return result


async def at_meter(
    hass: HomeAssistant, organiser: Organiser | None = None, prm: str = PRM
) -> ConfigFlowResult:
    """Come as far as the meter."""
    if organiser is None:
        result = await begin(hass, "no_feed")
        result = await named(hass, result)
        result = await choose(hass, result, "delivery_point")
    else:
        result = await begin(hass, "invitation")
        result = await answer(hass, result, {CONF_INVITATION: organiser.invitation})
    assert result["step_id"] == "delivery_point"
    result = await answer(hass, result, {CONF_DELIVERY_POINT: prm})
    assert result["step_id"] == "meter"
    return result


async def at_option(
    hass: HomeAssistant, entry: ConfigEntry, choice: str
) -> ConfigFlowResult:
    """Open the options and take one of their ways."""
    options = hass.config_entries.options
    result = await options.async_init(entry.entry_id)
    assert result["type"] is FlowResultType.MENU
    assert choice in result["menu_options"]
    return await options.async_configure(result["flow_id"], {"next_step_id": choice})


def suggested(result: ConfigFlowResult | SubentryFlowResult) -> dict[str, Any]:
    """What a form is filled with."""
    assert result["data_schema"] is not None
    return {
        str(field): field.description["suggested_value"]
        for field in result["data_schema"].schema
        if field.description
    }


async def at_load(
    hass: HomeAssistant, entry: ConfigEntry, template: str
) -> SubentryFlowResult:
    """Add a load to an entry, and say what it is."""
    flows = hass.config_entries.subentries
    result = await flows.async_init(
        (entry.entry_id, SUBENTRY_LOAD), context={"source": SOURCE_USER}
    )
    assert (result["type"], result["step_id"]) == (FlowResultType.MENU, "user")
    assert template in result["menu_options"]
    return await pick(hass, result, template)


async def pick(
    hass: HomeAssistant, result: SubentryFlowResult, choice: str
) -> SubentryFlowResult:
    """Take one way of a menu about a load."""
    assert choice in result["menu_options"]
    return await hass.config_entries.subentries.async_configure(
        result["flow_id"], {"next_step_id": choice}
    )


async def tell(
    hass: HomeAssistant, result: SubentryFlowResult, **answers: Any
) -> SubentryFlowResult:
    """Answer some questions about a load, and send the form as the frontend does.

    What is answered by None is cleared.
    """
    sent = prefilled(result)
    more = sent.get(CONF_MORE, {})
    in_section = questions(result).keys() - top(result).keys()
    for field, answer in answers.items():
        assert field in questions(result), field
        part = more if field in in_section else sent
        part[field] = answer
        if answer is None:
            del part[field]
    return await hass.config_entries.subentries.async_configure(result["flow_id"], sent)


def top(result: SubentryFlowResult) -> dict[str, vol.Marker]:
    """The questions that a form shows at once, and its section."""
    assert result["data_schema"] is not None
    return {str(field): field for field in result["data_schema"].schema}


def questions(result: SubentryFlowResult) -> dict[str, vol.Marker]:
    """All questions of a form, those of its section too."""
    found = top(result)
    if found.pop(CONF_MORE, None) is not None:
        assert result["data_schema"] is not None
        more = result["data_schema"].schema[CONF_MORE]
        found |= {str(field): field for field in more.schema.schema}
    return found


def prefilled(result: SubentryFlowResult) -> dict[str, Any]:
    """What the frontend sends of a form where nothing is typed."""

    def filled(markers: Iterable[vol.Marker]) -> dict[str, Any]:
        sent: dict[str, Any] = {}
        for marker in markers:
            if marker.description:
                sent[str(marker)] = marker.description["suggested_value"]
            elif not isinstance(marker.default, vol.Undefined):
                sent[str(marker)] = marker.default()
        return sent

    shown, every = top(result), questions(result)
    sent = filled(shown.values())
    if CONF_MORE in shown:
        sent[CONF_MORE] = filled(m for f, m in every.items() if f not in shown)
    return sent


def created(result: ConfigFlowResult) -> ConfigEntry:
    """The entry that was made."""
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return result["result"]


async def finished(hass: HomeAssistant, result: ConfigFlowResult) -> ConfigEntry:
    """Leave the last question open, and take the entry that is made."""
    assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "contract")
    unknown = {CONF_CONTRACT_KIND: ContractKind.UNKNOWN}
    return created(await answer(hass, result, unknown))


def assert_done(result: ConfigFlowResult, reason: str) -> None:
    """The flow has ended well, and says so in words of our own: in the user's language."""
    assert (result["type"], result["reason"]) == (FlowResultType.ABORT, reason)
    assert result.get("translation_domain") is None


async def renew(
    hass: HomeAssistant, result: ConfigFlowResult, invitation: str
) -> ConfigFlowResult:
    """Paste an invitation."""
    return await answer(hass, result, {CONF_INVITATION: invitation})
