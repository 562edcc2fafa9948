"""Print what hassfest would refuse: `python -m script.hassfest custom_components/DOMAIN`."""

from collections.abc import Iterator
from pathlib import Path
import sys

from . import automation, code, icons, manifest, texts
from .integration import Integration

RULES = (manifest, texts, icons, automation, code)


def findings(path: Path) -> Iterator[str]:
    """Everything wrong with the integration in a folder."""
    integration = Integration(path)
    for rule in RULES:
        yield from rule.findings(integration)


def main(paths: list[str]) -> int:
    """Check each folder; the exit code is 1 as soon as one has a finding."""
    found = [f"{path}/{finding}" for path in paths for finding in findings(Path(path))]
    for finding in found:
        print(finding)
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
