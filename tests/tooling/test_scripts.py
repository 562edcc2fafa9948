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


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder to be the whole PATH: what script/bootstrap needs beside an interpreter."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("cat", "cksum", "dirname", "mkdir", "rm"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def write_tool(path: Path, *lines: str) -> None:
    """Write a command of a few lines of shell."""
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), "utf-8")
    path.chmod(0o755)


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
    clone: Path, tools: Path
) -> None:
    """An environment of another place is thrown away; without Python one sentence tells."""
    done = bootstrap(clone, str(tools))
    assert done.returncode == 1
    assert "no Python >= 3.14.2" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert not (clone / ".venv").exists()


@pytest.mark.skipif(not shutil.which("flock"), reason="this machine has no flock")
def test_two_bootstraps_at_once_make_one_environment(clone: Path, tools: Path) -> None:
    """The second waits for the first, and leaves alone what that one makes."""
    events, gate, made = clone / "events", clone / "gate", clone / "made"
    os.mkfifo(events)
    os.mkfifo(gate)
    write_tool(
        tools / "flock", "echo locking >events", f'exec {shutil.which("flock")} "$@"'
    )
    write_tool(
        tools / "python3.14",
        'case "$*" in',
        "--version) echo Python 3.14.9 ;;",
        f'"-m venv .venv") mkdir -p .venv/bin; {shutil.which("cp")} "$0" .venv/bin/python',
        "    echo .venv >>made ;;",
        '"-m pip install"*) echo installing >events; read -r line <gate ;;',
        "esac",
    )

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(shutil.which("bash")), clone / "script" / "bootstrap"],
            env={"PATH": str(tools)},
            stderr=subprocess.DEVNULL,
        )

    with (
        events.open("r+b", buffering=0) as told,
        gate.open("r+b", buffering=0) as go,
        start() as first,
    ):
        assert [told.readline(), told.readline()] == [b"locking\n", b"installing\n"]
        with start() as second:
            assert told.readline() == b"locking\n"
            go.write(b"go\n" * 2)
    assert (first.returncode, second.returncode) == (0, 0)
    assert made.read_text("utf-8").split() == [".venv"]


def test_long_list_of_libraries_is_read_to_its_end(tools: Path) -> None:
    """The writer of the list is not cut off, which would pass for a library that lacks."""
    listing = "printf '\\tlibatomic.so.1 => here\\n%1000000s' end"
    write_tool(tools / "ldconfig", listing)
    write_tool(tools / "uname", "echo Linux")
    write_tool(tools / "apt-get", "exit 1")
    write_tool(tools / "chromium", "exit 1")
    done = subprocess.run(
        [str(shutil.which("bash")), ROOT / "script" / "chromium"],
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"{tools / 'chromium'}\n", "")
