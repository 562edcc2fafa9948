"""The ledger: what is called gained is what the bill differs by, and nothing that is not known."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import json
import math
import random
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.base_use import (
    base_use,
    drawn_by_step,
)
from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.counterfactual import (
    concluded,
    concluded_alike,
    concluded_cycle,
)
from custom_components.autoconsommation_collective.engine.keys import (
    ProRataKey,
    StaticKey,
)
from custom_components.autoconsommation_collective.engine.ledger import (
    Entry,
    Gain,
    gain,
    restored_entries,
    stored_entries,
    sum_of,
)
from custom_components.autoconsommation_collective.engine.load_settlement import (
    left_by_base,
    pro_rata,
    settled,
)
from custom_components.autoconsommation_collective.engine.repartition import allocate

PARIS = ZoneInfo("Europe/Paris")
START = datetime(2026, 6, 8, 22, tzinfo=UTC)
STEP = timedelta(minutes=30)
DAY = timedelta(days=1)
NAN, INF = float("nan"), float("inf")
HIGHEST_WH = 1100.0
SUPPLIER, ALLOCATED = 0.2, 0.1

ENERGIES = st.sampled_from([0.0, 1.0, 300.0, 550.0, 1100.0]) | st.floats(0, 2000)
PARTS = st.sampled_from([0.0, 1.0]) | st.floats(0, 1)
PRICES = st.floats(0.0, 0.4)


def entry(
    n: int = 0,
    actual_wh: float = 0.0,
    other_wh: float = 0.0,
    coverage: float = 0.0,
    *,
    supplier_eur: float = SUPPLIER,
    allocated_eur: float = ALLOCATED,
    is_off_peak: bool = False,
    is_controlled: bool = True,
    need: datetime | None = START,
) -> Entry:
    """A step of a need that is over."""
    return Entry(
        start=START + n * STEP,
        actual_wh=actual_wh,
        other_wh=other_wh,
        supplier_eur=supplier_eur,
        allocated_eur=allocated_eur,
        coverage=coverage,
        is_off_peak=is_off_peak,
        is_controlled=is_controlled,
        need=need,
    )


@st.composite
def needs(draw: st.DrawFn, n_needs: int = 3, n_steps: int = 4) -> tuple[Entry, ...]:
    """Some needs, one after the other, each of some steps."""
    return tuple(
        entry(
            n * n_steps + k,
            draw(ENERGIES),
            draw(ENERGIES),
            draw(PARTS),
            supplier_eur=draw(PRICES),
            allocated_eur=draw(PRICES),
            need=START + n * n_steps * STEP,
        )
        for n in range(n_needs)
        for k in range(n_steps)
    )


OPEN = st.lists(
    st.builds(
        entry,
        actual_wh=st.floats(0, HIGHEST_WH),
        other_wh=st.just(NAN),
        coverage=PARTS,
        supplier_eur=PRICES,
        is_off_peak=st.booleans(),
        need=st.none(),
    ),
    min_size=1,
    max_size=48,
).map(lambda found: [replace(e, start=START + n * STEP) for n, e in enumerate(found)])


def page(
    consumption_wh: Sequence[float], allocated_wh: Sequence[float], n: int = 0
) -> Block:
    """A settlement from a step on."""
    energies = {
        Quantity.CONSUMPTION: np.array(consumption_wh, dtype=float),
        Quantity.ALLOCATED: np.array(allocated_wh, dtype=float),
    }
    return Block(START + n * STEP, STEP, energies)


def saved(entries: Sequence[Entry]) -> float:
    """In €, of what was switched."""
    return gain(entries, is_controlled=True).saved_eur


# Laws of a gain


@given(needs(), st.booleans())
def test_who_draws_as_by_default_gains_nothing(
    entries: tuple[Entry, ...], own_part: bool
) -> None:
    """Not even a rounding; estimated or settled."""
    alike = [replace(e, other_wh=e.actual_wh) for e in entries]
    told = page([e.actual_wh + 90 for e in alike], [e.actual_wh / 3 for e in alike])
    for found in (alike, settled(alike, [told], STEP, own_part=own_part)):
        assert saved(found) == 0
        assert gain(found, is_controlled=True).shifted_wh == 0


@given(needs())
def test_what_one_gains_the_reverse_loses(entries: tuple[Entry, ...]) -> None:
    """A loss comes out below zero."""
    reverse = [replace(e, actual_wh=e.other_wh, other_wh=e.actual_wh) for e in entries]
    assert saved(reverse) == pytest.approx(-saved(entries), abs=1e-12)


@given(needs(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(
    entries: tuple[Entry, ...], rng: random.Random
) -> None:
    """To the last digit."""
    shuffled = rng.sample(entries, len(entries))
    assert gain(shuffled, is_controlled=True) == gain(entries, is_controlled=True)


@given(needs())
def test_gains_add_up(entries: tuple[Entry, ...]) -> None:
    """Needs by themselves, as days or loads, are together what they are at once."""
    apart = sum_of(
        gain([e for e in entries if e.need == need], is_controlled=True)
        for need in {e.need for e in entries}
    )
    together = gain(entries, is_controlled=True)
    assert apart.saved_eur == pytest.approx(together.saved_eur, abs=1e-12)
    assert apart.shifted_wh == pytest.approx(together.shifted_wh)
    assert apart.covered_default_wh == pytest.approx(together.covered_default_wh)
    assert apart.settled_part == pytest.approx(together.settled_part)
    assert sum_of([]) == Gain()


@given(
    needs(),
    st.integers(0, 11),
    st.sampled_from(
        ["actual_wh", "other_wh", "supplier_eur", "allocated_eur", "coverage"]
    ),
)
def test_a_hole_takes_its_whole_need_away(
    entries: tuple[Entry, ...], n: int, name: str
) -> None:
    """It is counted as unknown, and no other need changes."""
    drawn = [
        replace(e, actual_wh=e.actual_wh + 1, coverage=0.1 + 0.8 * e.coverage)
        for e in entries
    ]
    holed = [replace(e, **{name: NAN}) if k == n else e for k, e in enumerate(drawn)]
    others = [e for e in drawn if e.need != drawn[n].need]
    found = gain(holed, is_controlled=True)
    assert found.unknown_needs == 1
    assert replace(found, unknown_needs=0) == gain(others, is_controlled=True)


@given(needs())
def test_money_is_gained_by_covered_energy_and_cheaper_hours(
    entries: tuple[Entry, ...],
) -> None:
    """The sums tell the same as the numbers of each step."""
    found = gain(entries, is_controlled=True)
    assert found.covered_wh == pytest.approx(
        sum(e.actual_wh * e.coverage for e in entries)
    )
    flat = [replace(e, supplier_eur=SUPPLIER, allocated_eur=ALLOCATED) for e in entries]
    found = gain(flat, is_controlled=True)
    more_wh = sum(e.other_wh - e.actual_wh for e in flat)
    more_covered_wh = found.covered_wh - found.covered_default_wh
    expected = (more_wh * SUPPLIER + more_covered_wh * (SUPPLIER - ALLOCATED)) / 1000
    assert found.saved_eur == pytest.approx(expected, abs=1e-9)


def test_a_price_that_nothing_is_bought_at_need_not_be_known() -> None:
    """At night no kWh is allocated, at noon all are."""
    night = entry(0, 0, 1000, coverage=0, allocated_eur=NAN)
    noon = entry(1, 1000, 0, coverage=1, supplier_eur=NAN)
    assert saved([night, noon]) == pytest.approx(0.1)


def test_noon_against_the_night() -> None:
    """2 kWh moved to noon, of which 80 % are covered, from the off-peak night."""
    night = [entry(n, 0, 1000, 0, supplier_eur=0.16) for n in range(2)]
    noon = [entry(n, 1000, 0, 0.8, supplier_eur=0.21) for n in (20, 21)]
    found = gain([*night, *noon], is_controlled=True)
    assert found.shifted_wh == 2000
    assert found.covered_wh == pytest.approx(1600)
    assert found.covered_default_wh == 0
    assert found.cost_eur == pytest.approx(1.6 * 0.1 + 0.4 * 0.21)
    assert found.default_cost_eur == pytest.approx(0.32)
    assert found.saved_eur == pytest.approx(0.076)
    cloudy = [replace(e, coverage=0.1) for e in noon]
    assert saved([*night, *cloudy]) == pytest.approx(0.32 - 0.02 - 0.378)


def test_a_need_that_is_not_over_is_neither_gained_nor_unknown() -> None:
    """It comes later."""
    pending = entry(0, 1000, NAN, need=None)
    assert gain([pending], is_controlled=True) == Gain()


def test_observed_needs_are_kept_apart() -> None:
    """What would have been gained is not gained."""
    switched = entry(0, 0, 1000)
    seen = entry(1, 0, 500, is_controlled=False)
    assert gain([switched, seen], is_controlled=True).compared_wh == 1000
    assert gain([switched, seen], is_controlled=False).compared_wh == 500


# Laws of the default


@given(OPEN, st.randoms(use_true_random=False))
def test_by_default_the_same_energy_is_drawn(
    entries: list[Entry], rng: random.Random
) -> None:
    """Whatever the day needed, in whatever order the steps are told; within the power."""
    found = concluded(rng.sample(entries, len(entries)), HIGHEST_WH)
    assert found == concluded(entries, HIGHEST_WH)
    drawn = sum(e.actual_wh for e in entries if e.actual_wh > 0.5)
    assert sum(e.other_wh for e in found) == pytest.approx(drawn, abs=0.5 * 48)
    assert all(e.other_wh <= HIGHEST_WH + 0.05 * HIGHEST_WH + 1e-9 for e in found)


@given(OPEN)
def test_default_hours_are_used_from_their_beginning_on(entries: list[Entry]) -> None:
    """No other hour before these are full, and none later while one before has room."""
    # Without standby, which stays where it is.
    drawn = [e if e.actual_wh > 60 else replace(e, actual_wh=0.0) for e in entries]
    default = {e.start: e.other_wh for e in concluded(drawn, HIGHEST_WH)}
    for is_off_peak in (True, False):
        wh = [default.get(e.start, 0.0) for e in drawn if e.is_off_peak is is_off_peak]
        full = [x for x in wh if x >= HIGHEST_WH - 1e-6]
        assert wh[: len(full)] == full
        assert sum(x > 1 for x in wh) <= len(full) + 1
        if is_off_peak and len(full) < len(wh):
            others = [default.get(e.start, 0.0) for e in drawn if not e.is_off_peak]
            assert sum(others) <= 0.5 * len(others) + 1e-6


@given(OPEN, st.dictionaries(st.integers(0, 47), st.floats(1, HIGHEST_WH)))
def test_an_observed_need_would_have_been_drawn_as_planned_first(
    entries: list[Entry], plan: dict[int, float]
) -> None:
    """The same energy; what the plan does not hold, by default; no more than it can draw."""
    drawn = [e if e.actual_wh > 60 else replace(e, actual_wh=0.0) for e in entries]
    planned = {START + n * STEP: wh for n, wh in plan.items() if n < len(entries)}
    found = {e.start: e.other_wh for e in concluded(drawn, HIGHEST_WH, planned)}
    total = sum(e.actual_wh for e in drawn)
    assert sum(found.values()) == pytest.approx(total, abs=0.5 * 48)
    as_planned = {at: min(wh, found.get(at, 0.0)) for at, wh in planned.items()}
    short = sum(planned.values()) - sum(as_planned.values())
    if short > 0.5 * 48:
        assert sum(as_planned.values()) == pytest.approx(total, abs=0.5 * 48)
    assert all(wh <= HIGHEST_WH + 1e-6 for wh in found.values())


@given(OPEN, st.integers(0, 60))
def test_an_observed_programme_would_have_begun_as_planned(
    entries: list[Entry], n: int
) -> None:
    """As it ran, from then on; where that lies outside of what was seen, nobody knows."""
    begins = START + n * STEP
    found = concluded_cycle(entries, begins)
    if any(math.isnan(e.other_wh) for e in found):
        assert gain(found, is_controlled=True) == Gain(unknown_needs=1)
        return
    other = [e.other_wh for e in found if e.other_wh > 0.5]
    actual = [e.actual_wh for e in entries if e.actual_wh > 0.5]
    assert sorted(other) == pytest.approx(sorted(actual))
    standby_wh = max(0.5, 0.05 * max(e.actual_wh for e in entries))
    on = [e.start for e in found if e.other_wh > standby_wh]
    assert not on or on[0] == begins


def test_a_programme_that_was_run_before_its_time() -> None:
    """At once by hand; by the plan two steps later."""
    ran = [entry(n, wh, NAN, need=None) for n, wh in enumerate((900, 20, 0, 0, 0))]
    found = concluded_cycle(ran, START + 2 * STEP)
    assert {e.start: e.other_wh for e in found} == {
        START: 0,
        START + STEP: 0,
        START + 2 * STEP: 900,
        START + 3 * STEP: 20,
    }
    (unknown,) = {e.other_wh for e in concluded_cycle(ran, START + 5 * STEP)}
    assert math.isnan(unknown)


@given(needs())
def test_what_was_observed_would_have_gained_what_the_reverse_gained(
    entries: tuple[Entry, ...],
) -> None:
    """Drawn by default, and otherwise by the plan."""
    seen = [replace(e, is_controlled=False) for e in entries]
    reverse = [replace(e, actual_wh=e.other_wh, other_wh=e.actual_wh) for e in entries]
    would, did = gain(seen, is_controlled=False), gain(reverse, is_controlled=True)
    assert would.saved_eur == pytest.approx(did.saved_eur, abs=1e-12)
    assert would.covered_wh == pytest.approx(did.covered_wh)
    assert would.shifted_wh == pytest.approx(did.shifted_wh)


@given(OPEN, st.integers(0, 47))
def test_a_hole_leaves_the_default_unknown(entries: list[Entry], n: int) -> None:
    """The need is counted as unknown, not as one that drew less."""
    assume(n < len(entries))
    entries[n] = replace(entries[n], actual_wh=NAN)
    for found in (
        concluded(entries, HIGHEST_WH),
        concluded_cycle(entries),
        concluded_alike(entries),
    ):
        assert gain(found, is_controlled=True) == Gain(unknown_needs=1)
        assert all(math.isnan(e.other_wh) for e in found)


@given(OPEN)
def test_what_only_adds_heat_gains_nothing(entries: list[Entry]) -> None:
    """What it drew and what of it was covered is still told."""
    found = gain(concluded_alike(entries), is_controlled=True)
    assert (found.saved_eur, found.shifted_wh) == (0, 0)
    drawn = sum(e.actual_wh for e in entries if e.actual_wh > 0.5)
    assert found.compared_wh == pytest.approx(2 * drawn)


def test_a_machine_would_have_begun_at_once() -> None:
    """Its standby before does not count as having begun."""
    waits = [entry(n, 2, NAN, need=None) for n in range(4)]
    runs = [entry(4, 900, NAN, need=None), entry(5, 20, NAN, need=None)]
    found = concluded_cycle([*waits, *runs])
    assert [e.other_wh for e in found] == [900, 20, 2, 2, 2, 2]
    assert concluded_cycle([]) == ()


def test_standby_is_not_moved() -> None:
    """Lamps burn all day, whatever is switched."""
    lit = [entry(n, 3, NAN, is_off_peak=n < 2, need=None) for n in range(4)]
    lit[3] = replace(lit[3], actual_wh=1000)
    assert [e.other_wh for e in concluded(lit, 1100)] == [1003, 3, 3, 0]


def test_more_than_its_hours_hold_is_drawn_all_the_same() -> None:
    """First off-peak, then the others, then more than it should be able to."""
    drawn = [entry(n, 1500, NAN, is_off_peak=n == 1, need=None) for n in range(2)]
    assert [e.other_wh for e in concluded(drawn, 1100)] == [1100, 1900]


def test_a_need_that_was_partly_switched_counts_as_observed() -> None:
    """Half of a need is no gain of the plan's."""
    half = [
        entry(n, 1000, NAN, is_controlled=n > 0, is_off_peak=n == 0) for n in range(2)
    ]
    found = concluded(half, 2000)
    assert gain(found, is_controlled=True) == Gain()
    assert gain(found, is_controlled=False).shifted_wh == 1000


