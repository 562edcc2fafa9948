"""The folder of one integration, as the rules read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
import json
from pathlib import Path
from typing import Any

from homeassistant.util.yaml import load_yaml_dict
import voluptuous as vol
from voluptuous.humanize import humanize_error


@dataclass(frozen=True)
class Integration:
    """An integration on disk; a missing file reads as an empty mapping."""

    path: Path

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """Who the integration is and what it needs."""
        return self._json("manifest.json")

    @cached_property
    def texts(self) -> dict[str, Any]:
        """The English texts, which are those that hassfest reads."""
        return self._json("translations/en.json")

    @cached_property
    def icons(self) -> dict[str, Any]:
        """Icons of entities and actions."""
        return self._json("icons.json")

    @cached_property
    def sources(self) -> list[Path]:
        """Every Python file."""
        return sorted(self.path.glob("**/*.py"))

    def has(self, name: str) -> bool:
        """Whether the integration ships this file."""
        return (self.path / name).is_file()

    def yaml(self, name: str) -> dict[str, Any]:
        """Return the descriptions of a YAML file, without its hidden anchors."""
        content = load_yaml_dict(str(self.path / name)) if self.has(name) else {}
        return {key: value for key, value in content.items() if key[0] != "."}

    def _json(self, name: str) -> dict[str, Any]:
        if not self.has(name):
            return {}
        content: dict[str, Any] = json.loads((self.path / name).read_text("utf-8"))
        return content


def misfits(name: str, schema: vol.Schema, content: object) -> Iterator[str]:
    """Tell where a file departs from its schema."""
    try:
        schema(content)
    except vol.Invalid as error:
        yield f"{name}: {humanize_error(content, error)}"
