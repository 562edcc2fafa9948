"""What the supplier charges, as the member told it and the meter shows it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant, callback

from ..const import CONF_CONTRACT, CONF_TARIFF, CONF_TOMORROW, OFF_PEAK_STORE
from ..engine.contract import Contract, CostsMissing, PriceClass, StepCosts, step_costs
from ..engine.grid import Grid
from ..engine.model import Price
from ..engine.off_peak import (
    OffPeakLog,
    hours_changed,
    index_classes,
    learned_hours,
    log_document,
    log_of,
    observed,
)
from .contract import contract_of, hours_told
from .store import Stores
from .tariff import day_kind, day_kinds_told, shown_text, tariff_class, tariff_told

SAVE_DELAY_S = 3600
"""Off-peak hours are learned over days; an hour lost is seen again tomorrow."""


class Supplier:
    """The contract, and the price classes that the meter showed in the last days."""

    def __init__(
        self, hass: HomeAssistant, options: Mapping[str, Any], stores: Stores
    ) -> None:
        """Have observed nothing yet."""
        self._hass = hass
        self._options = options
        self._stores = stores
        told = options.get(CONF_CONTRACT, {})
        self._tariff_ref: str | None = told.get(CONF_TARIFF)
        self._tomorrow_ref: str | None = told.get(CONF_TOMORROW)
        self._log = OffPeakLog()

    async def async_load(self) -> None:
        """Know again what the meter showed."""
        self._log = log_of(await self._stores.async_load(OFF_PEAK_STORE))

    @callback
    def observe(self, now: datetime, time_zone: ZoneInfo) -> None:
        """Note the price class that the meter shows."""
        told = tariff_told(shown_text(self._hass, self._tariff_ref) or "")
        if told is None:
            return
        log = observed(self._log, now, told, time_zone)
        if log != self._log:
            self._log = log
            self._stores.save_later(
                OFF_PEAK_STORE, lambda: log_document(log), SAVE_DELAY_S
            )

    def class_now(self) -> PriceClass | None:
        """The price class that the meter shows; None where it shows none."""
        text = shown_text(self._hass, self._tariff_ref)
        return tariff_class(text, index_classes(self._log)) if text else None

    @property
    def contract(self) -> Contract | None:
        """The contract as it was told last; None while the member has not told it."""
        return contract_of(self._options, learned_hours(self._log))

    def costs(
        self, prices: Sequence[Price], grid: Grid, time_zone: ZoneInfo
    ) -> StepCosts | CostsMissing:
        """What a kWh costs at each step from the one in progress on."""
        class_now = self.class_now()
        tomorrow = day_kind(shown_text(self._hass, self._tomorrow_ref) or "")
        return step_costs(
            self.contract,
            prices,
            grid,
            time_zone,
            day_kinds=day_kinds_told(grid.start, time_zone, class_now, tomorrow),
            class_now=class_now,
        )

    def has_other_hours(self, time_zone: ZoneInfo) -> bool:
        """Whether the meter shows other off-peak hours than the member typed."""
        told = hours_told(self._options)
        return told is not None and hours_changed(self._log, told, time_zone)
