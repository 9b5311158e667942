"""Laws of pages: read one after another, they have every entry of a table once, and each part is what was put in."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.runtime.codec import decode, encode
from host.runtime.paging import Pages
from host.vocabulary.errors import NotData

KEYS = st.one_of(st.text(max_size=5), st.integers(-5, 5), st.floats(-4, 4).map(lambda x: x / 3), st.booleans())
SCALARS = st.one_of(st.booleans(), st.integers(-(1 << 53), 1 << 53), st.text(max_size=8), st.binary(max_size=8))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(KEYS, inner, max_size=5)),
    max_leaves=20,
)


def decoded(value: Any) -> Any:
    """A value as Python has it after a crossing, if it can cross."""
    try:
        return decode(encode(value))
    except NotData:
        return None


def items(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, list):
        return list(enumerate(value, 1))
    return list(value.items()) if isinstance(value, dict) else []


@given(VALUES, st.integers(1, 4))
def test_pages_have_every_entry_once_and_in_one_order(value: Any, size: int) -> None:
    whole = decoded(value)
    if whole is None:
        return
    pages = Pages()
    pages.read(encode(value))
    total, everything = pages.page([], 0, 1000)
    assert total == len(items(whole)) == len(everything)
    assert {(type(key), key) for key, _, _ in everything} == {(type(key), key) for key, _ in items(whole)}
    numbers = [key for key, _, _ in everything if not isinstance(key, (str, bytes))]
    assert numbers == sorted(numbers)
    assert [key for key, _, _ in everything][: len(numbers)] == numbers
    assert [row for at in range(0, total, size) for row in pages.page([], at, size)[1]] == everything


@given(VALUES)
def test_the_part_at_each_key_is_what_stands_there(value: Any) -> None:
    whole = decoded(value)
    if whole is None:
        return
    pages = Pages()
    pages.read(encode(value))
    assert pages.part([]) == whole
    for key, inner in items(whole):
        if not isinstance(key, bytes):
            assert pages.part([key]) == inner
            assert pages.page([key], 0, 1000)[0] == len(items(inner))


def test_a_path_that_leads_nowhere_has_nothing() -> None:
    pages = Pages()
    pages.read(encode({"a": [1]}))
    paths: tuple[list[str | int], ...] = (["b"], ["a", 2], ["a", 1, "x"], [True])
    for path in paths:
        assert pages.part(path) is None
        assert pages.page(path, 0, 10) == (0, [])


def test_a_long_text_is_cut_between_characters() -> None:
    pages = Pages()
    pages.read(encode({"a": "\u20ac" * 1000}))
    ((_, kind, text),) = pages.page([], 0, 1)[1]
    assert (kind, set(text), 256 < len(text) < 1000) == ("string", {"\u20ac"}, True)
    assert pages.part(["a"]) == "\u20ac" * 1000


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"\xff", encode({"a": [1, 2]})[:-2]])
def test_bytes_of_no_value_are_refused_and_the_next_is_read(data: bytes) -> None:
    pages = Pages()
    with pytest.raises(NotData):
        pages.read(data)
    pages.read(encode([7]))
    assert pages.part([1]) == 7
