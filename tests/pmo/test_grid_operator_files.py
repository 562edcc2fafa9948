"""Flows and answers of grid operators: what is taken of each, and what is not guessed."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
import json

import openpyxl
import pytest

from custom_components.autoconsommation_collective.engine.blocks import Quantity
from custom_components.autoconsommation_collective.engine.delivery import (
    Delivery,
    Repair,
)
from custom_components.autoconsommation_collective.pmo.delivery_errors import (
    DeliveryProblem as Problem,
)
from custom_components.autoconsommation_collective.pmo.delivery_mapping import (
    ColumnMapping,
    MappingNeeded,
    Question,
)
from custom_components.autoconsommation_collective.pmo.units import Unit

from .delivered import OTHER_PRM, PRM, local, problem, read, refused, saved, told

CONS, PART, PROD = Quantity.CONSUMPTION, Quantity.ALLOCATED, Quantity.PRODUCTION
SURPLUS, REST = Quantity.SURPLUS, Quantity.COMPLEMENT
NOON = datetime(2026, 1, 14, 11, tzinfo=UTC)


def totals(delivery: Delivery) -> list[tuple[object, ...]]:
    """All that is told of periods, without the point."""
    return [
        (t.quantity, t.first, t.last, t.energy_wh, t.price_class)
        for t in delivery.totals
    ]


# R15


def measure(
    kind: int, value: object, *, side: int = 0, name: str = "HPH", unit: str = "kWh"
) -> str:
    """One class of a reading."""
    return (
        "<Classe_Temporelle_Distributeur>"
        f"<Id_Classe_Temporelle>{name}</Id_Classe_Temporelle>"
        f"<Classe_Mesure>{kind}</Classe_Mesure><Unite_Mesure>{unit}</Unite_Mesure>"
        f"<Sens_Mesure>{side}</Sens_Mesure><Valeur>{value}</Valeur>"
        "</Classe_Temporelle_Distributeur>"
    )


def reading(day: str, *classes: str, acc: int = 1) -> str:
    """A reading of a point."""
    return (
        f"<Donnees_Releve><Date_Releve>{day}</Date_Releve>"
        f"<Autoconsommation_Collective>{acc}</Autoconsommation_Collective>"
        f"{''.join(classes)}</Donnees_Releve>"
    )


def r15(*readings: str, head: str = "", point: str = PRM) -> str:
    """A flow of one point."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<R15><En_Tete_Flux/><PRM>'
        f"<Id_PRM>{point}</Id_PRM>{''.join(readings)}</PRM></R15>"
    )


JANUARY = reading("2026-01-01", measure(1, 15175), measure(2, 90))
FEBRUARY = reading(
    "2026-02-01",
    measure(1, 15276),
    measure(2, 101),
    measure(3, 30),
    measure(4, 71),
    measure(5, 12, side=1),
    measure(6, 8, side=1),
    measure(2, 20, side=1),
)
OF_JANUARY = (date(2026, 1, 1), date(2026, 2, 1))


@pytest.mark.parametrize("order", [1, -1], ids=["forward", "backward"])
@pytest.mark.parametrize("acc", [0, 1])
def test_r15_energies_are_those_since_the_reading_before(order: int, acc: int) -> None:
    """Indexes are none; whether it says to be of an operation is not looked at."""
    readings = [
        text.replace("Collective>1", f"Collective>{acc}")
        for text in (JANUARY, FEBRUARY)
    ]
    delivery = read(r15(*readings[::order]), "R15.xml")
    assert {t.point for t in delivery.totals} == {PRM}
    assert totals(delivery) == [
        (CONS, None, date(2026, 1, 1), 90_000, "HPH"),
        (CONS, *OF_JANUARY, 101_000, "HPH"),
        (PART, *OF_JANUARY, 30_000, "HPH"),
        (REST, *OF_JANUARY, 71_000, "HPH"),
        (SURPLUS, *OF_JANUARY, 8_000, "HPH"),
        (PROD, *OF_JANUARY, 20_000, "HPH"),
    ]
    # What a producer gave has no word of its own.
    assert delivery.repairs == {Repair.QUANTITY_LEFT: 1}


