"""Invite a member: `script/invite ADDRESS [SVG]`.

Draws a new token. The invitation goes to standard output, to be kept in a file; what is
for the eye, the member's folder and the code to scan, to standard error.
"""

import argparse
from collections.abc import Sequence
import io
from pathlib import Path
import sys

import segno

from custom_components.autoconsommation_collective.pmo.errors import InvitationError
from custom_components.autoconsommation_collective.pmo.invitation import (
    Invitation,
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.sealing import (
    member_path,
    new_token,
)


def qr_code(invitation: Invitation) -> segno.QRCode:
    """The invitation to scan, also where a seventh of the print is damaged."""
    return segno.make(invitation.text, error="m")


def save_qr(invitation: Invitation, path: Path) -> None:
    """The invitation as an SVG image to scan, readable by its owner only."""
    image = io.BytesIO()
    qr_code(invitation).save(image, kind="svg", scale=4)
    write_private(path, image.getvalue())


def write_private(path: Path, content: bytes) -> None:
    """Write what holds a token, readable by its owner only before the first byte."""
    path.touch(0o600)
    path.chmod(0o600)
    path.write_bytes(content)


def main(arguments: Sequence[str]) -> int:
    """Print a new invitation; 2 where the address can be none, or the code cannot be saved."""
    parser = argparse.ArgumentParser(prog="script/invite", description=__doc__)
    parser.add_argument("address", help="of the feed, such as https://pmo.example/")
    parser.add_argument("svg", nargs="?", type=Path, help="where to save the code")
    options = parser.parse_args(arguments)
    try:
        invitation = parse_invitation(f"{options.address}#acc={new_token()}")
        if options.svg:
            save_qr(invitation, options.svg)
    except InvitationError as error:
        parser.error(f"no address of a feed: {error}")
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    print(invitation.text, flush=True)
    print(f"members/{member_path(invitation.token)}/", file=sys.stderr)
    qr_code(invitation).terminal(out=sys.stderr, compact=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
