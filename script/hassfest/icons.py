"""icons.json: icons from the set that the frontend has."""

from collections.abc import Iterator

from homeassistant.helpers import config_validation as cv
import voluptuous as vol

from .integration import Integration, misfits
from .texts import by_key


def icon(value: object) -> str:
    """Return the name of a Material Design icon."""
    if not isinstance(value, str) or not value.startswith("mdi:"):
        raise vol.Invalid(f"not an icon: {value!r}")
    return value


def ascending(ranges: dict[str, str]) -> dict[str, str]:
    """Return icons by range, whose lower bounds must ascend."""
    bounds = [float(bound) for bound in ranges]
    if bounds != sorted(bounds):
        raise vol.Invalid("ranges must ascend")
    return ranges


STATES = {
    vol.Optional("default"): icon,
    vol.Optional("state"): by_key(icon),
    vol.Optional("range"): vol.All({str: icon}, ascending),
}
ENTITY = STATES | {vol.Optional("state_attributes"): by_key(STATES)}
SCHEMA = vol.Schema(
    {
        vol.Optional("entity"): by_key(by_key(ENTITY), cv.slug),
        vol.Optional("services"): by_key(
            {vol.Optional("service"): icon, vol.Optional("sections"): by_key(icon)}
        ),
        vol.Optional("triggers"): by_key(
            {vol.Optional("trigger"): icon}, cv.underscore_slug
        ),
        vol.Optional("conditions"): by_key(
            {vol.Optional("condition"): icon}, cv.underscore_slug
        ),
    }
)


def findings(integration: Integration) -> Iterator[str]:
    """Check the icons."""
    yield from misfits("icons.json", SCHEMA, integration.icons)
