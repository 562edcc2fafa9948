"""How an organiser's books are kept between restarts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from ..pmo.errors import DocumentError
from ..pmo.pages import Forecast, read_forecast
from ..pmo.sealing import MemberKeys
from ..pmo.stamps import Stamps, restored_stamps, stored_stamps
from ..pmo.written import written_forecast


@dataclass(frozen=True, slots=True)
class Publishing:
    """What was published, and what still has to be."""

    stamps: Stamps
    at: datetime | None = None
    due: frozenset[str] = frozenset()
    """Months that changed since."""
    moved: frozenset[str] = frozenset()
    """Participants whose keys are new, so that all their months are."""
    left: frozenset[str] = frozenset()
    """Folders that were published into before: emptied once the new one has everything."""


def stored_keys(keys: Mapping[str, MemberKeys]) -> dict[str, dict[str, str]]:
    """The keys of members, by participant's id, as JSON values."""
    return {
        one: {
            "path": told.path,
            "key": told.key.hex(),
            "nonce_key": told.nonce_key.hex(),
        }
        for one, told in keys.items()
    }


def restored_keys(stored: Mapping[str, Mapping[str, str]]) -> dict[str, MemberKeys]:
    """The keys that were stored. Raises KeyError, ValueError, TypeError on anything else."""
    return {
        one: MemberKeys(
            told["path"],
            bytes.fromhex(told["key"]),
            bytes.fromhex(told["nonce_key"]),
        )
        for one, told in stored.items()
    }


def stored_forecast(forecast: Forecast, time_zone: tzinfo) -> dict[str, str]:
    """A forecast as it is published."""
    return {"document": written_forecast(forecast, time_zone).decode()}


def restored_forecast(stored: Mapping[str, str]) -> Forecast | None:
    """The forecast that was stored; None where it can no longer be read."""
    try:
        return read_forecast(stored["document"].encode())
    except DocumentError:
        return None


def stored_publishing(publishing: Publishing) -> dict[str, Any]:
    """What was published as JSON values."""
    return {
        "stamps": stored_stamps(publishing.stamps),
        "at": publishing.at and publishing.at.isoformat(),
        "due": sorted(publishing.due),
        "moved": sorted(publishing.moved),
        "left": sorted(publishing.left),
    }


def restored_publishing(stored: Mapping[str, Any]) -> Publishing:
    """What was stored. Raises KeyError, ValueError, TypeError on anything else."""
    return Publishing(
        restored_stamps(stored["stamps"]),
        datetime.fromisoformat(stored["at"]) if stored["at"] else None,
        frozenset(stored["due"]),
        frozenset(stored["moved"]),
        frozenset(stored["left"]),
    )
