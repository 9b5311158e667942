"""What crosses between modules is copied; a function crosses as a reference that calls its owner back."""

import pytest

from host.runtime.crossing import Crossing
from host.vocabulary.errors import DeadlineExceeded, ModuleFault, NotData
from tests.runtime.surroundings import Module, answer, doing


def neighbours(first: str, second: str, call: float = 0.1) -> tuple[Module, Module]:
    """A module ``a`` with an export ``f``, and ``b`` whose export ``f`` may require it."""
    others: dict[str, Module] = {}
    one = doing(first, name="a", others=others, call=call)
    return one, doing(f'local a = require("a")\n{second}', name="b", others=others, call=call)


def test_a_table_is_copied() -> None:
    one, two = neighbours(
        "local t = ... t.x = 2 kept = t return t", "local t = { x = 1 } local u = a.f(t) return t.x, u.x"
    )
    assert two.call() == (1, 2)
    assert one.runtime is not two.runtime


def test_a_function_calls_its_owner_back() -> None:
    _, two = neighbours(
        "local call = ... return call(2, nil, { 3 }), 'after'",
        "local seen = {} local got = a.f(function(...) seen = { ... } return { 'got' } end)"
        " return got, seen[1], seen[2], seen[3][1]",
    )
    assert two.call() == (["got"], 2, None, 3)


def test_functions_cross_within_tables_and_several_at_once() -> None:
    _, two = neighbours(
        "local one, two = ... return one.deep[1].call() + two(), function() return 'back' end",
        "local sum, back = a.f({ deep = { { call = function() return 1 end } } }, function() return 2 end)"
        " return sum, back()",
    )
    assert two.call() == (3, "back")


def test_a_function_that_comes_home_is_itself() -> None:
    _, two = neighbours(
        "return ...", "local function own() end local t = a.f({ own }) return t[1] == own, a.f(own) == own"
    )
    assert two.call() == (True, True)


def test_the_same_function_arrives_as_the_same() -> None:
    """Else what was subscribed could never be found again to be removed."""
    _, two = neighbours(
        "if kept then return kept == ... end kept = ...", "local function own() end a.f(own) return a.f(own)"
    )
    assert two.call() is True


def test_a_function_handed_on_reaches_its_first_owner() -> None:
    others: dict[str, Module] = {}
    doing("local call = ... return call('c')", name="c", others=others)
    doing("return require('c').f(...)", name="b", others=others)
    first = doing("return require('b').f(function(who) return who .. ' called a' end)", name="a", others=others)
    assert first.call() == "c called a"


def test_a_function_of_a_module_that_is_gone_raises_a_sentence() -> None:
    others: dict[str, Module] = {}
    owner = doing("return function() return 1 end", name="a", others=others)
    user = doing(
        "if not call then call = require('a').f() return call() end return pcall(call)", name="b", others=others
    )
    assert user.call() == 1
    del others["a"]
    owner.runtime.close()
    assert user.call() == (False, "the function belongs to a module that is gone")


def test_a_fault_in_a_function_that_was_called_back_is_the_owners_and_the_callers() -> None:
    _, two = neighbours("local call = ... return pcall(call)", "return a.f(function() error('mine', 0) end)")
    assert two.call() == (False, "b failed in a function it handed out: b/init.lua:4: mine")


def test_the_limits_of_a_function_called_back_are_its_owners() -> None:
    others: dict[str, Module] = {}
    doing("local call = ... return call()", name="a", others=others, call=5.0)
    owner = doing("return pcall(require('a').f, function() while true do end end)", name="b", others=others, call=0.02)
    with pytest.raises(DeadlineExceeded) as late:
        owner.call()
    assert (late.value.module, late.value.limit) == ("b", 0.02)


def test_functions_that_nobody_used_for_long_are_let_go_and_others_kept() -> None:
    """A module that hands over a callback with each request was refused after 10,000 of them."""
    _, two = neighbours(
        """local call, index = ...
        if index == 0 then first, used = call, call return 0 end
        if index == 1 then second = call end
        if index == -1 then return first(), pcall(second) end
        if index % 1000 == 0 then used() end
        return call()""",
        """for index = 0, 11000 do
            if index > 1 then assert(a.f(function() return index end, index) == index)
            else a.f(function() return "kept" end, index) end
        end
        return a.f(nil, -1)""",
        call=5.0,
    )
    kept, called, why = two.call()
    assert (kept, called) == ("kept", False)
    assert "was handed out long ago and let go; ask for it again" in why


