"""Tables whose columns are not sure: what is asked, and what an answer gives."""

import json

import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryProblem,
)
from custom_components.autoconsommation_collective.pmo.delivery_mapping import (
    ColumnMapping,
    MappingNeeded,
    Question,
    fingerprint,
    restored_mapping,
    stored_mapping,
)
from custom_components.autoconsommation_collective.pmo.delivery_words import (
    Column,
    Heading,
    minutes_of,
)
from custom_components.autoconsommation_collective.pmo.units import Unit

from .delivered import OTHER_PRM, PRM, local, problem, read, refused, told

CONS, PART = Quantity.CONSUMPTION, Quantity.ALLOCATED
ROWS = """
2026-01-14 10:00;1;2
2026-01-14 10:30;3;4
2026-01-14 11:00;5;6
"""


def asked(body: str) -> MappingNeeded:
    """What has to be told of a table."""
    error = refused(body)
    assert isinstance(error, MappingNeeded)
    return error


@pytest.mark.parametrize(
    ("header", "questions"),
    [
        ("debut;A;B", [Question.COLUMNS, Question.ENERGY]),
        ("debut;CONS (kWh);zone", [Question.COLUMNS]),
        ("debut;CONS;AUTOCONS", [Question.UNIT]),
        ("debut;Valeur (kWh);qualite", [Question.QUANTITY]),
        ("debut;Autoconsommation (kWh);CONS (kWh)", [Question.COLUMNS]),
        ("quand;CONS (kWh);AUTOCONS (kWh)", [Question.COLUMNS, Question.TIME]),
        ("debut;CONS (kWh);CONS (kWh)", [Question.ENERGY]),
        ("debut;debut;CONS (kWh)", [Question.COLUMNS]),
        ("horodate;CONS (kWh);AUTOCONS (kWh)", [Question.STAMP]),
        ("debut;CONS (kVArh);AUTOCONS", [Question.UNIT]),
        ("debut;Consommation (MWh);AUTOCONS (kWh)", [Question.COLUMNS]),
        (f"debut;{PRM} (kWh);{OTHER_PRM} (kWh)", [Question.QUANTITY]),
    ],
)
def test_what_is_asked(header: str, questions: list[Question]) -> None:
    """Only what is not sure, and never what would be a guess."""
    assert list(asked(header + ROWS).questions) == questions


def test_who_is_asked_sees_the_table() -> None:
    """Header and first rows, without the number of a delivery point."""
    needed = asked(f"debut;{PRM};Bureau{ROWS.replace('3;4', f'3;{PRM}')}")
    assert needed.header == ("debut", "…890", "Bureau")
    assert needed.names == ("debut", "#", "bureau")
    assert needed.rows[1] == ("2026-01-14 10:30", "3", "…890")
    assert PRM not in f"{needed} {needed.args} {needed.placeholders}"


ANSWER = ColumnMapping(
    {"quand": Column.TIME, "ecole": Column.CONSUMPTION, "part": Column.ALLOCATED},
    unit=Unit.KWH,
    is_end=True,
)
ASKED = "quand;école;part" + ROWS


def test_a_mapping_is_what_was_said() -> None:
    """Unit and stamps included."""
    delivery = read(ASKED, mappings={asked(ASKED).fingerprint: ANSWER})
    at = local("2026-01-14 09:30")
    assert told(delivery)[None, CONS][at] == 1000
    assert told(delivery)[None, PART][at] == 2000


def test_a_mapping_may_tell_the_time_zone() -> None:
    """Some files count winter time all year round."""
    mapping = ColumnMapping(
        ANSWER.columns, Unit.WH, is_end=False, time_zone="Etc/GMT-1"
    )
    summer = ASKED.replace("2026-01", "2026-07")
    delivery = read(summer, mappings={asked(summer).fingerprint: mapping})
    assert min(told(delivery)[None, CONS]) == local("2026-07-14 11:00")


