"""The client of Open-Meteo against a real server that answers well, or badly."""

from datetime import timedelta
import json
import traceback

from aiohttp import ClientSession, web
import pytest

from custom_components.autoconsommation_collective.engine.solar import Site
from custom_components.autoconsommation_collective.sky.errors import (
    WeatherError,
    WeatherProblem,
    WeatherUnavailable,
)
from custom_components.autoconsommation_collective.sky.open_meteo import (
    FORECAST_URL,
    MAX_BYTES,
    SATELLITE_URL,
    TIMEOUT,
    OpenMeteo,
)
from tests.pmo.feed_server import (
    Answer,
    answering,
    bomb,
    cut_off,
    endless,
    garbage,
    hung_up,
    redirecting,
    serving,
    silent,
    trickling,
)

SITE = Site(46.56, -1.16, 30.0, -90.0, 9.0)
SHORT = timedelta(milliseconds=100)


async def fetch(
    session: ClientSession,
    answer: Answer,
    *,
    observed: bool = False,
    past_days: int = 2,
    timeout: timedelta = TIMEOUT,
) -> bytes:
    """What the client makes of that answer."""
    async with serving(answer) as server:
        client = OpenMeteo(
            session,
            forecast_url=str(server.make_url("/v1/forecast")),
            satellite_url=str(server.make_url("/v1/archive")),
            timeout=timeout,
        )
        ask = client.fetch_observed if observed else client.fetch
        return await ask(SITE, past_days)


async def told(request: web.Request) -> web.Response:
    """Answer with the path and the question."""
    return web.json_response({"path": request.path, **request.query})


# What is asked

WHERE = {
    "latitude": "46.56",
    "longitude": "-1.16",
    "tilt": "30.0",
    "azimuth": "-90.0",
    "timezone": "UTC",
    "timeformat": "unixtime",
}


async def test_forecast_is_asked_for_the_panels(session: ClientSession) -> None:
    """In quarters of an hour, of the best model for the place."""
    assert json.loads(await fetch(session, told)) == {
        "path": "/v1/forecast",
        **WHERE,
        "minutely_15": "global_tilted_irradiance,temperature_2m",
        "forecast_days": "3",
        "past_days": "2",
    }


async def test_satellite_is_asked_for_its_own_steps(session: ClientSession) -> None:
    """It knows no temperature."""
    assert json.loads(await fetch(session, told, observed=True, past_days=60)) == {
        "path": "/v1/archive",
        **WHERE,
        "hourly": "global_tilted_irradiance",
        "models": "satellite_radiation_seamless",
        "temporal_resolution": "native",
        "forecast_days": "1",
        "past_days": "60",
    }


async def test_no_more_days_are_asked_than_are_answered(session: ClientSession) -> None:
    """The service refuses a question that goes further back."""
    asked = json.loads(await fetch(session, told, past_days=400))
    assert asked["past_days"] == "92"


def test_both_services_are_asked_over_tls() -> None:
    """Where plants stand is for the service alone."""
    assert all(url.startswith("https://") for url in (FORECAST_URL, SATELLITE_URL))


async def test_compressed_answer_is_unpacked(session: ClientSession) -> None:
    """As the service sends it."""

    async def answer(_: web.Request) -> web.Response:
        response = web.Response(body=b"{}" * 1000)
        response.enable_compression(web.ContentCoding.gzip)
        return response

    assert await fetch(session, answer) == b"{}" * 1000


async def test_answer_of_the_largest_size_is_taken(session: ClientSession) -> None:
    """Two MiB, and not a byte more."""
    assert len(await fetch(session, answering(body=bytes(MAX_BYTES)))) == MAX_BYTES
    with pytest.raises(WeatherError) as caught:
        await fetch(session, answering(body=bytes(MAX_BYTES + 1)))
    assert caught.value.problem is WeatherProblem.TOO_LARGE


# What goes wrong


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(endless, id="without end"),
        pytest.param(bomb, id="small until unpacked"),
    ],
)
async def test_answer_too_large_is_cut_short(
    session: ClientSession, answer: Answer
) -> None:
    """As it arrives."""
    with pytest.raises(WeatherError) as caught:
        await fetch(session, answer)
    assert caught.value.problem is WeatherProblem.TOO_LARGE


@pytest.mark.parametrize(
    ("answer", "timeout"),
    [
        pytest.param(cut_off, TIMEOUT, id="cut off"),
        pytest.param(hung_up, TIMEOUT, id="hung up"),
        pytest.param(garbage, TIMEOUT, id="no HTTP"),
        pytest.param(silent, SHORT, id="silent"),
        pytest.param(trickling, SHORT, id="never done"),
        pytest.param(redirecting(1), TIMEOUT, id="sent elsewhere"),
        pytest.param(answering(204), TIMEOUT, id="no content"),
        pytest.param(answering(404), TIMEOUT, id="moved away"),
        pytest.param(answering(500), TIMEOUT, id="broken"),
        pytest.param(answering(503), TIMEOUT, id="overloaded"),
    ],
)
@pytest.mark.parametrize("observed", [False, True], ids=["forecast", "observed"])
async def test_failure_may_be_tried_again(
    session: ClientSession, answer: Answer, timeout: timedelta, observed: bool
) -> None:
    """And tells nobody where the plants are, not even in its traceback."""
    with pytest.raises(WeatherUnavailable) as caught:
        await fetch(session, answer, observed=observed, timeout=timeout)
    assert caught.value.retry_after is None
    text = "".join(traceback.format_exception(caught.value))
    assert "46.56" not in text
    assert "1.16" not in text


async def test_service_that_is_not_there(
    session: ClientSession, unused_tcp_port: int
) -> None:
    """Nobody listens."""
    url = f"http://127.0.0.1:{unused_tcp_port}/"
    client = OpenMeteo(session, forecast_url=url)
    with pytest.raises(WeatherUnavailable, match="ClientConnectorError"):
        await client.fetch(SITE)


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        pytest.param("60", timedelta(minutes=1), id="a minute"),
        pytest.param(" 0 ", timedelta(0), id="nothing"),
        pytest.param("9" * 400, timedelta(days=1), id="for ever"),
        pytest.param("-5", None, id="negative"),
        pytest.param("soon", None, id="no number"),
        pytest.param("Fri, 27 Nov 2026 06:00:00 GMT", None, id="a date"),
    ],
)
async def test_wait_that_is_asked_for_is_told(
    session: ClientSession, header: str, wait: timedelta | None
) -> None:
    """Too many calls from one address, as of a whole village behind one provider."""
    answer = answering(429, headers={"Retry-After": header})
    with pytest.raises(WeatherUnavailable, match="HTTP 429") as caught:
        await fetch(session, answer)
    assert caught.value.retry_after == wait


async def test_question_refused(session: ClientSession) -> None:
    """Its reason is not repeated: it may hold the place."""
    reason = '{"error":true,"reason":"Latitude must be in range. Given: 46.56."}'
    with pytest.raises(WeatherError) as caught:
        await fetch(session, answering(400, text=reason))
    assert caught.value.problem is WeatherProblem.REFUSED
    assert "46.56" not in "".join(traceback.format_exception(caught.value))
