"""The public address and the code owner stand in manifest.json; everything else agrees."""

import json
from pathlib import Path
import re

import pytest

ROOT = Path(__file__).parents[2]
DOMAIN = "autoconsommation_collective"
INTEGRATION = ROOT / "custom_components" / DOMAIN
MANIFEST = json.loads((INTEGRATION / "manifest.json").read_text("utf-8"))

# https://github.com/OWNER/REPOSITORY, or a My link that opens it in the member's HACS
REPOSITORY = re.compile(
    r"github\.com/(?P<owner>[\w-]+)/(?P<name>[\w.-]*\w)"
    r"|[?&]owner=(?P<my_owner>[\w-]+)&repository=(?P<my_name>[\w.-]*\w)"
)
SPEAKING = [
    path
    for pattern in ("*.md", "docs/**/*.md", "*.json", ".github/**/*.yml")
    for path in ROOT.glob(pattern)
]


def repositories(text: str) -> set[str]:
    """Every repository that a text links to, as owner/name."""
    return {
        f"{match['owner'] or match['my_owner']}/{match['name'] or match['my_name']}"
        for match in REPOSITORY.finditer(text)
    }


OURS = next(iter(repositories(MANIFEST["documentation"])))


def test_manifest_agrees_with_itself() -> None:
    """Documentation, issue tracker and code owner are those of one repository."""
    assert MANIFEST["documentation"] == f"https://github.com/{OURS}"
    assert MANIFEST["issue_tracker"] == f"https://github.com/{OURS}/issues"
    assert MANIFEST["codeowners"] == [f"@{OURS.split('/', maxsplit=1)[0]}"]


@pytest.mark.parametrize("path", SPEAKING, ids=lambda path: path.name)
def test_links_to_this_project_go_to_its_address(path: Path) -> None:
    """A link to a repository of our name is a link to our repository."""
    linked = repositories(path.read_text("utf-8"))
    assert {one for one in linked if one.endswith(f"/{DOMAIN}")} <= {OURS}


def test_no_second_place_in_the_code() -> None:
    """Code that needs the address reads it from the manifest."""
    owner = OURS.split("/", maxsplit=1)[0]
    telling = [
        path.relative_to(ROOT)
        for path in INTEGRATION.rglob("*.py")
        if owner in path.read_text("utf-8")
    ]
    assert telling == []


def test_other_owner_is_seen() -> None:
    """The comparison above is able to fail."""
    assert repositories(
        "https://github.com/someone/thing and ?owner=me&repository=it"
    ) == {
        "someone/thing",
        "me/it",
    }
