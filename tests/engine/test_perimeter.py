"""Who may take part: laws for any sites, then cases on an invented map.

Sites stand on a grid of km east and north of an invented square. Its scale is right within
a few parts in a thousand, so cases keep clear of the limits; those at a limit measure it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
import math

from homeassistant.util.location import vincenty
from hypothesis import assume, given, strategies as st
import pytest

from custom_components.autoconsommation_collective.engine.errors import AccError
from custom_components.autoconsommation_collective.engine.perimeter import (
    DISTANCE_LIMITS,
    POWER_LIMITS,
    Body,
    Derogation,
    DistanceDerogation,
    Finding,
    Ground,
    PerimeterError,
    PerimeterProblem,
    PublicServiceDerogation,
    Reason,
    SameCommune,
    SameTransformer,
    Site,
    WalloonSite,
    check_perimeter,
    check_walloon,
    distance_km,
    distance_limit,
    may_join,
    power_limit,
)

TODAY = date(2026, 6, 1)
URBAN, PERIURBAN, RURAL = 1, 4, 6
DENSITY = DistanceDerogation()


def site(
    name: str,
    east_km: float = 0,
    north_km: float = 0,
    density_class: int = RURAL,
    *,
    commune: str = "C1",
    epci: str | None = "E1",
    body: Body = Body.OTHER,
) -> Site:
    """A site some km east and north of the square."""
    return Site(
        id=name,
        latitude_deg=46.5 + north_km / 111.16,
        longitude_deg=1.9 + east_km / 76.75,
        commune=commune,
        density_class=density_class,
        epci=epci,
        body=body,
    )


SITES = st.builds(
    site,
    st.sampled_from("abcdefgh"),
    st.floats(-12, 12),
    st.floats(-12, 12),
    st.integers(1, 7),
    commune=st.sampled_from(["C1", "C1", "C2", "C3"]),
    epci=st.sampled_from(["E1", "E1", "E1", "E2", None]),
    body=st.sampled_from(Body),
)
OPERATIONS = st.lists(SITES, max_size=7, unique_by=lambda one: one.id)
RURAL_SITES = SITES.map(lambda one: replace(one, density_class=RURAL))
DEROGATIONS = st.sampled_from(
    [
        None,
        DENSITY,
        DistanceDerogation(communes=frozenset({"C1", "C2"})),
        DistanceDerogation(own_km=3),
        DistanceDerogation(own_km=20, communes=frozenset({"C1"})),
        PublicServiceDerogation("E1"),
    ]
)


def of(findings: Sequence[Finding], reason: Reason) -> list[Finding]:
    """Those of one reason."""
    return [finding for finding in findings if finding.reason is reason]


# Distance


@given(
    st.floats(41, 51.5),
    st.floats(-5, 9.6),
    st.floats(0, 2 * math.pi),
    st.floats(0, 20),
)
def test_distance_is_that_of_the_geodesic(
    latitude: float, longitude: float, bearing: float, km: float
) -> None:
    """Within 5 cm of another method's, anywhere in France, up to 20 km."""
    one = Site("one", latitude, longitude, "C1", RURAL)
    other = Site(
        "other",
        latitude + km * math.cos(bearing) / 111.3,
        longitude + km * math.sin(bearing) / (111.4 * math.cos(math.radians(latitude))),
        "C1",
        RURAL,
    )
    geodesic_km = vincenty(
        (one.latitude_deg, one.longitude_deg), (other.latitude_deg, other.longitude_deg)
    )
    assert distance_km(one, other) == pytest.approx(geodesic_km, rel=0, abs=5e-5)


@pytest.mark.parametrize(
    ("north_deg", "east_deg", "km"),
    [
        pytest.param(0.1, 0, 11.1132, id="a tenth of a degree north at 45°"),
        pytest.param(0, 0.1, 7.8847, id="a tenth of a degree east at 45°"),
    ],
)
def test_distance_is_that_of_the_tables(
    north_deg: float, east_deg: float, km: float
) -> None:
    """Lengths of a degree on WGS84, as geodesy's tables give them."""
    one = Site("one", 45 - north_deg / 2, 2, "C1", RURAL)
    other = Site("other", 45 + north_deg / 2, 2 + east_deg, "C1", RURAL)
    assert distance_km(one, other) == pytest.approx(km, abs=1e-4)


