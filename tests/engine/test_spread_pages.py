"""Sums over periods as month pages: whose they are, on which days, on which hours."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Energies,
    Quantity,
    restored_page,
    stored_page,
)
from custom_components.autoconsommation_collective.engine.delivery import PeriodTotal
from custom_components.autoconsommation_collective.engine.delivery_pages import NotMine
from custom_components.autoconsommation_collective.engine.grid import Grid, local_steps
from custom_components.autoconsommation_collective.engine.model import Quality
from custom_components.autoconsommation_collective.engine.period_sums import (
    PeriodSums,
    period_sums,
)
from custom_components.autoconsommation_collective.engine.reconcile import (
    HeldPage,
    Source,
    combined,
    counting,
    is_same,
)
from custom_components.autoconsommation_collective.engine.settlement import (
    settled_blocks,
    summarise,
)
from custom_components.autoconsommation_collective.engine.slots import midnight_of
from custom_components.autoconsommation_collective.engine.spread import spread
from custom_components.autoconsommation_collective.engine.spread_pages import (
    Home,
    Mask,
    NotSpread,
    SpreadBy,
    SpreadPages,
    SpreadProblem,
    spread_pages,
)
from custom_components.autoconsommation_collective.engine.told_bill import (
    BillProblem,
    told_bill,
)

PARIS = ZoneInfo("Europe/Paris")
HALF_HOUR = timedelta(minutes=30)
ME, OTHER = "12345678901234", "99000000000044"
NAN = float("nan")
PART, WHOLE, REST = Quantity.ALLOCATED, Quantity.CONSUMPTION, Quantity.COMPLEMENT
ESTIMATE = Quantity.ESTIMATED_ALLOCATED


def midnight(day: str) -> datetime:
    """The start of a local day."""
    return midnight_of(date.fromisoformat(day), PARIS)


def total(
    quantity: Quantity,
    first: str,
    last: str,
    wh: float,
    price_class: str | None = None,
    point: str | None = ME,
) -> PeriodTotal:
    """A sum over days."""
    days = date.fromisoformat(first), date.fromisoformat(last)
    return PeriodTotal(point, quantity, *days, wh, price_class)


def days_of(*totals: PeriodTotal) -> list[tuple[str, str]]:
    """First day and the one after the last of each period."""
    found = period_sums(totals, ME, PARIS)
    assert not isinstance(found, NotMine)
    return [
        tuple(f"{at.astimezone(PARIS):%Y-%m-%d}" for at in (sums.start, sums.end))  # type: ignore[misc]
        for sums in found
    ]


@pytest.mark.parametrize(
    ("first", "last", "after"),
    [
        ("2026-09-01", "2026-09-30", "2026-10-01"),
        ("2026-09-01", "2026-10-01", "2026-10-01"),
        ("2026-09-14", "2026-10-14", "2026-10-14"),
        ("2026-09-14", "2026-10-13", "2026-10-14"),
        ("2026-09-14", "2026-09-14", "2026-09-15"),
    ],
)
def test_the_last_day_counts_unless_it_begins_the_next(
    first: str, last: str, after: str
) -> None:
    """As sources write them."""
    assert days_of(total(PART, first, last, 1)) == [(first, after)]


def test_readings_that_follow_each_other_share_no_day() -> None:
    """The day of a reading ends one period and begins the next."""
    readings = ("2026-08-12", "2026-09-11", "2026-10-13")
    assert days_of(
        total(PART, readings[0], readings[1], 1),
        total(PART, readings[1], readings[2], 1),
    )[0] == (readings[0], readings[1])


def test_instants_are_ends() -> None:
    """A summer's month, in UTC; an index read at six belongs to the midnight before."""
    one = PeriodTotal(
        ME,
        PART,
        datetime(2026, 8, 31, 22, tzinfo=UTC),
        datetime(2026, 9, 30, 4, tzinfo=UTC),
        1.0,
    )
    assert days_of(one) == [("2026-09-01", "2026-09-30")]


