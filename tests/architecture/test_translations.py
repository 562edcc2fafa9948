"""Every text exists in both languages, and for everything the code may say."""

import ast
from collections.abc import Iterable, Iterator
import json
from pathlib import Path
import re

import hass_frontend
from homeassistant.config_entries import ConfigFlow, OptionsFlow
import pytest
import voluptuous as vol
import yaml

from custom_components.autoconsommation_collective import (
    condition,
    config_flow,
    trigger,
)
from custom_components.autoconsommation_collective.adapters import (
    acc_steps,
    bill_steps,
    contract,
    delivered_file,
    described,
    file_steps,
    importer,
    money_steps,
    options_flow,
    producer_steps,
)
from custom_components.autoconsommation_collective.adapters.described_steps import (
    PlantSubentryFlow,
)
from custom_components.autoconsommation_collective.adapters.energy_setup import (
    EnergyProblem,
)
from custom_components.autoconsommation_collective.adapters.load_words import (
    BEFORE_THE_PLAN,
)
from custom_components.autoconsommation_collective.adapters.spoken import Asked
from custom_components.autoconsommation_collective.binary_sensor import (
    BINARY_SENSORS,
    PREPAID_LOW,
)
from custom_components.autoconsommation_collective.const import SUBENTRY_PLANT
from custom_components.autoconsommation_collective.coordinator.entries import (
    NOT_A_MEMBERSHIP,
)
from custom_components.autoconsommation_collective.coordinator.production import (
    REFUSALS,
)
from custom_components.autoconsommation_collective.coordinator.share import PRICE_ISSUES
from custom_components.autoconsommation_collective.coordinator.telling import told_month
from custom_components.autoconsommation_collective.engine.account import (
    DESCRIBED,
    PUBLISHED,
    PriceKind,
)
from custom_components.autoconsommation_collective.engine.checklist import (
    Duty,
    Standing,
)
from custom_components.autoconsommation_collective.engine.contract import CostsMissing
from custom_components.autoconsommation_collective.engine.delivery import Repair
from custom_components.autoconsommation_collective.engine.delivery_pages import NotMine
from custom_components.autoconsommation_collective.engine.errors import (
    AllocationProblem,
)
from custom_components.autoconsommation_collective.engine.hours import HoursProblem
from custom_components.autoconsommation_collective.engine.learning import Confidence
from custom_components.autoconsommation_collective.engine.load_plan import Why
from custom_components.autoconsommation_collective.engine.load_status import LoadStatus
from custom_components.autoconsommation_collective.engine.meter_match import Mismatch
from custom_components.autoconsommation_collective.engine.model import Role
from custom_components.autoconsommation_collective.engine.months import Basis
from custom_components.autoconsommation_collective.engine.perimeter import (
    Reason as Perimeter,
)
from custom_components.autoconsommation_collective.engine.reconcile import Flaw, Source
from custom_components.autoconsommation_collective.engine.roster import (
    RosterProblem,
    Solidarity,
)
from custom_components.autoconsommation_collective.engine.seen_prices import SEEN, TOLD
from custom_components.autoconsommation_collective.engine.settlement import MonthTotals
from custom_components.autoconsommation_collective.engine.signal import Reason
from custom_components.autoconsommation_collective.engine.spread_pages import (
    SpreadBy,
    SpreadProblem,
)
from custom_components.autoconsommation_collective.engine.study import (
    Sharing,
    StudyProblem,
)
from custom_components.autoconsommation_collective.engine.told_bill import BillProblem
from custom_components.autoconsommation_collective.event import SIGNAL_EVENT
from custom_components.autoconsommation_collective.organiser import (
    books,
    checklist_steps,
    evening_steps,
    facts,
    month_steps,
    participant_form,
    participant_steps,
    publishing_steps,
    sharing_steps,
    steps as organiser_steps,
)
from custom_components.autoconsommation_collective.organiser.actions import (
    NOT_AN_ORGANISER,
)
from custom_components.autoconsommation_collective.organiser.coordinator import (
    NO_KEYS,
    NOT_WRITTEN,
    NOWHERE,
)
from custom_components.autoconsommation_collective.organiser.month_steps import (
    NO_CURVES,
    OTHER_STEPS,
)
from custom_components.autoconsommation_collective.organiser.options_flow import (
    OrganiserOptionsFlow,
)
from custom_components.autoconsommation_collective.pmo.acc_errors import AccProblem
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryError,
    DeliveryProblem,
)
from custom_components.autoconsommation_collective.pmo.errors import (
    InvitationProblem,
    Problem,
)
from custom_components.autoconsommation_collective.services import (
    ACTIONS,
    ATTR_KEYS,
    BILL_SCHEMA,
    IMPORT_SCHEMA,
    INSTALL_SCHEMA,
    ORGANISER_ACTIONS,
    SERVICE_BILL,
    SERVICE_IMPORT,
    SERVICE_INSTALL,
    SERVICE_SIMULATE,
    SIMULATE_SCHEMA,
)
from custom_components.autoconsommation_collective.tables.load_sensors import (
    LOAD_SENSORS,
    LOADS_SENSORS,
)
from custom_components.autoconsommation_collective.tables.membership_sensors import (
    AHEAD,
    ESTIMATES,
    SETTLED,
)
from custom_components.autoconsommation_collective.tables.money_sensors import (
    MONEY_SENSORS,
)
from custom_components.autoconsommation_collective.tables.organiser import (
    ORGANISER_SENSORS,
    TO_DO,
)

