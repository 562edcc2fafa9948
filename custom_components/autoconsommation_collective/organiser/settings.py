"""What an organiser set: where it publishes, what each evening, and what is done by when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.checklist import Checklist, Duty


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the feed is published, and when what is due."""

    folder: str | None = None
    """None: nothing is published."""
    is_served: bool = False
    """Whether Home Assistant itself hands the folder's files out."""
    address: str | None = None
    """What invitations carry; ends with a slash."""
    refreshes_forecast: bool = False
    """Whether the coming days are forecast each evening."""
    takes_needs: bool = False
    """Whether members' homes may tell what their loads that can wait will need."""
    checklist: Checklist = field(default_factory=Checklist)


def stored_settings(settings: Settings) -> dict[str, Any]:
    """The settings as JSON values."""
    checklist = settings.checklist
    return {
        "folder": settings.folder,
        "is_served": settings.is_served,
        "address": settings.address,
        "refreshes_forecast": settings.refreshes_forecast,
        "takes_needs": settings.takes_needs,
        "days": {duty.value: day for duty, day in checklist.days.items()},
        "since": checklist.since,
        "ticked": {
            month: sorted(duty.value for duty in duties)
            for month, duties in checklist.ticked.items()
        },
    }


def restored_settings(stored: Mapping[str, Any]) -> Settings:
    """The settings that were stored. Raises KeyError, ValueError, TypeError on anything else."""
    return Settings(
        stored["folder"],
        stored["is_served"],
        stored["address"],
        # Earlier versions did not ask.
        stored.get("refreshes_forecast", False),
        stored.get("takes_needs", False),
        checklist=Checklist(
            {Duty(duty): day for duty, day in stored["days"].items()},
            stored["since"],
            {
                month: frozenset(map(Duty, duties))
                for month, duties in stored["ticked"].items()
            },
        ),
    )
