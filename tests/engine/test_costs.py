"""What an allocated kWh costs and saves: a table worked by hand, what follows, and laws."""

from dataclasses import astuple, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Energies
from custom_components.autoconsommation_collective.engine.costs import (
    Saving,
    StepPrices,
    break_even_probability,
    fixed_eur,
    marginal_eur_per_kwh,
    network_formulas,
    saving,
    shift_gain_eur_per_kwh,
    step_prices,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.reference_prices import (
    ACC_EXCISE,
    EXCISE,
    ONE_CLASS,
    VAT,
    NetworkFormula,
    seasonal,
    trv_base,
    trv_peak_off_peak,
    turpe,
    turpe_acc,
)
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Period,
    TariffError,
)
from custom_components.autoconsommation_collective.engine.terms import (
    AtSupplierPrice,
    ConsumerTerms,
    CostError,
    CostProblem,
    Fee,
    Rate,
)

PARIS = ZoneInfo("Europe/Paris")
SINCE_2025 = Validity(date(2025, 8, 1))
NIGHT = Calendar((Period("HC", time(22), time(6)), Period("HP")))
GIFT = (Price(PriceModel.GIFT, 0.0, SINCE_2025),)
SALE = (Price(PriceModel.SALE, 0.13, SINCE_2025),)

BASE = ConsumerTerms(
    supplier=trv_base(6),
    network=turpe(NetworkFormula.CUST, ONE_CLASS),
    excise=ACC_EXCISE,
    vat=VAT,
    prices=GIFT,
)
TWO_CLASSES = replace(
    BASE,
    supplier=trv_peak_off_peak(NIGHT),
    network=turpe(NetworkFormula.MUDT, NIGHT),
)
MU4 = replace(TWO_CLASSES, network=turpe(NetworkFormula.MU4, seasonal(NIGHT)))
ACC_MU4 = turpe_acc(NetworkFormula.MU4, seasonal(NIGHT))
ACC = replace(MU4, acc_formula=ACC_MU4)

WINTER_NOON = datetime(2026, 2, 3, 11, tzinfo=UTC)
WINTER_NIGHT = datetime(2026, 2, 3, 1, tzinfo=UTC)
SUMMER_NOON = datetime(2026, 7, 3, 10, tzinfo=UTC)
SUMMER_NIGHT = datetime(2026, 7, 3, 1, tzinfo=UTC)


def prices_at(terms: ConsumerTerms, *steps: datetime) -> StepPrices:
    """Prices in Paris."""
    return step_prices(terms, steps, PARIS)


# Vectors


@pytest.mark.parametrize(
    ("terms", "step", "supplier", "network", "left"),
    [
        pytest.param(BASE, WINTER_NOON, 0.1940, 0.0581, 0.1359, id="base, CUST"),
        pytest.param(TWO_CLASSES, WINTER_NOON, 0.2065, 0.0593, 0.1472, id="HP, MUDT"),
        pytest.param(TWO_CLASSES, WINTER_NIGHT, 0.1579, 0.0420, 0.1159, id="HC, MUDT"),
        pytest.param(MU4, SUMMER_NOON, 0.2065, 0.0193, 0.1872, id="HP, MU4 in summer"),
        pytest.param(MU4, SUMMER_NIGHT, 0.1579, 0.0133, 0.1446, id="HC, MU4 in summer"),
        pytest.param(ACC, SUMMER_NOON, 0.2065, 0.0090, 0.1975, id="HP, ACC in summer"),
        pytest.param(ACC, SUMMER_NIGHT, 0.1579, 0.0059, 0.1520, id="HC, ACC in summer"),
    ],
)
def test_what_is_left_for_the_operation(
    terms: ConsumerTerms, step: datetime, supplier: float, network: float, left: float
) -> None:
    """Supplier's price less network fee and excise: what an allocated kWh may cost at most."""
    prices = prices_at(terms, step)
    assert prices.supplier.tolist() == [supplier]
    assert prices.network[0] == pytest.approx(network, abs=5e-5)
    assert prices.excise.tolist() == [0]
    assert prices.supplier[0] - prices.allocated[0] == pytest.approx(left, abs=6e-5)