from .sources import FOLDER, sources

SENSORS = (
    *(*SETTLED, *ESTIMATES, *AHEAD),
    *(*LOAD_SENSORS, *LOADS_SENSORS),
    *MONEY_SENSORS,
    *ORGANISER_SENSORS,
)

FORM_MODULES = (
    acc_steps,
    config_flow,
    contract,
    described,
    evening_steps,
    facts,
    file_steps,
    money_steps,
    month_steps,
    options_flow,
    participant_form,
    participant_steps,
    producer_steps,
    publishing_steps,
    sharing_steps,
)
"""Those with the schema of a form."""

ENGLISH, FRENCH = (
    json.loads((FOLDER / "translations" / f"{language}.json").read_text("utf-8"))
    for language in ("en", "fr")
)

SHOWS_NOTHING = {"reauth", "finish", "participant_new"}
"""Steps that go on to another one, or end the flow."""
SAID_BY_CORE = {"already_configured", "reauth_successful", "reconfigure_successful"}
"""Reasons to end a flow that Home Assistant gives, not our code."""


def flat(texts: dict | str, path: str = "") -> Iterator[tuple[str, str]]:
    """Each text with its dotted key."""
    if isinstance(texts, str):
        yield path, texts
        return
    for key, below in texts.items():
        yield from flat(below, f"{path}.{key}".lstrip("."))


# Both languages


def test_same_keys() -> None:
    """Nothing is said in one language only."""
    assert dict(flat(ENGLISH)).keys() == dict(flat(FRENCH)).keys()


def test_same_placeholders() -> None:
    """What is filled in is the same."""

    def placeholders(texts: dict) -> dict[str, set[str]]:
        return {key: set(re.findall(r"{.*?}", text)) for key, text in flat(texts)}

    assert placeholders(ENGLISH) == placeholders(FRENCH)


REFUSED = {
    "empty, or spaces around it": re.compile(r"^$|^\s|\s$"),
    "address, which belongs in a placeholder": re.compile(r"https?://\S|www\."),
    "HTML": re.compile(r"<[a-z/]"),
    "quoted placeholder": re.compile(r"'{\w+}'"),
}


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
@pytest.mark.parametrize("refused", REFUSED.values(), ids=REFUSED)
def test_no_text_is(texts: dict, refused: re.Pattern[str]) -> None:
    """What Home Assistant refuses in a translation."""
    assert {key: text for key, text in flat(texts) if refused.search(text)} == {}


# What the code may say; English stands for both


TREES = {source.path: source.tree for source in sources()}


def tree(path: str) -> ast.Module:
    """The syntax tree of one file."""
    return TREES[path]


