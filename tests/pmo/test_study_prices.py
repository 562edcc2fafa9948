"""Prices of a study: lines become tariffs, rates and fees, each on its days and hours."""

from datetime import date, time

import pytest

from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Validity,
)
from custom_components.autoconsommation_collective.engine.simulation import simulate
from custom_components.autoconsommation_collective.engine.study import StudyProblem
from custom_components.autoconsommation_collective.engine.tariffs import (
    Calendar,
    Period,
    Tariff,
)
from custom_components.autoconsommation_collective.engine.terms import (
    AccFormula,
    ConsumerTerms,
    Fee,
    ProducerTerms,
    Rate,
)
from custom_components.autoconsommation_collective.pmo.study_prices import (
    PriceFile,
    read_prices,
)

from .study_cases import place, refused, study

ALWAYS = Validity(date.min)
HEADER = "plan;item;value;class;start;end;months;weekdays;first_day;last_day;source"
BASE = Calendar((Period("BASE"),))


def prices(*lines: str) -> PriceFile:
    """The prices in these lines, which may leave out their last cells."""
    return read_prices("prices.csv", "\n".join([HEADER, *lines]).encode())


def supplier(*lines: str) -> tuple[Tariff, ...]:
    """The supplier's tariffs of plan `p`."""
    return (
        prices(*(f"p;supplier;{line}" for line in lines)).consumer_terms("p").supplier
    )


def flat(item: str, eur: float) -> tuple[Tariff, ...]:
    """A price without classes of plan `p`."""
    return (Tariff(f"p {item}", BASE, {"BASE": eur}, ALWAYS),)


# What consumers and producers pay


def test_every_item_arrives_where_it_belongs() -> None:
    """Each has a number of its own."""
    given = prices(
        "p;supplier;0,2",
        "p;network;0,05",
        "p;network_allocated;0,01",
        "p;network_complement;0,06",
        "p;excise;0,001",
        "p;vat;20 %",
        "p;operation;0,12",
        "p;fee;10",
        "p;surplus;0,04;;;;;;;;contract",
    )
    assert given.consumer_terms("p") == ConsumerTerms(
        supplier=flat("supplier", 0.2),
        network=flat("network", 0.05),
        excise=(Rate(0.001, ALWAYS),),
        vat=(Rate(0.2, ALWAYS),),
        prices=(Price(PriceModel.SALE, 0.12, ALWAYS),),
        fees=(Fee(10, ALWAYS),),
        acc_formula=AccFormula(
            flat("network_allocated", 0.01), flat("network_complement", 0.06), ()
        ),
    )
    assert given.producer_terms("p") == ProducerTerms(
        prices=(Price(PriceModel.SALE, 0.12, ALWAYS),),
        surplus_prices=(Rate(0.04, ALWAYS, "contract"),),
        fees=(Fee(10, ALWAYS),),
    )


def test_french_words() -> None:
    """Say the same."""
    french = """\
Offre;Poste;Valeur;Classe;Début;Fin;Mois;Jours;Premier jour;Dernier jour;Source
p;fournisseur;0,2;HC;22:00;06:00;11-3;6,7;01/02/2026;31/07/2026;facture
p;réseau;0,05
p;reseau_attribue;0,01
p;Réseau complément;0,06
p;accise;0
p;TVA;0,2
p;opération;0
p;frais;10
p;surplus;0,04
"""
    english = prices(
        "p;supplier;0.2;HC;22:00;06:00;11-3;6,7;2026-02-01;2026-07-31;facture",
        "p;network;0.05",
        "p;network_allocated;0.01",
        "p;network_complement;0.06",
        "p;excise;0",
        "p;vat;0.2",
        "p;operation;0",
        "p;fee;10",
        "p;surplus;0.04",
    )
    read = read_prices("prix.csv", french.encode("cp1252"))
    assert read.consumer_terms("p") == english.consumer_terms("p")
    assert read.producer_terms("p") == english.producer_terms("p")


