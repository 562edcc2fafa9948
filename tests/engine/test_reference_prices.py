"""Reference prices: as published, dated without gaps, and open about what is not official."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.autoconsommation_collective.engine.model import in_force
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ACC_EXCISE,
    EXCISE,
    NOT_OFFICIAL,
    ONE_CLASS,
    VAT,
    NetworkFormula,
    seasonal,
    trv_base,
    trv_peak_off_peak,
    trv_tempo,
    turpe,
    turpe_acc,
)
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Period,
    Tariff,
    TariffError,
    price_class_at,
    price_of,
)
from custom_components.autoconsommation_collective.engine.terms import rates_by_day

PARIS = ZoneInfo("Europe/Paris")
NIGHT = Calendar((Period("HC", time(22), time(6)), Period("HP")))
SPRING_2026 = date(2026, 4, 1)


@pytest.mark.parametrize(
    ("tariffs", "price_class", "day", "eur"),
    [
        pytest.param(trv_base(6), "BASE", "2026-01-31", 0.1952, id="Base, 2025"),
        pytest.param(trv_base(3), "BASE", "2026-02-01", 0.1940, id="Base, 3 kVA"),
        pytest.param(trv_base(6), "BASE", "2026-07-31", 0.1940, id="Base, 6 kVA"),
        pytest.param(trv_base(9), "BASE", "2026-02-01", 0.1927, id="Base, 9 kVA"),
        pytest.param(trv_base(9), "BASE", "2026-08-01", 0.1985, id="Base, August 2026"),
        pytest.param(
            trv_peak_off_peak(NIGHT), "HP", "2025-08-01", 0.2081, id="HP 2025"
        ),
        pytest.param(
            trv_peak_off_peak(NIGHT), "HC", "2025-08-01", 0.1635, id="HC 2025"
        ),
        pytest.param(
            trv_peak_off_peak(NIGHT), "HP", "2026-02-01", 0.2065, id="HP 2026"
        ),
        pytest.param(
            trv_peak_off_peak(NIGHT), "HC", "2026-02-01", 0.1579, id="HC 2026"
        ),
        pytest.param(
            trv_peak_off_peak(NIGHT), "HC", "2026-08-01", 0.1589, id="HC August"
        ),
        pytest.param(trv_tempo(NIGHT), "HPJB", "2026-02-01", 0.1612, id="blue HP"),
        pytest.param(trv_tempo(NIGHT), "HCJW", "2026-02-01", 0.1499, id="white HC"),
        pytest.param(trv_tempo(NIGHT), "HPJR", "2026-02-01", 0.7060, id="red HP"),
        pytest.param(
            trv_tempo(NIGHT), "HCJR", "2026-08-01", 0.1615, id="red HC, August"
        ),
    ],
)
def test_supplier_prices(
    tariffs: tuple[Tariff, ...], price_class: str, day: str, eur: float
) -> None:
    """As published, on the first and the last day."""
    assert price_of(tariffs, price_class, date.fromisoformat(day)) == eur


@pytest.mark.parametrize(
    ("formula", "price_class", "cents"),
    [
        pytest.param(NetworkFormula.CU4, "HPH", 7.49, id="CU4 HPH"),
        pytest.param(NetworkFormula.CU4, "HCB", 1.16, id="CU4 HCB"),
        pytest.param(NetworkFormula.CUST, "BASE", 4.84, id="CUST"),
        pytest.param(NetworkFormula.MU4, "HCH", 3.73, id="MU4 HCH"),
        pytest.param(NetworkFormula.MU4, "HPB", 1.61, id="MU4 HPB"),
        pytest.param(NetworkFormula.MUDT, "HP", 4.94, id="MUDT HP"),
        pytest.param(NetworkFormula.MUDT, "HC", 3.50, id="MUDT HC"),
        pytest.param(NetworkFormula.LU, "BASE", 1.25, id="LU"),
    ],
)
def test_network_fees(formula: NetworkFormula, price_class: str, cents: float) -> None:
    """In euros, of the table in cents; unknown since August 2026."""
    tariffs = turpe(formula, ONE_CLASS)
    assert price_of(tariffs, price_class, SPRING_2026) == pytest.approx(cents / 100)
    with pytest.raises(TariffError, match="no_tariff"):
        price_of(tariffs, price_class, date(2026, 8, 1))


@pytest.mark.parametrize(
    ("formula", "allocated", "complement"),
    [
        pytest.param(NetworkFormula.CU4, 0.76, 1.73, id="CU4"),
        pytest.param(NetworkFormula.MU4, 0.75, 1.61, id="MU4"),
    ],
)
def test_formula_of_operations(
    formula: NetworkFormula, allocated: float, complement: float
) -> None:
    """Low-season HP of both sides, and 4.47 €/yr more."""
    chosen = turpe_acc(formula, NIGHT)
    for tariffs, cents in (
        (chosen.allocated, allocated),
        (chosen.complement, complement),
    ):
        assert price_of(tariffs, "HPB", SPRING_2026) == pytest.approx(cents / 100)
    (fee,) = in_force(chosen.extra, SPRING_2026)
    assert fee.eur_per_year == pytest.approx(21.27 - 16.80)


@pytest.mark.parametrize("formula", [NetworkFormula.CU4, NetworkFormula.MU4])
def test_an_allocated_kwh_is_cheaper_to_carry(formula: NetworkFormula) -> None:
    """In each class than normally, and the complement never is."""
    chosen = turpe_acc(formula, NIGHT)
    normal = turpe(formula, NIGHT)[0].eur_per_kwh
    allocated = chosen.allocated[0].eur_per_kwh
    complement = chosen.complement[0].eur_per_kwh
    assert normal.keys() == allocated.keys() == complement.keys()
    for price_class, eur in normal.items():
        assert allocated[price_class] < eur <= complement[price_class]


@pytest.mark.parametrize(
    ("without_tax", "published"),
    [
        pytest.param(0.1343, 0.2016, id="Base"),
        pytest.param(0.1451, 0.2146, id="HP"),
        pytest.param(0.1076, 0.1696, id="HC"),
    ],
)
def test_taxes_of_february_2025(without_tax: float, published: float) -> None:
    """A price without taxes, excise and VAT make the published one."""
    day = [date(2025, 2, 1)]
    excise, vat = rates_by_day("excise", EXCISE, day), rates_by_day("vat", VAT, day)
    assert (without_tax + excise) * (1 + vat) == pytest.approx(published, abs=5e-5)


@pytest.mark.parametrize(
    ("day", "eur_per_mwh"),
    [
        ("2025-07-31", 33.70), ("2025-08-01", 29.98), ("2026-01-31", 29.98),
        ("2026-02-01", 30.85), ("2026-07-31", 30.85),
    ],
)  # fmt: skip
def test_excise(day: str, eur_per_mwh: float) -> None:
    """In €/kWh of the table in €/MWh; none on an allocated kWh."""
    days = [date.fromisoformat(day)]
    assert 1000 * rates_by_day("excise", EXCISE, days) == pytest.approx(eur_per_mwh)
    assert rates_by_day("excise", ACC_EXCISE, days).tolist() == [0.0]


def test_every_number_has_its_source() -> None:
    """And the prices that no official text confirms begin by saying so."""
    tariffs = (
        *trv_base(6),
        *trv_peak_off_peak(NIGHT),
        *trv_tempo(NIGHT),
        *turpe(NetworkFormula.MU4, NIGHT),
        *turpe_acc(NetworkFormula.MU4, NIGHT).complement,
    )
    for item in (*tariffs, *EXCISE, *ACC_EXCISE, *VAT):
        assert item.source
    for tariff in tariffs:
        official = tariff.validity.first_day < date(2026, 8, 1) and (
            "TURPE" in tariff.name or tariff.validity.first_day >= date(2026, 2, 1)
        )
        assert tariff.source.startswith(NOT_OFFICIAL) is not official


@pytest.mark.parametrize(
    "tariffs",
    [trv_base(6), trv_peak_off_peak(NIGHT), trv_tempo(NIGHT)],
    ids=["Base", "HP/HC", "Tempo"],
)
def test_one_tariff_on_each_day(tariffs: tuple[Tariff, ...]) -> None:
    """No gap, no overlap, and none from the day on which the Tarif Bleu moves again."""
    day = tariffs[0].validity.first_day
    while day < date(2027, 2, 1):
        assert len(in_force(tariffs, day)) == 1
        day += timedelta(days=1)
    assert not in_force(tariffs, day)


def test_excise_on_allocated_energy_is_not_taken_for_granted() -> None:
    """One source ends the zero with the year 2026."""
    assert in_force(ACC_EXCISE, date(2026, 12, 31))
    assert not in_force(ACC_EXCISE, date(2027, 1, 1))


@pytest.mark.parametrize(
    ("at", "price_class"),
    [
        pytest.param("2026-03-31 12:00", "HPH", id="noon in March"),
        pytest.param("2026-04-01 12:00", "HPB", id="noon in April"),
        pytest.param("2025-10-31 23:00", "HCB", id="night in October"),
        pytest.param("2025-11-01 05:00", "HCH", id="night in November"),
    ],
)
def test_seasons(at: str, price_class: str) -> None:
    """The high one is November to March; the hours stay as they were."""
    tariffs = turpe(NetworkFormula.MU4, seasonal(NIGHT))
    instant = datetime.fromisoformat(at).replace(tzinfo=PARIS).astimezone(UTC)
    assert price_class_at(tariffs, instant, PARIS) == price_class


def test_seasons_of_a_seasonal_calendar() -> None:
    """Midday hours of summer are of the low season alone; order and day start stay."""
    midday = Period("HC", time(12), time(15), months=frozenset({3, 4}))
    calendar = seasonal(Calendar((midday, Period("HP")), day_start=time(6)))
    assert [(p.price_class, p.months) for p in calendar.periods[:2]] == [
        ("HCH", {3}),
        ("HCB", {4}),
    ]
    assert [p.price_class for p in calendar.periods[2:]] == ["HPH", "HPB"]
    assert calendar.day_start == time(6)
