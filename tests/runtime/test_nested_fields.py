"""A table told by its fields to a module that is in a call already: its handler runs inside that call."""

from typing import Any

import pytest

from host.runtime.crossing import LuaFunction
from host.vocabulary.errors import DeadlineExceeded, RecursionExceeded
from host.vocabulary.manifest import MIB
from tests.runtime.surroundings import Module

CODE = """local M, got = {}, nil
local function deeper() return 1 + deeper() end
M.hooks = { e = function(value)
    got = value.one .. value.two
    if value.one == "raise" then error(value.two, 0) end
    while value.one == "loop" do end
    if value.one == "deep" then deeper() end
end }
M.exports = { f = function(...)
    host.native.tell(...)
    return got
end }
return M"""


class Told(Module):
    """A module whose export has Python tell it a table; ``records`` are what its handler gave."""

    def __init__(self) -> None:
        super().__init__(CODE, memory=8 * MIB)
        self.runtime.offer(("tell",), "")
        self.around.natives["tell"] = self._tell
        self.records: list[Any] = []
        (number,) = self.around.hooks
        self.number, fields = number, self.around.hooks[number][2].fields
        way = self.runtime.way_for(fields, ("one", "two"))
        assert way is not None
        self._way: LuaFunction = way

    def _tell(self, one: str, two: str) -> None:
        self.records.append(self._way(one.encode(), two.encode()))


def test_a_handler_gets_the_fields_inside_a_call_as_outside() -> None:
    module = Told()
    assert module.call("a", "b") == "ab"
    assert module._way(b"c", b"d") is None  # noqa: SLF001 - the same way, outside of any call
    assert module.records == [None]
    assert module.runtime.meter(module.number) == (2, 0)


def test_a_fault_inside_a_call_is_the_handlers_and_the_call_goes_on() -> None:
    module = Told()
    assert module.call("raise", "why") == "raisewhy"
    ((kind, message, _, file, line),) = module.records
    assert (kind, message, file, line) == (b"error", b"why", b"m/init.lua", 5)
    assert module.runtime.meter(module.number) == (1, 1)
    assert module.call("a", "b") == "ab"


@pytest.mark.parametrize(
    ("what", "kind", "error"),
    [
        ("loop", b"deadline", DeadlineExceeded),
        ("deep", b"depth", RecursionExceeded),
    ],
)
def test_a_limit_inside_a_call_ends_that_call_too(what: str, kind: bytes, error: type[Exception]) -> None:
    module = Told()
    with pytest.raises(error):
        module.call(what, "")
    assert module.records[0][0] == kind
    assert module.call("a", "b") == "ab"
    assert module.runtime.meter(module.number) == (2, 1)
