"""translations/en.json: known keys, and texts that the frontend can show."""

from collections.abc import Callable, Iterator
import re
import string
from typing import Any

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .integration import Integration, misfits

KEY = re.compile(r"^(?!.+[_-]{2})(?![_-])[a-z0-9-_]+(?<![_-])$")
ADDRESS = re.compile(
    r"(\b[a-z0-9]+://|\bwww\.)[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,5}\b", re.IGNORECASE
)
QUOTED_PLACEHOLDER = re.compile(r"'{\w+}'")


def translation_key(value: object) -> str:
    """Return a key made of lower case letters, digits and single separators."""
    if not isinstance(value, str) or not KEY.match(value):
        raise vol.Invalid(f"invalid translation key {value!r}")
    return value


def shown_text(*, placeholders: bool) -> Callable[[object], str]:
    """Make the validator of a text; where a text is not filled in, placeholders stay bare."""

    def validate(value: object) -> str:
        text: str = cv.string_with_no_html(value)
        if QUOTED_PLACEHOLDER.search(text):
            raise vol.Invalid("a placeholder in single quotes is not filled in")
        if text != text.strip():
            raise vol.Invalid("spaces at the start or the end")
        if ADDRESS.search(text):
            raise vol.Invalid("an address belongs in a placeholder")
        for _, name, _, _ in string.Formatter().parse(text):
            if name is not None and not (placeholders and name.isidentifier()):
                raise vol.Invalid(f"placeholder {name!r} cannot be filled in")
        return text

    return validate


TEXT = shown_text(placeholders=True)
PLAIN = shown_text(placeholders=False)


def by_key(value: object, key: object = translation_key) -> vol.Schema:
    """Make the schema of a mapping with translation keys."""
    return vol.Schema({key: value})


SECTION = {
    vol.Optional("name"): TEXT,
    vol.Optional("description"): TEXT,
    vol.Optional("data"): {str: TEXT},
    vol.Optional("data_description"): {str: TEXT},
}
STEP = {
    vol.Optional("title"): TEXT,
    vol.Optional("description"): TEXT,
    vol.Optional("data"): {str: TEXT},
    vol.Optional("data_description"): {str: TEXT},
    vol.Optional("menu_options"): {str: TEXT},
    vol.Optional("menu_option_descriptions"): {str: TEXT},
    vol.Optional("submit"): TEXT,
    vol.Optional("sections"): {str: SECTION},
}
FLOW = {
    vol.Optional("flow_title"): TEXT,
    vol.Optional("title"): TEXT,
    vol.Required("step"): {str: STEP},
    vol.Optional("error"): {str: TEXT},
    vol.Optional("abort"): {str: TEXT},
    vol.Optional("progress"): {str: TEXT},
    vol.Optional("create_entry"): {str: TEXT},
}


def described_data_exists(flow: dict[str, Any]) -> dict[str, Any]:
    """Refuse the description of a field that the step does not name."""
    for name, step in flow["step"].items():
        if extra := step.get("data_description", {}).keys() - step.get("data", {}):
            raise vol.Invalid(f"step {name}: described but not named: {sorted(extra)}")
    return flow


def flow_schema(**more: dict[Any, Any]) -> vol.All[Any]:
    """Make the schema of a flow, with the keys of its kind."""
    extra = {key: value for keys in more.values() for key, value in keys.items()}
    return vol.All(vol.Schema(FLOW | extra), described_data_exists)


MAIN_FLOW = flow_schema(
    start={vol.Optional("initiate_flow"): {vol.Required("user"): TEXT}}
)
SUBENTRY_FLOW = flow_schema(
    start={vol.Required("initiate_flow"): {vol.Required("user"): TEXT, str: TEXT}},
    kind={vol.Required("entry_type"): TEXT},
)
NAMED = {vol.Required("name"): TEXT, vol.Optional("description"): TEXT}
FIELD = NAMED | {vol.Optional("example"): TEXT}
AUTOMATION_ELEMENT = {
    vol.Required("name"): TEXT,
    vol.Required("description"): TEXT,
    vol.Optional("fields"): by_key(FIELD),
}
ATTRIBUTE = {vol.Optional("name"): PLAIN, vol.Optional("state"): by_key(PLAIN)}
ENTITY = {
    vol.Optional("name"): TEXT,
    vol.Optional("state"): by_key(PLAIN),
    vol.Optional("state_attributes"): by_key(ATTRIBUTE),
    vol.Optional("unit_of_measurement"): PLAIN,
}
ISSUE = {
    vol.Required("title"): TEXT,
    vol.Exclusive("description", "fixable"): TEXT,
    vol.Exclusive("fix_flow", "fixable"): MAIN_FLOW,
}
SELECTOR = {
    vol.Optional("choices"): by_key(TEXT),
    vol.Optional("options"): by_key(TEXT),
    vol.Optional("unit_of_measurement"): by_key(TEXT),
    vol.Optional("fields"): object,
}
SCHEMA = vol.Schema(
    {
        vol.Optional("title"): TEXT,
        vol.Optional("common"): {cv.slug: TEXT},
        vol.Optional("config"): MAIN_FLOW,
        vol.Optional("options"): MAIN_FLOW,
        vol.Optional("config_subentries"): by_key(SUBENTRY_FLOW, cv.slug),
        vol.Optional("services"): by_key(
            AUTOMATION_ELEMENT | {vol.Optional("sections"): by_key(NAMED)}
        ),
        vol.Optional("triggers"): by_key(AUTOMATION_ELEMENT, cv.underscore_slug),
        vol.Optional("conditions"): by_key(AUTOMATION_ELEMENT, cv.underscore_slug),
        vol.Optional("device"): by_key({vol.Optional("name"): TEXT}),
        vol.Optional("entity"): by_key(by_key(ENTITY), cv.slug),
        vol.Optional("exceptions"): by_key({vol.Optional("message"): TEXT}, cv.slug),
        vol.Optional("issues"): {str: ISSUE},
        vol.Optional("selector"): by_key(SELECTOR, cv.slug),
        vol.Optional("system_health"): {vol.Optional("info"): by_key(TEXT)},
    }
)


def findings(integration: Integration) -> Iterator[str]:
    """Check the English texts."""
    if integration.manifest.get("config_flow") and not integration.texts:
        yield "translations/en.json: missing, but there is a config flow"
    yield from misfits("translations/en.json", SCHEMA, integration.texts)
