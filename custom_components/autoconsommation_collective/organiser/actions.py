"""Actions of an organiser, for administrators: take a file in, publish, tell a month."""

from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv, selector
from homeassistant.util.json import JsonObjectType
import voluptuous as vol

from ..adapters.delivered_file import async_on_disk, async_refused
from ..const import DOMAIN
from ..coordinator.entries import operations, the_entry
from ..coordinator.telling import told_kwh
from ..engine.blocks import Quantity
from ..engine.delivery_unread import Refusal, TableUnsure
from ..engine.organised_report import MonthReport
from ..pmo.cells import shown
from .coordinator import OrganiserCoordinator
from .entry import organises
from .month_steps import NO_CURVES, unfit
from .words import Words, async_words

SERVICE_TAKE_IN: Final = "organiser_import"
SERVICE_PUBLISH: Final = "publish"
SERVICE_MONTH: Final = "get_organised_month"

ATTR_CONFIG_ENTRY: Final = "config_entry"
ATTR_FILE: Final = "file"
ATTR_PASSWORD: Final = "password"
ATTR_MONTH: Final = "month"

NOT_AN_ORGANISER: Final = "not_an_organiser"
RATE_DECIMALS: Final = 4
"""A hundredth of a percent."""

TOLD: Final = (
    Quantity.CONSUMPTION,
    Quantity.ALLOCATED,
    Quantity.PRODUCTION,
    Quantity.SURPLUS,
)
"""Of each participant; null where it has no such energy, or none is known."""

OF_ENTRY: Final = {
    vol.Optional(ATTR_CONFIG_ENTRY): selector.ConfigEntrySelector(
        {"integration": DOMAIN}
    )
}
TAKE_IN_SCHEMA: Final = vol.Schema(
    OF_ENTRY
    | {vol.Required(ATTR_FILE): cv.string, vol.Optional(ATTR_PASSWORD): cv.string}
)
PUBLISH_SCHEMA: Final = vol.Schema(OF_ENTRY)
MONTH_SCHEMA: Final = vol.Schema(
    OF_ENTRY | {vol.Required(ATTR_MONTH): cv.matches_regex(r"20\d\d-(?:0[1-9]|1[0-2])")}
)


async def async_take_in(call: ServiceCall) -> ServiceResponse:
    """Take the grid operator's file in, and tell what its months come to."""
    hass, coordinator = call.hass, _coordinator(call)
    name, body = await async_on_disk(hass, call.data[ATTR_FILE])
    password = call.data.get(ATTR_PASSWORD)
    delivery = await coordinator.reading.async_read(name, body, password)
    if isinstance(delivery, TableUnsure):
        refusal = Refusal("needs_mapping", {"file": shown(name)})
        raise await async_refused(hass, refusal)
    if isinstance(delivery, Refusal):
        raise await async_refused(hass, delivery)
    if (unfitting := unfit(delivery, coordinator.books.roster.step)) is not None:
        raise await async_refused(hass, unfitting)
    try:
        reports = await coordinator.books.async_take_in(delivery)
    except OSError as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN, translation_key="month_not_kept"
        ) from error
    if not reports:
        raise await async_refused(hass, Refusal(NO_CURVES))
    words = await async_words(hass)
    return {
        "months": [_told(report, coordinator, words) for report in reports],
        "notes": [*words.strangers(delivery, coordinator.books.roster)],
    }


async def async_publish(call: ServiceCall) -> ServiceResponse:
    """Publish what is new."""
    n_written = await _coordinator(call).async_publish()
    return {"files": n_written} if call.return_response else None


async def async_get_month(call: ServiceCall) -> ServiceResponse:
    """Tell a month: what it came to, what is missing, who got what."""
    coordinator = _coordinator(call)
    found = await coordinator.books.async_month(call.data[ATTR_MONTH])
    if found is None:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="month_not_there"
        )
    roster = coordinator.books.roster
    names = {one.id: one.name for one in roster.participants}
    return {
        **_told(found.report, coordinator, await async_words(call.hass)),
        "participants": [
            {
                "name": names[participant],
                **{
                    f"{quantity}_kwh": told_kwh(page.total_wh(quantity))
                    for quantity in TOLD
                },
            }
            for participant, page in found.pages.items()
        ],
    }


def _coordinator(call: ServiceCall) -> OrganiserCoordinator:
    """That of the operation the action is about. Raises ServiceValidationError."""
    those = [entry for entry in operations(call.hass) if organises(entry)]
    asked = call.data.get(ATTR_CONFIG_ENTRY)
    found = the_entry(call.hass, asked, those, NOT_AN_ORGANISER)
    return found.runtime_data.coordinator


def _told(
    one: MonthReport, coordinator: OrganiserCoordinator, words: Words
) -> JsonObjectType:
    books = coordinator.books
    told: JsonObjectType = {
        "month": one.month,
        "quality": one.quality,
        "complete": one.is_complete,
        "report": [*words.report(one, books.roster, books.time_zone)],
    }
    if (tally := one.tally) is None:
        return told
    rate = tally.self_consumption_rate
    return told | {
        "production_kwh": told_kwh(tally.production_wh),
        "consumption_kwh": told_kwh(tally.consumption_wh),
        "allocated_kwh": told_kwh(tally.allocated_wh),
        "self_consumption_rate": None if rate is None else round(rate, RATE_DECIMALS),
    }
