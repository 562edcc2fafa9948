"""A statement as an answer: figures, the prices they rest on with their days, and what is missing."""

from collections.abc import Mapping
from datetime import date, timedelta
import re
from typing import Final

from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util.json import JsonObjectType, JsonValueType

from ..adapters.statement_page import (
    Paper,
    async_statement_texts,
    language_of,
    statement_page,
)
from ..const import DOMAIN
from ..engine.account import Account, PriceKind, Told
from ..engine.contract import CostsMissing
from ..engine.costs import Saving
from ..engine.refunds import RefundBalance
from ..engine.statement import Statement
from .money import MoneyCoordinator, PrepaidBalance
from .telling import told_kwh

EUR_DECIMALS: Final = 2
MONTH: Final = re.compile(r"20\d{2}-(0[1-9]|1[0-2])")
PAGE_URL: Final = f"/api/{DOMAIN}/statement/{{entry_id}}/{{month}}"
PAGE_OPENS_FOR: Final = timedelta(hours=1)
"""Long enough to follow a link, too short to be worth keeping."""

RESTS_ON: Final[Mapping[str, tuple[PriceKind, ...]]] = {
    "complement_eur": (PriceKind.SUPPLIER,),
    "avoided_eur": (PriceKind.SUPPLIER,),
    "operation_eur": (PriceKind.OPERATION,),
    "network_eur": (PriceKind.NETWORK,),
    "saving_eur": (PriceKind.SUPPLIER, PriceKind.OPERATION, PriceKind.NETWORK),
    "shared_income_eur": (PriceKind.OPERATION,),
    "surplus_income_eur": (PriceKind.SURPLUS,),
}
"""Which prices each figure is made of."""


async def async_told_statement(
    hass: HomeAssistant, entry_id: str, money: MoneyCoordinator, month: str | None
) -> JsonObjectType:
    """The month, the twelve up to it, refunds, packs, and where the page to print is."""
    wanted, one, year = await _async_statements(money, month)
    today = money.today
    return {
        "month": _told(one, today),
        "year": _told(year, today),
        "refunds": _told_refunds(money.data.refunds),
        "prepaid": _told_prepaid(money.data.prepaid),
        "page": page_path(hass, entry_id, wanted),
    }


async def async_page(
    hass: HomeAssistant, title: str, money: MoneyCoordinator, month: str, language: str
) -> str | None:
    """The page to print in a language; None where nothing is known of the month."""
    one, year = await money.async_statements(month)
    if one is None or year is None:
        return None
    prepaid = money.data.prepaid
    return statement_page(
        await async_statement_texts(hass, language),
        language,
        Paper(
            title=title,
            today=money.today,
            month=one,
            year=year,
            refunds=money.data.refunds,
            prepaid=prepaid.account if prepaid else None,
            runs_out=prepaid.runs_out if prepaid else None,
        ),
    )


def page_path(
    hass: HomeAssistant, entry_id: str, month: str, language: str | None = None
) -> str:
    """Where the page to print can be opened for a while without a further sign-in."""
    path = PAGE_URL.format(entry_id=entry_id, month=month)
    query = (
        f"?language={language_of(language, hass.config.language)}" if language else ""
    )
    return async_sign_path(hass, f"{path}{query}", PAGE_OPENS_FOR)


async def _async_statements(
    money: MoneyCoordinator, month: str | None
) -> tuple[str, Statement, Statement]:
    """That month, or the last settled one, and its year; raises ServiceValidationError."""
    if month is not None and not MONTH.fullmatch(month):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="month_not_understood"
        )
    if wanted := month or money.last_settled:
        one, year = await money.async_statements(wanted)
        if one is not None and year is not None:
            return wanted, one, year
    raise ServiceValidationError(
        translation_domain=DOMAIN, translation_key="month_not_known"
    )


