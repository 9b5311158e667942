"""What the host gives a module, as its author reads it: names, meanings, and sentences where something is wrong."""

from typing import Any

import pytest

from host.runtime.crossing import Crossing
from host.runtime.syntax import syntax_fault
from host.vocabulary.errors import ModuleFault
from host.vocabulary.manifest import MIB
from tests.runtime.surroundings import Module, answer, doing


def refusal(code: str, **options: Any) -> str:
    """The message of the error that the code raises, without its place, which must be the line of the code."""
    with pytest.raises(ModuleFault) as fault:
        answer(code, **options)
    place, _, message = fault.value.message.partition(": ")
    assert place == "m/init.lua:3"
    assert (fault.value.file, fault.value.line) == ("init.lua", 3)
    return message


MISTAKES = {
    "self:registerHook(1, print)": "bad argument #1 to 'registerHook' (string expected, got number)",
    "self:registerHook('e')": "bad argument #2 to 'registerHook' (function expected, got nil)",
    "self:registerHook('e', print, 5)": "bad argument #3 to 'registerHook' (table expected, got number)",
    "self:registerHook('', print, { priority = {} })": "bad argument #3 to 'registerHook' (number expected, got table)",
    "host.emit(('e'):rep(201))": "bad argument #1 to 'emit' (a name of at most 200 bytes expected)",
    "self:unregisterHook(nil, print)": "bad argument #1 to 'unregisterHook' (string expected, got nil)",
    "self:unregisterHook('e', 1)": "bad argument #2 to 'unregisterHook' (function expected, got number)",
    "host.emit()": "bad argument #1 to 'emit' (string expected, got nil)",
    "host.filter({})": "bad argument #1 to 'filter' (string expected, got table)",
    "host.after('1', print)": "bad argument #1 to 'after' (number expected, got string)",
    "host.after(1, 2)": "bad argument #2 to 'after' (function expected, got number)",
    "host.after(-1, print)": "bad argument #1 to 'after' (milliseconds from 0 to 2^31 expected)",
    "host.after(0/0, print)": "bad argument #1 to 'after' (milliseconds from 0 to 2^31 expected)",
    "host.every(1/0, print)": "bad argument #1 to 'every' (milliseconds from 0 to 2^31 expected)",
    "host.asset(1)": "bad argument #1 to 'asset' (string expected, got number)",
    "require(1)": "bad argument #1 to 'require' (string expected, got number)",
    "require('other')": 'module "other" not found: m declares no such dependency and has no other.lua',
    "xpcall(print, 1)": "bad argument #2 to 'xpcall' (function expected, got number)",
    "load(1)": "bad argument #1 to 'load' (string or function expected, got number)",
    "loadstring({})": "bad argument #1 to 'loadstring' (string expected, got table)",
    "collectgarbage('stop')": "bad argument #1 to 'collectgarbage' ('count' or 'step' expected)",
    "scheduleEvent(nil, 5)": "bad argument #1 to 'scheduleEvent' (function expected, got nil)",
    "scheduleEvent(print, -5)": "bad argument #2 to 'scheduleEvent' (milliseconds from 0 to 2^31 expected)",
    "cycleEvent(print)": "bad argument #2 to 'cycleEvent' (milliseconds from 0 to 2^31 expected)",
    "addEvent()": "bad argument #1 to 'addEvent' (function expected, got nil)",
    "removeEvent(5)": "bad argument #1 to 'removeEvent' (event expected, got number)",
    "connect(nil, {})": "bad argument to 'connect' (an object and a table of signals expected)",
    "disconnect({}, 5)": "bad argument to 'disconnect' (an object and a table of signals expected)",
    "signalcall('x')": "bad argument #1 to 'signalcall' (function or table expected, got string)",
}


@pytest.mark.parametrize("code", MISTAKES)
def test_a_mistake_names_function_argument_expectation_and_line(code: str) -> None:
    assert refusal(code) == MISTAKES[code]


# Hooks ----------------------------------------------------------------------------------------------------------------


