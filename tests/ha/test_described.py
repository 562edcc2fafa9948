"""An operation described by hand: asked, refused where wrong, and all that comes of it."""

from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.json import ExtendedJSONEncoder
import numpy as np
import pytest

from custom_components.autoconsommation_collective.adapters.described import described
from custom_components.autoconsommation_collective.adapters.store import Stores
from custom_components.autoconsommation_collective.const import (
    CONF_LEFT_ON,
    CONF_OPERATION,
)
from custom_components.autoconsommation_collective.coordinator import (
    SettlementCoordinator,
)
from custom_components.autoconsommation_collective.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    Quantity,
    stored_block,
)
from custom_components.autoconsommation_collective.engine.claim import USUAL_NEED_WH
from custom_components.autoconsommation_collective.engine.model import (
    Coefficient,
    Counts,
    Key,
    KeyType,
    Operation,
    Plant,
    PlantKind,
    Price,
    PriceModel,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.outlook import Degraded
from custom_components.autoconsommation_collective.engine.solar import (
    EFFICIENCY,
    HEATING_K_M2_PER_W,
    POWER_PER_K,
)

from .feed import NAME, PARIS, Organiser
from .flows import (
    answer,
    assert_done,
    at_option,
    begin,
    choose,
    finished,
    named,
    suggested,
)
from .house import (
    BASE_CONTRACT,
    KEY,
    NOW,
    PRM,
    Linky,
    coordinator,
    live,
    member_entry,
    set_up,
    settle_down,
    shown,
    value,
)
from .village import OPERATION, PLACE, PLANT, TYPED_PLANT, Sky, under

pytestmark = pytest.mark.freeze_time(NOW)

SINCE = Validity(date(2026, 1, 1))


@pytest.fixture
async def sky(
    socket_enabled: None, hass: HomeAssistant, disk: Path
) -> AsyncGenerator[Sky]:
    """The weather, and a house in the village."""
    await hass.config.async_set_time_zone(PARIS.key)
    async with under(NOW) as sky:
        yield sky


# At set-up


async def test_described_at_set_up(hass: HomeAssistant, sky: Sky) -> None:
    """The operation and its first plant, then as for everybody; it counts at once."""
    hass.config.latitude, hass.config.longitude = 46.5, 1.6
    result = await named(hass, await begin(hass, "no_feed"))
    assert result["menu_options"] == ["operation", "delivery_point"]
    result = await choose(hass, result, "operation")
    result = await answer(hass, result, OPERATION)
    assert result["step_id"] == "plant"
    assert suggested(result) == {"place": {"latitude": 46.5, "longitude": 1.6}}
    result = await answer(hass, result, TYPED_PLANT)
    result = await answer(hass, result, {"delivery_point": PRM})
    result = await answer(hass, result, {})
    entry = await finished(hass, await choose(hass, result, "finish"))
    assert entry.options[CONF_OPERATION] == OPERATION
    (plant,) = entry.subentries.values()
    assert (plant.title, plant.subentry_type) == (PLANT["title"], "plant")
    assert plant.data == PLANT["data"]
    assert value(hass, "estimated_community_production") > 0
    assert sky.asked[0]["latitude"] == "46.56"


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        pytest.param({"coefficient_percent": None}, {"coefficient_percent": "coefficient_missing"}, id="no coefficient"),
        pytest.param({"coefficient_percent": 101}, {"coefficient_percent": "coefficient_not_percent"}, id="more than all"),
        pytest.param({"coefficient_percent": -1}, {"coefficient_percent": "coefficient_not_percent"}, id="less than nothing"),
        pytest.param({"members": 0}, {"members": "members_too_few"}, id="nobody"),
        pytest.param({"price_model": "sale"}, {"price_allocated": "price_missing"}, id="sold for nothing"),
        pytest.param({"price_allocated": -0.1}, {"price_allocated": "price_negative"}, id="negative price"),
        pytest.param({"price_allocated": 12}, {"price_allocated": "price_in_cents"}, id="in cents"),
        pytest.param({"members": 0, "price_allocated": 12}, {"members": "members_too_few", "price_allocated": "price_in_cents"}, id="two at once"),
    ],
)  # fmt: skip
async def test_wrong_operation(
    hass: HomeAssistant, disk: Path, wrong: dict[str, Any], errors: dict[str, str]
) -> None:
    """Each reason is told; what was typed stays, and the right answers are accepted."""
    result = await named(hass, await begin(hass, "no_feed"))
    result = await choose(hass, result, "operation")
    typed = {k: v for k, v in (OPERATION | wrong).items() if v is not None}
    result = await answer(hass, result, typed)
    assert result["errors"] == errors
    assert suggested(result) == typed
    result = await answer(hass, result, OPERATION)
    assert result["step_id"] == "plant"


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"key": "default_dynamic", "coefficient_percent": None}, id="no coefficient needed"),
        pytest.param({"key": "other", "coefficient_percent": 0, "members": 1}, id="the least"),
        pytest.param({"price_model": "prepaid", "price_allocated": 0.08}, id="bought"),
        pytest.param({"coefficient_percent": 100, "price_allocated": 2, "members": 5000}, id="the most"),
    ],
)  # fmt: skip
async def test_other_operations(
    hass: HomeAssistant, disk: Path, other: dict[str, Any]
) -> None:
    """All that may be so is accepted."""
    result = await named(hass, await begin(hass, "no_feed"))
    result = await choose(hass, result, "operation")
    typed = {k: v for k, v in (OPERATION | other).items() if v is not None}
    result = await answer(hass, result, typed)
    assert result["step_id"] == "plant"


