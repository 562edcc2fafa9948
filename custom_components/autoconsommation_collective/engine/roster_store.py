"""An organiser's list as JSON values, and back."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from .blocks import MINUTE
from .model import PlantKind, Price, PriceModel, Role, Validity
from .perimeter import Body, Derogation, DistanceDerogation, PublicServiceDerogation
from .roster import AgreedKey, KeyPart, Panels, Participant, Place, Roster, Solidarity

type Stored = dict[str, Any]


def stored_roster(roster: Roster) -> Stored:
    """The list as JSON values."""
    return {
        "name": roster.name,
        "agreement": roster.agreement,
        "time_zone": roster.time_zone,
        "step_minutes": int(roster.step / MINUTE),
        "keys": [_stored_key(key) for key in roster.keys],
        "prices": [
            {
                "model": price.model.value,
                "eur_per_kwh": price.eur_per_kwh,
                **_stored_validity(price.validity),
            }
            for price in roster.prices
        ],
        "derogation": _stored_derogation(roster.derogation),
        "participants": [_stored_participant(one) for one in roster.participants],
    }


def restored_roster(stored: Mapping[str, Any]) -> Roster:
    """The list that was stored. Raises KeyError, ValueError, TypeError on anything else."""
    return Roster(
        name=stored["name"],
        agreement=stored["agreement"],
        time_zone=stored["time_zone"],
        step=timedelta(minutes=stored["step_minutes"]),
        keys=tuple(_key(key) for key in stored["keys"]),
        prices=tuple(
            Price(PriceModel(price["model"]), price["eur_per_kwh"], _validity(price))
            for price in stored["prices"]
        ),
        derogation=_derogation(stored["derogation"]),
        participants=tuple(_participant(one) for one in stored["participants"]),
    )


def _stored_participant(one: Participant) -> Stored:
    panels, place = one.panels, one.place
    return {
        "id": one.id,
        "name": one.name,
        "point": one.point,
        "role": one.role.value,
        "membership": [_stored_validity(span) for span in one.membership],
        "consent": [_stored_validity(span) for span in one.consent],
        "key_parts": [
            {
                "coefficient": part.coefficient,
                "rank": part.rank,
                "investment": part.investment,
                "is_solidarity": part.is_solidarity,
                **_stored_validity(part.validity),
            }
            for part in one.key_parts
        ],
        "panels": panels
        and {
            "kind": panels.kind.value,
            "peak_power_kw": panels.peak_power_kw,
            "tilt_deg": panels.tilt_deg,
            "azimuth_deg": panels.azimuth_deg,
        },
        "is_household": one.is_household,
        "place": place
        and {
            "latitude_deg": place.latitude_deg,
            "longitude_deg": place.longitude_deg,
            "commune": place.commune,
            "density_class": place.density_class,
            "epci": place.epci,
            "body": place.body.value,
        },
        "follows": one.follows,
        "turn": one.turn,
    }


def _participant(stored: Mapping[str, Any]) -> Participant:
    panels, place = stored["panels"], stored["place"]
    return Participant(
        id=stored["id"],
        name=stored["name"],
        point=stored["point"],
        role=Role(stored["role"]),
        membership=tuple(map(_validity, stored["membership"])),
        consent=tuple(map(_validity, stored["consent"])),
        key_parts=tuple(
            KeyPart(
                _validity(part),
                part["coefficient"],
                part["rank"],
                part["investment"],
                part["is_solidarity"],
            )
            for part in stored["key_parts"]
        ),
        panels=panels
        and Panels(
            PlantKind(panels["kind"]),
            panels["peak_power_kw"],
            panels["tilt_deg"],
            panels["azimuth_deg"],
        ),
        is_household=stored["is_household"],
        place=place
        and Place(
            place["latitude_deg"],
            place["longitude_deg"],
            place["commune"],
            place["density_class"],
            place["epci"],
            Body(place["body"]),
        ),
        follows=stored["follows"],
        turn=stored["turn"],
    )


def _stored_key(key: AgreedKey) -> Stored:
    return {
        "choice": key.choice,
        "solidarity": key.solidarity and key.solidarity.value,
        "donated": key.donated,
        **_stored_validity(key.validity),
    }


def _key(stored: Mapping[str, Any]) -> AgreedKey:
    solidarity = stored["solidarity"]
    return AgreedKey(
        stored["choice"],
        _validity(stored),
        Solidarity(solidarity) if solidarity else None,
        stored["donated"],
    )


def _stored_derogation(derogation: Derogation) -> Stored | None:
    match derogation:
        case DistanceDerogation(own_km, communes):
            return {"own_km": own_km, "communes": sorted(communes)}
        case PublicServiceDerogation(epci):
            return {"epci": epci}
    return None


def _derogation(stored: Mapping[str, Any] | None) -> Derogation:
    if stored is None:
        return None
    if "epci" in stored:
        return PublicServiceDerogation(stored["epci"])
    return DistanceDerogation(stored["own_km"], frozenset(stored["communes"]))


def _stored_validity(validity: Validity) -> Stored:
    return {
        "first_day": validity.first_day.isoformat(),
        "last_day": validity.last_day and validity.last_day.isoformat(),
        "pending": validity.pending,
    }


def _validity(stored: Mapping[str, Any]) -> Validity:
    last_day = stored["last_day"]
    return Validity(
        date.fromisoformat(stored["first_day"]),
        date.fromisoformat(last_day) if last_day else None,
        pending=stored["pending"],
    )
