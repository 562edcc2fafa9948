"""One operation under one key: plans by name, and what comes of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from custom_components.autoconsommation_collective.engine.keys import (
    ProRataKey,
    StaticKey,
    equal_coefficients,
)
from script.simulation.curves import Matrix
from script.simulation.local_days import Numbers
from script.simulation.sun import Series
from script.simulation.year import APART, Year

from .bound import best_plan
from .days import Span
from .outcome import Outcome, outcome_of
from .plans import (
    Actuator,
    Claim,
    Followers,
    Rule,
    any_hour,
    at_night,
    best_hour,
    common_noon,
    our_signal,
    van_der_corput,
)
from .published import Own, Published, day_ahead, perfect

ORDER_SEED = 36
"""Of the order in which homes join."""


@dataclass(frozen=True, eq=False)
class Case:
    """An operation, its key and the days that count."""

    span: Span
    claim: Claim
    """Of the operation's key: pro rata or static."""

    @property
    def year(self) -> Year:
        """The days that count."""
        return self.span.year

    @cached_property
    def key(self) -> ProRataKey | StaticKey:
        """All equal where it is static."""
        if self.claim is Claim.STATIC:
            return StaticKey(equal_coefficients(self.year.n_homes))
        return ProRataKey()

    @cached_property
    def joining(self) -> Numbers:
        """Homes in the order in which they join those who follow."""
        return np.random.default_rng(ORDER_SEED).permutation(self.year.n_homes)

    @cached_property
    def producers(self) -> Numbers:
        """Homes with a plant."""
        found: Numbers = np.unique(self.year.plant_home[self.year.plant_home != APART])
        return found

    @cached_property
    def night(self) -> Outcome:
        """Where nobody follows."""
        return self.settled(at_night(self.year, self.nobody, self._nothing))

    @cached_property
    def nobody(self) -> Followers:
        """Nobody follows."""
        return Followers(self.joining[:0], np.zeros(0))

    @property
    def _nothing(self) -> Matrix:
        return np.zeros_like(self.year.base_wh)

    def settled(self, heating_wh: Matrix) -> Outcome:
        """What comes of a plan."""
        return outcome_of(self.year, heating_wh, self.key)


@dataclass(frozen=True, eq=False)
class Group:
    """Those of a case who follow; what is published for them, known or foreseen."""

    case: Case
    followers: Followers

    @cached_property
    def perfect(self) -> tuple[Published, Own]:
        """What will be."""
        return perfect(self.case.span, self.followers.homes)

    @cached_property
    def day_ahead(self) -> tuple[Published, Own]:
        """What is expected the evening before."""
        return day_ahead(self.case.span, self.followers.homes)

    def told(self, foresight: bool) -> tuple[Published, Own]:
        """One or the other."""
        return self.perfect if foresight else self.day_ahead

    @cached_property
    def noon(self) -> Outcome:
        """All at twelve."""
        return self.case.settled(common_noon(self.case.year, self.followers))

    @cached_property
    def random(self) -> Outcome:
        """Each at its own hour between ten and sixteen."""
        return self.case.settled(any_hour(self.case.year, self.followers))

    def herd(self, foresight: bool) -> Outcome:
        """All at the best hour."""
        published, _ = self.told(foresight)
        return self.case.settled(best_hour(self.case.year, self.followers, published))

    @cached_property
    def bound(self) -> Outcome:
        """The most that can be."""
        case = self.case
        coefficient = self.coefficient if case.claim is Claim.STATIC else None
        return case.settled(
            best_plan(case.year, self.followers, *self.perfect, coefficient)
        )

    @property
    def coefficient(self) -> float:
        """Of a static key."""
        return 1 / self.case.year.n_homes

    def signal(
        self,
        foresight: bool,
        actuator: Actuator,
        break_even: Matrix | float,
        claim: Claim | None = None,
        own_first: bool = False,
        knows_need: bool = True,
    ) -> Outcome:
        """By our signal, in the form of the key where no other is named."""
        published, own = self.told(foresight)
        rule = Rule(
            claim or self.case.claim, actuator, break_even, own_first, knows_need
        )
        case = self.case
        return case.settled(
            our_signal(
                case.year, self.followers, published, own, self.coefficient, rule
            )
        )


def group(case: Case, part: float = 1.0, places: Series | None = None) -> Group:
    """The first so many to join; their places by van der Corput unless given."""
    homes = case.joining[: max(1, round(part * case.year.n_homes))]
    if places is None:
        places = even_places(range(len(homes)))
    return Group(case, Followers(homes, places))


def even_places(numbers: Iterable[int]) -> Series:
    """The places that an organiser hands out in the order of joining."""
    return np.array([van_der_corput(n) for n in numbers])
