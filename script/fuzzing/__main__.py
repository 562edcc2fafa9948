"""Looks for bytes that a reader cannot take: guided by coverage, a process for each reader."""

import argparse
from pathlib import Path
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Final

KEPT: Final = Path(".fuzz")
"""By reader what was found to be worth trying; with it the next run goes on."""
MAX_BYTES: Final = 20_000
"""Of an input. Larger ones reach nothing new, and are slow; tests have their own."""
SLOWEST_S: Final = 5
MEMORY_MB: Final = 300
"""That reading may take beside the interpreter and its libraries."""
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
        from .readers import READERS, SEEDS  # noqa: PLC0415 - instrumented as imported

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


def main() -> int:
    """Fuzz readers side by side, and print what was found; 1 where one broke its promise."""
    from .readers import READERS, SEEDS  # noqa: PLC0415 - not in the process that fuzzes

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("readers", nargs="*", help=f"of {', '.join(READERS)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each reader")
    parser.add_argument("--at-once", type=int, default=1, help="readers side by side")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="make the seeds the fewest files that cover what is known to be covered",
    )
    asked = parser.parse_args()
    waiting = list(asked.readers or READERS)
    running: dict[str, tuple[subprocess.Popen[bytes], Path]] = {}
    print("reader          inputs  per s  covered  corpus  memory  slowest  found")
    broken = False
    while waiting or running:
        while waiting and len(running) < asked.at_once:
            reader = waiting.pop(0)
            (KEPT / reader).mkdir(parents=True, exist_ok=True)
            log = Path(tempfile.mkstemp(prefix=f"fuzz-{reader}-")[1])
            folders = [str(KEPT / reader), str(SEEDS / reader)]
            options = [
                f"-max_total_time={asked.seconds}",
                f"-artifact_prefix={KEPT / reader}.",
            ]
            running[reader] = _started(reader, folders, options, log), log
        for reader, (process, log) in list(running.items()):
            if process.poll() is None:
                continue
            del running[reader]
            broken |= not _told(reader, log.read_text(errors="replace"))
            log.unlink()
            if asked.keep:
                _keep(reader, SEEDS / reader)
        time.sleep(0.2)
    return int(broken)


def _started(
    reader: str, folders: list[str], options: list[str], log: Path
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", __package__ or "", "--one", reader]
    with log.open("wb") as stream:
        return subprocess.Popen(
            [*command, *folders, "--", *options], stdout=stream, stderr=stream
        )


def _told(reader: str, log: str) -> bool:
    """Print a line of what one run came to; whether the reader kept its promise."""

    def stat(pattern: str) -> str:
        found = re.findall(pattern, log)
        return found[-1] if found else "?"

    findings = [
        path.name
        for path in KEPT.glob(f"{reader}.*")
        if path.name.removeprefix(f"{reader}.").startswith(FINDINGS)
    ]
    is_sound = "DONE" in log and not findings
    print(
        f"{reader:12}"
        f"{stat(r'number_of_executed_units: (\d+)'):>10}"
        f"{stat(r'average_exec_per_sec:\s+(\d+)'):>7}"
        f"{stat(r'cov: (\d+)'):>9}"
        f"{stat(r'corp: (\d+)'):>8}"
        f"{stat(r'peak_rss_mb:\s+(\d+)'):>5} MB"
        f"{stat(r'slowest_unit_time_sec:\s+(\d+)'):>7} s  "
        f"{'nothing' if is_sound else ', '.join(findings) or 'it stopped'}",
        flush=True,
    )
    if not is_sound:
        print("\n".join(log.splitlines()[-40:]), file=sys.stderr)
    return is_sound


def _keep(reader: str, seeds: Path) -> None:
    """Replace the seeds by the fewest files that cover as much as all that is known."""
    with tempfile.TemporaryDirectory() as folder:
        fewest = Path(folder) / "fewest"
        fewest.mkdir()
        log = Path(folder) / "log"
        _started(
            reader,
            [str(fewest), str(seeds), str(KEPT / reader)],
            ["-merge=1", "-rss_limit_mb=0"],
            log,
        ).wait()
        shutil.rmtree(seeds)
        shutil.copytree(fewest, seeds)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        name, *rest = sys.argv[2:]
        split = rest.index("--")
        fuzz(name, rest[:split], rest[split + 1 :])
    sys.exit(main())