def test_a_sale_costs_its_price_and_the_way() -> None:
    """0.13 € to the operation, 0.0593 € for the network; the complement is the supplier's."""
    prices = prices_at(replace(TWO_CLASSES, prices=SALE), WINTER_NOON)
    assert prices.operation.tolist() == [0.13]
    assert prices.allocated[0] == pytest.approx(0.13 + 1.2 * 0.0494)
    assert prices.complement.tolist() == prices.supplier.tolist()


def test_excise_is_due_with_vat_where_the_site_is_large() -> None:
    """0.03085 € with 20 % of VAT, on the allocated kWh too."""
    prices = prices_at(replace(TWO_CLASSES, excise=EXCISE), WINTER_NOON)
    assert prices.excise[0] == pytest.approx(0.03702)
    assert prices.allocated[0] == pytest.approx(0.05928 + 0.03702)


def test_the_formula_of_operations_changes_both_sides() -> None:
    """Winter HP: allocated 2.60 instead of 7.00 c€, complement 7.04, so 0.048 c€ dearer."""
    prices = prices_at(ACC, WINTER_NOON)
    assert prices.network[0] == pytest.approx(1.2 * 0.0260)
    assert prices.complement[0] - prices.supplier[0] == pytest.approx(1.2 * 0.0004)
    normal = prices_at(MU4, WINTER_NOON)
    assert normal.network[0] == pytest.approx(1.2 * 0.07)


def test_classes_of_supplier_and_network_may_differ() -> None:
    """One price at the supplier, the network's four: each by its own calendar."""
    terms = replace(MU4, supplier=trv_base(9))
    prices = prices_at(terms, WINTER_NOON, WINTER_NIGHT, SUMMER_NOON, SUMMER_NIGHT)
    assert prices.supplier.tolist() == [0.1927] * 4
    assert prices.network == pytest.approx(
        1.2 * np.array([7.0, 3.73, 1.61, 1.11]) / 100
    )


def test_each_term_changes_on_its_local_day() -> None:
    """VAT, excise and the operation's price of a new month begin at local midnight."""
    before = Validity(date(2025, 8, 1), date(2026, 3, 31))
    after = Validity(date(2026, 4, 1))
    terms = replace(
        BASE,
        vat=(Rate(0.2, before), Rate(0.1, after)),
        excise=(Rate(0.01, before), Rate(0.02, after)),
        prices=(
            Price(PriceModel.SALE, 0.1, before),
            Price(PriceModel.PREPAID, 0.12, after),
        ),
    )
    midnight = datetime(2026, 3, 31, 22, tzinfo=UTC)
    prices = prices_at(terms, midnight - timedelta(minutes=15), midnight)
    assert prices.operation.tolist() == [0.1, 0.12]
    assert prices.excise == pytest.approx([0.012, 0.022])
    assert prices.network == pytest.approx([1.2 * 0.0484, 1.1 * 0.0484])


@pytest.mark.parametrize("terms", [TWO_CLASSES, ACC], ids=["MUDT", "MU4 ACC"])
def test_a_kwh_at_the_suppliers_price_earns_nothing(terms: ConsumerTerms) -> None:
    """Where nobody said what it costs, being allocated or not makes no difference."""
    unknown = replace(
        terms,
        prices=(
            Price(
                PriceModel.PREPAID, 0.1, Validity(date(2025, 8, 1), date(2026, 2, 3))
            ),
            AtSupplierPrice(Validity(date(2026, 2, 4))),
        ),
    )
    prices = prices_at(unknown, WINTER_NOON, WINTER_NOON + timedelta(days=1))
    assert prices.operation[0] == 0.1
    assert prices.allocated[1] == pytest.approx(prices.complement[1])
    assert prices.allocated[0] < prices.complement[0]


