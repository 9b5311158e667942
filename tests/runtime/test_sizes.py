"""What crosses is small enough: bytes, entries, tables in tables; a limit met is an error that the module may catch."""

from typing import Any

import pytest

from host.runtime.codec import decode, encode
from host.runtime.inprocess import Runtime
from host.vocabulary.errors import SizeExceeded, TooLarge
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import MIB, Limits
from host.vocabulary.payload import MOST_BYTES, MOST_ENTRIES
from tests.runtime.surroundings import Module, Surroundings

CODE = """local M = {}
local function nested(depth) local t = {} for _ = 2, depth do t = { t } end return t end
local function long(n) local t = {} for i = 1, n do t[i] = true end return t end
local makers = {
    nested = nested,
    long = long,
    broad = function(n) local t = {} for i = 1, n do t["k" .. i] = true end return t end,
    wide = function(n) local t = {} for i = 1, n do t[i] = {} end return t end,
    text = function(n) return ("x"):rep(n) end,
    texts = function(n) return { ("x"):rep(n) } end,
    functions = function(n) local t = { print } for i = 2, n do t[i] = true end return t end,
    deep_functions = function(depth) local t = { print } for _ = 2, depth do t = { t } end return t end,
    several = function(n) return long(n / 2), nested(1), long(n / 2) end,
}
M.exports = {
    make = function(maker, n) return makers[maker](n) end,
    caught = function(maker, n) return pcall(host.emit, "e", makers[maker](n)) end,
    filtered = function(maker, n) return (host.filter("e", makers[maker](n))) end,
}
function M:getState() return { kept = makers[maker](size) } end
function M:setState(state) maker, size = state.maker, state.size end
return M"""
LIMITS = Limits(memory=64 * MIB, call=5.0, crossing=100_000, entries=1000, depth=10)
FITTING = {
    "nested": 10, "long": 1000, "broad": 1000, "wide": 1000, "text": 100_000, "texts": 99_000, "functions": 900,
    "deep_functions": 10, "several": 1000,
}  # fmt: skip
OVER = {
    "nested": (11, "the value is nested deeper than 10 levels", "depth"),
    "long": (1001, "the value has more than 1000 entries", "entries"),
    "broad": (1001, "the value has more than 1000 entries", "entries"),
    "wide": (1001, "the value has more than 1000 entries", "entries"),
    "text": (100_001, "the value has 100001 bytes, and at most 100000 cross", "crossing"),
    "texts": (100_001, " bytes, and at most 100000 cross", "crossing"),
    "functions": (1101, "the value has more than 1000 entries", "entries"),
    "deep_functions": (11, " is nested deeper than 10 levels", "depth"),
    "several": (1002, "the value has more than 1000 entries", "entries"),
}


class Limited(Module):
    """A module with limits of its own."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        super().__init__(CODE)
        self.around = Surroundings({"init.lua": CODE.encode()}, {})
        self.runtime = Runtime(ModuleKey("m", "1.0.0"), 1, limits, self.around)
        self.runtime.start("init.lua")

    def do(self, export: str, *values: Any) -> Any:
        self.around.exports["f"] = self.around.exports[export]
        return self.call(*values)


@pytest.mark.parametrize("maker", FITTING)
def test_what_is_within_the_limits_crosses(maker: str) -> None:
    module = Limited()
    assert module.do("caught", maker, FITTING[maker])[0] is True
    assert module.around.limits_met == []


@pytest.mark.parametrize("maker", OVER)
def test_what_is_over_a_limit_is_an_error_with_its_class_unless_it_is_caught(maker: str) -> None:
    size, words, limit = OVER[maker]
    module = Limited()
    with pytest.raises(SizeExceeded) as fault:
        module.do("make", maker, size)
    assert words in fault.value.message
    ok, why = module.do("caught", maker, size)
    assert (ok, words in why) == (False, True)
    assert module.around.limits_met == [limit, limit]
    assert module.around.emitted == []


def test_a_filter_and_a_state_are_measured_too() -> None:
    module = Limited()
    with pytest.raises(SizeExceeded, match="more than 1000 entries"):
        module.do("filtered", "long", 1001)
    module.runtime.receive(encode({"maker": "long", "size": 1001}))
    module.runtime.set_state()
    with pytest.raises(SizeExceeded, match="more than 1000 entries"):
        module.runtime.get_state()


def test_without_limits_of_its_own_a_module_has_those_of_the_contract() -> None:
    module = Limited(Limits(memory=256 * MIB, call=20.0))
    assert module.do("caught", "long", MOST_ENTRIES)[0] is True
    with pytest.raises(SizeExceeded, match="more than 1000000 entries"):
        module.do("make", "long", MOST_ENTRIES + 1)
    with pytest.raises(SizeExceeded, match="nested deeper than 100 levels"):
        module.do("make", "nested", 101)
    assert module.do("caught", "nested", 100)[0] is True


def test_a_later_error_of_the_modules_own_is_an_ordinary_fault() -> None:
    module = Module("""return { exports = { f = function()
        local t = {} for _ = 1, 200 do t = { t } end
        pcall(host.emit, "e", t) error("mine", 0) end } }""")
    with pytest.raises(Exception, match="mine") as fault:
        module.call()
    assert not isinstance(fault.value, SizeExceeded)


# Python's side --------------------------------------------------------------------------------------------------------

TOO_MANY = f"value has more than the {MOST_ENTRIES:,} entries that can cross; hand it over in pieces"


def test_python_hands_over_as_much_as_crosses_and_no_more() -> None:
    assert len(decode(encode([True] * MOST_ENTRIES))) == MOST_ENTRIES
    with pytest.raises(TooLarge) as refusal:
        encode([True] * (MOST_ENTRIES + 1))
    assert str(refusal.value) == TOO_MANY
    with pytest.raises(TooLarge, match="more than the 64 MiB"):
        encode([b"x" * MOST_BYTES])
    assert len(encode(b"x" * (MOST_BYTES - 10))) > MOST_BYTES - 10


@pytest.mark.parametrize(
    "value", [[[True] * 600_000] * 2, dict.fromkeys(range(MOST_ENTRIES + 1), True), [{}] * 1_000_001]
)
def test_entries_are_counted_in_all_tables_together(value: Any) -> None:
    with pytest.raises(TooLarge, match="entries"):
        encode(value)


def test_bytes_that_stand_for_too_many_entries_are_refused_before_any_object_is_made_of_them() -> None:
    nils = b"\x0c\xff" + (MOST_ENTRIES + 2).to_bytes(4, "little") + bytes(MOST_ENTRIES + 1)
    with pytest.raises(TooLarge) as refusal:
        decode(nils)
    assert str(refusal.value) == TOO_MANY
    with pytest.raises(TooLarge, match="64 MiB"):
        decode(bytes(MOST_BYTES + 1))
    assert len(decode(b"\xff" + (0x20 + 2_000_000).to_bytes(4, "little") + b"x" * 2_000_000)) == 2_000_000
