"""The files of the blueprints: in two languages, with one logic, as Home Assistant takes them."""

from copy import deepcopy
import json
from pathlib import Path
from typing import Any

from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.automation.helpers import async_get_blueprints
from homeassistant.components.blueprint import models
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util.yaml import parse_yaml
import pytest

from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.coordinator.blueprints import (
    LANGUAGES,
    SHIPPED,
)

from .blueprints import install

INTEGRATION = SHIPPED.parents[1]
FILES = sorted(SHIPPED.rglob("*.yaml"))
NAMES = sorted({path.name for path in FILES})
WORDS = {"title", "message", "consumed", "injected"}
"""Inputs whose default is a text for people, in the language of the file."""


def read(path: Path) -> dict[str, Any]:
    """A blueprint as Home Assistant reads it."""
    data = parse_yaml(path.read_text("utf-8"))
    assert isinstance(data, dict)
    return data


def blueprint(path: Path) -> models.Blueprint:
    """A blueprint that has passed all of Home Assistant's own checks."""
    return models.Blueprint(
        read(path), expected_domain="automation", schema=AUTOMATION_BLUEPRINT_SCHEMA
    )


def without_words(data: dict[str, Any]) -> dict[str, Any]:
    """What a blueprint does, apart from what it says."""
    logic = deepcopy(data)
    head = logic["blueprint"]
    assert head.pop("name")
    assert head.pop("description")
    for key, asked in every_input(head["input"]):
        assert asked.pop("name"), key
        asked.pop("description", None)
        if key in WORDS:
            assert asked.pop("default")
    return logic


def every_input(inputs: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Inputs and sections, those in sections too."""
    found = list(inputs.items())
    return found + [
        inner for _, asked in found for inner in asked.get("input", {}).items()
    ]


@pytest.mark.parametrize("name", NAMES)
def test_the_languages_differ_in_words_alone(name: str) -> None:
    """Same inputs, same defaults, and below the inputs the very same text."""
    english, french = (SHIPPED / language / name for language in ("en", "fr"))
    assert without_words(read(english)) == without_words(read(french))
    logic = [
        path.read_text("utf-8").partition("\ntriggers:") for path in (english, french)
    ]
    assert logic[0][1:] == logic[1][1:]
    assert logic[0][0] != logic[1][0]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_blueprint_is_valid(path: Path) -> None:
    """For an automation, of the version that this integration needs."""
    found = blueprint(path)
    needed = json.loads((INTEGRATION.parents[1] / "hacs.json").read_text("utf-8"))
    assert found.metadata["homeassistant"]["min_version"] == needed["homeassistant"]
    assert found.validate() is None


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_entities_are_chosen(path: Path) -> None:
    """Each from a list that fits, ours by their names; no entity_id stands in the file."""
    texts = json.loads(
        (INTEGRATION / "translations" / f"{path.parent.name}.json").read_text("utf-8")
    )
    asked = blueprint(path).inputs
    ours = 0
    for key, given in asked.items():
        found = given["selector"].get("entity")
        if found is None:
            continue
        (kind,) = found["filter"]
        if kind.get("integration") == DOMAIN:
            (platform,) = kind["domain"]
            named = texts["entity"][platform].values()
            assert given["name"] in {entity["name"] for entity in named}, key
            ours += 1
    assert ours == 1
    text = path.read_text("utf-8")
    for line in text.splitlines():
        if "entity_id:" in line and "media_player" not in line:
            assert line.strip().startswith("entity_id: !input "), line


@pytest.mark.parametrize(
    "path",
    sorted(SHIPPED.rglob("organiser_*.yaml")),
    ids=lambda p: f"{p.parent.name}/{p.stem}",
)
def test_nothing_is_published_by_itself(path: Path) -> None:
    """They send messages, and call nothing else."""
    actions = [
        line.split(":")[1].strip()
        for line in path.read_text("utf-8").splitlines()
        if line.strip().startswith("- action:")
    ]
    assert actions == ["notify.send_message"]


async def test_home_assistant_lists_them(hass: HomeAssistant, disk: Path) -> None:
    """At once after they were installed, for the editor, without any that cannot be read."""
    (disk.parent / "configuration.yaml").write_text("automation: []\n")
    for integration in (DOMAIN, "automation"):
        assert await async_setup_component(hass, integration, {})
    await hass.async_block_till_done()
    known = async_get_blueprints(hass)
    before = await known.async_get_blueprints()
    for language in LANGUAGES:
        await install(hass, language)
        listed = await known.async_get_blueprints()
        assert {
            path: getattr(found, "name", found)
            for path, found in listed.items()
            if path not in before
        } == {
            f"{DOMAIN}/{name}": read(SHIPPED / language / name)["blueprint"]["name"]
            for name in NAMES
        }
