"""Tables of energies: whatever the variant, the same Wh by step in UTC."""

import csv
from datetime import datetime, timedelta

from hypothesis import assume, given, settings, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import Repair

from .delivered import (
    OTHER_PRM,
    PRM,
    Row,
    Variant,
    expected,
    lengths,
    local,
    read,
    rows_of,
    steps_between,
    told,
    without,
    zipped,
)

CONS, PART = Quantity.CONSUMPTION, Quantity.ALLOCATED
PROD, LEFT = Quantity.PRODUCTION, Quantity.SURPLUS
DAYS = {
    "winter": ("2026-01-14", "2026-01-16"),
    "clocks go forward": ("2026-03-28", "2026-03-30"),
    "clocks go back": ("2026-10-24", "2026-10-26"),
    "only the day clocks go back": ("2026-10-25", "2026-10-26"),
    "new year": ("2025-12-31", "2026-01-02"),
}
KEYS = {
    "columns": [(None, CONS), (None, PART), (None, Quantity.COMPLEMENT)],
    "long": [(PRM, CONS), (PRM, PART), (OTHER_PRM, PROD), (OTHER_PRM, LEFT)],
    "wide": [(PRM, CONS), (OTHER_PRM, CONS), (PRM, PROD)],
    "enedis": [(PRM, CONS)],
}


@st.composite
def variants(draw: st.DrawFn) -> Variant:
    """Any that organisers and grid operators are known to write."""
    shape = draw(st.sampled_from(list(KEYS)))
    separator = draw(st.sampled_from(";,\t"))
    time = draw(
        st.sampled_from(
            ["utc", "offset", "local", "french", "belgian", "serial", "two columns"]
        )
    )
    stamps = ["start", "end", "open", "open end", "both"]
    if time == "two columns" or shape == "enedis":
        stamps = ["open", "open end"]
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "latin-1"]))
    return Variant(
        shape=shape,
        separator=separator,
        comma=separator != "," and draw(st.booleans()),
        encoding=encoding,
        mixed_up=encoding == "utf-8" and draw(st.booleans()),
        line_end=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
        unit=draw(st.sampled_from(["Wh", "kWh", "W", "kW"])),
        unit_in=draw(st.sampled_from(["header", "column"]))
        if shape == "long"
        else "header",
        stamp=draw(st.sampled_from(stamps)),
        time=time,
        order=draw(st.sampled_from(["forward", "backward", "by text", "shuffled"])),
        twice=draw(st.sampled_from(["no", "beside", "behind"])),
        step_told=shape != "enedis" and draw(st.booleans()),
        reactive=shape == "long" and draw(st.booleans()),
    )


@settings(max_examples=300)
@given(
    variant=variants(),
    days=st.sampled_from(list(DAYS)),
    minutes=st.sampled_from([10, 15, 30, 60]),
    holes=st.sets(st.integers(1, 30), max_size=4),
    as_workbook=st.booleans(),
    packed=st.booleans(),
)
def test_every_variant_gives_the_same_steps(
    variant: Variant,
    days: str,
    minutes: int,
    holes: set[int],
    as_workbook: bool,
    packed: bool,
) -> None:
    """Dialect, shape, unit, stamps, order and lines that come again are no content."""
    is_naive = variant.time not in {"utc", "offset"}
    if is_naive and "back" in days:
        # The order of lines tells the two hours of one name apart; shuffled, nothing does.
        assume(variant.order != "shuffled")
        # By text, a day and a clock time sort by the day alone.
        assume(variant.order != "by text" or variant.twice == "no")
    assume(not (as_workbook and variant.mixed_up))
    start, end = map(local, DAYS[days])
    rows = rows_of(steps_between(start, end, minutes), minutes, KEYS[variant.shape])
    rows = without(rows, holes)
    body = variant.workbook(rows) if as_workbook else variant.file(rows)
    delivery = read(zipped({"courbes.csv": body}) if packed else body)
    assert told(delivery) == expected(rows, variant)
    assert lengths(delivery) == {minutes}
    assert (Repair.REACTIVE_LEFT in delivery.repairs) is variant.reactive
    assert (Repair.STAMP_INFERRED in delivery.repairs) is ("open" in variant.stamp)
    assert Repair.REPLACED not in delivery.repairs