def test_hooks_are_registered_with_their_priority_and_taken_back() -> None:
    module = doing(
        """if not f then
            f, g = function() end, function() end
            return self:registerHook("e", f, { priority = 5 }), self:registerHook("e", g), self:registerHook("d", f)
        end
        return self:unregisterHook("e", f), self:unregisterHook("e", f)"""
    )
    assert module.call() == (True, True, True)
    assert [(event, priority) for event, priority, _ in module.around.hooks.values()] == [("e", 5), ("e", 0), ("d", 0)]
    assert module.call() == (True, None, "not registered for e")
    assert [(event, priority) for event, priority, _ in module.around.hooks.values()] == [("e", 0), ("d", 0)]


def test_one_function_answers_an_event_once() -> None:
    assert answer("self:registerHook('e', print) return self:registerHook('e', print)") == (
        None,
        "already registered for e",
    )


def test_a_module_has_at_most_a_thousand_hooks() -> None:
    module = doing(
        """for index = 1, ... do
            local ok, why = self:registerHook("e" .. index, function() end)
            if not ok then return index, why end
        end""",
        call=5.0,
    )
    assert module.call(100_000) == (1001, "more than 1000 hooks registered")
    assert len(module.around.hooks) == 1000


def test_calls_and_faults_are_counted_for_each_registration() -> None:
    module = Module(
        """return {
            hooks = { e = function(value) assert(value ~= 2) end },
            exports = { f = function() end },
        }"""
    )
    for value in (1, 2, 3, {"a": 1}):
        module.tell("e", Crossing.of(value))
    module.call()
    assert [module.runtime.meter(number) for number in (1, 2, 3)] == [(1, 0), (4, 1), (0, 0)]


def test_a_filter_gives_what_its_handler_returns() -> None:
    others: dict[str, Module] = {}
    Module("return { hooks = { e = function(text, mark) return text .. mark end } }", name="one", others=others)
    module = doing(
        "return host.filter('e', 'hi', '!'), host.filter('unheard', { 1 }), host.filter('unheard')", others=others
    )
    assert module.call() == ("hi!", [1], None)


def test_emit_gives_how_many_answered() -> None:
    others: dict[str, Module] = {}
    Module("return { hooks = { e = function(a, b) assert(a == 1 and b == nil) end } }", name="one", others=others)
    module = doing("return host.emit('e', 1, nil), host.emit('e', 2)", others=others)
    assert module.call() == (1, 0)


# Members --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("", "the entry file returned nothing, and must return a table"),
        ("return 5", "the entry file returned a number, and must return a table"),
        ("return { init = 5 }", "init is a number, and must be a function"),
        ("return { hooks = function() end }", "hooks is a function, and must be a table"),
        ("return { exports = 'x' }", "exports is a string, and must be a table"),
        ("return { health = {} }", "health is a table, and must be a function"),
        ("return { hooks = { e = 5 } }", "hooks.e is a number, and must be a function"),
        ("return { hooks = { print } }", "hooks has a number for a name"),
        ("return { exports = { f = {} } }", "exports.f is a table, and must be a function"),
        ("return { exports = { [print] = print } }", "exports has a function for a name"),
        (
            "return { exports = { [setmetatable({}, { __tostring = error })] = print } }",
            "exports has a table for a name",
        ),
        (
            "local t = {} for i = 1, 1001 do t['f' .. i] = print end return { exports = t }",
            "exports has more than 1000 entries",
        ),
        ("return { hooks = { [('e'):rep(300)] = print } }", f"hooks.{'e' * 40}... has a name of more than 200 bytes"),
    ],
)
def test_a_member_of_the_wrong_kind_is_named(code: str, why: str) -> None:
    with pytest.raises(ModuleFault) as fault:
        Module(code)
    assert str(fault.value) == f"m failed in the entry file: {why}"


