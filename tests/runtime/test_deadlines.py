"""Nothing that a shared module's Lua does goes on for much longer than its limit, and the line is named."""

import json
import time
from contextlib import suppress
from typing import Any

import pytest

from host.runtime.crossing import Crossing
from host.runtime.faults import chain_limit
from host.vocabulary.errors import DeadlineExceeded, HostError, ModuleFault, RecursionExceeded
from host.vocabulary.manifest import MIB, Limits
from tests.runtime.separate import run_apart
from tests.runtime.surroundings import Module, answer, doing

LIMIT = 0.03
SLACK = 0.4
"""Seconds of processor time after the limit: a collection of the memory that there is, a tick of slow instructions."""

LOOP = "while true do end"
SWALLOWING = {
    "a loop": LOOP,
    "a loop by goto": "::again:: goto again",
    "tail calls": "local function f() return f() end f()",
    "pcall": f"while true do pcall(function() {LOOP} end) end",
    "pcall of pcall": f"while true do pcall(pcall, function() {LOOP} end) end",
    "pcall inside of pcall": f"pcall(function() pcall(function() {LOOP} end) {LOOP} end) {LOOP}",
    "a handler of xpcall": f"while true do xpcall(error, function() {LOOP} end) end",
    "a handler that swallows": f"while true do xpcall(function() {LOOP} end, function() return 1 end) end",
    "debug.traceback for a handler": f"while true do xpcall(function() {LOOP} end, debug.traceback) end",
    "an error in error handling": f"xpcall(error, function() error(setmetatable({{}}, {{}})) end) {LOOP}",
    "coroutine.resume": f"while true do coroutine.resume(coroutine.create(function() {LOOP} end)) end",
    "coroutine.wrap": f"while true do pcall(coroutine.wrap(function() {LOOP} end)) end",
    "coroutines that yield": """
        local f = coroutine.wrap(function() while true do coroutine.yield() end end)
        while true do f() end""",
    "a coroutine in a coroutine": f"""
        local function inner() coroutine.resume(coroutine.create(function() {LOOP} end)) {LOOP} end
        while true do coroutine.resume(coroutine.create(inner)) end""",
    "__index": f"return setmetatable({{}}, {{ __index = function() {LOOP} end }}).x",
    "__newindex": f"setmetatable({{}}, {{ __newindex = function() {LOOP} end }}).x = 1",
    "__call": f"setmetatable({{}}, {{ __call = function() {LOOP} end }})()",
    "__concat": f"return setmetatable({{}}, {{ __concat = function() {LOOP} end }}) .. 'x'",
    "__eq": f"local m = {{ __eq = function() {LOOP} end }} return setmetatable({{}}, m) == setmetatable({{}}, m)",
    "__lt": f"local m = {{ __lt = function() {LOOP} end }} return setmetatable({{}}, m) < setmetatable({{}}, m)",
    "__le": f"local m = {{ __le = function() {LOOP} end }} return setmetatable({{}}, m) <= setmetatable({{}}, m)",
    "__unm": f"return -setmetatable({{}}, {{ __unm = function() {LOOP} end }})",
    "__add": f"return 1 + setmetatable({{}}, {{ __add = function() {LOOP} end }})",
    "__tostring": f"tostring(setmetatable({{}}, {{ __tostring = function() {LOOP} end }}))",
    "__tostring in format": f"('%s'):format(setmetatable({{}}, {{ __tostring = function() {LOOP} end }}))",
    "an iterator": "for _ in function() return 1 end do end",
    "an iterator that loops": f"for _ in function() {LOOP} end do end",
    "a comparator": f"table.sort({{ 3, 2, 1 }}, function() {LOOP} end)",
    "a callback of gsub": f"return ('x'):gsub('x', function() {LOOP} end)",
    "a reader of load": f"load(function() {LOOP} end)",
    "a reader without an end": "load(function() return ' ' end)",
    "load": "while true do load(('a = 1 '):rep(10000)) end",
    "what load made": f"for _ = 1, 9 do pcall(load({LOOP!r})) end",
    "string.rep of nothing": "local s = ('').rep('', 1e18) while true do s = s .. '' end",
    "a pattern": "('a'):rep(30000):find('.-.-.-b')",
    "many patterns": "local s = ('a'):rep(3000) while true do s:gsub('a', '%0%0') end",
    "table.insert": """local t = {} for i = 1, 30000 do t[i] = i end
        while true do table.insert(t, 1, 1) table.remove(t, 1) end""",
    "table.concat": "local t = {} for i = 1, 30000 do t[i] = 'x' end while true do table.concat(t) end",
    "table.sort": "local t = {} for i = 1, 30000 do t[i] = -i end while true do table.sort(t) end",
    "tonumber": "local s = ('9'):rep(1000000) while true do tonumber(s) end",
    "arithmetic on text": "local s = ('9'):rep(200000) while true do local n = s + 1 end",
    "comparing text": "local a = ('x'):rep(1000000) local b = a .. 'y' while true do local c = a < b end",
    "string.upper": "local s = ('x'):rep(1000000) while true do s:upper() end",
    "unpack": "local t = {} for i = 1, 7000 do t[i] = i end while true do select('#', unpack(t)) end",
    "collectgarbage": "local t = {} for i = 1, 30000 do t[i] = {} end while true do collectgarbage() end",
    "print": "while true do print('x') end",
    "emit": "while true do host.emit('unheard', 1) end",
    "emit of a table": "local t = {} for i = 1, 10000 do t[i] = i end while true do host.emit('unheard', t) end",
    "a table that holds itself often": "local t = {} for i = 1, 40 do t = { t, t } end host.emit('unheard', t)",
    "require": "while true do pcall(require, 'nothing') end",
    "timers": "while true do local timer = host.after(1, print) if timer then timer:cancel() end end",
    "registering": """local f = function() end
        while true do self:registerHook('e', f) self:unregisterHook('e', f) end""",
}
HOST = f"""
import json, time
from host.vocabulary.errors import HostError
from host.vocabulary.manifest import MIB
from tests.runtime.surroundings import doing

for code in json.loads({{codes!r}}):
    module = doing(code, call={LIMIT}, memory=16 * MIB)
    began = time.thread_time()
    try:
        told = ["answered", str(module.call()), 0]
    except HostError as error:
        told = [type(error).__name__, getattr(error, "file", ""), getattr(error, "line", 0)]
    print(json.dumps([*told, time.thread_time() - began]), flush=True)
"""