# Laws of the settlement


@given(needs(), st.lists(PARTS, min_size=12, max_size=12), st.booleans())
def test_settled_twice_is_settled_once(
    entries: tuple[Entry, ...], parts: list[float], own_part: bool
) -> None:
    """And steps that no page settles, or that it has a hole for, stay as they were."""
    consumed = [e.actual_wh + 90 for e in entries]
    covered = [wh * part for wh, part in zip(consumed, parts, strict=True)]
    covered[5] = NAN
    told = [page(consumed[:8], covered[:8])]
    once = settled(entries, told, STEP, own_part=own_part)
    assert settled(once, told, STEP, own_part=own_part) == once
    assert once[8:] == entries[8:]
    assert once[5] == entries[5]
    assert all(e.is_settled for k, e in enumerate(once[:8]) if k != 5)
    found = gain(once, is_controlled=True)
    assert 0 <= found.settled_part <= 1


@given(
    needs(1), st.lists(st.floats(1, 3000), min_size=4, max_size=4), st.floats(0, 9000)
)
def test_pro_rata_covers_a_load_as_the_key_does(
    entries: tuple[Entry, ...], base: list[float], production_wh: float
) -> None:
    """All of a home's kWh alike: the load's part of the home's allocation."""
    consumed = np.array([b + e.actual_wh for b, e in zip(base, entries, strict=True)])
    table = np.column_stack((consumed, np.full(4, 5000.0)))
    shared = allocate(np.full((4, 1), production_wh), table, ProRataKey()).allocated
    found = settled(
        entries, [page(consumed.tolist(), shared[:, 0].tolist())], STEP, own_part=False
    )
    covered = gain(found, is_controlled=True).covered_wh
    expected = sum(
        a * e.actual_wh / c
        for a, c, e in zip(shared[:, 0], consumed, entries, strict=True)
    )
    assert covered == pytest.approx(expected)


