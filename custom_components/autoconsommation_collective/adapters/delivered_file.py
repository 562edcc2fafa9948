"""Files that somebody hands in: read from the disk within limits, and why not, in words."""

from pathlib import Path
import stat
from typing import Final

from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError

from ..const import DOMAIN
from ..engine.delivery_unread import Refusal
from .reason import Texts, async_texts

KIND: Final = "delivery_"
NOT_ALLOWED, NOT_READ = "file_not_allowed", "file_not_read"
"""Exceptions: a path that Home Assistant may not read, or at which there is no file."""
MAX_READ: Final = 64 * 1024 * 1024
"""Somewhat more than what is read of a file, so that a larger one is seen to be too large."""


async def async_uploaded(hass: HomeAssistant, file_id: str) -> tuple[str, bytes]:
    """Name and content of an uploaded file, which is gone afterwards."""

    def taken() -> tuple[str, bytes]:
        with process_uploaded_file(hass, file_id) as path:
            return path.name, _body(path)

    return await hass.async_add_executor_job(taken)


async def async_on_disk(hass: HomeAssistant, file: str) -> tuple[str, bytes]:
    """Name and content of a file that Home Assistant may read.

    Raises ServiceValidationError where it may not, or there is none.
    """
    path = Path(hass.config.path(file))

    def taken() -> tuple[str, bytes]:
        if not hass.config.is_allowed_path(str(path)):
            raise _refused(NOT_ALLOWED, file)
        try:
            return path.name, _body(path)
        except OSError:
            raise _refused(NOT_READ, file) from None

    return await hass.async_add_executor_job(taken)


def _body(path: Path) -> bytes:
    """All of a regular file, as far as any is read. Raises OSError."""
    with path.open("rb") as stream:
        if not stat.S_ISREG(path.stat().st_mode):
            raise OSError(path.name)
        # One that grows while it is read is not read on.
        return stream.read(MAX_READ)


def _refused(key: str, file: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders={"file": file},
    )


async def async_delivery_texts(hass: HomeAssistant, language: str) -> Texts:
    """Why files are not taken in, in a language."""
    return await async_texts(hass, KIND, language)


def why_not(texts: Texts, refusal: Refusal) -> str:
    """Why a file is not taken in, and what to do."""
    return texts[refusal.key].format_map(refusal.placeholders)