def _told(statement: Statement, today: date) -> JsonObjectType:
    account = statement.account
    figures, missing = _figures(account)
    formulas = account.formulas
    return {
        "first": statement.first,
        "last": statement.last,
        "basis": statement.basis.value,
        "known_part": round(statement.known_part, 3),
        "months": [
            {"month": month.month, "basis": month.basis.value}
            for month in statement.months
        ],
        "consumption_kwh": told_kwh(account.consumption_wh),
        "allocated_kwh": told_kwh(account.allocated_wh),
        "complement_kwh": told_kwh(account.complement_wh),
        "injected_kwh": told_kwh(account.production_wh),
        "shared_kwh": told_kwh(account.shared_wh),
        "surplus_kwh": told_kwh(account.surplus_wh),
        **figures,
        "missing": missing,
        "rests_on": {
            figure: [kind.value for kind in kinds] for figure, kinds in RESTS_ON.items()
        },
        "classes": [
            {
                "price_class": part.price_class or None,
                "complement_kwh": told_kwh(part.complement_wh),
                "complement_eur": _eur(part.complement_eur),
                "allocated_kwh": told_kwh(part.allocated_wh),
                "avoided_eur": _eur(part.avoided_eur),
            }
            for part in account.classes
        ],
        "prices": [
            {
                "kind": used.kind.value,
                "price_class": used.price_class or None,
                "eur_per_kwh": used.eur_per_kwh,
                "since": None if used.since == date.min else used.since.isoformat(),
                "source": used.source,
                "age": statement.age(used, today).value,
            }
            for used in sorted(
                account.prices, key=lambda p: (p.kind, p.price_class, p.since)
            )
        ],
        "network_formulas": {
            "first_day": formulas.first_day.isoformat(),
            "last_day": formulas.last_day.isoformat(),
            "normal_eur": _eur(formulas.costs.normal_eur),
            "acc_eur": _eur(formulas.costs.acc_eur),
            "acc_is_cheaper": formulas.costs.acc_is_cheaper,
        }
        if formulas
        else None,
    }


def _figures(account: Account) -> tuple[JsonObjectType, JsonObjectType]:
    """The sums of money; and of those that cannot be told, why."""
    saving = account.saving

    def of_saving(read: str) -> Told[float]:
        return getattr(saving, read) if isinstance(saving, Saving) else saving

    sums: dict[str, Told[float]] = {
        "complement_eur": account.complement_eur,
        "avoided_eur": of_saving("avoided_eur"),
        "operation_eur": account.operation_eur,
        "network_eur": of_saving("network_eur"),
        "saving_eur": of_saving("saving_eur"),
        "shared_income_eur": account.shared_eur,
        "surplus_income_eur": account.surplus_eur,
    }
    told: JsonObjectType = {}
    missing: JsonObjectType = {}
    for figure, eur in sums.items():
        if isinstance(eur, CostsMissing):
            told[figure], missing[figure] = None, eur.value
        else:
            told[figure] = _eur(eur)
    return told, missing


def _told_refunds(balance: RefundBalance | None) -> JsonValueType:
    if balance is None:
        return None
    return {
        "since": balance.since,
        "n_months": balance.n_months,
        "n_unpriced_months": balance.n_unpriced,
        "expected_eur": _eur(balance.expected_eur),
        "received_eur": _eur(balance.received_eur),
        "difference_eur": _eur(balance.difference_eur),
    }


def _told_prepaid(balance: PrepaidBalance | None) -> JsonValueType:
    if balance is None:
        return None
    return {
        "bought_kwh": round(balance.account.bought_kwh, 1),
        "paid_eur": _eur(balance.account.paid_eur),
        "consumed_kwh": round(balance.account.consumed_kwh, 1),
        "estimated_kwh": round(balance.estimated_kwh, 1),
        "balance_kwh": round(balance.account.balance_kwh, 1),
        "runs_out": balance.runs_out.isoformat() if balance.runs_out else None,
        "is_low": balance.is_low,
        "part_of_maximum": _rounded(balance.part_of_maximum, 3),
        "next_eur_per_kwh": _rounded(balance.next_eur_per_kwh, 4),
    }


def _eur(eur: float | None) -> float | None:
    return _rounded(eur, EUR_DECIMALS)


def _rounded(value: float | None, decimals: int) -> float | None:
    return None if value is None else round(value, decimals)
