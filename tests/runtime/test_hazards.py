"""What ends or freezes a process that runs Lua by lupa does not end or freeze this host.

Each hazard runs in a process of its own, twice: in the host's runtime, and as a control in a bare one, where it does
what it is known for. A control that ends well means that lupa or LuaJIT mended it, and that the guard may go.
"""

import textwrap

import pytest

from tests.runtime.separate import run_apart

HOST = """
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError
from host.vocabulary.manifest import MIB
from tests.runtime.surroundings import Module, doing

def outcome(call):
    try:
        print(call())
    except HostError as error:
        print(type(error).__name__, error)
"""
# A thread that would tell, were it ever given the interpreter's lock.
BARE = """
import os, threading, time
from lupa.luajit21 import LuaRuntime

def told():
    time.sleep(0.3)
    print("another thread ran", flush=True)

threading.Thread(target=told, daemon=True).start()
"""
HUNG = 1.5


def in_host(code: str) -> tuple[str, str]:
    """Run Python code around a module; how it ended, and what it said."""
    ending = run_apart(HOST + textwrap.dedent(code))
    return ending.how, ending.said or ending.errors


def in_bare_lua(code: str) -> tuple[str, str]:
    """Run it without the host; ``PANIC`` where Lua ended the process, for nothing could catch its error."""
    ending = run_apart(BARE + textwrap.dedent(code), HUNG)
    return "PANIC" if "PANIC" in ending.errors else ending.how, ending.said


# 1: lupa looks `debug` up, unprotected, at each call ------------------------------------------------------------------


def test_an_erroring_index_on_the_globals_ends_nothing() -> None:
    how, said = in_host("""
        module = doing('''
            if set then return 2 end
            debug, set = nil, true
            setmetatable(_G, { __index = function() error("trap") end, __newindex = function() error("trap") end })
            return 1''')
        outcome(module.call)
        outcome(module.call)
        outcome(lambda: module.runtime.lifecycle("cleanup"))
    """)
    assert (how, said) == ("ended", "1\n2\nNone")


def test_control_an_erroring_index_on_the_globals_aborts_bare_lua() -> None:
    how, _ = in_bare_lua("""
        lua = LuaRuntime()
        answer = lua.execute("return function() end")
        lua.execute("debug = nil setmetatable(_G, { __index = function() error('trap') end })")
        answer()
    """)
    assert how == "PANIC"


# 2: what is handed to a full runtime ----------------------------------------------------------------------------------

FILLING = "held = held or {} for i = 1, 1e9 do held[i] = { i } end"


def test_a_full_runtime_is_handed_arguments_of_every_kind() -> None:
    how, said = in_host(f"""
        module = Module('''
            local M = {{}}
            function M:init() self:registerHook("e", function(value) held[#held + 1] = {{ value }} end) end
            M.exports = {{ f = function() {FILLING} end, g = function(...) return select("#", ...) end }}
            return M''', call=5.0)
        module.runtime.lifecycle("init")
        outcome(module.call)
        for value in (1, "short", "x" * 100_000, "x" * 10_000_000, {{"a": 1}}, list(range(100_000)), None, 2.5):
            shape, payload = Crossing.of(value)
            module.tell("e", Crossing(shape, payload))
            outcome(lambda: module.runtime.answer(module.around.exports["g"], "g", shape, payload))
            module.runtime.meter(1)
        print(module.runtime.used() < 8 * MIB)
    """)
    assert how == "ended", said
    lines = said.splitlines()
    assert len(lines) == 10
    assert all(line.startswith("MemoryExceeded") for line in lines[:-1])
    assert lines[-1] == "True"


def test_control_an_argument_to_a_full_runtime_aborts_bare_lua() -> None:
    how, _ = in_bare_lua("""
        lua = LuaRuntime(encoding=None, max_memory=1 << 22)
        answer = lua.execute(b"return function() end")
        lua.execute(b"held = {} pcall(function() for i = 1, 1e9 do held[i] = { i } end end)")
        for size in (100, 10_000, 1_000_000):
            answer(b"x" * size)
    """)
    assert how == "PANIC"


