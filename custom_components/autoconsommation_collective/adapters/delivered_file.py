"""Files that somebody hands in: read from the disk within limits, and why not, in words."""

from pathlib import Path
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


async def async_uploaded(hass: HomeAssistant, file_id: str) -> tuple[str, bytes] | None:
    """Name and content of an uploaded file, which is gone afterwards; None: it is already."""

    def taken() -> tuple[str, bytes] | None:
        try:
            with process_uploaded_file(hass, file_id) as path:
                return path.name, _body(path)
        except ValueError:
            return None

    return await hass.async_add_executor_job(taken)


async def async_on_disk(hass: HomeAssistant, file: str) -> tuple[str, bytes]:
    """Name and content of a file that Home Assistant may read.

    Raises ServiceValidationError where it may not, or there is none.
    """
    path = Path(hass.config.path(file))

    def taken() -> tuple[str, bytes]:
        if not hass.config.is_allowed_path(str(path)):
            raise _refused(NOT_ALLOWED)
        try:
            return path.name, _body(path)
        except OSError:
            raise _refused(NOT_READ) from None

    return await hass.async_add_executor_job(taken)


def _body(path: Path) -> bytes:
    """All of a regular file, as far as any is read. Raises OSError."""
    # A pipe would be waited for when it is opened.
    if not path.is_file():
        raise FileNotFoundError
    with path.open("rb") as stream:
        # One that grows while it is read is not read on.
        return stream.read(MAX_READ)


def _refused(key: str) -> ServiceValidationError:
    """Without the path: it is logged, and may hold a delivery point's number."""
    return ServiceValidationError(translation_domain=DOMAIN, translation_key=key)


async def async_delivery_texts(hass: HomeAssistant, language: str) -> Texts:
    """Why files are not taken in, in a language."""
    return await async_texts(hass, KIND, language)


async def async_refused(
    hass: HomeAssistant, refusal: Refusal
) -> ServiceValidationError:
    """The error of an action that could not take a file in."""
    texts = await async_delivery_texts(hass, hass.config.language)
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key="delivery_refused",
        translation_placeholders={"problem": why_not(texts, refusal)},
    )


def why_not(texts: Texts, refusal: Refusal) -> str:
    """Why a file is not taken in, and what to do."""
    return texts[refusal.key].format_map(refusal.placeholders)