def test_saving_of_a_settled_day() -> None:
    """2 kWh allocated and 1 of complement at winter noon, sold at 0.13 €, 0.05 € of fees."""
    prices = prices_at(replace(ACC, prices=SALE, excise=EXCISE), WINTER_NOON)
    saved = saving(prices, np.array([2000.0]), np.array([1000.0]), 0.05)
    assert astuple(saved) == pytest.approx(
        (2 * 0.2065, 2 * 0.13, 2 * 1.2 * 0.026, 2 * 1.2 * 0.03085, 1.2 * 0.0004, 0.05)
    )
    assert saved.saving_eur == pytest.approx(
        0.4130 - 0.2600 - 0.0624 - 0.07404 - 0.00048 - 0.05
    )


# What follows for moving a load


def test_a_kwh_moved_to_noon_and_not_allocated_loses() -> None:
    """From night HC to noon HP: 0.0486 €/kWh are lost where the neighbours had the sun."""
    noon, night = prices_at(TWO_CLASSES, WINTER_NOON, WINTER_NIGHT).supplier
    prices = prices_at(TWO_CLASSES, WINTER_NOON)
    lost = shift_gain_eur_per_kwh(night, noon, prices.allocated[0], 0.0)
    assert lost == pytest.approx(-0.0486)


def test_a_move_earns_the_difference_not_the_whole_price() -> None:
    """A given kWh at noon against night HC: 0.1579 less the network's 0.0593."""
    noon, night = prices_at(TWO_CLASSES, WINTER_NOON, WINTER_NIGHT).supplier
    allocated = prices_at(TWO_CLASSES, WINTER_NOON).allocated[0]
    gain = shift_gain_eur_per_kwh(night, noon, allocated, 1.0)
    assert gain == pytest.approx(0.1579 - 0.05928)


@pytest.mark.parametrize(
    ("asked", "gains"),
    [(0.0985, True), (0.0987, False)],
    ids=["just below", "just above"],
)
def test_noon_beats_night_below_its_price(asked: float, gains: bool) -> None:
    """As soon as the operation's price and 1.2 network fees are below 0.1579, not later."""
    terms = replace(TWO_CLASSES, prices=(Price(PriceModel.SALE, asked, SINCE_2025),))
    prices = prices_at(terms, WINTER_NOON, WINTER_NIGHT)
    gain = shift_gain_eur_per_kwh(
        prices.supplier[1], prices.complement[0], prices.allocated[0], 1.0
    )
    assert bool(gain > 0) is gains


@pytest.mark.parametrize(
    ("default", "complement", "allocated", "probability"),
    [
        pytest.param(0.1635, 0.2081, 0.13, 0.57, id="sale, August 2025"),
        pytest.param(0.1635, 0.2081, 0.044, 0.27, id="gift, August 2025"),
        pytest.param(0.1940, 0.1940, 0.13, 0.0, id="Base: never loses"),
        pytest.param(0.2065, 0.1579, 0.13, -1.74, id="noon is cheaper anyway"),
        pytest.param(0.1000, 0.2065, 0.13, 1.39, id="always loses"),
        pytest.param(0.1579, 0.2065, 0.2065, None, id="as dear as the supplier"),
        pytest.param(0.1579, 0.1579, 0.19, None, id="dearer than midday HC"),
    ],
)
def test_break_even(
    default: float, complement: float, allocated: float, probability: float | None
) -> None:
    """(HP - HC) / (HP - ACC), not clipped; no such thing where the operation is dearer."""
    found = break_even_probability(default, complement, allocated)
    assert found == (
        None if probability is None else pytest.approx(probability, abs=5e-3)
    )