def test_a_function_is_no_data_for_python() -> None:
    with pytest.raises(NotData, match="a function, or holds one"):
        answer("return print")


CANNOT = {
    "a cycle": ("local t = {} t.a = { b = t } return t", "value.a.b is a cycle: it holds value"),
    "a cycle through a list": ("local t = { {} } t[1][1] = t[1] return t", "value[1][1] is a cycle: it holds value[1]"),
    "a coroutine": ("return { x = { coroutine.create(print) } }", "value.x[1] is a coroutine"),
    "a coroutine alone": ("return coroutine.create(print)", "value is a coroutine"),
    "a table for a key": ("return { a = { [{}] = print } }", "value.a has a table for a key"),
    "a function for a key": ("return { [print] = 1 }", "value has a function for a key"),
    "a key with __tostring": (
        "return { [setmetatable({}, { __tostring = function() while true do end end })] = print }",
        "value has a table for a key",
    ),
    "deep tables": ("local t = {} for i = 1, 100 do t = { t } end return t", "is nested deeper than 100 levels"),
    "in an argument": ("return 1, { x = coroutine.create(print) }", "argument 2.x is a coroutine"),
    "odd keys": (
        r"return { ['a b\n'] = { [2.5] = coroutine.create(print) } }",
        'value["a b\\ \n"][2.5] is a coroutine',
    ),
}


@pytest.mark.parametrize("what", CANNOT)
def test_what_cannot_cross_is_named_by_its_place(what: str) -> None:
    code, why = CANNOT[what]
    with pytest.raises(ModuleFault) as fault:
        answer(code)
    assert " ".join(why.split()) in " ".join(fault.value.message.split())


def keeping(state: str) -> Module:
    return Module(
        f"local users = {{ {{}}, {{}}, {{ socket = print }} }} return {{ getState = function() return {state} end }}"
    )


STATES = {
    "{ users = users }": "state.users[3].socket is a function",
    "print": "state is a function, and must be a table",
    "(function() local t = {} t.me = t return t end)()": "state.me is a cycle: it holds state",
    "{ work = coroutine.create(print) }": "state.work is a coroutine",
}


@pytest.mark.parametrize("state", STATES)
def test_what_cannot_be_kept_is_named_by_its_place(state: str) -> None:
    with pytest.raises(ModuleFault) as fault:
        keeping(state).runtime.get_state()
    assert str(fault.value) == f"m failed in getState: m/init.lua:1: {STATES[state]}"


NO_STATES = {
    "": "nothing",
    "nil": "nothing",
    "false": "a boolean",
    "42": "a number",
    "0/0": "a number",
    "'x'": "a string",
}


@pytest.mark.parametrize("state", NO_STATES)
def test_a_state_that_is_no_table_is_a_fault_at_the_line_of_get_state(state: str) -> None:
    with pytest.raises(ModuleFault) as fault:
        keeping(state).runtime.get_state()
    assert str(fault.value) == f"m failed in getState: m/init.lua:1: state is {NO_STATES[state]}, and must be a table"


def test_a_table_in_two_places_is_no_cycle() -> None:
    module = keeping("(function() local t = { 1 } return { a = t, b = { t } } end)()")
    assert Crossing(1, module.runtime.get_state()).value() == {"a": [1], "b": [[1]]}


def test_metatables_stay_behind() -> None:
    code = "return setmetatable({ 1 }, { __index = function() while true do end end, __pairs = error, __len = error })"
    assert answer(code) == [1]


def given(module: Module, state: bytes) -> None:
    module.runtime.receive(state)
    module.runtime.set_state()


@pytest.mark.parametrize("data", [b"", b"\x08\x08", b"\xff", b"\x0c\xff\xff\xff\xff\xff", b"\x0e\x01", b"\x0a" * 300])
def test_a_snapshot_that_is_garbled_is_a_fault_and_not_the_end(data: bytes) -> None:
    module = Module("return { setState = function(_, state) assert(type(state) == 'table') end }")
    with pytest.raises(ModuleFault):
        given(module, data)
    module.runtime.receive(b"\x08")
    assert module.runtime.set_state() is None
