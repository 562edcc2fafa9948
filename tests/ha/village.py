"""An operation as a neighbour describes it, and the weather over its plant."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from aiohttp import web
from homeassistant.config_entries import ConfigSubentryData

from custom_components.autoconsommation_collective.sky.open_meteo import OpenMeteo
from tests.pmo.feed_server import serving

PLACE = {"latitude": 46.56, "longitude": 1.63}
OPERATION: dict[str, Any] = {
    "key": "static",
    "coefficient_percent": 10.0,
    "price_model": "gift",
    "step_minutes": "30",
    "since": "2026-01-01",
}
"""A tenth of the production is this home's, for nothing."""
TYPED_PLANT: dict[str, Any] = {
    "name": "Toit de l'école",
    "place": {"latitude": 46.5612345, "longitude": 1.6298765},
    "peak_power_kw": 36.0,
    "tilt_deg": 30.0,
    "facing": "south",
}
PLANT = ConfigSubentryData(
    data={
        "place": PLACE,
        "peak_power_kw": 36.0,
        "tilt_deg": 30.0,
        "facing": "south",
    },
    subentry_type="plant",
    title="Toit de l'école",
    unique_id=None,
)
"""As it is kept of what was typed."""

QUARTER = timedelta(minutes=15)
LIGHT, WARMTH = "global_tilted_irradiance", "temperature_2m"


@dataclass
class Sky:
    """The same light from nine to three, UTC, on every day; asked for over plants."""

    now: datetime
    light_w_m2: float = 500.0
    is_out: bool = False
    """Whether the service answers nothing."""
    asked: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as Open-Meteo does, in quarters of an hour labelled at their end."""
        self.asked.append(dict(request.query))
        if self.is_out:
            return web.Response(status=503)
        today = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        first = today - timedelta(days=int(request.query["past_days"]))
        until = today + timedelta(days=int(request.query["forecast_days"]))
        is_forecast = request.path.endswith("forecast")
        ends = [
            first + n * QUARTER
            for n in range(1, (until - first) // QUARTER + 1)
            if is_forecast or first + n * QUARTER <= self.now
        ]
        section: dict[str, Any] = {
            "time": [int(end.timestamp()) for end in ends],
            LIGHT: [
                self.light_w_m2 if 9 <= (end - QUARTER).hour < 15 else 0.0
                for end in ends
            ],
        }
        units = {"time": "unixtime", LIGHT: "W/m²"}
        if is_forecast:
            section[WARMTH] = [10.0] * len(ends)
            units[WARMTH] = "°C"
        name = "minutely_15" if is_forecast else "hourly"
        return web.json_response({name: section, f"{name}_units": units})


@asynccontextmanager
async def under(now: datetime) -> AsyncIterator[Sky]:
    """A sky that is asked on loopback, in place of the service's own addresses."""
    sky = Sky(now)
    async with serving(sky.answer) as server:
        urls = {
            "forecast_url": str(server.make_url("/v1/forecast")),
            "satellite_url": str(server.make_url("/v1/archive")),
        }
        # The service itself is what a test cannot have; everything up to it is real.
        with patch.dict(OpenMeteo.__init__.__kwdefaults__, urls):
            yield sky
