"""A month as its organiser sees it: what is computed, against what the operator told."""

from dataclasses import replace
from datetime import date

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.delivery import Curve
from custom_components.autoconsommation_collective.engine.model import (
    Quality,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.organised_pages import (
    community_page,
    differences,
    member_pages,
    missing,
    strangers,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    Participant,
    RosterProblem,
)

from .organised_cases import (
    MONTH,
    N_STEPS,
    PARIS,
    PRORATA,
    SINCE,
    START,
    STEP,
    at,
    curve,
    participant,
    random_curves,
    splits_of,
)

CONS, AUTOCONS = Quantity.CONSUMPTION, Quantity.ALLOCATED
PROD, SURPLUS = Quantity.PRODUCTION, Quantity.SURPLUS
ANNA = participant("Anna")
BEN = participant("Ben", Role.PROSUMER)
ROOF = participant("Roof", Role.PRODUCER)
ALL = (ANNA, BEN, ROOF)


def told_by_operator(curves: list[Curve], seed: int = 0) -> list[Curve]:
    """The same curves with the split that the operator would tell."""
    splits = splits_of(ALL, curves)
    pages = member_pages(MONTH, splits)
    by_point = {one.point: one for one in ALL}
    return [
        curve(
            by_point[each.point or ""],
            pages[by_point[each.point or ""].id].blocks[0].energies,
        )
        for each in curves
    ]


def total(page: MonthPage, quantity: Quantity) -> float:
    """Known of that page."""
    found = page.total_wh(quantity)
    assert found is not None
    return found


# Laws


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from(["prorata", "fair", "equal"]))
def test_nothing_is_lost_and_nothing_invented(seed: int, choice: str) -> None:
    """What all members got is what the plants gave, to the Wh, at each step."""
    (split,) = splits_of(
        ALL, list(random_curves(ALL, seed)), (AgreedKey(choice, SINCE),)
    )
    allocated, surplus = split.counted
    given_wh = split.stretch.production.sum(axis=1) - surplus.sum(axis=1)
    assert (allocated.sum(axis=1) == given_wh).all()
    assert (allocated <= split.stretch.consumption).all()
    assert (allocated >= 0).all()
    assert (surplus >= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_all_pages_together_are_the_page_of_all(seed: int) -> None:
    """A member can check that the sum of everybody is what is published."""
    splits = splits_of(ALL, list(random_curves(ALL, seed)))
    pages = member_pages(MONTH, splits)
    community = community_page(MONTH, splits, PARIS, 6000)
    assert community is not None
    assert total(community, AUTOCONS) == sum(
        total(pages[one.id], AUTOCONS) for one in ALL if one.consumes
    )
    injected = sum(total(pages[one.id], PROD) for one in ALL if one.role.produces)
    assert total(community, Quantity.SHARED_INJECTION) == injected
    left = sum(total(pages[one.id], SURPLUS) for one in ALL if one.role.produces)
    assert total(community, AUTOCONS) == injected - left


@settings(max_examples=20, deadline=None)
@given(st.permutations(ALL))
def test_the_order_of_the_list_changes_nothing(order: list[Participant]) -> None:
    """Nor that of the files."""
    curves = list(random_curves(ALL))
    one, other = (
        member_pages(MONTH, splits_of(people, list(reversed(curves))))
        for people in (ALL, order)
    )
    for each in ALL:
        for quantity, energies in one[each.id].blocks[0].energies.items():
            assert (energies == other[each.id].blocks[0].energies[quantity]).all()


# What the operator told


def test_the_operators_figures_count() -> None:
    """Where it tells them they settle the month, whatever was computed."""
    curves = told_by_operator(list(random_curves(ALL)))
    of_anna = curves[0].blocks[0].energies
    moved = of_anna[AUTOCONS].copy()
    moved[100] = 0.0
    curves[0] = curve(ANNA, {**of_anna, AUTOCONS: moved})
    page = member_pages(MONTH, splits_of(ALL, curves))[ANNA.id]
    assert page.quality is Quality.SETTLED
    assert page.blocks[0].energies[AUTOCONS][100] == 0


def test_computed_figures_are_provisional() -> None:
    """Nobody has confirmed them."""
    pages = member_pages(MONTH, splits_of(ALL, list(random_curves(ALL))))
    assert {page.quality for page in pages.values()} == {Quality.PROVISIONAL}


def test_the_same_split_differs_nowhere() -> None:
    """Verified, and nothing to say."""
    assert differences(splits_of(ALL, told_by_operator(list(random_curves(ALL))))) == ()


def test_a_difference_names_whose_and_since_when() -> None:
    """And how much in all."""
    curves = told_by_operator(list(random_curves(ALL)))
    of_anna = curves[0].blocks[0].energies
    moved = of_anna[AUTOCONS].copy()
    taken = moved[200:203].sum()
    moved[200:203] = 0.0
    curves[0] = curve(ANNA, {**of_anna, AUTOCONS: moved})
    (found,) = differences(splits_of(ALL, curves))
    assert found.participant == ANNA.id
    assert found.computed_wh - found.told_wh == taken > 0
    assert found.first == START + 200 * STEP
    assert found.n_steps == 3


def test_a_wh_of_rounding_is_no_difference() -> None:
    """How the operator rounds is not established."""
    curves = told_by_operator(list(random_curves(ALL)))
    of_anna = curves[0].blocks[0].energies
    nudged = np.maximum(of_anna[AUTOCONS] - 1, 0)
    curves[0] = curve(ANNA, {**of_anna, AUTOCONS: nudged})
    assert differences(splits_of(ALL, curves)) == ()


def test_a_complement_tells_what_was_allocated() -> None:
    """CONS = AUTOCONS + COMPLEMENT."""
    curves = told_by_operator(list(random_curves(ALL)))
    of_anna = curves[0].blocks[0].energies
    rest = of_anna[CONS] - of_anna[AUTOCONS]
    curves[0] = curve(ANNA, {CONS: of_anna[CONS], Quantity.COMPLEMENT: rest})
    page = member_pages(MONTH, splits_of(ALL, curves))[ANNA.id]
    assert (page.blocks[0].energies[AUTOCONS] == of_anna[AUTOCONS]).all()


def test_parts_tell_what_was_consumed() -> None:
    """The same rule, the other way round."""
    curves = told_by_operator(list(random_curves(ALL)))
    of_anna = curves[0].blocks[0].energies
    rest = of_anna[CONS] - of_anna[AUTOCONS]
    curves[0] = curve(ANNA, {AUTOCONS: of_anna[AUTOCONS], Quantity.COMPLEMENT: rest})
    page = member_pages(MONTH, splits_of(ALL, curves))[ANNA.id]
    assert (page.blocks[0].energies[CONS] == of_anna[CONS]).all()


# Who comes and goes, and what is missing


def test_who_comes_in_the_middle_is_shared_with_from_that_day() -> None:
    """Applied by day."""
    ben = replace(BEN, membership=(Validity(date(2026, 10, 20)),))
    splits = splits_of((ANNA, ben, ROOF), list(random_curves(ALL)))
    assert [split.stretch.grid.start for split in splits] == [START, at(20)]
    page = member_pages(MONTH, splits)[ben.id]
    assert page.blocks[0].start == at(20)


def test_who_waits_for_the_operator_counts_no_kwh() -> None:
    """En attente d'Enedis."""
    roof = replace(ROOF, membership=(Validity(date(2025, 1, 1), pending=True),))
    (split,) = splits_of((ANNA, BEN, roof), list(random_curves(ALL)))
    assert split.stretch.producers == (BEN,)


def test_a_key_that_changes_cuts_the_month() -> None:
    """The days before are shared by the one before."""
    keys = (
        AgreedKey("prorata", Validity(date(2025, 1, 1), date(2026, 10, 9))),
        AgreedKey("equal", Validity(date(2026, 10, 10))),
    )
    before, after = splits_of(ALL, list(random_curves(ALL)), keys)
    (prorata,) = splits_of(ALL, list(random_curves(ALL)))
    (equal,) = splits_of(ALL, list(random_curves(ALL)), (AgreedKey("equal", SINCE),))
    n = len(before.allocated)
    assert (before.allocated == prorata.allocated[:n]).all()
    assert (after.allocated == equal.allocated[n:]).all()


def test_a_hole_in_one_curve_leaves_the_step_open_for_all() -> None:
    """Under every key what one got depends on the others."""
    curves = list(random_curves(ALL))
    energies = {q: wh.copy() for q, wh in curves[2].blocks[0].energies.items()}
    energies[PROD][7] = np.nan
    curves[2] = curve(ROOF, energies)
    splits = splits_of(ALL, curves)
    assert missing(splits) == {ROOF.id: 1}
    assert np.isnan(splits[0].allocated[7]).all()
    assert not np.isnan(splits[0].allocated[8]).any()


def test_a_participant_without_a_curve_is_missing_altogether() -> None:
    """Nobody is left out in silence."""
    splits = splits_of(ALL, list(random_curves((ANNA, BEN))))
    assert missing(splits) == {ROOF.id: N_STEPS}
    assert community_page(MONTH, splits, PARIS, 6000) is None
    without_ben = splits_of(ALL, list(random_curves((ANNA, ROOF))))
    assert missing(without_ben) == {BEN.id: N_STEPS}, "two curves, and still one month"


def test_a_curve_of_nobody_is_told() -> None:
    """As of somebody who joined and was not written down."""
    curves = list(random_curves(ALL))
    assert strangers((ANNA, BEN), curves) == {ROOF.point}


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ((), RosterProblem.NO_KEY),
        ((*PRORATA, *PRORATA), RosterProblem.TWO_KEYS),
        ((AgreedKey("dynamic", SINCE),), RosterProblem.NOT_COMPUTED),
    ],
    ids=["no key", "two keys", "a key of the operator's"],
)
def test_without_a_key_the_operators_figures_stand_alone(
    keys: tuple[AgreedKey, ...], problem: RosterProblem
) -> None:
    """The month is published all the same."""
    splits = splits_of(ALL, told_by_operator(list(random_curves(ALL))), keys)
    assert splits[0].stretch.key is problem
    assert np.isnan(splits[0].allocated).all()
    assert member_pages(MONTH, splits)[ANNA.id].quality is Quality.SETTLED
