"""A month that deliveries add to: nothing is lost, and the later counts."""

from pathlib import Path

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.month_files import (
    MonthFiles,
)
from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.delivery import Curve
from custom_components.autoconsommation_collective.engine.organised_energies import (
    MonthEnergies,
    merged,
    month_energies,
    months_of,
)

from .organised_cases import MONTH, N_STEPS, PARIS, START, STEP

CONS, PROD = Quantity.CONSUMPTION, Quantity.PRODUCTION
cells = st.dictionaries(
    st.tuples(st.sampled_from("ABC"), st.sampled_from([CONS, PROD]), st.integers(0, 5)),
    st.integers(0, 9),
    max_size=12,
)
type Cells = dict[tuple[str, Quantity, int], int]


def month(told: Cells) -> MonthEnergies:
    """These energies, and nothing else known."""
    curves = []
    for point in sorted({point for point, _, _ in told}):
        energies = {}
        for quantity in (CONS, PROD):
            wh = np.full(N_STEPS, np.nan)
            for (whose, what, step), value in told.items():
                if (whose, what) == (point, quantity):
                    wh[step] = value
            energies[quantity] = wh
        curves.append(Curve(point, (Block(START, STEP, energies),)))
    return month_energies(MONTH, curves, STEP, PARIS)


def told_by(found: MonthEnergies) -> Cells:
    """What is known of it."""
    return {
        (curve.point or "", quantity, step): int(wh)
        for curve in found.curves()
        for quantity, energies in curve.blocks[0].energies.items()
        for step, wh in enumerate(energies.tolist())
        if not np.isnan(wh)
    }


@pytest.mark.parametrize("ratio", [0.5, 2], ids=["shorter steps", "longer steps"])
@given(st.lists(st.integers(0, 9), min_size=4, max_size=4), st.lists(st.integers(0, 9)))
def test_nobody_is_lost_when_the_step_changes(
    ratio: float, kept: list[int], corrected: list[int]
) -> None:
    """One delivery in the new steps corrects one home; the others are known as before."""
    wh = np.full(N_STEPS, np.nan)
    wh[:4] = kept
    curves = [Curve(who, (Block(START, STEP, {CONS: wh}),)) for who in "AB"]
    before = month_energies(MONTH, curves, STEP, PARIS)
    told = Block(START, ratio * STEP, {CONS: np.array(corrected, dtype=float)})
    new = month_energies(MONTH, [Curve("B", (told,))], ratio * STEP, PARIS)
    after = merged(before, new)
    assert after.grid == new.grid
    untouched = next(curve for curve in after.curves() if curve.point == "A")
    (block,) = untouched.blocks
    assert np.nansum(block.energies[CONS]) == pytest.approx(sum(kept))


@settings(max_examples=60, deadline=None)
@given(cells, cells)
def test_the_later_counts_where_it_knows_anything(one: Cells, other: Cells) -> None:
    """And nothing else of the earlier is lost."""
    assert told_by(merged(month(one), month(other))) == one | other


def test_the_same_again_changes_nothing() -> None:
    """However often a file is taken in."""
    told: Cells = {("A", CONS, 1): 4, ("B", PROD, 2): 5}
    once = merged(None, month(told))
    assert told_by(merged(once, month(told))) == told


@settings(max_examples=20, deadline=None)
@given(cells)
def test_a_month_is_kept(tmp_path_factory: pytest.TempPathFactory, told: Cells) -> None:
    """As a file that only its owner reads."""
    files = MonthFiles(tmp_path_factory.mktemp("kept"), "x.")
    kept = month(told)
    files.save(kept, was_read=False)
    found = files.load(MONTH)
    assert files.months() == [MONTH]
    if found is None:
        assert told == {}
        return
    assert told_by(found) == told
    assert found.grid == kept.grid


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """It has the consumption of a village."""
    files = MonthFiles(tmp_path, "x.")
    files.save(month({("A", CONS, 1): 4}), was_read=False)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"x" * 100])
def test_a_damaged_file_is_as_none(tmp_path: Path, damage: bytes) -> None:
    """The month is taken in again."""
    files = MonthFiles(tmp_path, "x.")
    (tmp_path / f"x.{MONTH}.npz").write_bytes(damage)
    assert files.load(MONTH) is None
    assert files.load("2026-09") is None


@pytest.mark.filterwarnings("default:Reading .* required additional header parsing")
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1))
def test_whatever_is_damaged_in_a_file(
    tmp_path_factory: pytest.TempPathFactory, flipped: list[tuple[int, int]]
) -> None:
    """It is read or it is none; nothing is raised."""
    folder = tmp_path_factory.mktemp("kept")
    files = MonthFiles(folder, "x.")
    files.save(month({("A", CONS, 1): 4, ("B", PROD, 2): 3}), was_read=False)
    (path,) = folder.iterdir()
    body = bytearray(path.read_bytes())
    for place, value in flipped:
        body[place % len(body)] = value
    path.write_bytes(bytes(body))
    found = files.load(MONTH)
    assert found is None or found.grid.n_steps == N_STEPS


def test_a_damaged_file_is_put_aside(tmp_path: Path) -> None:
    """When its month is taken in again; one that can be read is replaced."""
    files = MonthFiles(tmp_path, "x.")
    path = tmp_path / f"x.{MONTH}.npz"
    path.write_bytes(b"PK damaged")
    for value in (4, 5):
        was_read = files.load(MONTH) is not None
        files.save(month({("A", CONS, 1): value}), was_read=was_read)
    (aside,) = set(tmp_path.iterdir()) - {path}
    assert aside.name.startswith(f"{path.name}.corrupt.")
    assert aside.read_bytes() == b"PK damaged"
    assert files.months() == [MONTH]


def test_months_of_curves() -> None:
    """By local time: the first hour of November is not October's."""
    energies = {CONS: np.ones(N_STEPS + 1)}
    curve = Curve("A", (Block(START, STEP, energies),))
    assert months_of([curve], PARIS) == ("2026-10", "2026-11")
    assert months_of([], PARIS) == ()


def test_a_curve_without_a_point_is_nobodys() -> None:
    """An organiser cannot know whose it is."""
    curve = Curve(None, (Block(START, STEP, {CONS: np.ones(N_STEPS)}),))
    assert month_energies(MONTH, [curve], STEP, PARIS).points == ()
