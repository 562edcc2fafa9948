"""The ledger of loads between steps and settlements: kept, concluded, put right."""

from datetime import UTC, datetime, timedelta
import math
from pathlib import Path

from homeassistant.core import HomeAssistant
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.coordinator.load_ledger import (
    LoadLedger,
    StepFacts,
)
from custom_components.autoconsommation_collective.engine.blocks import Block, Quantity
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.ledger import Gain
from custom_components.autoconsommation_collective.engine.loads import (
    LoadKind,
    LoadSettings,
)

START = datetime(2026, 6, 9, 10, tzinfo=UTC)
STEP = timedelta(minutes=30)
PUMP = LoadSettings(
    id="pump", name="pump", kind=LoadKind.DEFERRABLE, power_w=2000.0, has_actuator=True
)
WASHER = LoadSettings(
    id="washer",
    name="washer",
    kind=LoadKind.APPLIANCE,
    power_w=2000.0,
    has_actuator=True,
    runs_for=STEP,
)


def facts(n: int, *, is_off_peak: bool = True) -> StepFacts:
    """A step of which nothing is expected to be covered."""
    return StepFacts(START + n * STEP, 0.2, 0.1, 0.0, is_off_peak)


@pytest.fixture
def ledger(hass: HomeAssistant, disk: Path) -> LoadLedger:
    """One that has noted nothing."""
    return LoadLedger(Stores(hass, "home"))


@pytest.mark.parametrize(
    ("injected_wh", "saved_eur"),
    [
        pytest.param([1200.0, 4000.0], 0.09, id="the home's part is known"),
        pytest.param(None, 0.0, id="it is not: no gain rests on it"),
    ],
)
async def test_under_a_static_key_the_part_of_the_home_counts(
    hass: HomeAssistant,
    ledger: LoadLedger,
    injected_wh: list[float] | None,
    saved_eur: float,
) -> None:
    """Half of what was injected is its own; 1 kWh was moved to where there was room for it."""
    for n, drawn_wh in enumerate((0.0, 1000.0)):
        told = facts(n, is_off_peak=n == 0)
        ledger.note(PUMP.id, told, drawn_wh, is_controlled=True)
    ledger.conclude(PUMP, STEP, START + 2 * STEP)
    covered = np.array([500.0, 1500.0])
    energies = {Quantity.CONSUMPTION: covered, Quantity.ALLOCATED: covered}
    if injected_wh:
        energies[Quantity.SHARED_INJECTION] = np.array(injected_wh)
    page = Block(START, STEP, energies)
    await ledger.async_settle(hass, [page], STEP, lambda _: 0.5)
    found = ledger.gain(PUMP.id, is_controlled=True)
    assert found.saved_eur == pytest.approx(saved_eur)
    assert found.settled_part == 1


def test_a_need_that_was_partly_switched_gains_nothing(ledger: LoadLedger) -> None:
    """Neither for the plan nor for having observed."""
    drawn_wh = np.array([1000.0, 0.0])
    ledger.expect(PUMP, START, Grid(START, STEP, 2), drawn_wh)
    for n in range(2):
        ledger.note(PUMP.id, facts(n), 1000.0 * n, is_controlled=n > 0)
    ledger.conclude(PUMP, STEP, START + 2 * STEP)
    for is_controlled in (True, False):
        assert not ledger.gain(PUMP.id, is_controlled=is_controlled).shifted_wh


def test_the_first_plan_of_a_need_counts(ledger: LoadLedger) -> None:
    """Later ones know what was drawn meanwhile; the next need has its own."""
    grid = Grid(START, STEP, 2)
    for drawn in ([0.0, 1000.0], [1000.0, 0.0]):
        ledger.expect(PUMP, START, grid, np.array(drawn))
    ledger.note(PUMP.id, facts(0), 1000.0, is_controlled=False)
    ledger.note(PUMP.id, facts(1), 0.0, is_controlled=False)
    ledger.conclude(PUMP, STEP, START + 2 * STEP)
    assert ledger.gain(PUMP.id, is_controlled=False).shifted_wh == 1000


