"""Reader and schema are held to one corpus of good and bad documents."""

from contextlib import suppress
import json
from typing import Any

from hypothesis import given, settings, strategies as st
from jsonschema import Draft202012Validator
import pytest

from custom_components.autoconsommation_collective.pmo.errors import DocumentError
from custom_components.autoconsommation_collective.pmo.fields import MAX_BYTES

from .conftest import CORPUS, corpus, read

GOOD = corpus("good")
BAD = corpus("bad")
FAULTS = json.loads((CORPUS / "faults.json").read_text())
"""What is wrong with each bad document, and whether a schema has words for it."""


def refused_by(schema: Draft202012Validator, body: bytes) -> bool:
    """Whether the schema refuses, or cannot even be asked."""
    try:
        document = json.loads(body)
    except ValueError:
        return True
    return not schema.is_valid(document)


def test_every_bad_file_has_its_fault_and_every_fault_its_file() -> None:
    """Neither list runs ahead of the other."""
    assert BAD.keys() == FAULTS.keys()


@pytest.mark.parametrize("name", GOOD)
def test_good_document_is_read(name: str) -> None:
    """The reader takes it."""
    read(name, GOOD[name])


@pytest.mark.parametrize("name", GOOD)
def test_good_document_passes_schema(name: str, schema: Draft202012Validator) -> None:
    """The schema takes it."""
    schema.validate(json.loads(GOOD[name]))


@pytest.mark.parametrize("name", BAD)
def test_bad_document_is_refused_for_its_fault(name: str) -> None:
    """The error names the right problem, field and step."""
    with pytest.raises(DocumentError) as caught:
        read(name, BAD[name])
    for said in ("problem", "field", "step"):
        assert getattr(caught.value, said) == FAULTS[name][said]


@pytest.mark.parametrize("name", BAD)
def test_schema_sees_what_a_schema_can_see(
    name: str, schema: Draft202012Validator
) -> None:
    """What a schema cannot say is listed, not forgotten."""
    assert refused_by(schema, BAD[name]) == FAULTS[name]["schema_sees"]


@given(name=st.sampled_from(sorted(GOOD)), body=st.binary(max_size=200))
def test_arbitrary_bytes_give_a_document_error(name: str, body: bytes) -> None:
    """Nothing else, whatever a host sends."""
    with pytest.raises(DocumentError):
        read(name, body)


WORDS = ("", "x", "2026-10-25", "2026-10-25T00:00:00+02:00", "2026-10", "2100-01")
STRANGE: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, [], {}, "\ud800", 15, 60, 10**30, *WORDS]),
    st.floats(),
    st.integers(),
    st.text(max_size=5),
)


@st.composite
def mutated(draw: st.DrawFn) -> tuple[str, bytes]:
    """A good document of which one to three places were replaced, dropped or doubled."""
    name = draw(st.sampled_from(sorted(GOOD)))
    document = json.loads(GOOD[name])
    for _ in range(draw(st.integers(1, 3))):
        mutate(draw, document)
    return name, json.dumps(document).encode()


def mutate(draw: st.DrawFn, node: Any) -> None:
    """Change one place at any depth: the few fields as often as the many energies."""
    key = draw(
        st.sampled_from(list(node) if isinstance(node, dict) else range(len(node)))
    )
    if isinstance(node[key], dict | list) and node[key] and draw(st.integers(0, 3)):
        mutate(draw, node[key])
        return
    match draw(st.sampled_from(["replace", "drop", "double"])):
        case "drop" if len(node) > 1:
            del node[key]
        case "double" if isinstance(node, list):
            node.insert(key, node[key])
        case _:
            node[key] = draw(STRANGE)


@settings(max_examples=500)
@given(mutated())
def test_reader_fails_with_a_document_error_only(case: tuple[str, bytes]) -> None:
    """Also where a document is almost right."""
    name, body = case
    with suppress(DocumentError):
        read(name, body)


@settings(max_examples=500)
@given(mutated())
def test_schema_takes_whatever_the_reader_takes(
    schema: Draft202012Validator, case: tuple[str, bytes]
) -> None:
    """The schema is never the stricter of the two."""
    name, body = case
    try:
        read(name, body)
    except DocumentError:
        return
    schema.validate(json.loads(body))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(b" " * (MAX_BYTES + 1), "too_large", id="over 10 MiB"),
        pytest.param(b"[" * 1_000_000, "not_json", id="arrays without end"),
        pytest.param(b'{"a":' * 1_000_000, "not_json", id="objects without end"),
    ],
)
def test_greedy_document_is_refused(body: bytes, problem: str) -> None:
    """Before it takes memory or stack."""
    with pytest.raises(DocumentError) as caught:
        read("operation", body)
    assert caught.value.problem == problem