@given(SITES, SITES)
def test_distance_is_the_same_from_either_side(one: Site, other: Site) -> None:
    """Exactly, and nothing to itself."""
    assert distance_km(one, other) == distance_km(other, one)
    assert distance_km(one, one) == 0


# Laws of the check


@given(OPERATIONS, DEROGATIONS, st.randoms(use_true_random=False))
def test_order_of_sites_is_irrelevant(
    sites: list[Site], derogation: Derogation, random: st.random.Random
) -> None:
    """Whoever is listed first is not looked at differently."""
    shuffled = random.sample(sites, len(sites))
    assert check_perimeter(shuffled, derogation, TODAY) == check_perimeter(
        sites, derogation, TODAY
    )


@given(OPERATIONS, SITES, DEROGATIONS)
def test_one_more_site_never_helps(
    sites: list[Site], candidate: Site, derogation: Derogation
) -> None:
    """It never raises the limit and never shrinks the greatest distance."""
    assume(candidate.id not in {one.id for one in sites})
    join = may_join(candidate, sites, derogation, TODAY)
    assert join.after.limit.km <= join.before.limit.km
    assert join.after.greatest_km >= join.before.greatest_km


@given(OPERATIONS, SITES, DEROGATIONS)
def test_joining_is_the_check_of_all(
    sites: list[Site], candidate: Site, derogation: Derogation
) -> None:
    """A refusal always has a reason: the candidate's, or that of the operation before."""
    assume(candidate.id not in {one.id for one in sites})
    join = may_join(candidate, sites, derogation, TODAY)
    together = check_perimeter([candidate, *sites], derogation, TODAY)
    assert join.before == check_perimeter(sites, derogation, TODAY)
    assert join.after == together
    assert join.accepted is together.accepted
    assert {finding.site_id for finding in join.reasons} <= {candidate.id}
    assert join.accepted is not bool(together.findings)
    assert join.accepted or join.reasons or join.before.findings


@given(OPERATIONS, DEROGATIONS)
def test_every_pair_beyond_the_limit_is_told(
    sites: list[Site], derogation: Derogation
) -> None:
    """Each site with its farthest partner and the number of its partners too far away."""
    check = check_perimeter(sites, derogation, TODAY)
    told = {finding.site_id: finding for finding in of(check.findings, Reason.TOO_FAR)}
    for one in sites:
        away = {
            other.id: distance_km(one, other) for other in sites if other is not one
        }
        beyond = {name: km for name, km in away.items() if km > check.limit.km}
        finding = told.pop(one.id, None)
        assert (finding is not None) is bool(beyond)
        if finding:
            assert finding.pairs == len(beyond)
            assert finding.distance_km == max(beyond.values())
            assert away[finding.other_site_id] == finding.distance_km
    assert not told


@given(OPERATIONS, DEROGATIONS)
def test_greatest_distance_is_that_of_the_farthest_pair(
    sites: list[Site], derogation: Derogation
) -> None:
    """Between two sites that are named, and no pair lies further apart."""
    check = check_perimeter(sites, derogation, TODAY)
    between = {
        frozenset((one.id, other.id)): distance_km(one, other)
        for one, other in combinations(sites, 2)
    }
    assert check.greatest_km == max(between.values(), default=0)
    if check.farthest is None:
        assert len(sites) < 2
    else:
        assert between[frozenset(check.farthest)] == check.greatest_km