def test_r15_the_suppliers_calendar_is_left() -> None:
    """It tells the same energy once more."""
    other = measure(2, 101, name="BASE").replace("_Distributeur", "")
    delivery = read(r15(reading("2026-02-01", measure(2, 101), other)))
    assert len(delivery.totals) == 1
    assert delivery.repairs == {Repair.OTHER_CALENDAR_LEFT: 1}


@pytest.mark.parametrize(
    ("told_", "at"),
    [
        ("2026-02-01T24:00", date(2026, 2, 2)),
        ("2026-02-01 24:00", date(2026, 2, 2)),
        ("2026-02-01T1:00Z", datetime(2026, 2, 1, 1, tzinfo=UTC)),
        ("2026-02-01Z", date(2026, 2, 1)),
        ("2026-02-01-01:00", date(2026, 2, 1)),
    ],
)
def test_r15_an_instant_as_short_as_a_day_with_an_offset(told_: str, at: date) -> None:
    """Is one by what follows the day, not by its length."""
    delivery = read(r15(reading(told_, measure(2, 1))))
    assert [t.last for t in delivery.totals] == [at]


def test_r15_whatever_prefix_and_times() -> None:
    """Programs choose prefixes; a reading may have an instant, or a day with an offset."""
    text = r15(
        reading("2026-01-01+01:00", measure(2, 1)),
        reading("2026-02-01T00:00:00+01:00", measure(2, 2)),
    )
    for tag in ("R15", "PRM", "Id_PRM", "Donnees_Releve", "Valeur"):
        text = text.replace(f"<{tag}>", f"<e:{tag}>").replace(
            f"</{tag}>", f"</e:{tag}>"
        )
    delivery = read(text.replace("<e:R15>", '<e:R15 xmlns:e="urn:x">'))
    assert [t[1:4] for t in totals(delivery)] == [
        (None, date(2026, 1, 1), 1000),
        (date(2026, 1, 1), datetime(2026, 1, 31, 23, tzinfo=UTC), 2000),
    ]


BOMB = '<!DOCTYPE R15 [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE R15 [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "expected", "field"),
    [
        pytest.param(r15(head=BOMB), Problem.XML_FORBIDDEN, "", id="entities"),
        pytest.param(r15(head=FILE), Problem.XML_FORBIDDEN, "", id="a file"),
        pytest.param(r15(head='<!DOCTYPE R15 SYSTEM "http://a/b">'), Problem.XML_FORBIDDEN, "", id="document type"),
        pytest.param("<R15>" + "<a>" * 200 + "</a>" * 200 + "</R15>", Problem.TOO_MANY_VALUES, "", id="depth"),
        pytest.param(r15(FEBRUARY)[:-9], Problem.NOT_XML, "", id="cut off"),
        pytest.param("<R15><PRM>&x;</PRM></R15>", Problem.NOT_XML, "", id="entity of nowhere"),
        pytest.param(r15().replace("UTF-8", "klingon"), Problem.NOT_XML, "", id="encoding"),
        pytest.param(r15(), Problem.FORMAT_UNKNOWN, "", id="no reading"),
        pytest.param("<C15><PRM/></C15>", Problem.FORMAT_UNKNOWN, "", id="another flow"),
        pytest.param(r15(reading("2026-01-01", measure(1, 5))), Problem.NOTHING_IN_IT, "", id="indexes alone"),
        pytest.param(r15(JANUARY, point=""), Problem.FIELD_MISSING, "Id_PRM", id="no point"),
        pytest.param(r15(reading("", measure(2, 5))), Problem.FIELD_MISSING, "Date_Releve", id="no day"),
        pytest.param(r15(reading("soon", measure(2, 5))), Problem.BAD_TIME, "Date_Releve", id="bad day"),
        pytest.param(r15(reading("2026-01-01T25:00", measure(2, 5))), Problem.BAD_TIME, "Date_Releve", id="bad hour"),
        pytest.param(r15(reading("2026-01-01", measure(2, "1.5"))), Problem.BAD_NUMBER, "Valeur", id="not whole"),
        pytest.param(r15(reading("2026-01-01", measure(2, "9" * 30))), Problem.BAD_NUMBER, "Valeur", id="huge"),
        pytest.param(r15(reading("2026-01-01", measure(2, -4))), Problem.NEGATIVE_ENERGY, "Valeur", id="negative"),
        pytest.param(r15(reading("2026-01-01", measure(2, 4, unit="kVArh"))), Problem.UNIT_UNKNOWN, "Unite_Mesure", id="unit"),
    ],
)  # fmt: skip
def test_r15_refused(text: str, expected: Problem, field: str) -> None:
    """With the field, where one is to blame."""
    error = refused(text)
    assert (error.problem, error.field) == (expected, field)


