"""What entities of French meters are called by the integrations that read them.

Names of entities depend on the language and on the member; unique ids do not. Labels
are those of the meter's own output (Enedis-NOI-CPT_54E).
"""

from dataclasses import dataclass
from enum import StrEnum
import re

from ..const import DOMAIN


class MeterRole(StrEnum):
    """What an entity of a meter tells."""

    IMPORT_TOTAL = "import_total"
    IMPORT_PART = "import_part"
    EXPORT_TOTAL = "export_total"
    EXPORT_PART = "export_part"
    APPARENT_IMPORT = "apparent_import"
    APPARENT_EXPORT = "apparent_export"
    CURVE_IMPORT = "curve_import"
    CURVE_IMPORT_PREVIOUS = "curve_import_previous"
    CURVE_EXPORT = "curve_export"
    TARIFF = "tariff"
    CONTACT = "contact"
    SCHEDULE = "schedule"
    SUBSCRIBED = "subscribed"
    SUBSCRIBED_CURRENT = "subscribed_current"
    PHASE = "phase"
    APPARENT_PHASE = "apparent_phase"


INDEX_ROLES = frozenset(
    {MeterRole.IMPORT_TOTAL, MeterRole.IMPORT_PART}
    | {MeterRole.EXPORT_TOTAL, MeterRole.EXPORT_PART}
)


@dataclass(frozen=True, slots=True)
class Clue:
    """What a unique id or a name says of an entity."""

    role: MeterRole
    rank: int
    """Place among the labels of its role, the best first."""
    generic: bool = False
    """Also the name of other things: it counts only on a device known to be a meter."""
    weak: bool = False
    """A meter of energy, but maybe not the one that is billed: left to the member."""


LABELS: dict[MeterRole, tuple[str, ...]] = {
    MeterRole.IMPORT_TOTAL: ("east", "base", "current_summ_delivered"),
    MeterRole.IMPORT_PART: (
        *(f"easf{n:02}" for n in range(1, 11)),
        *("hchc", "hchp", "ejphn", "ejphpm"),
        *(f"bbrh{period}j{color}" for period in "cp" for color in "bwr"),
    ),
    MeterRole.EXPORT_TOTAL: ("eait", "current_summ_received"),
    MeterRole.APPARENT_IMPORT: ("sinsts", "papp"),
    MeterRole.APPARENT_EXPORT: ("sinsti",),
    MeterRole.CURVE_IMPORT: ("ccasn",),
    MeterRole.CURVE_IMPORT_PREVIOUS: ("ccasn-1",),
    MeterRole.CURVE_EXPORT: ("ccain",),
    MeterRole.TARIFF: (
        *("ltarf", "ptec", "ntarf", "active_register_tier_delivered"),
        *("tarif_contrat_fourniture", "current_price"),
    ),
    MeterRole.CONTACT: ("contact_sec", "relais"),
    MeterRole.SCHEDULE: ("pjourf+1", "days_profile_current_calendar"),
    MeterRole.SUBSCRIBED: ("pref", "pcoup"),
    MeterRole.SUBSCRIBED_CURRENT: ("isousc",),
    # Only a three-phase meter has them; IRMS1 and URMS1 every meter has.
    MeterRole.PHASE: (
        *(f"{label}{n}" for label in ("iinst", "imax", "adir") for n in (1, 2, 3)),
        *(f"{label}{n}" for label in ("irms", "urms") for n in (2, 3)),
    ),
    MeterRole.APPARENT_PHASE: ("sinsts1", "sinsts2", "sinsts3"),
}
"""Labels by what they tell, the best first."""

GENERIC_LABELS = frozenset(
    {"east", "base", "current_summ_delivered", "current_summ_received"}
    | {"current_price", "contact_sec", "relais", "pref"}
)
"""Labels that are also words: a wing of a house, a heat pump's base, any price."""

ROLE_OF = {label: role for role, labels in LABELS.items() for label in labels}

# The longest first, so that CCASN-1 is not read as CCASN.
_ANY_LABEL = "|".join(map(re.escape, sorted(ROLE_OF, key=len, reverse=True)))
_WORD = re.compile(rf"(?:^|[_\-. ])({_ANY_LABEL})(?=$|[_\-. ])", re.IGNORECASE)
_ZIGBEE2MQTT = re.compile(
    rf"^0x[0-9a-f]{{16}}_(?:(?P<label>{_ANY_LABEL})(?:_|$))?", re.IGNORECASE
)
"""The address, the label, then the base topic, which may be any text."""


def _patterns(
    role_of: dict[str, MeterRole],
) -> tuple[tuple[re.Pattern[str], MeterRole], ...]:
    return tuple(
        (re.compile(pattern, re.IGNORECASE), role) for pattern, role in role_of.items()
    )


