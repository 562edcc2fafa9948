"""Who may take part: distances between sites, the limit that applies, who breaks it, power.

France: *arrêté du 21 novembre 2019* on extended operations, as changed on 14 October 2020,
19 September 2023 and 21 February 2025; it applies to mainland France, and that is all this
file knows (where the grid is not interconnected, other limits apply). Not looked at: that
the sites hang on the network of one operator. Inside one building no limit applies (Code de
l'énergie L315-2). Wallonia: what the participants declared, at the end of the file.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import combinations, pairwise
import math
from typing import override

from .errors import AccError
from .model import Dated, Validity, in_force

DENSITY_CLASSES = range(1, 8)
"""INSEE's *grille communale de densité*: 1–2 urban centres, 3 small towns, 4 urban belts
(both periurban), 5 rural towns, 6 and 7 dispersed housing (all three rural)."""

EQUATORIAL_RADIUS_KM = 6378.137
ECCENTRICITY_SQUARED = 0.00669437999014
"""The WGS84 ellipsoid, on which positions are given."""


class PerimeterProblem(StrEnum):
    """Why a perimeter cannot be checked."""

    SITE_TWICE = "site_twice"
    NOT_A_POSITION = "not_a_position"
    """Unknown (NaN), infinite or off the globe."""
    CLASS_UNKNOWN = "class_unknown"
    """No class of INSEE's grid."""
    DISTANCE_OUT_OF_RANGE = "distance_out_of_range"
    """No distance that a derogation can fix."""
    NOT_A_POWER = "not_a_power"
    NOT_IN_FORCE = "not_in_force"
    """The rule did not exist yet on that day."""


class PerimeterError(AccError):
    """A site, a derogation or a day for which the rule gives no answer."""

    def __init__(
        self, problem: PerimeterProblem, site_id: str | None, found: object
    ) -> None:
        """Name the site, None where none is to blame, and what stands there."""
        super().__init__(problem, site_id, found)
        self.problem = problem
        self.site_id = site_id
        self.found = str(found)

    @override
    def __str__(self) -> str:
        """One line, as `class_unknown: site mairie: 8`."""
        site = f"site {self.site_id}: " if self.site_id is not None else ""
        return f"{self.problem.value}: {site}{self.found}"


class Body(StrEnum):
    """Who stands behind a site, as far as the public-service derogation asks."""

    LOCAL_AUTHORITY = "local_authority"
    """A commune, or an EPCI with its own taxes."""
    PUBLIC_SERVICE = "public_service"
    """Public or private with a public-service mission, or a local semi-public company."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Site:
    """A place that consumes or injects. Raises PerimeterError on no position or class."""

    id: str
    latitude_deg: float
    longitude_deg: float
    """Of the delivery point, or of the injection point of a plant."""
    commune: str
    density_class: int
    """Of the commune, in the grid in force when the derogation was asked for."""
    epci: str | None = None
    """The EPCI the commune belongs to; None where it is not known."""
    body: Body = Body.OTHER

    def __post_init__(self) -> None:
        """Refuse what is no place."""
        for degrees, most in ((self.latitude_deg, 90), (self.longitude_deg, 180)):
            # NaN passes no comparison. Only the wrong number is told: a position is private.
            if not abs(degrees) <= most:
                raise PerimeterError(PerimeterProblem.NOT_A_POSITION, self.id, degrees)
        if self.density_class not in DENSITY_CLASSES:
            raise PerimeterError(
                PerimeterProblem.CLASS_UNKNOWN, self.id, self.density_class
            )


@dataclass(frozen=True, slots=True)
class DistanceDerogation:
    """The minister lets the sites lie further apart than the default (art. 1 bis)."""

    own_km: float | None = None
    """The distance it fixes itself, whatever the classes; None: what the classes allow."""
    communes: frozenset[str] = frozenset()
    """The communes it lists, outside which it does not hold; empty where it lists none."""


@dataclass(frozen=True, slots=True)
class PublicServiceDerogation:
    """The minister lets public bodies of one EPCI share, at any distance inside it."""

    epci: str


type Derogation = DistanceDerogation | PublicServiceDerogation | None
"""What was granted to the operation. It is checked as given: an operation that keeps within
the default distance needs none, and is checked with None."""


class Ground(StrEnum):
    """Why a distance limit applies."""

    DEFAULT = "default"
    PERIURBAN = "periurban"
    RURAL = "rural"
    OWN_DISTANCE = "own_distance"
    PUBLIC_SERVICE = "public_service"


@dataclass(frozen=True, slots=True)
class DistanceLimit:
    """The greatest distance between two sites, that distance included."""

    ground: Ground
    km: float
    """Infinite where no distance is set."""
    lowest_class: int
    """Holds where no site's commune is of a lower class."""
    validity: Validity
    source: str


