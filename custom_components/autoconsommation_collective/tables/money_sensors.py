"""Sensors of what the membership saves, costs and brings in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import CURRENCY_EURO, UnitOfEnergy
from homeassistant.helpers.typing import StateType

from ..coordinator import Money
from ..engine.account import Account, Told
from ..engine.costs import Saving
from ..engine.statement import Statement


@dataclass(frozen=True, kw_only=True)
class MoneySensorEntityDescription(SensorEntityDescription):
    """Describes a sum of money, or what is left of a pack."""

    value_fn: Callable[[Money], StateType | date]
    attributes_fn: Callable[[Money], Mapping[str, Any]] | None = None
    for_producers: bool = False
    """Only where the delivery point injects for the operation."""
    for_prepaid: bool = False
    """Only where packs were bought."""


def saving_eur(account: Account) -> Told[float]:
    """The expected saving of an account."""
    saving = account.saving
    return saving.saving_eur if isinstance(saving, Saving) else saving


def income_eur(account: Account) -> Told[float]:
    """What a producer earned; the surplus's part where its price is known."""
    shared, surplus = account.shared_eur, account.surplus_eur
    if not isinstance(shared, float):
        return shared
    return shared + (surplus if isinstance(surplus, float) else 0.0)


def months_of(statement: Statement | None) -> Mapping[str, Any]:
    """Which months a sum is of."""
    if statement is None:
        return {}
    return {
        "first_month": statement.first,
        "last_month": statement.last,
        "months": len(statement.months),
    }


def of_statement(
    key: str,
    read: Callable[[Money], Statement | None],
    value: Callable[[Account], Told[float]],
    *,
    for_producers: bool = False,
) -> MoneySensorEntityDescription:
    """Describes a sum over settled months.

    Without a state class: a sum over the last twelve months goes up and down, and a month's
    replaces the one before.
    """

    def eur(money: Money) -> float | None:
        told = value(statement.account) if (statement := read(money)) else None
        return told if isinstance(told, float) else None

    return MoneySensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY_EURO,
        suggested_display_precision=2,
        for_producers=for_producers,
        value_fn=eur,
        attributes_fn=lambda money: months_of(read(money)),
    )


def of_refunds(
    key: str,
    value: Callable[[Money], float | None],
    state_class: SensorStateClass | None = None,
) -> MoneySensorEntityDescription:
    """Describes what the supplier owes, gave back, or still owes."""
    return MoneySensorEntityDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.MONETARY,
        native_unit_of_measurement=CURRENCY_EURO,
        state_class=state_class,
        suggested_display_precision=2,
        value_fn=value,
        attributes_fn=lambda money: (
            {"since": money.refunds.since, "months": money.refunds.n_months}
            if money.refunds
            else {}
        ),
    )


MONEY_SENSORS: tuple[MoneySensorEntityDescription, ...] = (
    of_statement("expected_saving_month", lambda money: money.month, saving_eur),
    of_statement("expected_saving_year", lambda money: money.year, saving_eur),
    of_statement(
        "paid_operation_year",
        lambda money: money.year,
        lambda account: account.operation_eur,
    ),
    of_refunds(
        "refund_expected",
        lambda money: money.refunds.expected_eur if money.refunds else None,
        SensorStateClass.TOTAL,
    ),
    of_refunds(
        "refund_received",
        lambda money: money.refunds.received_eur if money.refunds else None,
        SensorStateClass.TOTAL,
    ),
    of_refunds(
        "refund_difference",
        lambda money: money.refunds.difference_eur if money.refunds else None,
        SensorStateClass.TOTAL,
    ),
    of_statement(
        "income_year", lambda money: money.year, income_eur, for_producers=True
    ),
    MoneySensorEntityDescription(
        key="prepaid_balance",
        translation_key="prepaid_balance",
        device_class=SensorDeviceClass.ENERGY_STORAGE,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=0,
        for_prepaid=True,
        value_fn=lambda money: (
            money.prepaid.account.balance_kwh if money.prepaid else None
        ),
        attributes_fn=lambda money: (
            {"estimated_kwh": round(money.prepaid.estimated_kwh, 1)}
            if money.prepaid
            else {}
        ),
    ),
    MoneySensorEntityDescription(
        key="prepaid_runs_out",
        translation_key="prepaid_runs_out",
        device_class=SensorDeviceClass.DATE,
        for_prepaid=True,
        value_fn=lambda money: money.prepaid.runs_out if money.prepaid else None,
    ),
)
