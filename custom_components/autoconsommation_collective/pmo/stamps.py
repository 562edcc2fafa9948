"""What lies in the folder that an organiser publishes: a stamp of each document.

What it said, when, and at which revision, so that what says the same again is not sent again.
"""

from collections.abc import Iterable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from ..engine.model import Quality
from . import names

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands for the time of publication where only what is said is compared."""
_EVERYBODYS: Final = frozenset({names.OPERATION, names.AGGREGATES, names.FORECAST})
EVERYBODY: Final = ""
"""Whose months the sums of all members are, in the stamps."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What was last published of a document."""

    said: str
    """Digest of what it says, whenever it was published."""
    published_at: datetime
    file: str = ""
    """Digest of the file's content, where it is part of the file's name; without one no
    file lies there, and only the revision is remembered."""
    revision: int = 1
    quality: Quality = Quality.PROVISIONAL


@dataclass(frozen=True, slots=True)
class Stamps:
    """What lies in the folder."""

    documents: Mapping[str, Stamp] = field(default_factory=dict)
    """Of those without a month, by path; of a member's index by the member."""
    months: Mapping[str, Mapping[str, Stamp]] = field(default_factory=dict)
    """By whose they are, EVERYBODY's first, and by month."""


def published_paths(stamps: Stamps) -> frozenset[str]:
    """All that lies in the folder by the stamps, where the host finds it."""
    return frozenset(path for path, _, _ in _lying(stamps))


def without(stamps: Stamps, lost: AbstractSet[str]) -> Stamps:
    """The stamps of a folder where these paths are not: there they are written again.

    What was published keeps its revision.
    """
    gone = {(whose, month) for path, whose, month in _lying(stamps) if path in lost}
    return Stamps(
        {
            which: stamp
            for which, stamp in stamps.documents.items()
            if (which, None) not in gone
        },
        {
            whose: {
                month: replace(stamp, file="")
                if not gone.isdisjoint({(whose, month), (whose, None)})
                else stamp
                for month, stamp in held.items()
            }
            for whose, held in stamps.months.items()
        },
    )


def forgotten(whose: Iterable[str], months: Iterable[str], today: date) -> Stamps:
    """The stamps of a folder of which nothing is known any more: all is written again.

    At revisions that are later than any before, also where this happens once more: nobody
    publishes a month more often than once a day for years.
    """
    known = Stamp("", EPOCH, revision=(today - EPOCH.date()).days)
    held = dict.fromkeys(months, known)
    return Stamps(months=dict.fromkeys((EVERYBODY, *whose), held))


def _lying(stamps: Stamps) -> Iterator[tuple[str, str, str | None]]:
    """Each file that lies there: its path, whose or which it is, and its month."""
    for which, stamp in stamps.documents.items():
        if which in _EVERYBODYS:
            yield which, which, None
        else:
            yield names.lies_at(names.MEMBER, None, stamp.file), which, None
    for whose, held in stamps.months.items():
        index = stamps.documents.get(whose)
        for month, stamp in held.items():
            if not stamp.file:
                continue
            if whose == EVERYBODY:
                name = names.aggregates_month(month)
                yield names.lies_at(name, stamp.file, None), whose, month
            elif index is not None:
                name = names.member_month(month)
                yield names.lies_at(name, stamp.file, index.file), whose, month


def taken_back(months: Mapping[str, Stamp]) -> dict[str, Stamp]:
    """Of months that lie there no more: whoever has one of them takes only a later revision."""
    return {month: replace(stamp, file="") for month, stamp in months.items()}


def stored_stamps(stamps: Stamps) -> dict[str, Any]:
    """The stamps as JSON values."""
    return {
        "documents": {which: _stored(s) for which, s in stamps.documents.items()},
        "months": {
            whose: {month: _stored(stamp) for month, stamp in months.items()}
            for whose, months in stamps.months.items()
        },
    }


def restored_stamps(stored: Mapping[str, Any]) -> Stamps:
    """The stamps that were stored. Raises KeyError, ValueError, TypeError on anything else."""
    return Stamps(
        {which: _restored(stamp) for which, stamp in stored["documents"].items()},
        {
            whose: {month: _restored(stamp) for month, stamp in months.items()}
            for whose, months in stored["months"].items()
        },
    )


def _stored(stamp: Stamp) -> dict[str, Any]:
    return {
        "said": stamp.said,
        "published_at": stamp.published_at.isoformat(),
        "file": stamp.file,
        "revision": stamp.revision,
        "quality": stamp.quality.value,
    }


def _restored(stored: Mapping[str, Any]) -> Stamp:
    return Stamp(
        str(stored["said"]),
        datetime.fromisoformat(stored["published_at"]),
        str(stored["file"]),
        int(stored["revision"]),
        Quality(stored["quality"]),
    )