def test_a_complement_makes_up_for_what_is_missing() -> None:
    """Of consumption, or of allocated."""
    september = "2026-09-01", "2026-09-30"
    for told in (
        (total(WHOLE, *september, 900), total(REST, *september, 600)),
        (total(PART, *september, 300), total(REST, *september, 600)),
    ):
        (found,) = period_sums(told, ME, PARIS)
        assert isinstance(found, PeriodSums)
        assert (sum(found.allocated_wh.values()), found.consumption_wh) == (300, 900)


@pytest.mark.parametrize(
    ("totals", "why"),
    [
        ([], NotMine.NO_CURVE),
        (
            [total(PART, "2026-09-01", "2026-09-30", 1, point=OTHER)],
            NotMine.OTHER_POINTS,
        ),
        ([total(WHOLE, "2026-09-01", "2026-09-30", 1)], NotMine.NOT_SETTLED),
        ([total(Quantity.SURPLUS, "2026-09-01", "2026-09-30", 1)], NotMine.NO_CURVE),
        ([PeriodTotal(ME, PART, None, date(2026, 9, 30), 1.0)], NotMine.NO_DAYS),
    ],
)
def test_what_tells_nothing(totals: list[PeriodTotal], why: NotMine) -> None:
    """And why."""
    assert period_sums(totals, ME, PARIS) is why


def test_days_count_before_the_month_that_holds_them() -> None:
    """Of both in one file."""
    found = days_of(
        total(PART, "2026-09-01", "2026-09-30", 30),
        total(PART, "2026-09-01", "2026-09-01", 2),
    )
    assert found == [("2026-09-01", "2026-09-02")]


# On the hours


def home(
    first: str,
    after: str,
    drawn: Energies,
    estimate: Energies,
    *,
    knows_hours: bool = True,
) -> Home:
    """A home whose meter recorded that, with off-peak hours from 22:00 to 06:00."""
    own = Block(midnight(first), HALF_HOUR, {WHOLE: drawn, ESTIMATE: estimate})
    assert own.end == midnight(after)

    def off_peak(grid: Grid) -> Mask | None:
        minute = local_steps(grid, PARIS).minute
        return (minute >= 22 * 60) | (minute < 6 * 60) if knows_hours else None

    return Home((own,), None, off_peak, HALF_HOUR, PARIS)


def n_steps(first: str, after: str) -> int:
    """How many half hours there are."""
    return (midnight(after) - midnight(first)) // HALF_HOUR


def bill(
    first: str,
    after: str,
    wh: float,
    consumption_wh: float | None = None,
    **classes: float,
) -> PeriodSums:
    """A bill of these days."""
    told: dict[str | None, float] = dict(classes.items()) or {None: wh}
    return PeriodSums(midnight(first), midnight(after), told, consumption_wh)


def spread_of(sums: PeriodSums, of: Home) -> SpreadPages:
    """Its pages."""
    found = spread_pages([sums], of)
    assert isinstance(found, SpreadPages)
    return found


@given(
    st.sampled_from(
        [
            ("2026-09-01", "2026-10-01"),
            ("2026-10-20", "2026-11-03"),
            ("2026-03-20", "2026-04-02"),
        ]
    ),
    st.integers(0, 2**32 - 1),
    st.floats(0, 1),
)
def test_sums_stay_exact_over_months_and_clock_changes(
    days: tuple[str, str], seed: int, part: float
) -> None:
    """To the Wh, within what was drawn, and marked."""
    dice = np.random.default_rng(seed)
    n = n_steps(*days)
    drawn = dice.integers(0, 900, n) + dice.choice([0.0, 0.5], n)
    allocated_wh = int(part * drawn.sum())
    found = spread_of(
        bill(*days, allocated_wh), home(*days, drawn, drawn * dice.random(n))
    )
    blocks = [block for page in found.pages for block in page.blocks]
    assert sum(b.energies[PART].sum() for b in blocks) == allocated_wh
    assert sum(b.energies[WHOLE].sum() for b in blocks) == round(drawn.sum())
    assert all((b.energies[PART] <= b.energies[WHOLE]).all() for b in blocks)
    assert all(b.is_spread for b in blocks)
    assert (blocks[0].start, blocks[-1].end) == tuple(map(midnight, days))