# R63, R64, R65


def flow(*kinds: Mapping[str, object], step: str = "", inside: str = "") -> dict:
    """A flow of one point."""
    measure_: dict[str, object] = {"idPrm": PRM, "periode": {"dateDebut": "2026-01-14"}}
    if step:
        measure_["pas"] = step
    measure_ |= (
        {inside: [{"grandeur": list(kinds)}]} if inside else {"grandeur": list(kinds)}
    )
    return {"header": {"codeFlux": "R6X"}, "mesures": [measure_]}


def kind(
    metier: str = "CONS", physical: str = "EA", unit: str = "Wh", **more: object
) -> dict[str, object]:
    """One quantity of a flow."""
    return {
        "grandeurMetier": metier,
        "grandeurPhysique": physical,
        "unite": unit,
    } | more


def at(*pairs: tuple[str, object], **more: object) -> list[dict[str, object]]:
    """Values of these times."""
    return [{"d": d, "v": v, "iv": 0} | more for d, v in pairs]


HALF_HOURS = [f"2026-01-14 {n // 2:02}:{n % 2 * 30:02}:00" for n in range(48)]
CURVE = list(zip(HALF_HOURS, range(48), strict=True))


@pytest.mark.parametrize("field", ["points", "valeur"])
@pytest.mark.parametrize("inside", ["", "contexte"])
def test_a_curve_as_json(field: str, inside: str) -> None:
    """Whole days tell that its times are beginnings."""
    delivery = read(
        json.dumps(flow(kind(**{field: at(*CURVE)}), inside=inside)), "R64.json"
    )
    energies = told(delivery)[PRM, CONS]
    assert energies[local("2026-01-14 10:30")] == 21
    assert len(energies) == 48


def test_powers_of_a_curve_as_json() -> None:
    """Texts may stand for numbers; steps are told point by point."""
    points = at(*[(d, str(v)) for d, v in CURVE], p="PT30M")
    delivery = read(json.dumps(flow(kind("PROD", "PA", "kW", points=points))))
    assert told(delivery)[PRM, PROD][local("2026-01-14 10:30")] == 10_500


def test_a_curve_that_is_not_of_whole_days_is_asked_for() -> None:
    """And what is answered holds for all flows of the kind."""
    body = json.dumps(flow(kind(points=at(*CURVE[5:20]))))
    needed = refused(body)
    assert isinstance(needed, MappingNeeded)
    assert needed.questions == (Question.STAMP,)
    mapping = ColumnMapping({}, is_end=True)
    delivery = read(body, mappings={needed.fingerprint: mapping})
    assert min(told(delivery)[PRM, CONS]) == local("2026-01-14 02:00")