ROOMS = st.lists(
    st.tuples(ENERGIES, ENERGIES, ENERGIES, ENERGIES, st.floats(1, 900), st.floats(0, 4000)),
    min_size=1,
    max_size=6,
)  # fmt: skip


def bill(consumed: Sequence[float], part_wh: Sequence[float]) -> float:
    """What a home pays under a static key, in €."""
    table = np.array(consumed)[:, None]
    covered = allocate(np.array(part_wh)[:, None], table, StaticKey((1.0,))).allocated
    return float((SUPPLIER * table - (SUPPLIER - ALLOCATED) * covered).sum()) / 1000


def two_loads(
    rows: Sequence[tuple[float, ...]],
) -> tuple[list[Entry], list[Entry], list[float], list[float], Block]:
    """Two loads of a home: their entries, consumption, the same by default, the page."""
    one = [entry(n, row[0], row[1]) for n, row in enumerate(rows)]
    two = [entry(n, row[2], row[3]) for n, row in enumerate(rows)]
    consumed = [row[4] + row[0] + row[2] for row in rows]
    by_default = [row[4] + row[1] + row[3] for row in rows]
    covered = [min(wh, row[5]) for wh, row in zip(consumed, rows, strict=True)]
    return one, two, consumed, by_default, page(consumed, covered)


