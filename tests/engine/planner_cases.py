"""Small homes as chance throws them, for the laws of placing and planning."""

from dataclasses import replace

from hypothesis import strategies as st
import numpy as np

from custom_components.autoconsommation_collective.engine.ladder import Ladder
from custom_components.autoconsommation_collective.engine.paths import Around
from custom_components.autoconsommation_collective.engine.planner import Setting
from custom_components.autoconsommation_collective.engine.task import (
    Corridor,
    Cycle,
    Task,
)

PRICES = st.sampled_from([0.04, 0.08, 0.1, 0.13, 0.16, 0.2, 0.24])
HOUR_W = 1.0
"""Steps of an hour: a power of so many W is an energy of so many Wh."""


def setting_of(
    widths: list[list[float]],
    prices: list[list[float]],
    room_w: float = 9000.0,
    midnight: int | None = None,
) -> Setting:
    """Rungs by row; the last row of prices is the supplier's."""
    n_steps = len(prices[0])
    day = np.zeros(n_steps, dtype=np.int64)
    if midnight is not None:
        day[midnight:] = 1
    ladder = Ladder(
        np.array(widths, dtype=float).reshape(-1, n_steps), np.array(prices)
    )
    return Setting(ladder, np.full(n_steps, room_w), day)


def flat(n_steps: int, prices: list[float] | float = 0.2, **told: float) -> Setting:
    """No surplus at all: only the supplier's price, of each step or of all."""
    row = prices if isinstance(prices, list) else [prices] * n_steps
    return setting_of([], [row], **told)


def needs(n_steps: int, *windows: tuple[int, int, float]) -> Corridor:
    """Energies that can be taken from one edge on and should be there at another."""
    least, most = np.zeros((2, n_steps + 1))
    for opens, due, wh in windows:
        most[opens + 1 :] += wh
        least[due:] += wh
    return Corridor(least, most)


def heater(
    demand: Corridor, *levels_wh: float, id: str = "heater", **told: object
) -> Task:
    """A load whose energy may lie anywhere, 1 kW where nothing is told; off by default."""
    levels = levels_wh or (1000.0,)
    n_steps = len(demand.at_least_wh) - 1
    task = Task(
        id=id,
        demand=demand,
        levels_wh=levels,
        peak_w=levels[-1] * HOUR_W,
        allowed=np.ones(n_steps, dtype=bool),
        default_wh=np.zeros(n_steps),
    )
    return replace(task, **told)  # type: ignore[arg-type]


def machine(
    n_steps: int,
    wh: tuple[float, ...],
    earliest: int,
    latest_end: int,
    id: str = "machine",
    **told: object,
) -> Task:
    """A programme; off by default."""
    is_running = bool(told.pop("is_running", False))
    task = Task(
        id=id,
        demand=Cycle(wh, earliest, latest_end, is_running),
        levels_wh=(),
        peak_w=max(wh) * HOUR_W,
        allowed=np.ones(n_steps, dtype=bool),
        default_wh=np.zeros(n_steps),
    )
    return replace(task, **told)  # type: ignore[arg-type]


def alone(task: Task, setting: Setting) -> Around:
    """A load beside none."""
    return Around(
        ladder=setting.ladder,
        others_wh=np.zeros(setting.ladder.n_steps),
        free=np.ones(setting.ladder.n_steps, dtype=bool),
        room_w=setting.room_w,
        day=setting.day,
    )


@st.composite
def settings_of(draw: st.DrawFn, n_steps: int) -> Setting:
    """Up to three rungs of any price: also some that are cheaper than the one before."""
    n_rungs = draw(st.integers(0, 3))

    def row(values: st.SearchStrategy[float]) -> list[float]:
        return draw(st.lists(values, min_size=n_steps, max_size=n_steps))

    widths = st.sampled_from([0.0, 0.0, 300.0, 700.0, 1000.0, 1700.0, 4000.0])
    return setting_of(
        [row(widths) for _ in range(n_rungs)],
        [row(PRICES) for _ in range(n_rungs + 1)],
        draw(st.sampled_from([1500.0, 3000.0, 9000.0])),
        draw(st.none() | st.integers(1, n_steps - 1)),
    )