@pytest.mark.parametrize(
    ("allocated", "gain"),
    [
        pytest.param(0.1193, 0.0386, id="little where the operation is cheaper"),
        pytest.param(0.1793, -0.0214, id="a loss where it is dearer"),
    ],
)
def test_midday_off_peak_leaves_little_or_nothing(
    allocated: float, gain: float
) -> None:
    """The complement at noon already costs 0.1579: sun is not best by itself."""
    assert shift_gain_eur_per_kwh(0.1579, 0.1579, allocated, 1.0) == pytest.approx(gain)
    assert shift_gain_eur_per_kwh(0.1579, 0.1579, allocated, 0.0) == 0


def test_gain_is_against_what_would_have_run() -> None:
    """A tank that its contact closes at noon anyway has gained nothing by our running it."""
    at_noon = marginal_eur_per_kwh(0.1579, 0.0593, 0.8)
    assert shift_gain_eur_per_kwh(at_noon, 0.1579, 0.0593, 0.8) == 0
    assert shift_gain_eur_per_kwh(0.1579, 0.1579, 0.0593, 0.8) == pytest.approx(0.07888)


@pytest.mark.parametrize("probability", [-0.01, 1.01, float("nan")])
def test_no_cost_at_an_impossible_probability(probability: float) -> None:
    """Outside [0, 1] there is no expected cost."""
    with pytest.raises(CostError, match="not_a_probability: probability"):
        marginal_eur_per_kwh(0.2, 0.1, probability)


# The optional network formula

SUMMER_QUARTERS = [
    datetime(2026, 4, 1, 6, tzinfo=UTC) + i * timedelta(days=1) for i in range(90)
]
"""Morning HP of days of the low season."""


@pytest.mark.parametrize(
    ("kwh_by_year", "cheaper"), [(519, False), (521, True)], ids=["519", "521"]
)
def test_the_formula_of_operations_pays_from_520_kwh(
    kwh_by_year: int, cheaper: bool
) -> None:
    """4.47 €/yr against 0.86 c€ an allocated kWh of low-season HP: about 520 kWh a year.

    Here over the 90 days, with their part of the yearly energy.
    """
    kwh = kwh_by_year * 90 / 365
    costs = network_formulas(
        turpe(NetworkFormula.MU4, seasonal(NIGHT)),
        ACC_MU4,
        SUMMER_QUARTERS,
        np.full(90, 1000 * kwh / 90),
        np.full(90, 1000.0),
        PARIS,
    )
    assert costs.acc_is_cheaper is cheaper
    assert costs.normal_eur == pytest.approx((kwh + 90) * 0.0161)
    assert costs.acc_eur == pytest.approx(kwh * 0.0075 + 90 * 0.0161 + 4.47 * 90 / 365)


def test_a_dearer_complement_can_outweigh_the_allocated() -> None:
    """Winter HC: 3 kWh of complement at 0.03 c€ more each, and the fixed part, for 1 saved."""
    steps = [WINTER_NIGHT, WINTER_NIGHT + timedelta(minutes=30)]
    costs = network_formulas(
        turpe(NetworkFormula.MU4, seasonal(NIGHT)),
        ACC_MU4,
        steps,
        np.array([100.0, 0.0]),
        np.array([0.0, 30_000.0]),
        PARIS,
    )
    assert costs.normal_eur == pytest.approx(30.1 * 0.0373)
    assert costs.acc_eur == pytest.approx(0.1 * 0.0123 + 30 * 0.0376 + 4.47 / 365)
    assert not costs.acc_is_cheaper


# Fixed costs

APRIL = [date(2026, 4, 1) + timedelta(days=i) for i in range(30)]


def test_fixed_costs_of_a_month() -> None:
    """10 €/yr to the operation, 4.47 €/yr and VAT for the network formula: 30 of 365 days."""
    fees = (Fee(10.0, SINCE_2025),)
    assert fixed_eur(replace(ACC, fees=fees), APRIL) == pytest.approx(
        (10 + 4.47 * 1.2) * 30 / 365
    )
    assert fixed_eur(replace(BASE, fees=fees, vat=()), APRIL) == pytest.approx(
        10 * 30 / 365
    )
    assert fixed_eur(BASE, APRIL) == 0


