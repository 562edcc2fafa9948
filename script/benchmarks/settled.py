"""What a year of settled 15-minute data costs: read, checked, stored and summed.

In a process of its own, so that the memory is that of the data alone.
"""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
import time

from custom_components.autoconsommation_collective.engine.blocks import (
    Quantity,
    restored_page,
    stored_page,
    sum_by_hour,
)
from custom_components.autoconsommation_collective.engine.settlement import summarise
from custom_components.autoconsommation_collective.pmo import names
from custom_components.autoconsommation_collective.pmo.pages import read_member_month
from custom_components.autoconsommation_collective.pmo.sealing import (
    new_token,
    seal,
    unseal,
)

from . import peak_mb, print_table
from .pages import TIME_ZONE, months, page

BAR_S = 2.0
BAR_MB = 60.0


def main() -> None:
    """Measure each stage over the whole year."""
    token = new_token()
    sealed = {
        month: seal(token, names.member_month(month), page(month)) for month in months()
    }
    before_mb = peak_mb()
    rows = [("stage", "ms")]
    start = time.perf_counter()

    def lap(stage: str) -> None:
        rows.append((stage, f"{(time.perf_counter() - start) * 1000:.0f}"))

    bodies = {
        month: unseal(token, names.member_month(month), body)
        for month, body in sealed.items()
    }
    lap("unsealed")
    pages = [
        read_member_month(body, month, TIME_ZONE) for month, body in bodies.items()
    ]
    lap("read and checked")
    with TemporaryDirectory() as folder:
        for each in pages:
            path = Path(folder, each.month)
            path.write_text(json.dumps(stored_page(each)))
        lap("stored")
        pages = [
            restored_page(json.loads(Path(folder, each.month).read_text()))
            for each in pages
        ]
        lap("loaded again")
    settled = summarise(pages, TIME_ZONE)
    hours = [
        sum_by_hour(each.blocks, Quantity.CONSUMPTION, Quantity.ALLOCATED)
        for each in pages
    ]
    lap("summed by hour and month")
    seconds = time.perf_counter() - start
    n_steps = sum(block.n_steps for each in pages for block in each.blocks)
    print(f"A year of settled data: {n_steps} steps, {sum(map(len, hours))} hours,")
    print(f"{(settled.allocated_wh or 0) / 1000:.0f} kWh allocated; times add up")
    print_table(rows)
    print(f"in all: {seconds:.2f} s (bar {BAR_S})")
    print(f"extra memory: {peak_mb() - before_mb:.0f} MB (bar {BAR_MB:.0f})")


if __name__ == "__main__":
    main()
