"""A law of plain data: what goes out comes back, of the same types."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.protocol.plain import DEEPEST, from_wire, to_wire
from host.vocabulary.errors import NotData

KEYS = st.text() | st.integers(-(2**63), 2**63 - 1) | st.binary() | st.floats(allow_nan=False)
LEAVES = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text() | st.binary()
)
PLAIN = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=30)


def typed(value: Any) -> Any:
    match value:
        case list():
            return [typed(item) for item in value]
        case dict():
            return {(type(key), key): typed(item) for key, item in value.items()}
    return type(value), value


@given(PLAIN)
def test_plain_data_survives_the_wire_with_its_types(value: Any) -> None:
    message = msgspec.json.encode(to_wire(value))
    json.loads(message)
    assert typed(from_wire(msgspec.json.decode(message))) == typed(value)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    try:
        from_wire(value)
    except NotData:
        assert "$" in json.dumps(value)


def test_nesting_beyond_the_limit_is_refused() -> None:
    value: list[Any] = []
    for _ in range(DEEPEST - 1):
        value = [value]
    assert from_wire(msgspec.json.decode(msgspec.json.encode(to_wire(value)))) == value
    with pytest.raises(NotData, match="deeper than"):
        to_wire([value])


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotData):
        to_wire(value)
