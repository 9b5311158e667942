"""Plain data crosses between Python and Lua as bytes and comes back as it was, but for what the two do not share."""

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lupa.luajit21 import LuaRuntime

from host.runtime.codec import decode, decode_all, encode, encode_all
from host.runtime.crossing import Crossing
from host.vocabulary.errors import ModuleFault, NotData
from host.vocabulary.payload import DEPTH, LARGEST_INT
from tests.runtime.surroundings import answer

LUA = LuaRuntime(encoding=None)
AGAIN = LUA.execute(b"local b = require('string.buffer') return function(s) return b.encode(b.decode(s)) end")
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-LARGEST_INT, LARGEST_INT),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.binary(max_size=20),
)
KEYS = st.one_of(st.text(max_size=8), st.binary(max_size=8), st.integers(-99, 99), st.floats(-99, 99))


def has_distinct(table: dict[Any, Any]) -> bool:
    """Whether no key stands in it both as text and as bytes."""
    return len({same(key) for key in table}) == len(table)


DATA = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=6), st.dictionaries(KEYS, inner, max_size=6).filter(has_distinct)),
    max_leaves=40,
)


def same(value: Any) -> Any:
    """A value as Lua and Python share it: no nil in a table, lists where the keys are 1..n, text where it is UTF-8."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value
    if isinstance(value, float) and value.is_integer() and -LARGEST_INT <= value <= LARGEST_INT:
        return int(value)
    if isinstance(value, (list, tuple)):
        return same(dict(enumerate(value, 1)))
    if isinstance(value, dict):
        table = {same(key): same(inner) for key, inner in value.items() if inner is not None}
        if table and set(table) == set(range(1, len(table) + 1)):
            return [table[index] for index in range(1, len(table) + 1)]
        return table
    return value


@given(value=DATA)
@settings(deadline=None)
def test_data_comes_back_as_it_was(value: Any) -> None:
    assert decode(encode(value)) == same(value)


@given(value=DATA)
@settings(deadline=None)
def test_data_comes_back_from_lua_as_it_was(value: Any) -> None:
    assert decode(AGAIN(encode(value))) == same(value)


@given(value=DATA)
@settings(deadline=None)
def test_once_shared_nothing_changes_any_more(value: Any) -> None:
    shared = decode(encode(value))
    assert decode(AGAIN(encode(shared))) == shared


@given(values=st.lists(DATA, max_size=5).map(tuple))
@settings(deadline=None)
def test_several_values_cross_one_after_another(values: tuple[Any, ...]) -> None:
    assert decode_all(encode_all(values), len(values)) == tuple(map(same, values))


@given(data=st.binary(max_size=200), count=st.integers(0, 3))
@settings(deadline=None)
def test_any_bytes_are_data_or_are_refused(data: bytes, count: int) -> None:
    with suppress(NotData):
        decode_all(data, count)


@given(value=DATA, cut=st.integers(1, 50), position=st.integers(0, 10_000), bits=st.integers(1, 255))
@settings(deadline=None)
def test_cut_and_garbled_bytes_are_data_or_are_refused(value: Any, cut: int, position: int, bits: int) -> None:
    data = bytearray(encode(value))
    with pytest.raises(NotData):
        decode(bytes(data[:-cut]))
    data[position % len(data)] ^= bits
    with suppress(NotData):
        decode(bytes(data))


@pytest.mark.parametrize(
    "data", [b"\x0c\xff\xff\xff\xff\xff", b"\x09\xff\xff\xff\xff\xff", b"\xff\xff\xff\xff\xff", b"\x0a" * 5000]
)
def test_lengths_that_lie_are_refused_at_once(data: bytes) -> None:
    with pytest.raises(NotData, match="cut off or not in this format"):
        decode(data)


def test_more_bytes_than_a_value_has_are_refused() -> None:
    with pytest.raises(NotData, match="followed by more bytes"):
        decode(encode(1) + b"\0")


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth - 1):
        value = [value]
    return value


def test_tables_are_nested_as_deep_as_lua_takes_them_and_no_deeper() -> None:
    data = encode(nested(DEPTH))
    assert AGAIN(data) == data
    with pytest.raises(NotData, match="nested deeper than 100 levels"):
        encode(nested(DEPTH + 1))


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"users": [{"socket": object()}]}, "value.users[1].socket is a object, and only plain data can cross"),
        ({"a": {1, 2}}, "value.a is a set"),
        ([LARGEST_INT + 1], f"value[1] is the integer {LARGEST_INT + 1}, which no Lua number holds exactly"),
        ([10**5000], "value[1] is an integer of many digits, which no Lua number holds exactly"),
        ({("a",): 1}, "value is a table with the key ('a',)"),
        ({float("nan"): 1}, "value is a table with the key nan"),
        ({"a": {"b": 1, b"b": 2}}, "value.a is a table with one key both as text and as bytes"),
        ("\ud800", "value is text with half a surrogate pair in it"),
    ],
)
def test_what_is_no_data_is_named_by_its_place(value: Any, why: str) -> None:
    with pytest.raises(NotData) as refusal:
        encode(value)
    assert str(refusal.value).startswith(why)


def test_a_cycle_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotData, match="or a cycle"):
        encode(value)


def test_special_numbers_cross() -> None:
    infinite, lost = decode(AGAIN(encode([math.inf, math.nan])))
    assert infinite == math.inf
    assert math.isnan(lost)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("return { [true] = 'yes', [false] = 'no' }", {"true": "yes", "false": "no"}),
        ("return { [true] = 'yes', 'first' }", {"true": "yes", 1: "first"}),
        ("return { 9007199254740992LL, 5ULL, [7LL] = -1LL }", {1: 2**53, 2: 5, 7: -1}),
        ("return 5LL", 5),
        ("return { [1] = 'a', [3] = 'c' }", {1: "a", 3: "c"}),
        ("return { [0] = 'z', 'a', 'b' }", {0: "z", 1: "a", 2: "b"}),
        ("return {}", {}),
        ("return { {}, { {} } }", [{}, [{}]]),
        (r"return '\0a\0'", "\0a\0"),
        (r"return '\255'", b"\xff"),
        (r"return { ['\255'] = '\0' }", {b"\xff": "\0"}),
        ("return 2^53, -2^53, 2^53 + 2, 0.5, -0", (2**53, -(2**53), 2**53 + 2, 0.5, 0)),
        ("return 1, nil, 3, nil", (1, None, 3, None)),
        ("return", None),
    ],
)
def test_what_lua_returns_is_plain_data_in_python(code: str, value: Any) -> None:
    assert answer(code) == value


def test_a_table_for_a_key_is_refused() -> None:
    with pytest.raises(NotData, match="a table with a table for a key"):
        answer("return { [{}] = 1 }")


def test_a_complex_number_is_refused() -> None:
    with pytest.raises(ModuleFault, match="a complex number"):
        answer("return { 2i }")


@given(values=st.lists(DATA, min_size=1, max_size=4))
@settings(deadline=None, max_examples=50)
def test_arguments_reach_a_module_and_come_back(values: list[Any]) -> None:
    back = answer("return ...", *values, call=5.0)
    expected = tuple(map(same, values))
    assert back == (expected[0] if len(expected) == 1 else expected)


@pytest.mark.parametrize("value", [None, True, 1, 2.5, "text", b"\xff", [1], {"a": 1}])
def test_one_value_has_one_crossing(value: Any) -> None:
    assert Crossing.of(value).value() == value
    assert Crossing.of(value, value).value() == (value, value)


def test_a_field_without_a_value_is_no_field() -> None:
    """Bytes that no Lua wrote made a dictionary of them that came back without it."""
    assert decode(b"\x09\x02\x21a\x00\x21b\x02") == {"b": True}


@pytest.mark.parametrize("key", [b"\x00", b"\x07" + b"\x00\x00\x00\x00\x00\x00\xf8\x7f"])
def test_bytes_with_a_key_that_no_table_has_are_refused(key: bytes) -> None:
    with pytest.raises(NotData, match="which no table of Lua has"):
        decode(b"\x09\x01" + key + b"\x02")