def days(*values: float) -> list[dict[str, object]]:
    """An index each midnight."""
    return at(*[(f"2026-01-{n + 1:02} 00:00:00", v) for n, v in enumerate(values)])


def calendar(name: str, **classes: Sequence[float]) -> dict[str, object]:
    """Indexes by the classes of a calendar."""
    return {
        "idCalendrier": name,
        "classeTemporelle": [
            {"idClasseTemporelle": one, "valeur": days(*values)}
            for one, values in classes.items()
        ],
    }


def test_r64_indexes_give_the_energies_between_them() -> None:
    """By class, of the grid operator's calendar alone."""
    body = flow(
        kind(
            calendrier=[
                calendar("FC000032", BASE=[1000, 1500]),
                calendar("DI000003", HPH=[700, 1000, 1100], HCH=[300, 500]),
            ]
        ),
        inside="contexte",
    )
    first, second, third = (
        datetime(2025, 12, 31, 23, tzinfo=UTC),
        *(datetime(2026, 1, n, 23, tzinfo=UTC) for n in (1, 2)),
    )
    delivery = read(json.dumps(body))
    assert totals(delivery) == [
        (CONS, first, second, 300, "HPH"),
        (CONS, second, third, 100, "HPH"),
        (CONS, first, second, 200, "HCH"),
    ]
    assert delivery.repairs == {Repair.OTHER_CALENDAR_LEFT: 1}


def test_r64_an_index_that_falls_gives_nothing() -> None:
    """A meter was replaced: what it counted since is known again."""
    delivery = read(json.dumps(flow(kind(valeur=days(900, 1000, 3, 53), unite="kWh"))))
    assert [t.energy_wh for t in delivery.totals] == [100_000, 50_000]
    assert delivery.repairs == {Repair.INDEX_FELL: 1}


def test_energies_of_days() -> None:
    """Are totals, each of one day."""
    delivery = read(
        json.dumps(flow(kind(points=at(("2026-01-14", "190.5"))), step="P1D"))
    )
    assert totals(delivery) == [
        (CONS, date(2026, 1, 14), date(2026, 1, 14), 190.5, None)
    ]


def test_mojibake_in_json_is_put_right() -> None:
    """As it is found in the wild, also with the mark of UTF-8."""
    body = flow(kind(valeur=at(*CURVE), libelle="énergie"))
    text = "\ufeff" + json.dumps(body, ensure_ascii=False)
    mixed = text.encode().decode("latin-1").encode()
    assert b"\xc3\x83" in mixed
    delivery = read(mixed)
    assert len(told(delivery)[PRM, CONS]) == 48
    assert delivery.repairs == {Repair.MOJIBAKE: 1, Repair.STAMP_INFERRED: 1}


def test_reactive_energy_in_json_is_left() -> None:
    """And said."""
    body = flow(
        kind(physical="ER", unit="VArh", valeur=at(*CURVE)), kind(valeur=at(*CURVE))
    )
    delivery = read(json.dumps(body))
    assert set(told(delivery)) == {(PRM, CONS)}
    assert delivery.repairs == {Repair.REACTIVE_LEFT: 1, Repair.STAMP_INFERRED: 1}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"mesures": [{}]}, Problem.FIELD_MISSING),
        ({"mesures": {}}, Problem.FIELD_WRONG),
        ({"mesures": [1]}, Problem.FIELD_WRONG),
        ({"mesures": []}, Problem.NOTHING_IN_IT),
        (flow(kind(unit="MWh", valeur=days(1, 2))), Problem.UNIT_UNKNOWN),
        (flow(kind(unit="W", valeur=days(1, 2))), Problem.UNIT_UNKNOWN),
        (flow(kind(physical="PMA", points=at(*CURVE))), Problem.QUANTITY_UNKNOWN),
        (flow(kind(metier="AUTRE", points=at(*CURVE))), Problem.QUANTITY_UNKNOWN),
        (flow(kind(points=at(("2026-01-14", "x")))), Problem.BAD_NUMBER),
        (flow(kind(points=at(("2026-01-14", True)))), Problem.BAD_NUMBER),
        (flow(kind(points=at(("2026-01-14", 10**400)))), Problem.BAD_NUMBER),
        (flow(kind(points=at(("2026-01-14", -1)))), Problem.NEGATIVE_ENERGY),
        (flow(kind(points=at(("hier", 1)))), Problem.BAD_TIME),
        (flow(kind(points=at(("2026-03-29 02:30", 1)))), Problem.BAD_TIME),
        (flow(kind(points=at(("2026-01-14", 1), p="PT7X"))), Problem.STEP_UNKNOWN),
        (flow(kind(points=at(("2026-01-14", 1), p="PT7M"))), Problem.NEEDS_MAPPING),
    ],
)  # fmt: skip
def test_flows_refused(body: object, expected: Problem) -> None:
    """Whatever a field has instead of what it should."""
    assert problem(json.dumps(body)) is expected