# 3: assignment into a table of the module's ---------------------------------------------------------------------------


def test_a_module_table_that_refuses_assignment_is_adopted_raw() -> None:
    how, said = in_host("""
        module = Module('''
            return setmetatable({ exports = { f = function() return 1 end } }, {
                __newindex = function() error("trap") end,
                __index = function(_, name) if name ~= "exports" then return nil end error("trap") end,
            })''')
        outcome(module.call)
        outcome(lambda: module.runtime.lifecycle("init", Crossing.of({"a": 1})))
    """)
    assert (how, said) == ("ended", "1\nNone")


def test_control_assignment_into_a_table_that_refuses_it_aborts_bare_lua() -> None:
    how, _ = in_bare_lua("""
        table = LuaRuntime().execute("return setmetatable({}, { __newindex = function() error('trap') end })")
        table["name"] = "m"
    """)
    assert how == "PANIC"


# 4: a large answer to a runtime near its limit ------------------------------------------------------------------------


def test_a_large_answer_near_the_limit_is_a_refusal() -> None:
    how, said = in_host("""
        module = doing('''
            held = {}
            for i = 1, 2000 do held[i] = ("x"):rep(1000) .. i end
            local bytes, message = host.asset("large")
            return bytes == nil and message''', call=5.0)
        module.around.assets["large"] = b"x" * (4 * MIB)
        outcome(module.call)
    """)
    assert (how, said) == ("ended", "asset 'large' does not fit into the memory that the module may use")


def test_a_module_that_filled_its_memory_gets_no_answer_that_would_not_fit() -> None:
    """Other handlers of the module had filled it while the answer was made."""
    how, said = in_host("""
        module = Module('''
            local M = { exports = {} }
            local held = {}
            function M:init()
                self:registerHook("e", function() for i = 1, 1e9 do held[i] = { i } end end)
            end
            function M.exports.f() host.emit("e") return host.asset("small") end
            return M''', call=5.0)
        module.runtime.lifecycle("init")
        module.around.assets["small"] = b"x" * 100_000
        outcome(module.call)
        outcome(module.call)
    """)
    assert how == "ended", said
    assert all(line.startswith("MemoryExceeded") for line in said.splitlines())


def test_control_a_large_answer_near_the_limit_ends_or_freezes_bare_lua() -> None:
    how, said = in_bare_lua("""
        lua = LuaRuntime(encoding=None, max_memory=1 << 22)
        ask = lua.execute(b"return function(answer) pcall(answer) return 1 end")
        print(ask(lambda: b"x" * (1 << 23)))
        print(ask(lambda: b"x"))
        threading.Thread(target=lambda: ask(lambda: b"x")).start()
    """)
    assert how != "ended" or "1\n1" not in said


# 5: endless loops while the interpreter's lock is held ----------------------------------------------------------------

ENDLESS = "while true do end"


def test_nothing_asks_a_module_value_for_its_text() -> None:
    how, said = in_host(f"""
        module = doing('''
            local trap = setmetatable({{}}, {{ __tostring = function() {ENDLESS} end }})
            print(trap, {{ trap }}, {{ [trap] = 1 }})
            host.log.error(trap)
            error(trap)''')
        outcome(module.call)
        print(module.around.lines[0][1])
    """)
    assert how == "ended", said
    assert said.splitlines() == [
        "ModuleFault m failed in export f: m/init.lua:7: (error value: a table)",
        "{}\t{[1] = {}}\t{[table] = 1}",
    ]


def test_control_the_text_of_a_table_freezes_every_thread_of_bare_lua() -> None:
    how, said = in_bare_lua(f"""
        str(LuaRuntime().execute("return setmetatable({{}}, {{ __tostring = function() {ENDLESS} end }})"))
    """)
    assert (how, said) == ("hung", "")


