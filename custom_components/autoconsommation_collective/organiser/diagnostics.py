"""What helps to find a fault at an organiser's, and names nobody."""

from typing import Any

from .entry import OrganiserConfigEntry


def organiser_diagnostics(entry: OrganiserConfigEntry) -> dict[str, Any]:
    """Counts, keys and months: no name, no point, no place, no token, no address."""
    books, view = entry.runtime_data.books, entry.runtime_data.coordinator.data
    roster, settings = books.roster, books.settings
    return {
        "entry": {"version": entry.version, "minor_version": entry.minor_version},
        "operation": {
            "has_agreement": roster.agreement is not None,
            "time_zone": roster.time_zone,
            "step_s": roster.step.total_seconds(),
            "keys": [
                {
                    "choice": key.choice,
                    "first_day": key.validity.first_day,
                    "last_day": key.validity.last_day,
                    "solidarity": key.solidarity,
                }
                for key in roster.keys
            ],
            "prices": [price.model for price in roster.prices],
            "has_derogation": roster.derogation is not None,
        },
        "participants": {
            "kept": len(roster.participants),
            "today": view.n_members,
            "producers": view.n_producers,
            "agreed": view.n_agreed,
            "invited": view.n_invited,
            "placed": sum(one.place is not None for one in roster.participants),
        },
        "months": {
            month: {
                "quality": report.quality,
                "steps": report.n_steps,
                "known": report.n_known,
                "missing": len(report.missing),
                "strangers": report.n_strangers,
                "differences": len(report.differences),
                "problems": list(report.problems),
            }
            for month, report in view.months.items()
        },
        "publishing": {
            "has_folder": settings.folder is not None,
            "is_served": settings.is_served,
            "has_address": settings.address is not None,
            "at": view.published_at,
            "month": view.published_month,
            "unpublished": sorted(view.unpublished),
            "files": len(entry.runtime_data.coordinator.paths),
        },
        "evening": {
            "refreshes_forecast": settings.refreshes_forecast,
            "forecast_at": books.forecast and books.forecast.published_at,
            "takes_needs": entry.runtime_data.coordinator.takes_needs,
            "told_needs": len(books.needs),
        },
        "checklist": {duty.value: day for duty, day in settings.checklist.days.items()},
        "odd": list(view.odd),
    }
