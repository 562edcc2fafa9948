"""A Home Assistant that records for real and loads custom integrations."""

from collections.abc import AsyncGenerator, Generator
import json
import os
from pathlib import Path
from unittest.mock import PropertyMock, patch

from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from custom_components.autoconsommation_collective.const import DOMAIN

from .feed import Organiser, organising
from .house import INSTANCE_ID, NOW

REAL_STORE = {
    name: getattr(Store, name)
    for name in ("_async_load", "_async_write_data", "async_remove")
}
"""What the Home Assistant plugin replaces, so that nothing is ever written."""


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


@pytest.fixture
def disk(hass: HomeAssistant, tmp_path: Path) -> Generator[Path]:
    """Folder of the stores, on a real disk of this test's own; the instance has a known id."""
    hass.config.config_dir = str(tmp_path)
    folder = tmp_path / ".storage"
    folder.mkdir()
    uuid = {"version": 1, "key": "core.uuid", "data": {"uuid": INSTANCE_ID}}
    (folder / "core.uuid").write_text(json.dumps(uuid))
    with patch.multiple(Store, **REAL_STORE):
        yield folder


@pytest.fixture
async def organiser(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[Organiser]:
    """An organiser that publishes a settled month and a forecast."""
    async with organising(NOW) as organiser:
        yield organiser


@pytest.fixture
def nothing_settled(organiser: Organiser) -> None:
    """The organiser has settled no month yet."""
    organiser.months = []


@pytest.fixture
def plenty(organiser: Organiser) -> Organiser:
    """Twice as much is injected as withdrawn, and known within some watts."""
    organiser.injection_wh, organiser.deviation_w = 6000, 50
    organiser.months = []
    return organiser


@pytest.fixture(autouse=True)
def own_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files handed in lie in a folder of this process: Home Assistant deletes it when it stops."""
    where = "homeassistant.components.file_upload.TEMP_DIR_NAME"
    monkeypatch.setattr(where, f"home-assistant-file_upload-{os.getpid()}")


@pytest.fixture
def all_enabled() -> Generator[None]:
    """Entities that are off until asked for are on."""
    switch = "homeassistant.helpers.entity.Entity.entity_registry_enabled_default"
    with patch(switch, new_callable=PropertyMock, return_value=True):
        yield


@pytest.fixture
async def automations_end(hass: HomeAssistant) -> AsyncGenerator[None]:
    """Automations that wait for a time of day are off before Home Assistant stops."""
    yield
    await hass.services.async_call(
        "automation", "turn_off", {"entity_id": "all"}, blocking=True
    )