@pytest.mark.parametrize("name", SWALLOWING)
def test_it_ends_in_time_and_the_line_is_named(name: str) -> None:
    ending = run_apart(HOST.format(codes=json.dumps([SWALLOWING[name]])))
    assert ending.how == "ended", ending
    kind, file, line, took = json.loads(ending.said)
    assert (kind, file) == ("DeadlineExceeded", "(load)" if name == "what load made" else "init.lua")
    assert line in ({1} if file == "(load)" else {3, 4, 5, 6})
    elsewhere = chain_limit(Limits(call=LIMIT)) if name.startswith("emit") else 0.0
    assert LIMIT <= took < LIMIT + elsewhere + SLACK


def test_control_a_hook_that_only_raises_is_swallowed() -> None:
    ending = run_apart(
        """if True:
        from lupa.luajit21 import LuaRuntime
        LuaRuntime().execute('''
            jit.off()
            local stop = os.clock() + 0.03
            debug.sethook(function() if os.clock() > stop then error("over") end end, "", 2000)
            while true do pcall(function() while true do end end) end''')""",
        seconds=1.5,
    )
    assert ending.how == "hung"


def test_no_length_of_a_loop_around_pcall_hides_it_from_the_hook() -> None:
    """A loop of 20 instructions, 12 of them in the guard, had each of its ticks fall into the guard."""
    codes = [f"local a, b while true do pcall(error) {'a = b ' * length} end" for length in range(60)]
    ending = run_apart(HOST.format(codes=json.dumps(codes)), seconds=60)
    assert ending.how == "ended"
    kinds = [json.loads(line)[0] for line in ending.said.splitlines()]
    assert kinds == ["DeadlineExceeded"] * 60


def ended(call: Any) -> DeadlineExceeded:
    began = time.thread_time()
    with pytest.raises(DeadlineExceeded) as late:
        call()
    assert time.thread_time() - began < LIMIT + SLACK
    return late.value


@pytest.mark.parametrize("member", ["init", "configure", "validate", "cleanup"])
def test_a_loop_in_a_member_ends(member: str) -> None:
    module = Module(f"return {{ {member} = function()\n{LOOP}\nend }}", call=LIMIT)
    fault = ended(lambda: module.runtime.lifecycle(member))
    assert (fault.hook, fault.file, fault.line, fault.limit) == (member, "init.lua", 2, LIMIT)


def test_a_loop_in_what_hands_state_over_ends() -> None:
    module = Module(
        f"return {{ getState = function()\n{LOOP}\nend, migrate = function()\n{LOOP}\nend,"
        f" setState = function()\n{LOOP}\nend, execute = function()\n{LOOP}\nend }}",
        call=LIMIT,
    )
    runtime = module.runtime
    runtime.receive(b"\x08")
    calls = (
        runtime.get_state,
        lambda: runtime.migrate("1"),
        runtime.set_state,
        lambda: runtime.ask("execute", Crossing.of({})),
    )
    assert [ended(call).line for call in calls] == [2, 4, 6, 8]