def test_a_syntax_error_names_file_and_line() -> None:
    module = Module("return {}", lib__broken="local a = 1\nlocal = 2")
    with pytest.raises(ModuleFault) as fault:
        module.runtime.check("lib/broken.lua")
    assert (fault.value.file, fault.value.line) == ("lib/broken.lua", 2)
    assert "<name>' expected near '='" in fault.value.message or "'<name>' expected" in fault.value.message
    module.runtime.check("init.lua")
    alone = syntax_fault("m", "lib/broken.lua", module.around.files["lib/broken.lua"])
    assert alone is not None
    assert (alone.file, alone.line) == ("lib/broken.lua", 2)
    assert syntax_fault("m", "init.lua", b"return {}") is None


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("", None),
        ("return nil", None),
        ("return true", None),
        ("return false, 'no key'", "no key"),
        ("return false", "it gave no reason"),
        ("return false, {}", "it gave no reason"),
        ("return nil, 'no'", "no"),
        ("return nil, nil", None),
        (r"return false, '\255'", "\ufffd"),
    ],
)
@pytest.mark.parametrize("member", ["init", "configure", "validate", "cleanup"])
def test_false_and_a_reason_is_a_refusal(member: str, body: str, verdict: str | None) -> None:
    assert Module(f"return {{ {member} = function() {body} end }}").runtime.lifecycle(member) == verdict


def test_the_module_knows_its_name_version_and_configuration() -> None:
    module = Module(
        """local self = {}
        function self.init(me, config) seen = { me == self, config == self.config, me.name, me.version, config.key } end
        self.exports = { f = function() return seen end }
        return self"""
    )
    assert module.runtime.lifecycle("init", Crossing.of({"key": 1})) is None
    assert module.call() == [True, True, "m", "1.0.0", 1]
    assert module.runtime.has("init")
    assert not module.runtime.has("cleanup")


def test_state_goes_out_through_migration_and_in_again() -> None:
    old = Module("return { getState = function() return { count = 5 } end }")
    new = Module(
        """local self = {}
        function self.migrate(me, state, from) return { total = state.count, from = from, mine = me == self } end
        function self.setState(_, state) kept = state if state.total == 6 then return false, "six" end end
        function self.getState() return kept end
        return self"""
    )
    new.runtime.receive(old.runtime.get_state())
    new.runtime.migrate("0.9")
    assert new.runtime.set_state() is None
    assert Crossing(1, new.runtime.get_state()).value() == {"total": 5, "from": "0.9", "mine": True}
    new.runtime.receive(Crossing.of({"count": 6}).payload)  # type: ignore[arg-type] # one table is bytes
    new.runtime.migrate("0.9")
    assert new.runtime.set_state() == "six"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "migrate returned nothing, and must return a table: the state"),
        ("return nil, 'too old'", "migrate refused: too old"),
        ("return false, 'too old'", "migrate refused: too old"),
        ("return 7", "migrate returned a number, and must return a table: the state"),
        ("return print", "migrate returned a function, and must return a table: the state"),
        ("return {a = {print}}", "the migrated state.a[1] is a function"),
        ("local t = {} t.me = t return t", "the migrated state.me is a cycle: it holds the migrated state"),
        ("return {seen = {[{name = 'ana'}] = true}}", "the migrated state.seen has a table for a key"),
    ],
)
def test_a_migration_that_gives_no_state_is_a_fault(body: str, why: str) -> None:
    module = Module(f"return {{ migrate = function() {body} end }}")
    module.runtime.receive(b"\x08")
    with pytest.raises(ModuleFault) as fault:
        module.runtime.migrate("1")
    assert fault.value.message == why


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("return nil, 'empty'", None),
        ("return 0", "validate returned a number, and must return true, or false and a reason"),
        ("return 'bad'", "validate returned a string, and must return true, or false and a reason"),
    ],
)
def test_what_does_not_say_that_it_is_valid_is_not(body: str, why: str | None) -> None:
    module = Module(f"return {{ validate = function() {body} end }}")
    if why is None:
        assert module.runtime.lifecycle("validate") == "empty"
        return
    with pytest.raises(ModuleFault) as fault:
        module.runtime.lifecycle("validate")
    assert fault.value.message == why


def test_a_table_for_a_key_is_no_state() -> None:
    module = Module("return { getState = function() return {a = 1, seen = {[{name = 'ana'}] = true}} end }")
    with pytest.raises(ModuleFault) as fault:
        module.runtime.get_state()
    assert fault.value.message == "state.seen has a table for a key"


def test_a_table_for_a_key_is_found_however_large_the_state_is() -> None:
    """Beyond the first 10,000 entries it was kept, and whoever looked at the state was told of no place."""
    late = Module(
        "local all = {} for at = 1, 12000 do all[at] = {at} end all[12001] = {[{}] = 1} return {getState ="
        " function() return {all = all} end}"
    )
    with pytest.raises(ModuleFault) as fault:
        late.runtime.get_state()
    assert fault.value.message == "state.all[12001] has a table for a key"


