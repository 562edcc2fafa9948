"""Our blueprints, put where automations are made from them; what a person changed is left."""

from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final

from homeassistant.const import SERVICE_RELOAD
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.file import write_utf8_file
from homeassistant.util.json import JsonObjectType

from ..const import DOMAIN

AUTOMATION: Final = "automation"
SHIPPED: Final = Path(__file__).parents[1] / "blueprints" / AUTOMATION
"""A folder for each language, with the same names and the same logic."""
ENGLISH, FRENCH = "en", "fr"
LANGUAGES: Final = (ENGLISH, FRENCH)
MARK: Final = "# Change what you like: a changed file is yours, and install_blueprints leaves it. "
"""Begins the first line of a file that was put there; the hash of all that follows ends it."""


class Outcome(StrEnum):
    """What became of a file."""

    WRITTEN = "written"
    CURRENT = "current"
    """It is there already, as we have it."""
    LEFT = "left"
    """It is not as we once wrote it, so it is somebody else's."""


async def async_install(hass: HomeAssistant, language: str | None) -> JsonObjectType:
    """Put the blueprints there, in a language or in the house's; the names of the files by outcome.

    Raises HomeAssistantError where nothing can be written.
    """
    if language is None:
        language = FRENCH if hass.config.language == FRENCH else ENGLISH
    inside = Path("blueprints", AUTOMATION, DOMAIN)
    target = Path(hass.config.path(str(inside)))
    try:
        outcomes = await hass.async_add_executor_job(
            _install, SHIPPED / language, target
        )
    except (OSError, HomeAssistantError) as error:
        raise HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key="blueprints_not_written",
            translation_placeholders={"folder": str(inside)},
        ) from error
    # It forgets the blueprints that it has read, and keeps the automations that stay the same.
    if Outcome.WRITTEN in outcomes.values() and hass.services.has_service(
        AUTOMATION, SERVICE_RELOAD
    ):
        await hass.services.async_call(AUTOMATION, SERVICE_RELOAD, blocking=True)
    return {
        "folder": str(inside),
        "language": language,
        **{
            outcome: [name for name, came in outcomes.items() if came is outcome]
            for outcome in Outcome
        },
    }


def _install(source: Path, target: Path) -> dict[str, Outcome]:
    """Write what is absent, and what nobody has changed since we wrote it; by file name."""
    target.mkdir(parents=True, exist_ok=True)
    return {
        path.name: _put(_marked(path.read_bytes()), target / path.name)
        for path in sorted(source.glob("*.yaml"))
    }


def _put(ours: bytes, path: Path) -> Outcome:
    if path.exists():
        there = path.read_bytes()
        if there == ours:
            return Outcome.CURRENT
        if there != _marked(there.partition(b"\n")[2]):
            return Outcome.LEFT
    write_utf8_file(str(path), ours, mode="wb")
    return Outcome.WRITTEN


def _marked(text: bytes) -> bytes:
    """The file below the line that tells whether it was changed since."""
    return f"{MARK}{sha256(text).hexdigest()}\n".encode() + text
