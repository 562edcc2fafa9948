"""Pictures of pages in fewer colours, as they stand in the repository for ever.

python -m script.simulation.smaller PNG...
"""

from pathlib import Path
import sys
from typing import Final

from PIL import Image

COLOURS: Final = 128
"""Enough for text, flat areas and their soft edges."""


def make_smaller(path: Path) -> None:
    """Save the picture with a palette, where that makes it smaller."""
    before = path.read_bytes()
    with Image.open(path) as image:
        if image.mode == "P":
            return
        image.convert("RGB").quantize(COLOURS).save(path, optimize=True)
    if path.stat().st_size >= len(before):
        path.write_bytes(before)


def main() -> None:
    """Of all files that are named."""
    for name in sys.argv[1:]:
        make_smaller(Path(name))


if __name__ == "__main__":
    main()
