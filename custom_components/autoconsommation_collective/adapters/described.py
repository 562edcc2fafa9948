"""An operation as a member described it: as it is asked for, as it is kept, as the engine uses it.

For one whose organiser publishes nothing yet; a feed takes the place of all of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.const import CONF_LATITUDE, CONF_LONGITUDE, CONF_NAME
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import (
    CONF_ACC_PRICE,
    CONF_BEARING,
    CONF_COEFFICIENT,
    CONF_EXPORT,
    CONF_FACING,
    CONF_KEY,
    CONF_MEMBERS,
    CONF_OPERATION,
    CONF_OPERATION_NAME,
    CONF_PEAK_POWER,
    CONF_PLACE,
    CONF_PRICE_MODEL,
    CONF_SINCE,
    CONF_STEP,
    CONF_TILT,
    DEFAULT_STEP,
    SUBENTRY_PLANT,
)
from ..engine.blocks import MINUTE
from ..engine.model import (
    Aggregates,
    Coefficient,
    Counts,
    Key,
    KeyType,
    Member,
    Operation,
    Plant,
    PlantKind,
    Price,
    PriceModel,
    Role,
    Validity,
)
from ..engine.solar import DEFAULT_TILT_DEG
from .contract import DEAREST_KWH

COMPASS = {
    "north": 0.0,
    "north_east": 45.0,
    "east": 90.0,
    "south_east": 135.0,
    "south": 180.0,
    "south_west": 225.0,
    "west": 270.0,
    "north_west": 315.0,
}
"""Bearings in degrees, as a compass shows them."""

PLACE_DECIMALS = 2
"""Of degrees, about a kilometre: the sky is the same, and no roof is named."""

MOST_KW = 10_000.0
"""What the plants of the largest operations must stay below together, those of public bodies in
one EPCI: above it the power was typed in watts."""

COUNT = selector.NumberSelector(
    selector.NumberSelectorConfig(step=1, mode=selector.NumberSelectorMode.BOX)
)
DATE = selector.DateSelector()


def _number(unit: str) -> selector.NumberSelector:
    """A number in a box; its limits are checked below, so that the reason can be told."""
    return selector.NumberSelector(
        selector.NumberSelectorConfig(
            step="any",
            unit_of_measurement=unit,
            mode=selector.NumberSelectorMode.BOX,
        )
    )


def _choice(
    options: list[str],
    translation_key: str,
    mode: selector.SelectSelectorMode = selector.SelectSelectorMode.LIST,
) -> selector.SelectSelector:
    return selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=options, translation_key=translation_key, mode=mode
        )
    )


OPERATION_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_KEY, default=KeyType.DEFAULT_DYNAMIC.value): _choice(
            [KeyType.DEFAULT_DYNAMIC.value, KeyType.STATIC.value, KeyType.OTHER.value],
            "described_key",
        ),
        vol.Optional(CONF_COEFFICIENT): _number("%"),
        vol.Optional(CONF_MEMBERS): COUNT,
        vol.Required(CONF_PRICE_MODEL): _choice(
            [model.value for model in PriceModel], "price_model"
        ),
        vol.Optional(CONF_ACC_PRICE): _number("€/kWh"),
        vol.Required(CONF_STEP, default=str(DEFAULT_STEP // MINUTE)): _choice(
            ["15", "30", "60"], "step_minutes", selector.SelectSelectorMode.DROPDOWN
        ),
        vol.Required(CONF_SINCE): DATE,
    }
)
PLANT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_NAME): selector.TextSelector(),
        vol.Required(CONF_PLACE): selector.LocationSelector(),
        vol.Required(CONF_PEAK_POWER): _number("kWp"),
        vol.Required(CONF_TILT, default=DEFAULT_TILT_DEG): _number("°"),
        vol.Required(CONF_FACING, default="south"): _choice(
            [*COMPASS], "facing", selector.SelectSelectorMode.DROPDOWN
        ),
        vol.Optional(CONF_BEARING): _number("°"),
        vol.Optional(CONF_SINCE): DATE,
    }
)


@dataclass(frozen=True, slots=True)
class Described:
    """What the member's description stands in for of all that an organiser tells."""

    operation: Operation
    member: Member
    aggregates: Aggregates | None
    """None where the number of members is not known."""