@given(ROOMS)
@settings(max_examples=300)
def test_what_all_loads_gain_is_what_the_bill_differs_by(
    rows: list[tuple[float, ...]],
) -> None:
    """Under a static key, of which the home's part is known."""
    one, two, consumed, by_default, told = two_loads(rows)
    part_wh = [row[5] for row in rows]
    part = [Block(START, STEP, {Quantity.SHARED_INJECTION: np.array(part_wh)})]
    total = sum(
        saved(settled(each, [told], STEP, own_part=True, others=other, part=part))
        for each, other in ((one, two), (two, one))
    )
    # A part used up to half a Wh passes for used up.
    expected = bill(by_default, part_wh) - bill(consumed, part_wh)
    assert total == pytest.approx(expected, abs=1e-4 * len(rows))


@given(ROOMS)
@settings(max_examples=300)
def test_no_gain_rests_on_a_part_that_nobody_knows(
    rows: list[tuple[float, ...]],
) -> None:
    """Without the home's part, less is called gained, never more."""
    one, two, consumed, by_default, told = two_loads(rows)
    total = sum(
        saved(settled(each, [told], STEP, own_part=True, others=other))
        for each, other in ((one, two), (two, one))
    )
    part_wh = [row[5] for row in rows]
    most = bill(by_default, part_wh) - bill(consumed, part_wh)
    assert total <= most + 1e-4 * len(rows)


