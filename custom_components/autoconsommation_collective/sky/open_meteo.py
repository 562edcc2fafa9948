"""Open-Meteo: light in the plane of the panels, as forecast and as satellites saw it.

Documented at https://open-meteo.com/en/docs and /en/docs/satellite-radiation-api. Free for
non-commercial use, without a key; the data are CC BY 4.0 and ask for a visible link.
"""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from aiohttp import ClientError, ClientResponse, ClientSession
from aiohttp.hdrs import RETRY_AFTER

from ..engine.solar import Site
from .errors import WeatherError, WeatherProblem, WeatherUnavailable
from .open_meteo_answer import IRRADIANCE, TEMPERATURE

ATTRIBUTION: Final = "Weather data by Open-Meteo.com (https://open-meteo.com/)"
"""To be shown beside what is made of the data, with the link (CC BY 4.0); not translated."""

MIN_INTERVAL = timedelta(hours=1)
"""The finest model runs every three hours; of 10,000 calls a day and address, a home with
two sites and both services then makes about a hundred."""

FORECAST_URL: Final = "https://api.open-meteo.com/v1/forecast"
SATELLITE_URL: Final = "https://satellite-api.open-meteo.com/v1/archive"

TIMEOUT = timedelta(seconds=20)
"""It answers in under a second; what takes longer is tried again later."""

FORECAST_DAYS = 3
"""Today and two more: the 48 hours ahead, whatever the hour."""

PAST_DAYS = 2
"""What was foreseen of the days just past, to be set against what the home measured."""

MOST_PAST_DAYS = 92
"""As far back as the services answer: enough to calibrate against the last settlement."""

MAX_BYTES = 2 * 1024 * 1024
"""All past days in quarters of an hour are 0.3 MB."""

_LONGEST_RETRY_AFTER = timedelta(days=1)
"""The limits of the service start anew each day."""


class OpenMeteo:
    """Asks for the weather over a site."""

    def __init__(
        self,
        session: ClientSession,
        *,
        forecast_url: str = FORECAST_URL,
        satellite_url: str = SATELLITE_URL,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        """Take a session that verifies certificates, as sessions do unless told not to."""
        self._session = session
        self._forecast_url = forecast_url
        self._satellite_url = satellite_url
        self._timeout = timeout

    async def fetch(self, site: Site, past_days: int = PAST_DAYS) -> bytes:
        """Forecast for today and the two days after, and what it was for the past days.

        For `read_forecast`. Raises WeatherUnavailable where a later try may succeed,
        WeatherError where the answer is too large or the question refused.
        """
        return await self._ask(
            self._forecast_url,
            _place(site)
            | {
                "minutely_15": f"{IRRADIANCE},{TEMPERATURE}",
                "forecast_days": FORECAST_DAYS,
                "past_days": min(past_days, MOST_PAST_DAYS),
                # No models: the best for the place, which those of Météo-France are not,
                # as they give no light.
            },
        )

    async def fetch_observed(self, site: Site, past_days: int = PAST_DAYS) -> bytes:
        """What satellites saw over the past days and today, up to about half an hour ago.

        For `read_observed`. Raises as `fetch`.
        """
        return await self._ask(
            self._satellite_url,
            _place(site)
            | {
                "hourly": IRRADIANCE,
                "models": "satellite_radiation_seamless",
                # The satellite's own steps of 10 or 15 minutes, not hours made of them.
                "temporal_resolution": "native",
                "forecast_days": 1,
                "past_days": min(past_days, MOST_PAST_DAYS),
            },
        )

    async def _ask(self, url: str, question: Mapping[str, str | float]) -> bytes:
        try:
            async with (
                asyncio.timeout(self._timeout.total_seconds()),
                self._session.get(
                    url, params=question, allow_redirects=False
                ) as response,
            ):
                return await _read(response)
        except (ClientError, OSError, ValueError) as error:
            reason = type(error).__name__
        # Out of the handler: the cause holds the address, and with it the place.
        raise WeatherUnavailable(reason)


def _place(site: Site) -> dict[str, str | float]:
    """What both services need to know of a site, and how they are to tell the time."""
    return {
        "latitude": site.latitude_deg,
        "longitude": site.longitude_deg,
        "tilt": site.tilt_deg,
        "azimuth": site.azimuth_deg,
        "timezone": "UTC",
        "timeformat": "unixtime",
    }


async def _read(response: ClientResponse) -> bytes:
    """Take the answer, or say in a typed error what it was instead."""
    if response.status == HTTPStatus.BAD_REQUEST:
        # Its reason repeats the question, and with it the place.
        raise WeatherError(WeatherProblem.REFUSED)
    if response.status != HTTPStatus.OK:
        raise WeatherUnavailable(
            f"HTTP {response.status}", _retry_after(response.headers)
        )
    body = bytearray()
    # Counted as it arrives, after decompression: no header is believed.
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_BYTES:
            raise WeatherError(WeatherProblem.TOO_LARGE)
    return bytes(body)


def _retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the answer asks to wait, in seconds (RFC 9110 §10.2.3); a date is ignored."""
    value = headers.get(RETRY_AFTER, "").strip()
    if not value.isdecimal():
        return None
    seconds = min(float(value), _LONGEST_RETRY_AFTER.total_seconds())
    return timedelta(seconds=seconds)
