"""The checks of the card: they find faults, and say so where they cannot run."""

from collections.abc import Mapping
import os
from pathlib import Path
import shutil
import subprocess

import pytest

ROOT = Path(__file__).parents[2]
FRONTEND = Path("custom_components/autoconsommation_collective/frontend")
TSC = ROOT / "node_modules" / "typescript" / "bin" / "tsc"


@pytest.fixture
def without_node(tmp_path: Path) -> Mapping[str, str]:
    """An environment in which nothing finds Node, nor installs it."""
    for name in ("bash", "cat", "cksum", "dirname", "env", "mkdir"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    return {"PATH": str(tmp_path)}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        pytest.param({}, 0, id="usually"),
        pytest.param({"BROWSER_TESTS": "required"}, 1, id="where it must run"),
    ],
)
def test_a_machine_without_node(
    without_node: Mapping[str, str], more: Mapping[str, str], status: int
) -> None:
    """The checks are skipped, with a plain word; a failure where they are required."""
    result = subprocess.run(
        [ROOT / "script" / "card"],
        env={**without_node, **more},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert result.returncode == status
    assert "SKIPPED" in result.stderr


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The card's modules beside the settings of the check."""
    if not TSC.exists() or shutil.which("node") is None:
        if os.environ.get("BROWSER_TESTS") == "required":
            pytest.fail("BROWSER_TESTS=required, and no TypeScript: see script/card")
        pytest.skip("no TypeScript: see script/card")
    shutil.copytree(ROOT / FRONTEND, tmp_path / FRONTEND)
    shutil.copy(ROOT / "tsconfig.json", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("sound", "faulty"),
    [
        pytest.param("texts.question", "texts.question.nowhere", id="what is not there"),
        pytest.param("const now = day?.now;", "const now = day.now;", id="perhaps null"),
        pytest.param("format.time(current.end)", "format.time(current)", id="a wrong type"),
    ],
)  # fmt: skip
def test_a_fault_of_types_is_found(copied: Path, sound: str, faulty: str) -> None:
    """One of each sort, planted in a face."""
    face = copied / FRONTEND / "faces" / "now.js"
    text = face.read_text("utf-8")
    assert sound in text
    face.write_text(text.replace(sound, faulty, 1), "utf-8")
    result = subprocess.run(
        ["node", TSC, "--project", copied],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert result.returncode != 0
    assert "faces/now.js" in result.stdout