@pytest.mark.parametrize(
    ("wrong", "errors"),
    [
        pytest.param({"peak_power_kw": 0}, {"peak_power_kw": "power_not_positive"}, id="no power"),
        pytest.param({"peak_power_kw": 36_000}, {"peak_power_kw": "power_in_watts"}, id="in watts"),
        pytest.param({"tilt_deg": 91}, {"tilt_deg": "tilt_out_of_range"}, id="beyond upright"),
        pytest.param({"tilt_deg": -1}, {"tilt_deg": "tilt_out_of_range"}, id="overhanging"),
        pytest.param({"bearing_deg": 361}, {"bearing_deg": "bearing_out_of_range"}, id="no bearing"),
        pytest.param({"bearing_deg": -90}, {"bearing_deg": "bearing_out_of_range"}, id="counted from south"),
    ],
)  # fmt: skip
async def test_wrong_first_plant(
    hass: HomeAssistant, disk: Path, wrong: dict[str, Any], errors: dict[str, str]
) -> None:
    """Each reason is told, and the right answers are accepted."""
    result = await named(hass, await begin(hass, "no_feed"))
    result = await answer(hass, await choose(hass, result, "operation"), OPERATION)
    result = await answer(hass, result, TYPED_PLANT | wrong)
    assert result["errors"] == errors
    assert suggested(result) == TYPED_PLANT | wrong
    result = await answer(hass, result, TYPED_PLANT)
    assert result["step_id"] == "delivery_point"


# In the options


async def test_described_later(hass: HomeAssistant, sky: Sky) -> None:
    """It goes into force at once, is shown again, and leaves the rest as it was."""
    entry = member_entry(options=BASE_CONTRACT | {CONF_LEFT_ON: "2030-12-31"})
    await set_up(hass, entry)
    assert shown(hass, "estimate_status").state == "no_feed"
    configure = hass.config_entries.options.async_configure
    result = await at_option(hass, entry, "operation")
    assert suggested(result) == {}
    result = await configure(result["flow_id"], OPERATION | {"members": 0})
    assert result["errors"] == {"members": "members_too_few"}
    result = await configure(result["flow_id"], OPERATION)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    await settle_down(hass)
    assert entry.options == BASE_CONTRACT | {
        CONF_LEFT_ON: "2030-12-31",
        CONF_OPERATION: OPERATION,
    }
    assert shown(hass, "estimate_status").state == "no_forecast"
    assert suggested(await at_option(hass, entry, "operation")) == OPERATION


