"""Who takes part in an operation, as the feed tells everybody, and what may be told."""

from collections.abc import Iterator
from typing import Any

from custom_components.autoconsommation_collective.engine.model import PlantKind, Role
from custom_components.autoconsommation_collective.engine.publishable import (
    LEAST_BEHIND_A_SUM,
)

from .followers import followers
from .village import Roof, Village


def role(village: Village, number: int) -> Role:
    """What a delivery point does: a roof apart produces only."""
    if number >= len(village.homes):
        return Role.PRODUCER
    return Role.PROSUMER if village.homes[number].produces else Role.CONSUMER


def counts(village: Village) -> dict[str, int]:
    """How many take part; members are those who consume."""
    return {
        "members": len(village.homes),
        "household_producers": len(village.household_producers),
        "non_household_plants": len(village.roofs),
        "followers": len(followers(village)),
    }


def plants(village: Village) -> Iterator[dict[str, Any]]:
    """The household plants as one group, then each roof apart."""
    if village.household_producers:
        yield _household_plants(village)
    for roof in village.roofs:
        yield _plant_apart(village, roof)


def hides_withdrawal(village: Village) -> bool:
    """Whether enough withdraw that a sum tells of nobody."""
    return len(village.homes) >= LEAST_BEHIND_A_SUM


def hides_injection(village: Village) -> bool:
    """Whether no household's injection shows in a sum: there is none, or enough inject."""
    return (
        not village.household_producers or len(village.producers) >= LEAST_BEHIND_A_SUM
    )


def _household_plants(village: Village) -> dict[str, Any]:
    """Their common slope is no roof's own; a group of one has no position."""
    households = len(village.household_producers)
    position = {
        "latitude_deg": round(village.latitude_deg, 2),
        "longitude_deg": round(village.longitude_deg, 2),
    }
    return {
        "kind": PlantKind.SOLAR,
        "peak_power_kw": round(sum(home.peak_power_kw for home in village.homes), 1),
        "commune": village.commune,
        **(position if households > 1 else {}),
        "tilt_deg": 30,
        "azimuth_deg": 0,
        "households": households,
    }


def _plant_apart(village: Village, roof: Roof) -> dict[str, Any]:
    """Where it stands and how it looks at the sky."""
    return {
        "kind": PlantKind.SOLAR,
        "peak_power_kw": roof.peak_power_kw,
        "commune": village.commune,
        "latitude_deg": round(roof.latitude_deg, 2),
        "longitude_deg": round(roof.longitude_deg, 2),
        "tilt_deg": roof.panels.tilt_deg,
        "azimuth_deg": roof.panels.azimuth_deg,
    }
