"""The pinned requirements: exact, hashed, from wherever the machine is told to look."""

from pathlib import Path
import re

import homeassistant
import pytest

ROOT = Path(__file__).parents[2]
PINNED = (ROOT / "requirements.txt").read_text("utf-8")

ENTRY = re.compile(
    r"^[a-z0-9-]+(\[[a-z0-9,-]+\])?==[\w.!+]+( ; [^\n\\]+)?"
    r"( \\\n {4}--hash=sha256:[0-9a-f]{64})+\n",
    re.MULTILINE,
)
ADDRESS = re.compile(
    r"//|@|^\s*-(i|f|-index-url|-extra-index-url|-find-links)", re.MULTILINE
)


def addresses(text: str) -> list[str]:
    """Whatever in a requirements file says where to download from."""
    return [match.group() for match in ADDRESS.finditer(text)]


def test_only_exact_versions_with_hashes() -> None:
    """Nothing stands in the file beside the entries: no option, no address, no comment."""
    assert ENTRY.sub("", PINNED) == ""


def test_no_address_of_an_index_or_a_download() -> None:
    """The machine's own configuration says where packages come from."""
    for name in ("requirements.txt", "requirements.in"):
        assert not addresses((ROOT / name).read_text("utf-8")), name


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://index.example/simple",
        "--find-links wheels",
        "-i index",
        "numpy @ https://files.example/numpy.whl",
    ],
)
def test_an_address_is_seen(line: str) -> None:
    """The check above is able to fail."""
    assert addresses(f"aiohttp==3.14.5\n{line}\n")


def test_home_assistant_is_the_pinned_one() -> None:
    """The environment the tests run in was made from this file."""
    assert f"homeassistant=={homeassistant.const.__version__} \\\n" in PINNED
