"""A module reaches Lua's own pure libraries, its environment, and nothing else."""

import pytest

from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError, MemoryExceeded, ModuleFault, RecursionExceeded
from tests.runtime.surroundings import Module, answer, doing

WALK = """
local seen, types, paths = {}, {}, {}
local function walk(value, path)
    types[type(value)] = (types[type(value)] or 0) + 1
    if type(value) == "userdata" or type(value) == "thread" or type(value) == "cdata" then
        paths[#paths + 1] = path
    end
    if seen[value] or (type(value) ~= "table" and type(value) ~= "function") then
        return
    end
    seen[value] = true
    if type(value) == "function" then
        return walk(getfenv(value), path .. "<env>")
    end
    for key, inner in next, value do
        walk(key, path .. "<key>")
        walk(inner, path .. "." .. tostring(key))
    end
    walk(getmetatable(value), path .. "<meta>")
end
local timer = host.after(1, print)
local things = { _G, self, timer, host, self.registerHook, require("other"), require("other").g, getmetatable("") }
things[#things + 1] = getmetatable(require("other"))
for index, value in ipairs({ pcall(error, print), pcall(host.emit), pcall(require, "nothing"), host.asset("x") }) do
    things[#things + 1] = value
end
for level = 0, 20 do
    local ok, found = pcall(getfenv, level)
    things[#things + 1] = found
end
walk(things, "")
return table.concat(paths, ", "), types["function"] > 60, types.table > 15
"""


def test_nothing_that_a_module_reaches_is_an_object_of_python() -> None:
    others: dict[str, Module] = {}
    Module("return { exports = { g = function() end } }", name="other", others=others)
    module = Module(
        f"local self = {{}} self.exports = {{ f = function()\n{WALK}\nend }} return self", others=others, call=1.0
    )
    assert module.call() == ("", True, True)


ABSENT = """
    debug.getinfo debug.sethook debug.getregistry debug.getupvalue debug.setmetatable io os.execute os.exit os.getenv
    os.remove os.rename os.tmpname os.setlocale package module dofile loadfile newproxy jit ffi python string.dump
    gcinfo bit.x unpack.x table.unpack table.new table.clear string.buffer
""".split()  # noqa: SIM905 - as below


@pytest.mark.parametrize("name", ABSENT)
def test_what_leads_out_is_absent(name: str) -> None:
    code = f"local ok, value = pcall(function() return {name} end) return ok and value"
    assert answer(code) in (None, False)


HOST_FUNCTIONS = [
    "print",
    "pcall",
    "xpcall",
    "error",
    "require",
    "load",
    "loadstring",
    "getfenv",
    "setfenv",
    "tostring",
    "string.gsub",
    "string.rep",
    "table.sort",
    "table.remove",
    "coroutine.wrap",
    "coroutine.create",
    "string.len",
    "string.format",
    "host.emit",
    "host.after",
    "scheduleEvent",
    "math.floor",
    "os.date",
    "debug.traceback",
    "self.registerHook",
]


@pytest.mark.parametrize("name", HOST_FUNCTIONS)
def test_a_function_of_the_host_shows_the_modules_environment_and_keeps_its_own(name: str) -> None:
    code = f"return getfenv({name}) == _G, pcall(setfenv, {name}, {{}})"
    same, changed, why = answer(code)
    assert (same, changed) == (True, False)
    assert "'setfenv' cannot change the environment of given object" in why


def test_no_level_of_the_stack_shows_or_gives_anything_of_the_host() -> None:
    """`setfenv` with a level was a tail call, so that it met the function of the host below the module's."""
    code = """
        local found, mine = {}, { [self.exports.f] = true }
        local function try(level)
            local ok, env = pcall(function() local env = getfenv(level) return env end)
            if ok and env ~= _G then found[#found + 1] = "getfenv " .. level end
            local function inner() local given = setfenv(level, _G) return given end
            mine[inner] = true
            local done, given = pcall(inner)
            if done and not mine[given] then found[#found + 1] = "setfenv " .. level end
        end
        local function all() for level = -3, 30 do try(level) end end
        mine[try], mine[all] = true, true
        all()
        for _, level in ipairs({ 0.5, 1.5, 1e10, -1e10, 0/0, 1/0, "1", "x" }) do try(level) end
        coroutine.wrap(all)()
        ;("x"):gsub("x", all)
        table.sort({ 1, 2 }, all)
        setmetatable({}, { __index = all }).x = setmetatable({}, { __index = all }).x
        return table.concat(found, ", ")"""
    assert not answer(code, call=1.0)


def test_setfenv_with_a_level_changes_the_function_that_is_meant() -> None:
    code = """
        local function inner() setfenv(1, { x = "inner" }) return x end
        local function outer() local value = inner() return value, x end
        x = "outer"
        return outer()"""
    assert answer(code) == ("inner", "outer")


