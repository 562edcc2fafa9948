"""Held back near the subscribed power: the least wanted first, not for nothing, not for ever."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.power_guard import (
    BLIND_MARGIN,
    FEWEST_INTERVALS,
    GIVE_BACK_BELOW,
    GIVE_BACK_EVERY,
    SEEN_AFTER,
    SHED_ABOVE,
    SHORTEST_HOLD,
    GuardedLoad,
    Guarding,
    Held,
    Phases,
    guard,
    is_fast_enough,
    planning_margin_w,
    usual_refresh,
)

START = datetime(2026, 1, 8, 18, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
LOOK = 10 * SECOND
SUBSCRIBED_VA = 9000.0


def load(
    name: str,
    *draws_va: float,
    priority: int = 5,
    is_running: bool = True,
    is_wanted: bool = True,
    is_cycle: bool = False,
    is_never_shed: bool = False,
) -> GuardedLoad:
    """A load that draws so much, by phase."""
    return GuardedLoad(
        id=name,
        draws_va=draws_va,
        priority=priority,
        is_running=is_running,
        is_wanted=is_wanted,
        is_cycle=is_cycle,
        is_never_shed=is_never_shed,
    )


DRAWS = st.sampled_from([0.0, 300.0, 1200.0, 2200.0, 3000.0, 7400.0])
SELDOM = st.sampled_from([False, False, False, True])


def loads_of(n_phases: int, *, of_any_kind: bool) -> st.SearchStrategy[list[GuardedLoad]]:  # fmt: skip
    """Up to six loads; ordinary ones that all run, or some of any kind."""
    seldom = SELDOM if of_any_kind else st.just(False)
    kind = st.builds(
        lambda draws, priority, rests, is_cycle, is_never_shed: load(
            "",
            *draws,
            priority=priority,
            is_running=not rests,
            is_cycle=is_cycle,
            is_never_shed=is_never_shed,
        ),
        st.lists(DRAWS, min_size=n_phases, max_size=n_phases),
        st.integers(1, 4),
        seldom,
        seldom,
        seldom,
    )
    return st.lists(kind, max_size=6).map(
        lambda loads: [replace(one, id=f"load {n}") for n, one in enumerate(loads)]
    )


HOMES = st.sampled_from([1, 3]).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(0, 4000), min_size=n, max_size=n),
        loads_of(n, of_any_kind=True),
    )
)
"""Power that is not steered, by phase, and loads."""


def power(base_va: Phases, loads: list[GuardedLoad], *, but: frozenset[str] = frozenset()) -> Phases:  # fmt: skip
    """Of the home, with what runs and is not held back."""
    on = [one.draws_va for one in loads if one.is_running and one.id not in but]
    return tuple(sum(phase) for phase in zip(base_va, *on, strict=True))


# Laws of one look


@given(HOMES)
@settings(max_examples=400)
def test_what_is_expected_is_what_is_left(home: tuple[list[float], list[GuardedLoad]]) -> None:  # fmt: skip
    """The power without the loads held back, never higher than measured; all of them run."""
    base_va, loads = tuple(home[0]), home[1]
    measured_va = power(base_va, loads)
    after = guard(Guarding(), START, measured_va, SUBSCRIBED_VA, loads)
    assert after.expected_va == pytest.approx(power(base_va, loads, but=after.ids))
    assert after.expected_va is not None
    for expected, measured in zip(after.expected_va, measured_va, strict=True):
        assert expected <= measured
    for one in loads:
        if one.id in after.ids:
            assert one.is_running
            assert not one.is_never_shed


@given(HOMES)
@settings(max_examples=400)
def test_enough_is_held_back_and_no_more(home: tuple[list[float], list[GuardedLoad]]) -> None:  # fmt: skip
    """Above a limit nothing runs on that helps; below it nothing was held back for nothing."""
    base_va, loads = tuple(home[0]), home[1]
    after = guard(Guarding(), START, power(base_va, loads), SUBSCRIBED_VA, loads)
    assert after.expected_va is not None
    phase_va = SUBSCRIBED_VA / len(base_va)
    for one in loads:
        limit_va = phase_va * (1.0 if one.is_cycle else SHED_ABOVE)
        helps = [
            va > limit_va and draws > 0
            for va, draws in zip(after.expected_va, one.draws_va, strict=True)
        ]
        if one.is_running and not one.is_never_shed and one.id not in after.ids:
            assert not any(helps)
        if one.id in after.ids:
            back = power(base_va, loads, but=after.ids - {one.id})
            assert any(
                va > limit_va and draws > 0
                for va, draws in zip(back, one.draws_va, strict=True)
            )


@given(HOMES)
@settings(max_examples=400)
def test_no_load_goes_before_one_of_less_worth_that_is_enough(home: tuple[list[float], list[GuardedLoad]]) -> None:  # fmt: skip
    """A lower one that still runs would not have done; and no cycle goes before the others."""
    base_va, loads = tuple(home[0]), home[1]
    after = guard(Guarding(), START, power(base_va, loads), SUBSCRIBED_VA, loads)
    phase_va = SUBSCRIBED_VA / len(base_va)
    running = [one for one in loads if one.is_running and not one.is_never_shed]
    for shed in (one for one in running if one.id in after.ids):
        for left in (one for one in running if one.id not in after.ids):
            if left.is_cycle or (not shed.is_cycle and left.priority >= shed.priority):
                continue
            limit_va = phase_va * (1.0 if shed.is_cycle else SHED_ABOVE)
            swapped = power(base_va, loads, but=after.ids - {shed.id} | {left.id})
            assert any(
                va > limit_va and draws > 0
                for va, draws in zip(swapped, shed.draws_va, strict=True)
            )


# Laws over time


@dataclass
class Street:
    """A home over time: relays that take a while, a meter that tells each ten seconds."""

    base_va: float
    loads: list[GuardedLoad]
    relay: timedelta = 4 * SECOND
    now: datetime = START
    guarding: Guarding = field(default_factory=Guarding)
    turns: dict[str, list[tuple[datetime, bool]]] = field(default_factory=dict)
    told: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    worst_va: float = 0.0
    """Seen of the home, once the guard had a minute."""

    def held_at(self, at: datetime) -> frozenset[str]:
        """What the relays hold back at an instant."""
        before = [ids for since, ids in self.told if since + self.relay <= at]
        return before[-1] if before else frozenset()

    def run(self, length: timedelta) -> None:
        """Look after look."""
        until = self.now + length
        while self.now < until:
            self.now += LOOK
            off = self.held_at(self.now)
            seen = [replace(one, is_running=one.is_running and one.id not in off) for one in self.loads]  # fmt: skip
            # What the meter tells is a few seconds old.
            old = self.held_at(self.now - 6 * SECOND)
            home_va = power((self.base_va,), self.loads, but=old)
            before = self.guarding.ids
            self.guarding = guard(self.guarding, self.now, home_va, SUBSCRIBED_VA, seen)
            for name in before ^ self.guarding.ids:
                is_held = name in self.guarding.ids
                self.turns.setdefault(name, []).append((self.now, is_held))
            self.told.append((self.now, self.guarding.ids))
            if self.now > START + MINUTE:
                self.worst_va = max(self.worst_va, home_va[0])


ONE_PHASE = loads_of(1, of_any_kind=False)
BASES = st.sampled_from([0.0, 500.0, 2000.0, 6000.0, 8000.0])


@given(BASES, ONE_PHASE)
@settings(max_examples=60)
def test_a_constant_home_does_not_flap(base_va: float, loads: list[GuardedLoad]) -> None:  # fmt: skip
    """Held back once, given back at most once, and then left alone."""
    home = Street(base_va, loads)
    home.run(90 * MINUTE)
    for turns in home.turns.values():
        assert [is_held for _, is_held in turns] in ([True], [True, False])
    assert home.worst_va <= max(SHED_ABOVE * SUBSCRIBED_VA, base_va)


@given(ONE_PHASE, st.lists(BASES, min_size=2, max_size=8), st.floats(0.5, 2))
@settings(max_examples=60)
def test_no_load_turns_more_often_than_it_is_held(
    loads: list[GuardedLoad], bases: list[float], wrong: float
) -> None:
    """Whatever the home draws, and however wrong the powers of the loads are told."""
    home = Street(bases[0], loads)
    for base_va in bases:
        home.base_va = base_va * wrong
        home.run(7 * MINUTE)
    for turns in home.turns.values():
        for (since, was_held), (until, _) in pairwise(turns):
            if was_held:
                assert until - since >= SHORTEST_HOLD


@given(BASES, ONE_PHASE)
@settings(max_examples=40)
def test_what_fits_again_is_given_back(base_va: float, loads: list[GuardedLoad]) -> None:  # fmt: skip
    """No load is held for ever: the most wanted that fits comes first, one a minute."""
    home = Street(base_va, loads)
    home.run(5 * MINUTE)
    home.base_va = 0.0
    home.run(SHORTEST_HOLD + len(loads) * (GIVE_BACK_EVERY + LOOK) + MINUTE)
    (running_va,) = power((0.0,), loads, but=home.guarding.ids)
    for one in loads:
        if one.id in home.guarding.ids:
            assert running_va + one.draws_va[0] > GIVE_BACK_BELOW * SUBSCRIBED_VA
    given_back = sorted(at for turns in home.turns.values() for at, is_held in turns if not is_held)  # fmt: skip
    for one_at, next_at in pairwise(given_back):
        assert next_at - one_at >= GIVE_BACK_EVERY


# Vectors

TANK = load("tank", 2200.0, priority=4)
CAR = load("car", 3700.0, priority=6)
WASHER = load("washer", 2000.0, priority=1, is_cycle=True)


def held_at(base_va: float, *loads: GuardedLoad) -> set[str]:
    """Held back of these, at the first look."""
    home_va = power((base_va,), list(loads))
    return set(guard(Guarding(), START, home_va, SUBSCRIBED_VA, loads).ids)


@pytest.mark.parametrize(
    ("base_va", "loads", "held"),
    [
        pytest.param(2600, (TANK, CAR), set(), id="below the limit"),
        pytest.param(2700, (TANK, CAR), {"tank"}, id="the least wanted is enough"),
        pytest.param(5000, (TANK, CAR), {"car"}, id="the car alone is enough"),
        pytest.param(8000, (TANK, CAR), {"tank", "car"}, id="both"),
        pytest.param(9500, (TANK, CAR), {"tank", "car"}, id="both, and not enough"),
        pytest.param(4900, (TANK, WASHER), {"tank"}, id="a programme is not cut before others"),
        pytest.param(6800, (WASHER,), set(), id="nor below the subscribed power"),
        pytest.param(7100, (WASHER,), {"washer"}, id="a programme, where nothing else is enough"),
        pytest.param(7100, (replace(WASHER, is_never_shed=True),), set(), id="never, if so told"),
        pytest.param(8900, (replace(TANK, is_running=False),), set(), id="what does not run is no help"),
    ],
)  # fmt: skip
def test_held_back(base_va: float, loads: tuple[GuardedLoad, ...], held: set[str]) -> None:  # fmt: skip
    """By what the rest of the home draws."""
    assert held_at(base_va, *loads) == held


def test_of_two_alike_the_less_wanted_goes() -> None:
    """Beside a third that has to go anyway."""
    first, second = load("b", 1200.0, priority=1), load("a", 1200.0, priority=2)
    third = load("c", 2200.0, priority=3)
    assert held_at(6950, first, second, third) == {"b", "c"}


def test_a_phase_has_a_third_of_the_power() -> None:
    """Only what draws on the phase that is full is held back."""
    first = load("first", 2200.0, 0.0, 0.0, priority=5)
    second = load("second", 0.0, 2200.0, 0.0, priority=1)
    after = guard(Guarding(), START, (3100.0, 2500.0, 0.0), SUBSCRIBED_VA, [first, second])  # fmt: skip
    assert after.ids == {"first"}
    assert after.expected_va == (900.0, 2500.0, 0.0)


def test_what_was_just_switched_off_is_not_switched_off_twice() -> None:
    """The meter still tells its power; once it should not, somebody else goes."""
    loads = [TANK, CAR]
    home_va = (2700.0 + 2200.0 + 3700.0,)
    first = guard(Guarding(), START, home_va, SUBSCRIBED_VA, loads)
    again = guard(first, START + LOOK, home_va, SUBSCRIBED_VA, loads)
    assert again.ids == {"tank"}
    after = guard(again, START + SEEN_AFTER, home_va, SUBSCRIBED_VA, loads)
    assert after.ids == {"tank", "car"}


def test_nothing_begins_while_something_ends() -> None:
    """What the meter tells then is not what there is room for."""
    before = Guarding((Held("tank", START), Held("car", START + 29 * MINUTE)))
    now = START + 29 * MINUTE + LOOK
    loads = [replace(TANK, is_running=False), replace(CAR, is_running=False)]
    assert guard(before, now, (6600.0,), SUBSCRIBED_VA, loads).ids == {"tank", "car"}


def test_given_back_only_well_below() -> None:
    """By its own power and a bit."""
    before = Guarding((Held("tank", START),))
    tank = replace(TANK, is_running=False)
    now = START + SHORTEST_HOLD
    room_va = GIVE_BACK_BELOW * SUBSCRIBED_VA - 2200
    assert guard(before, now, (room_va + 1,), SUBSCRIBED_VA, [tank]).ids == {"tank"}
    assert guard(before, now - SECOND, (room_va,), SUBSCRIBED_VA, [tank]).ids
    after = guard(before, now, (room_va,), SUBSCRIBED_VA, [tank])
    assert (after.ids, after.given_back_at) == (frozenset(), now)


def test_the_most_wanted_comes_back_first() -> None:
    """Another one not before the meter has shown it."""
    before = Guarding((Held("tank", START), Held("car", START)))
    loads = [replace(TANK, is_running=False), replace(CAR, is_running=False)]
    now = START + SHORTEST_HOLD
    first = guard(before, now, (500.0,), SUBSCRIBED_VA, loads)
    assert first.ids == {"tank"}
    early = guard(first, now + GIVE_BACK_EVERY - SECOND, (500.0,), SUBSCRIBED_VA, loads)
    assert early.ids == {"tank"}
    after = guard(early, now + GIVE_BACK_EVERY, (4200.0,), SUBSCRIBED_VA, loads)
    assert after.ids == frozenset()


def test_what_nobody_wants_any_more_is_let_go() -> None:
    """It draws nothing, and must not keep another one waiting; nor must a load that is gone."""
    before = Guarding((Held("tank", START), Held("gone", START)))
    idle = replace(TANK, is_running=False, is_wanted=False)
    now = START + SHORTEST_HOLD
    assert guard(before, now, (8900.0,), SUBSCRIBED_VA, [idle]).ids == frozenset()


def test_without_a_measurement_nothing_is_held_for_ever() -> None:
    """Nothing more is held back, and after its time each is given back."""
    before = Guarding((Held("tank", START),))
    early = guard(before, START + MINUTE, None, SUBSCRIBED_VA, [TANK, CAR])
    assert (early.ids, early.expected_va) == ({"tank"}, None)
    now = START + SHORTEST_HOLD
    assert not guard(before, now, None, SUBSCRIBED_VA, [TANK, CAR]).ids


def test_a_clock_set_back_holds_nothing_longer() -> None:
    """Than the shortest time from then on."""
    before = Guarding((Held("tank", START + 9 * 60 * MINUTE),), START + 9 * 60 * MINUTE)
    tank = replace(TANK, is_running=False)
    set_back = guard(before, START, (0.0,), SUBSCRIBED_VA, [tank])
    assert set_back.ids == {"tank"}
    assert not guard(set_back, START + SHORTEST_HOLD, (0.0,), SUBSCRIBED_VA, [tank]).ids


# The meter


@pytest.mark.parametrize(
    ("seconds", "is_fast"),
    [
        pytest.param([2.0] * 100, True, id="each frame"),
        pytest.param([10.4] * 100, True, id="a poll of ten seconds"),
        pytest.param([30.0] * 100, False, id="each half minute"),
        pytest.param([60.0] * 100, False, id="each minute"),
        pytest.param([10.0] * 95 + [600.0] * 5, True, id="a few gaps"),
        pytest.param([10.0] * 85 + [60.0] * 15, False, id="often late"),
        pytest.param([1.0] * (FEWEST_INTERVALS - 1), False, id="not known yet"),
        pytest.param([1.0] * FEWEST_INTERVALS, True, id="just known"),
        pytest.param([], False, id="never"),
    ],
)
def test_only_a_fast_meter_is_guarded_by(seconds: list[float], is_fast: bool) -> None:
    """What is usual counts."""
    refresh = usual_refresh([n * SECOND for n in seconds])
    assert is_fast_enough(refresh) is is_fast


@given(
    st.sampled_from([3000.0, 6000.0, 9000.0, 36000.0]),
    st.lists(st.integers(1, 3600), min_size=2).map(sorted),
)
def test_the_margin_grows_with_what_is_not_seen(
    subscribed_va: float, seconds: list[int]
) -> None:
    """Slower is never less; without any measure it is the most."""
    for is_guarded in (True, False):
        margins = [
            planning_margin_w(subscribed_va, n * SECOND, is_guarded=is_guarded)
            for n in seconds
        ]
        margins.append(planning_margin_w(subscribed_va, None, is_guarded=is_guarded))
        assert margins == sorted(margins)
        assert margins[-1] == BLIND_MARGIN * subscribed_va


@pytest.mark.parametrize(
    ("refresh", "margin_w"),
    [
        pytest.param(timedelta(0), 450, id="always"),
        pytest.param(10 * SECOND, 450, id="ten seconds"),
        pytest.param(60 * SECOND, 900, id="a minute"),
        pytest.param(900 * SECOND, 1350, id="a quarter of an hour"),
        pytest.param(901 * SECOND, 1800, id="slower"),
        pytest.param(None, 1800, id="nothing live"),
    ],
)
def test_the_margin_of_9_kva(refresh: timedelta | None, margin_w: float) -> None:
    """What a plan leaves free."""
    margin = planning_margin_w(SUBSCRIBED_VA, refresh, is_guarded=True)
    assert margin == pytest.approx(margin_w)


def test_what_nobody_guards_leaves_more_free() -> None:
    """A fast meter alone holds nothing back."""
    margin = planning_margin_w(SUBSCRIBED_VA, 2 * SECOND, is_guarded=False)
    assert margin == pytest.approx(900)


def test_a_small_home_can_still_heat_its_tank() -> None:
    """Without a live measure, 3 kVA take 2.2 kW and what a home draws at night."""
    assert 3000 - planning_margin_w(3000, None, is_guarded=False) >= 2200 + 150