def test_control_an_assignment_freezes_every_thread_of_bare_lua() -> None:
    how, said = in_bare_lua(f"""
        table = LuaRuntime().execute("return setmetatable({{}}, {{ __newindex = function() {ENDLESS} end }})")
        table["name"] = "m"
    """)
    assert (how, said) == ("hung", "")


def test_a_looping_newindex_of_the_module_is_never_called() -> None:
    how, said = in_host(f"""
        module = Module('''
            return setmetatable({{ exports = {{ f = function() return 1 end }} }}, {{
                __newindex = function() {ENDLESS} end }})''')
        outcome(module.call)
        outcome(lambda: module.runtime.lifecycle("configure"))
    """)
    assert (how, said) == ("ended", "1\nNone")


def test_a_module_has_no_finalizers_so_that_its_end_is_quick() -> None:
    how, said = in_host(f"""
        import time
        module = doing('''
            trap = setmetatable({{}}, {{ __gc = function() {ENDLESS} end }})
            trap = nil
            for i = 1, 100000 do local garbage = {{ i }} end
            collectgarbage()
            kept = setmetatable({{}}, {{ __gc = function() {ENDLESS} end }})
            return tostring(newproxy)''', call=5.0)
        outcome(module.call)
        module.runtime.close()
        module.around.hooks.clear()
        del module
        print("over")
    """)
    assert (how, said) == ("ended", "nil\nover")


def test_control_a_finalizer_freezes_the_end_of_bare_lua() -> None:
    how, said = in_bare_lua(f"""
        lua = LuaRuntime()
        lua.execute("kept = newproxy(true) getmetatable(kept).__gc = function() {ENDLESS} end")
        del lua
    """)
    assert (how, said) == ("hung", "")


# 6: recursion on the C stack, bytecode --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    [
        "local function f() return (('x'):gsub('x', f)) end f()",
        "local function f() return coroutine.wrap(f)() end f()",
        "local function f() return coroutine.resume(coroutine.create(f)) end return tostring((f()))",
        "local function f() for _ in coroutine.wrap(f) do end end f()",
        "local function f() table.sort({ 1, 2, 3 }, f) end f()",
        "local t, m = {}, {} m.__tostring = function() return tostring(t) .. 1 end tostring(setmetatable(t, m))",
        "local t = setmetatable({}, {}) getmetatable(t).__index = function(_, k) return t[k] .. k end return t.x",
        "local function f() return load(function() return f() end) end return f()",
        "local function f() return pcall(f) end return tostring((f()))",
        "local function f() return xpcall(f, f) end return tostring((f()))",
        "local function f() return xpcall(error, f) end return tostring((f()))",
        "local function f() return 1 + f() end f()",
        "return load(('('):rep(100000) .. '1' .. (')'):rep(100000))",
        "return load(('a.'):rep(100000) .. 'b = ' .. ('{'):rep(100000))",
    ],
)
def test_recursion_of_every_kind_is_an_ordinary_fault(code: str) -> None:
    how, said = in_host(f"""
        module = doing({code!r}, call=2.0)
        outcome(module.call)
        module.around.files["init.lua"] = b"return {{ exports = {{ f = function() return 'well' end }} }}"
        module.runtime.start("init.lua")
        outcome(module.call)
    """)
    assert how == "ended", said
    assert said.splitlines()[-1] == "well"
    assert not said.startswith(("Deadline", "Memory"))


@pytest.mark.parametrize("catching", ["pcall(f)", "xpcall(f, f)", "xpcall(error, f)"])
def test_a_stack_that_overflowed_inside_thousands_of_pcalls_is_unwound_at_once(catching: str) -> None:
    """Frames were looked for at each of them, since tail calls leave none of the module's: 6 to 13 s."""
    how, said = in_host(f"""
        module = doing("local function f() return {catching} end return tostring((f()))", call=0.1)
        import time
        begun = time.thread_time()
        outcome(module.call)
        print(time.thread_time() - begun < 2)
    """)
    assert how == "ended", said
    assert said.splitlines()[-1] == "True"