def test_what_has_no_line_is_empty() -> None:
    """The engine says what it misses on which day."""
    given = prices("p;fee;10")
    assert given.consumer_terms("p") == ConsumerTerms(
        (), (), (), (), (), (Fee(10, ALWAYS),)
    )


def test_given_away() -> None:
    """A price of zero is a gift."""
    (price,) = prices("p;operation;0").consumer_terms("p").prices
    assert price == Price(PriceModel.GIFT, 0.0, ALWAYS)


def test_prices_of_all_plans_complete_each() -> None:
    """A plan's own go before them, item by item; fees add up."""
    given = prices(
        ";vat;0,2",
        ";fee;10",
        ";operation;0,1",
        "p;operation;0,12",
        "p;fee;5",
        "q;fee;0",
    )
    p, q = given.consumer_terms("p"), given.consumer_terms("q")
    assert given.plans == {"p", "q"}
    assert [price.eur_per_kwh for price in p.prices] == [0.12]
    assert [price.eur_per_kwh for price in q.prices] == [0.1]
    assert [rate.value for rate in (*p.vat, *q.vat)] == [0.2, 0.2]
    assert [fee.eur_per_year for fee in p.fees] == [10, 5]
    assert [fee.eur_per_year for fee in given.producer_terms("p").fees] == [10, 5]


# Hours and days


def test_the_line_without_hours_is_the_rest() -> None:
    """Wherever it stands; several stretches of a class have one price."""
    (tariff,) = supplier(
        "0,2;HP", "0,15;HC;22:00;6:00;;;;;bill", "0,15;HC;12h;14h30;;;;;bill"
    )
    assert tariff.calendar.periods == (
        Period("HC", time(22), time(6)),
        Period("HC", time(12), time(14, 30)),
        Period("HP"),
    )
    assert tariff.eur_per_kwh == {"HP": 0.2, "HC": 0.15}
    assert tariff.source == "bill"


def test_days_go_before_the_rest_and_after_hours() -> None:
    """The narrower a line, the earlier it counts."""
    (tariff,) = supplier(
        "1;rest", "2;weekend;;;;6-7", "3;winter;;;12-2", "4;night;0h;6h"
    )
    assert [period.price_class for period in tariff.calendar.periods] == [
        "night",
        "weekend",
        "winter",
        "rest",
    ]


def test_a_class_for_some_hours_beside_a_price_without() -> None:
    """What has no class is the rest."""
    (tariff,) = supplier("0,2", "0,15;HC;22:00;06:00")
    assert tariff.calendar.periods[-1] == Period("BASE")
    assert tariff.eur_per_kwh == {"BASE": 0.2, "HC": 0.15}


@pytest.mark.parametrize(
    ("text", "months"),
    [
        pytest.param("11-3", {11, 12, 1, 2, 3}, id="past the end of the year"),
        pytest.param("4-10", {4, 5, 6, 7, 8, 9, 10}, id="range"),
        pytest.param("1,2,12", {1, 2, 12}, id="list"),
        pytest.param("12, 1 - 2", {12, 1, 2}, id="both, with spaces"),
        pytest.param("11 à 3", {11, 12, 1, 2, 3}, id="in French"),
        pytest.param("11 a\u0300 1", {11, 12, 1}, id="accent apart"),
        pytest.param("4 to 6", {4, 5, 6}, id="in English"),
        pytest.param("4..6,8", {4, 5, 6, 8}, id="dots"),
        pytest.param("4–6", {4, 5, 6}, id="dash"),
        pytest.param("7", {7}, id="one"),
        pytest.param("7-7", {7}, id="one as a range"),
        pytest.param("1-12", set(range(1, 13)), id="all"),
        pytest.param("", None, id="none told"),
    ],
)
def test_months(text: str, months: set[int] | None) -> None:
    """As the contract writes them."""
    (tariff,) = supplier(f"1;A;;;{text}")
    assert tariff.calendar.periods[0].months == months


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [
        pytest.param("1-5", {0, 1, 2, 3, 4}, id="working days"),
        pytest.param("6-1", {5, 6, 0}, id="past Sunday"),
        pytest.param("7", {6}, id="Sunday"),
    ],
)
def test_weekdays(text: str, weekdays: set[int]) -> None:
    """Monday is 1 in files and 0 inside."""
    (tariff,) = supplier(f"1;A;;;;{text}")
    assert tariff.calendar.periods[0].weekdays == weekdays


