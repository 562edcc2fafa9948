"""How much the card weighs, and how fast it is first drawn, held to its budget."""

import pytest

from script.benchmarks.card import first_drawings_ms, weights

LARGEST_KB = 60
"""Of all modules, as a web server with compression sends them."""
SLOWEST_MS = 100
"""For the first drawing of two days of quarters of an hour and eight appliances."""


def test_weight() -> None:
    """All modules together."""
    assert 5 < sum(weights().values()) / 1000 < LARGEST_KB


@pytest.mark.browser
@pytest.mark.usefixtures("socket_enabled")
async def test_first_drawing(chromium: str) -> None:
    """The best of five, as the machine has other work."""
    assert min(await first_drawings_ms(chromium)) < SLOWEST_MS
