"""The engine is pure: the same values in give the same values out, anywhere, any time."""

import ast
from collections.abc import Iterator
from pathlib import Path
import subprocess
import sys

import pytest

from .sources import FOLDER, Source, imports, sources

COMPUTES = {
    "bisect", "collections", "dataclasses", "datetime", "enum", "functools", "heapq",
    "itertools", "math", "operator", "re", "statistics", "typing",
    "zoneinfo",  # as a type: a zone comes as an argument
}  # fmt: skip
"""Modules that work on what they are given. All others of the standard library are refused:
a list of those that open, wait, log, draw or read a clock would never be complete."""

READS_CLOCK = {"now", "utcnow", "today"}
READS_LOCAL_ZONE = {"astimezone": 0, "fromtimestamp": 1}
"""Calls that take the zone of the machine, with the arguments they have without a zone."""
INPUT_OUTPUT = {"open", "input", "print", "breakpoint", "ZoneInfo"}
"""Built in, or as ZoneInfo("...") a reader of the time zone files."""
NUMPY_IMPURE = {
    "random", "load", "save", "savez", "savez_compressed", "loadtxt", "savetxt",
    "genfromtxt", "fromfile", "tofile", "memmap", "datetime64",
}  # fmt: skip
"""NumPy's dice, its files, and the type whose text "now" reads a clock."""
REACHES_ANYTHING = {"getattr", "globals", "vars", "__builtins__"}
"""Ways to do any of this unseen."""


def impurities(source: Source) -> Iterator[str]:
    """What in the file depends on anything but arguments, each with its line."""
    for wanted in imports(source):
        if wanted.library in sys.stdlib_module_names - COMPUTES:
            yield f"{source.path}:{wanted.line}: imports {wanted.library}"
    for node in ast.walk(source.tree):
        if why := _impurity(node):
            yield f"{source.path}:{node.lineno}: {why}"


def _impurity(node: ast.AST) -> str | None:
    """What is impure about one node; None if nothing is."""
    match node:
        case ast.Attribute(attr=name) if name in READS_CLOCK:
            return f"{name} reads a clock"
        case ast.Attribute(value=ast.Name("np" | "numpy"), attr=name) if (
            name in NUMPY_IMPURE
        ):
            return f"np.{name} is not pure"
        case ast.Call(func=ast.Attribute(attr=name), args=given, keywords=named) if (
            READS_LOCAL_ZONE.get(name) == len(given) + len(named)
        ):
            return f"{name} without a zone takes the machine's"
        case ast.Call(func=ast.Name(name)) if name in INPUT_OUTPUT:
            return f"{name} is input or output"
        case ast.Name(name) if name in REACHES_ANYTHING:
            return f"{name} reaches anything"
        case ast.Global() | ast.Nonlocal():
            return "keeps something between calls"
    return None


@pytest.mark.parametrize("source", sources("engine"), ids=lambda source: source.path)
def test_engine_depends_on_its_arguments_alone(source: Source) -> None:
    """No clock, no file, no network, no chance, no memory."""
    assert list(impurities(source)) == []


@pytest.mark.parametrize(
    ("text", "impure"),
    [
        pytest.param("from datetime import datetime", False, id="datetime as a type"),
        pytest.param("noon.astimezone(UTC)", False, id="zone given"),
        pytest.param("def f(zone: ZoneInfo): ...", False, id="zone as an argument"),
        pytest.param("np.nansum(energies)", False, id="sum"),
        pytest.param("datetime.now(UTC)", True, id="now"),
        pytest.param("datetime.datetime.utcnow()", True, id="utcnow"),
        pytest.param("date.today()", True, id="today"),
        pytest.param("clock = datetime.now", True, id="clock handed on"),
        pytest.param("import time", True, id="time"),
        pytest.param("def f():\n    import time", True, id="time, in a function"),
        pytest.param("from os import environ", True, id="os"),
        pytest.param("import socket", True, id="socket"),
        pytest.param("import asyncio", True, id="asyncio"),
        pytest.param("import threading", True, id="threading"),
        pytest.param("import logging", True, id="logging"),
        pytest.param("import random", True, id="random"),
        pytest.param("from pathlib import Path", True, id="pathlib"),
        pytest.param("open('x')", True, id="open"),
        pytest.param("print(energies)", True, id="print"),
        pytest.param("ZoneInfo('Europe/Paris')", True, id="zone read from a file"),
        pytest.param("noon.astimezone()", True, id="zone of the machine"),
        pytest.param("datetime.fromtimestamp(0)", True, id="timestamp in its zone"),
        pytest.param("datetime.fromtimestamp(0, UTC)", False, id="timestamp in UTC"),
        pytest.param("np.random.default_rng()", True, id="numpy dice"),
        pytest.param("np.load('x')", True, id="numpy file"),
        pytest.param("np.datetime64('now')", True, id="numpy clock"),
        pytest.param("getattr(datetime, 'n' + 'ow')()", True, id="getattr"),
        pytest.param("def f():\n    global total", True, id="global"),
    ],
)
def test_the_checker_sees(text: str, impure: bool) -> None:
    """Faults planted on purpose, beside what is allowed."""
    assert bool([*impurities(Source("engine/x.py", ast.parse(text)))]) is impure


LOAD = """
import importlib, sys, types
bare = types.ModuleType("bare")
bare.__path__ = [sys.argv[1]]
sys.modules["bare"] = bare
for name in sys.argv[2:]:
    importlib.import_module(f"bare.{name}")
print(*sys.modules)
"""
"""Mounts the folder under an empty parent: under its own, the integration itself would load,
and Home Assistant with it. On sys.path its platforms would hide modules of the standard library."""


@pytest.mark.parametrize("room", ["engine", "pmo", "sky"])
def test_loads_alone(room: str, tmp_path: Path) -> None:
    """In a fresh interpreter, every module of the room, and no Home Assistant."""
    names = [
        source.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for source in sources(room)
    ]
    loaded = subprocess.run(
        [sys.executable, "-P", "-c", LOAD, str(FOLDER), *names],
        cwd=tmp_path, capture_output=True, check=True, text=True,
    ).stdout.split()  # fmt: skip
    assert {f"bare.{name}" for name in names} <= set(loaded)
    assert {"homeassistant", "custom_components"}.isdisjoint(loaded)
