"""Printed sheets: nothing in them is fetched, nothing is markup that was a name."""

import csv
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
import io
import json
from pathlib import Path
import re
from typing import Any, override

import numpy as np
import pytest

from custom_components.autoconsommation_collective import adapters
from custom_components.autoconsommation_collective.adapters.indicator_paper import (
    indicator_paper,
)
from custom_components.autoconsommation_collective.adapters.paper import Words
from custom_components.autoconsommation_collective.adapters.statement_paper import (
    owed_table,
    statement_paper,
)
from custom_components.autoconsommation_collective.adapters.weekly_paper import (
    Home,
    weekly_paper,
)
from custom_components.autoconsommation_collective.engine.bills import Line
from custom_components.autoconsommation_collective.engine.blocks import (
    Block,
    MonthPage,
    Quantity,
)
from custom_components.autoconsommation_collective.engine.model import (
    Price,
    PriceModel,
    Quality,
    Role,
)
from custom_components.autoconsommation_collective.engine.statements import (
    PricedDays,
    Statement,
)
from custom_components.autoconsommation_collective.engine.weekly_sheet import (
    UsualSurplus,
)
from tests.engine.organised_cases import MONTH, N_STEPS, SINCE, START, STEP, participant

PAPERS = ("paper", "weekly_paper", "statement_paper", "indicator_paper")
FOLDER = Path(adapters.__file__).parent
TODAY = date(2026, 11, 27)
FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
EVIL = '<img src="http://evil.example/x"> & "Zoé"'
NAMES = {"a": EVIL, "b": "=1+2", "c": EVIL}
LINES = (Line("a", "c", 123_456.0, 1235), Line("b", "c", 7.0, 0))
NOON = UsualSurplus(False, (0.0,) * 10 + (50.0, 90.0, 100.0, 60.0) + (0.0,) * 10, 60)


def words_in(language: str) -> Words:
    """The words that ship."""
    file = FOLDER.parent / "translations" / f"{language}.json"
    common: dict[str, str] = json.loads(file.read_text())["common"]
    return Words(
        language,
        {
            key.removeprefix("paper_"): text
            for key, text in common.items()
            if key.startswith("paper_")
        },
    )


@pytest.fixture(params=["en", "fr"])
def words(request: pytest.FixtureRequest) -> Words:
    """Of each language."""
    return words_in(request.param)