WEEK = "2026-11-02", "2026-11-09"


def test_classes_stay_in_their_hours() -> None:
    """Each is exact alone, as by bills of their own."""
    n = n_steps(*WEEK)
    of = home(*WEEK, np.full(n, 100.0), np.full(n, 10.0))
    found = spread_of(bill(*WEEK, 0, HP=3000, HC=700), of)
    (block,) = found.pages[0].blocks
    off_peak = of.off_peak(Grid(block.start, HALF_HOUR, n))
    assert off_peak is not None and not found.by
    assert block.energies[PART][off_peak].sum() == 700
    assert block.energies[PART][~off_peak].sum() == 3000


@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.floats(0, 1))
def test_a_whole_is_its_parts(seed: int, peak: float, off_peak: float) -> None:
    """A bill by class is a bill of each class, on the hours of that class alone."""
    dice = np.random.default_rng(seed)
    n = n_steps(*WEEK)
    drawn = dice.integers(1, 900, n).astype(np.float64)
    of = home(*WEEK, drawn, drawn * dice.random(n))
    is_off_peak = of.off_peak(Grid(midnight(WEEK[0]), HALF_HOUR, n))
    assert is_off_peak is not None
    told = {
        "HP": float(int(peak * drawn[~is_off_peak].sum())),
        "HC": float(int(off_peak * drawn[is_off_peak].sum())),
    }
    (block,) = spread_of(bill(*WEEK, 0, **told), of).pages[0].blocks
    estimate = of.own[0].energies[ESTIMATE]
    for mask, name in ((~is_off_peak, "HP"), (is_off_peak, "HC")):
        alone = spread(int(told[name]), estimate[mask], drawn[mask])
        assert (block.energies[PART][mask] == alone).all()


@pytest.mark.parametrize(
    ("classes", "is_laid"),
    [
        ({"HPJB": 1000.0, "HCJB": 200.0, "HPJR": 300.0}, True),
        ({"HPH": 1000.0, "HCH": 200.0, "HPB": 0.0, "HCB": 0.0}, True),
        ({"P": 100.0, "HPH": 1000.0, "HCH": 200.0}, False),
        ({"HPH": 1000.0, "HP": 200.0}, False),
        ({"HP": 10.0, "HC": 12000.0}, False),
    ],
)
def test_what_classes_are_laid_on(classes: dict[str, float], is_laid: bool) -> None:
    """Colours together, seasons apart; what does not fit counts as a sum."""
    n = n_steps(*WEEK)
    of = home(*WEEK, np.full(n, 100.0), np.full(n, 10.0))
    found = spread_of(bill(*WEEK, 0, **classes), of)
    assert (SpreadBy.CLASSES_LEFT not in found.by) is is_laid
    assert found.pages[0].total_wh(PART) == sum(classes.values())
    unknown = home(*WEEK, np.full(n, 100.0), np.full(n, 10.0), knows_hours=False)
    assert SpreadBy.CLASSES_LEFT in spread_of(bill(*WEEK, 0, **classes), unknown).by


