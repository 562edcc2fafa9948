"""A Home Assistant that records for real and loads custom integrations."""

from collections.abc import Generator

from homeassistant.components.recorder import Recorder
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from custom_components.autoconsommation_collective.const import DOMAIN


@pytest.fixture(autouse=True)
def integration_enabled(
    recorder_mock: Recorder, enable_custom_integrations: None
) -> None:
    """Recorder first: it must exist before anything creates Home Assistant itself."""


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Snapshots that leave out what Home Assistant draws at random."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


@pytest.fixture(autouse=True)
def no_deprecated_usage(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Fail the test in which Home Assistant reports a wrong or outdated call of ours."""
    yield
    complaints = [
        record.getMessage()
        for when in ("setup", "call")
        for record in caplog.get_records(when)
        if f"custom integration '{DOMAIN}'" in record.getMessage()
    ]
    assert not complaints