@given(OPERATIONS, DEROGATIONS)
def test_who_leaves_breaks_nothing_but_the_authority(
    sites: list[Site], derogation: Derogation
) -> None:
    """An operation that keeps the rule keeps it without any one site."""
    assume(check_perimeter(sites, derogation, TODAY).accepted)
    for leaving in sites:
        rest = [one for one in sites if one is not leaving]
        findings = check_perimeter(rest, derogation, TODAY).findings
        assert {finding.reason for finding in findings} <= {Reason.NO_LOCAL_AUTHORITY}


@given(OPERATIONS, DEROGATIONS)
def test_limit_is_higher_without_those_who_fix_it(
    sites: list[Site], derogation: Derogation
) -> None:
    """And not while one of them is left; the others change nothing."""
    check = check_perimeter(sites, derogation, TODAY)
    others = [one for one in sites if one.id not in check.fixed_by]
    assert list(check.fixed_by) == sorted(check.fixed_by)
    if not check.fixed_by:
        assert distance_limit([], derogation, TODAY) == check.limit
        return
    assert distance_limit(others, derogation, TODAY).km > check.limit.km
    for one in sites:
        if one.id in check.fixed_by:
            left = [*others, one]
            assert distance_limit(left, derogation, TODAY) == check.limit


@given(OPERATIONS, DEROGATIONS)
def test_findings_begin_with_who_breaks_most(
    sites: list[Site], derogation: Derogation
) -> None:
    """Then by id; the operation as a whole comes before its sites."""
    findings = check_perimeter(sites, derogation, TODAY).findings
    order = [(-finding.pairs, finding.site_id or "") for finding in findings]
    assert order == sorted(order)


@given(
    st.lists(RURAL_SITES, max_size=6, unique_by=lambda one: one.id),
    st.sampled_from([URBAN, PERIURBAN]),
)
def test_island_is_refused_for_the_pairs_it_pushes_out(
    sites: list[Site], density_class: int
) -> None:
    """As many as lie beyond its limit and within that of the others."""
    island = site("island", density_class=density_class)
    check = check_perimeter([*sites, island], DENSITY, TODAY)
    limit_km = 2 if density_class == URBAN else 10
    pushed = sum(
        limit_km < distance_km(one, other) <= 20
        for one, other in combinations(sites, 2)
    )
    expected = [Finding("island", Reason.LOWERS_LIMIT, pushed)] if pushed else []
    assert of(check.findings, Reason.LOWERS_LIMIT) == expected


# Cases on the map


def test_urban_centre_refuses_a_periurban_candidate_beyond_2_km() -> None:
    """With or without a derogation: one urban commune is enough."""
    town = [site("hall", 0, 0, URBAN), site("school", 0.6, 0.4, URBAN)]
    candidate = site("farm", 2.4, 0, PERIURBAN)
    for derogation in (None, DENSITY):
        join = may_join(candidate, town, derogation, TODAY)
        assert not join.accepted
        assert join.before.accepted
        assert (join.after.limit.km, join.after.limit.ground) == (2, Ground.DEFAULT)
        (reason,) = join.reasons
        assert (reason.reason, reason.other_site_id) == (Reason.TOO_FAR, "hall")
        assert reason.pairs == 1
        assert reason.distance_km == pytest.approx(2.4, rel=0.01)
    assert join.after.fixed_by == ("hall", "school")


def test_rural_operation_with_a_periurban_producer_is_limited_to_10_km() -> None:
    """A rural candidate at 9 km of it may join, one at 11 km may not."""
    sites = [site("plant", 0, 0, PERIURBAN), site("barn", 0, -2), site("mill", 0, 3)]
    near = may_join(site("near", -9, 0, 5), sites, DENSITY, TODAY)
    far = may_join(site("far", 0, -11), sites, DENSITY, TODAY)
    assert near.accepted
    assert not far.accepted
    assert (far.after.limit.km, far.after.limit.ground) == (10, Ground.PERIURBAN)
    assert far.after.fixed_by == ("plant",)
    assert far.after.farthest == ("far", "mill")
    assert [(one.site_id, one.reason, one.pairs) for one in far.after.findings] == [
        ("far", Reason.TOO_FAR, 2),
        ("mill", Reason.TOO_FAR, 1),
        ("plant", Reason.TOO_FAR, 1),
        ("plant", Reason.LOWERS_LIMIT, 1),
    ]