@given(ROOMS, st.booleans())
def test_a_load_that_is_not_moved_has_no_part_in_it(
    rows: list[tuple[float, ...]], is_controlled: bool
) -> None:
    """Whatever another load does beside it."""
    one, two, *_, told = two_loads(rows)
    still = [replace(e, other_wh=e.actual_wh) for e in one]
    beside = [replace(e, is_controlled=is_controlled) for e in two]
    assert saved(settled(still, [told], STEP, own_part=True, others=beside)) == 0


def test_loads_share_what_the_base_leaves() -> None:
    """200 Wh of base use come first; the rest is shared in proportion."""
    one, two = [entry(0, 1000, 0)], [entry(0, 500, 0)]
    told = [page([1700], [500])]
    found = [
        settled(each, told, STEP, own_part=True, others=other)[0]
        for each, other in ((one, two), (two, one))
    ]
    assert [e.coverage for e in found] == pytest.approx([0.2, 0.2])


def test_another_load_that_is_only_observed_is_no_rival() -> None:
    """What it would do by default is not what it did: it did it."""
    moved = [entry(0, 0, 1000)]
    seen = [entry(0, 600, 0, is_controlled=False)]
    (found,) = settled(moved, [page([700], [650])], STEP, own_part=True, others=seen)
    assert found.coverage_otherwise == 0


