"""What an import says: where what counts comes from, and how good the estimates had been."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.import_report import (
    ImportReport,
    KeyInForce,
    import_report,
)
from custom_components.autoconsommation_collective.engine.model import Quality
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.reconcile import (
    HeldPage,
    Source,
    combined,
    counting,
)

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
START, _ = month_bounds("2026-09", PARIS)


def page(
    first_day: int, n_days: int, wh: float, *, is_spread: bool = False
) -> MonthPage:
    """Days that are all alike."""
    n = 24 * n_days
    energies = {
        Quantity.CONSUMPTION: np.full(n, 300.0),
        Quantity.ALLOCATED: np.full(n, wh),
    }
    start = START + timedelta(days=first_day - 1)
    block = Block(start, HOUR, energies, is_spread=is_spread)
    return MonthPage("2026-09", 1, Quality.SETTLED, (block,))


OWN = Block(
    START,
    HOUR,
    {
        Quantity.CONSUMPTION: np.full(24 * 10, 300.0),
        Quantity.ESTIMATED_ALLOCATED: np.full(24 * 10, 100.0),
    },
)


def report(
    before: MonthPage | None, source: Source, delivered: MonthPage
) -> ImportReport:
    """Of an import beside a file that is held."""
    held = [] if before is None else [HeldPage(Source.FILE, before)]
    both = [*held, HeldPage(source, delivered)]
    after, counts = combined(both), counting(both)
    assert after is not None and counts is not None
    return import_report(
        [delivered],
        (),
        {} if before is None else {"2026-09": before},
        {"2026-09": after},
        {},
        [OWN],
        lambda _: KeyInForce(),
        PARIS,
        source=source,
        counted_from={"2026-09": counts},
    )


def test_estimates_are_scored_once() -> None:
    """Of the days that were not settled before."""
    first = report(None, Source.API, page(1, 3, 90))
    assert first.estimates is not None
    assert (first.estimates.n_days, first.estimates.daily_error_wh) == (3, 240)
    more = report(page(1, 3, 90), Source.API, page(1, 5, 110))
    assert more.estimates is not None
    assert (more.estimates.n_days, more.estimates.settled_wh) == (2, 2 * 24 * 110)
    again = report(page(1, 5, 90), Source.API, page(1, 5, 90))
    assert again.estimates is None


def test_a_curve_scores_what_a_bill_could_not() -> None:
    """By day, where only the sum of the days was known."""
    bill = report(None, Source.HAND, page(1, 3, 90, is_spread=True))
    assert bill.estimates is not None and bill.estimates.daily_error_wh is None
    curve = report(page(1, 3, 90, is_spread=True), Source.API, page(1, 3, 95))
    assert curve.estimates is not None and curve.estimates.daily_error_wh == 120


def test_what_counts_is_told_where_nothing_changes() -> None:
    """A bill changes nothing of a month that a file tells; nor is it held against the meter."""
    found = report(page(1, 5, 90), Source.HAND, page(1, 5, 80, is_spread=True))
    assert not found.changes_anything
    (month,) = found.months
    assert (month.source, month.is_spread, month.part_wh) == (
        Source.FILE,
        False,
        5 * 24 * 90,
    )
    assert found.match is None
    assert report(None, Source.FILE, page(1, 5, 80)).match is not None