@pytest.mark.parametrize(
    ("text", "at"),
    [
        pytest.param("06:30", time(6, 30), id="two digits"),
        pytest.param("6:30", time(6, 30), id="one digit"),
        pytest.param("06:30:00", time(6, 30), id="seconds"),
        pytest.param("6h30", time(6, 30), id="h"),
        pytest.param("6H", time(6), id="H alone"),
        pytest.param("24:00", time(0), id="midnight as an end"),
    ],
)
def test_hours(text: str, at: time) -> None:
    """As bills write them."""
    (tariff,) = supplier(f"1;A;01:00;{text}")
    assert tariff.calendar.periods[0].end == at


def test_prices_in_force_one_after_the_other() -> None:
    """A tariff for each time of validity, of all lines that have it."""
    first, second = supplier(
        "0,2;HP;;;;;;2026-01-31",
        "0,21;HP;;;;;2026-02-01;",
        "0,15;HC;22h;6h;;;;2026-01-31",
        "0,16;HC;22h;6h;;;2026-02-01;",
    )
    assert first.validity == Validity(date.min, date(2026, 1, 31))
    assert second.validity == Validity(date(2026, 2, 1))
    assert first.eur_per_kwh == {"HC": 0.15, "HP": 0.2}
    assert second.eur_per_kwh == {"HC": 0.16, "HP": 0.21}


def test_rates_in_force_one_after_the_other() -> None:
    """Each with its days, both included, and its source."""
    terms = prices(
        "p;vat;0,2;;;;;;2014-01-01;2026-12-31;law", "p;vat;10 %;;;;;;2027-01-01"
    ).consumer_terms("p")
    assert terms.vat == (
        Rate(0.2, Validity(date(2014, 1, 1), date(2026, 12, 31)), "law"),
        Rate(0.1, Validity(date(2027, 1, 1))),
    )


# Who pays by which plan

PLANS = "id;side;plan\nhome;consumer;p\nroof;producer;q\n"
PRICES = "plan;item;value\np;fee;1\nq;fee;2\nr;fee;3\n"


def test_each_side_has_the_plans_that_it_uses() -> None:
    """A plan of producers need not tell what consumers pay."""
    found = study(participants=PLANS, prices=PRICES).study
    assert found.consumer_terms.keys() == {"p"}
    assert found.producer_terms.keys() == {"q"}
    assert [c.plan for c in found.consumers] == [None, "p", None]


BUYING = "plan;item;value\n;supplier;0,25\n;network;0,05\n;excise;0\n;vat;0,2\n;operation;0,1\n"
SELLING = "plan;item;value\n;operation;0,1\n;surplus;0,04\n"


def test_who_has_no_plan_pays_by_the_lines_for_all() -> None:
    """Consumers and producers alike; their fees are due once."""
    found = study(prices=f"{BUYING};surplus;0,04\n;fee;10\n")
    assert (
        found.study.consumer_terms.keys() == found.study.producer_terms.keys() == {""}
    )
    for terms in (found.study.consumer_terms[""], found.study.producer_terms[""]):
        assert [fee.eur_per_year for fee in terms.fees] == [10]
    (outcome,) = simulate(found.study, ["prorata"], found.scenarios)
    total, fees = outcome.total, 10 / 365
    # In place of 0.25 a kWh costs 0.1, and what the network costs stays due.
    assert total.saving_eur == pytest.approx(
        total.allocated_wh / 1000 * (0.25 - 0.1 - 0.05 * 1.2) - fees
    )
    assert total.income_eur == pytest.approx(
        (total.production_wh - total.surplus_wh) / 1000 * 0.1
        + total.surplus_wh / 1000 * 0.04
        - fees
    )