class Outline(HTMLParser):
    """The tags of a page, and what it says."""

    def __init__(self, page: str) -> None:
        """Read it; each tag is closed, in order."""
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        assert self._open == []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "meta":
            self._open.append(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    @override
    def handle_data(self, data: str) -> None:
        self.text += data

    def count(self, tag: str) -> int:
        """How often a tag is opened."""
        return [name for name, _ in self.tags].count(tag)


def statement(**facts: Any) -> Statement:
    """Of a home that is called like an attack."""
    one = Statement(
        replace(participant("a", Role.PROSUMER), name=EVIL),
        MONTH,
        Quality.SETTLED,
        is_whole=True,
        consumption_wh=500_000.0,
        allocated_wh=123_456.0,
        production_wh=80_000.0,
        surplus_wh=20_000.0,
        served_first_wh=None,
        owes=(LINES[0],),
        due=(),
        prices=(PricedDays(Price(PriceModel.SALE, 0.1, SINCE), FIRST, LAST),),
    )
    return replace(one, **facts)


def printed(words: Words, **facts: Any) -> Outline:
    """A statement on paper."""
    return Outline(statement_paper(words, "Loop", [statement(**facts)], NAMES, TODAY))


def month(quality: Quality, drawn: float = 900.0) -> MonthPage:
    """The same in each step."""
    energies = {
        Quantity.SHARED_INJECTION: np.full(N_STEPS, 400.0),
        Quantity.ALLOCATED: np.full(N_STEPS, 300.0),
        Quantity.TOTAL_WITHDRAWAL: np.full(N_STEPS, drawn),
    }
    return MonthPage(MONTH, 1, quality, (Block(START, STEP, energies),))


def papers(words: Words) -> list[str]:
    """One of each."""
    homes = [Home(EVIL, 0.0), Home("Anna", 0.6)]
    return [
        weekly_paper(words, EVIL, ["2025-11"], [NOON], homes, TODAY),
        weekly_paper(words, EVIL, [], [], homes, TODAY),
        statement_paper(words, EVIL, [statement()], NAMES, TODAY),
        indicator_paper(words, EVIL, {MONTH: month(Quality.SETTLED)}, TODAY),
    ]


def test_nothing_is_fetched_and_no_name_is_markup(words: Words) -> None:
    """No address, no script, no image; the name stands there as it was typed."""
    for text in papers(words):
        page = Outline(text)
        assert not {"img", "script", "link", "a", "iframe"} & {t for t, _ in page.tags}
        addressed = [a for _, attrs in page.tags for a in attrs if a in ("src", "href")]
        assert addressed == []
        assert "url(" not in text
        assert "@import" not in text
        assert EVIL in page.text


def test_pages_can_be_read_aloud(words: Words) -> None:
    """A language, a title, one heading a sheet; cells that name their row or column."""
    for text in papers(words):
        page = Outline(text)
        assert page.tags[0] == ("html", {"lang": words.language})
        assert page.count("title") == 1
        assert page.count("h1") == page.count("section")
        assert page.count("caption") == page.count("table")
        assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")


def test_each_home_has_its_sheet_and_hour() -> None:
    """It says that it is no forecast."""
    homes = [Home("Anna", 0.0), Home("Ben", 0.6)]
    page = Outline(
        weekly_paper(words_in("en"), "Loop", ["2025-11"], [NOON], homes, TODAY)
    )
    assert page.count("section") == 2
    assert page.text.count("10:00 to 14:00") == 2
    own = re.findall(r"begin in your home:\s*(\d+:00)", page.text)
    assert own == ["10:00", "12:00"]
    assert page.text.count("This is no forecast") == 2


def test_a_season_without_surplus_suggests_no_hour(words: Words) -> None:
    """Nor does one of which nothing is known."""
    nothing = UsualSurplus(True, (0.0,) * 24, 20)
    page = weekly_paper(words, "L", ["2025-11"], [nothing], [Home("A", 0.5)], TODAY)
    assert words.texts["weekly_nothing"] in Outline(page).text
    assert 'class="own"' not in page


def test_a_statement_says_what_counts() -> None:
    """The numbers of each side, the rate beside its kWh, the price and its days."""
    text = printed(words_in("en")).text
    for said in ("500.0", "123.5", "376.5", "25%", "80.0", "60.0", "75%", "12.35"):
        assert said in text
    assert "From 1 October 2026 to 31 October 2026" in text
    assert "0.1000 €" in text
    assert "no invoice" in text


def test_numbers_as_the_french_write_them() -> None:
    """A comma, and a space before the sign."""
    text = printed(words_in("fr"), consumption_wh=1_234_500.0).text
    assert "1\N{NARROW NO-BREAK SPACE}234,5" in text
    assert "10\N{NARROW NO-BREAK SPACE}%" in text
    assert "12,35" in text


def test_only_those_in_need_read_of_it(words: Words) -> None:
    """Nobody else is told that anybody is served first."""
    told = words.texts["served_first"]
    assert told not in printed(words).text
    assert told in printed(words, served_first_wh=9_000.0).text


def test_what_is_not_sure_is_said(words: Words) -> None:
    """Provisional, with holes, without a price, and with nothing to pay."""
    text = printed(
        words,
        quality=Quality.PROVISIONAL,
        is_whole=False,
        owes=(),
        prices=(PricedDays(None, FIRST, LAST),),
    ).text
    unknown = words.plain("price_unknown", first=words.day(FIRST), last=words.day(LAST))
    for key in ("statement_provisional", "statement_partial", "nothing_owed"):
        assert words.texts[key] in text
    assert unknown in text


@pytest.mark.parametrize("model", list(PriceModel))
def test_each_way_to_pay_has_its_words(words: Words, model: PriceModel) -> None:
    """Of what is given no price is printed."""
    price = PricedDays(Price(model, 0.0, SINCE), FIRST, LAST)
    days = {"first": words.day(FIRST), "last": words.day(LAST)}
    cost = words.number(0.0, 4)
    said = words.plain(f"price_{model.value}", price=cost, **days)
    assert said in printed(words, prices=(price,)).text


def test_who_owes_whom_adds_up(words: Words) -> None:
    """To the Wh and the cent; a name is no formula."""
    text = owed_table(words, LINES, NAMES).removeprefix("\ufeff")
    _, *rows, total = csv.reader(io.StringIO(text), delimiter=";")
    assert [row[0] for row in rows] == [EVIL, "'=1+2"]
    numbers = [
        [float(cell.replace(",", ".")) for cell in row[2:]] for row in (*rows, total)
    ]
    assert numbers == [[123.456, 12.35], [0.007, 0.0], [123.463, 12.35]]


def test_indicators_of_months_and_years() -> None:
    """Energies add up, rates are of the sums; what nobody told is a dash."""
    months = {
        "2025-12": month(Quality.SETTLED),
        "2026-01": month(Quality.SETTLED, drawn=np.nan),
        "2026-02": month(Quality.PROVISIONAL),
    }
    text = Outline(indicator_paper(words_in("en"), "Loop", months, TODAY)).text
    assert "February 2026 (provisional)" in text
    assert "2026 (months known: 2)" in text
    assert text.count("75%") == 5
    assert "33%" in text
    assert "nan" not in text


def test_each_text_is_printed(words: Words) -> None:
    """With what belongs in its places, and no text is left over."""
    source = "".join((FOLDER / f"{name}.py").read_text() for name in PAPERS)
    named = set(re.findall(r"""["']([a-z_]+)["']""", source))
    prices = {f"price_{model.value}" for model in PriceModel}
    assert words.texts.keys() - named == prices - named
    known = dict.fromkeys(
        (
            *("operation", "name", "date", "months", "month", "year", "n"),
            *("first", "last", "after", "price"),
        ),
        "1",
    )
    for key in words.texts:
        assert words.plain(key, **known)
    assert len(words.texts["months"].split(", ")) == 12
