"""Several settlements of a month: which counts, what changed, and what does not add up."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.keys import (
    ProRataKey,
    StaticKey,
)
from custom_components.autoconsommation_collective.engine.model import Quality
from custom_components.autoconsommation_collective.engine.reconcile import (
    PAIRS,
    Changes,
    Flaw,
    HeldPage,
    Source,
    changes,
    combined,
    flaws,
)
from custom_components.autoconsommation_collective.engine.repartition import allocate

START = datetime(2026, 5, 31, 22, tzinfo=UTC)
STEP = timedelta(minutes=30)
NAN = float("nan")
WHOLE_WH = st.integers(0, 3000).map(float)
STEPS = 8


def page(
    consumed: list[float],
    allocated: list[float],
    revision: int = 1,
    quality: Quality = Quality.SETTLED,
) -> MonthPage:
    """A month of some steps."""
    energies = {
        Quantity.CONSUMPTION: np.array(consumed),
        Quantity.ALLOCATED: np.array(allocated),
    }
    return MonthPage("2026-06", revision, quality, (Block(START, STEP, energies),))


@st.composite
def held_pages(draw: st.DrawFn) -> list[HeldPage]:
    """Pages of several sources, with holes."""
    found = []
    for source in draw(st.lists(st.sampled_from(Source), max_size=5)):
        consumed = draw(
            st.lists(WHOLE_WH | st.just(NAN), min_size=STEPS, max_size=STEPS)
        )
        one = page(
            consumed,
            [wh / 2 for wh in consumed],
            draw(st.integers(1, 9)),
            draw(st.sampled_from(Quality)),
        )
        found.append(HeldPage(source, one))
    return found


def consumption(found: MonthPage | None) -> list[float]:
    """The steps of a page."""
    assert found is not None
    return [
        float(wh)
        for block in found.blocks
        for wh in block.energies[Quantity.CONSUMPTION]
    ]


@given(held_pages())
def test_no_known_step_is_lost_or_invented(held: list[HeldPage]) -> None:
    """Of the quality that counts, each step that any page knows is known, as one tells it."""
    found = combined(held)
    if not held:
        assert found is None
        return
    assert found is not None
    is_settled = any(one.page.quality is Quality.SETTLED for one in held)
    assert (found.quality is Quality.SETTLED) is is_settled
    alike = [consumption(one.page) for one in held if one.page.quality is found.quality]
    for n, wh in enumerate(consumption(found)):
        told = {steps[n] for steps in alike if not np.isnan(steps[n])}
        assert (wh in told) if told else np.isnan(wh)


@given(held_pages().filter(lambda held: len(held) <= 4))
def test_the_order_of_arrival_does_not_matter(held: list[HeldPage]) -> None:
    """Where no two are alike in source, quality and revision."""
    keys = {(one.source, one.page.quality, one.page.revision) for one in held}
    if len(keys) < len(held):
        return
    results = {
        str(consumption(combined(order))) for order in permutations(held) if order
    }
    assert len(results) <= 1


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        pytest.param(
            (Source.HAND, 1, Quality.SETTLED),
            (Source.FEED, 9, Quality.PROVISIONAL),
            id="settled before provisional",
        ),
        pytest.param(
            (Source.FEED, 1, Quality.SETTLED),
            (Source.FILE, 9, Quality.SETTLED),
            id="the feed before a file",
        ),
        pytest.param(
            (Source.FILE, 1, Quality.SETTLED),
            (Source.HAND, 9, Quality.SETTLED),
            id="a file before what was typed",
        ),
        pytest.param(
            (Source.FILE, 3, Quality.SETTLED),
            (Source.FILE, 2, Quality.SETTLED),
            id="the later of two files",
        ),
    ],
)
def test_precedence(
    better: tuple[Source, int, Quality], worse: tuple[Source, int, Quality]
) -> None:
    """One rule, of the whole month."""

    def of(told: tuple[Source, int, Quality], wh: float) -> HeldPage:
        source, revision, quality = told
        return HeldPage(source, page([wh] * 3, [0.0] * 3, revision, quality))

    for order in (
        [of(better, 100), of(worse, 200)],
        [of(worse, 200), of(better, 100)],
    ):
        assert consumption(combined(order)) == [100] * 3


def test_consumption_and_allocation_are_of_one_source() -> None:
    """What one lacks of a pair is taken from the other as a pair."""
    feed = page([100, 100, 100], [50, NAN, 50])
    file = page([120, 120, 120], [60, 60, 60])
    found = combined([HeldPage(Source.FEED, feed), HeldPage(Source.FILE, file)])
    assert consumption(found) == [100, 120, 100]


def moved(one: MonthPage, n_steps: int) -> MonthPage:
    """The page some steps later."""
    blocks = tuple(replace(b, start=b.start + n_steps * STEP) for b in one.blocks)
    return replace(one, blocks=blocks)


@given(st.integers(-6, 6), st.integers(1, 6), st.integers(1, 6))
def test_steps_that_only_one_has_are_kept(lead: int, n: int, m: int) -> None:
    """Half of a month in one file, the rest in the other; where both tell, the first counts."""
    first = page([100.0] * n, [50.0] * n)
    second = moved(page([200.0] * m, [80.0] * m), lead)
    found = combined([HeldPage(Source.FEED, first), HeldPage(Source.FILE, second)])
    assert found is not None
    by_start = {
        block.start + k * STEP: float(wh)
        for block in found.blocks
        for k, wh in enumerate(block.energies[Quantity.CONSUMPTION])
    }
    expected = {START + (lead + k) * STEP: 200.0 for k in range(m)}
    expected |= {START + k * STEP: 100.0 for k in range(n)}
    assert by_start == expected
    ends = [(block.start, block.end) for block in found.blocks]
    assert all(a[1] <= b[0] for a, b in pairwise(ends))


def test_what_was_drawn_and_what_was_injected_from_two_files() -> None:
    """Of one who does both."""
    drawn = page([100.0, 100.0], [50.0, 50.0])
    energies = {
        Quantity.PRODUCTION: np.array([300.0, 300.0]),
        Quantity.SURPLUS: np.array([10.0, 20.0]),
    }
    injected = MonthPage("2026-06", 1, Quality.SETTLED, (Block(START, STEP, energies),))
    found = combined([HeldPage(Source.FEED, drawn), HeldPage(Source.FILE, injected)])
    assert found is not None
    assert found.total_wh(Quantity.ALLOCATED) == 100
    assert found.total_wh(Quantity.SURPLUS) == 30


def test_longer_steps_fill_nothing() -> None:
    """An hour of a bill says nothing of its halves."""
    hour = Block(
        START,
        2 * STEP,
        {
            Quantity.CONSUMPTION: np.array([200.0]),
            Quantity.ALLOCATED: np.array([10.0]),
        },
    )
    by_hand = MonthPage("2026-06", 1, Quality.SETTLED, (hour,))
    feed = page([100, NAN], [50, NAN])
    found = combined([HeldPage(Source.FEED, feed), HeldPage(Source.HAND, by_hand)])
    assert np.isnan(consumption(found)[1])


# What changed


@given(
    st.lists(WHOLE_WH | st.just(NAN), min_size=1, max_size=STEPS),
    st.randoms(use_true_random=False),
)
def test_each_step_is_counted_once(consumed: list[float], rng: object) -> None:
    """The same again changes nothing; from nothing, all is new."""
    after = page(consumed, consumed)
    first = changes(None, after, PAIRS[0])
    again = changes(after, after, PAIRS[0])
    assert first is not None and again is not None
    missing = sum(map(np.isnan, consumed))
    known = len(consumed) - missing
    assert first == Changes(new=known, missing=missing)
    assert again == Changes(identical=known, missing=missing)


def test_what_an_import_changed() -> None:
    """New, corrected in any of the two, identical, missing."""
    before = page([100, 200, NAN, 400], [0, 0, NAN, 0])
    after = page([100, 250, 300, NAN], [0, 0, 0, NAN])
    found = changes(before, after, PAIRS[0])
    assert found == Changes(1, 1, 1, 1)
    less = page([100, 200, NAN, 400], [0, 60, NAN, 0])
    assert changes(before, less, PAIRS[0]) == Changes(
        corrected=1, identical=2, missing=1
    )
    assert changes(before, after, PAIRS[1]) is None


# What does not add up


def community(shared: np.ndarray, table: np.ndarray, injected: np.ndarray) -> MonthPage:
    """What is published of all members together."""
    energies = {
        Quantity.SHARED_INJECTION: injected,
        Quantity.ALLOCATED: shared.sum(axis=1),
        Quantity.TOTAL_WITHDRAWAL: table.sum(axis=1),
    }
    block = Block(START, STEP, energies)
    return MonthPage("2026-06", 1, Quality.SETTLED, (block,))


@given(
    st.lists(st.tuples(WHOLE_WH, WHOLE_WH, WHOLE_WH), min_size=1, max_size=STEPS),
    st.sampled_from([0.05, 0.3, 1.0]),
)
def test_what_the_key_gives_is_without_flaw(
    rows: list[tuple[float, float, float]], coefficient: float
) -> None:
    """Rounded to whole Wh; under a static key as pro rata."""
    table = np.array([row[:2] for row in rows])
    injected = np.array([row[2] for row in rows])
    for key in (StaticKey((coefficient, 0.0)), ProRataKey()):
        shared = np.round(allocate(injected[:, None], table, key).allocated)
        is_pro_rata = isinstance(key, ProRataKey)
        mine = page(table[:, 0].tolist(), shared[:, 0].tolist())
        assert not flaws(
            mine,
            community(shared, table, injected),
            coefficient=None if is_pro_rata else coefficient,
            is_pro_rata=is_pro_rata,
        )


@pytest.mark.parametrize(
    ("allocated", "flaw"),
    [(160.0, Flaw.BEYOND_KEY), (90.0, Flaw.BELOW_KEY)],
)
def test_what_the_static_key_contradicts(allocated: float, flaw: Flaw) -> None:
    """A tenth of 1.5 kWh is 150 Wh, of 400 that were consumed; the first step is named."""
    n_steps = 7
    mine = page([400.0] * n_steps, [allocated] * n_steps)
    injected = np.full(n_steps, 1500.0)
    all_of_us = community(np.full((n_steps, 1), 150.0), np.full((n_steps, 1), 400.0), injected)  # fmt: skip
    (found,) = flaws(mine, all_of_us, coefficient=0.1)
    assert (found.flaw, found.n_steps) == (flaw, n_steps)
    assert found.first == START


def test_another_part_than_all_of_us() -> None:
    """Half of all that was drawn was covered, of this home's a third."""
    mine = page([300.0], [100.0])
    all_of_us = community(np.array([[500.0]]), np.array([[1000.0]]), np.array([500.0]))
    (found,) = flaws(mine, all_of_us, is_pro_rata=True)
    assert found.flaw is Flaw.NOT_PRO_RATA
    assert flaws(mine, None, is_pro_rata=True) == ()


def test_parts_that_do_not_make_the_whole() -> None:
    """As told by a file that has all three."""
    mine = page([300.0, 300.0], [100.0, 100.0])
    complement = [Block(START, STEP, {Quantity.COMPLEMENT: np.array([201.0, 150.0])})]
    (found,) = flaws(mine, None, complement=complement)
    assert (found.flaw, found.first) == (Flaw.PARTS, START + STEP)
    assert flaws(replace(mine, blocks=()), None, complement=complement) == ()