@pytest.mark.parametrize(
    ("file", "sides"),
    [
        pytest.param(BUYING, ({""}, set()), id="consumers only"),
        pytest.param(SELLING, (set(), {""}), id="producers only"),
        *(
            pytest.param(
                BUYING.replace(f";{item};", ";fee;"), (set(), set()), id=f"no {item}"
            )
            for item in ("supplier", "network", "excise", "vat", "operation")
        ),
        *(
            pytest.param(
                SELLING.replace(f";{item};", ";fee;"),
                (set(), set()),
                id=f"sold, no {item}",
            )
            for item in ("operation", "surplus")
        ),
        pytest.param(
            "plan;item;value\n;network_allocated;0,1\n",
            (set(), set()),
            id="half a formula",
        ),
    ],
)
def test_lines_for_all_that_are_not_enough(
    file: str, sides: tuple[set[str], set[str]]
) -> None:
    """Give no euros on that side, as if there were no prices; that is no fault."""
    found = study(prices=file).study
    assert (set(found.consumer_terms), set(found.producer_terms)) == sides
    assert {c.plan for c in found.consumers} == (sides[0] or {None})
    assert {p.plan for p in found.producers} == (sides[1] or {None})


def test_a_plan_without_lines_of_its_own() -> None:
    """Lives on those for all, beside plans that have some, and beside nobody's."""
    found = study(
        participants="id;side;plan\nhome;consumer;Base\nschool;consumer;Night\n",
        prices=f"{BUYING}Night;supplier;0,2\nUnused;supplier;1\n",
    ).study
    assert {
        plan: terms.supplier[0].eur_per_kwh["BASE"]
        for plan, terms in found.consumer_terms.items()
    } == {"": 0.25, "Base": 0.25, "Night": 0.2}


def test_a_plan_that_has_no_price() -> None:
    """Is missed, if the lines for all are not enough for it."""
    found = study(participants=PLANS, prices="plan;item;value\n;vat;0,2\n")
    error = refused(lambda: list(simulate(found.study, ["prorata"], found.scenarios)))
    assert (error.problem, error.participant, error.field) == (
        StudyProblem.PRICE_MISSING,
        "home",
        "p",
    )


def test_without_prices_there_are_no_plans() -> None:
    """Kilowatt-hours need none."""
    found = study(participants=PLANS).study
    assert not found.consumer_terms
    assert not found.producer_terms
    assert {p.plan for p in (*found.consumers, *found.producers)} == {None}