def test_periurban_island_in_a_rural_circle_is_refused() -> None:
    """It is close to everybody, but its class would push the others apart."""
    sites = [site("west", -7), site("east", 8), site("north", 0, 6)]
    join = may_join(site("island", 0.5, 0.5, 3), sites, DENSITY, TODAY)
    assert join.before.accepted
    assert join.before.limit.ground is Ground.RURAL
    assert not join.accepted
    assert join.reasons == (Finding("island", Reason.LOWERS_LIMIT, 1),)
    assert join.after.fixed_by == ("island",)
    too_far = of(join.after.findings, Reason.TOO_FAR)
    assert [(one.site_id, one.other_site_id) for one in too_far] == [
        ("east", "west"),
        ("west", "east"),
    ]


def test_candidate_near_the_producer_but_far_from_another_is_refused() -> None:
    """Every pair counts, not the distance to the producer: it is no disc."""
    sites = [site("plant"), site("house", -1.5)]
    join = may_join(site("candidate", 1.5), sites, None, TODAY)
    assert not join.accepted
    (reason,) = join.reasons
    assert (reason.reason, reason.other_site_id) == (Reason.TOO_FAR, "house")
    assert join.after.farthest == ("candidate", "house")
    assert join.after.greatest_km == pytest.approx(3, rel=0.01)


def test_all_rural_is_accepted_up_to_20_km() -> None:
    """Rural towns and dispersed housing alike, nobody fixing the limit."""
    sites = [site("a", -9, 0, 5), site("b", 9, 0, 6), site("c", 0, 7, 7)]
    join = may_join(site("d", 2, -8, 6), sites, DENSITY, TODAY)
    assert join.accepted
    assert join.reasons == ()
    assert (join.after.limit.km, join.after.limit.ground) == (20, Ground.RURAL)
    assert join.after.fixed_by == ()
    assert not check_perimeter([*sites, site("e", -9, 12)], DENSITY, TODAY).accepted


def test_operation_that_breaks_the_rule_already_says_so() -> None:
    """The candidate is not to blame, and still may not join."""
    join = may_join(site("new"), [site("a", -1.5), site("b", 1.5)], None, TODAY)
    assert not join.accepted
    assert not join.before.accepted
    assert join.reasons == ()


@pytest.mark.parametrize(
    ("density_class", "km", "ground"),
    [
        pytest.param(1, 2, Ground.DEFAULT, id="1 great urban centre"),
        pytest.param(2, 2, Ground.DEFAULT, id="2 urban centre"),
        pytest.param(3, 10, Ground.PERIURBAN, id="3 small town"),
        pytest.param(4, 10, Ground.PERIURBAN, id="4 urban belt"),
        pytest.param(5, 20, Ground.RURAL, id="5 rural town"),
        pytest.param(6, 20, Ground.RURAL, id="6 dispersed"),
        pytest.param(7, 20, Ground.RURAL, id="7 very dispersed"),
    ],
)
def test_limit_of_a_class(density_class: int, km: float, ground: Ground) -> None:
    """Under a derogation by density, whoever else is less constraining; else 2 km."""
    sites = [site("a", density_class=density_class), site("b", density_class=7)]
    limit = distance_limit(sites, DENSITY, TODAY)
    assert (limit.km, limit.ground) == (km, ground)
    without = distance_limit(sites, None, TODAY)
    assert (without.km, without.ground) == (2, Ground.DEFAULT)


def test_own_distance_is_the_limit_whatever_the_class() -> None:
    """As the 3 km granted in Indre."""
    sites = [site("a", 0, 0, URBAN), site("b", 2.8)]
    granted = DistanceDerogation(own_km=3)
    check = check_perimeter(sites, granted, TODAY)
    assert check.accepted
    assert check.limit.km == 3
    assert check.limit.ground is Ground.OWN_DISTANCE
    assert check.fixed_by == ()
    far = may_join(site("c", -0.5), sites, granted, TODAY)
    assert [finding.reason for finding in far.reasons] == [Reason.TOO_FAR]