def test_a_loop_in_the_entry_file_ends() -> None:
    fault = ended(lambda: Module(f"\n\n{LOOP}", call=LIMIT))
    assert str(fault) == "m was ended in the entry file at init.lua:3: over its limit of 30 ms"


def test_a_loop_in_a_required_file_ends_and_names_that_file() -> None:
    fault = ended(lambda: Module("require('lib.slow')", call=LIMIT, lib__slow=f"\n{LOOP}"))
    assert (fault.file, fault.line) == ("lib/slow.lua", 2)


def test_a_loop_in_handlers_filters_timers_and_handed_functions_ends() -> None:
    module = Module(
        f"""local self, n = {{}}, 0
        local function slow() {LOOP} end
        self.hooks = {{ event = slow }}
        self.exports = {{ f = function() host.after(1, slow) host.emit("hand", slow) end }}
        return self""",
        call=LIMIT,
    )
    assert module.tell("event", Crossing.of(1)) == 0
    assert module.tell("event", Crossing.of({"a": 1})) == 0
    assert [(type(fault), fault.line) for fault in module.faults] == [(DeadlineExceeded, 2)] * 2
    ((_, _, ways),) = module.around.hooks.values()
    ended(lambda: module.runtime.answer(ways.answer, "event", None, 1, None, None))
    module.call()
    ((_, fire, _),) = module.around.timers.values()
    record = module.runtime.fire(fire)
    assert record is not None
    assert isinstance(module.runtime.fault("timer", record), DeadlineExceeded)
    ended(lambda: module.runtime.call_handed(1, Crossing.of()))


def test_a_call_after_one_that_was_ended_has_its_whole_time() -> None:
    module = doing(f"if ... then {LOOP} end local n = 0 for i = 1, 100000 do n = n + i end return n", call=LIMIT)
    for _ in range(3):
        ended(lambda: module.call(True))
        assert module.call(False) == 5000050000


def test_a_coroutine_goes_on_in_a_later_call_with_time_of_its_own() -> None:
    module = doing(
        """work = work or coroutine.wrap(function()
            while true do for i = 1, 200000 do end coroutine.yield("done") end
        end)
        return work()""",
        call=LIMIT,
    )
    assert [module.call() for _ in range(20)] == ["done"] * 20


def test_a_coroutine_that_was_ended_is_dead_and_its_owner_is_not() -> None:
    module = doing(
        f"""if ... then
            thread = coroutine.create(function() {LOOP} end)
            coroutine.resume(thread)
        end
        return coroutine.status(thread), coroutine.resume(thread)""",
        call=LIMIT,
    )
    ended(lambda: module.call(True))
    assert module.call(False) == ("dead", False, "cannot resume dead coroutine")


def test_the_token_is_seen_by_no_code_of_the_module() -> None:
    module = doing(
        f"""seen = seen or {{}}
        local function note(...) for i = 1, select("#", ...) do seen[#seen + 1] = type((select(i, ...))) end end
        if ... then
            note(pcall(function() {LOOP} end))
            note(xpcall(function() {LOOP} end, function(e) note(e) end))
        end
        return #seen""",
        call=LIMIT,
    )
    ended(lambda: module.call(True))
    assert module.call(False) == 0


# What a module sets in motion elsewhere -------------------------------------------------------------------------------

BUSY = "local until_ = os.clock() + 0.02 while os.clock() < until_ do end"


def pair(first: str, second: str) -> tuple[Module, Module]:
    others: dict[str, Module] = {}
    one = Module(first, name="one", call=LIMIT, others=others)
    return one, Module(second, name="two", call=LIMIT, others=others)


def test_the_time_of_others_is_not_a_modules_own() -> None:
    one, two = pair(
        "return { exports = { f = function() for i = 1, 5 do host.emit('e', i) end return 'done' end } }",
        f"return {{ hooks = {{ e = function() {BUSY} end }} }}",
    )
    assert one.call() == "done"
    assert (one.faults, two.faults) == ([], [])


def test_the_time_of_its_own_handlers_is() -> None:
    """Each emission gave back all its time, so that a loop of them had as much as it liked."""
    module = Module(
        f"""local self = {{}}
        self.hooks = {{ e = function() {BUSY} end }}
        self.exports = {{ f = function() for i = 1, 1000 do host.emit("e", i) end end }}
        return self""",
        call=LIMIT,
    )
    ended(module.call)