def test_getfenv_and_setfenv_keep_their_meaning_for_the_modules_own_functions() -> None:
    code = """
        local env = {}
        local function body() y = 1 end
        local same = setfenv(body, env) == body and getfenv(body) == env
        setfenv(body, env)
        body()
        return same, env.y, y == nil, getfenv() == _G, getfenv(0) == _G, pcall(getfenv, 99)"""
    same, inside, outside, here, zero, ok, why = answer(code)
    assert (same, inside, outside, here, zero, ok) == (True, 1, True, True, True, False)
    assert "invalid level" in why


def test_loaded_code_lives_in_the_modules_environment_or_in_the_one_given() -> None:
    code = """
        load("made = 1")()
        local env = {}
        load("made = 2", "name", "b", env)()
        return made, env.made, getfenv(load("return 1")) == _G, loadstring("return ...")(5), load("x =")"""
    made, given, same, passed, nothing, why = answer(code)
    assert (made, given, same, passed, nothing) == (1, 2, True, 5, None)
    assert why.startswith("(load):1:")


def test_loaded_code_cannot_take_the_name_of_a_file() -> None:
    with pytest.raises(ModuleFault) as fault:
        answer("load('error(1)', '@other/init.lua')()")
    assert fault.value.file == "(load) other/init.lua"


def test_libraries_and_the_metatable_of_strings_are_a_modules_own() -> None:
    others: dict[str, Module] = {}
    doing(
        "string.upper = nil table.insert = nil math.pi = 3 print = nil _G.pairs = nil", name="a", others=others
    ).call()
    module = doing("return ('x'):upper(), math.pi > 3, type(pairs), getmetatable('')", name="b", others=others)
    assert module.call() == ("X", True, "function", "locked")
    with pytest.raises(ModuleFault, match="table expected, got string"):
        answer("setmetatable('', {})")
    with pytest.raises(ModuleFault, match="attempt to index a string value"):
        answer("getmetatable('').x = 1")


def test_the_host_goes_on_when_a_module_empties_its_libraries() -> None:
    module = doing("for name in pairs(_G) do if name ~= '_G' then _G[name] = nil end end return 1")
    assert module.call() == 1
    assert module.tell("nothing", Crossing.of(1)) == 0
    libraries = "for _, l in ipairs({ string, table, coroutine, math, os }) do for k in pairs(l) do l[k] = nil end end"
    assert doing(f"{libraries} host.emit('e', {{}}, print) print({{ 1 }}) return 2").call() == 2


@pytest.mark.parametrize("template", ["%Q", "%", "%E", "%-d", "%i", "%10d", "x" * 501])
def test_dates_have_conversions_that_every_system_knows(template: str) -> None:
    """The C library of Windows ends the process at any other."""
    with pytest.raises(ModuleFault, match="bad argument #1 to 'date'"):
        answer("return os.date((...))", template)


def test_dates_are_as_ever() -> None:
    code = "return os.date('!%Y-%m-%dT%H:%M:%S', 0), os.date('!*t', 0).year, os.date('%%'), type(os.date())"
    assert answer(code) == ("1970-01-01T00:00:00", 1970, "%", "string")


# Error values ---------------------------------------------------------------------------------------------------------

