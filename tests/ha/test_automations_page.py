"""docs/AUTOMATIONS.md and its French sister: the examples as they stand there, the links."""

from datetime import datetime, timedelta
import json
from pathlib import Path
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components import automation
from homeassistant.components.blueprint.importer import fetch_blueprint_from_url
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator.blueprints import SHIPPED
from custom_components.autoconsommation_collective.services import (
    FORECAST_SCHEMA,
    SERVICE_FORECAST,
)

from .automations import ours, show
from .blueprints import LANGUAGES, at, leave
from .feed import PARIS, Organiser
from .house import BASE_CONTRACT, NOW, member_entry, set_up, shown, wait

pytestmark = pytest.mark.freeze_time(NOW)

ROOT = Path(__file__).parents[2]
PAGES = {
    language: (ROOT / "docs" / name).read_text("utf-8")
    for language, name in (("en", "AUTOMATIONS.md"), ("fr", "AUTOMATIONS.fr.md"))
}
EXAMPLES = {
    language: dict(
        zip(
            ("announcing", "switching", "evening", "plenty"),
            re.findall(r"```yaml\n(.*?)```", page, re.DOTALL),
            strict=True,
        )
    )
    for language, page in PAGES.items()
}
IMPORTS = {
    language: [
        parse_qs(urlsplit(link).query)["blueprint_url"][0]
        for link in re.findall(r"\((\S+/redirect/blueprint_import/\S+)\)", page)
    ]
    for language, page in PAGES.items()
}
"""Addresses that a click on the page has imported."""


async def use(hass: HomeAssistant, blueprint: str, inputs: dict[str, str]) -> None:
    """Save an example as a blueprint and make an automation of it."""
    folder = Path(hass.config.path("blueprints", "automation"))
    folder.mkdir(parents=True)
    (folder / "example.yaml").write_text(blueprint, "utf-8")
    use_it = {"use_blueprint": {"path": "example.yaml", "input": inputs}}
    assert await async_setup_component(
        hass, automation.DOMAIN, {automation.DOMAIN: use_it}
    )
    await hass.async_block_till_done()
    assert [state.state for state in hass.states.async_all(automation.DOMAIN)] == ["on"]


@LANGUAGES
async def test_a_window_is_announced(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    language: str,
) -> None:
    """Half an hour before, with its time."""
    plenty.injection_wh, plenty.rise_wh = 1000, 60
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    messages = async_mock_service(hass, "notify", "send_message")
    inputs = {"window_start": ours(hass, "window_start"), "phone": "notify.phone"}
    await use(hass, EXAMPLES[language]["announcing"], inputs)
    start = datetime.fromisoformat(shown(hass, "window_start").state)
    await wait(hass, freezer, start - timedelta(minutes=31))
    assert messages == []
    await wait(hass, freezer, start - timedelta(minutes=29))
    (message,) = messages
    assert message.data["entity_id"] == ["notify.phone"]
    assert re.search(r" \d\d:\d\d .*\(estimat", message.data["message"])


