"""What is expected: the same sums as what is owed, seen from one home."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, strategies as st
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.keys import (
    ProRataKey,
    StaticKey,
)
from custom_components.autoconsommation_collective.engine.model import (
    Coefficient,
    Key,
    KeyType,
    Member,
    Operation,
    Role,
    Validity,
)
from custom_components.autoconsommation_collective.engine.repartition import allocate
from custom_components.autoconsommation_collective.engine.share import (
    CommunityStep,
    Missing,
    ShareRule,
    expected_allocated_wh,
    expected_shared_wh,
    rule_in_force,
)

WH = st.integers(0, 20_000).map(float)
PARTS = st.integers(0, 100).map(lambda percent: percent / 100)
DEFAULT = ShareRule(KeyType.DEFAULT_DYNAMIC)
HALF = ShareRule(KeyType.STATIC, coefficient=0.5)

RULES = st.just(DEFAULT) | PARTS.map(lambda part: ShareRule(KeyType.STATIC, part))
COMMUNITIES = st.builds(CommunityStep, shared_injection_wh=WH, withdrawal_wh=WH)


# Laws


@given(injected=WH, own=WH, others=st.lists(WH, max_size=4), part=PARTS | st.none())
def test_estimate_is_the_allocation_when_the_forecast_is_exact(
    injected: float, own: float, others: list[float], part: float | None
) -> None:
    """With the real sums of the step, nothing is left to guess."""
    if part is None:
        rule, key = DEFAULT, ProRataKey()
    else:
        rule = ShareRule(KeyType.STATIC, part)
        key = StaticKey((part, *(0.0 for _ in others)))
    owed = allocate(np.array([[injected]]), np.array([[own, *others]]), key)
    community = CommunityStep(injected, withdrawal_wh=own + sum(others))
    assert expected_allocated_wh(own, community, rule) == pytest.approx(
        owed.allocated[0, 0], abs=1e-6
    )


@given(WH, COMMUNITIES, RULES, PARTS | st.none())
def test_never_more_than_withdrawn_nor_than_injected(
    own: float, community: CommunityStep, rule: ShareRule, coverage: float | None
) -> None:
    """0 <= estimate <= own withdrawal and injection of all, whatever past cases say."""
    expected = expected_allocated_wh(own, community, rule, coverage)
    assert not isinstance(expected, Missing)
    assert 0 <= expected <= own
    assert expected <= community.shared_injection_wh * (1 + 1e-12)


@given(WH, WH, COMMUNITIES, RULES, PARTS | st.none())
def test_whoever_withdraws_more_is_expected_to_get_no_less(
    own: float,
    extra: float,
    community: CommunityStep,
    rule: ShareRule,
    coverage: float | None,
) -> None:
    """Monotone in the own withdrawal."""
    less = expected_allocated_wh(own, community, rule, coverage)
    more = expected_allocated_wh(own + extra, community, rule, coverage)
    assert not isinstance(less, Missing) and not isinstance(more, Missing)
    assert more >= less - 1e-6


@given(WH, WH, COMMUNITIES, RULES)
def test_more_sun_gives_no_less(
    own: float, extra: float, community: CommunityStep, rule: ShareRule
) -> None:
    """Monotone in the injection."""
    sunny = CommunityStep(
        community.shared_injection_wh + extra, community.withdrawal_wh
    )
    less, more = (expected_allocated_wh(own, step, rule) for step in (community, sunny))
    assert not isinstance(less, Missing) and not isinstance(more, Missing)
    assert more >= less >= 0


@given(WH, COMMUNITIES, PARTS, st.sampled_from(KeyType))
def test_past_cases_tell_the_share_of_any_key_but_a_static_one(
    own: float, community: CommunityStep, part: float, key: KeyType
) -> None:
    """The same part of whatever is drawn; a coefficient is surer than any case."""
    found = expected_allocated_wh(own, community, ShareRule(key, 0.5), part)
    if key is KeyType.STATIC:
        assert found == expected_allocated_wh(own, community, ShareRule(key, 0.5))
    else:
        assert found == min(own * part, community.shared_injection_wh)


# Vectors

VECTORS = [
    pytest.param(DEFAULT, 500, 1000, 4000, 125, id="default, scarce: a quarter for all"),
    pytest.param(DEFAULT, 500, 4000, 1000, 500, id="default, sun to spare"),
    pytest.param(DEFAULT, 500, 1000, 1000, 500, id="default, just enough"),
    pytest.param(DEFAULT, 900, 1000, 200, 900, id="default, home above the forecast"),
    pytest.param(DEFAULT, 1200, 1000, 200, 1000, id="default, home above the injection"),
    pytest.param(DEFAULT, 0, 1000, 0, 0, id="default, nobody withdraws"),
    pytest.param(DEFAULT, 500, 0, 1000, 0, id="default, dark"),
    pytest.param(HALF, 500, 1000, 4000, 500, id="static, all of the part used"),
    pytest.param(HALF, 200, 1000, 4000, 200, id="static, rest of the part, neighbours or not"),
    pytest.param(HALF, 800, 1000, 0, 500, id="static, above the part"),
    pytest.param(HALF, 500, 0, 1000, 0, id="static, dark"),
    pytest.param(HALF, 200, 1000, None, 200, id="static, withdrawal not published"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "own", "injected", "withdrawn", "expected"), VECTORS)
def test_worked_step(
    rule: ShareRule,
    own: float,
    injected: float,
    withdrawn: float | None,
    expected: float,
) -> None:
    """In Wh of one step."""
    community = CommunityStep(injected, withdrawn)
    assert expected_allocated_wh(own, community, rule) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("injected", "withdrawn", "surplus"),
    [
        pytest.param(3000, 1000, 2000, id="sun to spare"),
        pytest.param(1000, 3000, 0, id="scarce"),
        pytest.param(1000, None, None, id="withdrawal not published"),
    ],
)
def test_surplus_of_all(
    injected: float, withdrawn: float | None, surplus: float | None
) -> None:
    """What no member withdraws."""
    assert CommunityStep(injected, withdrawn).surplus_wh == surplus


# Reasons

KNOWN, UNPUBLISHED = CommunityStep(1000, 500), CommunityStep(1000, None)


@pytest.mark.parametrize(
    ("community", "rule", "reason"),
    [
        pytest.param(UNPUBLISHED, DEFAULT, Missing.NO_WITHDRAWAL, id="withdrawal"),
        pytest.param(KNOWN, ShareRule(KeyType.STATIC), Missing.KEY_UNKNOWN, id="coefficient"),
        pytest.param(KNOWN, ShareRule(KeyType.SIMPLE_DYNAMIC, 0.5), Missing.KEY_UNKNOWN, id="simple dynamic"),
        pytest.param(KNOWN, ShareRule(KeyType.FULL_DYNAMIC, 0.5), Missing.KEY_UNKNOWN, id="full dynamic"),
        pytest.param(KNOWN, ShareRule(KeyType.OTHER, 0.5), Missing.KEY_UNKNOWN, id="other"),
    ],
)  # fmt: skip
def test_says_what_is_missing(
    community: CommunityStep,
    rule: ShareRule,
    reason: Missing,
) -> None:
    """No number is made up where one is not known."""
    assert expected_allocated_wh(200.0, community, rule) is reason


def test_default_key_needs_no_coefficient() -> None:
    """A coefficient left over from a former static key changes nothing."""
    left_over = ShareRule(KeyType.DEFAULT_DYNAMIC, coefficient=0.01)
    community = CommunityStep(1000, 4000)
    assert expected_allocated_wh(400, community, left_over) == 100


# The rule of a day: default key until 14 June, static with two coefficients from the 15th

STATIC_FROM = date(2026, 6, 15)
HIGHER_FROM = date(2026, 6, 20)
LEFT_ON = date(2026, 6, 30)
DAY = timedelta(days=1)

OPERATION = Operation(
    id=None,
    name="La boucle du village",
    time_zone="Europe/Paris",
    step=timedelta(minutes=15),
    keys=(
        Key(KeyType.FULL_DYNAMIC, Validity(date(2026, 1, 1), pending=True)),
        Key(KeyType.DEFAULT_DYNAMIC, Validity(date(2026, 1, 1), STATIC_FROM - DAY)),
        Key(KeyType.STATIC, Validity(STATIC_FROM, LEFT_ON)),
    ),
    prices=(),
    plants=(),
)
MEMBER = Member(
    role=Role.CONSUMER,
    membership=(
        Validity(date(2025, 1, 1), date(2025, 12, 31), pending=True),
        Validity(date(2026, 6, 1), LEFT_ON),
        Validity(date(2026, 9, 1)),
    ),
    coefficients=(
        Coefficient(0.9, Validity(date(2026, 1, 1), pending=True)),
        Coefficient(0.1, Validity(STATIC_FROM, HIGHER_FROM - DAY)),
        Coefficient(0.2, Validity(HIGHER_FROM, LEFT_ON)),
    ),
    months=(),
)


@pytest.mark.parametrize(
    ("day", "rule"),
    [
        pytest.param(date(2025, 6, 1), Missing.NOT_MEMBER, id="membership pending"),
        pytest.param(date(2026, 5, 31), Missing.NOT_MEMBER, id="the day before joining"),
        pytest.param(date(2026, 6, 1), DEFAULT, id="first day as a member"),
        pytest.param(STATIC_FROM - DAY, DEFAULT, id="last day of the default key"),
        pytest.param(STATIC_FROM, ShareRule(KeyType.STATIC, 0.1), id="first day of the static key"),
        pytest.param(HIGHER_FROM, ShareRule(KeyType.STATIC, 0.2), id="new coefficient"),
        pytest.param(LEFT_ON, ShareRule(KeyType.STATIC, 0.2), id="last day as a member"),
        pytest.param(LEFT_ON + DAY, Missing.NOT_MEMBER, id="the day after"),
        pytest.param(date(2026, 9, 1), Missing.KEY_UNKNOWN, id="back, and no key in force"),
    ],
)  # fmt: skip
def test_rule_of_a_day(day: date, rule: ShareRule | Missing) -> None:
    """Key, coefficient and membership change on their days; what is pending never counts."""
    assert rule_in_force(OPERATION, MEMBER, day) == rule


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        pytest.param(None, None, id="nothing"),
        pytest.param(OPERATION, None, id="member unknown"),
        pytest.param(None, MEMBER, id="operation unknown"),
    ],
)
def test_no_rule_without_the_documents(
    operation: Operation | None, member: Member | None
) -> None:
    """The organiser publishes nothing yet."""
    assert rule_in_force(operation, member, date(2026, 6, 1)) is Missing.NO_FEED


def test_pure_producer_is_allocated_nothing() -> None:
    """No settlement tells of its withdrawal, so no estimate of it could ever be replaced."""
    day = date(2026, 6, 1)
    producer = replace(MEMBER, role=Role.PRODUCER)
    prosumer = replace(MEMBER, role=Role.PROSUMER)
    assert rule_in_force(OPERATION, producer, day) is Missing.NOT_CONSUMER
    assert rule_in_force(OPERATION, prosumer, day) == rule_in_force(
        OPERATION, MEMBER, day
    )


# What this home draws beyond a usual one


CROWD = {"shared_injection_wh": 5000.0, "withdrawal_wh": 3000.0, "members": 30}


@pytest.mark.parametrize(
    ("own", "allocated"),
    [
        pytest.param(50, 50, id="less than usual"),
        pytest.param(100, 100, id="as usual"),
        pytest.param(1000, 1000, id="a water heater"),
        pytest.param(2100, 2100, id="all that was left"),
        pytest.param(4000, 4000 * 5000 / 6900, id="more than was left"),
    ],
)
def test_own_load_comes_on_top_of_what_is_expected_of_all(
    own: float, allocated: float
) -> None:
    """30 homes are expected to draw 3,000 Wh, this one 100 of them; 5,000 are injected."""
    community = CommunityStep(**CROWD)
    assert expected_allocated_wh(own, community, DEFAULT) == pytest.approx(allocated)


@given(WH, WH, st.integers(1, 50), st.data())
def test_one_of_many_gets_what_the_key_owes(
    injected: float, usual: float, members: int, data: st.DataObject
) -> None:
    """Where all others draw as usual, the estimate is exact from the usual draw upwards."""
    own = usual + data.draw(WH)
    owed = allocate(
        np.array([[injected]]),
        np.array([[own] + [usual] * (members - 1)]),
        ProRataKey(),
    )
    community = CommunityStep(injected, usual * members, members)
    assert expected_allocated_wh(own, community, DEFAULT) == pytest.approx(
        owed.allocated[0, 0], abs=1e-6
    )


# What is injected


@given(own=WH, others=st.lists(WH, max_size=3), drawn=WH)
def test_shared_injection_is_the_allocation_when_the_forecast_is_exact(
    own: float, others: list[float], drawn: float
) -> None:
    """Each producer's part; what is left over is the surplus of the settlement."""
    owed = allocate(np.array([[own, *others]]), np.array([[drawn]]), ProRataKey())
    community = CommunityStep(own + sum(others), withdrawal_wh=drawn)
    shared = expected_shared_wh(own, community, KeyType.DEFAULT_DYNAMIC)
    assert shared == pytest.approx(own - owed.surplus[0, 0], abs=1e-6)