def test_no_fixed_costs_of_a_formula_whose_fee_is_not_known() -> None:
    """After the last published fee there is none, not one of zero."""
    assert fixed_eur(ACC, [date(2026, 7, 31)]) > 0
    with pytest.raises(CostError, match="not_known: extra, 2026-08-01"):
        fixed_eur(ACC, [date(2026, 7, 31), date(2026, 8, 1)])
    last_year = Validity(date(2025, 8, 1), date(2025, 12, 31))
    ended = replace(ACC_MU4, extra=(Fee(4.47, last_year),))
    with pytest.raises(CostError, match="not_known: extra, 2026-02-03"):
        network_formulas(
            MU4.network, ended, [WINTER_NOON], np.ones(1), np.ones(1), PARIS
        )


def test_formula_without_a_fixed_part_of_its_own_costs_by_the_kwh_alone() -> None:
    """As of terms whose fees hold that part: it is due once, on any day, and the formula works."""
    formula = replace(ACC_MU4, extra=())
    terms = replace(ACC, acc_formula=formula, fees=(Fee(7.3, SINCE_2025),))
    assert fixed_eur(terms, [date(2026, 2, 3)]) == pytest.approx(0.02)
    saved = saving(prices_at(terms, WINTER_NOON), np.array([2000.0]), np.zeros(1), 0.02)
    assert saved.saving_eur == pytest.approx(2 * (0.2065 - 1.2 * 0.026) - 0.02)
    costs = network_formulas(
        MU4.network, formula, [WINTER_NOON], np.full(1, 2e3), np.zeros(1), PARIS
    )
    assert costs.acc_eur == pytest.approx(2 * 0.026)
    assert fixed_eur(terms, [date(2026, 8, 1)]) == pytest.approx(0.02)


# Errors


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        pytest.param(replace(BASE, vat=()), "not_known: vat, 2026-02-03", id="no VAT"),
        pytest.param(
            replace(BASE, excise=()), "not_known: excise, 2026-02-03", id="no excise"
        ),
        pytest.param(
            replace(BASE, prices=()), "not_known: prices, 2026-02-03", id="no price"
        ),
        pytest.param(
            replace(BASE, prices=(*GIFT, *SALE)),
            "two_in_force: prices, 2026-02-03",
            id="two prices",
        ),
        pytest.param(
            replace(BASE, prices=(Price(PriceModel.GIFT, 0.01, SINCE_2025),)),
            "gift_with_price: prices, 2026-02-03, 0.01",
            id="gift with a price",
        ),
        pytest.param(
            replace(BASE, prices=(Price(PriceModel.SALE, float("nan"), SINCE_2025),)),
            "not_known: prices, 2026-02-03, nan",
            id="price that is no number",
        ),
        pytest.param(
            replace(BASE, vat=(Rate(float("inf"), SINCE_2025),)),
            "not_known: vat, 2026-02-03, inf",
            id="VAT that is no number",
        ),
    ],
)
def test_no_cost_where_a_term_is_missing(terms: ConsumerTerms, text: str) -> None:
    """Each by its name and day; never counted as nothing."""
    with pytest.raises(CostError) as error:
        prices_at(terms, WINTER_NOON)
    assert str(error.value) == text


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param(replace(BASE, supplier=()), id="no supplier"),
        pytest.param(replace(BASE, network=()), id="no network"),
        pytest.param(
            replace(ACC, acc_formula=replace(ACC_MU4, allocated=())), id="no allocated"
        ),
        pytest.param(
            replace(ACC, acc_formula=replace(ACC_MU4, complement=())),
            id="no complement",
        ),
    ],
)
def test_no_cost_without_a_tariff(terms: ConsumerTerms) -> None:
    """A tariff that is missing is no tariff of zero."""
    with pytest.raises(TariffError, match="no_tariff: 2026-02-03"):
        prices_at(terms, WINTER_NOON)


