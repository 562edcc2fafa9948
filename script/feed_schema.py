"""What JSON and the shipped schema say of a document, apart from the reader of members."""

from collections.abc import Iterator
from itertools import islice
import json
from pathlib import Path
from typing import NoReturn

from jsonschema import Draft202012Validator, FormatChecker

from custom_components.autoconsommation_collective import pmo

SCHEMA = Path(pmo.__file__).with_name("feed.schema.json")

_SHOWN_OF_A_DOCUMENT = 5
"""Findings of the schema: an array that is wrong throughout is one mistake."""


def load_schema() -> Draft202012Validator:
    """The schema as it ships."""
    content = json.loads(SCHEMA.read_text())
    return Draft202012Validator(content, format_checker=FormatChecker())


def against_schema(schema: Draft202012Validator, body: bytes) -> Iterator[str]:
    """What the schema finds; a text that is no JSON is left to the reader to refuse."""
    try:
        document = json.loads(
            body.decode("utf-8-sig"),
            parse_constant=_refuse,
            object_pairs_hook=_without_doubles,
        )
    except RecursionError:
        return
    except ValueError as error:
        yield f"JSON: {error}"
        return
    for breach in islice(schema.iter_errors(document), _SHOWN_OF_A_DOCUMENT):
        yield f"schema: {breach.json_path} breaks {breach.validator!r}"


def _refuse(constant: str) -> NoReturn:
    """Python reads NaN and Infinity; other languages stop at them."""
    raise ValueError(f"{constant} is no JSON")


def _without_doubles(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Python takes the last of two equal keys; other languages the first, or stop."""
    values: dict[str, object] = {}
    for key, value in pairs:
        if key in values:
            raise ValueError(f"{key!r} stands twice")
        values[key] = value
    return values
