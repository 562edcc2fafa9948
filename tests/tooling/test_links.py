"""What the documents of the repository refer to is there."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
import re
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [
    path
    for path in ROOT.iterdir()
    if path.is_dir() and not path.name.startswith(".") and path.name != "node_modules"
]
DOCUMENTS = sorted(
    chain(ROOT.glob("*.md"), *(folder.rglob("*.md") for folder in FOLDERS))
)

CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(
    r"\]\(<?([^\s)>]+)>?(?: \"[^\"]*\")?\)|(?:src|href|srcset)=\"([^\"]+)\"|^\[[^]]+\]: (\S+)",
    re.MULTILINE,
)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.IGNORECASE)
HEADING = re.compile(r"^#+ (.+?)\s*$", re.MULTILINE)


def relative_links(text: str) -> Iterator[str]:
    """Targets inside the repository, in the order of the text."""
    for match in LINK.finditer(CODE.sub("", text)):
        target = next(filter(None, match.groups()))
        if not ELSEWHERE.match(target):
            yield target


def anchors(text: str) -> set[str]:
    """What can follow a # in a link to that document: its headings, as GitHub spells them."""
    headings = HEADING.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return {
        re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings
    }


def is_there(document: Path, target: str) -> bool:
    """Whether the file exists, and in it the heading."""
    name, _, anchor = unquote(target).partition("#")
    path = document.parent / name if name else document
    if not path.exists():
        return False
    return (
        not anchor or path.suffix != ".md" or anchor in anchors(path.read_text("utf-8"))
    )


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_relative_links_lead_somewhere(document: Path) -> None:
    """A reader who follows them finds a file, and the heading in it."""
    links = relative_links(document.read_text("utf-8"))
    assert [target for target in links if not is_there(document, target)] == []


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        pytest.param(
            "see [b](b.md) and ![c](images/c.png)", ["images/c.png"], id="image"
        ),
        pytest.param("[b](b.md#what-it-is)", [], id="heading"),
        pytest.param("[b](b.md#more) [here](#here)", ["b.md#more", "#here"], id="none"),
        pytest.param('<img src="c.png"> `[no](link.md)`', ["c.png"], id="HTML"),
        pytest.param("[b]\n\n[b]: c.md\n", ["c.md"], id="definition"),
        pytest.param("[a](https://a.example/b.md) <x@a.example>", [], id="elsewhere"),
    ],
)
def test_a_link_to_nothing_is_seen(
    text: str, broken: list[str], tmp_path: Path
) -> None:
    """The check above is able to fail."""
    document = tmp_path / "a.md"
    document.write_text(text)
    (tmp_path / "b.md").write_text("# B\n\n## What it is\n\n```sh\n# more\n```\n")
    found = [link for link in relative_links(text) if not is_there(document, link)]
    assert found == broken