def constants(nodes: Iterable[ast.AST | None]) -> set[str]:
    """The texts among the nodes, also in the branches of a conditional expression."""
    return {
        node.value
        for outer in nodes
        if outer is not None
        for node in (
            [outer.body, outer.orelse] if isinstance(outer, ast.IfExp) else [outer]
        )
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def arguments(path: str, name: str) -> set[str]:
    """Texts given literally to the keyword argument of that name."""
    keywords = (n for n in ast.walk(tree(path)) if isinstance(n, ast.keyword))
    return constants(k.value for k in keywords if k.arg == name)


def returned(path: str, *functions: str) -> set[str]:
    """Texts that the functions return literally."""
    return constants(
        node.value
        for function in ast.walk(tree(path))
        if isinstance(function, ast.FunctionDef) and function.name in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Return)
    )


def form_errors(path: str, function: str | None = None) -> set[str]:
    """Texts put into `errors`, or returned as the first of a pair; of one function, or all."""
    found: list[ast.AST | None] = []
    nodes = [
        node
        for outer in ast.walk(tree(path))
        if function is None
        or (isinstance(outer, ast.FunctionDef) and outer.name == function)
        for node in ([outer] if function is None else ast.walk(outer))
    ]
    for node in nodes:
        match node:
            case ast.Assign([ast.Subscript(ast.Name("errors"))], value):
                found.append(value)
            case ast.Return(ast.Tuple([ast.Dict(values=values), _])):
                found.extend(values)
    return constants(found)


STEPS_OF_CORE = {*dir(ConfigFlow), *dir(OptionsFlow)} - {
    "async_step_user",
    "async_step_reconfigure",
}
"""Steps that every flow has, whether it asks anything or not."""


def test_steps_of_the_flows() -> None:
    """Each step that shows something has texts, and no other."""
    for flows, texts in (
        ([config_flow.AccConfigFlow], ENGLISH["config"]),
        ([config_flow.AccOptionsFlow, OrganiserOptionsFlow], ENGLISH["options"]),
        ([PlantSubentryFlow], ENGLISH["config_subentries"][SUBENTRY_PLANT]),
    ):
        steps = {
            name.removeprefix("async_step_")
            for flow in flows
            for name in dir(flow)
            if name.startswith("async_step_") and name not in STEPS_OF_CORE
        }
        assert set(texts["step"]) == steps - SHOWS_NOTHING


def test_fields_of_the_forms() -> None:
    """Each form has a name and an explanation for each field, and there is no other form."""
    schemas = {
        frozenset(map(str, schema.schema))
        for module in FORM_MODULES
        for schema in vars(module).values()
        if isinstance(schema, vol.Schema)
    }
    forms = [
        step
        for texts in (
            ENGLISH["config"],
            ENGLISH["options"],
            ENGLISH["config_subentries"][SUBENTRY_PLANT],
        )
        for step in texts["step"].values()
        if "data" in step
    ]
    schemas.add(frozenset(file_steps.COLUMN_FIELDS))
    schemas.add(frozenset(bill_steps.BILL_FIELDS))
    schemas.add(frozenset(participant_form.PARTICIPANT_FIELDS))
    schemas.add(frozenset(checklist_steps.CHECKLIST_FIELDS))
    schemas.add(frozenset([organiser_steps.CONF_PARTICIPANT]))
    schemas.add(frozenset([publishing_steps.CONF_QR]))
    schemas.add(frozenset({bill_steps.CONF_MONTH}))
    assert {frozenset(form["data"]) for form in forms} == schemas
    for form in forms:
        assert form["data"].keys() == form["data_description"].keys()


def test_choices_of_the_menus() -> None:
    """Each menu names the choices it offers, in their order."""
    offered = {}
    for path in (
        "config_flow.py",
        "adapters/options_flow.py",
        "adapters/energy_steps.py",
        "organiser/options_flow.py",
        "organiser/participant_steps.py",
        "organiser/sharing_steps.py",
    ):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                if "menu_options" in given:
                    step = ast.literal_eval(given["step_id"])
                    # As it stands, or what is chosen from.
                    parts = ast.walk(given["menu_options"])
                    every = next(part for part in parts if isinstance(part, ast.List))
                    offered[step] = ast.literal_eval(every)
    assert offered == {
        step: list(texts["menu_options"])
        for section in ("config", "options")
        for step, texts in ENGLISH[section]["step"].items()
        if "menu_options" in texts
    }