def test_distance_at_the_limit_is_accepted() -> None:
    """*N'excède pas*: the limit itself is kept, the next greater distance is not."""
    sites = [site("a"), site("b", 7)]
    exactly = distance_km(*sites)
    at = DistanceDerogation(own_km=exactly)
    below = DistanceDerogation(own_km=math.nextafter(exactly, 0))
    assert check_perimeter(sites, at, TODAY).accepted
    assert not check_perimeter(sites, below, TODAY).accepted


@pytest.mark.parametrize("own_km", [2, 20])
def test_own_distance_may_be_the_default_or_the_most(own_km: float) -> None:
    """The bounds are included."""
    assert distance_limit([], DistanceDerogation(own_km), TODAY).km == own_km


def test_derogation_holds_in_the_communes_it_lists() -> None:
    """A candidate next door, in a commune that is not listed, is refused for that."""
    granted = DistanceDerogation(communes=frozenset({"C1", "C2"}))
    sites = [site("a"), site("b", 5, commune="C2")]
    assert check_perimeter(sites, granted, TODAY).accepted
    join = may_join(site("c", 0.1, commune="C3"), sites, granted, TODAY)
    assert join.reasons == (Finding("c", Reason.COMMUNE_NOT_LISTED),)
    assert not join.accepted
    assert may_join(site("c", 0.1, commune="C3"), sites, DENSITY, TODAY).accepted


# Public bodies of one EPCI

TOWN_HALL = site("hall", -30, 0, URBAN, body=Body.LOCAL_AUTHORITY)
HOSPITAL = site("hospital", 30, 0, URBAN, body=Body.PUBLIC_SERVICE)
GRANTED = PublicServiceDerogation("E1")


def test_public_bodies_of_one_epci_share_at_any_distance() -> None:
    """60 km apart, in urban communes."""
    check = check_perimeter([TOWN_HALL, HOSPITAL], GRANTED, TODAY)
    assert check.accepted
    assert check.greatest_km == pytest.approx(60, rel=0.01)
    assert check.limit.km == math.inf
    assert check.limit.ground is Ground.PUBLIC_SERVICE
    assert check.fixed_by == ()


@pytest.mark.parametrize(
    ("candidate", "reasons"),
    [
        pytest.param(replace(HOSPITAL, id="x"), [], id="public service"),
        pytest.param(replace(TOWN_HALL, id="x"), [], id="another authority"),
        pytest.param(site("x"), [Reason.NO_PUBLIC_SERVICE], id="household"),
        pytest.param(
            replace(HOSPITAL, id="x", epci="E2"), [Reason.OTHER_EPCI],
            id="beyond the EPCI",
        ),
        pytest.param(
            replace(HOSPITAL, id="x", epci=None), [Reason.EPCI_UNKNOWN],
            id="EPCI not known",
        ),
        pytest.param(
            site("x", epci="E2"), [Reason.OTHER_EPCI, Reason.NO_PUBLIC_SERVICE],
            id="household beyond the EPCI",
        ),
    ],
)  # fmt: skip
def test_candidate_of_a_public_operation(
    candidate: Site, reasons: list[Reason]
) -> None:
    """Inside the EPCI and with a public-service mission, or refused for what lacks."""
    join = may_join(candidate, [TOWN_HALL, HOSPITAL], GRANTED, TODAY)
    assert [finding.reason for finding in join.reasons] == reasons
    assert join.accepted is (not reasons)


def test_public_operation_needs_a_commune_or_an_epci() -> None:
    """It lacks one until a commune joins; no site is to blame."""
    check = check_perimeter([HOSPITAL], GRANTED, TODAY)
    assert check.findings == (Finding(None, Reason.NO_LOCAL_AUTHORITY),)
    join = may_join(TOWN_HALL, [HOSPITAL], GRANTED, TODAY)
    assert join.accepted
    assert not join.before.accepted


