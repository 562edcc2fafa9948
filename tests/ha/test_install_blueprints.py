"""The action that installs the blueprints: what it writes, and what it leaves alone."""

from pathlib import Path

from homeassistant.components import automation
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service
import voluptuous as vol

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator.blueprints import SHIPPED
from custom_components.autoconsommation_collective.services import SERVICE_INSTALL

from .blueprints import install

NAMES = sorted(path.name for path in (SHIPPED / "en").glob("*.yaml"))
FIRST, *OTHERS = NAMES


@pytest.fixture
async def folder(hass: HomeAssistant, disk: Path) -> Path:
    """Where the blueprints of a configuration on a real disk go; the action is there."""
    assert await async_setup_component(hass, DOMAIN, {})
    return disk.parent / "blueprints" / "automation" / DOMAIN


def contents(folder: Path) -> dict[str, str]:
    """All files of a folder."""
    return {path.name: path.read_text("utf-8") for path in folder.iterdir()}


async def test_it_writes_them_all(hass: HomeAssistant, folder: Path) -> None:
    """Below a line that says what happens to changes."""
    answer = await install(hass)
    assert answer == {
        "folder": f"blueprints/automation/{DOMAIN}",
        "language": "en",
        "written": NAMES,
        "current": [],
        "left": [],
    }
    for name, text in contents(folder).items():
        first, _, rest = text.partition("\n")
        assert first.startswith("# Change what you like")
        assert rest == (SHIPPED / "en" / name).read_text("utf-8")


async def test_again_it_writes_nothing(hass: HomeAssistant, folder: Path) -> None:
    """What is there as we have it stays, to the byte and to the time."""
    await install(hass)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    answer = await install(hass)
    assert (answer["written"], answer["current"], answer["left"]) == ([], NAMES, [])
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.parametrize(
    ("house", "asked", "written"),
    [("fr", None, "fr"), ("en", None, "en"), ("nl", None, "en"), ("en", "fr", "fr"), ("fr", "en", "en")],
)  # fmt: skip
async def test_language(
    hass: HomeAssistant, folder: Path, house: str, asked: str | None, written: str
) -> None:
    """The house's, or the one that is asked for."""
    hass.config.language = house
    answer = await install(hass, asked)
    assert answer["language"] == written
    name, text = contents(folder).popitem()
    assert (SHIPPED / written / name).read_text("utf-8") in text


async def test_other_languages_are_refused(hass: HomeAssistant, folder: Path) -> None:
    """There are two."""
    with pytest.raises(vol.Invalid):
        await install(hass, "nl")


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("mode: ", "max: 2\nmode: "), id="edited"),
        pytest.param(lambda text: text + "\n", id="a line more"),
        pytest.param(lambda text: text.partition("\n")[2] + "# mine\n", id="edited, first line removed"),
        pytest.param(lambda text: "", id="emptied"),
        pytest.param(lambda text: "blueprint: mine", id="another by the same name"),
    ],
)  # fmt: skip
async def test_what_a_person_changed_is_left(
    hass: HomeAssistant, folder: Path, change
) -> None:
    """It is reported; the others are renewed."""
    await install(hass, "en")
    changed = change((folder / FIRST).read_text("utf-8"))
    (folder / FIRST).write_text(changed, "utf-8")
    answer = await install(hass, "fr")
    assert (answer["written"], answer["left"]) == (OTHERS, [FIRST])
    assert (folder / FIRST).read_text("utf-8") == changed


async def test_an_earlier_version_is_renewed(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What we wrote once and nobody changed since is ours; what is no longer shipped stays."""
    earlier = tmp_path / "earlier"
    (earlier / "en").mkdir(parents=True)
    for name in (FIRST, "gone.yaml"):
        (earlier / "en" / name).write_text("blueprint: earlier\n")
    module = f"custom_components.{DOMAIN}.coordinator.blueprints"
    with monkeypatch.context() as then:
        then.setattr(f"{module}.SHIPPED", earlier)
        assert (await install(hass))["written"] == [FIRST, "gone.yaml"]
    assert (await install(hass))["written"] == NAMES
    assert contents(folder).keys() == {*NAMES, "gone.yaml"}


@pytest.mark.usefixtures("automations_end")
async def test_automations_take_the_new_text(hass: HomeAssistant, folder: Path) -> None:
    """An automation made of a blueprint is loaded again, any other one stays as it runs."""
    messages = async_mock_service(hass, "notify", "send_message")
    name, path = "good_window_message.yaml", f"{DOMAIN}/good_window_message.yaml"
    (folder.parents[2] / "configuration.yaml").write_text(
        "automation:\n"
        f"  - use_blueprint: {{path: {path}, input: {{good_time: binary_sensor.x, phones: notify.phone}}}}\n"
        "  - {alias: other, triggers: [], actions: []}\n"
    )
    await install(hass, "en")
    assert await async_setup_component(hass, automation.DOMAIN, {})
    await hass.services.async_call(automation.DOMAIN, "reload", blocking=True)
    made, other = hass.states.async_all(automation.DOMAIN)
    assert name in (await install(hass, "fr"))["written"]
    await hass.services.async_call(
        automation.DOMAIN, "trigger", {"entity_id": made.entity_id}, blocking=True
    )
    assert messages[0].data["title"] == "Un bon moment pour consommer"
    kept = hass.states.get(other.entity_id)
    assert kept is not None
    assert kept.last_changed == other.last_changed


async def test_only_administrators(hass: HomeAssistant, folder: Path) -> None:
    """It writes into the configuration."""
    user = MockUser(is_owner=False).add_to_hass(hass)
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            DOMAIN, SERVICE_INSTALL, blocking=True, context=Context(user_id=user.id)
        )
    assert not folder.exists()


async def test_nothing_can_be_written(hass: HomeAssistant, folder: Path) -> None:
    """It is told in words."""
    folder.parent.parent.write_text("in the way")
    with pytest.raises(HomeAssistantError) as error:
        await install(hass)
    assert error.value.translation_key == "blueprints_not_written"