@pytest.mark.parametrize(
    ("allocated", "complement", "text"),
    [
        pytest.param([1.0], [1.0, 1.0], "steps_differ: allocated, ", id="one too few"),
        pytest.param(
            [1.0, 1.0], [1.0] * 3, "steps_differ: complement, ", id="too many"
        ),
        pytest.param(
            [1.0, float("nan")], [1.0, 1.0], "hole: allocated, step 1", id="hole"
        ),
        pytest.param(
            [1.0, 1.0],
            [-1.0, 1.0],
            "not_an_energy: complement, step 0, -1",
            id="below 0",
        ),
        pytest.param(
            [float("inf"), 1.0],
            [1.0, 1.0],
            "not_an_energy: allocated, step 0",
            id="inf",
        ),
    ],
)
def test_no_saving_of_what_is_no_energy(
    allocated: list[float], complement: list[float], text: str
) -> None:
    """A hole least of all: a saving of part of a month would pass for all of it."""
    prices = prices_at(BASE, WINTER_NOON, WINTER_NIGHT)
    with pytest.raises(CostError) as error:
        saving(prices, np.array(allocated), np.array(complement), 0.0)
    assert str(error.value).startswith(text)
    steps = [WINTER_NOON, WINTER_NIGHT]
    network = (turpe(NetworkFormula.MU4, seasonal(NIGHT)), ACC_MU4)
    with pytest.raises(CostError, match=text):
        network_formulas(
            *network, steps, np.array(allocated), np.array(complement), PARIS
        )


def test_the_culprit_stands_in_the_error() -> None:
    """For the texts a user reads."""
    with pytest.raises(CostError) as error:
        saving(prices_at(BASE, WINTER_NOON), np.array([np.nan]), np.zeros(1), 0.0)
    assert error.value.problem is CostProblem.HOLE
    assert error.value.what == "allocated"
    assert error.value.step == 0
    assert error.value.day is None
    assert error.value.found == "nan"


# Laws

EUR_PER_KWH = st.floats(0.0, 1.0)
ENERGIES = st.floats(0.0, 1e6)
N_STEPS = 6


@st.composite
def prices_of_steps(draw: st.DrawFn) -> StepPrices:
    """Any prices, a dearer or cheaper complement included."""
    return StepPrices(
        *(draw(arrays(np.float64, N_STEPS, elements=EUR_PER_KWH)) for _ in range(5))
    )


def curves() -> st.SearchStrategy[Energies]:
    """Energies of the steps."""
    return arrays(np.float64, N_STEPS, elements=ENERGIES)


def cut(prices: StepPrices, rows: slice | list[int]) -> StepPrices:
    """The prices of some steps."""
    return StepPrices(
        prices.supplier[rows],
        prices.complement[rows],
        prices.operation[rows],
        prices.network[rows],
        prices.excise[rows],
    )


def close(one: Saving, other: Saving) -> bool:
    """Whether each part is the same, but for rounding."""
    return astuple(one) == pytest.approx(astuple(other), rel=1e-9, abs=1e-9)


@given(prices_of_steps(), curves(), curves(), st.floats(0, 100))
def test_saving_is_the_bill_without_less_the_bill_with(
    prices: StepPrices, allocated: Energies, complement: Energies, fees: float
) -> None:
    """All from the supplier, against both at their costs and the fees."""
    without = (allocated + complement) @ prices.supplier / 1000
    bill = (allocated @ prices.allocated + complement @ prices.complement) / 1000 + fees
    saved = saving(prices, allocated, complement, fees)
    assert saved.saving_eur == pytest.approx(without - bill, abs=1e-6)