# Days

BY_DENSITY, OWN, PUBLIC = DENSITY, DistanceDerogation(own_km=3), GRANTED


@pytest.mark.parametrize(
    ("derogation", "first_day"),
    [
        pytest.param(None, date(2019, 11, 25), id="default"),
        pytest.param(OWN, date(2020, 10, 19), id="own distance"),
        pytest.param(BY_DENSITY, date(2023, 10, 8), id="by density"),
        pytest.param(PUBLIC, date(2025, 3, 6), id="public service"),
    ],
)
def test_limit_exists_since_the_day_after_publication(
    derogation: Derogation, first_day: date
) -> None:
    """And not on the day it was published."""
    limit = distance_limit([], derogation, first_day)
    assert limit.validity.first_day == first_day
    with pytest.raises(PerimeterError) as caught:
        check_perimeter([], derogation, first_day - timedelta(days=1))
    assert caught.value.problem is PerimeterProblem.NOT_IN_FORCE
    assert caught.value.found == str(first_day - timedelta(days=1))


@pytest.mark.parametrize(
    ("derogation", "on", "kw"),
    [
        pytest.param(None, date(2019, 11, 25), 3000, id="first day"),
        pytest.param(None, date(2025, 3, 5), 3000, id="day of publication"),
        pytest.param(None, date(2025, 3, 6), 5000, id="day after publication"),
        pytest.param(BY_DENSITY, date(2025, 3, 5), 3000, id="by density, before"),
        pytest.param(BY_DENSITY, date(2025, 3, 6), 5000, id="by density, since"),
        pytest.param(OWN, TODAY, 5000, id="own distance"),
        pytest.param(PUBLIC, date(2025, 3, 6), 10000, id="public service"),
    ],
)
def test_power_limit_in_force(derogation: Derogation, on: date, kw: float) -> None:
    """3 MW, then 5 MW, and 10 MW for public bodies; the limit itself is too much."""
    limit = power_limit(derogation, on)
    assert limit.kw == kw
    assert limit.allows(0)
    assert limit.allows(math.nextafter(kw, 0))
    assert not limit.allows(kw)


@pytest.mark.parametrize(
    ("derogation", "on"),
    [
        pytest.param(None, date(2019, 11, 24), id="before any limit"),
        pytest.param(PUBLIC, date(2025, 3, 5), id="public service, too early"),
    ],
)
def test_power_limit_before_its_time(derogation: Derogation, on: date) -> None:
    """No answer is made up."""
    with pytest.raises(PerimeterError) as caught:
        power_limit(derogation, on)
    assert caught.value.problem is PerimeterProblem.NOT_IN_FORCE


def test_periods_of_one_kind_never_overlap() -> None:
    """One limit a day: where one begins, those before it have ended."""
    rows = [(row.ground, row.validity) for row in DISTANCE_LIMITS]
    rows += [(row.public_service, row.validity) for row in POWER_LIMITS]
    for (kind, one), (other_kind, other) in combinations(rows, 2):
        if kind == other_kind:
            assert not one.covers(other.first_day)
            assert not other.covers(one.first_day)


def test_every_limit_names_its_source() -> None:
    """The text and where it was published."""
    for row in (*DISTANCE_LIMITS, *POWER_LIMITS):
        assert row.source.startswith("arrêté du ")
        assert ", JO " in row.source


# What gives no answer


