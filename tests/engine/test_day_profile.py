"""The meter's profile of the next day: off-peak hours, or nothing."""

import pytest

from custom_components.autoconsommation_collective.engine.day_profile import (
    profile_hours,
)
from custom_components.autoconsommation_collective.engine.hours import hours_text

UNUSED = "NONUTILE " * 6


@pytest.mark.parametrize(
    ("profile", "hours"),
    [
        pytest.param(
            f"00008002 0100C001 06008002 1230C001 15308002 {UNUSED}",
            "01:00-06:00; 12:30-15:30",
            id="night and midday",
        ),
        pytest.param(
            "0000C001 06308002 2230C001", "22:30-06:30", id="over midnight: one range"
        ),
        pytest.param(
            "00008002 0100C001 06008002 12308001 15308002",
            "01:00-06:00; 12:30-15:30",
            id="midday in winter: contact open, off-peak all the same",
        ),
        pytest.param(
            "00008002 0100C001 06008002 0D1AC001 0F1E8002",
            "01:00-06:00; 13:26-15:30",
            id="times in hexadecimal",
        ),
        pytest.param(
            "00008002 0100C001 02004000 0600800F 06308002",
            "01:00-06:30",
            id="actions that leave the index as it is",
        ),
        pytest.param(
            "0000C001 06008002 16008001", "16:00-06:00", id="to the end of the day"
        ),
        pytest.param(
            "00008002 0100C001 06008002 1230C001 1530", "01:00-06:00; 12:30-00:00",
            id="cut short: what is left is a suggestion",
        ),
    ],
)  # fmt: skip
def test_hours(profile: str, hours: str) -> None:
    """Of the index that is in force in the night."""
    found = profile_hours(profile)
    assert found is not None
    assert hours_text(found) == hours


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param("", id="nothing"),
        pytest.param("unknown", id="no profile"),
        pytest.param(UNUSED, id="unused"),
        pytest.param("00008001", id="one index"),
        pytest.param("0100C001 06008002", id="from no midnight"),
        pytest.param("00008002 0600C001 01008002", id="backwards"),
        pytest.param("00008002 FF00C001 23008002", id="a time that is none"),
    ],
)
def test_no_hours(profile: str) -> None:
    """None rather than wrong ones."""
    assert profile_hours(profile) is None
