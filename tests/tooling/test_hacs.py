"""What HACS asks of a repository, as far as it can be seen without asking anybody."""

import json
from pathlib import Path
import struct

import pytest

ROOT = Path(__file__).parents[2]
COMPONENTS = ROOT / "custom_components"
INTEGRATION = COMPONENTS / "autoconsommation_collective"
KNOWN = {
    *("name", "content_in_root", "country", "filename", "hacs", "hide_default_branch"),
    *("homeassistant", "persistent_directory", "render_readme", "zip_release"),
}
"""Keys of hacs.json; any other is refused."""
PNG = b"\x89PNG\r\n\x1a\n"


def told(path: Path) -> dict[str, object]:
    """A JSON file."""
    found: dict[str, object] = json.loads(path.read_text("utf-8"))
    return found


def test_hacs_json() -> None:
    """Known keys; the countries it is for; no archive of its own, which HACS must not build."""
    found = told(ROOT / "hacs.json")
    assert found.keys() <= KNOWN
    assert found["name"] and found["country"] == ["FR", "BE", "LU"]
    assert "zip_release" not in found


def test_the_manifest_tells_what_hacs_shows() -> None:
    """And the one integration of the repository bears its domain's name."""
    found = told(INTEGRATION / "manifest.json")
    for key in ("codeowners", "documentation", "issue_tracker", "name", "version"):
        assert found[key], key
    folders = [p.name for p in COMPONENTS.iterdir() if (p / "manifest.json").exists()]
    assert folders == [found["domain"]]


def test_the_release_it_needs_is_the_one_it_is_tested_with() -> None:
    """Home Assistant's own, without the patch."""
    pinned = (ROOT / "requirements.in").read_text("utf-8")
    release = str(told(ROOT / "hacs.json")["homeassistant"]).rpartition(".")[0]
    assert f"homeassistant=={release}." in pinned


@pytest.mark.parametrize("name", ["README.md", "README.fr.md", "LICENSE"])
def test_what_a_visitor_reads(name: str) -> None:
    """It is there, and the licence is one of the Open Source Initiative's."""
    text = (ROOT / name).read_text("utf-8")
    assert len(text) > 1000
    assert name != "LICENSE" or "Apache License" in text


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("icon.png", 256),
        ("icon@2x.png", 512),
        ("dark_icon.png", 256),
        ("dark_icon@2x.png", 512),
    ],
)
def test_brand_images(name: str, size: int) -> None:
    """Square, in the sizes that Home Assistant's brands have."""
    begin = (INTEGRATION / "brand" / name).read_bytes()[:24]
    assert begin.startswith(PNG)
    assert struct.unpack(">II", begin[16:]) == (size, size)


def test_nothing_that_is_shipped_is_left_out_of_an_archive() -> None:
    """An installation from a tag takes the archive that git makes."""
    attributes = ROOT / ".gitattributes"
    assert not attributes.exists() or "export-ignore" not in attributes.read_text()
