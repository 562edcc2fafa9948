"""What the reader makes of good documents, value by value."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    Aggregates,
    Coefficient,
    Counts,
    FlexibleNeed,
    ForecastError,
    Key,
    KeyType,
    Member,
    MonthReference,
    Operation,
    Plant,
    PlantKind,
    Price,
    PriceModel,
    Quality,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.pmo.pages import Forecast

from .conftest import corpus, read

GOOD = corpus("good")
THIS_YEAR = Validity(date(2026, 1, 1))
OCTOBER = MonthReference("2026-10", 2, Quality.SETTLED)


def page(name: str) -> MonthPage:
    """A month page of the corpus."""
    document = read(name, GOOD[name])
    assert isinstance(document, MonthPage)
    return document


def test_operation() -> None:
    """Each field arrives where it belongs."""
    assert read("operation", GOOD["operation.village"]) == Operation(
        id="ACC00000123",
        name="Indre solaire",
        time_zone="Europe/Paris",
        step=timedelta(minutes=30),
        keys=(Key(KeyType.DEFAULT_DYNAMIC, THIS_YEAR),),
        prices=(Price(PriceModel.GIFT, 0.0, THIS_YEAR),),
        plants=(
            Plant(
                kind=PlantKind.SOLAR,
                peak_power_kw=19.0,
                commune="Issoudun",
                validity=THIS_YEAR,
                latitude_deg=46.95,
                longitude_deg=1.99,
                tilt_deg=30,
                azimuth_deg=0,
                households=17,
            ),
        ),
    )


def test_keys_and_prices_keep_their_days() -> None:
    """In the order of the document, pending ones marked."""
    operation = read("operation", GOOD["operation.key_changed"])
    assert isinstance(operation, Operation)
    assert operation.keys == (
        Key(KeyType.STATIC, Validity(date(2026, 7, 1))),
        Key(KeyType.DEFAULT_DYNAMIC, Validity(date(2025, 1, 1), date(2026, 6, 30))),
        Key(KeyType.FULL_DYNAMIC, Validity(date(2026, 12, 1), pending=True)),
    )
    assert operation.prices == (
        Price(PriceModel.SALE, 0.12, Validity(date(2025, 1, 1), date(2025, 12, 31))),
        Price(PriceModel.PREPAID, 0.0, THIS_YEAR),
    )


def test_words_of_later_versions_are_kept_as_other() -> None:
    """A home need not be updated first."""
    operation = read("operation", GOOD["operation.from_the_future"])
    assert isinstance(operation, Operation)
    assert operation.id is None
    assert [key.type for key in operation.keys] == [KeyType.OTHER]
    assert [plant.kind for plant in operation.plants] == [PlantKind.OTHER]


def test_aggregates() -> None:
    """Counts and months."""
    november = MonthReference("2026-11", 1, Quality.PROVISIONAL)
    counts = Counts(30, 17, 0, THIS_YEAR)
    assert read("aggregates", GOOD["aggregates.village"]) == Aggregates(
        (counts,), (OCTOBER, november)
    )


@pytest.mark.parametrize(
    ("name", "followers"),
    [
        pytest.param("village", None, id="not told"),
        pytest.param("followers_null", None, id="null"),
        pytest.param("followers", 14, id="some of the members"),
        pytest.param("all_follow", 30, id="all of them"),
    ],
)
def test_followers(name: str, followers: int | None) -> None:
    """How many let their home steer; nobody has to tell."""
    aggregates = read("aggregates", GOOD[f"aggregates.{name}"])
    assert isinstance(aggregates, Aggregates)
    assert [counts.followers for counts in aggregates.counts] == [followers]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        pytest.param("consumer", None, id="not told"),
        pytest.param("place_null", None, id="null"),
        pytest.param("first_place", 0, id="the first"),
        pytest.param("static_key", 0.375, id="a later one"),
    ],
)
def test_place(name: str, place: float | None) -> None:
    """The first place is one, not none."""
    member = read("member", GOOD[f"member.{name}"])
    assert isinstance(member, Member)
    assert member.place == place


def test_member() -> None:
    """Role, days and coefficients."""
    assert read("member", GOOD["member.static_key"]) == Member(
        role=Role.PROSUMER,
        membership=(THIS_YEAR,),
        coefficients=(
            Coefficient(0.25, Validity(date(2026, 1, 1), date(2026, 6, 30))),
            Coefficient(0.0, Validity(date(2026, 7, 1))),
            Coefficient(0.5, Validity(date(2026, 12, 1), pending=True)),
        ),
        months=(OCTOBER,),
        place=0.375,
    )


def test_forecast() -> None:
    """In UTC; a hole is NaN; the second quantity may lack."""
    forecast = read("forecast", GOOD["forecast.two_steps"])
    assert isinstance(forecast, Forecast)
    assert forecast.published_at == datetime(2026, 11, 20, 5, tzinfo=UTC)
    fine, coarse = forecast.blocks
    assert (fine.start, fine.end) == (
        datetime(2026, 11, 20, 5, 30, tzinfo=UTC),
        coarse.start,
    )
    np.testing.assert_array_equal(
        fine.energies[Quantity.SHARED_INJECTION], [0, 10, 250, np.nan, 900]
    )
    assert coarse.step == timedelta(hours=1)
    assert coarse.energies.keys() == {Quantity.SHARED_INJECTION}


def test_flexible_needs_and_errors() -> None:
    """Days come in order, whatever the document's; levels with their decimals."""
    forecast = read("forecast", GOOD["forecast.claim"])
    assert isinstance(forecast, Forecast)
    assert len(forecast.blocks) == 2
    assert forecast.flexible == (
        FlexibleNeed(date(2026, 11, 20), energy_wh=84000, homes=13),
        FlexibleNeed(date(2026, 11, 21), energy_wh=86500, homes=14),
    )
    assert forecast.errors == (
        ForecastError(above_w=0, mean_w=-40, deviation_w=650),
        ForecastError(above_w=2000, mean_w=-120.5, deviation_w=1400),
        ForecastError(above_w=4000.5, mean_w=90, deviation_w=0),
    )


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("two_steps", id="not told"),
        pytest.param("claim_null", id="null"),
        pytest.param("claim_empty", id="empty"),
    ],
)
def test_nobody_has_to_tell_needs_and_errors(name: str) -> None:
    """A forecast as organisers have published it so far."""
    forecast = read("forecast", GOOD[f"forecast.{name}"])
    assert isinstance(forecast, Forecast)
    assert len(forecast.blocks) == 2
    assert (forecast.flexible, forecast.errors) == ((), ())