def test_a_machine_that_ran_at_once_is_compared_once_it_would_have_run(
    ledger: LoadLedger,
) -> None:
    """The steps until then are noted although nobody has loaded it again."""
    drawn_wh = np.array([0.0, 0.0, 1000.0, 0.0, 0.0])
    ledger.expect(WASHER, START, Grid(START, STEP, 5), drawn_wh)
    for n in range(5):
        now = START + (n + 1) * STEP
        ledger.note(WASHER.id, facts(n), 1000.0 * (n == 0), is_controlled=False)
        if n == 0:
            ledger.conclude(WASHER, STEP, now)
        ledger.conclude_ended({WASHER.id: WASHER}, STEP, now)
        ledger.forget_idle(WASHER.id)
        shifted_wh = ledger.gain(WASHER.id, is_controlled=False).shifted_wh
        assert shifted_wh == (1000 if n >= 3 else 0)


def test_the_last_steps_of_a_machine_count(ledger: LoadLedger) -> None:
    """It ends in the middle of a step, which is noted only later."""
    ledger.note(WASHER.id, facts(0), 600.0, is_controlled=True)
    ledger.conclude(WASHER, STEP, START + STEP)
    ledger.forget_idle(WASHER.id)
    ledger.note(WASHER.id, facts(1), 400.0, is_controlled=True)
    ledger.conclude_ended({WASHER.id: WASHER}, STEP, START + 2 * STEP)
    ledger.forget_idle(WASHER.id)
    (drawn,) = ledger.drawn(STEP)
    assert sum(b.energies[Quantity.CONSUMPTION].sum() for b in drawn) == 1000


def test_a_step_that_nobody_noted_makes_the_need_unknown(ledger: LoadLedger) -> None:
    """Home Assistant was down in the middle, or when the need was over."""
    for n in (0, 2):
        ledger.note(PUMP.id, facts(n), 500.0, is_controlled=True)
    ledger.conclude(PUMP, STEP, START + 3 * STEP)
    ledger.note(PUMP.id, facts(3), 500.0, is_controlled=True)
    ledger.conclude(PUMP, STEP, START + 9 * STEP)
    assert ledger.gain(PUMP.id, is_controlled=True) == Gain(unknown_needs=2)


async def test_a_machine_that_is_ending_is_known_again_after_a_restart(
    hass: HomeAssistant, ledger: LoadLedger
) -> None:
    """It is compared when it would have run."""
    drawn_wh = np.array([0.0, 0.0, 1000.0, 0.0])
    ledger.expect(WASHER, START, Grid(START, STEP, 4), drawn_wh)
    ledger.note(WASHER.id, facts(0), 1000.0, is_controlled=False)
    ledger.conclude(WASHER, STEP, START)
    stores = Stores(hass, "home")
    await stores.async_save("ledger", ledger.document())
    again = LoadLedger(stores)
    await again.async_load()
    for n in range(1, 5):
        again.forget_idle(WASHER.id)
        again.note(WASHER.id, facts(n), 0.0, is_controlled=False)
        again.conclude_ended({WASHER.id: WASHER}, STEP, START + (n + 1) * STEP)
    assert again.gain(WASHER.id, is_controlled=False).shifted_wh == 1000


async def test_what_is_expected_outlives_a_restart(
    hass: HomeAssistant, ledger: LoadLedger
) -> None:
    """With the steps that are noted; garbage costs only itself."""
    ledger.expect(PUMP, START, Grid(START, STEP, 2), np.array([0.0, 1000.0]))
    ledger.note(PUMP.id, facts(0), 1000.0, is_controlled=False)
    stores = Stores(hass, "home")
    await stores.async_save("ledger", ledger.document())
    again = LoadLedger(stores)
    await again.async_load()
    again.note(PUMP.id, facts(1), 0.0, is_controlled=False)
    again.conclude(PUMP, STEP, START + 2 * STEP)
    assert again.gain(PUMP.id, is_controlled=False).shifted_wh == 1000
    document = ledger.document()
    document[PUMP.id]["expected"] = {"need": "yesterday"}
    await stores.async_save("ledger", document)
    await again.async_load()
    assert (
        math.isnan(again.drawn(STEP)[0][0].energies[Quantity.CONSUMPTION][0]) is False
    )