def operation_errors(told: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a description of the operation, by field."""
    errors: dict[str, str] = {}
    coefficient = told.get(CONF_COEFFICIENT)
    if coefficient is None:
        if told[CONF_KEY] == KeyType.STATIC:
            errors[CONF_COEFFICIENT] = "coefficient_missing"
    elif not 0 <= coefficient <= 100:
        errors[CONF_COEFFICIENT] = "coefficient_not_percent"
    if told.get(CONF_MEMBERS, 1) < 1:
        errors[CONF_MEMBERS] = "members_too_few"
    return errors | price_errors(told)


def price_errors(told: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with the price of an allocated kWh, by field."""
    errors: dict[str, str] = {}
    price = told.get(CONF_ACC_PRICE)
    if price is None:
        if told[CONF_PRICE_MODEL] != PriceModel.GIFT:
            errors[CONF_ACC_PRICE] = "price_missing"
    elif price < 0:
        errors[CONF_ACC_PRICE] = "price_negative"
    elif price > DEAREST_KWH:
        errors[CONF_ACC_PRICE] = "price_in_cents"
    return errors


def plant_errors(told: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a description of a plant, by field."""
    errors: dict[str, str] = {}
    power = told[CONF_PEAK_POWER]
    if power <= 0:
        errors[CONF_PEAK_POWER] = "power_not_positive"
    elif power > MOST_KW:
        errors[CONF_PEAK_POWER] = "power_in_watts"
    if not 0 <= told[CONF_TILT] <= 90:
        errors[CONF_TILT] = "tilt_out_of_range"
    if not 0 <= told.get(CONF_BEARING, 0) <= 360:
        errors[CONF_BEARING] = "bearing_out_of_range"
    return errors


def plant_subentry(told: Mapping[str, Any]) -> ConfigSubentryData:
    """A plant as it is kept: by its name, the place only to a kilometre."""
    place = {
        axis: round(told[CONF_PLACE][axis], PLACE_DECIMALS)
        for axis in (CONF_LATITUDE, CONF_LONGITUDE)
    }
    return ConfigSubentryData(
        data={k: v for k, v in told.items() if k != CONF_NAME} | {CONF_PLACE: place},
        subentry_type=SUBENTRY_PLANT,
        title=told[CONF_NAME],
        unique_id=None,
    )


def described(entry: ConfigEntry, time_zone: str) -> Described | None:
    """The operation that entry.options and the plants' subentries describe; None without.

    Who has an export index injects for the operation. Plants alone tell what is produced, and
    not how it is shared.
    """
    told = entry.options.get(CONF_OPERATION, {})
    since = _validity(told)
    plants = tuple(
        _plant(subentry.title, subentry.data, since)
        for subentry in entry.get_subentries_of_type(SUBENTRY_PLANT)
    )
    if not told and not plants:
        return None
    coefficient = told.get(CONF_COEFFICIENT)
    return Described(
        Operation(
            id=None,
            name=entry.data[CONF_OPERATION_NAME],
            time_zone=time_zone,
            step=int(told[CONF_STEP]) * MINUTE if told else DEFAULT_STEP,
            keys=(Key(KeyType(told[CONF_KEY]), since),) if told else (),
            prices=(_price(told, since),) if told else (),
            plants=plants,
        ),
        Member(
            role=Role.PROSUMER if entry.data.get(CONF_EXPORT) else Role.CONSUMER,
            membership=(since,),
            coefficients=()
            if coefficient is None
            else (Coefficient(coefficient / 100, since),),
            months=(),
        ),
        _counts(told, len(plants), since),
    )


def _price(told: Mapping[str, Any], since: Validity) -> Price:
    model = PriceModel(told[CONF_PRICE_MODEL])
    return Price(model, told.get(CONF_ACC_PRICE, 0.0), since)


def _counts(
    told: Mapping[str, Any], n_plants: int, since: Validity
) -> Aggregates | None:
    """The numbers of those who take part; whose the plants are is not asked."""
    if CONF_MEMBERS not in told:
        return None
    counts = Counts(
        members=int(told[CONF_MEMBERS]),
        household_producers=0,
        non_household_plants=n_plants,
        validity=since,
    )
    return Aggregates(counts=(counts,), months=())


def _plant(name: str, told: Mapping[str, Any], operation_since: Validity) -> Plant:
    """A plant whose first day was not told is as old as the operation."""
    bearing = told.get(CONF_BEARING, COMPASS[told[CONF_FACING]])
    return Plant(
        kind=PlantKind.SOLAR,
        peak_power_kw=told[CONF_PEAK_POWER],
        commune=name,
        validity=_validity(told) if CONF_SINCE in told else operation_since,
        latitude_deg=told[CONF_PLACE][CONF_LATITUDE],
        longitude_deg=told[CONF_PLACE][CONF_LONGITUDE],
        tilt_deg=told[CONF_TILT],
        azimuth_deg=(bearing - COMPASS["south"] + 180) % 360 - 180,
    )


def _validity(told: Mapping[str, Any]) -> Validity:
    """From the day that was told; always, where none was."""
    since = told.get(CONF_SINCE)
    return Validity(date.fromisoformat(since) if since else date.min)