async def test_a_feed_takes_its_place(
    hass: HomeAssistant, organiser: Organiser
) -> None:
    """What was described is neither used nor asked any more, even before the first answer."""
    entry = member_entry(
        organiser, options={CONF_OPERATION: OPERATION}, plants=(PLANT,)
    )
    unasked = SettlementCoordinator(hass, entry, KEY, Stores(hass, KEY))
    await unasked.async_load()
    assert unasked.data.operation is None
    await set_up(hass, entry)
    operation = coordinator(entry).data.operation
    assert operation is not None
    assert (operation.keys[0].type, operation.plants) == (KeyType.DEFAULT_DYNAMIC, ())
    result = await hass.config_entries.options.async_init(entry.entry_id)
    assert result["menu_options"] == [
        "import_file",
        "import_hand",
        "import_folder",
        "acc_api",
        "contract",
        "refunds",
        "power",
        "membership",
        "energy",
    ]
    assert set(entry.supported_subentry_types) == {"load"}


async def test_no_organiser_lists_producers(hass: HomeAssistant, disk: Path) -> None:
    """Who described the operation may leave the export index out without being asked why."""
    linky = Linky(hass)
    injected = Linky(hass, "EAIT")
    entry = member_entry(
        imports=(linky.ref,),
        exports=(injected.ref,),
        options={CONF_OPERATION: OPERATION},
    )
    await set_up(hass, entry)
    assert coordinator(entry).shape.produces
    result = await entry.start_reconfigure_flow(hass)
    result = await choose(hass, result, "meter")
    result = await answer(hass, result, {"import_indexes": [linky.entity_id]})
    assert_done(result, "reconfigure_successful")
    assert not coordinator(entry).shape.produces


# What the engine makes of it


def test_nothing_described() -> None:
    """Then nothing is known."""
    assert described(member_entry(), PARIS.key) is None


def test_what_the_engine_makes_of_it() -> None:
    """The same nouns as from an organiser."""
    told = OPERATION | {"members": 7, "price_model": "sale", "price_allocated": 0.08}
    found = described(
        member_entry(
            options={CONF_OPERATION: told},
            plants=(PLANT,),
            exports=("sensor.injected",),
        ),
        PARIS.key,
    )
    assert found is not None
    assert found.operation == Operation(
        id=None,
        name=NAME,
        time_zone=PARIS.key,
        step=timedelta(minutes=30),
        keys=(Key(KeyType.STATIC, SINCE),),
        prices=(Price(PriceModel.SALE, 0.08, SINCE),),
        plants=(
            Plant(
                kind=PlantKind.SOLAR,
                peak_power_kw=36.0,
                commune="Toit de l'école",
                validity=SINCE,
                latitude_deg=PLACE["latitude"],
                longitude_deg=PLACE["longitude"],
                tilt_deg=30.0,
                azimuth_deg=0.0,
            ),
        ),
    )
    assert found.member.role is Role.PROSUMER
    assert found.member.membership == (SINCE,)
    assert found.member.coefficients == (Coefficient(0.1, SINCE),)
    assert found.aggregates is not None
    assert found.aggregates.counts == (Counts(7, 0, 1, SINCE),)