def test_errors_of_the_flows() -> None:
    """Each reason to refuse an input, and no other; the options ask for no meter."""
    index_problems = returned("adapters/meter.py", "index_problem", "_registry_problem")
    tariff_problems = returned(
        "adapters/tariff.py", "tariff_problem", "tomorrow_problem"
    ) | returned("adapters/price_entity.py", "price_problem")
    assert index_problems
    assert tariff_problems
    of_contract = {
        *form_errors("adapters/contract_steps.py"),
        *(f"hours_{problem}" for problem in HoursProblem),
        *(f"tariff_{problem}" for problem in tariff_problems),
    }
    of_price = form_errors("adapters/described.py", "price_errors")
    of_operation = form_errors("adapters/described.py", "operation_errors") | of_price
    of_plant = form_errors("adapters/described.py", "plant_errors")
    of_producer = form_errors("adapters/producer_steps.py")
    of_power = returned("adapters/power_meter.py", "live_power_problem") | form_errors(
        "adapters/options_flow.py"
    )
    assert len(of_power) > 1
    plant = ENGLISH["config_subentries"][SUBENTRY_PLANT]
    assert set(plant["error"]) == of_plant
    of_money = form_errors("adapters/money_steps.py") | {"value_missing"}
    of_organising = form_errors("organiser/setup_steps.py") | form_errors(
        "organiser/facts.py"
    )
    of_organiser = {
        error
        for name in (
            "participant_form",
            "participant_steps",
            "sharing_steps",
            "publishing_steps",
            "evening_steps",
        )
        for error in form_errors(f"organiser/{name}.py")
    } | form_errors("organiser/facts.py")
    assert len(of_organiser) > len(of_organising) > 1
    of_options = of_contract | of_operation | of_producer | of_power
    of_options |= of_money | of_organiser
    assert set(ENGLISH["options"]["error"]) == of_options | {
        "file_not_read",
        "file_gone",
        "bill_not_taken",
        "acc_incomplete",
        "acc_agreement",
        *(f"acc_{p}" for p in AccProblem if p is not AccProblem.NOT_THERE),
    }
    assert set(ENGLISH["config"]["error"]) == {
        *of_contract,
        *of_operation,
        *of_organising,
        *of_plant,
        *form_errors("config_flow.py"),
        *(f"invitation_{problem}" for problem in InvitationProblem),
        *(f"document_{problem}" for problem in Problem),
        *(f"index_{problem}" for problem in index_problems),
    }


def test_choices_of_the_forms() -> None:
    """Each contract, month, key ... has a name, and nothing else."""
    named = {}
    for module in FORM_MODULES:
        for schema in vars(module).values():
            if isinstance(schema, vol.Schema):
                for field in schema.schema.values():
                    if "translation_key" in field.config:
                        named[field.config["translation_key"]] = field.config["options"]
    texts = {key: list(text["options"]) for key, text in ENGLISH["selector"].items()}
    assert named.items() <= texts.items()
    assert {"contract_kind", "month", "described_key", "own_first"} <= named.keys()


def test_the_same_question_in_the_same_words() -> None:
    """At set-up as in the options, and of a plant as of another."""
    for texts in (ENGLISH, FRENCH):
        asked, told = texts["config"]["step"], texts["options"]["step"]
        for step in asked.keys() & told.keys():
            assert asked[step] == told[step]
        plant = texts["config_subentries"][SUBENTRY_PLANT]
        for step in plant["step"].values():
            assert step["data"] == asked["plant"]["data"]
            assert step["data_description"] == asked["plant"]["data_description"]
        refused = texts["config"]["error"]
        for errors in (texts["options"]["error"], plant["error"]):
            for error in errors.keys() & refused.keys():
                assert errors[error] == refused[error]


def test_ends_of_the_flows() -> None:
    """Each reason to end a flow."""
    aborts = arguments("config_flow.py", "reason") | arguments(
        "config_flow.py", "error"
    )
    assert set(ENGLISH["config"]["abort"]) == aborts | SAID_BY_CORE
    ends = {
        reason
        for path in TREES
        if path.endswith(("_steps.py", "/steps.py", "options_flow.py"))
        for reason in arguments(path, "reason")
    }
    ends |= {"energy_is_set_up", "energy_is_undone", *map(str, EnergyProblem)}
    assert set(ENGLISH["options"]["abort"]) == ends


