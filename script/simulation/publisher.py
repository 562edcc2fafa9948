"""Publish an operation's feed: static files in a folder, and the members' invitations.

`python -m script.simulation.publisher --folder DIR --address URL` writes it all and prints
the invitation of one member; `--operation school` is another operation, `--correct 2026-10`
publishes a second revision of a month.
"""

import argparse
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
import json
from pathlib import Path

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    new_token,
    seal,
)
from script.feed_invite import save_qr, write_private

from . import feed_documents as documents
from .feed_documents import Document, Publication
from .village import OPERATIONS

TOKENS = "tokens.json"
"""The organiser's secrets, kept beside the published folder and never in it."""


def publish(publication: Publication, tokens: Sequence[str], folder: Path) -> None:
    """Bring the folder up to date; a file whose content stands already is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in _public(publication):
        _write(folder / name, _encode(document))
    for number, token in enumerate(tokens):
        own = folder / "members" / member_path(token)
        own.mkdir(parents=True, exist_ok=True)
        index = _encode(documents.member(publication, number))
        _write(own / names.MEMBER, seal(token, names.MEMBER, index))
    for month in publication.months:
        _, settlement = documents.settled_month(publication, month)
        name = names.member_month(f"{month:%Y-%m}")
        for number, token in enumerate(tokens):
            page = documents.member_month(publication, month, number, settlement)
            sealed = seal(token, name, _encode(page))
            _write(folder / "members" / member_path(token) / name, sealed)


def new_tokens(publication: Publication) -> tuple[str, ...]:
    """A fresh token for every delivery point."""
    return tuple(new_token() for _ in range(publication.village.n_delivery_points))


def _public(publication: Publication) -> Iterator[tuple[str, Document]]:
    """The documents everybody may read."""
    yield names.OPERATION, documents.operation(publication)
    yield names.AGGREGATES, documents.aggregates(publication)
    yield names.FORECAST, documents.forecast(publication)
    for month in publication.public_months:
        page = documents.aggregates_month(publication, month)
        yield names.aggregates_month(f"{month:%Y-%m}"), page


def _encode(document: Document) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _write(path: Path, content: bytes) -> None:
    """Replace in one step: a reader meets the old content or the new, never a part."""
    if path.exists() and path.read_bytes() == content:
        return
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(content)
    draft.replace(path)


def _load_tokens(path: Path, publication: Publication) -> tuple[str, ...]:
    """The tokens of an earlier run, or new ones, readable by their owner only."""
    if not path.exists():
        write_private(path, json.dumps(new_tokens(publication)).encode())
    return tuple(json.loads(path.read_text()))


def main() -> None:
    """Publish once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument(
        "--address", required=True, help="where the folder will be served"
    )
    parser.add_argument(
        "--operation", choices=OPERATIONS, default=next(iter(OPERATIONS))
    )
    parser.add_argument("--correct", metavar="YYYY-MM", action="append", default=[])
    arguments = parser.parse_args()
    revisions = dict.fromkeys(arguments.correct, 2)
    village = OPERATIONS[arguments.operation]()
    publication = Publication(village, datetime.now(UTC), revisions)
    tokens = _load_tokens(arguments.folder.parent / TOKENS, publication)
    publish(publication, tokens, arguments.folder)
    invitation = Invitation(
        f"{arguments.address.rstrip('/')}/", tokens[village.shown_home]
    )
    save_qr(invitation, arguments.folder.parent / "invitation.svg")
    print(invitation.text)


if __name__ == "__main__":
    main()
