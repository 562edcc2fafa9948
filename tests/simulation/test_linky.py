"""The meter: registers that follow the home, frames that a real reader understands."""

import asyncio
from datetime import UTC, datetime, timedelta
import os
from pathlib import Path

from hypothesis import given, strategies as st
import pytest
from teleinfo import decode, read_frame

from script.simulation.curves import measured
from script.simulation.linky import Contract, Linky
from script.simulation.serial_port import READER_ENVIRONMENT, talking
from script.simulation.village import STEP, found_village

VILLAGE = found_village()
HOME = 20
OPENED = datetime(2026, 6, 9, 22, tzinfo=UTC)
LINKY = Linky(VILLAGE, HOME, OPENED)

MOMENTS = st.integers(0, 3 * 24 * 3600).map(lambda s: OPENED + timedelta(seconds=s))


@given(MOMENTS, MOMENTS)
def test_registers_never_go_back(one: datetime, other: datetime) -> None:
    """Each register grows with time, to the whole Wh."""
    earlier, later = sorted((one, other))
    before, after = LINKY.registers(earlier), LINKY.registers(later)
    assert before.peak_wh <= after.peak_wh
    assert before.off_peak_wh <= after.off_peak_wh


@given(st.integers(0, 100))
def test_registers_count_what_the_operator_settles(n_steps: int) -> None:
    """At a boundary of steps the meter has counted the home's settled consumption."""
    counted = LINKY.registers(OPENED + n_steps * STEP).total_wh
    settled = measured(VILLAGE, OPENED, n_steps + 1).withdrawal[:n_steps, HOME].sum()
    assert counted - LINKY.opening.total_wh == settled


@pytest.mark.parametrize(
    ("local_time", "tariff"),
    [
        pytest.param("06:29", "HC..", id="end of night"),
        pytest.param("06:30", "HP..", id="day begins"),
        pytest.param("22:29", "HP..", id="end of day"),
        pytest.param("22:30", "HC..", id="night begins"),
    ],
)
def test_tariff_in_force(local_time: str, tariff: str) -> None:
    """The tariff changes at the local hours of the contract, and only its register moves."""
    now = datetime.fromisoformat(f"2026-06-11T{local_time}+02:00")
    assert decode(LINKY.frame(now))["PTEC"] == tariff
    before, after = LINKY.registers(now), LINKY.registers(now + timedelta(minutes=1))
    night_moved = after.off_peak_wh > before.off_peak_wh
    day_moved = after.peak_wh > before.peak_wh
    assert (night_moved, day_moved) == (tariff == "HC..", tariff == "HP..")


def test_base_contract_has_one_index() -> None:
    """BASE shows the sum of both registers."""
    now = OPENED + timedelta(hours=30)
    labels = decode(Linky(VILLAGE, HOME, OPENED, contract=Contract.BASE).frame(now))
    assert labels["BASE"] == f"{LINKY.registers(now).total_wh:09}"
    assert labels.keys().isdisjoint({"HCHC", "HCHP"})


def test_apparent_power_stands_in_va() -> None:
    """VA are more than W, and rounded to ten."""
    now = OPENED + timedelta(hours=21)
    apparent_va = int(decode(LINKY.frame(now))["PAPP"])
    assert apparent_va % 10 == 0
    assert apparent_va == pytest.approx(LINKY.power_w(now) / 0.95, abs=5)


async def test_home_assistants_reader_reads_the_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frames reach the library that Home Assistant uses, and the port leaves no trace."""
    for name, value in READER_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    now = OPENED + timedelta(hours=1)
    port = tmp_path / "linky"
    async with talking(LINKY.frame, port, lambda: now, period_s=0.02):
        for _ in range(2):
            assert await asyncio.to_thread(read_frame, str(port)) == LINKY.frame(now)
    assert not port.exists(follow_symlinks=False)


async def test_what_nobody_reads_is_lost(tmp_path: Path) -> None:
    """After a silence only the present is heard, and the meter was never held up."""
    moments = [OPENED + n * timedelta(minutes=7) for n in range(60)]
    clock = iter(moments)
    silence_over = asyncio.Event()

    def now() -> datetime:
        moment = next(clock)
        if moment == moments[-2]:
            silence_over.set()
        return moment

    port = tmp_path / "linky"
    async with talking(LINKY.frame, port, now, period_s=0.001):
        await silence_over.wait()
        line = os.open(port, os.O_RDONLY | os.O_NOCTTY | os.O_NONBLOCK)
        heard = os.read(line, 1 << 16)
        os.close(line)
    assert heard in {LINKY.frame(moment) for moment in moments[-4:]}
