"""Names and numbers of the integration, each with its reason."""

from datetime import timedelta
import logging
from typing import Final

DOMAIN: Final = "autoconsommation_collective"
LOGGER: Final = logging.getLogger(__package__)

CONF_KIND: Final = "kind"
KIND_MEMBER: Final = "member"
"""Kind of entry: an organiser's entry comes later and must be told apart from the first day."""

CONF_DELIVERY_POINT: Final = "delivery_point"
"""PRM (14 digits) or EAN (18 digits). Personal: stands in entry.data and nowhere else."""
CONF_FEED_URL: Final = "feed_url"
CONF_OPERATION_ID: Final = "operation_id"
CONF_OPERATION_NAME: Final = "operation_name"
CONF_IMPORT: Final = "import_indexes"
CONF_EXPORT: Final = "export_indexes"
CONF_DAILY: Final = "daily_indexes"
"""Those of the indexes that restart from zero each day; noted when they are chosen, because
at a start of Home Assistant their states may come later than we do."""
CONF_INVITATION: Final = "invitation"
CONF_SUBSCRIBED_KVA: Final = "subscribed_power_kva"
CONF_LEFT_ON: Final = "left_on"

CONF_CONTRACT: Final = "contract"
"""The supplier's contract as the member confirmed it: in entry.options, a mapping by the names
below and by `price_` with a price class."""
CONF_CONTRACT_KIND: Final = "contract_kind"
CONF_OFF_PEAK_HOURS: Final = "off_peak_hours"
CONF_SUMMER_HOURS: Final = "summer_hours"
CONF_SUMMER_FIRST: Final = "summer_first_month"
CONF_SUMMER_LAST: Final = "summer_last_month"
CONF_NETWORK_COST: Final = "network_cost"
"""Of an allocated kWh beside the operation's price, in €."""
CONF_TARIFF: Final = "tariff_entity"
"""Reference of the entity that tells the price class in force."""
CONF_TOMORROW: Final = "tomorrow_entity"
"""Reference of the entity that tells the colour of the next Tempo day."""

OFF_PEAK_STORE: Final = "off_peak"
"""Name of the document in which the meter's price classes of the last days are kept."""

CONF_OWN_FIRST: Final = "own_first"
"""Whether a producer fills its own loads before the neighbours have its surplus."""

CONF_OPERATION: Final = "operation"
"""The operation as a member described it whose organiser publishes nothing: in entry.options, a
mapping by the names below. Each of its plants is a subentry of the type below."""
CONF_KEY: Final = "key"
CONF_COEFFICIENT: Final = "coefficient_percent"
CONF_MEMBERS: Final = "members"
CONF_PRICE_MODEL: Final = "price_model"
CONF_ACC_PRICE: Final = "price_allocated"
"""Of an allocated kWh, in €, without network fee."""
CONF_STEP: Final = "step_minutes"
CONF_SINCE: Final = "since"
"""First day of the membership, or of a plant."""

SUBENTRY_PLANT: Final = "plant"
CONF_PLACE: Final = "place"
"""Of a plant, to about a kilometre. Personal: redacted in diagnostics."""
CONF_PEAK_POWER: Final = "peak_power_kw"
CONF_TILT: Final = "tilt_deg"
CONF_FACING: Final = "facing"
"""Word of the compass that the panels look at."""
CONF_BEARING: Final = "bearing_deg"
"""The same exactly, as a compass shows it: 90 east, 180 south."""

DEFAULT_STEP: Final = timedelta(minutes=15)
"""Step of the home's own slots while no organiser tells the operation's: the settlement step
planned by CRE 2023-206; quarters add up to every longer step in use."""

POLL_INTERVAL: Final = timedelta(hours=1)
"""How often the organiser's documents are asked for. A forecast changes once or twice a day,
and an unchanged document costs its host one conditional request."""

SLOT_MONTHS: Final = 13
"""Months of own slots kept: a year and the month in progress, so that seasons compare."""
