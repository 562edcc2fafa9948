"""Read a folder of CSV files into a study, as `docs/SIMULATION.md` describes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

from ..engine.model import Role
from ..engine.study import AS_IT_IS, Scenario, Study, StudyError, StudyProblem
from .cells import plain, shown
from .study_curves import read_coefficients, read_energies
from .study_grid import combine
from .study_people import read_people, read_scenarios
from .study_prices import FOR_ALL, PriceFile, read_prices


@dataclass(frozen=True, slots=True)
class StudyFiles:
    """What a folder says: a study, and what to try on it."""

    study: Study
    scenarios: tuple[Scenario, ...]
    """The operation as it is, then those of the file, in its order."""


MAX_BYTES = 50_000_000
"""Of all files. A year of quarter-hours of 200 participants is some 40 MB; what is read of it
takes several times as much memory, and a Raspberry Pi may have no more than 1 GB."""


def study_files(folder: Path) -> dict[str, bytes]:
    """The files of a study in a folder, by name; blocks while it reads. Others are left alone.

    So are symbolic links: an error may repeat what stands in a file, and a link may lead to
    one that nobody meant to show. Raises StudyError where a file that is needed is not there, where one cannot be read or
    is there in French and in English, and where they are more than MAX_BYTES.
    """
    files: dict[str, bytes] = {}
    left = MAX_BYTES
    for name in _known(_names_in(folder, with_links=False)).values():
        try:
            left -= (folder / name).stat().st_size
            if left < 0:
                raise StudyError(StudyProblem.TOO_LARGE, file=name)
            files[name] = (folder / name).read_bytes()
        except OSError:
            raise StudyError(StudyProblem.NOT_THERE, file=name) from None
    return files


def unused_files(folder: Path) -> tuple[str, ...]:
    """The names of the CSV files in a folder that are none of a study's, as misspelt ones.

    Symbolic links are among them. Names are as errors show them. Raises StudyError where
    there is no such folder.
    """
    used = {
        name for name in _names_in(folder, with_links=False) if plain(name) in _NAMES
    }
    return tuple(
        shown(name)
        for name in _names_in(folder, with_links=True)
        if name.casefold().endswith(".csv") and name not in used
    )


def read_study(files: Mapping[str, bytes], time_zone: ZoneInfo) -> StudyFiles:
    """The study that these files make, by their names; times without offset are of the zone.

    Raises StudyError, which names the file, the line and the column or the participant, but
    never repeats what looks like the number of a delivery point.
    """
    named = {kind: (name, files[name]) for kind, name in _known(files).items()}
    consumption = read_energies(*named[_CONSUMPTION], time_zone)
    production = read_energies(*named[_PRODUCTION], time_zone)
    names = consumption.names, production.names
    consumers, producers = read_people(
        *named.get(_PARTICIPANTS, (_PARTICIPANTS, _NOBODY)), *names
    )
    scenarios = (
        read_scenarios(*named[_SCENARIOS], *names) if _SCENARIOS in named else ()
    )
    coefficients = (
        read_coefficients(*named[_COEFFICIENTS], time_zone)
        if _COEFFICIENTS in named
        else None
    )
    study = Study(
        time_zone=time_zone,
        consumers=consumers,
        producers=producers,
        curves=combine(consumption, production, coefficients, consumers, producers),
    )
    if _PRICES in named:
        study = _with_prices(study, read_prices(*named[_PRICES]))
    else:
        study = _without_plans(study)
    return StudyFiles(study, (AS_IT_IS, *scenarios))


_CONSUMPTION = "consumption.csv"
_PRODUCTION = "production.csv"
_PARTICIPANTS = "participants.csv"
_SCENARIOS = "scenarios.csv"
_COEFFICIENTS = "coefficients.csv"
_PRICES = "prices.csv"
_NOBODY = b"id"
"""A table of participants that says nothing of anybody."""
_NEEDED = (_CONSUMPTION, _PRODUCTION)
_FRENCH = {"consommation.csv": _CONSUMPTION, "prix.csv": _PRICES}
_NAMES = {
    name: name for name in (*_NEEDED, _PARTICIPANTS, _SCENARIOS, _COEFFICIENTS, _PRICES)
} | _FRENCH


def _names_in(folder: Path, *, with_links: bool) -> list[str]:
    """The names of the files in a folder, in order; those that systems hide are left out."""
    try:
        return sorted(
            path.name
            for path in folder.iterdir()
            if path.is_file(follow_symlinks=with_links)
            and not path.name.startswith(".")
        )
    except OSError:
        raise StudyError(StudyProblem.NOT_THERE, file=shown(folder.name)) from None


def _known(files: Iterable[str]) -> dict[str, str]:
    """The names of a study's files, as they are written, by their English ones."""
    known: dict[str, str] = {}
    for name in files:
        if (kind := _NAMES.get(plain(name))) is None:
            continue
        if kind in known:
            raise StudyError(StudyProblem.FILE_TWICE, file=name, found=known[kind])
        known[kind] = name
    for kind in _NEEDED:
        if kind not in known:
            is_french = any(plain(name) in _FRENCH for name in known.values())
            names = [french for french, english in _FRENCH.items() if english == kind]
            if not (names and is_french):
                names.insert(0, kind)
            raise StudyError(StudyProblem.NOT_THERE, file=" / ".join(names))
    return known


def _with_prices(study: Study, prices: PriceFile) -> Study:
    """The study with the terms of the plans that somebody has.

    Who has no plan, or one without lines of its own, pays by the lines for all plans, if
    these are enough.
    """
    consumers, producers = study.consumers, study.producers
    buying, selling = set(prices.plans), set(prices.plans)
    if prices.are_for_all(Role.CONSUMER):
        consumers = tuple(replace(c, plan=c.plan or FOR_ALL) for c in consumers)
        buying |= {c.plan for c in consumers if c.plan is not None}
    if prices.are_for_all(Role.PRODUCER):
        producers = tuple(replace(p, plan=p.plan or FOR_ALL) for p in producers)
        selling |= {p.plan for p in producers if p.plan is not None}
    return replace(
        study,
        consumers=consumers,
        producers=producers,
        consumer_terms={
            plan: prices.consumer_terms(plan)
            for plan in sorted(buying & {c.plan for c in consumers})
        },
        producer_terms={
            plan: prices.producer_terms(plan)
            for plan in sorted(selling & {p.plan for p in producers})
        },
    )


def _without_plans(study: Study) -> Study:
    """Without prices there are kWh and no euros, whatever plans are named."""
    return replace(
        study,
        consumers=tuple(replace(consumer, plan=None) for consumer in study.consumers),
        producers=tuple(replace(producer, plan=None) for producer in study.producers),
    )
