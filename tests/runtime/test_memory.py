"""A module that wants more memory than it may have is ended, and nobody else is."""

import json

import pytest

from host.runtime.crossing import Crossing
from host.runtime.inprocess import RESERVE
from host.vocabulary.errors import MemoryExceeded, ModuleFault
from host.vocabulary.manifest import MIB
from tests.runtime.separate import run_apart
from tests.runtime.surroundings import Module, doing

LIMIT = 4 * MIB
GROWING = {
    "many tables": "local t = {} for i = 1, 1e9 do t[i] = { i } end",
    "many strings": "local t = {} for i = 1, 1e9 do t[i] = 'x' .. i end",
    "many functions": "local f = print while true do local before = f f = function() return before end end",
    "many coroutines": "local t = {} for i = 1, 1e9 do t[i] = coroutine.create(print) end",
    "doubling": "local s = 'x' while true do s = s .. s end",
    "string.rep": "local t = {} for i = 1, 1e9 do t[i] = ('x'):rep(1000000) .. i end",
    "table.concat": "local t = {} while true do t[#t + 1] = table.concat({ ('x'):rep(500000), #t }) end",
    "gsub": "local t = {} while true do t[#t + 1] = (('x'):rep(1000):gsub('.', ('y'):rep(100) .. #t)) end",
    "a large event": "local t = {} for i = 1, 1e9 do t[i] = i if i % 100000 == 0 then host.emit('e', t) end end",
}
HELD = "held = held or {} for i = 1, 1e9 do held[#held + 1] = { i } end"
AROUND = {
    "": "{}",
    "pcall": "while true do pcall(function() {} end) end",
    "xpcall": "while true do xpcall(function() {} end, function() return 1 end) end",
    "xpcall with a traceback": "while true do xpcall(function() {} end, debug.traceback) end",
    "a coroutine": "while true do coroutine.resume(coroutine.create(function() {} end)) end",
    "a wrapped coroutine": "while true do pcall(coroutine.wrap(function() {} end)) end",
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("way", GROWING)
def test_growth_of_every_kind_ends_and_the_module_answers_again(way: str, around: str) -> None:
    code = "if ... then " + AROUND[around].replace("{}", GROWING[way], 1) + " end return 'well'"
    module = doing(code, memory=LIMIT, call=5.0)
    for _ in range(2):
        with pytest.raises(MemoryExceeded) as full:
            module.call(True)
        assert str(full.value).endswith("over its memory of 4 MiB")
        assert module.call(False) == "well"
    assert module.runtime.memory < LIMIT


def test_a_string_larger_than_all_memory_is_refused_in_words() -> None:
    assert doing("return pcall(string.rep, 'x', 1e9)").call() == (False, "resulting string too large")


def test_memory_that_is_held_keeps_the_module_out_until_it_is_dropped() -> None:
    others: dict[str, Module] = {}
    full = doing(f"if ... then {HELD} end return 'well'", memory=LIMIT, call=5.0, others=others, name="full")
    other = doing("return 'well'", memory=LIMIT, others=others, name="other")
    with pytest.raises(MemoryExceeded):
        full.call(True)
    for _ in range(3):
        with pytest.raises(MemoryExceeded, match="over its memory of 4 MiB"):
            full.call(False)
        assert other.call() == "well"
    full.runtime.close()
    assert other.call() == "well"


def test_a_module_cannot_grow_a_little_at_each_call() -> None:
    """A full runtime was given room for what it was handed, and kept it."""
    module = Module(
        f"""local self, held = {{}}, {{}}
        local function grow() for i = 1, 1e9 do held[#held + 1] = {{ i }} end end
        self.exports, self.hooks, self.getState, self.cleanup = {{ f = grow }}, {{ e = grow }}, grow, grow
        return self -- {HELD[:0]}""",
        memory=LIMIT,
        call=5.0,
    )
    for value in range(10):
        for call in (
            lambda value=value: module.call("x" * 100_000 * value),
            module.runtime.get_state,
            lambda: module.runtime.lifecycle("cleanup"),
        ):
            with pytest.raises(MemoryExceeded):
                call()
        module.tell("e", Crossing.of(value))
        module.tell("e", Crossing.of({"value": value}))
    assert module.runtime.used() <= module.runtime.ceiling + 3 * RESERVE


def test_a_full_module_can_still_say_what_it_knows_and_clean_up() -> None:
    module = Module(
        f"""local self = {{ exports = {{ f = function() {HELD} end }} }}
        function self.getState() return {{ count = #held > 0 }} end
        function self.cleanup() held = nil end
        return self""",
        memory=LIMIT,
        call=5.0,
    )
    with pytest.raises(MemoryExceeded):
        module.call()
    assert Crossing(1, module.runtime.get_state()).value() == {"count": True}
    assert module.runtime.lifecycle("cleanup") is None
    assert not module.runtime.full()


def test_a_large_argument_fits_beside_what_a_module_may_hold() -> None:
    module = doing("held = held or ('x'):rep(1000000) return #(...)", memory=2 * MIB)
    assert module.call("y" * 10 * MIB) == 10 * MIB
    assert module.call("y") == 1


def test_room_that_was_made_is_taken_back_also_by_calls_inside_each_other() -> None:
    module = Module(
        """local self = {}
        self.exports = {
            f = function(text) host.emit("e", text) return #text + #(text .. "") end,
            grow = function() local t = {} for i = 1, 1e9 do t[i] = { i } end end }
        self.hooks = { e = function(text) return #text end }
        return self""",
        memory=5 * MIB,
        call=5.0,
    )
    assert module.call("x" * MIB) == 2 * MIB
    assert module.faults == []
    with pytest.raises(MemoryExceeded):
        module.runtime.answer(module.around.exports["grow"], "grow", None, None)
    assert module.runtime.used() < module.runtime.ceiling + RESERVE


def test_garbage_is_collected_before_a_module_is_ended() -> None:
    code = "local t = {} for i = 1, 20000 do t[i] = { i } end for i = 1, 200000 do local g = { i } end return #t"
    assert doing(code, memory=LIMIT, call=5.0).call() == 20000
    assert doing("local s = ('x'):rep(300000) for i = 1, 500 do s = s .. 'y' end return #s", call=5.0).call() == 300500


def test_a_module_that_was_nearly_full_and_dropped_it_may_have_as_much_again() -> None:
    module = doing(
        """held = {} for i = 1, 70000 do held[i] = { i } end
        held = nil
        for i = 1, 500000 do local garbage = { i, {} } end
        held = {} for i = 1, 70000 do held[i] = { i } end
        return #held""",
        memory=8 * MIB,
        call=5.0,
    )
    assert [module.call() for _ in range(5)] == [70000] * 5


@pytest.mark.parametrize(
    "code",
    [
        "error('not enough memory', 0)",
        "error('not enough memory')",
        "assert(false, 'not enough memory')",
        "coroutine.wrap(function() error('not enough memory', 0) end)()",
        "local _, why = coroutine.resume(coroutine.create(function() error('not enough memory', 0) end)) error(why, 0)",
        "local _, why = coroutine.resume(coroutine.create(assert), nil, 'not enough memory') error(why, 0)",
        "local _, why = pcall(error, 'not enough memory', 0) error(why, 0)",
        "error({ kind = 'memory', message = 'not enough memory' })",
    ],
)
def test_a_module_that_says_it_lacks_memory_is_not_believed(code: str) -> None:
    with pytest.raises(ModuleFault) as fault:
        doing(code).call()
    assert type(fault.value) is ModuleFault
    assert "not enough memory" in fault.value.message


FUZZ = """
import random
from host.runtime.crossing import Crossing
from host.vocabulary.errors import DeadlineExceeded, HostError
from host.vocabulary.manifest import MIB
from tests.runtime.surroundings import Module

CODE = '''
local self, held, kinds = {}, {}, {}
local function hook() held[#held + 1] = { #held } end
kinds[1] = function(n) for i = 1, n do held[#held + 1] = {} end end
kinds[2] = function(n) held[#held + 1] = ("x"):rep(n) .. #held end
kinds[3] = function(n) for i = 1, n / 10 do held[#held + 1] = coroutine.create(hook) end end
kinds[4] = function(n) local s = "a" while true do s = s .. s held[#held + 1] = s end end
kinds[5] = function(n) host.emit("e", { ("q"):rep(n) }) end
kinds[6] = function(n) for i = 1, n do self:registerHook("e" .. i % 7, function() hook() end) end end
kinds[7] = function(n) print(("p"):rep(n), { {} }) host.after(1, function() hook() end) end
kinds[8] = function(n) local function f() return 1 + f() end f() end
kinds[9] = function(n) coroutine.wrap(function() host.emit("e", #held) self:registerHook("e", hook) end)() end
kinds[10] = function(n) error(("e"):rep(n)) end
kinds[11] = function(n) pcall(function() for i = 1, 1e9 do held[#held + 1] = { i } end end) end
kinds[12] = function(n) while true do end end
kinds[13] = function(n) while true do host.emit("e1", 1) end end
kinds[14] = function(n) held = {} end
kinds[15] = function(n) host.after(1, "x") end
function self.getState() return { n = #held } end
self.exports = { f = function(kind, n) kinds[kind](n) return { kind } end }
return self
'''
for seed in range(FIRST, FIRST + 12):
    chance = random.Random(seed)
    module = Module(CODE, memory=chance.choice([1, 2, 4]) * MIB, call=0.01)
    for _ in range(60):
        size = int(10 ** chance.uniform(0, 5.5))
        try:
            match chance.randrange(6):
                case 0:
                    module.tell("e", Crossing.of(size))
                case 1:
                    module.tell("e1", Crossing.of({"a": "z" * size}))
                case 2:
                    module.runtime.get_state()
                case 3:
                    for number, (_, fire, _) in list(module.around.timers.items()):
                        module.runtime.fire(fire)
                        module.around.timers.pop(number)
                case _:
                    module.call(chance.choice([*range(1, 16), 14, 14]), size)
        except HostError:
            pass
    assert module.runtime.used() < module.runtime.ceiling + 3 * MIB
    module.runtime.ceiling += 64 * MIB  # so that it is entered whatever it holds
    module.runtime._raise_roof(module.runtime.ceiling)
    try:
        module.call(12, 0)
    except DeadlineExceeded:
        print("guarded")
"""


@pytest.mark.parametrize("first", [0, 100, 200])
def test_nothing_that_modules_do_near_their_limit_harms_the_process_or_the_guard(first: int) -> None:
    ending = run_apart(FUZZ.replace("FIRST", str(first)), seconds=60)
    assert ending.how == "ended", ending
    assert ending.said.split() == ["guarded"] * 12


def test_control_an_event_for_a_full_runtime_ends_bare_lua() -> None:
    codes = json.dumps(GROWING["many strings"])
    ending = run_apart(f"""if True:
        import json
        from lupa.luajit21 import LuaRuntime
        lua = LuaRuntime(encoding=None, max_memory=1 << 22)
        run = lua.execute(b"jit.off() return function(code) return pcall(loadstring(code)) end")
        answer = lua.execute(b"return function(text) return #text end")
        lua.execute(b"held = {{}} pcall(function() for i = 1, 1e9 do held[i] = 'x' .. i end end)")
        run(json.loads({codes!r}).encode())
        for size in range(100):
            answer(b"y" * size)
    """)
    assert "PANIC" in ending.errors or ending.how != "ended"
