"""What an organiser expects of the coming days: read as members read it, and of nobody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    PlantKind,
    Quality,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.months import month_bounds
from custom_components.autoconsommation_collective.engine.publishable import (
    counts_between,
    days_of,
)
from custom_components.autoconsommation_collective.engine.roster import (
    Panels,
    Participant,
    Place,
    Roster,
)
from custom_components.autoconsommation_collective.engine.told_needs import ToldNeeds
from custom_components.autoconsommation_collective.pmo.organised_forecast import (
    forecast_grid,
    organised_forecast,
    whole_sites,
)
from custom_components.autoconsommation_collective.pmo.pages import (
    Forecast,
    read_forecast,
)
from custom_components.autoconsommation_collective.pmo.written import written_forecast
from script.feed_rules import doubtful_needs, past_forecast, too_few_behind
from tests.engine.organised_cases import PARIS, STEP, participant

EVENING = datetime(2026, 11, 20, 19, 30, 0, 250, UTC)
"""Half past eight in the village."""
TODAY = date(2026, 11, 20)
NAMED = "Weather data by somebody"
LEVROUX = Place(46.98, 1.61, "Levroux", 6)


def roof(n: int, **facts: object) -> Participant:
    """A household that injects."""
    told = {"panels": Panels(PlantKind.SOLAR, 3.0), "place": LEVROUX} | facts
    return participant(f"{n:014}", Role.PROSUMER, **told)


def homes(n: int, n_follow: int = 0) -> tuple[Participant, ...]:
    """Consumers, the first ones following the signal."""
    return tuple(participant(f"{100 + k:014}", follows=k < n_follow) for k in range(n))


def roster(*people: Participant) -> Roster:
    """Their operation."""
    return Roster("Indre solaire", None, PARIS.key, STEP, (), (), None, people)


def month(injected_wh: float, drawn_wh: float) -> dict[str, MonthPage]:
    """A settled month, the same in each step."""
    start, end = month_bounds("2026-10", PARIS)
    told = {
        Quantity.SHARED_INJECTION: injected_wh,
        Quantity.BASE_WITHDRAWAL: drawn_wh,
        Quantity.TOTAL_WITHDRAWAL: drawn_wh,
    }
    n_steps = (end - start) // STEP
    energies = {q: np.full(n_steps, wh) for q, wh in told.items()}
    block = Block(start, STEP, energies)
    return {"2026-10": MonthPage("2026-10", 1, Quality.SETTLED, (block,))}


def modelled(each_wh: float = 1000.0) -> tuple[Block, ...]:
    """All plants since the first of October, the same in each step."""
    start, _ = month_bounds("2026-10", PARIS)
    end = datetime(2026, 11, 23, tzinfo=UTC)
    energies = np.full((end - start) // STEP, each_wh)
    return (Block(start, STEP, {Quantity.PRODUCTION: energies}),)


def made(
    people: Sequence[Participant],
    community: dict[str, MonthPage] | None = None,
    plants: tuple[Block, ...] = (),
    now: datetime = EVENING,
) -> Forecast:
    """The forecast as a member reads it."""
    told = organised_forecast(
        roster(*people), community or {}, plants, ToldNeeds(), now, NAMED
    )
    read = read_forecast(written_forecast(told, PARIS))
    assert read.published_at == told.published_at
    return read


def first_wh(forecast: Forecast, quantity: Quantity) -> float:
    """Of the first step."""
    return float(forecast.blocks[0].energies[quantity][0])


def test_a_village_is_foreseen() -> None:
    """The rest of the evening and two whole days: as settled months show it."""
    people = (*homes(12, 5), *(roof(n) for n in range(10)))
    found = made(people, month(500, 3000), modelled())
    (block,) = found.blocks
    assert block.start == datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
    assert block.end == datetime(2026, 11, 22, 23, tzinfo=UTC)
    # Half of what was modelled was injected: so it is over as many days, all but.
    assert first_wh(found, Quantity.SHARED_INJECTION) == pytest.approx(500, rel=0.12)
    # What five usually steer is off the steps in the light, here all 48.
    assert first_wh(found, Quantity.BASE_WITHDRAWAL) == 3000 - 5 * 6000 / 48
    assert found.attribution == NAMED
    assert [(n.day.day, n.energy_wh, n.homes) for n in found.flexible] == [
        (21, 30_000, 5),
        (22, 30_000, 5),
    ]


def test_what_few_draw_or_inject_is_not_told_by_the_forecast() -> None:
    """Without it the weather alone stays: not even how far the past was from it is told."""
    few = made((*homes(7, 2), roof(1), roof(2)), month(500, 3000), modelled())
    assert first_wh(few, Quantity.SHARED_INJECTION) == 1000
    assert Quantity.BASE_WITHDRAWAL not in few.blocks[0].energies
    assert few.flexible == ()


def test_who_leaves_in_two_days_is_not_behind_a_sum() -> None:
    """Ten until tomorrow, nine the day after: nothing of what they draw."""
    leaving = replace(
        homes(1)[0], membership=(Validity(date(2025, 1, 1), date(2026, 11, 21)),)
    )
    staying = homes(10)[1:]
    assert made((leaving, *staying), month(0, 3000)).blocks == ()
    ten = (*staying, participant("00000000000999"))
    assert made(ten, month(0, 3000)).blocks != ()


def test_without_anything_nothing_is_foreseen() -> None:
    """Nobody is named then either."""
    assert made(homes(2)) == Forecast(EVENING.replace(microsecond=0), ())


@pytest.mark.parametrize(
    ("people", "n_sites"),
    [
        pytest.param((roof(1), roof(2)), 1, id="two roofs of a village"),
        pytest.param((roof(1),), 0, id="one alone: its place is not shown"),
        pytest.param((roof(1), roof(2), roof(3, panels=None)), 0, id="one of which nothing is told"),
        pytest.param((roof(1), roof(2), roof(3, place=None)), 0, id="one without a place"),
        pytest.param((roof(1, is_household=False, panels=Panels(PlantKind.HYDRO, 9.0)),), 0, id="a mill"),
        pytest.param((roof(1, is_household=False), *homes(2)), 1, id="a roof of the town"),
        pytest.param(homes(2), 0, id="no plant"),
    ],
)  # fmt: skip
def test_the_weather_tells_of_all_plants_or_of_none(
    people: tuple[Participant, ...], n_sites: int
) -> None:
    """A sum without one would pass for the whole."""
    assert len(whole_sites(roster(*people), TODAY)) == n_sites


ZONES = ("Europe/Paris", "Indian/Reunion", "America/Martinique", "Pacific/Noumea")


@given(
    now=st.datetimes(
        datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)
    ),
    minutes=st.sampled_from((10, 15, 30, 60)),
    zone=st.sampled_from(ZONES),
)
def test_a_day_is_known_until_the_next_evening(
    now: datetime, minutes: int, zone: str
) -> None:
    """From the step in progress on, on the feed's grid; of whole days to come."""
    step, time_zone = timedelta(minutes=minutes), ZoneInfo(zone)
    grid = forecast_grid(now, step, time_zone)
    assert grid.start <= now < grid.start + step
    assert grid.start.timestamp() % step.total_seconds() == 0
    assert grid.end - now > timedelta(hours=47)
    at = grid.end.astimezone(time_zone)
    assert (at.hour, at.minute) == (0, 0)


@given(
    n_homes=st.integers(0, 14),
    n_follow=st.integers(0, 14),
    n_roofs=st.integers(0, 12),
    leaves=st.integers(0, 3),
    has_weather=st.booleans(),
)
def test_the_check_of_feeds_finds_nothing(
    n_homes: int, n_follow: int, n_roofs: int, leaves: int, has_weather: bool
) -> None:
    """Whoever takes part, and whoever is about to leave."""
    last = Validity(date(2025, 1, 1), date(2026, 11, 20) + timedelta(days=leaves))
    people = [
        *homes(n_homes, n_follow),
        *(roof(n) for n in range(n_roofs)),
    ]
    if people:
        people[0] = replace(people[0], membership=(last,))
    found = made(people, month(500, 3000), modelled() if has_weather else ())
    counts = counts_between(people, TODAY, TODAY + timedelta(days=9))
    measured = frozenset({Quantity.BASE_WITHDRAWAL})
    assert not [*too_few_behind(found.blocks, counts, PARIS, measured)]
    assert not [*doubtful_needs(found, counts)]
    assert not [*past_forecast(found, EVENING)]
    assert {day for block in found.blocks for day in days_of(block, PARIS)} <= {
        TODAY + timedelta(days=n) for n in range(3)
    }
