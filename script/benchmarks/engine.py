"""What sharing costs: each key over a year of 1,000 consumers, rounding, one home's share.

Beside each time stands that of the plain reference, measured in the same run on the first
steps and scaled by cells. No step is dark and none has sun for all, as those cost least.
Input is drawn and results are summed up by blocks of steps, outside of the time measured.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
import math
import time
import timeit

import numpy as np

from custom_components.autoconsommation_collective.engine.keys import (
    FairKey,
    FullDynamicKey,
    IterativeKey,
    Matrix,
    PriorityKey,
    ProRataKey,
    RepartitionKey,
    StaticKey,
    coefficients_in_proportion,
    equal_coefficients,
)
from custom_components.autoconsommation_collective.engine.model import KeyType
from custom_components.autoconsommation_collective.engine.repartition import allocate
from custom_components.autoconsommation_collective.engine.rounding import (
    QUANTUM,
    WholeMatrix,
    round_allocation,
)
from custom_components.autoconsommation_collective.engine.share import (
    CommunityStep,
    ShareRule,
    expected_allocated_wh,
)
from script.plain_repartition import allocate_step

from . import peak_mb, print_table

N_CONSUMERS = 1000
N_PRODUCERS = 20
N_MEMBERS = 30
STEPS_OF_YEAR = 35_040
STEPS_OF_MONTH = 2_976
BAR_MB = 300.0
BAR_LIVE_US = 50.0

CELLS_PER_BLOCK = 2**16
"""Half a megabyte for a table. Of 2**14 to 2**21, this and its double were the quickest for
nearly all rows: smaller blocks pay for calls of NumPy, in larger ones each pass over a table
finds it gone from the cache."""
SIZES = (125, 250, 500, 1000)
"""Consumers, and thousandths of the steps, whose cost is compared."""
SIZED_CELLS = 4_000_000
"""Of the largest size: enough to time, few enough to repeat."""
SIZED_ROUNDS = 5
"""The best counts: what else the machine does only ever adds time."""
PLAIN_STEPS = 16
"""Given to the plain reference; a year would take it minutes."""

type Allocated = Callable[[], Matrix | WholeMatrix]
"""Work to be measured: what each consumer is allocated, shape (n_steps, n_consumers)."""
type Step = list[float]


@dataclass(frozen=True, slots=True)
class Energies:
    """A block of steps, in whole Wh as meters count them."""

    production: Matrix
    consumption: Matrix


@dataclass(frozen=True, slots=True)
class Bench:
    """One row of the table: a piece of work, and the same in plain Python."""

    name: str
    engine: Callable[[Energies, RepartitionKey], Allocated]
    plain: Callable[[Energies, RepartitionKey], Allocated]
    key: Callable[[np.random.Generator, int, int], RepartitionKey]
    """Given the dice, the steps of a block and the consumers."""
    n_steps: int = STEPS_OF_YEAR
    bar_s: float | None = None
    has_pairs: bool = False
    """Whether the key has a coefficient for each producer and consumer."""

    def cells(self, n_consumers: int) -> int:
        """Numbers that one step brings: an energy of each participant, or pairs."""
        if self.has_pairs:
            return N_PRODUCERS * n_consumers
        return N_PRODUCERS + n_consumers


def shared(energies: Energies, key: RepartitionKey) -> Allocated:
    """Allocation, complement and surplus under a key."""
    return lambda: allocate(energies.production, energies.consumption, key).allocated


def shared_plainly(energies: Energies, key: RepartitionKey) -> Allocated:
    """Allocation and surplus under a key, step by step, complement included."""
    production, consumption = (
        energies.production.tolist(),
        energies.consumption.tolist(),
    )

    def work() -> Matrix:
        rows = []
        for step, (produced, consumed) in enumerate(
            zip(production, consumption, strict=True)
        ):
            allocated, _ = allocate_step(produced, consumed, key, step)
            _ = [own - had for own, had in zip(consumed, allocated, strict=True)]
            rows.append(allocated)
        return np.array(rows)

    return work


def rounded(energies: Energies, key: RepartitionKey) -> Allocated:
    """Rounding of an allocation that stands."""
    production, consumption = energies.production, energies.consumption
    exact = allocate(production, consumption, key)
    ids = _ids(production.shape[1]), _ids(consumption.shape[1])
    return lambda: round_allocation(production, consumption, exact, *ids).allocated


def rounded_plainly(energies: Energies, key: RepartitionKey) -> Allocated:
    """The same rounding, step by step."""
    exact = allocate(energies.production, energies.consumption, key)
    steps = zip(
        energies.production.sum(axis=1).tolist(),
        exact.allocated.tolist(),
        exact.surplus.tolist(),
        strict=True,
    )
    consumers, producers = (
        _ids(table.shape[1]) for table in (exact.allocated, exact.surplus)
    )

    def work() -> WholeMatrix:
        rows = []
        for produced, allocated, surplus in steps:
            total = math.floor(sum(allocated) + 0.5 + QUANTUM / 2)
            rows.append(_largest_remainders(allocated, total, consumers))
            _largest_remainders(surplus, round(produced) - total, producers)
        return np.array(rows)

    return work


def _largest_remainders(energies: Step, total: int, ids: Sequence[str]) -> list[int]:
    """Whole Wh of one step that add up to the total."""
    whole = [math.floor(energy) for energy in energies]
    order = sorted(
        range(len(ids)),
        key=lambda i: (-round((energies[i] - whole[i]) / QUANTUM), ids[i]),
    )
    for i in order[: total - sum(whole)]:
        whole[i] += 1
    return whole


def _ids(number: int) -> list[str]:
    """As delivery points are numbered, not in order."""
    return [f"{n * 7919 % 10_007:014}" for n in range(number)]


def default_dynamic(
    _rng: np.random.Generator, _n_steps: int, _n_consumers: int
) -> RepartitionKey:
    """Pro rata of consumption."""
    return ProRataKey()


def static(rng: np.random.Generator, _n_steps: int, n_consumers: int) -> RepartitionKey:
    """A coefficient of its own for each."""
    return StaticKey(coefficients_in_proportion(rng.random(n_consumers).tolist()))


def iterative(
    rng: np.random.Generator, _n_steps: int, n_consumers: int
) -> RepartitionKey:
    """Three rounds: agreed coefficients, equal ones, then pro rata."""
    coefficients = coefficients_in_proportion(rng.random(n_consumers).tolist())
    return IterativeKey(
        (
            StaticKey(coefficients),
            StaticKey(equal_coefficients(n_consumers)),
            ProRataKey(),
        )
    )


def fair(rng: np.random.Generator, _n_steps: int, n_consumers: int) -> RepartitionKey:
    """In proportion to what each invested."""
    return FairKey(tuple(rng.random(n_consumers).tolist()))


def priority(
    rng: np.random.Generator, _n_steps: int, n_consumers: int
) -> RepartitionKey:
    """Three ranks."""
    return PriorityKey(tuple(rng.integers(1, 4, n_consumers).tolist()))


def full_dynamic(
    rng: np.random.Generator, n_steps: int, n_consumers: int
) -> RepartitionKey:
    """Coefficients for each step, producer and consumer."""
    cube = rng.random((n_steps, N_PRODUCERS, n_consumers))
    cube /= cube.sum(axis=-1, keepdims=True)
    return FullDynamicKey(cube)


BENCHES = (
    Bench("default dynamic", shared, shared_plainly, default_dynamic, bar_s=1.5),
    Bench("static", shared, shared_plainly, static, bar_s=1.5),
    Bench("iterative, 3 rounds", shared, shared_plainly, iterative, bar_s=5.0),
    Bench("fair, by weight", shared, shared_plainly, fair),
    Bench("priority, 3 ranks", shared, shared_plainly, priority),
    Bench("rounding", rounded, rounded_plainly, default_dynamic, bar_s=5.0),
    Bench(
        f"full dynamic, {N_PRODUCERS} producers, a month",
        shared,
        shared_plainly,
        full_dynamic,
        n_steps=STEPS_OF_MONTH,
        bar_s=2.0,
        has_pairs=True,
    ),
)


def blocks(
    bench: Bench, n_steps: int, n_consumers: int
) -> Iterator[tuple[Energies, RepartitionKey]]:
    """The same energies each time, drawn block by block, and the bench's key.

    Consumers draw 0 to 4 kW, plants together give about half of it.
    """
    rng, key_rng = np.random.default_rng(35_040).spawn(2)
    most = max(1, CELLS_PER_BLOCK // bench.cells(n_consumers))
    for first in range(0, n_steps, most):
        block = min(most, n_steps - first)
        consumption = rng.integers(0, 1001, (block, n_consumers)).astype(np.float64)
        parts = rng.random((block, N_PRODUCERS)) / N_PRODUCERS
        production = np.rint(parts * consumption.sum(axis=1, keepdims=True))
        yield Energies(production, consumption), bench.key(key_rng, block, n_consumers)


@dataclass(slots=True)
class Cost:
    """What the engine took for all blocks."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0
    """All threads of the process: unlike seconds, it does not count what else the machine does."""
    allocated_mwh: float = 0.0


