"""The files of the integration as syntax trees: read, never imported."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from homeassistant.const import Platform

ROOT = "custom_components.autoconsommation_collective"
FOLDER = Path(__file__).parents[2] / ROOT.replace(".", "/")

ROOMS = ("engine", "pmo", "sky", "adapters", "coordinator", "organiser", "tables")
SINGLE = ("entity", "services", "const")
"""Files that are a room of their own."""
HOOKS = ("condition", "energy", "intent", "llm", "trigger", "websocket_api")
"""Files other integrations of Home Assistant look for; they are held to what a platform is."""
SHELL = ("__init__", "config_flow", "diagnostics")
"""Files Home Assistant calls, beside the platforms."""


@dataclass(frozen=True)
class Source:
    """One Python file of the integration."""

    path: str
    """Relative to the folder of the integration, with slashes."""
    tree: ast.Module

    @property
    def room(self) -> str:
        """Room it belongs to; "unknown" for a name nobody agreed."""
        first = self.path.partition("/")[0].removesuffix(".py")
        if first in ROOMS or first in SINGLE:
            return first
        if first in SHELL:
            return "shell"
        return "platform" if first in {*Platform, *HOOKS} else "unknown"

    @property
    def package(self) -> list[str]:
        """Parts of the dotted name of the package the file lies in."""
        return [*ROOT.split("."), *self.path.split("/")[:-1]]


@dataclass(frozen=True)
class Import:
    """One name that a file imports, wherever in the file it does so."""

    name: str
    """Dotted and absolute, down to what is taken out of the module."""
    line: int

    @property
    def library(self) -> str:
        """Top package of the name."""
        return self.name.partition(".")[0]

    @property
    def inside(self) -> str | None:
        """Name below the integration, None for a library."""
        below = self.name.removeprefix(f"{ROOT}.")
        return None if below == self.name else below


def sources(room: str | None = None) -> list[Source]:
    """Files of one room, or all."""
    read = [
        Source(str(path.relative_to(FOLDER)), ast.parse(path.read_text("utf-8")))
        for path in sorted(FOLDER.rglob("*.py"))
    ]
    return [source for source in read if room in {None, source.room}]


def imports(source: Source) -> Iterator[Import]:
    """Every import of the file: at its top, in functions, for type checkers only."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Import(names):
                for alias in names:
                    yield Import(alias.name, node.lineno)
            case ast.ImportFrom(module, names, level):
                base = source.package[: len(source.package) - level + 1] * bool(level)
                for alias in names:
                    parts = [*base, *filter(None, [module]), alias.name]
                    yield Import(".".join(parts), node.lineno)