@pytest.mark.parametrize(
    "code",
    ["local function f() return (('x'):gsub('x', f)) end f()", "local function f() return coroutine.wrap(f)() end f()"],
)
def test_control_recursion_on_the_stack_of_c_ends_bare_lua(code: str) -> None:
    how, _ = in_bare_lua(f"""
        work = LuaRuntime().execute("jit.off() return function() return pcall(loadstring([[{code}]])) end")
        threading.stack_size(1 << 16)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    """)
    assert how == "SIGSEGV"


def test_bytecode_goes_neither_in_nor_out() -> None:
    how, said = in_host(r"""
        module = doing(r'''
            local done = {}
            for _, way in ipairs({ load, loadstring }) do
                local chunk, message = way("\27LJ\2\2", "x")
                done[#done + 1] = tostring(chunk) .. " " .. message
            end
            local parts = { "\27", "LJ\2\2" }
            local chunk, message = load(function() return table.remove(parts, 1) end)
            done[#done + 1] = tostring(chunk) .. " " .. message
            done[#done + 1] = tostring(string.dump)
            return table.concat(done, ", ")''')
        outcome(module.call)
        try:
            Module(b"\x1bLJ\x02\x02")
        except HostError as error:
            print(error)
    """)
    assert how == "ended", said
    refusal = "nil attempt to load bytecode, which modules may not"
    first, last = said.splitlines()
    assert first == f"{refusal}, {refusal}, {refusal}, nil"
    assert last.startswith(
        "m failed in the entry file: is compiled Lua, and modules are loaded as text; put the source in its place"
    )


def test_control_broken_bytecode_ends_bare_lua() -> None:
    how, said = in_bare_lua("""
        import random
        lua = LuaRuntime(encoding=None)
        code = lua.execute(b"return string.dump(loadstring('local a, t = 1, {} for i = 1, 9 do t[i] = a .. i end'))")
        attempt = lua.execute(b"jit.off() return function(code) local f = loadstring(code) return f and pcall(f) end")
        for seed in range(20_000):
            broken = bytearray(code)
            chance = random.Random(seed)
            broken[chance.randrange(20, len(broken))] ^= 1 << chance.randrange(8)
            attempt(bytes(broken))
    """)
    assert how in {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE", "hung"}, said


# 7: functions that come from a coroutine ------------------------------------------------------------------------------


def test_what_a_coroutine_registered_outlives_it() -> None:
    """lupa ties a function to the coroutine that handed it over, and calls it on that stack when it is long freed."""
    how, said = in_host("""
        module = Module('''
            local M, heard = {}, 0
            local function register()
                M:registerHook("e", function(value) heard = heard + value end)
                host.after(5, function() heard = heard + 1000 end)
                coroutine.yield()
            end
            function M.init() coroutine.wrap(register)() end
            function M.getState() return { heard = heard } end
            return M''')
        module.runtime.lifecycle("init")
        for number in range(500):
            module.runtime._lua.gccollect()
            module.tell("e", Crossing.of(1))
        for _, fire, _ in module.around.timers.values():
            print(module.runtime.fire(fire))
        print(Crossing(1, module.runtime.get_state()).value()["heard"])
        module.around.hooks.clear()
        module.around.timers.clear()
    """)
    assert (how, said) == ("ended", "None\n1500")


def test_control_what_a_coroutine_hands_over_ends_bare_lua() -> None:
    how, _ = in_bare_lua("""
        handed = []
        lua = LuaRuntime()
        lua.globals().hand = handed.append
        lua.execute("jit.off() coroutine.wrap(function() hand(function(n) return ('x'):rep(n) end) end)()")
        for size in range(5000):
            lua.gccollect()
            lua.execute("local t = {} for i = 1, 100 do t[i] = coroutine.create(function() end) end")
            handed[0](size)
    """)
    assert how in {"SIGSEGV", "SIGABRT"}