def test_a_handler_behind_a_slow_neighbours_is_not_charged_for_it() -> None:
    others: dict[str, Module] = {}
    Module(f"return {{ hooks = {{ e = function() {BUSY} end }} }}", name="slow", call=LIMIT, others=others)
    module = Module(
        """local self, heard = {}, 0
        self.hooks = { e = function() for i = 1, 50000 do heard = heard + 1 end end }
        self.exports = { f = function() for i = 1, 4 do host.emit("e", i) end return heard end }
        return self""",
        call=LIMIT,
        others=others,
    )
    assert module.call() == 200000


def test_what_others_do_for_a_module_has_a_limit_too() -> None:
    """Two modules that keep each other busy would hold the host for as long as they like."""
    one, _ = pair(
        "return { exports = { f = function() while true do\nhost.emit('e', 1)\nend end } }",
        f"return {{ hooks = {{ e = function() {BUSY} end }} }}",
    )
    began = time.thread_time()
    with pytest.raises(DeadlineExceeded) as late:
        one.call()
    assert time.thread_time() - began < 1.5
    assert str(late.value) == (
        "one was ended in export f at init.lua:2: over the limit of what it calls in others, 1000 ms"
    )
    assert late.value.chain


def test_modules_that_answer_each_other_without_end_are_ended() -> None:
    one, two = pair(
        "local function ping() host.emit('ping') end return { exports = { f = ping }, hooks = { pong = ping } }",
        "return { hooks = { ping = function() host.emit('pong') host.emit('pong') end } }",
    )
    began = time.thread_time()
    with suppress(HostError):
        one.call()
    assert time.thread_time() - began < 3
    assert one.faults or two.faults


DEEP = "local function f() return 1 + f() end "
TOO_DEEP = {
    "a stack": f"{DEEP} f()",
    "pcall": f"{DEEP} pcall(f) return 1",
    "recursion that catches itself": "local function f() pcall(f) pcall(f) end f()",
    "pcall again and again": f"{DEEP} while true do pcall(f) end",
    "a handler of xpcall": f"{DEEP} xpcall(f, function() return 1 end) return 1",
    "debug.traceback for a handler": f"{DEEP} xpcall(f, debug.traceback) return 1",
    "a handler that goes deep": f"{DEEP} xpcall(error, f) return 1",
    "coroutine.resume": f"{DEEP} coroutine.resume(coroutine.create(f)) return 1",
    "coroutine.wrap": f"{DEEP} pcall(coroutine.wrap(f)) return 1",
    "coroutines in each other": "local function g() coroutine.resume(coroutine.create(g)) end g() return 1",
    "a metamethod": """
        local m = {} m.__index = function(t, k) return t[k] .. '' end
        pcall(m.__index, setmetatable({}, m), 1)""",
    "__index tables": "local m = {} m.__index = function(t) return 1 + t.x end return setmetatable({}, m).x",
    "a comparator": "local function sort() table.sort({ 3, 2, 1 }, function() sort() end) return 1 end pcall(sort)",
    "a callback of gsub": "local function f() return (('x'):gsub('x', function() return f() .. '' end)) end pcall(f)",
    "__tostring": """
        local m = {} m.__tostring = function(t) return tostring(t) .. '' end
        pcall(tostring, setmetatable({}, m))""",
    "an iterator": "local function f() for x in f do return x end end pcall(f)",
    "a pattern": "pcall(string.find, ('x'):rep(300), ('x?'):rep(300)) return 1",
    "a pattern of captures": "pcall(string.find, ('x'):rep(30000), ('.-'):rep(250) .. 'y') return 1",
}


@pytest.mark.parametrize("name", TOO_DEEP)
def test_what_goes_too_deep_ends_the_call_whatever_catches_it(name: str) -> None:
    """LuaJIT calls the message handler of a stack's end only now and then, so its line may be that of the function."""
    module = doing(f"if ... then {TOO_DEEP[name]} end return 'well'", memory=16 * MIB, call=2.0)
    with pytest.raises(RecursionExceeded) as fault:
        module.call(True)
    assert fault.value.message.endswith(("stack overflow", "too complex"))
    assert fault.value.file == "init.lua"
    assert not fault.value.nested
    assert module.call(False) == "well"


@pytest.mark.parametrize("text", ["stack overflow", "pattern too complex", "error in error handling"])
def test_a_module_that_says_it_went_too_deep_is_not_believed(text: str) -> None:
    for code in (
        f"error('{text}', 0)",
        f"error('{text}')",
        f"assert(false, '{text}')",
        f"local ok, why = pcall(error, '{text}', 0) error(why, 0)",
        f"coroutine.wrap(error)('{text}')",
        f"local _, why = xpcall(function() assert(nil, '{text}') end, debug.traceback) error(why, 0)",
    ):
        with pytest.raises(ModuleFault) as fault:
            answer(code)
        assert type(fault.value) is ModuleFault