# The API of collective self-consumption


def answer(**changed: object) -> dict[str, object]:
    """An answer for one consumer, as documented."""
    return {
        "cons_id": PRM,
        "start": "20260101T000000Z",
        "end": "2026-02-01T00:00:00Z",
        "unit": "kWh",
        "quantities": [
            {
                "type": "cons",
                "calendar_type": "DISTRIB",
                "quantities": [
                    {"name": "HPH", "value": 12.5},
                    {"name": "HCH", "value": 3},
                ],
            },
            {
                "type": "autocons",
                "calendar_type": "DISTRIB",
                "quantities": [
                    {"name": "HPH", "value": 5},
                    {"name": "P", "value": None},
                ],
            },
            {
                "type": "cons",
                "calendar_type": "FOURN",
                "quantities": [{"name": "BASE", "value": 15.5}],
            },
        ],
    } | changed


@pytest.mark.parametrize(
    ("names", "unit", "factor"),
    [(("start", "end"), "kWh", 1000), (("startDate", "endDate"), "Wh", 1)],
)
def test_an_answer_of_the_api(names: tuple[str, str], unit: str, factor: int) -> None:
    """Totals by class, in the unit it tells, under the old names of the period too."""
    body = answer(unit=unit)
    period = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    body[names[0]], body[names[1]] = body.pop("start"), body.pop("end")
    delivery = read(json.dumps(body))
    assert delivery.totals[0].point == PRM
    assert totals(delivery) == [
        (CONS, *period, 12.5 * factor, "HPH"),
        (CONS, *period, 3 * factor, "HCH"),
        (PART, *period, 5 * factor, "HPH"),
    ]
    assert delivery.repairs == {Repair.OTHER_CALENDAR_LEFT: 1}


def test_answers_for_several_points() -> None:
    """As a list of them."""
    delivery = read(json.dumps([answer(), answer(cons_id=OTHER_PRM)]))
    assert {t.point for t in delivery.totals} == {PRM, OTHER_PRM}


@pytest.mark.parametrize(
    ("changed", "expected", "field"),
    [
        ({"unit": "MWh"}, Problem.UNIT_UNKNOWN, "unit"),
        ({"unit": "W"}, Problem.UNIT_UNKNOWN, "unit"),
        ({"unit": None}, Problem.FIELD_MISSING, "unit"),
        ({"cons_id": None}, Problem.FIELD_MISSING, "cons_id"),
        ({"cons_id": {}}, Problem.FIELD_WRONG, "cons_id"),
        ({"start": "soon"}, Problem.BAD_TIME, "start"),
        ({"end": None}, Problem.FIELD_MISSING, "end"),
        ({"quantities": 5}, Problem.FIELD_WRONG, "quantities"),
        (
            {"quantities": [{"type": "x"}]},
            Problem.QUANTITY_UNKNOWN,
            "quantities[0].type",
        ),
        ({"quantities": []}, Problem.NOTHING_IN_IT, ""),
    ],
)
def test_answers_refused(
    changed: dict[str, object], expected: Problem, field: str
) -> None:
    """With the path of the field."""
    error = refused(json.dumps(answer(**changed)))
    assert (error.problem, error.field) == (expected, field)


