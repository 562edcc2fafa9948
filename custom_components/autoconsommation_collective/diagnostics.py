"""What helps to find a fault, and tells nobody who or where the member is."""

from dataclasses import asdict
from typing import Any

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.const import CONF_TOKEN
from homeassistant.core import HomeAssistant

from .const import (
    CONF_AGREEMENT,
    CONF_ARCHIVE_PASSWORD,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_DAILY,
    CONF_DELIVERY_POINT,
    CONF_EXPORT,
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_LIVE_POWER,
    CONF_OPERATION_ID,
    CONF_OPERATION_NAME,
    CONF_PLACE,
    CONF_PRICE_ENTITY,
    CONF_TARIFF,
    CONF_TOMORROW,
)
from .coordinator import AccConfigEntry
from .organiser.diagnostics import organiser_diagnostics
from .organiser.entry import organises

TO_REDACT = {
    CONF_AGREEMENT,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_ARCHIVE_PASSWORD,
    CONF_DAILY,
    CONF_DELIVERY_POINT,
    CONF_EXPORT,  # the entity_id of a home-made meter may hold its address (ADCO)
    CONF_FEED_URL,
    CONF_IMPORT,
    CONF_LIVE_POWER,
    CONF_OPERATION_ID,
    CONF_OPERATION_NAME,
    CONF_PLACE,
    CONF_PRICE_ENTITY,
    CONF_TARIFF,
    CONF_TOKEN,
    CONF_TOMORROW,
    "title",
    "unique_id",
    "id",
    "name",
    "commune",
    "latitude_deg",
    "longitude_deg",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: AccConfigEntry
) -> dict[str, Any]:
    """Entry, what the organiser told, and the snapshot; of an organiser what it keeps, in numbers."""
    if organises(entry):
        return organiser_diagnostics(entry)
    settlement, share = entry.runtime_data.settlement, entry.runtime_data.share
    published = settlement.data
    learned = entry.runtime_data.outlook.learned
    return async_redact_data(
        {
            "entry": entry.as_dict(),
            "feed": {
                "last_success": settlement.last_update_success,
                "operation": published.operation
                and _with_lists(asdict(published.operation)),
                "member": published.member and asdict(published.member),
                "forecast_published_at": published.forecast
                and published.forecast.published_at,
                "months": {
                    month: {
                        "revision": page.revision,
                        "quality": page.quality,
                        "holes": page.has_holes,
                        "blocks": len(page.blocks),
                    }
                    for month, page in published.pages.items()
                },
            },
            "snapshot": asdict(share.data),
            "rests_on": {
                "calibrated_days": entry.runtime_data.production.calibrated_days,
                "settled_days": learned.n_days if learned else 0,
                "case_days": learned.table.n_days if learned and learned.table else 0,
                "habit_days": learned.profile.n_days
                if learned and learned.profile
                else 0,
            },
            "loads": {
                load_id: {
                    "kind": view.settings.kind,
                    "status": view.status,
                    "is_controlled": view.is_controlled,
                    "no_control": view.settings.no_control,
                    "why": view.plan and view.plan.why,
                    "runs": view.plan and [asdict(run) for run in view.plan.runs],
                    "short_wh": view.plan and view.plan.short_wh,
                    "gain": asdict(view.gain),
                }
                for load_id, view in entry.runtime_data.loads.data.loads.items()
            },
            "guard": asdict(entry.runtime_data.loads.data.guard),
            "scores": {
                month: asdict(score)
                for month, score in (learned.months if learned else {}).items()
            },
        },
        TO_REDACT,
    )


def _with_lists(told: dict[str, Any]) -> dict[str, Any]:
    """Its tuples as lists: redaction looks into no tuple."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in told.items()}