@pytest.mark.parametrize(
    ("latitude_deg", "longitude_deg", "found"),
    [
        pytest.param(math.nan, 1.9, "nan", id="latitude not known"),
        pytest.param(46.5, math.nan, "nan", id="longitude not known"),
        pytest.param(90.5, 1.9, "90.5", id="beyond the pole"),
        pytest.param(-91, 1.9, "-91", id="beyond the other pole"),
        pytest.param(46.5, 180.1, "180.1", id="longitude too great"),
        pytest.param(46.5, -math.inf, "-inf", id="longitude infinite"),
    ],
)
def test_no_position(latitude_deg: float, longitude_deg: float, found: str) -> None:
    """The site is named, and of its position only what is wrong."""
    with pytest.raises(PerimeterError) as caught:
        Site("mill", latitude_deg, longitude_deg, "C1", RURAL)
    assert caught.value.problem is PerimeterProblem.NOT_A_POSITION
    assert caught.value.site_id == "mill"
    assert caught.value.found == found


@pytest.mark.parametrize("density_class", [0, 8, -1, 3.5])
def test_no_class_of_the_grid(density_class: int) -> None:
    """The site is named."""
    with pytest.raises(PerimeterError) as caught:
        site("mill", density_class=density_class)
    assert caught.value.problem is PerimeterProblem.CLASS_UNKNOWN
    assert str(caught.value) == f"class_unknown: site mill: {density_class}"


@pytest.mark.parametrize("own_km", [1.9, 20.1, 0, 3000, math.nan, math.inf])
def test_no_distance_to_grant(own_km: float) -> None:
    """Below the default or beyond the most; metres are no km."""
    with pytest.raises(PerimeterError) as caught:
        check_perimeter([], DistanceDerogation(own_km), TODAY)
    assert caught.value.problem is PerimeterProblem.DISTANCE_OUT_OF_RANGE
    assert str(caught.value) == f"distance_out_of_range: {own_km}"


def test_one_id_twice() -> None:
    """Among the sites of the operation, or borne by the candidate too."""
    a, b = site("a"), site("b")
    for attempt in (
        lambda: check_perimeter([a, b, a], None, TODAY),
        lambda: may_join(a, [a, b], None, TODAY),
        lambda: check_walloon([WalloonSite("a", "C1")] * 2, SameCommune("C1")),
    ):
        with pytest.raises(PerimeterError) as caught:
            attempt()
        assert caught.value.problem is PerimeterProblem.SITE_TWICE
        assert caught.value.site_id == "a"
        assert isinstance(caught.value, AccError)


@pytest.mark.parametrize("total_kw", [-1, math.nan, math.inf])
def test_no_power(total_kw: float) -> None:
    """Unknown power is not within the limit."""
    with pytest.raises(PerimeterError) as caught:
        power_limit(None, TODAY).allows(total_kw)
    assert caught.value.problem is PerimeterProblem.NOT_A_POWER


# Wallonia

VILLAGE = [
    WalloonSite("a", "Vieux-Pré", "T1"),
    WalloonSite("b", "Vieux-Pré"),
    WalloonSite("c", "Neuf-Bois", "T1"),
    WalloonSite("d", "Neuf-Bois", "T2"),
]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        pytest.param(
            SameCommune("Vieux-Pré"),
            [("c", Reason.OTHER_COMMUNE), ("d", Reason.OTHER_COMMUNE)],
            id="same commune",
        ),
        pytest.param(
            SameCommune("Vieux-Pré", frozenset({"d"})), [("c", Reason.OTHER_COMMUNE)],
            id="same commune, one exception",
        ),
        pytest.param(
            SameCommune("Vieux-Pré", frozenset({"c", "d"})), [],
            id="same commune, all others accepted",
        ),
        pytest.param(
            SameTransformer("T1"),
            [("b", Reason.TRANSFORMER_UNKNOWN), ("d", Reason.OTHER_TRANSFORMER)],
            id="same transformer",
        ),
    ],
)  # fmt: skip
def test_walloon_sites_fit_what_was_declared(
    declared: SameCommune | SameTransformer, expected: list[tuple[str, Reason]]
) -> None:
    """Those that do not are named, by id, whatever order they came in."""
    for sites in (VILLAGE, VILLAGE[::-1]):
        found = check_walloon(sites, declared)
        assert [(finding.site_id, finding.reason) for finding in found] == expected
