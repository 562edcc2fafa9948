"""An operation as its organiser first describes it: what is asked, what is kept, what follows."""

from collections.abc import Mapping
from datetime import date
import re
from typing import Any, Final

from homeassistant.helpers import selector
import voluptuous as vol

from ..adapters.file_steps import ZONES
from ..const import (
    CONF_ACC_PRICE,
    CONF_AGREEMENT,
    CONF_KEY,
    CONF_OPERATION_NAME,
    CONF_PRICE_MODEL,
    CONF_SINCE,
    CONF_STEP,
    CONF_TIME_ZONE,
)
from ..engine.blocks import MINUTE
from ..engine.model import Price, PriceModel, Validity
from ..engine.roster import AgreedKey, Roster
from ..engine.study import THEN, Sharing

KEYS: Final = (
    *Sharing,
    f"{Sharing.EQUAL}{THEN}{Sharing.PRORATA}",
    f"{Sharing.STATIC}{THEN}{Sharing.PRORATA}",
)
"""Those an operation can agree on: Wallonia's and Brussels' rounds are the last ones."""


def choice(options: list[str], translation_key: str) -> selector.SelectSelector:
    """One of a list, by its name in the user's language."""
    return selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=options,
            translation_key=translation_key,
            mode=selector.SelectSelectorMode.DROPDOWN,
        )
    )


def number(unit: str, *, least: float | None = None) -> selector.NumberSelector:
    """A number in a box; what else is wrong with it is told in words."""
    config = selector.NumberSelectorConfig(
        step="any", mode=selector.NumberSelectorMode.BOX
    )
    if unit:
        config["unit_of_measurement"] = unit
    if least is not None:
        config["min"] = least
    return selector.NumberSelector(config)


KEY: Final = choice([*KEYS], "sharing")
PRICE_MODEL: Final = choice([model.value for model in PriceModel], "organised_price")
EUR_PER_KWH: Final = number("€/kWh")

STEP: Final = choice(["15", "30", "10", "60"], "organised_step")

ORGANISE_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_OPERATION_NAME): selector.TextSelector(),
        vol.Optional(CONF_AGREEMENT): selector.TextSelector(),
        vol.Required(CONF_SINCE): selector.DateSelector(),
        vol.Required(CONF_KEY, default=Sharing.PRORATA.value): KEY,
        vol.Required(CONF_PRICE_MODEL, default=PriceModel.GIFT.value): PRICE_MODEL,
        vol.Optional(CONF_ACC_PRICE): EUR_PER_KWH,
        vol.Required(CONF_STEP, default="15"): STEP,
        vol.Required(CONF_TIME_ZONE): selector.SelectSelector(
            selector.SelectSelectorConfig(
                options=[zone for zone in ZONES if "/" in zone and "Etc" not in zone],
                custom_value=True,
                mode=selector.SelectSelectorMode.DROPDOWN,
            )
        ),
    }
)


def agreement_of(told: Mapping[str, Any]) -> str | None:
    """The agreement as the grid operator writes it; None where none was told."""
    text = re.sub(r"[\s.-]", "", told.get(CONF_AGREEMENT, "")).upper()
    return text or None


def price_of(told: Mapping[str, Any]) -> Price:
    """The price of an allocated kWh from a day on; of a gift none."""
    model = PriceModel(told[CONF_PRICE_MODEL])
    is_gift = model is PriceModel.GIFT
    eur_per_kwh = 0.0 if is_gift else told[CONF_ACC_PRICE]
    return Price(model, eur_per_kwh, Validity(date.fromisoformat(told[CONF_SINCE])))


def first_roster(told: Mapping[str, Any]) -> Roster:
    """The operation before anybody takes part, from the entry's data."""
    since = Validity(date.fromisoformat(told[CONF_SINCE]))
    return Roster(
        told[CONF_OPERATION_NAME],
        agreement_of(told),
        told[CONF_TIME_ZONE],
        int(told[CONF_STEP]) * MINUTE,
        (AgreedKey(told[CONF_KEY], since),),
        (price_of(told),),
    )
