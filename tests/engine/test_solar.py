"""The solar model: in proportion to the light, never negative, holes kept."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
import math

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.grid import Grid
from custom_components.autoconsommation_collective.engine.model import (
    Plant,
    PlantKind,
    Validity,
)
from custom_components.autoconsommation_collective.engine.solar import (
    Site,
    Weather,
    continued,
    not_modelled,
    plant_production,
    sites,
    sites_production,
    with_observed,
)

START = datetime(2026, 6, 20, tzinfo=UTC)
DAY = date(2026, 6, 20)
QUARTER = timedelta(minutes=15)
NAN = math.nan

LIGHT = st.floats(0, 1400)
WARMTH = st.floats(-30, 45)


def weather(
    light: list[float], warmth: list[float] | float = 15.0, step: timedelta = QUARTER
) -> Weather:
    """A weather that starts at START."""
    temperatures = [warmth] * len(light) if isinstance(warmth, float) else warmth
    return Weather(START, step, np.array(light, float), np.array(temperatures, float))


def produced(
    sky: Weather, kw: float = 9.0, inverter: float | None = None
) -> list[float]:
    """Production in Wh, as a list."""
    return plant_production(sky, kw, inverter).energies[Quantity.PRODUCTION].tolist()


def plant(**fields: object) -> Plant:
    """A solar plant in Indre, in force all the time."""
    plain = Plant(
        kind=PlantKind.SOLAR,
        peak_power_kw=3.0,
        commune="Bélâbre",
        validity=Validity(date(2025, 1, 1)),
        latitude_deg=46.55,
        longitude_deg=1.16,
        tilt_deg=30.0,
        azimuth_deg=0.0,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


# Laws of the model


@given(st.lists(st.tuples(LIGHT, WARMTH), min_size=1), st.floats(0, 500))
def test_production_is_never_negative(
    sky: list[tuple[float, float]], kw: float
) -> None:
    """Nor more than the light allows in the cold."""
    light, warmth = (list(part) for part in zip(*sky, strict=True))
    wh = produced(weather(light, warmth), kw)
    assert all(0 <= value <= kw * 1.4 * 250 * 1.3 + 1e-9 for value in wh)


@given(LIGHT, WARMTH, st.floats(0.1, 500))
def test_twice_the_panels_give_twice_the_energy(
    light: float, warmth: float, kw: float
) -> None:
    """Without an inverter in the way."""
    once, twice = (produced(weather([light], [warmth]), k)[0] for k in (kw, 2 * kw))
    assert twice == pytest.approx(2 * once)


@given(st.floats(0, 900), WARMTH)
def test_more_light_gives_more(light: float, warmth: float) -> None:
    """Heat takes less than the light brings."""
    less, more = produced(weather([light, light + 100], warmth=[warmth, warmth]))
    assert more > less


@given(LIGHT, WARMTH)
def test_heat_costs(light: float, warmth: float) -> None:
    """Panels like the cold."""
    cold, warm = produced(weather([light, light], [warmth, warmth + 10]))
    assert warm <= cold


@given(LIGHT, st.floats(0.1, 20))
def test_inverter_is_a_ceiling(light: float, inverter_kw: float) -> None:
    """What it lets through, and nothing else changes."""
    free = produced(weather([light]))[0]
    assert produced(weather([light]), inverter=inverter_kw)[0] == pytest.approx(
        min(free, inverter_kw * 250)
    )


@pytest.mark.parametrize(
    ("light", "warmth"),
    [pytest.param(NAN, 15.0, id="light"), pytest.param(500.0, NAN, id="warmth")],
)
def test_hole_stays_a_hole(light: float, warmth: float) -> None:
    """Also under an inverter, and never beside the hole."""
    wh = produced(weather([500.0, light], [15.0, warmth]), inverter=5.0)
    assert not math.isnan(wh[0])
    assert math.isnan(wh[1])


@pytest.mark.parametrize(
    ("light", "warmth", "step", "wh"),
    [
        # cells at 25 °C: 1000 W/m² on 9 kW, less 14 %
        pytest.param(1000.0, -9.2, timedelta(hours=1), 7740.0, id="standard light"),
        pytest.param(1000.0, -9.2, QUARTER, 1935.0, id="a quarter of an hour of it"),
        # cells at 20 + 27.36 = 47.36 °C: 8.944 % lost to the heat
        pytest.param(800.0, 20.0, timedelta(hours=1), 5638.18, id="summer noon"),
        pytest.param(0.0, 10.0, QUARTER, 0.0, id="night"),
        pytest.param(-3.0, 10.0, QUARTER, 0.0, id="negative light"),
    ],
)
def test_vectors(light: float, warmth: float, step: timedelta, wh: float) -> None:
    """Worked by hand, 9 kW."""
    assert produced(weather([light], warmth, step)) == [pytest.approx(wh, abs=0.01)]


# Plants and sites


def test_plants_under_one_sky_are_one_site() -> None:
    """A few hundred metres and degrees make no other weather."""
    near = plant(latitude_deg=46.553, longitude_deg=1.162, tilt_deg=31, azimuth_deg=-2)
    assert sites([plant(), near], DAY) == (Site(46.56, 1.16, 30, 0, 6.0),)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"latitude_deg": 46.65}, id="place"),
        pytest.param({"tilt_deg": 60.0}, id="tilt"),
        pytest.param({"azimuth_deg": -90.0}, id="azimuth"),
    ],
)
def test_other_sky_is_another_site(other: dict[str, float]) -> None:
    """In the order of the plants."""
    first, second = sites([plant(), plant(**other, peak_power_kw=5.0)], DAY)
    assert (first.peak_power_kw, second.peak_power_kw) == (3.0, 5.0)


@pytest.mark.parametrize(
    ("fields", "orientation"),
    [
        pytest.param({"tilt_deg": None, "azimuth_deg": None}, (30, 0), id="not told"),
        pytest.param({"tilt_deg": None, "azimuth_deg": 90.0}, (30, 90), id="half told"),
        pytest.param({"tilt_deg": 0.0, "azimuth_deg": 90.0}, (0, 0), id="flat"),
        pytest.param({"azimuth_deg": -180.0}, (30, 180), id="north"),
        pytest.param({"azimuth_deg": 179.0}, (30, 180), id="north too"),
    ],
)
def test_orientation(
    fields: dict[str, float | None], orientation: tuple[float, float]
) -> None:
    """Defaults where none is told, one name for what is the same."""
    (site,) = sites([plant(**fields)], DAY)
    assert (site.tilt_deg, site.azimuth_deg) == orientation


WITHOUT_SUN = [
    pytest.param({"kind": PlantKind.HYDRO}, id="hydro"),
    pytest.param({"latitude_deg": None}, id="no latitude"),
    pytest.param({"longitude_deg": None}, id="no longitude"),
]


@pytest.mark.parametrize("fields", WITHOUT_SUN)
def test_plant_that_is_not_modelled_is_told(fields: dict[str, object]) -> None:
    """Part of the production is then missing, and who uses the model knows which."""
    odd = plant(**fields)
    assert sites([odd], DAY) == ()
    assert not_modelled([odd, plant()], DAY) == (odd,)


def test_plant_not_in_force_gives_nothing() -> None:
    """Neither as a site nor as missing."""
    later = plant(validity=Validity(date(2026, 7, 1)))
    pending = plant(kind=PlantKind.WIND, validity=Validity(DAY, pending=True))
    assert sites([later, pending], DAY) == ()
    assert not_modelled([later, pending], DAY) == ()


@given(
    st.lists(
        st.tuples(st.floats(-60, 60), st.floats(-180, 180), st.floats(0.1, 100)),
        max_size=8,
    )
)
def test_no_power_is_lost_in_grouping(plants: list[tuple[float, float, float]]) -> None:
    """All that is in force and has a place."""
    given_plants = [
        plant(latitude_deg=lat, longitude_deg=lon, peak_power_kw=kw)
        for lat, lon, kw in plants
    ]
    assert sum(s.peak_power_kw for s in sites(given_plants, DAY)) == pytest.approx(
        sum(kw for *_, kw in plants)
    )


# All sites together

SITE = Site(46.56, 1.16, 30, 0, 9.0)
GRID = Grid(START, 2 * QUARTER, 2)


def test_sites_add_up_on_the_grid() -> None:
    """Quarters of an hour become settlement steps."""
    sky = weather([400.0] * 4)
    one = sum(produced(sky)[:2])
    both = sites_production(
        GRID, [(SITE, [sky]), (replace(SITE, peak_power_kw=18), [sky])]
    )
    assert both.tolist() == [pytest.approx(3 * one)] * 2


def test_hole_at_one_site_is_a_hole_of_all() -> None:
    """A sum without a part would pass for the whole."""
    holed = weather([400.0, 400.0, NAN, 400.0])
    found = sites_production(GRID, [(SITE, [weather([400.0] * 4)]), (SITE, [holed])])
    assert np.isnan(found).tolist() == [False, True]


def test_without_sites_nothing_is_known() -> None:
    """Nothing is not zero."""
    assert np.isnan(sites_production(GRID, [])).all()


# What a satellite saw


def test_light_that_was_seen_replaces_the_forecast() -> None:
    """Ten-minute means on quarters of an hour; the forecast where nothing was seen."""
    forecast = weather([100.0, 100.0, 100.0, 100.0], [10.0, 11.0, 12.0, 13.0])
    seen = weather([300.0, 600.0, 300.0, NAN], NAN, timedelta(minutes=10))
    found = with_observed(forecast, seen)
    assert found.irradiance_w_m2.tolist() == pytest.approx([400, 400, 100, 100])
    assert found.temperature_c.tolist() == [10, 11, 12, 13]


def test_what_was_seen_fills_a_hole() -> None:
    """The satellite may know what the forecast does not."""
    found = with_observed(weather([NAN, NAN]), weather([250.0]))
    assert found.irradiance_w_m2.tolist() == pytest.approx([250, NAN], nan_ok=True)


# One hour after the other


def later(n_steps: int, light: list[float], step: timedelta = QUARTER) -> Weather:
    """A weather that starts so many quarters after START."""
    return replace(weather(light, step=step), start=START + n_steps * QUARTER)


def test_what_was_known_of_the_past_stays() -> None:
    """The fresh weather counts wherever it says anything."""
    before = weather([1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0])
    found = continued(before, later(2, [30.0, 40.0, 50.0]), START)
    assert found.start == START
    assert found.irradiance_w_m2.tolist() == [1, 2, 30, 40, 50]
    assert found.temperature_c.tolist() == [5, 6, 15, 15, 15]
    assert found.end == START + 5 * QUARTER


@pytest.mark.parametrize(
    ("since", "light"),
    [
        pytest.param(-8, [1, 2, 30], id="long ago"),
        pytest.param(1, [2, 30], id="from a step on"),
        pytest.param(0.5, [2, 30], id="within a step"),
        pytest.param(2, [30], id="from the fresh one on"),
        pytest.param(9, [30], id="after all"),
    ],
)
def test_what_is_too_long_ago_is_forgotten(since: float, light: list[float]) -> None:
    """Or a year of quarters would be carried along; the fresh one is never cut."""
    found = continued(weather([1, 2, 3]), later(2, [30]), START + since * QUARTER)
    assert found.irradiance_w_m2.tolist() == light
    assert found.end == START + 3 * QUARTER


@pytest.mark.parametrize(
    "fresh",
    [
        pytest.param(later(5, [30.0]), id="a gap between"),
        pytest.param(later(-1, [30.0] * 9), id="from before"),
        pytest.param(later(2, [30.0], QUARTER / 3), id="other steps"),
        pytest.param(later(2, [30.0, 40.0], 2 * QUARTER), id="longer steps"),
        pytest.param(replace(later(2, [30.0]), start=START + QUARTER / 2), id="beside"),
    ],
)
def test_weathers_that_do_not_meet(fresh: Weather) -> None:
    """The fresh one alone is better than one with a tear."""
    assert continued(weather([1.0, 2.0, 3.0, 4.0]), fresh, START) is fresh


@given(st.integers(0, 12), st.integers(0, 12), st.integers(-5, 30))
def test_continued_in_steps_or_at_once_is_the_same(n: int, m: int, since: int) -> None:
    """Each step is that of the latest weather that told it."""
    n, m = sorted((n, m))
    first, second, third = (
        weather([1.0] * 12),
        later(n, [2.0] * 12),
        later(m, [3.0] * 12),
    )
    found = continued(continued(first, second, START), third, START + since * QUARTER)
    told = [1] * n + [2] * (m - n) + [3] * 12
    assert found.irradiance_w_m2.tolist() == told[min(max(since, 0), m) :]
