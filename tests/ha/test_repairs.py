"""Repair issues: each one has words, in every language."""

import json
from pathlib import Path

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.autoconsommation_collective.adapters.issues import (
    DOCUMENT,
    METER,
    clear_issues,
    set_issue,
)
from custom_components.autoconsommation_collective.const import DOMAIN
from custom_components.autoconsommation_collective.pmo.errors import Problem

TRANSLATIONS = Path(__file__).parents[2] / "custom_components" / DOMAIN / "translations"


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("key", ["meter_missing", *(f"document_{p}" for p in Problem)])
def test_each_issue_has_words(key: str, language: str) -> None:
    """Title and description; those of a document tell which, and where in it."""
    texts = json.loads((TRANSLATIONS / f"{language}.json").read_text())["issues"][key]
    assert texts["title"]
    for name in ("document", "field", "step"):
        assert (f"{{{name}}}" in texts["description"]) is key.startswith("document_")


async def test_issues_come_and_go(
    hass: HomeAssistant, issue_registry: ir.IssueRegistry
) -> None:
    """By entry and kind: clearing one leaves the other."""
    set_issue(hass, "one", METER, "meter_missing")
    set_issue(hass, "one", DOCUMENT, "document_not_json", {"document": "x"})
    set_issue(hass, "two", METER, "meter_missing")
    set_issue(hass, "one", METER, None)
    assert {key for _, key in issue_registry.issues} == {"document_one", "meter_two"}
    clear_issues(hass, "one")
    assert {key for _, key in issue_registry.issues} == {"meter_two"}