async def test_a_plug_follows_the_signal(
    hass: HomeAssistant, plenty: Organiser, freezer: FrozenDateTimeFactory
) -> None:
    """Off when the window ends."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    switched_on = async_mock_service(hass, "switch", "turn_on")
    switched_off = async_mock_service(hass, "switch", "turn_off")
    good_time = ours(hass, "good_time", "binary_sensor")
    inputs = {"good_time": good_time, "plug": "switch.plug"}
    await use(hass, EXAMPLES["en"]["switching"], inputs)
    for injection_wh in (100, 6000):
        plenty.injection_wh = injection_wh
        await entry.runtime_data.settlement.async_refresh()
        await wait(hass, freezer, timedelta(minutes=31))
    assert shown(hass, "good_time", "binary_sensor").state == "on"
    assert (len(switched_off), len(switched_on)) == (1, 1)


@pytest.mark.usefixtures("automations_end")
@LANGUAGES
@pytest.mark.parametrize(
    ("injection_wh", "rise_wh", "told"),
    [
        pytest.param(1000, 40, True, id="from tomorrow on"),
        pytest.param(6000, -60, False, id="only today"),
    ],
)
async def test_tomorrow_is_told_in_the_evening(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    language: str,
    injection_wh: int,
    rise_wh: int,
    told: bool,
) -> None:
    """Its first window, from the answer of the action."""
    await hass.config.async_set_time_zone(PARIS.key)
    plenty.injection_wh, plenty.rise_wh = injection_wh, rise_wh
    await set_up(hass, member_entry(plenty, options=BASE_CONTRACT))
    messages = async_mock_service(hass, "notify", "send_message")
    await use(hass, EXAMPLES[language]["evening"], {"phone": "notify.phone"})
    await at(hass, freezer, "20:00")
    answer = await hass.services.async_call(
        DOMAIN, SERVICE_FORECAST, {}, blocking=True, return_response=True
    )
    assert answer is not None
    windows: Any = answer["windows"]
    expected = [
        [w["start"][11:16], w["end"][11:16], f"{w['energy_kwh']:.1f}"]
        for w in windows
        if w["start"].startswith("2026-11-21")
    ]
    assert bool(expected) is told
    assert [
        re.findall(r"[\d:.]*\d", message.data["message"]) for message in messages
    ] == expected[:1]


@LANGUAGES
async def test_plenty_is_told(
    hass: HomeAssistant,
    plenty: Organiser,
    freezer: FrozenDateTimeFactory,
    language: str,
) -> None:
    """After a quarter of an hour, and only while it is a good time."""
    entry = member_entry(plenty, options=BASE_CONTRACT)
    await set_up(hass, entry)
    await leave(hass, entry)
    messages = async_mock_service(hass, "notify", "send_message")
    surplus, good_time = (
        ours(hass, "estimated_community_surplus"),
        ours(hass, "good_time", "binary_sensor"),
    )
    inputs = {"surplus": surplus, "good_time": good_time, "phone": "notify.phone"}
    await show(hass, surplus, "100", "W")
    await use(hass, EXAMPLES[language]["plenty"], inputs)
    for is_good, told in (("off", 0), ("on", 1)):
        await show(hass, good_time, is_good)
        await show(hass, surplus, "5100", "W")
        await wait(hass, freezer, timedelta(minutes=14))
        assert messages == []
        await wait(hass, freezer, timedelta(minutes=2))
        assert len(messages) == told
        await show(hass, surplus, "100", "W")


def test_both_pages_have_the_same_examples() -> None:
    """Apart from names and messages."""
    for name, example in EXAMPLES["en"].items():
        words = r"(?m)(name|message): (>-\n(\s{8}.*\n)+|.*)"
        english, french = (
            re.sub(words, "", text) for text in (example, EXAMPLES["fr"][name])
        )
        assert english == french
        assert parse_yaml(example) != parse_yaml(EXAMPLES["fr"][name])


@LANGUAGES
def test_each_blueprint_can_be_imported(language: str) -> None:
    """From the file in this repository, in the language of the page."""
    manifest = json.loads((SHIPPED.parents[1] / "manifest.json").read_text("utf-8"))
    owner_and_name = urlsplit(manifest["documentation"]).path
    files = sorted((SHIPPED / language).glob("*.yaml"))
    assert sorted(IMPORTS[language]) == [
        f"https://raw.githubusercontent.com{owner_and_name}/main/{file.relative_to(ROOT)}"
        for file in files
    ]


@pytest.mark.parametrize("url", [*IMPORTS["en"], *IMPORTS["fr"]])
async def test_home_assistant_imports_it(
    hass: HomeAssistant, aioclient_mock: AiohttpClientMocker, url: str
) -> None:
    """As a click on the link has it do."""
    path = ROOT / url.partition("/main/")[2]
    aioclient_mock.get(url, text=path.read_text("utf-8"))
    imported = await fetch_blueprint_from_url(hass, url)
    assert imported.suggested_filename.endswith(f"/{path.stem}")
    assert imported.blueprint.validate() is None


@LANGUAGES
def test_the_action_is_told_as_it_is(language: str) -> None:
    """Each field of the action stands on the page."""
    for field in map(str, FORECAST_SCHEMA.schema):
        assert f"| `{field}` |" in PAGES[language]