@pytest.mark.parametrize(
    ("told", "azimuth"),
    [
        pytest.param({"facing": "north"}, -180, id="north"),
        pytest.param({"facing": "east"}, -90, id="east"),
        pytest.param({"facing": "south_west"}, 45, id="south-west"),
        pytest.param({"facing": "north_west"}, 135, id="north-west"),
        pytest.param({"facing": "south", "bearing_deg": 200.0}, 20, id="exactly"),
        pytest.param({"facing": "south", "bearing_deg": 0.0}, -180, id="exactly north"),
        pytest.param({"facing": "south", "bearing_deg": 360.0}, -180, id="north again"),
    ],
)
def test_compass(told: dict[str, Any], azimuth: float) -> None:
    """From the compass to the engine's angle; degrees win over the word."""
    plant: Any = PLANT | {"data": {**PLANT["data"], **told, "since": "2026-05-01"}}
    found = described(member_entry(plants=(plant,)), PARIS.key)
    assert found is not None
    (made,) = found.operation.plants
    assert made.azimuth_deg == azimuth
    assert made.validity == Validity(date(2026, 5, 1))


def test_plants_alone_tell_no_key() -> None:
    """What is produced, and not how it is shared."""
    found = described(member_entry(plants=(PLANT,)), PARIS.key)
    assert found is not None
    assert (found.operation.keys, found.operation.prices) == ((), ())
    assert found.aggregates is None
    assert found.member.role is Role.CONSUMER
    assert found.member.coefficients == ()


# From that alone