def test_exceptions_and_issues() -> None:
    """Each error that is shown, each repair issue."""
    raised = {
        key
        for path in (
            "coordinator/settlement.py",
            "coordinator/blueprints.py",
            "coordinator/statement_telling.py",
            "services.py",
            "organiser/actions.py",
            "adapters/delivered_file.py",
            "organiser/books.py",
            "adapters/store.py",
        )
        for key in arguments(path, "translation_key")
    }
    assert raised
    raised |= {delivered_file.NOT_ALLOWED, delivered_file.NOT_READ}
    raised |= {NOT_A_MEMBERSHIP, NOT_AN_ORGANISER, NOWHERE, NOT_WRITTEN}
    raised |= {NO_KEYS}
    assert set(ENGLISH["exceptions"]) == raised | {
        f"study_{problem}" for problem in (*StudyProblem, *AllocationProblem)
    }
    assert set(ENGLISH["issues"]) == {
        "meter_missing",
        "contract_hours_changed",
        *PRICE_ISSUES.values(),
        *REFUSALS.values(),
        *(f"document_{problem}" for problem in Problem),
        "load_missing",
        "load_not_obeying",
        "settlement_gap",
        "folder_files",
        "folder_unreachable",
        "acc_refused",
        "organiser_late",
        "organiser_not_published",
        "organiser_damaged",
    }


DAMAGED = (books.KEYS, books.PUBLISHED, books.SETTINGS, books.ENERGIES)
WINDOW_TEXTS = {"reason_window", "reason_window_details"}


def common(prefix: str) -> set[str]:
    """Keys of the common texts that begin so."""
    return {key for key in ENGLISH["common"] if key.startswith(prefix)}


def test_statistics() -> None:
    """Names of the long-term statistics."""
    suffixes = (suffix for flow in importer.FLOWS for suffix in flow.statistics)
    assert common("statistic_") == {f"statistic_{suffix}" for suffix in suffixes}


def test_reasons() -> None:
    """A sentence for each reason, and the words of a window."""
    assert common("reason_") == {f"reason_{key}" for key in Reason} | WINDOW_TEXTS


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_reasons_can_be_filled_in(texts: dict) -> None:
    """With what a signal knows: only what has a window names one."""
    known = {"kwh": "1.4", "start": "12:00", "end": "14:30", "chance": "85"}
    for key in Reason:
        values = known if key in (Reason.COVERED, Reason.LATER) else {}
        assert texts["common"][f"reason_{key}"].format_map(values)


LOAD_TEXTS = {"no_plan", "done", "unverified", "asked", "calendar"}


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_why_a_file_is_not_taken_in(texts: dict) -> None:
    """A sentence for each problem, that names nothing but what is known of it."""
    problems = {problem.value for problem in DeliveryProblem}
    problems |= {f"not_mine_{why.value}" for why in NotMine}
    problems |= {"not_readable", NO_CURVES, OTHER_STEPS}
    problems |= {f"spread_{why.value}" for why in SpreadProblem}
    problems |= {f"bill_{why.value}" for why in BillProblem}
    assert common("delivery_") == {f"delivery_{key}" for key in problems}
    names = ("first", "last", "days", "allocated", "consumption", "told")
    sums = dict.fromkeys(names, "1")
    known = DeliveryError(DeliveryProblem.BAD_TIME).placeholders | sums
    for key in problems:
        assert texts["common"][f"delivery_{key}"].format_map(known)


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_what_an_import_did(texts: dict) -> None:
    """A sentence for each flaw, mismatch, source, repair and makeshift."""
    told = {f"import_flaw_{flaw.value}" for flaw in Flaw}
    told |= {f"import_source_{source.value}" for source in Source}
    told |= {f"import_repair_{repair.value}" for repair in Repair}
    told |= {f"import_by_{by.value}" for by in SpreadBy}
    told |= {f"import_match_{m.value}" for m in Mismatch if m is not Mismatch.SHIFTED}
    assert told <= common("import_")
    values = dict.fromkeys(
        (
            *("month", "part", "whole", "new", "corrected", "identical", "n"),
            *("first", "settled", "measured", "difference", "hours", "days"),
            *("source", "files", "estimated", "error"),
        ),
        "1",
    )
    for key in common("import_"):
        assert texts["common"][key].format_map(values)


