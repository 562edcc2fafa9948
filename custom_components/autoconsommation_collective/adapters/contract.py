"""The member's contract: as it is asked for, as entry.options keep it, as the engine uses it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from homeassistant.const import Platform
from homeassistant.helpers import selector
import voluptuous as vol

from ..const import (
    CONF_CONTRACT,
    CONF_CONTRACT_KIND,
    CONF_EARLIER,
    CONF_NETWORK_COST,
    CONF_NETWORK_FORMULA,
    CONF_OFF_PEAK_HOURS,
    CONF_PRICE_ENTITY,
    CONF_PRICES_SINCE,
    CONF_SUMMER_FIRST,
    CONF_SUMMER_HOURS,
    CONF_SUMMER_LAST,
    CONF_TARIFF,
    CONF_TOMORROW,
)
from ..engine.contract import (
    COLOUR_LETTERS,
    Contract,
    ContractKind,
    PriceClass,
    tempo_calendar,
)
from ..engine.hours import months_between, off_peak_calendar, parse_hours
from ..engine.model import Dated, consecutive
from ..engine.reference_prices import (
    ACC_EXCISE,
    ONE_CLASS,
    VAT,
    NetworkFormula,
    trv_base,
    trv_peak_off_peak,
    trv_tempo,
    turpe,
)
from ..engine.seen_prices import TOLD, SeenPrice, with_seen
from ..engine.tariffs import Calendar, Period, Tariff
from ..engine.terms import Rate

CLASSES: dict[ContractKind, tuple[PriceClass, ...]] = {
    ContractKind.BASE: (PriceClass.BASE,),
    ContractKind.OFF_PEAK: (PriceClass.HP, PriceClass.HC),
    ContractKind.TEMPO: tuple(
        PriceClass(f"{hours}J{letter}")
        for letter in COLOUR_LETTERS.values()
        for hours in ("HP", "HC")
    ),
}
"""Classes that have a price, each peak before its off-peak."""

DEAREST_KWH = 2.0
"""In €: above it a price was typed in cents."""

TEMPO_HOURS = "22:00-06:00"
"""Of every Tempo contract so far, to start from: the member confirms it."""

SMALLEST_KVA = 6.0
"""The most common subscription, to start from."""


def price_field(price_class: str) -> str:
    """The field of a form, and of the options, that holds the price of a class."""
    return f"price_{price_class.lower()}"


def _eur_per_kwh() -> selector.NumberSelector:
    return selector.NumberSelector(
        selector.NumberSelectorConfig(
            min=0,
            max=DEAREST_KWH,
            step="any",
            unit_of_measurement="€/kWh",
            mode=selector.NumberSelectorMode.BOX,
        )
    )


def _prices(kind: ContractKind) -> dict[vol.Marker, Any]:
    return {vol.Required(price_field(each)): _eur_per_kwh() for each in CLASSES[kind]}


TEXT = selector.TextSelector()
SENSOR = selector.EntitySelector(selector.EntitySelectorConfig(domain=Platform.SENSOR))
MONTH = selector.SelectSelector(
    selector.SelectSelectorConfig(
        options=[str(month) for month in range(1, 13)],
        mode=selector.SelectSelectorMode.DROPDOWN,
        translation_key="month",
    )
)
SINCE = {vol.Required(CONF_PRICES_SINCE): selector.DateSelector()}
NETWORK = {
    vol.Required(CONF_NETWORK_COST): _eur_per_kwh(),
    vol.Optional(CONF_NETWORK_FORMULA): selector.SelectSelector(
        selector.SelectSelectorConfig(
            options=[formula.lower() for formula in NetworkFormula],
            mode=selector.SelectSelectorMode.DROPDOWN,
            translation_key="network_formula",
        )
    ),
}
PRICE_ENTITY = {vol.Optional(CONF_PRICE_ENTITY): SENSOR}

CONTRACT_SCHEMA = vol.Schema(
    {
        vol.Required(CONF_CONTRACT_KIND): selector.SelectSelector(
            selector.SelectSelectorConfig(
                options=[kind.value for kind in ContractKind],
                mode=selector.SelectSelectorMode.LIST,
                translation_key="contract_kind",
            )
        )
    }
)
BASE_SCHEMA = vol.Schema(_prices(ContractKind.BASE) | SINCE | NETWORK | PRICE_ENTITY)
OFF_PEAK_SCHEMA = vol.Schema(
    _prices(ContractKind.OFF_PEAK)
    | SINCE
    | {
        vol.Optional(CONF_OFF_PEAK_HOURS): TEXT,
        vol.Optional(CONF_SUMMER_HOURS): TEXT,
        vol.Required(CONF_SUMMER_FIRST, default="4"): MONTH,
        vol.Required(CONF_SUMMER_LAST, default="10"): MONTH,
    }
    | NETWORK
    | {vol.Optional(CONF_TARIFF): SENSOR}
    | PRICE_ENTITY
)
TEMPO_SCHEMA = vol.Schema(
    _prices(ContractKind.TEMPO)
    | SINCE
    | {vol.Required(CONF_OFF_PEAK_HOURS): TEXT}
    | NETWORK
    | {vol.Optional(CONF_TARIFF): SENSOR, vol.Optional(CONF_TOMORROW): SENSOR}
    | PRICE_ENTITY
)
SCHEMAS = {
    ContractKind.BASE: BASE_SCHEMA,
    ContractKind.OFF_PEAK: OFF_PEAK_SCHEMA,
    ContractKind.TEMPO: TEMPO_SCHEMA,
}


OF_TODAY = (CONF_EARLIER, CONF_TARIFF, CONF_TOMORROW, CONF_PRICE_ENTITY)
"""What is not kept of a contract that another one follows."""


def contract_of(
    options: Mapping[str, Any],
    learned: Calendar | None = None,
    seen: Sequence[SeenPrice] = (),
    day_kinds: Mapping[date, str] | None = None,
) -> Contract | None:
    """The contract that entry.options tell; None while the member has not told it.

    Learned hours stand in where none were told; prices that an entity showed, and colours
    of past days, add to it.
    """
    told = options.get(CONF_CONTRACT, {})
    if _kind(told) is ContractKind.UNKNOWN:
        return None
    series = _series(told)
    validities = consecutive([since_of(each) for each in series])
    tariffs = tuple(
        Tariff(
            name=_kind(each),
            calendar=replace(
                _calendar(_kind(each), each, learned), day_kinds=day_kinds or {}
            ),
            eur_per_kwh={c: each[price_field(c)] for c in CLASSES[_kind(each)]},
            validity=validity,
            source=TOLD,
        )
        for each, validity in zip(series, validities, strict=True)
    )
    return Contract(
        kind=_kind(told),
        supplier=with_seen(tariffs, seen),
        network=tuple(
            Rate(each[CONF_NETWORK_COST], validity, TOLD)
            for each, validity in zip(series, validities, strict=True)
        ),
    )


def since_of(told: Mapping[str, Any]) -> date:
    """First day of the prices that were told; ever, where none was told."""
    since = told.get(CONF_PRICES_SINCE)
    return date.fromisoformat(since) if since else date.min


def earlier_than(told: Mapping[str, Any], since: str) -> list[dict[str, Any]]:
    """What is kept of a contract as it was told when another one holds from that day on.

    What was told last counts from its first day on, over all that was told before.
    """
    if _kind(told) is ContractKind.UNKNOWN:
        return []
    first_day = date.fromisoformat(since)
    return [
        {field: value for field, value in each.items() if field not in OF_TODAY}
        for each in _series(told)
        if since_of(each) < first_day
    ]


def network_formula(options: Mapping[str, Any]) -> NetworkFormula | None:
    """The network formula that the member told; None where it is not known."""
    told = options.get(CONF_CONTRACT, {}).get(CONF_NETWORK_FORMULA)
    return NetworkFormula(told.upper()) if told else None


def _kind(told: Mapping[str, Any]) -> ContractKind:
    return ContractKind(told.get(CONF_CONTRACT_KIND, ContractKind.UNKNOWN))


def _series(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """All that was told, the oldest first."""
    return sorted([*told.get(CONF_EARLIER, ()), told], key=since_of)


def hours_told(options: Mapping[str, Any]) -> Calendar | None:
    """The HP and HC that the member typed, to be compared with the meter; None without."""
    told = options.get(CONF_CONTRACT, {})
    if told.get(CONF_CONTRACT_KIND) != ContractKind.OFF_PEAK:
        return None
    calendar = _calendar(ContractKind.OFF_PEAK, told, None)
    return calendar if calendar.periods else None


def suggested_prices(
    kind: ContractKind, subscribed_kva: float | None
) -> dict[str, float]:
    """Prices to start from, by field: the newest that are known, even if they have expired."""
    prices = _reference(kind, subscribed_kva).eur_per_kwh
    return {price_field(each): eur for each, eur in prices.items()} | {
        CONF_NETWORK_COST: _network_cost(kind)
    }


def suggested_since(kind: ContractKind) -> str:
    """The first day of those prices."""
    return _reference(kind, None).validity.first_day.isoformat()


def _reference(kind: ContractKind, subscribed_kva: float | None) -> Tariff:
    return _newest(
        {
            ContractKind.BASE: trv_base(int(subscribed_kva or SMALLEST_KVA)),
            ContractKind.OFF_PEAK: trv_peak_off_peak(Calendar(())),
            ContractKind.TEMPO: trv_tempo(Calendar(())),
        }[kind]
    )


def _network_cost(kind: ContractKind) -> float:
    """Network fee and excise of an allocated kWh with VAT, where the sun shines: by day."""
    one_class = kind is ContractKind.BASE
    formula = NetworkFormula.CUST if one_class else NetworkFormula.MUDT
    fees = _newest(turpe(formula, Calendar(()))).eur_per_kwh
    fee = fees[PriceClass.BASE if one_class else PriceClass.HP]
    without_vat = fee + _newest(ACC_EXCISE).value
    return round((1 + _newest(VAT).value) * without_vat, 4)


def _newest[T: Dated](items: Iterable[T]) -> T:
    return max(items, key=lambda item: item.validity.first_day)


def _calendar(
    kind: ContractKind, told: Mapping[str, Any], learned: Calendar | None
) -> Calendar:
    hours = _periods(told, CONF_OFF_PEAK_HOURS)
    match kind:
        case ContractKind.BASE:
            return ONE_CLASS
        case ContractKind.TEMPO:
            return tempo_calendar(hours)
        case _ if not hours and learned is not None:
            return learned
        case _:
            months = (int(told[c]) for c in (CONF_SUMMER_FIRST, CONF_SUMMER_LAST))
            summer_hours = _periods(told, CONF_SUMMER_HOURS)
            return off_peak_calendar(hours, summer_hours, months_between(*months))


def _periods(told: Mapping[str, Any], field: str) -> tuple[Period, ...]:
    return parse_hours(told[field]) if told.get(field) else ()
