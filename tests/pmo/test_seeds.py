"""Each file that fuzzing starts from, or once found, through its reader."""

import pytest

from script.fuzzing.__main__ import SEEDS
from script.fuzzing.readers import READERS


@pytest.mark.parametrize("reader", READERS)
def test_seeds_are_read_or_refused(reader: str) -> None:
    """In our types, whatever is in them."""
    seeds = sorted((SEEDS / reader).iterdir())
    assert seeds
    for seed in seeds:
        READERS[reader](seed.read_bytes())


def test_every_seed_has_its_reader() -> None:
    """None lies where nobody reads it."""
    assert {folder.name for folder in SEEDS.iterdir()} == READERS.keys()