@dataclass(frozen=True, slots=True)
class PowerLimit:
    """What the installed power of all plants together must stay below."""

    kw: float
    """Peak power for solar plants."""
    public_service: bool
    """Whether it is that of the public-service derogation."""
    validity: Validity
    source: str

    def allows(self, total_kw: float) -> bool:
        """Whether a total is below the limit; one at the limit is not (*inférieure à*).

        Raises PerimeterError on a total that is negative, infinite or not known.
        """
        if not 0 <= total_kw < math.inf:
            raise PerimeterError(PerimeterProblem.NOT_A_POWER, None, total_kw)
        return total_kw < self.kw


# A text that names no day enters into force the day after its publication in the JO
# (Code civil, art. 1).
DISTANCE_LIMITS = (
    DistanceLimit(Ground.DEFAULT, 2, 1, Validity(date(2019, 11, 25)), "arrêté du 21 novembre 2019, JO 24 novembre 2019"),
    DistanceLimit(Ground.OWN_DISTANCE, 20, 1, Validity(date(2020, 10, 19)), "arrêté du 14 octobre 2020, JO 18 octobre 2020"),
    DistanceLimit(Ground.PERIURBAN, 10, 3, Validity(date(2023, 10, 8)), "arrêté du 19 septembre 2023, JO 7 octobre 2023"),
    DistanceLimit(Ground.RURAL, 20, 5, Validity(date(2023, 10, 8)), "arrêté du 19 septembre 2023, JO 7 octobre 2023"),
    DistanceLimit(Ground.PUBLIC_SERVICE, math.inf, 1, Validity(date(2025, 3, 6)), "arrêté du 21 février 2025, JO 5 mars 2025"),
)  # fmt: skip
"""Mainland France. A distance that a derogation fixes itself is at most that of its row."""

POWER_LIMITS = (
    PowerLimit(3000, False, Validity(date(2019, 11, 25), date(2025, 3, 5)), "arrêté du 21 novembre 2019, JO 24 novembre 2019"),
    PowerLimit(5000, False, Validity(date(2025, 3, 6)), "arrêté du 21 février 2025, JO 5 mars 2025"),
    PowerLimit(10000, True, Validity(date(2025, 3, 6)), "arrêté du 21 février 2025, JO 5 mars 2025"),
)  # fmt: skip
"""Mainland France."""


class Reason(StrEnum):
    """Why a site breaks a rule."""

    TOO_FAR = "too_far"
    LOWERS_LIMIT = "lowers_limit"
    """Its class lowers the limit, so that others lie too far apart."""
    COMMUNE_NOT_LISTED = "commune_not_listed"
    EPCI_UNKNOWN = "epci_unknown"
    OTHER_EPCI = "other_epci"
    NO_PUBLIC_SERVICE = "no_public_service"
    NO_LOCAL_AUTHORITY = "no_local_authority"
    """Of the whole operation: no commune and no EPCI takes part."""
    OTHER_COMMUNE = "other_commune"
    TRANSFORMER_UNKNOWN = "transformer_unknown"
    OTHER_TRANSFORMER = "other_transformer"


@dataclass(frozen=True, slots=True)
class Finding:
    """One site that breaks one rule."""

    site_id: str | None
    """None where the operation as a whole breaks it."""
    reason: Reason
    pairs: int = 0
    """How many pairs of sites lie too far apart for that reason."""
    other_site_id: str | None = None
    """The site it is furthest from, where it is too far."""
    distance_km: float | None = None


