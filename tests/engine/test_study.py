"""Every way of sharing that can be named gives the key it says, or says what is missing."""

from dataclasses import replace

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.errors import (
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.keys import (
    DynamicKey,
    FairKey,
    FullDynamicKey,
    IterativeKey,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
)
from custom_components.autoconsommation_collective.engine.study import (
    AS_IT_IS,
    THEN,
    Consumer,
    Sharing,
    StudyError,
    StudyProblem,
    repartition_key,
)

SCHOOL = Consumer("school", coefficient=0.5, rank=1, investment=600.0)
HOME = Consumer("home", coefficient=0.3, rank=2, investment=0.0)
SHOP = Consumer("shop", coefficient=0.1, rank=2, investment=200.0)
CONSUMERS = (SCHOOL, HOME, SHOP)

EQUAL = StaticKey((1 / 3, 1 / 3, 1 / 3))
STATIC = StaticKey((0.5, 0.3, 0.1))
INVESTED = StaticKey((0.75, 0.0, 0.25))

EXPECTED: dict[str, RepartitionKey] = {
    "prorata": ProRataKey(),
    "equal": EQUAL,
    "static": STATIC,
    "investment": INVESTED,
    "fair": FairKey(),
    "fair_investment": FairKey((600.0, 0.0, 200.0)),
    "priority": PriorityKey((1, 2, 2), ProRataKey()),
    "priority_fair": PriorityKey((1, 2, 2), FairKey()),
    "equal_then_prorata": IterativeKey((EQUAL, ProRataKey())),
    "prorata_then_equal": IterativeKey((ProRataKey(), EQUAL)),
    "static_then_equal_then_prorata": IterativeKey((STATIC, EQUAL, ProRataKey())),
    "investment_then_investment": IterativeKey((INVESTED, INVESTED)),
}


@pytest.mark.parametrize(
    ("choice", "key"), [pytest.param(c, k, id=c) for c, k in EXPECTED.items()]
)
def test_choice_is_the_key_it_names(choice: str, key: RepartitionKey) -> None:
    """For the consumers in their order."""
    assert repartition_key(choice, CONSUMERS) == key


def test_every_way_of_sharing_is_expected_above() -> None:
    """None is forgotten; `dynamic` goes by coefficients and has its own tests."""
    assert {*Sharing} == {name for name in EXPECTED if THEN not in name} | {"dynamic"}


def test_order_of_consumers_is_the_key_s() -> None:
    """A key of the same consumers the other way round."""
    assert repartition_key("static", CONSUMERS[::-1]) == StaticKey((0.1, 0.3, 0.5))
    assert repartition_key("priority", CONSUMERS[::-1]) == PriorityKey((2, 2, 1))


def test_coefficients_of_each_step_are_a_dynamic_key() -> None:
    """Of the pooled production."""
    coefficients = np.full((4, 3), 0.2)
    key = repartition_key("dynamic", CONSUMERS, coefficients)
    assert isinstance(key, DynamicKey)
    assert key.coefficients is coefficients


def test_coefficients_of_each_pair_are_a_full_dynamic_key() -> None:
    """Of each producer's production."""
    coefficients = np.full((4, 2, 3), 0.2)
    key = repartition_key("dynamic", CONSUMERS, coefficients)
    assert isinstance(key, FullDynamicKey)
    assert key.coefficients is coefficients


def test_coefficients_change_no_other_key() -> None:
    """They are for `dynamic` alone."""
    for choice, key in EXPECTED.items():
        assert repartition_key(choice, CONSUMERS, np.full((4, 3), 0.2)) == key


def test_zero_is_a_value_that_is_given() -> None:
    """A coefficient, a rank or an investment of 0 is none that lacks."""
    nothing = (Consumer("guest", coefficient=0.0, rank=0, investment=0.0),)
    assert repartition_key("static", nothing) == StaticKey((0.0,))
    assert repartition_key("priority", nothing) == PriorityKey((0,))
    assert repartition_key("investment", nothing) == StaticKey((0.0,))
    assert repartition_key("fair_investment", nothing) == FairKey((0.0,))


@pytest.mark.parametrize("choice", [*EXPECTED])
def test_operation_without_consumers_has_a_key(choice: str) -> None:
    """A scenario may leave out all of them."""
    assert type(repartition_key(choice, ())) is type(EXPECTED[choice])


@pytest.mark.parametrize(
    ("choice", "lacks", "name"),
    [
        ("static", "coefficient", "static"),
        ("investment", "investment", "investment"),
        ("fair_investment", "investment", "fair_investment"),
        ("priority", "rank", "priority"),
        ("priority_fair", "rank", "priority_fair"),
        ("equal_then_static_then_prorata", "coefficient", "static"),
        ("prorata_then_investment", "investment", "investment"),
    ],
)
def test_consumer_that_lacks_what_a_key_goes_by_is_named(
    choice: str, lacks: str, name: str
) -> None:
    """With the key, or the round, that needs it; the first of several."""
    without = [SCHOOL, *(replace(c, **{lacks: None}) for c in (HOME, SHOP))]
    with pytest.raises(StudyError) as raised:
        repartition_key(choice, without)
    error = raised.value
    assert error.problem is StudyProblem.VALUE_MISSING
    assert (error.participant, error.field) == ("home", name)


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("choice", ["investment", "fair_investment"])
def test_investment_that_is_no_amount_names_who_is_said_to_have_made_it(
    choice: str, amount: float
) -> None:
    """Not the one whose part it would push above 1."""
    with pytest.raises(StudyError) as raised:
        repartition_key(choice, [SCHOOL, replace(HOME, investment=amount)])
    error = raised.value
    assert error.problem is StudyProblem.BAD_VALUE
    assert (error.participant, error.field) == ("home", choice)
    assert error.found == str(amount)


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        ("democracy", "democracy"),
        ("", ""),
        ("PRORATA", "PRORATA"),
        ("equal_then_", ""),
        ("equal_then_democracy", "democracy"),
        ("fair_then_prorata", "fair_then_prorata"),
        ("prorata_then_fair", "prorata_then_fair"),
        ("priority_then_prorata", "priority_then_prorata"),
        ("equal_then_fair_investment", "equal_then_fair_investment"),
        ("dynamic_then_prorata", "dynamic_then_prorata"),
    ],
)
def test_name_of_no_key_is_refused(choice: str, field: str) -> None:
    """Also rounds that no rule provides for."""
    with pytest.raises(StudyError) as raised:
        repartition_key(choice, CONSUMERS, np.full((1, 3), 0.1))
    assert raised.value.problem is StudyProblem.KEY_UNKNOWN
    assert raised.value.field == field


