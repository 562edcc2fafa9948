"""Who may import whom: the table of ARCHITECTURE.md, held file by file."""

import ast
import sys

import pytest

from .sources import Import, Source, imports, sources

INSIDE = {
    "const": set(),
    "engine": {"engine"},
    "pmo": {"engine", "pmo"},
    "sky": {"engine", "sky"},
    "adapters": {"engine", "adapters", "const"},
    "coordinator": {"engine", "pmo", "sky", "adapters", "coordinator", "const"},
    "organiser": {"engine", "pmo", "adapters", "coordinator", "organiser", "const"},
    "entity": {"engine", "coordinator", "organiser", "const"},
    "tables": {"engine", "coordinator", "organiser", "tables", "const"},
    "platform": {"engine", "coordinator", "organiser", "entity", "tables", "const"},
    "services": {"engine", "coordinator", "organiser", "const"},
    "shell": {
        "engine",
        "pmo",
        "sky",
        "adapters",
        "coordinator",
        "organiser",
        "entity",
        "services",
        "websocket_api",
        "const",
    },
}
"""By room, the rooms it may import from. No room imports a platform or the shell."""

TYPES_ONLY = {"entity", "tables", "platform", "services", "shell"}
"""They hand engine values on and compute nothing."""

HOME_ASSISTANT = {"homeassistant", "voluptuous", "aiohttp", "numpy"}
LIBRARIES = {
    "const": {"homeassistant"},
    "engine": {"numpy"},
    "pmo": {"numpy", "aiohttp", "yarl", "cryptography"},
    "sky": {"numpy", "aiohttp"},
} | dict.fromkeys(
    (
        "adapters",
        "coordinator",
        "organiser",
        "entity",
        "tables",
        "platform",
        "services",
        "shell",
    ),
    HOME_ASSISTANT,
)
LIBRARIES["adapters"] = HOME_ASSISTANT | {"sqlalchemy"}  # as the recorder fails
"""By room, what it may import beside the standard library: all shipped with Home Assistant."""

BY_NAME = {"importlib", "runpy", "pkgutil"}
CALLED_BY_NAME = {"__import__", "eval", "exec"}
"""Ways to import what this table would not see."""


def refusal(source: Source, wanted: Import) -> str | None:
    """Why the file may not import that; None if it may."""
    if wanted.library in BY_NAME:
        return "imports by name"
    if wanted.inside is None:
        known = wanted.library in sys.stdlib_module_names | LIBRARIES[source.room]
        return None if known else f"{source.room} must not import {wanted.library}"
    room = wanted.inside.partition(".")[0]
    if room not in INSIDE[source.room]:
        return f"{source.room} must not import {room}"
    taken = wanted.inside.rpartition(".")[2]
    if room == "engine" and source.room in TYPES_ONLY and taken[0].islower():
        return f"{source.room} takes types from the engine, {taken} is none"
    return None


def refusals(source: Source) -> list[str]:
    """What the file imports and must not, each with its line."""
    found = [
        f"{source.path}:{wanted.line}: {why}"
        for wanted in imports(source)
        if (why := refusal(source, wanted))
    ]
    return found + [
        f"{source.path}:{node.lineno}: {node.id} hides what is imported"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Name) and node.id in CALLED_BY_NAME
    ]


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.path)
def test_imports_follow_the_table(source: Source) -> None:
    """Each file, each import, also for type checkers only."""
    assert source.room in INSIDE, f"no room for {source.path}"
    assert refusals(source) == []


def test_every_room_is_looked_at() -> None:
    """The walk that finds no file finds no offence either."""
    assert {source.room for source in sources()} >= {
        "engine",
        "pmo",
        "sky",
        "adapters",
    }


# The checker itself: a file, what it imports, and whether that is refused

GUARDED = "if TYPE_CHECKING:\n    from homeassistant.core import HomeAssistant"
LATE = "def late():\n    from homeassistant.core import HomeAssistant"
ABSOLUTE = "from custom_components.autoconsommation_collective.const import DOMAIN"