@dataclass(frozen=True, slots=True)
class PerimeterCheck:
    """An operation held against the rule."""

    greatest_km: float
    """Between the two most distant sites; 0 where there is one site or none."""
    farthest: tuple[str, str] | None
    """These two sites."""
    limit: DistanceLimit
    fixed_by: tuple[str, ...]
    """The sites without which the limit would be higher; empty where no class lowers it."""
    findings: tuple[Finding, ...]
    """Who breaks the rule; those who break most pairs first, then by id."""

    @property
    def accepted(self) -> bool:
        """Whether nothing breaks the rule."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class JoinCheck:
    """A candidate held against the rule: the operation without and with it."""

    before: PerimeterCheck
    after: PerimeterCheck
    reasons: tuple[Finding, ...]
    """What the candidate itself breaks; without any, `before` tells why it is refused."""

    @property
    def accepted(self) -> bool:
        """Whether the operation keeps the rule with the candidate in it."""
        return self.after.accepted


def distance_km(one: Site, other: Site) -> float:
    """Distance along the ellipsoid, in km, by its curvature at the mean latitude.

    Within 2 cm of the geodesic at 20 km in France; not made for far longer distances.
    """
    latitude = math.radians((one.latitude_deg + other.latitude_deg) / 2)
    flattened = 1 - ECCENTRICITY_SQUARED * math.sin(latitude) ** 2
    east_radius_km = EQUATORIAL_RADIUS_KM / math.sqrt(flattened)
    north_radius_km = east_radius_km * (1 - ECCENTRICITY_SQUARED) / flattened
    return math.hypot(
        north_radius_km * math.radians(other.latitude_deg - one.latitude_deg),
        east_radius_km
        * math.cos(latitude)
        * math.radians(other.longitude_deg - one.longitude_deg),
    )


def distance_limit(
    sites: Iterable[Site], derogation: Derogation, on: date
) -> DistanceLimit:
    """The distance limit of an operation on a day, with its ground and its source.

    Under a derogation by density the most constraining class prevails: 20 km where all
    communes are rural, 10 km where all are rural or periurban, else the default; of no
    sites, the highest there is. Raises PerimeterError where the derogation did not exist
    yet, or fixes a distance below the default or above what it may.
    """
    default = _of_ground(Ground.DEFAULT, on)
    match derogation:
        case None:
            return default
        case PublicServiceDerogation():
            return _of_ground(Ground.PUBLIC_SERVICE, on)
        case DistanceDerogation(own_km=own_km):
            if own_km is None:
                classes = [site.density_class for site in sites]
                lowest = min(classes, default=max(DENSITY_CLASSES))
                rural = _of_ground(Ground.RURAL, on)
                periurban = _of_ground(Ground.PERIURBAN, on)
                by_density = (rural, periurban, default)
                return next(row for row in by_density if row.lowest_class <= lowest)
            most = _of_ground(Ground.OWN_DISTANCE, on)
            if not default.km <= own_km <= most.km:
                raise PerimeterError(
                    PerimeterProblem.DISTANCE_OUT_OF_RANGE, None, own_km
                )
            return replace(most, km=own_km)


def power_limit(derogation: Derogation, on: date) -> PowerLimit:
    """The power limit of an operation on a day, with its source.

    Raises PerimeterError where the derogation, or any limit, did not exist yet.
    """
    public = isinstance(derogation, PublicServiceDerogation)
    return _one_in_force([r for r in POWER_LIMITS if r.public_service is public], on)


def check_perimeter(
    sites: Iterable[Site], derogation: Derogation, on: date
) -> PerimeterCheck:
    """Hold all pairs of sites against the rule of a day.

    Raises PerimeterError where two sites bear one id, and as `distance_limit` does.
    """
    ordered = _by_id(sites)
    limit = distance_limit(ordered, derogation, on)
    highest_km = distance_limit((), derogation, on).km
    pairs = [
        (distance_km(one, other), one.id, other.id)
        for one, other in combinations(ordered, 2)
    ]
    greatest = max(pairs, default=None)
    fixed_by = {
        site.id
        for site in ordered
        if distance_limit((site,), derogation, on).km == limit.km < highest_km
    }
    others = [site for site in ordered if site.id not in fixed_by]
    others_km = distance_limit(others, derogation, on).km
    lowered = sum(
        fixed_by.isdisjoint((one, other))
        for km, one, other in pairs
        if limit.km < km <= others_km
    )
    findings = [
        *_too_far(pair for pair in pairs if pair[0] > limit.km),
        *(
            Finding(site_id, Reason.LOWERS_LIMIT, lowered)
            for site_id in fixed_by
            if lowered
        ),
        *_conditions(ordered, derogation),
    ]
    return PerimeterCheck(
        greatest_km=greatest[0] if greatest else 0.0,
        farthest=greatest[1:] if greatest else None,
        limit=limit,
        fixed_by=tuple(sorted(fixed_by)),
        findings=tuple(sorted(findings, key=lambda f: (-f.pairs, f.site_id or ""))),
    )


def may_join(
    candidate: Site, sites: Iterable[Site], derogation: Derogation, on: date
) -> JoinCheck:
    """Tell whether a candidate may join, and what stands in its way.

    Either the candidate breaks the rule, or the operation does so already without it.
    Raises as `check_perimeter` does.
    """
    present = tuple(sites)
    after = check_perimeter((*present, candidate), derogation, on)
    return JoinCheck(
        before=check_perimeter(present, derogation, on),
        after=after,
        reasons=tuple(f for f in after.findings if f.site_id == candidate.id),
    )


@dataclass(frozen=True, slots=True)
class WalloonSite:
    """A place that consumes or injects in Wallonia, as its participants declare it."""

    id: str
    commune: str
    transformer: str | None = None
    """The transformer station it hangs on; None where it is not known."""


@dataclass(frozen=True, slots=True)
class SameCommune:
    """Declared: all sites lie in one commune."""

    commune: str
    exceptions: frozenset[str] = frozenset()
    """Ids of sites elsewhere that are accepted as exceptions."""


@dataclass(frozen=True, slots=True)
class SameTransformer:
    """Declared: all sites hang on one transformer station."""

    transformer: str


def check_walloon(
    sites: Iterable[WalloonSite], declared: SameCommune | SameTransformer
) -> tuple[Finding, ...]:
    """Name the sites that do not fit what the operation declared, by id; none if it is kept.

    A renewable energy community shares inside a restricted perimeter (*arrêté du
    Gouvernement wallon du 17 mars 2023*). The text of its exceptions is not established
    here: which sites are accepted is told, never concluded. Raises PerimeterError where two
    sites bear one id.
    """
    ordered = _by_id(sites)
    match declared:
        case SameCommune(commune, exceptions):
            return tuple(
                Finding(site.id, Reason.OTHER_COMMUNE)
                for site in ordered
                if site.commune != commune and site.id not in exceptions
            )
        case SameTransformer(transformer):
            return tuple(
                Finding(
                    site.id,
                    Reason.OTHER_TRANSFORMER
                    if site.transformer
                    else Reason.TRANSFORMER_UNKNOWN,
                )
                for site in ordered
                if site.transformer != transformer
            )


def _of_ground(ground: Ground, on: date) -> DistanceLimit:
    """The distance limit of that ground on a day."""
    return _one_in_force([r for r in DISTANCE_LIMITS if r.ground is ground], on)


def _one_in_force[T: Dated](rows: Sequence[T], on: date) -> T:
    """The row in force on a day; periods of one kind never overlap."""
    for row in in_force(rows, on):
        return row
    raise PerimeterError(PerimeterProblem.NOT_IN_FORCE, None, on)


def _by_id[T: (Site, WalloonSite)](sites: Iterable[T]) -> list[T]:
    """The sites in order of their ids, so that the order they came in changes nothing."""
    ordered = sorted(sites, key=lambda site: site.id)
    for one, following in pairwise(ordered):
        if one.id == following.id:
            raise PerimeterError(PerimeterProblem.SITE_TWICE, one.id, one.id)
    return ordered


def _too_far(beyond: Iterable[tuple[float, str, str]]) -> Iterator[Finding]:
    """One finding for each site of a pair beyond the limit, with its farthest partner."""
    partners: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for km, one, other in beyond:
        partners[one].append((km, other))
        partners[other].append((km, one))
    for site_id, others in partners.items():
        km, other = max(others)
        yield Finding(site_id, Reason.TOO_FAR, len(others), other, km)


def _conditions(sites: Sequence[Site], derogation: Derogation) -> Iterator[Finding]:
    """What a derogation asks beside the distance, and is not given."""
    match derogation:
        case DistanceDerogation(communes=communes) if communes:
            for site in sites:
                if site.commune not in communes:
                    yield Finding(site.id, Reason.COMMUNE_NOT_LISTED)
        case PublicServiceDerogation(epci):
            if not any(site.body is Body.LOCAL_AUTHORITY for site in sites):
                yield Finding(None, Reason.NO_LOCAL_AUTHORITY)
            for site in sites:
                if site.epci is None:
                    yield Finding(site.id, Reason.EPCI_UNKNOWN)
                elif site.epci != epci:
                    yield Finding(site.id, Reason.OTHER_EPCI)
                if site.body is Body.OTHER:
                    yield Finding(site.id, Reason.NO_PUBLIC_SERVICE)