def test_a_runtime_that_was_closed_says_so() -> None:
    module = Module("return { init = function() end }")
    module.runtime.close()
    with pytest.raises(ModuleFault, match="m failed in init: the module is unloaded"):
        module.runtime.lifecycle("init")
    assert module.runtime.meter(1) == (0, 0)
    assert module.runtime.memory == 0


# Own files, dependencies, assets --------------------------------------------------------------------------------------

FILES = {
    "lib__util": "loads = (loads or 0) + 1 return { name = ..., loads = loads }",
    "lib__deep__init": "return 'a folder'",
    "nothing": "ran = true",
    "one": "return require('two')",
    "two": "return require('one')",
    "self_": "return require('self_')",
    "raising": "\nlocal missing = nil\nreturn missing.field",
    "broken": "return return",
    "optional": "error(setmetatable({}, {}))",
}


def test_own_files_are_run_once_and_shared() -> None:
    code = "local a, b = require('lib.util'), require('lib.util') return a == b, a.name, a.loads, require('lib.deep')"
    assert answer(code, **FILES) == (True, "lib.util", 1, "a folder")
    assert answer("return require('nothing'), ran, require('nothing')", **FILES) == (True, True, True)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "lib/util", "../m/init", "/etc/passwd", "lib..util", ".lib", "a\\b", "x\0y", "lib.util\n", "é"],
)
def test_a_name_that_is_no_name_leads_nowhere(name: str) -> None:
    message = refusal(f"local found = require({lua_string(name)})", **FILES)
    assert message.endswith("not found: names are words with dots between them")


def lua_string(text: str) -> str:
    return '"' + "".join(f"\\{byte:03}" for byte in text.encode()) + '"'


def test_files_that_require_each_other_are_told() -> None:
    for name in ("one", "self_"):
        with pytest.raises(ModuleFault, match="requires itself, directly or through others"):
            answer(f"require('{name}')", **FILES)


def test_an_error_in_a_required_file_is_found_there_and_may_be_tried_again() -> None:
    """The second attempt was told that the file requires itself."""
    module = doing("if ... then return pcall(require, 'raising') end require('raising')", **FILES)
    for _ in range(2):
        with pytest.raises(ModuleFault) as fault:
            module.call(False)
        assert (fault.value.file, fault.value.line) == ("raising.lua", 3)
        assert fault.value.traceback.splitlines()[0] == "m/raising.lua:3:"
        ok, why = module.call(True)
        assert not ok
        assert why.startswith("m/raising.lua:3: attempt to index local 'missing'")
    module.around.files["raising.lua"] = b"return 'mended'"
    assert module.call(True) == (True, "mended")


def test_a_required_file_may_raise_anything() -> None:
    assert answer("local ok, what = pcall(require, 'optional') return ok, type(what)", **FILES) == (False, "table")


def test_a_required_file_that_is_no_lua_says_where() -> None:
    with pytest.raises(ModuleFault) as fault:
        answer("require('broken')", **FILES)
    assert fault.value.message.startswith("m/broken.lua:1: unexpected symbol near")


def test_a_dependency_is_a_view_that_is_bound_late_and_cannot_be_changed() -> None:
    others: dict[str, Module] = {}
    Module("return { exports = { f = function() return 'old' end } }", name="other", others=others)
    module = doing(
        """other = other or require("other")
        return other.f(), other.g == nil, other == require("other"), pcall(function() other.f = 1 end)""",
        others=others,
    )
    assert module.call() == ("old", True, True, False, "m/init.lua:4: the exports of other cannot be changed")
    Module("return { exports = { f = function() return 'new' end } }", name="other", others=others)
    assert module.call()[0] == "new"
    del others["other"]
    with pytest.raises(ModuleFault, match="attempt to call field 'f'"):
        module.call()


def test_an_export_that_is_kept_says_when_its_owner_is_gone() -> None:
    others: dict[str, Module] = {}
    Module("return { exports = { f = function() return 1 end } }", name="other", others=others)
    module = doing("f = f or require('other').f\nreturn f()", others=others)
    assert module.call() == 1
    del others["other"]
    with pytest.raises(ModuleFault, match="other is not loaded"):
        module.call()