def test_a_mapping_holds_for_the_next_month() -> None:
    """Whoever is in it: numbers of delivery points and of months are not looked at."""
    header = ["quand", "conso 03/2026", f"{PRM} x", "n"]
    later = ["Quand", "CONSO 04/2026", f"{OTHER_PRM} x", "N"]
    assert fingerprint(header) == fingerprint(later)
    assert fingerprint(header) != fingerprint([*header, "more"])
    assert fingerprint(["d", PRM, OTHER_PRM]) == fingerprint(["d", PRM])
    assert Heading(header[1]).name == "conso_#/#"


def test_a_header_may_tell_that_times_are_utc() -> None:
    """Local clocks are then not asked."""
    delivery = read("Début (UTC);CONS (W);statut" + ROWS)
    assert min(told(delivery)[None, CONS]) == local("2026-01-14 11:00")


def test_a_mapping_of_a_column_for_each_point() -> None:
    """All have one name in it."""
    body = f"quand;{PRM} a;{OTHER_PRM} a" + ROWS
    needed = asked(body)
    assert needed.names == ("quand", "#_a", "#_a")
    mapping = ColumnMapping(
        {"quand": Column.START, "#_a": Column.VALUE}, Unit.W, quantity=CONS
    )
    delivery = read(body, mappings={needed.fingerprint: mapping})
    assert set(told(delivery)) == {(PRM, CONS), (OTHER_PRM, CONS)}


def test_columns_without_numbers_are_points_by_their_names() -> None:
    """As houses are in a table by houses."""
    mapping = ColumnMapping(
        {"quand": Column.START, "ecole": Column.VALUE, "part": Column.VALUE},
        Unit.W,
        quantity=CONS,
    )
    delivery = read(ASKED, mappings={asked(ASKED).fingerprint: mapping})
    assert set(told(delivery)) == {("école", CONS), ("part", CONS)}


@pytest.mark.parametrize(
    "mapping",
    [
        ColumnMapping({"quand": Column.TIME}, Unit.WH),
        ColumnMapping({"quand": Column.TIME, "ecole": Column.VALUE}, Unit.WH),
        ColumnMapping({"quand": Column.START, "ecole": Column.CONSUMPTION}),
        ColumnMapping({"ecole": Column.CONSUMPTION}, Unit.WH),
        ColumnMapping(ANSWER.columns, Unit.WH, time_zone="Europe/Nowhere"),
        ColumnMapping(ANSWER.columns, Unit.WH, time_zone="../../etc"),
    ],
)
def test_a_mapping_that_does_not_suffice(mapping: ColumnMapping) -> None:
    """Is refused, and not asked for again."""
    key = asked(ASKED).fingerprint
    assert problem(ASKED, mappings={key: mapping}) is DeliveryProblem.MAPPING_UNFIT


def test_a_mapping_is_kept_as_json() -> None:
    """And comes back as it was."""
    for mapping in (ANSWER, ColumnMapping({}, quantity=PART, time_zone="UTC")):
        stored = json.loads(json.dumps(stored_mapping(mapping)))
        assert restored_mapping(stored) == mapping