@given(own=WH, community=COMMUNITIES, coverage=PARTS, key=st.sampled_from(KeyType))
def test_shared_injection_lies_within_the_injection(
    own: float, community: CommunityStep, coverage: float, key: KeyType
) -> None:
    """And within what members draw, however wrong the forecast of the injection was."""
    shared = expected_shared_wh(own, community, key, coverage)
    assert not isinstance(shared, Missing)
    assert community.withdrawal_wh is not None
    assert 0 <= shared <= min(own, community.withdrawal_wh) + 1e-6


@pytest.mark.parametrize(
    ("withdrawal", "key", "missing"),
    [
        pytest.param(100.0, None, Missing.KEY_UNKNOWN, id="no key"),
        pytest.param(100.0, KeyType.STATIC, Missing.KEY_UNKNOWN, id="fixed shares"),
        pytest.param(None, KeyType.DEFAULT_DYNAMIC, Missing.NO_WITHDRAWAL, id="few"),
    ],
)
def test_shared_injection_that_is_not_known(
    withdrawal: float | None, key: KeyType | None, missing: Missing
) -> None:
    """Then there is no estimate, and no zero."""
    community = CommunityStep(1000.0, withdrawal_wh=withdrawal)
    assert expected_shared_wh(500.0, community, key) is missing