@pytest.mark.parametrize("minutes", [15, 30, 60])
@pytest.mark.parametrize(
    ("name", "hours"),
    [
        pytest.param("2026-03.short_day", 23, id="summer time begins"),
        pytest.param("2026-10.long_day", 25, id="summer time ends"),
    ],
)
def test_day_of_a_clock_change(name: str, hours: int, minutes: int) -> None:
    """23 or 25 hours, whatever the step."""
    (block,) = page(f"member_month.{name}_{minutes}_min").blocks
    assert block.n_steps == hours * 60 // minutes
    assert block.end - block.start == timedelta(hours=hours)


def test_month_page() -> None:
    """Pairs of arrays, holes at the same steps."""
    read_page = page("member_month.2026-10.prosumer_with_hole")
    assert (read_page.month, read_page.revision) == ("2026-10", 1)
    assert read_page.quality is Quality.SETTLED
    both, production = read_page.blocks
    assert both.start == datetime(2026, 9, 30, 22, tzinfo=UTC)
    for quantity in (Quantity.CONSUMPTION, Quantity.ALLOCATED):
        assert np.flatnonzero(np.isnan(both.energies[quantity])).tolist() == [5]
    assert both.energies[Quantity.CONSUMPTION][:3].tolist() == [100, 137, 174]
    assert production.energies.keys() == {Quantity.PRODUCTION, Quantity.SURPLUS}


def test_step_may_change_at_midnight() -> None:
    """From one block to the next."""
    blocks = page("member_month.2026-10.step_changes_at_midnight").blocks
    assert [block.step for block in blocks] == [
        timedelta(minutes=30),
        timedelta(minutes=15),
    ]


def test_same_instant_reads_the_same_in_any_offset() -> None:
    """UTC does as well as local time."""
    (utc,) = page("member_month.2026-10.start_in_utc").blocks
    assert utc.start == datetime(2026, 9, 30, 22, tzinfo=UTC)