@given(prices_of_steps(), curves(), curves(), st.integers(0, N_STEPS))
def test_saving_adds_up_over_steps(
    prices: StepPrices, allocated: Energies, complement: Energies, at: int
) -> None:
    """Two parts of a period save what the whole saves."""
    first, second = (
        saving(cut(prices, rows), allocated[rows], complement[rows], fees)
        for rows, fees in ((slice(at), 1.0), (slice(at, None), 2.0))
    )
    assert close(first + second, saving(prices, allocated, complement, 3.0))


@given(prices_of_steps(), curves(), curves(), st.permutations(range(N_STEPS)))
def test_order_of_steps_is_irrelevant(
    prices: StepPrices, allocated: Energies, complement: Energies, order: list[int]
) -> None:
    """A step counts the same wherever it stands."""
    shuffled = saving(cut(prices, order), allocated[order], complement[order], 0.0)
    assert close(shuffled, saving(prices, allocated, complement, 0.0))


@given(prices_of_steps(), curves(), curves(), st.sampled_from([0.0, 0.5, 2.0]))
def test_saving_is_linear(
    prices: StepPrices, allocated: Energies, complement: Energies, scale: float
) -> None:
    """Twice the energy saves twice as much, fees apart."""
    one = saving(prices, allocated, complement, 0.0)
    other = saving(prices, scale * allocated, scale * complement, 0.0)
    assert astuple(other) == pytest.approx([scale * eur for eur in astuple(one)])


@given(curves(), st.floats(0, 100))
def test_nothing_is_saved_where_nothing_is_allocated(
    complement: Energies, fees: float
) -> None:
    """Only the fees are left to pay, under the normal network formula."""
    steps = [WINTER_NOON + i * timedelta(hours=2) for i in range(N_STEPS)]
    prices = step_prices(TWO_CLASSES, steps, PARIS)
    saved = saving(prices, np.zeros(N_STEPS), complement, fees)
    assert saved.saving_eur == -fees


@given(EUR_PER_KWH, EUR_PER_KWH, st.floats(0, 1))
def test_marginal_cost_lies_between_the_two(
    complement: float, allocated: float, probability: float
) -> None:
    """At most the dearer, at least the cheaper, and each of them where it is certain."""
    cost = marginal_eur_per_kwh(complement, allocated, probability)
    low, high = sorted((complement, allocated))
    assert low - 1e-12 <= cost <= high + 1e-12
    assert marginal_eur_per_kwh(complement, allocated, 1.0) == allocated
    assert marginal_eur_per_kwh(complement, allocated, 0.0) == complement


@given(EUR_PER_KWH, EUR_PER_KWH, EUR_PER_KWH, st.floats(0, 1))
def test_a_move_gains_above_the_break_even(
    default: float, complement: float, allocated: float, probability: float
) -> None:
    """More certain than the break-even gains, less certain loses."""
    edge = break_even_probability(default, complement, allocated)
    gain = shift_gain_eur_per_kwh(default, complement, allocated, probability)
    if edge is None:
        assert allocated >= complement
    elif gain > 1e-9:
        assert probability > edge
    elif gain < -1e-9:
        assert probability < edge


@given(st.integers(1, 48), st.integers(0, 2000))
def test_days_of_fixed_costs_add_up(n_days: int, offset: int) -> None:
    """A period costs what its days cost, over a change of year too."""
    terms = replace(
        ACC,
        fees=(Fee(12.0, SINCE_2025), Fee(3.0, SINCE_2025)),
        acc_formula=replace(ACC_MU4, extra=(Fee(4.47, SINCE_2025),)),
    )
    first = date(2025, 8, 1) + timedelta(days=offset)
    days = [first + timedelta(days=i) for i in range(n_days)]
    assert fixed_eur(terms, days) == pytest.approx(
        sum(fixed_eur(terms, [day]) for day in days)
    )
