"""What is written is read as it was meant, and the schema takes it."""

from dataclasses import replace
from datetime import UTC, datetime
import json

from hypothesis import given, strategies as st
from jsonschema import Draft202012Validator
import numpy as np
import pytest

from custom_components.autoconsommation_collective.engine.blocks import (
    MINUTE,
    Block,
    MonthPage,
    Quantity,
    restored_page,
    stored_page,
)
from custom_components.autoconsommation_collective.engine.model import (
    Aggregates,
    Member,
    Operation,
    Quality,
)
from custom_components.autoconsommation_collective.engine.told_needs import ToldNeed
from custom_components.autoconsommation_collective.pmo.needs import written_need
from custom_components.autoconsommation_collective.pmo.pages import Forecast
from custom_components.autoconsommation_collective.pmo.written import (
    written_aggregates,
    written_aggregates_month,
    written_forecast,
    written_member,
    written_member_month,
    written_operation,
)

from .conftest import PARIS, corpus, read

GOOD = corpus("good")
AT = datetime(2026, 11, 20, 6, tzinfo=UTC)


def written(name: str, value: object) -> bytes:
    """The document again, from what was read of it."""
    match value:
        case Operation():
            return written_operation(value, AT)
        case Aggregates():
            return written_aggregates(value, AT)
        case Forecast():
            return written_forecast(value, PARIS)
        case Member():
            return written_member(value, AT)
        case ToldNeed():
            return written_need(value, PARIS)
        case MonthPage() if name.startswith("member"):
            return written_member_month(value, AT, PARIS)
        case MonthPage():
            return written_aggregates_month(value, AT, PARIS)
    raise AssertionError(value)


def told(value: object) -> object:
    """Something to compare: arrays are equal to themselves only."""
    if isinstance(value, MonthPage | Forecast):
        blocks = [
            (b.start, b.step, {q: wh.tolist() for q, wh in b.energies.items()})
            for b in value.blocks
        ]
        return replace(value, blocks=()), repr(blocks)
    return value


@pytest.mark.parametrize("name", GOOD)
def test_what_is_written_is_read_again(name: str, schema: Draft202012Validator) -> None:
    """Every good document of the corpus, and nothing of it is lost."""
    value = read(name, GOOD[name])
    body = written(name, value)
    assert told(read(name, body)) == told(value)
    schema.validate(json.loads(body))


@pytest.mark.parametrize("name", GOOD)
def test_the_same_is_written_by_the_same_bytes(name: str) -> None:
    """A host is sent nothing that has not changed."""
    body = written(name, read(name, GOOD[name]))
    assert written(name, read(name, body)) == body


def test_holes_are_null_and_energies_whole() -> None:
    """As the contract has it."""
    page = read("member_month.2026-10.pair", GOOD[_with_hole()])
    assert isinstance(page, MonthPage)
    body = written_member_month(page, AT, PARIS)
    assert b"NaN" not in body
    assert b"null" in body
    assert b".0" not in body


def _with_hole() -> str:
    return next(
        name
        for name, body in GOOD.items()
        if name.startswith("member_month.2026-10") and b"null" in body
    )


@given(st.lists(st.floats(0, 9999), min_size=1, max_size=8), st.permutations(Quantity))
def test_a_month_that_was_kept_says_the_same(
    energies: list[float], order: list[Quantity]
) -> None:
    """After a restart nothing is published anew because it was read from a file."""
    told = {quantity: np.array(energies) for quantity in order[:2]}
    block = Block(AT, 30 * MINUTE, told)
    page = MonthPage("2026-10", 1, Quality.PROVISIONAL, (block,))
    again = restored_page(json.loads(json.dumps(stored_page(page))))
    assert written_member_month(again, AT, PARIS) == written_member_month(
        page, AT, PARIS
    )