# Attributes of Zigbee clusters: 0x0702 (1794) metering, 0x0B04 (2820) electrical.
PLATFORM_PATTERNS = {
    "zha": _patterns(
        {
            r"-1794-summation_delivered$": MeterRole.IMPORT_TOTAL,
            r"-1794-tier\d+_summation_delivered$": MeterRole.IMPORT_PART,
            r"-1794-summation_received$": MeterRole.EXPORT_TOTAL,
            r"-2820-apparent_power$": MeterRole.APPARENT_IMPORT,
            r"-2820$": MeterRole.CURVE_IMPORT,
            r"-2820-active_power_ph_b$": MeterRole.CURVE_IMPORT_PREVIOUS,
        }
    ),
    # The LiXee box names attributes by number, tiers at 0x0100, 0x0102 ... 0x010A.
    "mqtt": _patterns(
        {
            r"^(0x)?[0-9a-f]{16}_(0x)?(0702|1794)_(0x)?0+$": MeterRole.IMPORT_TOTAL,
            r"^(0x)?[0-9a-f]{16}_(0x)?(0702|1794)_(0x)?0*1$": MeterRole.EXPORT_TOTAL,
            r"^(0x)?[0-9a-f]{16}_(0x)?0702_(0x010[02468a]|256|258|26[0246])$": (
                MeterRole.IMPORT_PART
            ),
        }
    ),
    "little_monkey": _patterns(
        {
            r"(?<!hc_)(?<!hp_)grid_consumption$": MeterRole.IMPORT_TOTAL,
            r"production_surplus$": MeterRole.EXPORT_TOTAL,
        }
    ),
    "shelly": _patterns(
        {
            r"-emeter_\d-energy$": MeterRole.IMPORT_PART,
            r"-emeter_\d-energyReturned$": MeterRole.EXPORT_PART,
            # Clamps of their own, of which the first is usually the grid's.
            r"-em1data:\d-total_act_energy$": MeterRole.IMPORT_TOTAL,
            r"-em1data:\d-total_act_ret_energy$": MeterRole.EXPORT_TOTAL,
            r"-emdata:\d-total_act$": MeterRole.IMPORT_TOTAL,
            r"-emdata:\d-total_act_ret$": MeterRole.EXPORT_TOTAL,
        }
    ),
    "tasmota": _patterns({r"_energy_total$": MeterRole.IMPORT_TOTAL}),
}

WEAK_PLATFORMS = frozenset({"shelly", "tasmota"})
"""They count energy behind any clamp or plug, not only at the meter."""

METER_PLATFORMS = frozenset({"teleinfo", "linkytic", "little_monkey"})
"""Integrations that read nothing but a meter."""

DERIVING_PLATFORMS = frozenset(
    {DOMAIN, "derivative", "filter", "history_stats", "integration", "min_max"}
    | {"statistics", "utility_meter"}
)
"""They compute from other sensors and bear their names, on the same device."""

METER_MAKERS = frozenset({"enedis", "lixee", "gammatroniques"})
METER_MODELS = re.compile(r"zlinky|ticmeter|^teleinfo_", re.IGNORECASE)

DAILY_PLATFORMS = frozenset({"little_monkey"})
"""Integrations whose counters restart from zero each day."""

NEXT_DAY_PLATFORMS = frozenset({"apienedis", "enedis", "myelectricaldata"})
"""Integrations that bring the day before from the cloud."""

NEXT_DAY_PATTERNS = _patterns(
    {"consumption": MeterRole.IMPORT_TOTAL, "production": MeterRole.EXPORT_TOTAL}
)


def tells_next_day(platform: str, unique_id: str) -> bool:
    """Whether an entity brings the day before from the cloud, so is never live."""
    return platform in NEXT_DAY_PLATFORMS or unique_id.startswith("myelectricaldata_")


def is_meter(maker: str | None, model: str | None) -> bool:
    """Whether a device is a meter, or reads one, by what made it."""
    return (maker or "").lower() in METER_MAKERS or (
        METER_MODELS.search(model or "") is not None
    )


def read_clue(platform: str, unique_id: str, name: str | None) -> Clue | None:
    """What an entity's unique id, or else the name its integration gave it, says."""
    patterns = PLATFORM_PATTERNS.get(platform, ())
    if tells_next_day(platform, unique_id):
        patterns = NEXT_DAY_PATTERNS
    for rank, (pattern, role) in enumerate(patterns):
        if pattern.search(unique_id):
            weak = platform in WEAK_PLATFORMS
            return Clue(role, rank, generic=platform in ("zha", "mqtt"), weak=weak)
    if platform == "mqtt" and (match := _ZIGBEE2MQTT.match(unique_id)):
        return _clue(match["label"])
    words = _WORD.findall(unique_id) or _WORD.findall(name or "")
    return _clue(words[-1]) if words else None


def _clue(label: str | None) -> Clue | None:
    if label is None:
        return None
    label = label.lower()
    role = ROLE_OF[label]
    return Clue(role, LABELS[role].index(label), generic=label in GENERIC_LABELS)