def engine_cost(bench: Bench, n_steps: int, n_consumers: int) -> Cost:
    """Measure the engine's work, and nothing else, in so many steps."""
    cost = Cost()
    for energies, key in blocks(bench, n_steps, n_consumers):
        work = bench.engine(energies, key)
        start, cpu_start = time.perf_counter(), time.process_time()
        allocated = work()
        cost.cpu_seconds += time.process_time() - cpu_start
        cost.seconds += time.perf_counter() - start
        cost.allocated_mwh += float(allocated.sum()) / 1e6
    return cost


def plain_cost(bench: Bench) -> tuple[float, float]:
    """CPU time of the plain reference scaled to all steps; by how many Wh the engine differs."""
    cpu_seconds = difference = 0.0
    for energies, key in blocks(bench, PLAIN_STEPS, N_CONSUMERS):
        work = bench.plain(energies, key)
        start = time.process_time()
        plain = work()
        cpu_seconds += time.process_time() - start
        found = np.abs(plain - bench.engine(energies, key)()).max()
        difference = max(difference, float(found))
    return cpu_seconds * bench.n_steps / PLAIN_STEPS, difference


def exponents(bench: Bench) -> tuple[float, float]:
    """How CPU time grows with cells, as steps or as consumers grow in number; 1 is linear."""
    n_steps = SIZED_CELLS // bench.cells(N_CONSUMERS)
    return (
        _exponent(bench, [(n_steps * size // 1000, N_CONSUMERS) for size in SIZES]),
        _exponent(bench, [(n_steps, size) for size in SIZES]),
    )


def _exponent(bench: Bench, sizes: Sequence[tuple[int, int]]) -> float:
    """Slope of the logarithms, by least squares, over numbers of steps and consumers.

    Sizes take turns, so that what disturbs the machine for a while disturbs all of them.
    """
    rounds = [
        [engine_cost(bench, *size).cpu_seconds for size in sizes]
        for _ in range(SIZED_ROUNDS)
    ]
    cells = [n_steps * bench.cells(n_consumers) for n_steps, n_consumers in sizes]
    return float(np.polyfit(np.log(cells), np.log(np.min(rounds, axis=0)), 1)[0])


def bar_cell(measured: float, bar: float | None) -> str:
    """The bar, and whether it is missed."""
    if bar is None:
        return "none"
    return f"{bar:g}" if measured < bar else f"{bar:g}, over the bar"


def key_row(bench: Bench) -> tuple[str, ...]:
    """A row of the table of keys."""
    cost = engine_cost(bench, bench.n_steps, N_CONSUMERS)
    plain_s, difference = plain_cost(bench)
    return (
        bench.name,
        f"{cost.seconds:.2f}",
        f"{cost.cpu_seconds:.2f}",
        bar_cell(cost.seconds, bench.bar_s),
        f"{plain_s:.1f}",
        f"{plain_s / cost.cpu_seconds:.0f}",
        f"{difference:.0e}",
        f"{cost.allocated_mwh:.0f}",
        *(f"{slope:.2f}" for slope in exponents(bench)),
    )


def live_rows() -> Iterator[tuple[str, ...]]:
    """Rows of one home's share, in microseconds: a step of thirty members."""
    rng = np.random.default_rng(30)
    consumption = rng.integers(0, 1001, (1, N_MEMBERS)).astype(np.float64)
    production = np.array([[float(consumption.sum() // 2)]])
    produced, consumed = production[0].tolist(), consumption[0].tolist()
    key = ProRataKey()
    community = CommunityStep(produced[0], sum(consumed), N_MEMBERS)
    rule = ShareRule(KeyType.DEFAULT_DYNAMIC)
    plain = _microseconds(lambda: allocate_step(produced, consumed, key))
    for name, work in (
        ("allocate, all members", lambda: allocate(production, consumption, key)),
        (
            "expected_allocated_wh, the home alone",
            lambda: expected_allocated_wh(consumed[0], community, rule),
        ),
    ):
        ours = _microseconds(work)
        yield (
            name,
            f"{ours:.1f}",
            bar_cell(ours, BAR_LIVE_US),
            f"{plain:.1f}",
            f"{plain / ours:.1f}",
        )


def _microseconds(work: Callable[[], object]) -> float:
    """Time of one call, the best of many rounds short enough to be left alone."""
    calls = 100
    return min(timeit.repeat(work, number=calls, repeat=100)) / calls * 1e6


def main() -> None:
    """Measure and print."""
    start = time.perf_counter()
    before_mb = peak_mb()
    print(f"{N_CONSUMERS} consumers, {N_PRODUCERS} producers, {STEPS_OF_YEAR} steps")
    print(
        f"Plain Python: {PLAIN_STEPS} steps, scaled by cells to the same work; plain / ours of CPU time"
    )
    print_table(
        [
            (
                "",
                "s",
                "CPU s",
                "bar",
                "plain CPU s, scaled",
                "plain / ours",
                "differ by Wh",
                "MWh allocated",
                "exponent by steps",
                "by consumers",
            ),
            *map(key_row, BENCHES),
        ]
    )
    after_mb = peak_mb()
    print(
        "exponent: of CPU time against cells, by least squares over an eighth to all of"
        " the steps, and of the consumers; linear: 1.00"
    )
    print("fair and rounding sort the consumers of each step, n log n; where NumPy has")
    print(
        "vector instructions it sorts up to some 250 several times quicker: steeper still"
    )
    print(
        f"peak memory: {after_mb - before_mb:.0f} MB above the {before_mb:.0f} MB of the"
        f" code, {after_mb:.0f} MB in all (bar {bar_cell(after_mb, BAR_MB)})"
    )
    print()
    print(f"One home's live share: one step, {N_MEMBERS} members")
    print_table([("", "µs", "bar", "plain µs", "plain / ours"), *live_rows()])
    print(f"the bench took {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