def test_words_of_a_statement() -> None:
    """One for whatever may stand on the page, and no other."""
    source = (FOLDER / "adapters" / "statement_page.py").read_text("utf-8")
    named = set(re.findall(r"""(?:words|texts)\[["'](\w+)["']\]""", source))
    named |= {"month_heading", "year_heading", "formula_acc", "formula_normal"}
    named |= {f"month_{n}" for n in range(1, 13)}
    named |= {f"basis_{basis.value}" for basis in Basis}
    named |= {f"missing_{missing.value}" for missing in CostsMissing}
    named |= {f"price_{kind.value}" for kind in PriceKind}
    named |= {f"source_{source}" for source in (TOLD, SEEN, PUBLISHED, DESCRIBED)}
    assert common("statement_") == {f"statement_{key}" for key in named}


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_what_an_organiser_is_told(texts: dict) -> None:
    """A sentence for each duty, problem, role, form of solidarity and rule of the perimeter."""
    elsewhere = {
        Perimeter.OTHER_COMMUNE,
        Perimeter.TRANSFORMER_UNKNOWN,
        Perimeter.OTHER_TRANSFORMER,
    }
    told = {f"duty_{duty}" for duty in Duty} | {f"item_{one}" for one in Standing}
    told |= {f"problem_{problem}" for problem in RosterProblem}
    told |= {f"role_{role}" for role in Role}
    told |= {f"solidarity_{one}" for one in Solidarity}
    told |= {f"perimeter_{why}" for why in Perimeter if why not in elsewhere}
    told |= {f"damaged_{one}" for one in DAMAGED}
    assert {f"organiser_{key}" for key in told} <= common("organiser_")
    values = dict.fromkeys(
        (
            *("month", "duty", "day", "shared", "produced", "rate", "n", "steps"),
            *("name", "names", "days", "ends", "told", "computed", "first", "last"),
            *("other", "km", "limit", "source", "kw", "most", "cents"),
            *("statements", "owed", "coefficients", "file", "months"),
        ),
        "1",
    )
    for key in common("organiser_"):
        assert texts["common"][key].format_map(values)


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_load_sentences(texts: dict) -> None:
    """One for each reason and each status that says more, with what is known of a load."""
    told = {*map(str, Why), *BEFORE_THE_PLAN.values()} - {Why.BY_HAND}
    keys = told | {BEFORE_THE_PLAN[LoadStatus.BY_HAND]} | LOAD_TEXTS
    assert common("load_") == {f"load_{key}" for key in keys}
    known = ("until", "kwh", "covered", "start", "end", "short", "name")
    for key in keys:
        assert texts["common"][f"load_{key}"].format_map(dict.fromkeys(known, "1"))


SAID_WITHOUT_ASKING = {"unknown", "no_membership"}


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_spoken_answers(texts: dict) -> None:
    """Each answer to each question, with what is known of a window alone."""
    answers = {f"{q}_{a}" for q in Asked for a in ("now", "still", "later", "none")}
    parts = {f"confidence_{level}" for level in Confidence} | {"surest"}
    days = {f"when_{day}" for day in ("today", "tomorrow", "later")}
    expected = answers | parts | days | SAID_WITHOUT_ASKING
    assert common("spoken_") == {f"spoken_{key}" for key in expected}
    window = {"kwh": "1.4", "chance": "85", "end": "14:30", "when": "later"}
    times = {"start": "12:00", "end": "14:30", "date": "21/11"}
    for key in expected:
        values = times if key in days else window
        assert texts["common"][f"spoken_{key}"].format_map(values)


# Entities


def test_sensors() -> None:
    """A name for each, and words for each state of those that have a list of states."""
    texts = ENGLISH["entity"]["sensor"]
    assert set(texts) == {sensor.translation_key for sensor in SENSORS}
    for sensor in SENSORS:
        text = texts[sensor.translation_key]
        assert text["name"]
        assert set(text.get("state", {})) == {*map(str, sensor.options or ())}


def test_binary_sensors() -> None:
    """A name, both states, and each reason."""
    texts = ENGLISH["entity"]["binary_sensor"]
    shown = (*BINARY_SENSORS, PREPAID_LOW, TO_DO)
    assert set(texts) == {sensor.translation_key for sensor in shown}
    for text in texts.values():
        assert text["name"]
        assert set(text["state"]) == {"on", "off"}
    for sensor in BINARY_SENSORS:
        text = texts[sensor.translation_key]
        reasons = text["state_attributes"]["reason_key"]["state"]
        assert set(reasons) == {*Reason}
        attributes = texts[sensor.translation_key]["state_attributes"]
        assert set(attributes["reason_key"]["state"]) == {*Reason}