@settings(max_examples=80)
@given(
    variant=variants(),
    days=st.sampled_from(list(DAYS)),
    first=st.sampled_from([15, 30, 60]),
    then=st.sampled_from([10, 15, 30, 60]),
)
def test_the_step_may_change_in_the_file(
    variant: Variant, days: str, first: int, then: int
) -> None:
    """As where a meter is set to quarter-hours from one day on."""
    assume(variant.order != "shuffled" or variant.time in {"utc", "offset"})
    assume(variant.twice == "no")
    start, end = map(local, DAYS[days])
    changes = start + timedelta(hours=24)
    assume(changes < end - timedelta(hours=12))
    keys = KEYS[variant.shape]
    rows = rows_of(steps_between(start, changes, first), first, keys)
    rows += rows_of(steps_between(changes, end, then), then, keys)
    delivery = read(variant.file(rows))
    assert told(delivery) == expected(rows, variant)
    assert lengths(delivery) == {first, then}
    assert (Repair.STEP_CHANGED in delivery.repairs) is (first != then)


# Later deliveries


def day(*, wh: int = 100, minutes: int = 30, of: str = "2026-01-14") -> list[Row]:
    """A day on which every step has the same energy."""
    start = local(of)
    starts = steps_between(start, start + timedelta(hours=24), minutes)
    return rows_of(starts, minutes, [(PRM, CONS)], lambda _n, _k: wh)


LONG = Variant(shape="long", time="offset")


def files(*days: list[Row]) -> bytes:
    """An archive with a file for each."""
    return zipped({f"{n}.csv": LONG.file(rows) for n, rows in enumerate(days)})


def test_a_later_delivery_replaces_an_earlier_one() -> None:
    """Step by step, and says how many."""
    delivery = read(files(day(wh=100), day(wh=120)))
    assert set(told(delivery)[PRM, CONS].values()) == {120.0}
    assert delivery.repairs == {Repair.REPLACED: 48}


def test_the_same_again_is_no_event() -> None:
    """But it is counted as what it is."""
    delivery = read(files(day(), day()))
    assert delivery.repairs == {Repair.SAME_AGAIN: 48}


def test_later_lines_of_one_file_replace_earlier_ones() -> None:
    """Also with another step."""
    body = LONG.file([*day(wh=100), *day(wh=130)])
    assert set(told(read(body))[PRM, CONS].values()) == {130.0}


def test_a_later_delivery_may_have_other_steps() -> None:
    """The hours it tells in quarters are no longer told as a whole."""
    delivery = read(files(day(minutes=60, wh=400), day(minutes=15, wh=100)))
    assert set(told(delivery)[PRM, CONS].values()) == {100.0}
    assert lengths(delivery) == {15}
    assert delivery.repairs == {Repair.REPLACED: 24}


def test_a_later_hole_replaces_nothing() -> None:
    """Nobody takes back what was known."""
    later = without(day(), {3, 4})
    for body in (files(day(), later), LONG.file([*day(), *later])):
        assert len(told(read(body))[PRM, CONS]) == 48


def test_months_of_an_archive_make_one_curve() -> None:
    """Days that follow each other are one block, days apart are two."""
    delivery = read(
        files(day(of="2026-01-15"), day(of="2026-01-14"), day(of="2026-01-20"))
    )
    (curve,) = delivery.curves
    assert [block.n_steps for block in curve.blocks] == [96, 48]


def test_quantities_whose_steps_do_not_fit_are_curves_of_their_own() -> None:
    """A home by half-hours, its plant by quarters."""
    start = local("2026-01-14")
    starts = steps_between(start, start + timedelta(hours=24), 15)
    plant = rows_of(starts, 15, [(PRM, PROD)])
    delivery = read(files(day(), plant))
    assert [
        (curve.point, {q for block in curve.blocks for q in block.energies})
        for curve in delivery.curves
    ] == [(PRM, {CONS}), (PRM, {PROD})]


