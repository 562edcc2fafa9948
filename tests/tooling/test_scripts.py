"""The commands of the repository."""

import os
from pathlib import Path
import shutil
import subprocess

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = [
    path
    for path in sorted([*ROOT.glob("script/*"), ROOT / ".ci" / "run"])
    if path.is_file() and path.suffix == ""
]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of the commands whose environment claims to be complete at another place."""
    root = tmp_path / "clone"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / "script").mkdir()
    shutil.copy(ROOT / "script" / "bootstrap", root / "script")
    shutil.copy(ROOT / "requirements.txt", root)
    shutil.copy(ROOT / ".venv" / ".complete", root / ".venv")
    (root / ".venv" / "bin" / "python").symlink_to(ROOT / ".venv" / "bin" / "python")
    return root


def bootstrap(root: Path, path: str) -> subprocess.CompletedProcess[str]:
    """Run script/bootstrap with nothing but these folders on PATH."""
    return subprocess.run(
        [shutil.which("bash") or "bash", root / "script" / "bootstrap"],
        env={"PATH": path},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize("command", COMMANDS, ids=lambda path: path.name)
def test_command_is_executable_and_parses(command: Path) -> None:
    """A person can type its name."""
    assert os.access(command, os.X_OK)
    interpreter = command.read_text("utf-8").splitlines()[0]
    assert interpreter in {"#!/usr/bin/env bash", "#!/usr/bin/env python3"}
    if interpreter.endswith("bash"):
        subprocess.run(["bash", "-n", command], check=True)


def test_second_bootstrap_does_nothing(clone: Path) -> None:
    """With a stamp of this very place the environment is left as it is."""
    stamp = clone / ".venv" / ".complete"
    _, *rest = stamp.read_text("utf-8").splitlines(keepends=True)
    stamp.write_text("".join([f"{clone}\n", *rest]), "utf-8")
    done = bootstrap(clone, os.environ["PATH"])
    assert (done.returncode, done.stderr) == (0, "")


def test_moved_clone_starts_again_and_says_what_is_missing(
    clone: Path, tmp_path: Path
) -> None:
    """An environment of another place is thrown away; without Python one sentence tells."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("cat", "cksum", "dirname", "mkdir", "rm"):
        (tools / name).symlink_to(str(shutil.which(name)))
    done = bootstrap(clone, str(tools))
    assert done.returncode == 1
    assert "no Python >= 3.14.2" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not (clone / ".venv").exists()