def test_an_optional_dependency_that_is_absent_is_nil_and_a_message() -> None:
    module = doing("return require('theme')")
    module.around.missing.add("theme")
    assert module.call() == (None, "theme is not loaded")
    module.around.missing.clear()
    Module("return {}", name="theme", others=module.around.others)
    assert module.call() == {}


def test_assets_are_bytes_or_nil_and_a_message() -> None:
    module = doing("return host.asset('logo.png'), host.asset('none')")
    module.around.assets["logo.png"] = b"\x89PNG\0"
    assert module.call() == (b"\x89PNG\0", None, "asset 'none' is not there")


def test_a_native_function_takes_and_gives_plain_data() -> None:
    module = doing("return host.native.double(21), pcall(host.native.double, 'x', print)")
    module.around.natives["double"] = lambda value: value * 2
    module.runtime.offer(("double",), "")
    twice, ok, why = module.call()
    assert (twice, ok) == (42, False)
    assert "only plain data can cross" in why
    assert answer("return host.native") is None


# Timers and the log ---------------------------------------------------------------------------------------------------


def test_timers_are_scheduled_fired_and_cancelled() -> None:
    module = doing(
        """local function beat() beats = (beats or 0) + 1 end
        if not timer then
            timer, once = host.every(1500, beat), host.after(0.5, beat)
            return
        end
        return beats, timer:cancel(), timer:cancel(), once.cancel()"""
    )
    module.call()
    assert [(seconds, repeating) for seconds, _, repeating in module.around.timers.values()] == [
        (1.5, True),
        (0.0005, False),
    ]
    for _, fire, _ in module.around.timers.values():
        assert module.runtime.fire(fire) is None
    assert module.call() == (2, True, False, True)


def test_too_many_timers_are_nil_and_a_message() -> None:
    code = "for _ = 1, 10 do host.after(1, print) end local timer, why = host.after(1, print) return timer, why"
    assert answer(code) == (None, "too many timers")


def test_a_fault_in_a_timer_is_a_record() -> None:
    module = doing("host.after(1, function()\nerror('late') end)")
    module.call()
    ((_, fire, _),) = module.around.timers.values()
    record = module.runtime.fire(fire)
    assert record is not None
    assert str(module.runtime.fault("timer", record)) == "m failed in timer: m/init.lua:4: late"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ("'a', 1, nil, true", "a\t1\tnil\ttrue"),
        ("", ""),
        ("{ 1, { 2, { 3, { 4 } } } }", "{[1] = 1, [2] = {[1] = 2, [2] = {[1] = 3, [2] = {...}}}}"),
        ("{ text = 'x', ['a b'] = 1 }", None),
        ("5LL", "5LL"),
        ("setmetatable({}, { __tostring = function() return 'never' end })", "{}"),
    ],
)
def test_a_line_of_the_log_shows_values_raw(arguments: str, line: str | None) -> None:
    module = doing(f"print({arguments})")
    module.call()
    ((level, text),) = module.around.lines
    assert level == "info"
    assert text == line or line is None


@pytest.mark.parametrize(
    "arguments",
    [
        "('x'):rep(1000000)",
        "{ ('x'):rep(1000000), ('y'):rep(1000000) }",
        "unpack((function() local t = {} for i = 1, 7000 do t[i] = ('x'):rep(100) end return t end)())",
        "(function() local t = {} for i = 1, 1e5 do t[i] = { i, { i } } end return t end)()",
        "(function() local t = {} t.t, t[t] = t, t return t end)()",
        "{ [('k'):rep(1000000)] = 1 }",
    ],
)
def test_a_line_of_the_log_is_never_long(arguments: str) -> None:
    module = doing(f"print({arguments})", call=2.0, memory=32 * MIB)
    module.call()
    ((_, text),) = module.around.lines
    assert len(text) <= 8000


def test_the_log_has_levels() -> None:
    module = doing("for _, level in ipairs({ 'debug', 'info', 'warn', 'error' }) do host.log[level](level, 1) end")
    module.call()
    assert module.around.lines == [(level, f"{level}\t1") for level in ("debug", "info", "warn", "error")]
