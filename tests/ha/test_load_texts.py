"""Every question about a load in both languages, and nothing that is never said."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers import selector
import pytest
import voluptuous as vol

from custom_components.autoconsommation_collective.adapters import (
    load_entities,
    load_errors,
    load_means,
)
from custom_components.autoconsommation_collective.adapters.load_errors import LIMITS
from custom_components.autoconsommation_collective.adapters.load_forms import (
    BOARD_SCHEMA,
    load_schema,
)
from custom_components.autoconsommation_collective.adapters.load_means import (
    means_schema,
)
from custom_components.autoconsommation_collective.adapters.load_steps import (
    LoadSubentryFlow,
)
from custom_components.autoconsommation_collective.adapters.load_templates import (
    TEMPLATES,
)
from custom_components.autoconsommation_collective.adapters.loads import Means
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.engine.hours import HoursProblem
from custom_components.autoconsommation_collective.engine.loads import NoControl

FOLDER = Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations"
TEXTS: dict[str, dict[str, Any]] = {
    language: json.loads((FOLDER / f"{language}.json").read_text("utf-8"))
    for language in ("en", "fr")
}
STEPS = TEXTS["en"]["config_subentries"]["load"]["step"]

SHOWS_NOTHING = {"reconfigure", "washing_machine", "dishwasher", "keep", "go_back"}
"""Steps that show the form of another, or end the flow."""
LANGUAGES = pytest.mark.parametrize("language", TEXTS)


def forms(hass: HomeAssistant) -> Iterator[tuple[str, vol.Schema]]:
    """Each form by its step, as the flow shows it."""
    for template, described in TEMPLATES.items():
        yield described.kind.value, load_schema(template)
    for means in set(Means) - {Means.ON_OFF}:
        yield means.value, means_schema(hass, means, "climate.heating")
    yield "board", BOARD_SCHEMA


def fields(schema: vol.Schema) -> set[str]:
    """Its questions, without those of a section."""
    return {str(k) for k, v in schema.schema.items() if not isinstance(v, section)}


def sections(schema: vol.Schema) -> dict[str, vol.Schema]:
    """Its sections."""
    return {
        str(k): v.schema for k, v in schema.schema.items() if isinstance(v, section)
    }


def test_steps() -> None:
    """Each step that shows something has texts, and no other."""
    of_core = {*dir(ConfigSubentryFlow)}
    steps = {
        name.removeprefix("async_step_")
        for name in {*dir(LoadSubentryFlow)} - of_core
        if name.startswith("async_step_")
    }
    assert set(STEPS) == steps - SHOWS_NOTHING
    assert {s for s in STEPS if s.startswith("refused_")} == {
        f"refused_{reason}" for reason in set(NoControl) - {NoControl.NO_ACTUATOR}
    }


@LANGUAGES
def test_forms(hass: HomeAssistant, language: str) -> None:
    """A name and an explanation for each question, in the section too."""
    texts = TEXTS[language]["config_subentries"]["load"]["step"]
    shown = dict(forms(hass))
    assert {step for step in texts if "data" in texts[step]} == shown.keys()
    for step, schema in shown.items():
        said = texts[step]
        assert said["title"]
        assert said["description"]
        assert said["data"].keys() == said["data_description"].keys() == fields(schema)
        assert said.get("sections", {}).keys() == sections(schema).keys()
        for name, below in sections(schema).items():
            part = said["sections"][name]
            assert part["name"]
            assert part["data"].keys() == part["data_description"].keys()
            assert part["data"].keys() == fields(below)


@LANGUAGES
def test_menus(language: str) -> None:
    """Each menu names what it may offer, in this order."""
    texts = TEXTS[language]["config_subentries"]["load"]["step"]
    menus = {
        step: list(said["menu_options"])
        for step, said in texts.items()
        if "menu_options" in said
    }
    assert menus == {
        "user": list(TEMPLATES),
        "ways": [Means.TEMPERATURE, Means.MODE, Means.PRESET],
    } | {step: ["keep", "go_back"] for step in texts if step.startswith("refused_")}


def said_in(*modules: Any) -> set[str]:
    """The errors that the modules name: literal values put under a field."""
    found: set[str] = set()
    for module in modules:
        for node in ast.walk(ast.parse(Path(module.__file__).read_text("utf-8"))):
            match node:
                case ast.Assign([ast.Subscript(ast.Name("errors"))], ast.Constant(e)):
                    found.add(e)
                case ast.Call(ast.Attribute(attr="fromkeys"), [_, ast.Constant(e)]):
                    found.add(e)
    return found


@LANGUAGES
def test_errors(language: str) -> None:
    """Each reason to refuse an answer, and no other."""
    literal = said_in(load_entities, load_errors, load_means)
    assert {"entity_gone", "currents_crossed", "same_on_and_off"} <= literal
    assert set(TEXTS[language]["config_subentries"]["load"]["error"]) == {
        *literal,
        *(f"{field}_out_of_range" for field in LIMITS),
        *(f"hours_{problem}" for problem in HoursProblem),
        "wiring_missing",
        "when_down_missing",
    }


@LANGUAGES
@pytest.mark.parametrize("field", LIMITS)
def test_limits(language: str, field: str) -> None:
    """The text tells those that hold."""
    text = TEXTS[language]["config_subentries"]["load"]["error"]
    numbers = re.findall(r"\d+(?:[.,]\d+)?", text[f"{field}_out_of_range"])
    assert tuple(float(n.replace(",", ".")) for n in numbers) == LIMITS[field]


@LANGUAGES
def test_choices(hass: HomeAssistant, language: str) -> None:
    """Each choice has a name, and nothing else."""
    named: dict[str, list[str]] = {}
    for _, schema in forms(hass):
        for part in (schema, *sections(schema).values()):
            for asked in part.schema.values():
                if isinstance(asked, selector.SelectSelector):
                    named[asked.config["translation_key"]] = asked.config["options"]
    assert named.keys() == {"phases", "wiring", "when_down"}
    for key, options in named.items():
        assert list(TEXTS[language]["selector"][key]["options"]) == options


ANOTHER_QUESTION = {
    ("car", "actuator"),
    ("appliance", "actuator"),
    ("car", "worth_eur_per_kwh"),
    ("water_heater", "worth_eur_per_kwh"),
    ("surplus", "worth_eur_per_kwh"),
}
"""What is asked of one kind in words of its own, as it means something else there."""
BY_KIND = {"ready_by", "kwh_per_day"}


@LANGUAGES
def test_the_same_question_in_the_same_words(language: str) -> None:
    """Of one kind as of another, and an error about hours as in the contract."""
    texts = TEXTS[language]
    load = texts["config_subentries"]["load"]
    said: dict[str, set[tuple[str, str]]] = {}
    for kind in {described.kind.value for described in TEMPLATES.values()}:
        form = load["step"][kind]
        for part in (form, *form["sections"].values()):
            for field, name in part["data"].items():
                if (kind, field) not in ANOTHER_QUESTION and field not in BY_KIND:
                    words = (name, part["data_description"][field])
                    said.setdefault(field, set()).add(words)
    assert {field: words for field, words in said.items() if len(words) > 1} == {}
    for problem in HoursProblem:
        key = f"hours_{problem}"
        assert load["error"][key] == texts["config"]["error"][key]
