"""Seal a member's document: `script/seal --token-file FILE index.json > index.acc`.

The token, or the invitation that ends with it, comes from a file or from standard input:
what stands on a command line is kept in histories and shown to other users.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
import sys

from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.documents import MONTH
from custom_components.autoconsommation_collective.pmo.errors import InvitationError
from custom_components.autoconsommation_collective.pmo.invitation import (
    parse_invitation,
)
from custom_components.autoconsommation_collective.pmo.sealing import is_token, seal


def sealed_name(file: Path) -> str | None:
    """Name a document will have in the member's folder; None where it can have none."""
    if file.suffix == ".json" and MONTH.fullmatch(file.stem):
        return names.member_month(file.stem)
    return names.MEMBER if file.name == "index.json" else None


def read_token(source: str) -> str:
    """The token in that file, `-` for standard input; OSError, InvitationError."""
    text = (sys.stdin.read() if source == "-" else Path(source).read_text()).strip()
    return text if is_token(text) else parse_invitation(text).token


def main(arguments: Sequence[str]) -> int:
    """Write the sealed document to standard output; 2 where that cannot be."""
    parser = argparse.ArgumentParser(prog="script/seal", description=__doc__)
    parser.add_argument("--token-file", required=True, help="- for standard input")
    parser.add_argument("file", type=Path, help="index.json or YYYY-MM.json")
    options = parser.parse_args(arguments)
    name = sealed_name(options.file)
    if name is None:
        parser.error("only index.json and YYYY-MM.json lie in a member's folder")
    try:
        sealed = seal(read_token(options.token_file), name, options.file.read_bytes())
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    except InvitationError as error:
        parser.error(f"neither a token nor an invitation: {error}")
    sys.stdout.buffer.write(sealed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