@pytest.mark.parametrize(
    "stored",
    [
        {},
        [],
        stored_mapping(ANSWER) | {"unit": "MWh"},
        stored_mapping(ANSWER) | {"columns": {"a": "b"}},
        stored_mapping(ANSWER) | {"columns": 1},
    ],
)
def test_what_is_no_mapping(stored: object) -> None:
    """Raises what a store expects."""
    with pytest.raises((KeyError, ValueError, TypeError)):
        restored_mapping(stored)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "column", "unit"),
    [
        ("Horodate", Column.TIME, None),
        ("horodate ISO fin de pas", Column.END, None),
        ("Date de début", Column.START, None),
        ("Début de période", Column.START, None),
        ("Fin de l'intervalle", Column.END, None),
        ("end", Column.END, None),
        ("Pas", Column.STEP, None),
        ("Période", None, None),
        ("Date (UTC)", Column.TIME, None),
        ("DÃ©but", Column.START, None),
        ("Heure", Column.CLOCK, None),
        ("PRM", Column.POINT, None),
        ("N° PDL", Column.POINT, None),
        ("Grandeur métier", Column.QUANTITY, None),
        ("Quantité (kWh)", Column.VALUE, Unit.KWH),
        ("kWh", Column.VALUE, Unit.KWH),
        ("puissance moyenne (W)", Column.VALUE, Unit.W),
        ("CONS", Column.CONSUMPTION, None),
        ("CONS_kWh", Column.CONSUMPTION, Unit.KWH),
        ("Énergie soutirée [Wh]", Column.CONSUMPTION, Unit.WH),
        ("AutoCons (Wh)", Column.ALLOCATED, Unit.WH),
        ("Énergie allouée", Column.ALLOCATED, None),
        ("Ã\x89nergie allouÃ©e", Column.ALLOCATED, None),
        ("Ã‰nergie allouÃ©e", Column.ALLOCATED, None),
        ("Ãƒâ€°nergie allouÃƒÂ©e", Column.ALLOCATED, None),
        ("autoproduction", None, None),
        ("Autoconsommation", None, None),
        ("énergie autoconsommée", None, None),
        ("taux de couverture", None, None),
        ("Injection", Column.PRODUCTION, None),
        ("Surplus", Column.SURPLUS, None),
        ("Complément", Column.COMPLEMENT, None),
        ("AUTOPROD (kWh)", Column.LEFT, Unit.KWH),
        ("Énergie réactive (kVArh)", Column.LEFT, None),
        ("Pas en minutes", Column.STEP, None),
        ("", None, None),
        (f"{PRM} Consommation (W)", Column.CONSUMPTION, Unit.W),
    ],
)
def test_what_the_name_of_a_column_says(
    written: str, column: Column | None, unit: Unit | None
) -> None:
    """In whatever spelling; words with two meanings say nothing."""
    assert (Heading(written).column, Heading(written).unit) == (column, unit)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("PT30M", 30),
        ("pt1h", 60),
        ("15", 15),
        ("10 min", 10),
        ("", None),
        ("P1D", None),
    ],
)
def test_steps_that_are_told(text: str, minutes: int | None) -> None:
    """As durations, or as numbers."""
    assert minutes_of(text) == minutes


NUMBERED = """quand;Compteur 1;Compteur 2;Compteur 3
2026-01-14 10:00;1;2;9
2026-01-14 10:30;3;4;9
2026-01-14 11:00;5;6;9
"""


def test_columns_whose_names_differ_in_numbers_are_told_apart() -> None:
    """By their order, and next month's table of other numbers is read in the same way."""
    needed = asked(NUMBERED)
    assert needed.names == ("quand", "compteur_#", "compteur_# 2", "compteur_# 3")
    mapping = ColumnMapping(
        {
            "quand": Column.START,
            "compteur_#": Column.CONSUMPTION,
            "compteur_# 3": Column.ALLOCATED,
        },
        Unit.WH,
    )
    later = NUMBERED.replace("Compteur", "Compteur 2026-02/")
    assert asked(NUMBERED.replace("1;C", "7;C")).fingerprint == needed.fingerprint
    for body in (NUMBERED, NUMBERED.replace("Compteur 1", "Compteur 12")):
        delivery = told(read(body, mappings={needed.fingerprint: mapping}))
        assert delivery[None, CONS][local("2026-01-14 10:00")] == 1
        assert delivery[None, PART][local("2026-01-14 10:00")] == 9
    assert asked(later).fingerprint != needed.fingerprint


def test_one_name_for_all_points_still_holds() -> None:
    """As it was remembered before columns were told apart."""
    mapping = ColumnMapping(
        {"quand": Column.START, "compteur_#": Column.VALUE}, Unit.WH, quantity=CONS
    )
    key = asked(NUMBERED).fingerprint
    delivery = told(read(NUMBERED, mappings={key: mapping}))
    assert {point for point, _ in delivery} == {f"Compteur {n}" for n in (1, 2, 3)}


@pytest.mark.parametrize(
    ("body", "is_asked"),
    [
        pytest.param(ASKED, True, id="local times"),
        pytest.param(ASKED.replace(":00;", ":00Z;"), False, id="with their offset"),
        pytest.param(ASKED.replace("quand", "Horodate UTC"), False, id="UTC by name"),
    ],
)
def test_the_zone_is_asked_where_nothing_tells_it(body: str, is_asked: bool) -> None:
    """A Belgian file, or one from overseas, looks like any other."""
    assert asked(body).asks_zone is is_asked