@st.composite
def heaters(draw: st.DrawFn, n_steps: int, id: str = "heater") -> Task:
    """Any load whose energy may lie anywhere; needs and states that may be impossible too."""
    unit = draw(st.sampled_from([500.0, 1000.0]))
    lowest = draw(st.integers(1, 3))
    levels = tuple(
        unit * part for part in range(lowest, lowest + draw(st.integers(1, 4)))
    )
    windows = []
    edge = 0
    for _ in range(draw(st.integers(1, 2))):
        opens = draw(st.integers(edge, n_steps - 1))
        edge = draw(st.integers(opens + 1, n_steps))
        windows.append((opens, edge, levels[0] * draw(st.integers(1, 6))))
        edge = min(edge, n_steps - 1)
    corridor = needs(n_steps, *windows)
    worth = draw(st.none() | st.sampled_from([0.09, 0.14]))
    if worth is not None:
        corridor = Corridor(np.zeros(n_steps + 1), corridor.at_most_wh)
    is_on = draw(st.booleans())
    allowed = np.array(
        draw(
            st.lists(
                st.sampled_from([True, True, True, False]),
                min_size=n_steps,
                max_size=n_steps,
            )
        )
    )
    return heater(
        corridor,
        *levels,
        id=id,
        allowed=allowed,
        priority=draw(st.integers(0, 10)),
        group=draw(st.sampled_from([None, None, "group"])),
        min_on=draw(st.integers(1, 4)),
        min_off=draw(st.integers(1, 3)),
        starts_per_day=draw(st.none() | st.integers(1, 2)),
        starts_today=draw(st.integers(0, 2)),
        start_eur=draw(st.sampled_from([0.0, 0.02])),
        worth_eur_per_kwh=worth,
        on_for=draw(st.integers(1, 4)) if is_on else 0,
        off_for=draw(st.integers(1, 3)),
    )


@st.composite
def machines(draw: st.DrawFn, n_steps: int, id: str = "machine") -> Task:
    """Any programme, waiting or running."""
    wh = tuple(
        draw(st.lists(st.sampled_from([100.0, 600.0, 1800.0]), min_size=1, max_size=4))
    )
    earliest = draw(st.integers(0, n_steps - 1))
    is_running = draw(st.sampled_from([False, False, False, True]))
    allowed = np.array(
        draw(
            st.lists(
                st.sampled_from([True] * 7 + [False]),
                min_size=n_steps,
                max_size=n_steps,
            )
        )
    )
    return machine(
        n_steps,
        wh,
        0 if is_running else earliest,
        draw(st.integers(earliest, n_steps)),
        id=id,
        is_running=is_running,
        allowed=allowed,
        priority=draw(st.integers(0, 10)),
        group=draw(st.sampled_from([None, "group"])),
        start_eur=draw(st.sampled_from([0.0, 0.05])),
        worth_eur_per_kwh=None
        if is_running
        else draw(st.none() | st.sampled_from([0.09, 0.14])),
        on_for=1 if is_running else 0,
    )


@st.composite
def homes(draw: st.DrawFn) -> tuple[tuple[Task, ...], Setting]:
    """One to four loads over half a day, each with a default of its own making."""
    n_steps = draw(st.integers(8, 14))
    tasks = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from([heaters, heaters, machines]))
        task = draw(kind(n_steps, f"load {number}"))
        begins = draw(st.integers(0, n_steps))
        default = np.zeros(n_steps)
        part = (
            task.demand.wh
            if task.is_cycle
            else task.levels_wh[:1] * draw(st.integers(1, 6))
        )
        if isinstance(task.demand, Cycle) and task.demand.is_running:
            begins = 0
        fits = part[: n_steps - begins]
        default[begins : begins + len(fits)] = fits
        is_fixed = draw(st.sampled_from([False] * 5 + [True]))
        tasks.append(replace(task, default_wh=default, is_fixed=is_fixed))
    return tuple(tasks), draw(settings_of(n_steps))