@pytest.mark.parametrize("texts", [ENGLISH, FRENCH], ids=["en", "fr"])
def test_an_estimate_says_so_in_its_name(texts: dict) -> None:
    """And what is settled never calls itself estimated."""
    word = {"en": "estimat", "fr": "estim"}["en" if texts is ENGLISH else "fr"]
    names = texts["entity"]["sensor"]
    quality = tuple(s for s in AHEAD if s.entity_category)
    ahead = tuple(s for s in AHEAD if not s.entity_category)
    assert quality
    for sensors, estimated in ((ESTIMATES + ahead, True), (SETTLED, False)):
        for sensor in sensors:
            name = names[sensor.translation_key]["name"].lower()
            assert (word in name) is estimated, name


def test_events() -> None:
    """A name, and words for each thing that may have happened."""
    (key,) = ENGLISH["entity"]["event"]
    text = ENGLISH["entity"]["event"][key]
    assert key == SIGNAL_EVENT.translation_key
    assert text["name"]
    types = text["state_attributes"]["event_type"]["state"]
    assert list(types) == SIGNAL_EVENT.event_types
    assert told_month(MonthTotals("2026-10", 2, 1, 2, 1)).keys() < {
        *text["state_attributes"]
    }


def test_icons() -> None:
    """For the same entities, under the same keys."""
    icons = json.loads((FOLDER / "icons.json").read_text("utf-8"))["entity"]
    assert {platform: set(keys) for platform, keys in icons.items()} == {
        platform: set(keys) for platform, keys in ENGLISH["entity"].items()
    }


def test_each_icon_is_one_that_the_frontend_has() -> None:
    """Another one would be an empty place."""
    folder = Path(hass_frontend.__file__).parent / "static" / "mdi"
    files = (json.loads(file.read_bytes()) for file in folder.glob("*.json"))
    # By name and path; an index of the files is a list.
    known = {name for file in files if isinstance(file, dict) for name in file}
    used = set(re.findall(r"mdi:([\w-]+)", (FOLDER / "icons.json").read_text("utf-8")))
    assert used and used <= known


# Automations


@pytest.mark.parametrize(
    ("kind", "known"),
    [("triggers", trigger.TRIGGERS), ("conditions", condition.CONDITIONS)],
)
def test_triggers_and_conditions(kind: str, known: dict[str, type]) -> None:
    """Each has its form, and each field of a form a name."""
    forms = yaml.safe_load((FOLDER / f"{kind}.yaml").read_text("utf-8"))
    forms = {name: form for name, form in forms.items() if not name.startswith(".")}
    assert forms.keys() == ENGLISH[kind].keys() == known.keys()
    for name, form in forms.items():
        assert form["target"]
        assert form["fields"].keys() == ENGLISH[kind][name]["fields"].keys()


# Actions


def test_actions() -> None:
    """Each field of the actions has a text, each key to choose from a name."""
    schemas = {name: action.schema for name, action in ACTIONS.items()}
    schemas |= {
        SERVICE_SIMULATE: SIMULATE_SCHEMA,
        SERVICE_INSTALL: INSTALL_SCHEMA,
        SERVICE_IMPORT: IMPORT_SCHEMA,
        SERVICE_BILL: BILL_SCHEMA,
    }
    schemas |= {name: action.schema for name, action in ORGANISER_ACTIONS.items()}
    actions = yaml.safe_load((FOLDER / "services.yaml").read_text("utf-8"))
    assert actions.keys() == ENGLISH["services"].keys() == schemas.keys()
    for name, schema in schemas.items():
        fields = {str(field) for field in schema.schema}
        assert fields == {*ENGLISH["services"][name]["fields"]}
        assert fields == {*actions[name]["fields"]}
    offered = actions[SERVICE_SIMULATE]["fields"][ATTR_KEYS]["selector"]["select"]
    options = ENGLISH["selector"][offered["translation_key"]]["options"]
    assert set(options) == set(offered["options"]) >= set(Sharing)