def test_steps_within_steps_are_curves_of_their_own() -> None:
    """Also where none of them begins with one of the others."""
    start = local("2026-01-14")
    starts = steps_between(start, start + timedelta(hours=24), 30)
    plant = rows_of(starts, 30, [(PRM, PROD)])
    odd = without(plant, set(range(0, 48, 2)))
    delivery = read(files(day(minutes=60), odd))
    assert [len(curve.blocks) for curve in delivery.curves] == [1, 1]
    assert told(delivery)[PRM, PROD] == expected(odd, LONG)[PRM, PROD]


def test_the_flow_r63_as_a_table() -> None:
    """The days that were asked for stand on each line, and are no times of steps."""
    head = (
        "Identifiant PRM;Date de début;Date de fin;Grandeur physique;Grandeur métier;"
    )
    head += "Etape métier;Unité;Horodate;Valeur;Nature;Pas;Indice de vraisemblance;"
    head += "Etat complémentaire"
    lines = [
        f"{PRM};2026-01-01;2026-02-01;{physical};{metier};BEST;{unit};"
        f"2026-01-14T{n // 2:02}:{n % 2 * 30:02}:00+01:00;{n};B;PT30M;0;"
        for n in range(48)
        for physical, metier, unit in [
            ("PA", "CONS", "W"),
            ("PRI", "CONS", "VAr"),
            ("PA", "PROD", "W"),
        ]
    ]
    delivery = read("\r\n".join([head, *lines]))
    for quantity in (CONS, PROD):
        assert told(delivery)[PRM, quantity][local("2026-01-14 10:30")] == 10.5
    assert delivery.repairs[Repair.REACTIVE_LEFT] == 48


def test_a_block_knows_nothing_of_what_comes_later() -> None:
    """A member who becomes a producer has no production before."""
    later = rows_of(
        steps_between(local("2026-01-20"), local("2026-01-21"), 30), 30, [(PRM, PROD)]
    )
    (curve,) = read(files(day(), later)).curves
    assert [set(block.energies) for block in curve.blocks] == [{CONS}, {PROD}]


# Local time


@pytest.mark.parametrize("minutes", [10, 15, 30, 60])
@pytest.mark.parametrize("stamp", ["start", "end", "open", "open end", "both"])
@pytest.mark.parametrize("order", ["forward", "backward", "by text"])
@pytest.mark.parametrize("twice", ["no", "beside", "behind"])
@pytest.mark.parametrize("days", [1, 2])
def test_the_repeated_hour_is_told_apart(
    minutes: int, stamp: str, order: str, twice: str, days: int
) -> None:
    """By the order of lines, whatever that is, with each line once or twice."""
    end = local("2026-10-26")
    start = local(f"2026-10-{26 - days}")
    rows = rows_of(steps_between(start, end, minutes), minutes, [(None, CONS)])
    variant = Variant(stamp=stamp, order=order, twice=twice)
    delivery = read(variant.file(rows))
    assert told(delivery) == expected(rows, variant)
    again = len(rows) if twice != "no" else 0
    assert delivery.repairs.get(Repair.SAME_AGAIN, 0) == again


@pytest.mark.parametrize("stamp", ["start", "end"])
@pytest.mark.parametrize("twice", ["no", "beside", "behind"])
def test_an_hour_that_is_told_once_in_october_is_the_first(
    stamp: str, twice: str
) -> None:
    """The other one is a hole."""
    start, end = local("2026-10-24"), local("2026-10-26")
    rows = [
        row
        for row in rows_of(steps_between(start, end, 30), 30, [(None, CONS)])
        if not datetime.fromisoformat("2026-10-25T01:00Z")
        <= row.start + timedelta(minutes=30 * (stamp == "end"))
        < datetime.fromisoformat("2026-10-25T02:00Z")
    ]
    variant = Variant(stamp=stamp, twice=twice)
    assert told(read(variant.file(rows))) == expected(rows, variant)


def test_energies_of_zero_come_twice_in_october_too() -> None:
    """Lines that are alike in all are still two."""
    starts = steps_between(local("2026-10-24"), local("2026-10-26"), 30)
    rows = rows_of(starts, 30, [(None, PROD)], lambda _n, _k: 0)
    for order in ("forward", "backward", "by text"):
        delivery = read(Variant(order=order).file(rows))
        assert told(delivery) == expected(rows, Variant())
        assert Repair.SAME_AGAIN not in delivery.repairs
