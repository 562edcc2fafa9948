"""Who takes part and how it is shared: keys by day, and those in need served first."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.keys import (
    Matrix,
    RepartitionKey,
)
from custom_components.autoconsommation_collective.engine.model import (
    KeyType,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.repartition import allocate
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    KeyPart,
    RosterError,
    RosterProblem,
    Solidarity,
    agreed_key,
    key_of,
    members_on,
)
from custom_components.autoconsommation_collective.engine.study import StudyError

from .organised_cases import IN_NEED, SINCE, participant

DAY = date(2026, 10, 15)
FIRST, DONATED = Solidarity.FIRST, Solidarity.DONATED
energies = st.lists(st.integers(0, 5000), min_size=4, max_size=4)


POOR, CAMILLE, DIDIER, ELSA = (
    participant(name, key_parts=IN_NEED if name == "Aline" else ())
    for name in ("Aline", "Camille", "Didier", "Elsa")
)
ALL = (POOR, CAMILLE, DIDIER, ELSA)


def shared(key: RepartitionKey, consumption: list[int], production: int) -> Matrix:
    """What each gets of one step."""
    return allocate(
        np.array([[production]], dtype=float),
        np.array([consumption], dtype=float),
        key,
    ).allocated[0]


@pytest.mark.parametrize("choice", ["prorata", "fair"])
@given(consumption=energies, production=st.integers(0, 12_000))
def test_those_in_need_come_before_the_others(
    choice: str, consumption: list[int], production: int
) -> None:
    """All they consume, as far as the production goes; the others share the rest."""
    key = key_of(AgreedKey(choice, SINCE, FIRST), ALL, DAY)
    got = shared(key, consumption, production)
    assert got[0] == pytest.approx(min(consumption[0], production))
    rest = shared(
        key_of(AgreedKey(choice, SINCE), ALL[1:], DAY),
        consumption[1:],
        max(0, production - consumption[0]),
    )
    assert got[1:] == pytest.approx(rest)


@given(consumption=energies, production=st.integers(0, 12_000))
def test_of_a_donated_part_nothing_is_wasted(
    consumption: list[int], production: int
) -> None:
    """Those in need never get less of it, all together get what they would without."""
    plain = shared(
        key_of(AgreedKey("prorata", SINCE), ALL, DAY), consumption, production
    )
    given_first = AgreedKey("prorata", SINCE, DONATED, 0.1)
    got = shared(key_of(given_first, ALL, DAY), consumption, production)
    assert got[0] >= plain[0] - 1e-6
    assert got[0] >= min(consumption[0], 0.1 * production) - 1e-6
    assert got.sum() == pytest.approx(plain.sum())


def test_a_donated_part_is_as_large_as_agreed() -> None:
    """A tenth, and their part of the rest."""
    agreed = AgreedKey("prorata", SINCE, DONATED, 0.1)
    got = shared(key_of(agreed, ALL, DAY), [9000] * 4, 1000)
    assert got[1:] == pytest.approx([225.0, 225.0, 225.0], rel=0.01)
    assert got.sum() == pytest.approx(1000)


def test_a_donated_part_lowers_static_coefficients() -> None:
    """Their sum stays what it was."""
    people = [
        replace(one, key_parts=(KeyPart(SINCE, 0.25, is_solidarity=one is POOR),))
        for one in ALL
    ]
    key = key_of(AgreedKey("static", SINCE, DONATED, 0.2), people, DAY)
    got = shared(key, [9000] * 4, 1000)
    assert got == pytest.approx([400, 200, 200, 200])


def test_a_priority_key_puts_those_in_need_before_rank_one() -> None:
    """Public buildings first, but after them."""
    people = [
        replace(one, key_parts=(KeyPart(SINCE, None, rank, None, one is POOR),))
        for one, rank in zip(ALL, (2, 1, 2, 2), strict=True)
    ]
    got = shared(
        key_of(AgreedKey("priority", SINCE, FIRST), people, DAY), [600] * 4, 900
    )
    assert got == pytest.approx([600, 300, 0, 0])


def test_where_nobody_is_in_need_the_key_is_what_it_is() -> None:
    """An empty group changes nothing."""
    agreed = AgreedKey("prorata", SINCE, FIRST)
    assert key_of(agreed, ALL[1:], DAY) == key_of(
        AgreedKey("prorata", SINCE), ALL[1:], DAY
    )


@pytest.mark.parametrize(
    ("choice", "solidarity"),
    [("equal", FIRST), ("equal_then_prorata", FIRST), ("fair", DONATED)],
)
def test_keys_without_room_for_solidarity_say_so(
    choice: str, solidarity: Solidarity
) -> None:
    """Rather than leave it out in silence."""
    with pytest.raises(RosterError) as caught:
        key_of(AgreedKey(choice, SINCE, solidarity, 0.1), ALL, DAY)
    assert caught.value.problem is RosterProblem.SOLIDARITY_NOT_POSSIBLE


@pytest.mark.parametrize(
    ("agreed", "type_"),
    [
        (AgreedKey("prorata", SINCE), KeyType.DEFAULT_DYNAMIC),
        (AgreedKey("prorata", SINCE, FIRST), KeyType.SIMPLE_DYNAMIC),
        (AgreedKey("equal", SINCE), KeyType.STATIC),
        (AgreedKey("static", SINCE, DONATED, 0.1), KeyType.STATIC),
        (AgreedKey("fair", SINCE), KeyType.SIMPLE_DYNAMIC),
        (AgreedKey("equal_then_prorata", SINCE), KeyType.SIMPLE_DYNAMIC),
        (AgreedKey("dynamic", SINCE), KeyType.OTHER),
    ],
    ids=lambda value: str(getattr(value, "choice", value)),
)
def test_what_the_grid_operator_calls_a_key(agreed: AgreedKey, type_: KeyType) -> None:
    """Whoever is served first needs coefficients for each step."""
    assert agreed.type is type_


def test_a_part_of_the_key_holds_on_its_days() -> None:
    """And the one before on those before."""
    early = KeyPart(Validity(date(2025, 1, 1), date(2026, 10, 9)), coefficient=0.2)
    late = KeyPart(Validity(date(2026, 10, 10)), coefficient=0.3)
    one = participant("Fanny", key_parts=(early, late))
    assert one.key_part(date(2026, 10, 9)) is early
    assert one.key_part(date(2026, 10, 10)) is late


def test_who_lacks_a_part_of_the_key_is_named() -> None:
    """To the organiser, who knows them."""
    with pytest.raises(StudyError) as caught:
        key_of(AgreedKey("static", SINCE), ALL, DAY)
    assert caught.value.participant == "Aline"


def test_membership_and_consent_are_kept_apart() -> None:
    """A member may take part without having its documents published."""
    left = Validity(date(2025, 1, 1), date(2026, 9, 30))
    one = participant("Gilles", since=left, consent=(Validity(date(2026, 1, 1)),))
    assert members_on([one], date(2026, 9, 30)) == [one]
    assert members_on([one], date(2026, 10, 1)) == []
    assert one.agrees(DAY)
    assert not one.agrees(date(2025, 12, 31))


def test_two_keys_on_a_day_are_none() -> None:
    """Nobody knows which."""
    with pytest.raises(RosterError) as caught:
        agreed_key([AgreedKey("prorata", SINCE), AgreedKey("fair", SINCE)], DAY)
    assert caught.value.problem is RosterProblem.TWO_KEYS
    assert caught.value.day == DAY


def test_nothing_of_who_somebody_is_shows_in_a_log() -> None:
    """Neither name nor point nor place, nor that it is in need."""
    one = participant("Hugo", Role.CONSUMER, key_parts=IN_NEED)
    one = replace(one, id="p1")
    assert "Hugo" not in repr(one)
    assert one.point not in repr(one)
    assert "solidarity" not in repr(one)


def test_whoever_is_served_first_was_not_before() -> None:
    """What is told today does not touch the months before."""
    one = participant("Rose", key_parts=(KeyPart(Validity(DAY), is_solidarity=True),))
    others = [participant("Luc"), one]
    agreed = AgreedKey("prorata", SINCE, FIRST)
    before = key_of(agreed, others, DAY - timedelta(days=1))
    assert before == key_of(AgreedKey("prorata", SINCE), others, DAY)
    assert key_of(agreed, others, DAY) != before
