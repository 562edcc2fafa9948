"""What every test relies on: nothing here needs Home Assistant to run."""

import logging

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
"""The same examples on every machine; a slow machine is no failure."""
settings.load_profile("repeatable")

# At DEBUG, the level the Home Assistant test plugin sets, each statement is a log record.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)
