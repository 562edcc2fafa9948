"""Files of a small study as text, and what reading them gives or refuses."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from custom_components.autoconsommation_collective.engine.study import (
    StudyError,
    StudyProblem,
)
from custom_components.autoconsommation_collective.pmo.study_files import (
    StudyFiles,
    read_study,
)

PARIS = ZoneInfo("Europe/Paris")

CONSUMPTION = """\
start;school;home;old mill
2025-01-01T00:00:00+01:00;1250;;3
2025-01-01T00:15:00+01:00;1240;88;4
2025-01-01T00:30:00+01:00;1230;90;5
"""
PRODUCTION = """\
start;roof;old mill
2025-01-01T00:00:00+01:00;500;30
2025-01-01T00:15:00+01:00;600;31
2025-01-01T00:30:00+01:00;700;32
"""


def study(**files: str) -> StudyFiles:
    """The study of these files beside the curves above, by their names without `.csv`."""
    texts = {"consumption": CONSUMPTION, "production": PRODUCTION} | files
    return read_study(
        {f"{name}.csv": text.encode() for name, text in texts.items()}, PARIS
    )


def refused(read: Callable[[], object]) -> StudyError:
    """The error with which something is refused."""
    with pytest.raises(StudyError) as caught:
        read()
    return caught.value


def place(error: StudyError) -> tuple[StudyProblem, str, str, str, str, str]:
    """All that an error tells, but the kinds of problems of the engine."""
    assert isinstance(error.problem, StudyProblem)
    return (
        error.problem,
        error.file,
        error.step,
        error.participant,
        error.field,
        error.found,
    )