# Refused


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        pytest.param(["p;supplyer;1"], (StudyProblem.BAD_VALUE, 2, "item", "supplyer"), id="item unknown"),
        pytest.param(["p;;1"], (StudyProblem.BAD_VALUE, 2, "item", ""), id="no item"),
        pytest.param(["p;supplier;"], (StudyProblem.BAD_VALUE, 2, "value", ""), id="no value"),
        pytest.param(["p;supplier;dear"], (StudyProblem.BAD_NUMBER, 2, "value", "dear"), id="no number"),
        pytest.param(["p;supplier;20 %"], (StudyProblem.BAD_NUMBER, 2, "value", "20 %"), id="price as a rate"),
        pytest.param(["p;vat;20"], (StudyProblem.BAD_NUMBER, 2, "value", "20 (20 %, 0.2)"), id="rate above 100 %"),
        pytest.param(["p;vat;-0,2"], (StudyProblem.BAD_NUMBER, 2, "value", "-0,2"), id="rate below 0"),
        pytest.param(["p;vat;0,2;HP"], (StudyProblem.BAD_VALUE, 2, "class", "HP"), id="rate with a class"),
        pytest.param(["p;operation;1;;22h;6h"], (StudyProblem.BAD_VALUE, 2, "start", "22h"), id="operation with hours"),
        pytest.param(["p;fee;1;;;;1-3"], (StudyProblem.BAD_VALUE, 2, "months", "1-3"), id="fee with months"),
        pytest.param(["p;supplier;1;;22h;6h"], (StudyProblem.BAD_VALUE, 2, "start", "22h"), id="hours without a class"),
        pytest.param(["p;supplier;1;;;;;6"], (StudyProblem.BAD_VALUE, 2, "weekdays", "6"), id="weekdays without a class"),
        pytest.param(["p;supplier;1;A;22h"], (StudyProblem.BAD_VALUE, 2, "end", ""), id="start without end"),
        pytest.param(["p;supplier;1;A;;6h"], (StudyProblem.BAD_VALUE, 2, "start", ""), id="end without start"),
        pytest.param(["p;supplier;1;A;22;6h"], (StudyProblem.BAD_TIME, 2, "start", "22"), id="no time"),
        pytest.param(["p;supplier;1;A;25:00;6h"], (StudyProblem.BAD_TIME, 2, "start", "25:00"), id="no hour"),
        pytest.param(["p;supplier;1;A;22h;6h60"], (StudyProblem.BAD_TIME, 2, "end", "6h60"), id="no minute"),
        pytest.param(["p;supplier;1;A;;;0-3"], (StudyProblem.BAD_VALUE, 2, "months", "0-3"), id="month 0"),
        pytest.param(["p;supplier;1;A;;;11-13"], (StudyProblem.BAD_VALUE, 2, "months", "11-13"), id="month 13"),
        pytest.param(["p;supplier;1;A;;;summer"], (StudyProblem.BAD_VALUE, 2, "months", "summer"), id="no months"),
        pytest.param(["p;supplier;1;A;;;06-juil"], (StudyProblem.BAD_VALUE, 2, "months", "06-juil"), id="a date of a spreadsheet"),
        pytest.param(["p;supplier;1;A;;;4xx6"], (StudyProblem.BAD_VALUE, 2, "months", "4xx6"), id="no dots"),
        pytest.param(["p;supplier;1;A;;;1.3"], (StudyProblem.BAD_VALUE, 2, "months", "1.3"), id="one dot"),
        pytest.param(["p;supplier;1;A;;;;8"], (StudyProblem.BAD_VALUE, 2, "weekdays", "8"), id="weekday 8"),
        pytest.param(["p;vat;0,2;;;;;;2026-02-30"], (StudyProblem.BAD_TIME, 2, "first_day", "2026-02-30"), id="no day"),
        pytest.param(["p;vat;0,2;;;;;;2026-02-01 10:00"], (StudyProblem.BAD_TIME, 2, "first_day", "2026-02-01 10:00"), id="a time"),
        pytest.param(["p;vat;0,2;;;;;;2026-02-02;2026-02-01"], (StudyProblem.BAD_TIME, 2, "last_day", "2026-02-01"), id="ends before it begins"),
        pytest.param(["p;supplier;1;HC;0h;6h", "p;supplier;2;HC;12h;14h"], (StudyProblem.PRICE_TWICE, 3, "value", "2"), id="class with two prices"),
        pytest.param(["p;supplier;1;A", "p;supplier;2;B"], (StudyProblem.PRICE_TWICE, 3, "class", "B"), id="two rests"),
        pytest.param(["p;supplier;1", "p;supplier;1"], (StudyProblem.PRICE_TWICE, 3, "class", ""), id="same twice"),
    ],
)  # fmt: skip
def test_refused(lines: list[str], told: tuple[StudyProblem, int, str, str]) -> None:
    """Each fault with its line and column."""
    error = refused(lambda: prices(*lines).consumer_terms("p"))
    problem, file, line, _, field, found = place(error)
    assert (problem, file, line, field, found) == (
        told[0],
        "prices.csv",
        f"l. {told[1]}",
        *told[2:],
    )


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ("network_allocated", "network_complement"),
        ("network_complement", "network_allocated"),
    ],
)
def test_half_of_the_optional_formula(given: str, missing: str) -> None:
    """It has two prices, for all kWh."""
    error = refused(lambda: prices(f"p;{given};0,1").consumer_terms("p"))
    assert place(error) == (
        StudyProblem.PRICE_MISSING,
        "prices.csv",
        "",
        "p",
        missing,
        "",
    )


def test_same_day_is_one_day() -> None:
    """First and last are both included."""
    (rate,) = prices("p;vat;0;;;;;;2026-02-01;2026-02-01").consumer_terms("p").vat
    assert rate.validity.covers(date(2026, 2, 1))
