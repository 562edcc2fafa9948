"""services.yaml, triggers.yaml, conditions.yaml: each element with its texts and its icon."""

from collections.abc import Callable, Iterator
import re
from typing import Any

from homeassistant.helpers import config_validation as cv, selector
import voluptuous as vol

from .integration import Integration, misfits

ACTION_REGISTRATION = re.compile(
    r"hass\.services\.async_register\(|"
    r"async_register_(admin_service|platform_entity_service)\("
)


def registers_actions(integration: Integration) -> bool:
    """Whether some code of the integration registers an action."""
    return any(
        ACTION_REGISTRATION.search(source.read_text("utf-8"))
        for source in integration.sources
    )


# Kind of element, and what shows that an integration has some.
KINDS: dict[str, Callable[[Integration], bool]] = {
    "services": registers_actions,
    "triggers": lambda integration: integration.has("trigger.py"),
    "conditions": lambda integration: integration.has("condition.py"),
}

FIELD = {
    vol.Optional("example"): object,
    vol.Optional("default"): object,
    vol.Optional("required"): bool,
    vol.Optional("filter"): object,
    vol.Optional("context"): {str: str},
    vol.Optional("selector"): selector.validate_selector,
}
SECTION = {
    vol.Optional("collapsed"): bool,
    vol.Required("fields"): {str: vol.Any(None, FIELD)},
}
ELEMENT = {
    vol.Optional("fields"): {str: vol.Any(None, FIELD, SECTION)},
    vol.Optional("target"): vol.Any(None, selector.TargetSelector.CONFIG_SCHEMA),
}
SCHEMA = vol.Schema({cv.underscore_slug: vol.Any(None, ELEMENT)})


def findings(integration: Integration) -> Iterator[str]:
    """Check actions, triggers and conditions."""
    for kind, has_some in KINDS.items():
        if has_some(integration) and not integration.has(f"{kind}.yaml"):
            yield f"{kind}.yaml: missing, but the code has {kind}"
        elements = integration.yaml(f"{kind}.yaml")
        yield from misfits(f"{kind}.yaml", SCHEMA, elements)
        for name, element in elements.items():
            yield from _element(integration, kind, name, element or {})


def _element(
    integration: Integration, kind: str, name: str, element: dict[str, Any]
) -> Iterator[str]:
    if name not in integration.icons.get(kind, {}):
        yield f"icons.json: {kind} {name} has no icon"
    texts = integration.texts.get(kind, {}).get(name)
    if texts is None:
        yield f"translations/en.json: {kind} {name} has no text"
        return
    for field, content in element.get("fields", {}).items():
        is_section = "fields" in (content or {})
        if field not in texts.get("sections" if is_section else "fields", {}):
            yield f"translations/en.json: {kind} {name}: {field} has no text"
        select = (content or {}).get("selector", {}).get("select") or {}
        options = select.get("translation_key")
        if options and options not in integration.texts.get("selector", {}):
            yield f"translations/en.json: {kind} {name}: {options} has no options"
