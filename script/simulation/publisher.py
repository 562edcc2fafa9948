"""Publish an operation's feed as its organiser does, and keep the members' invitations.

`python -m script.simulation.publisher --folder DIR --address URL` writes it all and prints
the invitation of one member; `--operation school` is another operation, `--correct 2026-10`
finds, at a later run, that this month was read wrongly.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
import json
from pathlib import Path

from custom_components.autoconsommation_collective.adapters.feed_folder import (
    publish_into,
)
from custom_components.autoconsommation_collective.pmo.invitation import Invitation
from custom_components.autoconsommation_collective.pmo.organised_feed import feed_books
from custom_components.autoconsommation_collective.pmo.publication import publication
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_keys,
    new_token,
)
from custom_components.autoconsommation_collective.pmo.stamps import (
    Stamps,
    restored_stamps,
    stored_stamps,
)
from script.feed_invite import save_qr, write_private

from .organiser import Organiser, foreseen, id_of, roster, settled_month
from .village import OPERATIONS, Village

TOKENS = "tokens.json"
"""The organiser's secrets, kept beside the published folder and never in it."""
STAMPS = "published.json"
"""What was published, beside the folder too."""


def publish(
    organiser: Organiser, tokens: Sequence[str], folder: Path, before: Stamps
) -> Stamps:
    """Bring the folder up to date; gives what lies in it now."""
    found = [settled_month(organiser, month) for month in organiser.months]
    months = {one.report.month: one for one in found}
    told = feed_books(
        roster(organiser.village),
        {id_of(number): member_keys(token) for number, token in enumerate(tokens)},
        {month: one.community for month, one in months.items() if one.community},
        frozenset(months),
        {
            id_of(number): {
                month: one.pages[id_of(number)] for month, one in months.items()
            }
            for number in range(len(tokens))
        },
        organiser.today,
    )
    new = publication(
        replace(told, forecast=foreseen(organiser)), before, organiser.now
    )
    publish_into(folder, new.written, new.paths, new.replaced, organiser.now)
    return new.stamps


def new_tokens(village: Village) -> tuple[str, ...]:
    """A fresh token for every delivery point."""
    return tuple(new_token() for _ in range(village.n_delivery_points))


def _load_tokens(path: Path, village: Village) -> tuple[str, ...]:
    """The tokens of an earlier run, or new ones, readable by their owner only."""
    if not path.exists():
        write_private(path, json.dumps(new_tokens(village)).encode())
    return tuple(json.loads(path.read_text()))


def _load_stamps(path: Path) -> Stamps:
    """What an earlier run published."""
    return restored_stamps(json.loads(path.read_text())) if path.exists() else Stamps()


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
    folder: Path = arguments.folder
    village = OPERATIONS[arguments.operation]()
    organiser = Organiser(village, datetime.now(UTC), frozenset(arguments.correct))
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _load_tokens(folder.parent / TOKENS, village)
    kept = folder.parent / STAMPS
    stamps = publish(organiser, tokens, folder, _load_stamps(kept))
    kept.write_text(json.dumps(stored_stamps(stamps)))
    address = f"{arguments.address.rstrip('/')}/"
    invitation = Invitation(address, tokens[village.shown_home])
    save_qr(invitation, folder.parent / "invitation.svg")
    print(invitation.text)


if __name__ == "__main__":
    main()