@pytest.mark.parametrize(
    ("told", "room_wh"),
    [
        ((1000, 300, 800), 100),
        ((1000, 100, 800), 0),
        ((1000, 1000, 800), INF),
        ((1000, 1000, 800, 1500), 1300),
        ((1000, 300, 1200), 300),
        ((0, 0, 0), NAN),
        ((NAN, 300, 800), NAN),
        ((1000, NAN, 800), NAN),
        ((1000, 300, NAN), NAN),
    ],
    ids=["left", "base_takes_all", "part_unknown", "part_known", "own_sun",
         "nothing_drawn", "consumption_hole", "allocated_hole", "load_hole"],
)  # fmt: skip
def test_what_the_base_leaves(told: tuple[float, ...], room_wh: float) -> None:
    """The base use is what no load drew; it is covered first."""
    assert left_by_base(*told) == pytest.approx(room_wh, nan_ok=True)


@pytest.mark.parametrize(
    ("told", "part"),
    [((1000, 250), 0.25), ((3, 4), 1.0), ((0, 0), NAN), ((9, NAN), NAN), ((NAN, 9), NAN)],
    ids=["part", "rounded", "nothing_drawn", "allocated_hole", "consumption_hole"],
)  # fmt: skip
def test_pro_rata(told: tuple[float, float], part: float) -> None:
    """Allocated over consumption."""
    assert pro_rata(*told) == pytest.approx(part, nan_ok=True)


def test_a_load_of_which_another_is_a_hole_stays_estimated() -> None:
    """Nobody knows what the base use was."""
    one, other = [entry(0, 800, 0, 0.7)], [entry(0, NAN, NAN)]
    found = settled(one, [page([1000], [300])], STEP, own_part=True, others=other)
    assert list(found) == one


