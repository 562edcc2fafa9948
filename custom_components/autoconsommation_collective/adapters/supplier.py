"""What the supplier charges, as the member told it, the meter shows it and a price entity tells it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.core import HomeAssistant, callback

from ..const import (
    CONF_CONTRACT,
    CONF_PRICE_ENTITY,
    CONF_PRICES_SINCE,
    CONF_TARIFF,
    CONF_TOMORROW,
    OFF_PEAK_STORE,
    PRICES_STORE,
)
from ..engine.contract import (
    Contract,
    ContractKind,
    CostsMissing,
    PriceClass,
    StepCosts,
    step_costs,
)
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
from ..engine.price_age import PriceAge, age_of
from ..engine.seen_prices import (
    SeenPrice,
    Watched,
    news,
    restored_seen,
    seen_document,
    watched,
)
from ..engine.tariffs import TariffError, price_class_at
from .contract import contract_of, hours_told, price_field
from .price_entity import shown_price
from .store import Stores
from .tariff import day_kind, day_kinds_told, shown_text, tariff_class, tariff_told

SAVE_DELAY_S = 3600
"""Off-peak hours are learned over days; an hour lost is seen again tomorrow."""
PRICE_FIELDS = frozenset(price_field(each) for each in PriceClass)
KINDS_KEPT = timedelta(days=430)
"""Colours of past days: a year of settlements and the months in which it may be corrected."""


class Supplier:
    """The contract, with what the meter and a price entity showed until now."""

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
        self._price_ref: str | None = told.get(CONF_PRICE_ENTITY)
        self._log = OffPeakLog()
        self._seen: tuple[SeenPrice, ...] = ()
        self._kinds: dict[date, str] = {}
        self._shown: Watched | None = None
        self._contract = self._made()

    async def async_load(self) -> None:
        """Know again what the meter and the entity showed."""
        self._log = log_of(await self._stores.async_load(OFF_PEAK_STORE))
        kept = await self._stores.async_load(PRICES_STORE) or {}
        # What another entity showed may be why it was replaced.
        if kept.get("entity") == self._price_ref:
            self._seen = restored_seen(kept.get("seen", ()))
        # Nor does what was shown before count over what the member told since.
        told, since = kept.get("told", self._told), self._told[0]
        if since is not None and tuple(told) != self._told:
            self._seen = tuple(e for e in self._seen if e.since.isoformat() < since)
        self._kinds = {
            date.fromisoformat(day): kind
            for day, kind in kept.get("day_kinds", {}).items()
        }
        self._contract = self._made()

    @callback
    def observe(self, now: datetime, time_zone: ZoneInfo) -> None:
        """Note the price class that the meter shows, the day's colour, and the price."""
        told = tariff_told(shown_text(self._hass, self._tariff_ref) or "")
        if told is not None:
            log = observed(self._log, now, told, time_zone)
            if log != self._log:
                self._log = log
                self._contract = self._made()
                self._stores.save_later(
                    OFF_PEAK_STORE, lambda: log_document(log), SAVE_DELAY_S
                )
        is_new = self._note_kinds(now, time_zone)
        if self._note_price(now, time_zone) or is_new:
            self._contract = self._made()
            self._keep()

    def class_now(self) -> PriceClass | None:
        """The price class that the meter shows; None where it shows none."""
        text = shown_text(self._hass, self._tariff_ref)
        return tariff_class(text, index_classes(self._log)) if text else None

    @property
    def contract(self) -> Contract | None:
        """The contract with all its prices so far; None while the member has not told it."""
        return self._contract

    def age(self, today: date) -> PriceAge:
        """How old the prices in force are; a price entity that shows one keeps them young."""
        if self.contract is None or shown_price(self._hass, self._price_ref):
            return PriceAge.RECENT
        return age_of(self.contract.supplier, today)

    def costs(
        self, prices: Sequence[Price], grid: Grid, time_zone: ZoneInfo
    ) -> StepCosts | CostsMissing:
        """What a kWh costs at each step from the one in progress on."""
        return step_costs(
            self.contract,
            prices,
            grid,
            time_zone,
            day_kinds=self._kinds_told(grid.start, time_zone),
            class_now=self.class_now(),
        )

    def has_other_hours(self, time_zone: ZoneInfo) -> bool:
        """Whether the meter shows other off-peak hours than the member typed."""
        told = hours_told(self._options)
        return told is not None and hours_changed(self._log, told, time_zone)

    @property
    def _told(self) -> tuple[str | None, str]:
        """Since when the prices hold that the member told last, and which these are."""
        told = self._options.get(CONF_CONTRACT, {})
        prices = {name: told[name] for name in sorted(told) if name in PRICE_FIELDS}
        return told.get(CONF_PRICES_SINCE), str(prices)

    def _made(self) -> Contract | None:
        learned = learned_hours(self._log)
        return contract_of(self._options, learned, self._seen, self._kinds)

    def _kinds_told(self, now: datetime, time_zone: ZoneInfo) -> dict[date, str]:
        tomorrow = day_kind(shown_text(self._hass, self._tomorrow_ref) or "")
        return day_kinds_told(now, time_zone, self.class_now(), tomorrow)

    def _note_kinds(self, now: datetime, time_zone: ZoneInfo) -> bool:
        """Remember the colours that are told now; whether one of them is new."""
        told = self._kinds_told(now, time_zone)
        if told.items() <= self._kinds.items():
            return False
        oldest = now.astimezone(time_zone).date() - KINDS_KEPT
        every = self._kinds | told
        self._kinds = {day: kind for day, kind in every.items() if day >= oldest}
        return True

    def _note_price(self, now: datetime, time_zone: ZoneInfo) -> bool:
        """Remember what the entity shows, where the contract has another price."""
        if self.contract is None or self._price_ref is None:
            return False
        eur = shown_price(self._hass, self._price_ref)
        in_force = self._class_in_force(self.contract, now, time_zone)
        self._shown = watched(self._shown, in_force, eur, now)
        day = now.astimezone(time_zone).date()
        found = news(self._shown, self.contract.supplier, now, day)
        if found is None:
            return False
        same = (found.price_class, found.since)
        others = (e for e in self._seen if (e.price_class, e.since) != same)
        self._seen = (*others, found)
        return True

    def _class_in_force(
        self, contract: Contract, now: datetime, time_zone: ZoneInfo
    ) -> str | None:
        """By the meter, else by the calendar."""
        if contract.kind is not ContractKind.BASE and (shown := self.class_now()):
            return shown
        try:
            return price_class_at(contract.supplier, now, time_zone)
        except TariffError:
            return None

    def _keep(self) -> None:
        seen, ref, kinds = self._seen, self._price_ref, self._kinds
        told = self._told
        self._stores.save_later(
            PRICES_STORE,
            lambda: {
                "entity": ref,
                "told": told,
                "seen": seen_document(seen),
                "day_kinds": {day.isoformat(): kind for day, kind in kinds.items()},
            },
            SAVE_DELAY_S,
        )
