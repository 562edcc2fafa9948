"""Of many inputs the few that reach as many lines of the readers as all of them."""

from collections.abc import Callable, Iterable
import sys
from types import CodeType
from typing import Final

LINE: Final = sys.monitoring.events.LINE
TOOL: Final = sys.monitoring.COVERAGE_ID
OURS: Final = "/autoconsommation_collective/"


def fewest(read: Callable[[bytes], None], inputs: Iterable[bytes]) -> list[bytes]:
    """Those that reach a line which no smaller one reaches, the smallest first."""
    reached: set[tuple[str, int]] = set()
    kept = []
    for body in sorted(inputs, key=lambda each: (len(each), each)):
        found = _lines(read, body)
        if not found <= reached:
            reached |= found
            kept.append(body)
    return kept


def _lines(read: Callable[[bytes], None], body: bytes) -> set[tuple[str, int]]:
    """Lines of the integration that reading it runs through."""
    found: set[tuple[str, int]] = set()

    def note(code: CodeType, line: int) -> object:
        if OURS in code.co_filename:
            found.add((code.co_filename, line))
        return sys.monitoring.DISABLE

    sys.monitoring.use_tool_id(TOOL, "fewest")
    try:
        sys.monitoring.register_callback(TOOL, LINE, note)
        sys.monitoring.restart_events()
        sys.monitoring.set_events(TOOL, LINE)
        read(body)
    finally:
        sys.monitoring.set_events(TOOL, 0)
        sys.monitoring.register_callback(TOOL, LINE, None)
        sys.monitoring.free_tool_id(TOOL)
    return found
