"""Looks for bytes that a reader cannot take: guided by coverage, a process for each reader."""

import argparse
from dataclasses import dataclass, field
import hashlib
from pathlib import Path
import re
import resource
import subprocess
import sys
import tempfile
import time
from typing import Final

from .fewest import fewest

KEPT: Final = Path(".fuzz")
"""By reader what was found to be worth trying; with it the next run goes on."""
MAX_BYTES: Final = 20_000
"""Of an input. Larger ones reach nothing new, and are slow; tests have their own."""
SLOWEST_S: Final = 5
SLICE_S: Final = 60
"""Of one process: the fuzzer itself takes more memory with every input, which would pass for
the reader's."""
MEMORY_MB: Final = 300
"""That reading may take beside the interpreter and its libraries."""
SEEDS: Final = Path(__file__).parents[2] / "tests" / "seeds"
"""By reader the files from which its fuzzing starts, and that a test reads each time."""
NAME_LENGTH: Final = 12
FINDINGS: Final = ("crash-", "timeout-", "oom-", "leak-")


def fuzz(reader: str, folders: list[str], options: list[str]) -> None:
    """Fuzz one reader until the time is over; ends the process, as libFuzzer does."""
    import atheris  # noqa: PLC0415 - there are no builds of it for every machine

    with atheris.instrument_imports(
        include=[
            "custom_components.autoconsommation_collective.pmo",
            "custom_components.autoconsommation_collective.sky",
        ]
    ):
        from .readers import READERS  # noqa: PLC0415 - instrumented as imported

    words = KEPT / f"{reader}.words"
    words.write_text("".join(f'"{word}"\n' for word in words_in(SEEDS / reader)))
    memory_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    atheris.Setup(
        [
            reader,
            *folders,
            f"-rss_limit_mb={memory_kb // 1024 + MEMORY_MB}",
            f"-timeout={SLOWEST_S}",
            f"-max_len={MAX_BYTES}",
            f"-dict={words}",
            "-print_final_stats=1",
            *options,
        ],
        READERS[reader],
    )
    atheris.Fuzz()


def words_in(folder: Path) -> list[str]:
    """Words of the seeds: what chance would hardly spell."""
    texts = (path.read_bytes().decode("ascii", "ignore") for path in folder.iterdir())
    return sorted(
        {word for text in texts for word in re.findall(r"[A-Za-z_]{2,24}", text)}
    )


@dataclass(slots=True)
class Turn:
    """A reader's time, in processes one after the other."""

    reader: str
    left_s: int
    n_inputs: int = 0
    spent_s: int = 0
    covered: int = 0
    corpus: int = 0
    memory_mb: int = 0
    slowest_s: int = 0
    log: Path = field(default_factory=lambda: Path(tempfile.mkstemp(prefix="fuzz-")[1]))
    process: subprocess.Popen[bytes] | None = None
    stopped: bool = False

    def start(self) -> None:
        """Begin a process."""
        seconds = min(self.left_s, SLICE_S)
        self.left_s -= seconds
        self.spent_s += seconds
        folders = [str(KEPT / self.reader), str(SEEDS / self.reader)]
        options = [
            f"-max_total_time={seconds}",
            f"-artifact_prefix={KEPT / self.reader}.",
        ]
        self.process = _started(self.reader, folders, options, self.log)

    def goes_on(self) -> bool:
        """Whether it still runs; a process that has ended is counted, and followed by another."""
        if self.process is None or self.process.poll() is None:
            return True
        text = self.log.read_text(errors="replace")

        def stat(pattern: str) -> int:
            found = re.findall(pattern, text)
            return int(found[-1]) if found else 0

        self.n_inputs += stat(r"number_of_executed_units: (\d+)")
        self.covered = max(self.covered, stat(r"cov: (\d+)"))
        self.corpus = max(self.corpus, stat(r"corp: (\d+)"))
        self.memory_mb = max(self.memory_mb, stat(r"peak_rss_mb:\s+(\d+)"))
        self.slowest_s = max(self.slowest_s, stat(r"slowest_unit_time_sec:\s+(\d+)"))
        self.stopped = "DONE" not in text
        if self.left_s <= 0 or self.stopped or self.findings:
            return False
        self.start()
        return True

    @property
    def findings(self) -> list[str]:
        """Files of what the reader could not take."""
        return [
            path.name
            for path in KEPT.glob(f"{self.reader}.*")
            if path.name.removeprefix(f"{self.reader}.").startswith(FINDINGS)
        ]

    def tell(self) -> bool:
        """Print a line of what it came to; whether the reader kept its promise."""
        found = ", ".join(self.findings) or ("it stopped" if self.stopped else "")
        print(
            f"{self.reader:12}{self.n_inputs:>10}{self.n_inputs // self.spent_s:>7}"
            f"{self.covered:>9}{self.corpus:>8}{self.memory_mb:>5} MB"
            f"{self.slowest_s:>7} s  {found or 'nothing'}",
            flush=True,
        )
        if found:
            lines = self.log.read_text(errors="replace").splitlines()
            print("\n".join(lines[-40:]), file=sys.stderr)
        self.log.unlink()
        return not found


def main() -> int:
    """Fuzz readers side by side, and print what was found; 1 where one broke its promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", help=f"of {', '.join(_names())}")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--at-once", type=int, default=1, help="readers side by side")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="add to the seeds the few files that reach lines no seed reaches",
    )
    asked = parser.parse_args()
    waiting = [Turn(reader, asked.seconds) for reader in asked.readers or _names()]
    running: list[Turn] = []
    sound = True
    print("reader          inputs  per s  covered  corpus  memory  slowest  found")
    while waiting or running:
        while waiting and len(running) < asked.at_once:
            turn = waiting.pop(0)
            (KEPT / turn.reader).mkdir(parents=True, exist_ok=True)
            turn.start()
            running.append(turn)
        for turn in [turn for turn in running if not turn.goes_on()]:
            running.remove(turn)
            sound &= turn.tell()
            if asked.keep:
                _keep(turn.reader)
        time.sleep(0.2)
    return int(not sound)


def _names() -> list[str]:
    """The readers, each with seeds of its own."""
    return sorted(folder.name for folder in SEEDS.iterdir())


def _started(
    reader: str, folders: list[str], options: list[str], log: Path
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", __package__ or "", "--one", reader]
    with log.open("wb") as stream:
        return subprocess.Popen(
            [*command, *folders, "--", *options], stdout=stream, stderr=stream
        )


def _keep(reader: str) -> None:
    """Add to the seeds what reaches lines that none of them does; those by hand stay."""
    from .readers import READERS  # noqa: PLC0415 - not in the process that fuzzes

    seeds = SEEDS / reader
    known = {path.read_bytes() for path in seeds.iterdir()}
    tried = {path.read_bytes() for path in (KEPT / reader).iterdir()}
    for body in fewest(READERS[reader], known | tried):
        if body not in known:
            name = hashlib.sha256(body).hexdigest()[:NAME_LENGTH]
            (seeds / name).write_bytes(body)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        name, *rest = sys.argv[2:]
        split = rest.index("--")
        fuzz(name, rest[:split], rest[split + 1 :])
    sys.exit(main())
