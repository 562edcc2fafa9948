"""The organiser's bench, small: the file it reads says what was settled, and nothing is odd."""

from collections.abc import Iterable

from custom_components.autoconsommation_collective.engine.delivery import Curve
from custom_components.autoconsommation_collective.engine.organised_month import (
    split,
    stretches,
)
from custom_components.autoconsommation_collective.engine.organised_report import (
    OrganisedMonth,
    organised_month,
)
from custom_components.autoconsommation_collective.pmo.deliveries import read
from script.benchmarks.organised.month import (
    MONTH,
    QUARTER,
    ZONE,
    archive,
    correction,
    roster,
    settled,
)

PEOPLE = roster(16)
SETTLED = settled(PEOPLE)


def month_of(curves: Iterable[Curve]) -> OrganisedMonth:
    """What comes of the curves."""
    told = tuple(curves)
    people, keys = PEOPLE.participants, PEOPLE.keys
    found = stretches(MONTH, people, keys, told, QUARTER, ZONE)
    splits = [split(stretch) for stretch in found]
    return organised_month(MONTH, splits, people, told, ZONE, 0.0)


def test_the_file_tells_what_was_settled() -> None:
    """Packed twice, a line for each value: complete, and as the key gives it."""
    delivery = read("mois.zip", archive(SETTLED), ZONE)
    found = month_of(delivery.curves)
    assert found.report.is_complete
    assert found.report.tally
    assert found.report.tally.allocated_wh == SETTLED.allocated.sum() > 0


def test_a_correction_is_one_participants() -> None:
    """A Wh less drawn, and given."""
    (corrected,) = correction(SETTLED).curves
    energies = corrected.blocks[0].energies.values()
    before = SETTLED.stretch.consumption[:, 0], SETTLED.allocated[:, 0]
    assert [(now - was).sum() for now, was in zip(energies, before, strict=True)] == [
        -1,
        -1,
    ]
