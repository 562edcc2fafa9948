"""An organiser's list is kept whole."""

from datetime import date, timedelta
import json

from hypothesis import given, strategies as st

from custom_components.autoconsommation_collective.engine.model import (
    PlantKind,
    Price,
    PriceModel,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.perimeter import (
    Body,
    DistanceDerogation,
    PublicServiceDerogation,
)
from custom_components.autoconsommation_collective.engine.roster import (
    AgreedKey,
    KeyPart,
    Panels,
    Participant,
    Place,
    Roster,
    Solidarity,
)
from custom_components.autoconsommation_collective.engine.roster_store import (
    restored_roster,
    stored_roster,
)

numbers = st.floats(0, 100)
days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
validities = st.builds(Validity, days, last_day=st.none() | days, pending=st.booleans())
spans = st.lists(validities, max_size=2).map(tuple)
participants = st.builds(
    Participant,
    id=st.text(max_size=5),
    name=st.text(max_size=5),
    point=st.text(max_size=14),
    role=st.sampled_from(Role),
    membership=spans,
    consent=spans,
    key_parts=st.lists(
        st.builds(
            KeyPart,
            validities,
            coefficient=st.none() | numbers,
            rank=st.none() | st.integers(1, 9),
            investment=st.none() | numbers,
            is_solidarity=st.booleans(),
        ),
        max_size=2,
    ).map(tuple),
    panels=st.none()
    | st.builds(
        Panels,
        st.sampled_from(PlantKind),
        numbers,
        tilt_deg=st.none() | numbers,
        azimuth_deg=st.none() | numbers,
    ),
    is_household=st.booleans(),
    place=st.none()
    | st.builds(
        Place,
        numbers,
        numbers,
        st.text(max_size=5),
        st.integers(1, 7),
        epci=st.none() | st.text(max_size=5),
        body=st.sampled_from(Body),
    ),
    follows=st.booleans(),
    turn=st.none() | numbers,
)
rosters = st.builds(
    Roster,
    name=st.text(max_size=5),
    agreement=st.none() | st.just("ACC00000123"),
    time_zone=st.just("Europe/Paris"),
    step=st.sampled_from([15, 30]).map(lambda n: timedelta(minutes=n)),
    keys=st.lists(
        st.builds(
            AgreedKey,
            st.sampled_from(["prorata", "equal_then_prorata"]),
            validities,
            solidarity=st.none() | st.sampled_from(Solidarity),
            donated=st.floats(0, 1),
        ),
        max_size=2,
    ).map(tuple),
    prices=st.lists(
        st.builds(Price, st.sampled_from(PriceModel), numbers, validities), max_size=2
    ).map(tuple),
    derogation=st.none()
    | st.builds(
        DistanceDerogation,
        st.none() | numbers,
        st.frozensets(st.text(max_size=5), max_size=2),
    )
    | st.builds(PublicServiceDerogation, st.text(max_size=5)),
    participants=st.lists(participants, max_size=3).map(tuple),
)


@given(rosters)
def test_what_is_stored_is_restored(roster: Roster) -> None:
    """As a file holds it."""
    assert restored_roster(json.loads(json.dumps(stored_roster(roster)))) == roster


@given(rosters, participants)
def test_a_participant_takes_the_place_of_its_id(
    roster: Roster, one: Participant
) -> None:
    """Or stands at the end; the others keep theirs."""
    changed = roster.with_participant(one)
    assert changed.participant(one.id) == one
    before = [each for each in roster.participants if each.id != one.id]
    assert [each for each in changed.participants if each.id != one.id] == before