def test_fourth_round_is_refused() -> None:
    """Three at most (CWaPE)."""
    three = THEN.join(["equal"] * 3)
    assert repartition_key(three, CONSUMERS) == IterativeKey((EQUAL,) * 3)
    four = THEN.join(["equal"] * 4)
    with pytest.raises(StudyError) as raised:
        repartition_key(four, CONSUMERS)
    assert raised.value.problem is AllocationProblem.ROUNDS_NOT_KNOWN
    assert (raised.value.field, raised.value.found) == (four, "4")


def test_dynamic_needs_coefficients() -> None:
    """They are not made up."""
    with pytest.raises(StudyError) as raised:
        repartition_key("dynamic", CONSUMERS)
    assert raised.value.problem is StudyProblem.VALUE_MISSING
    assert raised.value.field == "dynamic"


def test_as_it_is_changes_nothing() -> None:
    """No factor on anybody."""
    assert not AS_IT_IS.consumers
    assert not AS_IT_IS.producers


def test_error_says_in_one_line_what_is_wrong_and_where() -> None:
    """What does not apply is left out of the line, and a dash in translated texts."""
    error = StudyError(
        StudyProblem.BAD_NUMBER,
        file="consumption.csv",
        participant="home",
        step="line 7",
        found="1,2,3",
    )
    assert str(error) == "bad_number: consumption.csv, line 7, home, 1,2,3"
    assert error.placeholders == {
        "file": "consumption.csv",
        "participant": "home",
        "field": "–",
        "step": "line 7",
        "found": "1,2,3",
    }