LOOP = "function() while true do end end"
ERRORS = {
    "nil": ("error()", "(error value: nil)"),
    "nothing": ("error(nil)", "(error value: nil)"),
    "false": ("error(false)", "(error value: false)"),
    "a number": ("error(12.5, 0)", "(error value: 12.5)"),
    "a table": ("error({})", "(error value: a table)"),
    "a function": ("error(print)", "(error value: a function)"),
    "a coroutine": ("error(coroutine.create(print))", "(error value: a thread)"),
    "a table with a message": ("error({ message = 'why' })", "why"),
    "text that is not UTF-8": (r"error('\255\254', 0)", "\ufffd\ufffd"),
    "control characters": (r"error('a\n\27[31mb\0c\127d', 0)", "a [31mb c d"),
    "__tostring that raises": ("error(setmetatable({}, { __tostring = error }))", "(error value: a table)"),
    "__tostring that loops": (f"error(setmetatable({{}}, {{ __tostring = {LOOP} }}))", "(error value: a table)"),
    "__index that loops": (f"error(setmetatable({{}}, {{ __index = {LOOP} }}))", "(error value: a table)"),
    "__eq that loops": (
        """local meta = { __eq = function() while true do end end }
        local function trap() return setmetatable({}, meta) end
        pcall(error, trap()) error(trap())""",
        "(error value: a table)",
    ),
    "a message that is no text": ("error({ message = {} })", "(error value: a table)"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_value_of_any_kind_becomes_one_printable_line(kind: str) -> None:
    code, message = ERRORS[kind]
    with pytest.raises(ModuleFault) as fault:
        answer(code)
    assert type(fault.value) is ModuleFault
    assert fault.value.message == message
    assert (fault.value.file, fault.value.line) == ("init.lua", 3 + code.count("\n"))
    assert str(fault.value) == f"m failed in export f: m/init.lua:{fault.value.line}: {message}"


UNPLACED = {
    "at the end of a tail call": ("return require('nope')", "declares no such dependency and has no nope.lua"),
    "in a callback's tail call": ("return ('x'):gsub('x', function() return require('nope') end)", "has no nope.lua"),
    "of a standard function in a tail call": ("return string.rep(1)", "number expected, got nil"),
}


@pytest.mark.parametrize("where", UNPLACED)
def test_an_error_that_no_frame_places_names_the_function_that_was_called_and_no_file_of_the_host(where: str) -> None:
    code, words = UNPLACED[where]
    with pytest.raises(ModuleFault) as fault:
        answer(code)
    assert words in fault.value.message
    assert "(host" not in fault.value.message
    assert str(fault.value).startswith("m failed in export f: m/init.lua:2: ")
    assert "(host" not in answer(f"local function g() {code} end return (select(2, pcall(g)))")


@pytest.mark.parametrize("width", range(8))
def test_a_stacks_end_names_the_function_that_was_called_or_its_line_and_no_file_of_the_host(width: int) -> None:
    """What is left of the stack depends on the size of a frame: enough to find the line, or not."""
    names = ", ".join(f"n{number}" for number in range(width + 1))
    with pytest.raises(RecursionExceeded) as fault:
        answer(f"local function f() local {names} return 1 + f() end f()")
    assert str(fault.value) in {f"m failed in export f: m/init.lua:{line}: stack overflow" for line in (2, 3)}


def test_what_fills_the_memory_is_placed_in_its_loop() -> None:
    with pytest.raises(MemoryExceeded) as fault:
        answer("local t = {}\nfor i = 1, 1e9 do\nt[i] = { i }\nend", call=5.0)
    assert (fault.value.file, fault.value.line in {4, 5}) == ("init.lua", True)


def test_a_huge_message_is_cut() -> None:
    with pytest.raises(ModuleFault) as fault:
        answer("error(('x'):rep(1000000), 0)")
    assert fault.value.message == "x" * 4000


def test_names_in_a_traceback_are_short_printable_and_few() -> None:
    name = r"name\n\27[31m" + "n" * 200
    code = f"""
        local function down(n) if n == 0 then error("deep") end down(n - 1) return 1 end
        load("local f = ... f(50) return 1", "{name}")(down)"""
    with pytest.raises(ModuleFault) as fault:
        answer(code)
    frames = fault.value.traceback.splitlines()
    assert len(frames) == 20
    assert frames[0] == "m/init.lua:4: in down"
    with pytest.raises(ModuleFault) as fault:
        answer(f"load('error(1) return 1', '{name}')()")
    assert fault.value.file.isprintable()
    assert all(frame.isprintable() and len(frame) < 200 for frame in fault.value.traceback.split("\n"))


def test_a_message_cannot_name_an_absurd_line() -> None:
    with pytest.raises(ModuleFault) as fault:
        answer("error('other.lua:99999999999999999999: why', 0)")
    assert (fault.value.file, fault.value.line) == ("init.lua", 3)


@pytest.mark.parametrize("kind", ["deadline", "memory", "chain"])
def test_a_module_cannot_forge_the_kind_of_its_fault(kind: str) -> None:
    for code in (
        f"error({{ kind = '{kind}' }})",
        f"error('{kind}', 0)",
        f"error(setmetatable({{ kind = '{kind}' }}, {{}}))",
    ):
        with pytest.raises(ModuleFault) as fault:
            answer(code)
        assert type(fault.value) is ModuleFault


# Errors of Python -----------------------------------------------------------------------------------------------------


class Failing(Exception):
    """A mistake in the host."""


def raising(*_arguments: object, **_options: object) -> None:
    raise Failing("secret")


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ("register", "self:registerHook('e', print)"),
        ("emit", "host.emit('e')"),
        ("filter", "host.filter('e', 1)"),
        ("schedule", "host.after(1, print)"),
        ("log", "print('x')"),
        ("dependency", "require('other')"),
        ("source", "require('lib.file')"),
        ("native", "host.native.read()"),
    ],
)
def test_a_mistake_of_the_host_reaches_a_module_as_text(
    request_: str, code: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = doing(f"local ok, why = pcall(function() {code} end) return ok, type(why), why")
    module.runtime.offer(("read",), "")
    monkeypatch.setattr(module.around, request_, raising)
    ok, kind, why = module.call()
    assert (ok, kind) == (False, "string")
    assert why == "m/init.lua:3: the host made a mistake (Failing); its log says more"
    assert [(asked, type(error)) for asked, error in module.around.bugs] == [(request_, Failing)]
    assert "Traceback" not in capsys.readouterr().err


def test_a_refusal_of_the_host_reaches_a_module_as_text_with_the_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object) -> None:
        raise HostError("it is Sunday")

    module = doing("return pcall(function()\nhost.emit('e')\nend)")
    monkeypatch.setattr(module.around, "emit", refused)
    assert module.call() == (False, "m/init.lua:4: it is Sunday")


def test_yielding_across_the_host_is_an_error_and_not_the_end() -> None:
    module = Module(
        """local self = {}
        self.hooks = { e = function() coroutine.yield(1) end }
        self.exports = { f = function()
            local work = coroutine.wrap(function() return "delivered " .. host.emit("e", 1) end)
            return work()
        end }
        return self"""
    )
    assert [module.call() for _ in range(50)] == ["delivered 0"] * 50
    assert "yield" in module.faults[0].message
