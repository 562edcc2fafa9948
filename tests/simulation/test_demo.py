"""The parts of the demonstration that a look at a running one would not prove."""

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path

from homeassistant.util.yaml import load_yaml_dict
from hypothesis import given, strategies as st
import pytest

from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import new_token
from script.simulation import checks, house
from script.simulation.curves import expected
from script.simulation.demo import keep_invitation, shift_to_june_noon
from script.simulation.errors import DemoError
from script.simulation.membership import Shown
from script.simulation.resident import _suggested
from script.simulation.village import STEP, Village, found_school, found_village

VILLAGE = found_village()
WARNING = "2026-11-21 18:00:00.123 WARNING (MainThread) [homeassistant] something\n"
SECRETS = {"delivery point": "99000000000036"}


@given(
    st.sampled_from([VILLAGE, found_school()]),
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
)
def test_noon_is_sunny_whenever_it_is_asked_for(
    village: Village, now: datetime
) -> None:
    """Moved by whole steps to a noon at which much is left over."""
    shift = shift_to_june_noon(village, now)
    assert shift % STEP == timedelta(0)
    start = now - (now - datetime.min.replace(tzinfo=UTC)) % STEP
    step = expected(village, start + shift, 1)
    assert step.injection.sum() - step.base_withdrawal.sum() > 1000


@pytest.mark.parametrize("language", ["fr", "en"])
def test_configuration_is_read_by_home_assistant(tmp_path: Path, language: str) -> None:
    """The YAML is what was meant, and the web server listens on loopback alone."""
    house.prepare(tmp_path / "config", VILLAGE, language, 8123)
    read = load_yaml_dict(str(tmp_path / "config" / "configuration.yaml"))
    assert read["homeassistant"]["language"] == language
    assert read["homeassistant"]["latitude"] == VILLAGE.latitude_deg
    stored = json.loads((tmp_path / "config" / ".storage" / "http").read_text())
    assert stored["data"]["stable"]["server_host"] == ["127.0.0.1"]


def test_a_form_is_confirmed_as_it_was_filled_in() -> None:
    """Suggestions before defaults, sections inside, nothing where nothing was filled in."""
    schema = [
        {
            "name": "indexes",
            "description": {"suggested_value": ["sensor.a"]},
            "default": [],
        },
        {"name": "limit", "default": 3},
        {"name": "empty"},
        {
            "name": "more",
            "type": "expandable",
            "schema": [{"name": "on", "default": True}],
        },
    ]
    assert _suggested(schema) == {
        "indexes": ["sensor.a"],
        "limit": 3,
        "more": {"on": True},
    }


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param(
            "2026-11-21 18:00:01.123 ERROR (MainThread) [x] broken\n",
            "broken",
            id="error",
        ),
        pytest.param(
            "Traceback (most recent call last):\n", "Traceback", id="traceback"
        ),
        pytest.param(
            "2026-11-21 WARNING 99000000000036\n", "delivery point", id="secret"
        ),
    ],
)
def test_log_check_finds(tmp_path: Path, line: str, complaint: str) -> None:
    """One bad line among good ones is told, and a secret is not repeated."""
    log = tmp_path / house.LOG
    log.write_text(WARNING + line)
    with pytest.raises(DemoError, match=complaint) as caught:
        checks.check_log(log, SECRETS)
    assert SECRETS["delivery point"] not in str(caught.value)


LEFT = """\
2026-11-27 17:15:32.394 ERROR (MainThread) [homeassistant] Error doing job: Task exception was never retrieved (task: None)
Traceback (most recent call last):
  File "writer.py", line 158, in _write_websocket_frame
aiohttp.client_exceptions.ClientConnectionResetError: Cannot write to closing transport
"""


def test_log_check_accepts_that_a_page_is_left(tmp_path: Path) -> None:
    """And nothing else that begins in the same way."""
    log = tmp_path / house.LOG
    log.write_text(WARNING + LEFT + WARNING + LEFT)
    checks.check_log(log, SECRETS)
    other = LEFT.replace("Cannot write to closing transport", "another")
    log.write_text(WARNING + other + WARNING + LEFT)
    with pytest.raises(DemoError, match="never retrieved"):
        checks.check_log(log, SECRETS)


def test_log_check_accepts_warnings(tmp_path: Path) -> None:
    """Home Assistant always warns of custom integrations."""
    log = tmp_path / house.LOG
    log.write_text(WARNING)
    checks.check_log(log, SECRETS)


def test_language_check_finds_an_english_name() -> None:
    """A name that is not of the language's file is told."""
    shown = Shown("binary_sensor.x", "good_time", "Good time", "device", "on", {})
    with pytest.raises(DemoError, match="not named in fr: Good time"):
        checks.check_language({"good_time": shown}, "fr")


def test_invitation_is_kept_for_its_owner_and_its_token_is_not_printed(
    tmp_path: Path,
) -> None:
    """As text and as a code to scan."""
    invitation = Invitation("http://127.0.0.1:8000/", new_token())
    line = keep_invitation(invitation, tmp_path)
    assert (tmp_path / "invitation.txt").read_text() == f"{invitation.text}\n"
    for name in ("invitation.txt", "invitation.svg"):
        assert f"{tmp_path.name}/{name}" in line
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert invitation.base_url in line
    assert invitation.token not in line
