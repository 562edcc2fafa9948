"""What every test relies on: nothing here needs Home Assistant to run."""

import logging

from hypothesis import given, settings, strategies as st
import pytest

settings.register_profile("repeatable", derandomize=True, deadline=None)
"""The same examples on every machine; a slow machine is no failure."""
settings.load_profile("repeatable")


# At DEBUG, the level the Home Assistant test plugin sets, each statement is a log record.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)


@pytest.fixture(autouse=True, scope="session")
def hypothesis_has_drawn() -> None:
    """Let Hypothesis set up its random generator before the first test.

    It warns when nobody seems to hold the generator, as when the Home Assistant plugin has
    frozen the garbage collector, which then no longer tells who holds what.
    """
    given(st.none())(lambda _: None)()