# The Walloon workbook

EANS = "541448920701234567", "541448965000999888"


def walloon(
    *, as_text: bool = False, unit: str = "kWh", hours: int = 48, over: bool = True
) -> openpyxl.Workbook:
    """Two delivery points, both of which inject too, and the unit in the last row."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, name in enumerate(("Brut Rep", "Partagé Rep", "Net Rep")):
        sheet = book.create_sheet(name)
        injection = "Injection" if over else None
        sheet.append(["", "Prélèvement", None if over else "Prélèvement", injection])
        sheet.append(["EAN", *EANS, *reversed(EANS)])
        sheet.append(["", "A+", "A+", "A-", "A-"])
        sheet.append(["Date", *[unit] * 4])
        for n in range(hours * 4):
            moment = datetime(2026, 1, 14 + n // 96, n // 4 % 24, n % 4 * 15)
            time = f"{moment:%d/%m/%Y %H:%M}" if as_text else moment
            drawn = [n / 1000, (n + number) / 1000]
            sheet.append([time, *drawn, number / 1000, number * 2 / 1000])
    if not over:
        for sheet in book:
            sheet["D1"] = sheet["E1"] = "Injection (kWh)"
    return book


@pytest.mark.parametrize("as_text", [False, True], ids=["serial", "text"])
@pytest.mark.parametrize("over", [False, True], ids=["each named", "named over"])
def test_the_walloon_workbook(as_text: bool, over: bool) -> None:
    """Gross, shared and net of what was drawn; gross and net of what was injected."""
    delivery = read(saved(walloon(as_text=as_text, over=over)), "partage.xlsx")
    energies = told(delivery)
    first = local("2026-01-14")
    assert {key: values[first] for key, values in energies.items()} == {
        (EANS[0], CONS): 0,
        (EANS[0], PART): 0,
        (EANS[0], REST): 0,
        (EANS[1], CONS): 0,
        (EANS[1], PART): 1,
        (EANS[1], REST): 2,
        (EANS[1], PROD): 0,
        (EANS[1], SURPLUS): 2,
        (EANS[0], PROD): 0,
        (EANS[0], SURPLUS): 4,
    }
    assert {len(values) for values in energies.values()} == {192}
    assert delivery.repairs == {Repair.STAMP_INFERRED: 3}


def test_the_walloon_workbook_without_a_unit_is_asked_for() -> None:
    """Nobody has established that it is always the same."""
    body = saved(walloon(unit=""))
    needed = refused(body)
    assert isinstance(needed, MappingNeeded)
    assert needed.questions == (Question.UNIT,)
    mapping = ColumnMapping({}, unit=Unit.WH)
    delivery = read(body, mappings={needed.fingerprint: mapping})
    assert told(delivery)[EANS[1], PART][local("2026-01-14 01:00")] == pytest.approx(
        0.005
    )


def test_the_walloon_workbook_with_empty_cells_at_the_end() -> None:
    """Their columns hold gaps there, also where no word of the first row stands above."""
    book = walloon()
    for sheet in book:
        for row in range(10, 30):
            sheet.cell(row, 4).value = sheet.cell(row, 5).value = None
    energies = told(read(saved(book)))
    assert len(energies[EANS[0], SURPLUS]) == len(energies[EANS[1], PROD]) == 172
    assert len(energies[EANS[0], REST]) == 192


def test_a_cover_sheet_is_left_and_said() -> None:
    """It is no table of energies."""
    book = walloon()
    book.create_sheet("Lisez-moi").append(["Partage d'énergie"])
    assert read(saved(book)).left == ("Lisez-moi",)
