"""Repair issues: what a member can act on, in words."""

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN


@callback
def set_issue(
    hass: HomeAssistant,
    entry_id: str,
    kind: str,
    translation_key: str | None,
    placeholders: dict[str, str] | None = None,
) -> None:
    """Raise the issue of that kind, or clear it where there is no text to show."""
    issue_id = f"{kind}_{entry_id}"
    if translation_key is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id,
        is_fixable=False,
        severity=ir.IssueSeverity.WARNING,
        translation_key=translation_key,
        translation_placeholders=placeholders,
    )


@callback
def set_load_issue(
    hass: HomeAssistant, load_id: str, name: str, *, is_missing: bool, obeys: bool
) -> None:
    """Raise or clear what the user should look at on a load's device."""
    key = "load_missing" if is_missing else None if obeys else "load_not_obeying"
    set_issue(hass, load_id, LOAD, key, {"name": name})


@callback
def clear_load_issue(hass: HomeAssistant, load_id: str) -> None:
    """Clear the issue of a load that is gone."""
    set_issue(hass, load_id, LOAD, None)


@callback
def clear_issues(hass: HomeAssistant, entry_id: str) -> None:
    """Clear every issue of an entry."""
    for kind in KINDS:
        ir.async_delete_issue(hass, DOMAIN, f"{kind}_{entry_id}")


ACC_API = "acc_api"
CONTRACT = "contract"
DOCUMENT = "document"
FOLDER = "folder"
FORECAST = "forecast"
GAP = "gap"
LOAD = "load"
METER = "meter"
PRICES = "prices"
LATE = "late"
FEED_FOLDER = "feed_folder"
DAMAGED = "damaged"
KINDS = (
    *(ACC_API, CONTRACT, DOCUMENT, FOLDER, FORECAST, GAP, METER, PRICES),
    *(LATE, FEED_FOLDER, DAMAGED),
)
"""Of an entry; those of a load are cleared with it."""