def test_without_an_estimate_by_day() -> None:
    """All of it in the middle of the days, and said; half of it as the other half was."""
    n = n_steps(*WEEK)
    nothing = home(*WEEK, np.full(n, 100.0), np.full(n, NAN))
    found = spread_of(bill(*WEEK, 2000), nothing)
    assert found.by == {SpreadBy.DAY_HOURS}
    (block,) = found.pages[0].blocks
    minute = local_steps(Grid(block.start, HALF_HOUR, n), PARIS).minute
    sunny = (minute >= 9 * 60) & (minute < 17 * 60)
    assert block.energies[PART][sunny].sum() == 2000
    half = np.where(np.arange(n) < n // 2, np.where(sunny, 20.0, 0.0), NAN)
    found = spread_of(bill(*WEEK, 2000), home(*WEEK, np.full(n, 100.0), half))
    (block,) = found.pages[0].blocks
    first, second = np.split(block.energies[PART], 2)
    assert abs(first.sum() - second.sum()) < 2000 / 7


def test_more_than_was_drawn_is_refused() -> None:
    """With the numbers."""
    n = n_steps(*WEEK)
    found = spread_pages(
        [bill(*WEEK, 100 * n + 1)], home(*WEEK, np.full(n, 100.0), np.full(n, 10.0))
    )
    assert isinstance(found, NotSpread)
    assert (found.problem, found.consumption_wh) == (SpreadProblem.TOO_MUCH, 100 * n)


def test_without_a_record_the_bill_has_to_tell_what_was_drawn() -> None:
    """Then it is laid on what is known, evenly where nothing is."""
    n = n_steps(*WEEK)
    drawn = np.full(n, 100.0)
    drawn[:48] = NAN
    of = home(*WEEK, drawn, np.full(n, NAN))
    refused = spread_pages([bill(*WEEK, 1000)], of)
    assert isinstance(refused, NotSpread)
    assert (refused.problem, refused.days) == (
        SpreadProblem.NO_METER,
        (date(2026, 11, 2),),
    )
    found = spread_of(bill(*WEEK, 1000, 6720), of)
    assert SpreadBy.PROFILE in found.by
    assert found.pages[0].total_wh(WHOLE) == 6720
    assert found.pages[0].blocks[0].energies[WHOLE].max() == 20


# The same sums again


AUTUMN = "2026-09-20", "2026-11-03"
LEARNED = {"consumption_wh": 900_000.0, "HP": 200_000.0, "HC": 50_000.0}


def learned(n_known: int, **changed: float) -> tuple[PeriodSums, Home]:
    """A bill over two ends of months, and a home that knows the first steps of its days."""
    steps = np.arange(n_steps(*AUTUMN))
    drawn = np.where(steps < n_known, 300.0 + steps % 48, NAN)
    told = LEARNED | changed
    return bill(*AUTUMN, 0, **told), home(*AUTUMN, drawn, drawn / 3)


def test_the_same_sums_stay_as_they_were_laid() -> None:
    """Whatever the home has learned since: nothing was corrected."""
    before = spread_of(*learned(500)).pages
    sums, of = learned(700)
    assert not all(map(is_same, spread_of(sums, of).pages, before, strict=True))
    held = tuple(block for page in before for block in page.blocks)
    again = spread_of(sums, replace(of, held=held)).pages
    assert len(again) == 3 and all(map(is_same, again, before, strict=True))


@pytest.mark.parametrize(
    "changed",
    [{"consumption_wh": 900_001.0}, {"HP": 200_001.0}, {"HP": 199e3, "HC": 51e3}],
    ids=["consumption", "sum", "classes"],
)
def test_other_sums_are_laid_anew(changed: dict[str, float]) -> None:
    """Also where only the parts of the whole changed."""
    before = spread_of(*learned(500)).pages
    held = tuple(block for page in before for block in page.blocks)
    sums, of = learned(700, **changed)
    again = spread_of(sums, replace(of, held=held)).pages
    assert all(map(is_same, again, spread_of(sums, of).pages, strict=True))


def test_other_days_are_laid_anew() -> None:
    """What is held of some of them, or of a curve, tells nothing of this sum."""
    before = spread_of(*learned(500)).pages
    held = [block for page in before for block in page.blocks]
    sums, of = learned(700)
    anew = spread_of(sums, of).pages
    for other in (held[1:], [replace(held[0], is_spread=False), *held[1:]]):
        again = spread_of(sums, replace(of, held=other)).pages
        assert all(map(is_same, again, anew, strict=True))


# Beside other settlements


def week_pages() -> tuple[SpreadPages, SpreadPages]:
    """Bills of two halves of a month."""
    days = "2026-09-01", "2026-10-01"
    n = n_steps(*days)
    of = home(*days, np.full(n, 100.0), np.full(n, 10.0))
    return (
        spread_of(bill("2026-09-01", "2026-09-15", 5000), of),
        spread_of(bill("2026-09-15", "2026-10-01", 7000), of),
    )


def test_bills_of_one_month_add_up() -> None:
    """And one of the same days takes the place of the earlier."""
    first, second = (found.pages[0] for found in week_pages())
    both = combined([HeldPage(Source.HAND, first), HeldPage(Source.HAND, second)])
    assert both is not None and both.total_wh(PART) == 12000
    days = "2026-09-01", "2026-10-01"
    n = n_steps(*days)
    of = home(*days, np.full(n, 100.0), np.full(n, 10.0))
    (corrected,) = spread_of(bill("2026-09-15", "2026-10-01", 8000), of).pages
    later = HeldPage(Source.HAND, replace(corrected, revision=2))
    newer = combined([HeldPage(Source.HAND, both), later])
    assert newer is not None and newer.total_wh(PART) == 13000


def test_a_curve_counts_before_a_sum_from_anywhere() -> None:
    """Also one of a less trusted source; the sum only adds the days the curve has not."""
    first, second = (found.pages[0] for found in week_pages())
    (block,) = first.blocks
    curve = HeldPage(
        Source.FILE,
        restored_page(
            {
                **stored_page(first),
                "blocks": [
                    {
                        "start": block.start.isoformat(),
                        "step_minutes": 30,
                        "consumption_wh": [7] * block.n_steps,
                        "allocated_wh": [3] * block.n_steps,
                    }
                ],
            }
        ),
    )
    held = [HeldPage(Source.API, first), HeldPage(Source.API, second), curve]
    found = combined(held)
    assert found is not None and counting(held) is Source.FILE
    assert [b.is_spread for b in found.blocks] == [False, True]
    assert found.total_wh(PART) == 3 * block.n_steps + 7000


def test_it_is_kept_and_counts_but_tells_no_step() -> None:
    """In sums, not in what is learned by step."""
    (page,) = week_pages()[0].pages
    kept = restored_page(stored_page(page))
    assert kept.is_spread and is_same(kept, page)
    assert page.quality is Quality.SETTLED
    assert summarise([page], PARIS).allocated_wh == 5000
    assert settled_blocks([page]) == ()
    told = stored_page(page)
    del told["blocks"][0]["is_spread"]
    as_curve = restored_page(told)
    assert not as_curve.is_spread and not is_same(as_curve, page)


# As it is typed


@pytest.mark.parametrize(
    ("first", "last", "kwh", "classes", "problem"),
    [
        ("2026-09-30", "2026-09-01", 1.0, {}, BillProblem.DAYS),
        ("2026-11-01", "2026-11-20", 1.0, {}, BillProblem.FUTURE),
        ("2024-11-01", "2026-11-01", 1.0, {}, BillProblem.LONG),
        ("2026-09-01", "2026-09-30", None, {}, BillProblem.NOTHING),
        ("2026-09-01", "2026-09-30", 60.0, {"HP": 40.0, "HC": 10.0}, BillProblem.SUM),
        ("2026-09-01", "2026-09-30", 51.0, {"HP": 40.0, "HC": 10.0}, None),
        ("2026-09-14", "2026-10-14", 51.0, {}, None),
    ],
)
def test_what_is_no_bill(
    first: str,
    last: str,
    kwh: float | None,
    classes: dict[str, float],
    problem: BillProblem | None,
) -> None:
    """And one that is: its last day counts."""
    days = date.fromisoformat(first), date.fromisoformat(last)
    found = told_bill(
        ME, *days, kwh, classes, 90.0, today=date(2026, 11, 20), time_zone=PARIS
    )
    if problem is not None:
        assert found is problem
        return
    assert not isinstance(found, BillProblem)
    (sums,) = period_sums(found.totals, ME, PARIS)
    assert isinstance(sums, PeriodSums)
    end = datetime.combine(days[1] + timedelta(days=1), time(), PARIS)
    assert (sums.end, sums.consumption_wh) == (end, 90_000)