@pytest.mark.parametrize(
    ("path", "text", "refused"),
    [
        pytest.param("engine/x.py", "from .model import Key", False, id="engine: itself"),
        pytest.param("engine/x.py", "import numpy as np", False, id="engine: numpy"),
        pytest.param("engine/x.py", "import homeassistant.util.dt", True, id="engine: homeassistant"),
        pytest.param("engine/x.py", GUARDED, True, id="engine: for type checkers only"),
        pytest.param("engine/x.py", LATE, True, id="engine: in a function"),
        pytest.param("engine/x.py", "from ..const import DOMAIN", True, id="engine: const"),
        pytest.param("engine/x.py", ABSOLUTE, True, id="engine: const, absolute"),
        pytest.param("engine/x.py", "from .. import const", True, id="engine: const as a module"),
        pytest.param("engine/deep/x.py", "from ...pmo import names", True, id="engine: pmo from below"),
        pytest.param("engine/deep/x.py", "from ..model import Key", False, id="engine: itself from below"),
        pytest.param("engine/x.py", "import aiohttp", True, id="engine: aiohttp"),
        pytest.param("engine/x.py", "from importlib import import_module", True, id="engine: by name"),
        pytest.param("engine/x.py", "ha = __import__('homeassistant')", True, id="engine: dunder"),
        pytest.param("engine/x.py", "exec('import homeassistant')", True, id="engine: exec"),
        pytest.param("pmo/x.py", "from ..engine.model import Key", False, id="pmo: engine"),
        pytest.param("pmo/x.py", "from ..adapters.store import Stores", True, id="pmo: adapters"),
        pytest.param("pmo/x.py", "from homeassistant.core import callback", True, id="pmo: homeassistant"),
        pytest.param("sky/x.py", "from ..engine.solar import Site", False, id="sky: engine"),
        pytest.param("sky/x.py", "from ..pmo.polling import backoff", True, id="sky: pmo"),
        pytest.param("sky/x.py", "from homeassistant.core import callback", True, id="sky: homeassistant"),
        pytest.param("adapters/x.py", "from ..sky.errors import WeatherError", True, id="adapters: sky"),
        pytest.param("coordinator/x.py", "from ..sky.errors import WeatherError", False, id="coordinator: sky"),
        pytest.param("sensor.py", "from .sky.errors import WeatherError", True, id="platform: sky"),
        pytest.param("adapters/x.py", "from ..pmo.feed import Feed", True, id="adapters: pmo"),
        pytest.param("adapters/x.py", "from ..coordinator import AccData", True, id="adapters: coordinator"),
        pytest.param("coordinator/x.py", "from ..pmo.feed import Feed", False, id="coordinator: pmo"),
        pytest.param("coordinator/x.py", "from ..sensor import SENSORS", True, id="coordinator: platform"),
        pytest.param("entity.py", "from .adapters.store import Stores", True, id="entity: adapters"),
        pytest.param("sensor.py", "from .binary_sensor import AccFlag", True, id="platform: platform"),
        pytest.param("sensor.py", "from .pmo.feed import Feed", True, id="platform: pmo"),
        pytest.param("sensor.py", "from .engine.share import Missing", False, id="platform: type"),
        pytest.param("sensor.py", "from .engine.share import claimable_wh", True, id="platform: function"),
        pytest.param("sensor.py", "from .engine import share", True, id="platform: module"),
        pytest.param("config_flow.py", "from .pmo.client import FeedClient", False, id="shell: pmo"),
        pytest.param("config_flow.py", "from .sensor import SENSORS", True, id="shell: platform"),
        pytest.param("const.py", "from .engine.model import Key", True, id="const: engine"),
        pytest.param("sensor.py", "import pandas", True, id="library nobody ships"),
        pytest.param("sensor.py", "from tests import conftest", True, id="what does not ship"),
    ],
)  # fmt: skip
def test_the_checker_refuses(path: str, text: str, refused: bool) -> None:
    """Faults planted on purpose, beside what is allowed."""
    assert bool(refusals(Source(path, ast.parse(text)))) is refused