def test_another_load_whose_need_is_not_over_stays_where_it_is() -> None:
    """Until it is known what it would have drawn."""
    moved, drawn = [entry(0, 0, 800)], entry(0, 600, 600)
    found = [
        settled(moved, [page([700], [650])], STEP, own_part=True, others=[other])
        for other in (drawn, replace(drawn, other_wh=NAN, need=None))
    ]
    assert found[0] == found[1]
    assert found[0][0].coverage_otherwise == 0


def test_longer_steps_of_a_page_settle_the_steps_within() -> None:
    """An hour of the settlement, two steps of the ledger."""
    energies = {Quantity.CONSUMPTION: np.array([1000.0]), Quantity.ALLOCATED: np.array([400.0])}  # fmt: skip
    hour = Block(START, 2 * STEP, energies)
    found = settled([entry(0, 300), entry(1, 300)], [hour], STEP, own_part=False)
    assert [e.coverage for e in found] == pytest.approx([0.4, 0.4])
    assert settled([], [hour], STEP, own_part=False) == ()


# Blocks, storage


def test_drawn_energies_as_blocks() -> None:
    """One for each run of steps, in order of time."""
    found = drawn_by_step([entry(5, 7), entry(1, 2), entry(0, 1)], STEP)
    assert [(b.start - START) // STEP for b in found] == [0, 5]
    assert [b.energies[Quantity.CONSUMPTION].tolist() for b in found] == [[1, 2], [7]]


def test_base_use_is_what_no_load_drew() -> None:
    """Never below zero; what is not known of a load is left in."""
    own = page([100, 200, 300], [0, 0, 0])
    loads = [drawn_by_step([entry(0, 150), entry(1, 50)], STEP), drawn_by_step([entry(1, 50)], STEP)]  # fmt: skip
    (found,) = base_use([own], loads)
    assert found.energies[Quantity.CONSUMPTION].tolist() == [0, 100, 300]


@given(needs(), st.booleans())
def test_what_is_stored_comes_back(entries: tuple[Entry, ...], own_part: bool) -> None:
    """To the digits that count, through JSON; stored again, nothing is lost."""
    told = page([e.actual_wh + 90 for e in entries], [60 for e in entries])
    noted = (*settled(entries[:6], [told], STEP, own_part=own_part), *entries[6:])
    noted = (*noted, entry(99, 5, NAN, NAN, supplier_eur=NAN, need=None))
    stored = json.loads(json.dumps(stored_entries(noted), allow_nan=False))
    found = restored_entries(stored)
    assert stored_entries(found) == stored
    assert [(e.start, e.need) for e in found] == [(e.start, e.need) for e in noted]
    assert saved(found) == pytest.approx(saved(noted), abs=12 * 4e-4)
    assert stored_entries(()) == {}


def test_stored_entries_are_small() -> None:
    """A year of a tank, eight steps each way by day, in a few hundred kilobytes."""
    year = [entry(48 * d + k, 1100, 0, 0.8123) for d in range(365) for k in range(16)]
    assert len(json.dumps(stored_entries(year))) < 65 * len(year)


@pytest.mark.parametrize(
    "stored",
    [None, [], 3, "text", {}, {"first": 3}, {"first": "2026-06-08T22:00:00+00:00"},
     {"first": "2026-06-08T22:00:00", "start": [0]}, [["2026-06-08", 1, 2]]],
    ids=str,
)  # fmt: skip
def test_what_is_no_ledger_is_none(stored: object) -> None:
    """Garbage, or another version."""
    assert restored_entries(stored) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("start", None), ("start", "x"), ("start", 1e18), ("actual_wh", "x"), ("coverage", [])],
    ids=str,
)  # fmt: skip
def test_entries_that_can_be_read_are_kept(name: str, value: object) -> None:
    """One that cannot costs only itself."""
    stored = stored_entries([entry(n, 1) for n in range(3)])
    stored[name][1] = value
    assert [e.start for e in restored_entries(stored)] == [START, START + 2 * STEP]


def test_a_naive_first_instant_is_refused() -> None:
    """It would be of no zone."""
    stored = {**stored_entries([entry(0, 1)]), "first": "2026-06-08T22:00:00"}
    assert restored_entries(stored) == ()
    assert math.isnan(entry(0, NAN).cost_eur)