async def keep_habits(hass: HomeAssistant, wh: float) -> None:
    """Three weeks in which each half hour drew that much."""
    step = timedelta(minutes=30)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    drawn = np.full((NOW - start) // step, wh)
    energies = {Quantity.CONSUMPTION: drawn, Quantity.ESTIMATED_ALLOCATED: 0 * drawn}
    month = {
        "directions": {"import": [stored_block(Block(start, step, energies))]},
        "meters": {},
    }
    await Stores(hass, KEY).async_save("slots.2026-11", month)


PRODUCTION_W = (
    36_000 * 0.5 * EFFICIENCY * (1 + POWER_PER_K * (10 + HEATING_K_M2_PER_W * 500 - 25))
)
"""Of 36 kWp in half of the standard light at 10 °C."""


async def test_forecast_estimate_and_signal(
    hass: HomeAssistant, sky: Sky, freezer: FrozenDateTimeFactory
) -> None:
    """A tenth of what the weather gives, as far as the home draws it; then what to plan for."""
    await keep_habits(hass, 100)
    linky = Linky(hass)
    options = BASE_CONTRACT | {CONF_OPERATION: OPERATION}
    entry = member_entry(imports=(linky.ref,), options=options, plants=(PLANT,))
    await set_up(hass, entry)
    production = value(hass, "estimated_community_production")
    assert production == pytest.approx(PRODUCTION_W, rel=1e-3)

    # 600 W are less than a tenth of it, 3 kW are more.
    await live(hass, freezer, linky, NOW + timedelta(minutes=20), 50)
    assert shown(hass, "estimate_status").state == "estimated"
    assert value(hass, "estimated_allocated_power") == pytest.approx(600, rel=0.01)
    await live(hass, freezer, linky, NOW + timedelta(minutes=50), 250)
    assert value(hass, "estimated_allocated_power") == pytest.approx(
        PRODUCTION_W / 10, rel=1e-3
    )

    # A kWh costs what the grid asks, as long as the sun gives it.
    assert value(hass, "price_now") == pytest.approx(0.058, abs=1e-3)
    outlook = entry.runtime_data.outlook.data
    tomorrow = slice(48, 96)
    usual = outlook.allocated.mean[tomorrow]
    assert usual.sum() == pytest.approx(12 * 100, rel=0.02)
    claim = outlook.claim_wh[tomorrow]
    assert claim.sum() == pytest.approx(USUAL_NEED_WH)
    assert (claim <= PRODUCTION_W / 10 / 2 - 100 + 1).all()
    # Nothing was ever settled to vouch for it: the signal says so, and promises nothing.
    state = shown(hass, "good_time", "binary_sensor")
    assert (state.state, state.attributes["reason_key"]) == ("off", "not_sure_yet")
    assert outlook.windows == ()
    assert outlook.degraded == {Degraded.NO_SETTLED}


async def test_estimate_without_a_fixed_share(
    hass: HomeAssistant, sky: Sky, freezer: FrozenDateTimeFactory
) -> None:
    """As if all twenty drew what this home usually does, which is told to be a guess."""
    await keep_habits(hass, 500)
    linky = Linky(hass)
    told = OPERATION | {"key": "default_dynamic", "members": 20.0}
    options = BASE_CONTRACT | {CONF_OPERATION: told}
    entry = member_entry(imports=(linky.ref,), options=options, plants=(PLANT,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=20), 50)
    assert value(hass, "estimated_coverage") == pytest.approx(
        100 * PRODUCTION_W / 20_000, rel=1e-3
    )
    assert value(hass, "estimated_community_surplus") == 0
    # What is ahead is reckoned alike, less what a guess may be off beyond all that is drawn;
    # that it is one is said, and nothing is called good.
    outlook = entry.runtime_data.outlook.data
    noon = 48 + 24
    assert 0.6 < outlook.coverage.mean[noon] < PRODUCTION_W / 20_000
    assert outlook.coverage.high[noon] == 1
    assert outlook.allocated.mean[noon] == pytest.approx(
        500 * outlook.coverage.mean[noon], rel=0.02
    )
    assert outlook.surplus_wh[noon] == 0
    assert outlook.degraded >= {Degraded.NO_WITHDRAWAL, Degraded.NO_SETTLED}
    assert outlook.windows == ()


@pytest.mark.parametrize(
    ("told", "status"),
    [
        pytest.param({"key": "default_dynamic"}, "no_withdrawal", id="members unknown"),
        pytest.param({"key": "default_dynamic", "members": 3.0}, "no_withdrawal", id="nobody's habits known"),
        pytest.param({"key": "other"}, "key_unknown", id="another key"),
        pytest.param({"since": "2027-01-01"}, "not_member", id="not a member yet"),
    ],
)  # fmt: skip
async def test_what_cannot_be_estimated(
    hass: HomeAssistant,
    sky: Sky,
    freezer: FrozenDateTimeFactory,
    told: dict[str, Any],
    status: str,
) -> None:
    """The reason is told; what the plants give is shown all the same, but to no member yet."""
    linky = Linky(hass)
    plant: Any = PLANT | {"data": {**PLANT["data"], "since": "2026-01-01"}}
    options = BASE_CONTRACT | {CONF_OPERATION: OPERATION | told}
    entry = member_entry(imports=(linky.ref,), options=options, plants=(plant,))
    await set_up(hass, entry)
    await live(hass, freezer, linky, NOW + timedelta(minutes=10), 50)
    assert shown(hass, "estimate_status").state == status
    production = value(hass, "estimated_community_production")
    assert production == pytest.approx(PRODUCTION_W, rel=1e-3)


async def test_without_weather(hass: HomeAssistant, sky: Sky) -> None:
    """It is the forecast that is missing, not the organiser."""
    sky.is_out = True
    entry = member_entry(options={CONF_OPERATION: OPERATION}, plants=(PLANT,))
    await set_up(hass, entry)
    assert shown(hass, "estimate_status").state == "no_forecast"
    assert shown(hass, "estimated_community_production").state == "unknown"


async def test_nobody_is_told_where_the_plants_are(
    hass: HomeAssistant, sky: Sky
) -> None:
    """In diagnostics, which strangers read."""
    entry = member_entry(options={CONF_OPERATION: OPERATION}, plants=(PLANT,))
    await set_up(hass, entry)
    told = await async_get_config_entry_diagnostics(hass, entry)
    text = json.dumps(told, cls=ExtendedJSONEncoder)
    assert "peak_power_kw" in text
    for secret in ("46.56", "1.63", "école", "\\u00e9cole", NAME):
        assert secret not in text
