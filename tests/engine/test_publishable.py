"""What may be told of all: never so little together that one shows."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.claim import USUAL_NEED_WH
from custom_components.autoconsommation_collective.engine.model import (
    Counts,
    PlantKind,
    Quality,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.publishable import (
    counts_between,
    may_be_public,
    public_page,
    public_plants,
)
from custom_components.autoconsommation_collective.engine.roster import (
    Panels,
    Participant,
    Place,
)

from .organised_cases import MONTH, N_STEPS, PARIS, SINCE, START, STEP, at, participant

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
QUANTITIES = (
    Quantity.SHARED_INJECTION,
    Quantity.TOTAL_WITHDRAWAL,
    Quantity.BASE_WITHDRAWAL,
    Quantity.ALLOCATED,
)
PAGE = MonthPage(
    MONTH,
    1,
    Quality.SETTLED,
    (Block(START, STEP, {q: np.ones(N_STEPS) for q in QUANTITIES}),),
)


def counts(members: int, households: int, others: int = 0) -> Counts:
    """Since ever."""
    return Counts(members, households, others, SINCE)


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (counts(10, 10), "all"),
        (counts(10, 0, 1), "all"),
        (counts(10, 9, 1), "all"),
        (counts(10, 9), "withdrawal"),
        (counts(9, 10), "injection"),
        (counts(9, 9), "nothing"),
        (counts(9, 0, 1), "injection"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_who_hides_among_whom(count: Counts, expected: str) -> None:
    """Ten behind a sum; a roof that is no household's hides nobody and need not."""
    injection = may_be_public(Quantity.SHARED_INJECTION, [count])
    withdrawal = may_be_public(Quantity.TOTAL_WITHDRAWAL, [count])
    assert (injection, withdrawal) == (
        expected in ("all", "injection"),
        expected in ("all", "withdrawal"),
    )
    assert may_be_public(Quantity.ALLOCATED, [count]) == (expected == "all")
    assert may_be_public(Quantity.BASE_WITHDRAWAL, [count]) == withdrawal


def test_days_with_too_few_are_left_out() -> None:
    """From the day on which the tenth has left, nothing of what was drawn is told."""
    before = replace(counts(10, 0, 1), validity=Validity(FIRST, date(2026, 10, 19)))
    after = replace(counts(9, 0, 1), validity=Validity(date(2026, 10, 20)))
    page = public_page(PAGE, (before, after), PARIS)
    assert page is not None
    whole, part = page.blocks
    assert whole.energies.keys() == set(QUANTITIES)
    assert whole.end == part.start == at(20)
    assert part.energies.keys() == {Quantity.SHARED_INJECTION}


@pytest.mark.parametrize(
    ("followers", "is_told"),
    [(0, True), (1, False), (9, False), (10, True), (None, True)],
)
def test_what_few_followers_steer_is_not_told_apart(
    followers: int | None, *, is_told: bool
) -> None:
    """Of few the base is the same whatever their own curves were; a usual need is off it."""
    random = np.random.default_rng(0)
    energies = dict(PAGE.blocks[0].energies)
    energies[Quantity.TOTAL_WITHDRAWAL] = random.integers(5000, 9000, N_STEPS) * 1.0
    energies[Quantity.BASE_WITHDRAWAL] = random.integers(0, 5000, N_STEPS) * 1.0
    page = replace(PAGE, blocks=(replace(PAGE.blocks[0], energies=energies),))
    energies = energies | {Quantity.BASE_WITHDRAWAL: np.zeros(N_STEPS)}
    other = replace(PAGE, blocks=(replace(PAGE.blocks[0], energies=energies),))
    count = replace(counts(10, 10), followers=followers)
    one, another = (public_page(each, (count,), PARIS) for each in (page, other))
    assert one is not None and another is not None
    base, same = (
        each.blocks[0].energies[Quantity.BASE_WITHDRAWAL] for each in (one, another)
    )
    if is_told:
        assert (base == page.blocks[0].energies[Quantity.BASE_WITHDRAWAL]).all()
        return
    assert (base == same).all()
    total = one.blocks[0].energies[Quantity.TOTAL_WITHDRAWAL]
    assert followers is not None
    steered_wh, usual_wh = (total - base).sum(), 31 * followers * USUAL_NEED_WH
    assert usual_wh <= steered_wh < usual_wh + N_STEPS, "whole Wh, rounded down"


def test_where_nothing_may_be_told_there_is_no_page() -> None:
    """Nor without counts."""
    assert public_page(PAGE, (counts(9, 9),), PARIS) is None
    assert public_page(PAGE, (), PARIS) is None


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=14
    )
)
def test_counts_tell_every_day_as_it_is(spans: list[tuple[int, int, bool]]) -> None:
    """Whoever comes and goes; one count for each day, and none twice."""
    people = [
        participant(
            f"{n:014}",
            Role.PROSUMER if produces else Role.CONSUMER,
            since=Validity(
                FIRST + timedelta(days=start - 5),
                FIRST + timedelta(days=start - 5 + length),
            ),
        )
        for n, (start, length, produces) in enumerate(spans)
    ]
    found = counts_between(people, FIRST, LAST)
    for n in range(31):
        day = FIRST + timedelta(days=n)
        (count,) = [each for each in found if each.validity.covers(day)]
        there = [one for one in people if one.is_member(day)]
        assert count.members == len(there)
        assert count.household_producers == sum(one.role.produces for one in there)
    assert found[-1].validity.last_day is None


def producer(name: str, commune: str, **facts: object) -> Participant:
    """With a roof."""
    return participant(
        name,
        Role.PROSUMER,
        panels=Panels(PlantKind.SOLAR, 3.0, 42, 10),
        place=Place(46.951234, 1.991234, commune, 7),
        **facts,
    )


def test_roofs_of_households_are_told_together() -> None:
    """By commune: their power, no slope, about where they are."""
    plants = public_plants([producer("Anna", "Levroux"), producer("Ben", "Levroux")])
    (plant,) = plants
    assert (plant.peak_power_kw, plant.households) == (6.0, 2)
    assert (plant.latitude_deg, plant.longitude_deg) == (46.95, 1.99)
    assert plant.tilt_deg is plant.azimuth_deg is None


def test_a_roof_alone_in_its_commune_has_no_place() -> None:
    """It would be that household's."""
    (plant,) = public_plants([producer("Anna", "Levroux")])
    assert plant.latitude_deg is plant.longitude_deg is None
    assert plant.households == 1


def test_a_school_has_its_place_and_slope() -> None:
    """It is nobody's home."""
    (plant,) = public_plants([producer("School", "Avignon", is_household=False)])
    assert (plant.latitude_deg, plant.tilt_deg, plant.azimuth_deg) == (46.95, 42, 10)
    assert plant.households is None
