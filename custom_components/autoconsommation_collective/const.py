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
CONF_LIVE_POWER: Final = "live_power"
"""References of the sensors that tell what the whole home draws now: one, or one a phase."""
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
CONF_PRICES_SINCE: Final = "prices_since"
"""First day of the contract's prices; missing where an earlier version asked for none."""
CONF_EARLIER: Final = "earlier"
"""Contracts as they were told before, the oldest first: each holds until the next begins."""
CONF_PRICE_ENTITY: Final = "price_entity"
"""Reference of the entity that tells what a kWh costs now."""
CONF_NETWORK_FORMULA: Final = "network_formula"
"""As the grid operator bills the home; missing where the member does not know it."""

OFF_PEAK_STORE: Final = "off_peak"
"""Name of the document in which the meter's price classes of the last days are kept."""
PRICES_STORE: Final = "prices"
"""Name of the document that keeps what a price entity showed, and the colours of past days."""

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

CONF_WATCH_FOLDER: Final = "watch_folder"
"""Whether a folder is looked into for settlements."""
CONF_ARCHIVE_PASSWORD: Final = "archive_password"
"""Of the archives put there. Secret: redacted in diagnostics."""

CONF_ACC_API: Final = "acc_api"
"""The organiser's key to the grid operator's interface: in entry.options, a mapping by the names
below. Secret: redacted in diagnostics."""
CONF_AGREEMENT: Final = "agreement"
CONF_CLIENT_ID: Final = "client_id"
CONF_CLIENT_SECRET: Final = "client_secret"
CONF_SANDBOX: Final = "sandbox"

CHANGED: Final = "reconfigure_successful"
INVITATION_RENEWED: Final = "reauth_successful"
"""What is said where a flow has changed something; Home Assistant's own words are English."""

SUBENTRY_PLANT: Final = "plant"
CONF_PLACE: Final = "place"
"""Of a plant, to about a kilometre. Personal: redacted in diagnostics."""
CONF_PEAK_POWER: Final = "peak_power_kw"
CONF_TILT: Final = "tilt_deg"
CONF_FACING: Final = "facing"
"""Word of the compass that the panels look at."""
CONF_BEARING: Final = "bearing_deg"
"""The same exactly, as a compass shows it: 90 east, 180 south."""

SUBENTRY_LOAD: Final = "load"
"""A load that is steered, one to a subentry: a mapping by the names below, and its name as title.
Entities are named by reference."""
CONF_TEMPLATE: Final = "template"
"""What it was described as; its kind follows from it."""
CONF_MORE: Final = "more"
"""The section of a form with what most never change; it is not kept."""
CONF_ACTUATOR: Final = "actuator"
"""Entity that switches it; none: only advice is given."""
CONF_OWN_ACTIONS: Final = "own_actions"
"""Whether it is switched by actions that the user wrote, in place of an entity."""
CONF_LOAD_POWER: Final = "power_w"
CONF_POWER_SENSOR: Final = "power_sensor"
CONF_ENERGY_SENSOR: Final = "energy_sensor"
CONF_READY_BY: Final = "ready_by"
CONF_DAILY_KWH: Final = "kwh_per_day"
"""Needed in a day, or at most drawn of a load that only runs on what is cheap."""
CONF_MIN_ON: Final = "min_on_minutes"
CONF_MIN_OFF: Final = "min_off_minutes"
CONF_STARTS: Final = "starts_per_day"
CONF_ALLOWED_HOURS: Final = "allowed_hours"
CONF_PRIORITY: Final = "priority"
CONF_GROUP: Final = "group"
"""Word that loads share which must not run together."""
CONF_WORTH: Final = "worth_eur_per_kwh"
CONF_IN_PARTS: Final = "in_parts"

CONF_VOLUME: Final = "volume_l"
CONF_FULL_HEAT: Final = "full_heat_hours"
CONF_WATER_SENSOR: Final = "temperature_sensor"
CONF_LOWEST_C: Final = "lowest_c"
CONF_WIRING: Final = "wiring"
CONF_WHEN_DOWN: Final = "when_down"
CONF_SHARED: Final = "shared"

CONF_CURRENT: Final = "current_entity"
"""Number that sets the current of a charging point, in A of each phase."""
CONF_PHASES: Final = "phases"
CONF_LOWEST_A: Final = "lowest_a"
CONF_HIGHEST_A: Final = "highest_a"
CONF_STEP_A: Final = "step_a"
CONF_PLUGGED: Final = "plugged_sensor"
CONF_CHARGE: Final = "charge_sensor"
CONF_CAPACITY: Final = "capacity_kwh"
CONF_TARGET: Final = "target_percent"

CONF_RUN_KWH: Final = "kwh_per_run"
CONF_RUNS_FOR: Final = "runs_for"
CONF_HOURS_A_DAY: Final = "hours_per_day"

CONF_MEANS: Final = "means"
"""How it is switched: follows from the entity, or is chosen where that can be set in many ways."""
CONF_FOR_ON: Final = "for_on"
"""Option, number, temperature or mode that stands for on."""
CONF_FOR_OFF: Final = "for_off"
CONF_FOR_REST: Final = "for_rest"
"""Option that leaves the device to itself, chosen when it is handed back."""
CONF_STOP: Final = "stop_entity"
CONF_ON_ACTIONS: Final = "on_actions"
CONF_OFF_ACTIONS: Final = "off_actions"

DEFAULT_STEP: Final = timedelta(minutes=15)
"""Step of the home's own slots while no organiser tells the operation's: the settlement step
planned by CRE 2023-206; quarters add up to every longer step in use."""

POLL_INTERVAL: Final = timedelta(hours=1)
"""How often the organiser's documents are asked for. A forecast changes once or twice a day,
and an unchanged document costs its host one conditional request."""

SLOT_MONTHS: Final = 13
"""Months of own slots kept: a year and the month in progress, so that seasons compare."""
