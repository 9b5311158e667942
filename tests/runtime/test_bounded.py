"""No standard function runs long unseen, builds too much, or nests on the C stack; within that all is as before."""

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.bounded_runtime import bounded_runtime, endings
from tests.runtime.test_patterns import told

LUA = bounded_runtime()
ASK = b"""
local library, name = ...
local origin = library == "raw" and _G or safe
local kind, member = name:match("(.-)%.(.*)")
return pcall(origin[kind][member], select(3, ...))
"""
# Answers with what is in the table afterwards as well.
CHANGE = b"""
local library, name, values, shift = ...
local origin = library == "raw" and _G or safe
local kind, member = name:match("(.-)%.(.*)")
local t = {}
for index, value in pairs(values) do t[index] = value end
setmetatable(t, { __index = function() return "index" end, __newindex = function() error("newindex") end })
local answer = { pcall(origin[kind][member], t, select(5, ...)) }
setmetatable(t, nil)
local keys = {}
for key in pairs(t) do keys[#keys + 1] = key end
table.sort(keys)
for index, key in ipairs(keys) do keys[index] = key .. "=" .. tostring(t[key]) end
return answer[1], answer[2], table.concat(keys, " ")
"""
NUMBERS = st.one_of(
    st.integers(-5, 12), st.floats(-5, 12), st.sampled_from([b"2", b"x", 1e18, -1e18, float("nan"), None])
)
SCALARS = st.one_of(st.integers(-99, 99), st.binary(max_size=5), st.floats(allow_nan=False, width=32), st.booleans())
VALUES = st.lists(st.one_of(st.integers(-99, 99), st.binary(max_size=3)), max_size=8)


def agree(script: bytes, *arguments: Any) -> None:
    ask = LUA.eval(b"loadstring")(script)
    assert told(ask(b"safe", *arguments)) == told(ask(b"raw", *arguments))


@given(
    s=st.one_of(SCALARS, st.none()),
    n=NUMBERS,
    separator=st.one_of(st.none(), st.binary(max_size=3), st.integers(-9, 9)),
)
@settings(deadline=None)
def test_rep_answers_as_the_original(s: object, n: object, separator: object) -> None:
    agree(ASK, b"string.rep", s, n, separator)


@given(template=st.text(alphabet="%sdqgx5.- a", max_size=8), values=st.lists(SCALARS, max_size=3))
@settings(deadline=None, max_examples=300)
def test_format_answers_as_the_original(template: str, values: list[object]) -> None:
    agree(ASK, b"string.format", template.encode(), *values)


@pytest.mark.parametrize("member", ["upper", "lower", "reverse", "len", "byte", "char", "sub"])
@given(values=st.lists(SCALARS, max_size=3))
@settings(deadline=None, max_examples=30)
def test_the_small_string_functions_answer_as_the_originals(member: str, values: list[object]) -> None:
    agree(ASK, b"string." + member.encode(), *values)


@given(
    values=VALUES,
    separator=st.one_of(st.none(), st.binary(max_size=2), st.integers(-9, 9), st.booleans()),
    bounds=st.data(),
)
@settings(deadline=None, max_examples=200)
def test_concat_answers_as_the_original(values: list[object], separator: object, bounds: st.DataObject) -> None:
    ends = bounds.draw(st.lists(NUMBERS.filter(lambda end: end is not None), max_size=2))
    agree(CHANGE, b"table.concat", LUA.table_from(values), 0, separator, *ends)


@given(values=VALUES, arguments=st.lists(st.one_of(st.integers(-5, 12), st.just(b"2"), st.none()), max_size=3))
@settings(deadline=None, max_examples=200)
def test_insert_remove_and_maxn_answer_as_the_originals(values: list[object], arguments: list[object]) -> None:
    agree(CHANGE, b"table.insert", LUA.table_from(values), 0, *arguments)
    agree(CHANGE, b"table.remove", LUA.table_from(values), 0, *arguments[:1])
    agree(CHANGE, b"table.maxn", LUA.table_from(values), 0)


ORDERS = {
    "none": b"nil",
    "descending": b"function(a, b) return a > b end",
    "with ties": b"function(a, b) return a % 4 < b % 4 end",
    "always": b"function() return true end",
    "never": b"function() return false end",
    "not strict": b"function(a, b) return a <= b end",
    "turning": b"(function() local n = 0 return function() n = n + 1 return n % 3 == 0 end end)()",
}


@pytest.mark.parametrize("order", ORDERS)
@given(values=st.lists(st.integers(-20, 20), max_size=40))
@settings(deadline=None, max_examples=60)
def test_sort_answers_as_the_original_ties_and_errors_too(order: str, values: list[int]) -> None:
    made = LUA.eval(b"function(text) return loadstring('return ' .. text) end")(ORDERS[order])
    ask = LUA.eval(b"loadstring")(CHANGE)
    before, after = (ask(library, b"table.sort", LUA.table_from(values), 0, made()) for library in (b"raw", b"safe"))
    assert told(after) == told(before)


def test_sort_of_mixed_values_is_an_error_as_ever() -> None:
    assert LUA.execute(b"return pcall(safe.table.sort, {1, 'x', 2})")[0] is False
    assert b"function expected" in LUA.execute(b"return select(2, pcall(safe.table.sort, {1}, 5))")
    assert b"table expected" in LUA.execute(b"return select(2, pcall(safe.table.sort, 5))")


def test_sort_compares_by_metamethod_in_lua_and_may_yield() -> None:
    code = b"""
    local meta = { __lt = function(a, b) return a.v < b.v end }
    local function box(v) return setmetatable({ v = v }, meta) end
    local t = { box(3), box(1), box(2) }
    safe.table.sort(t)
    local co = coroutine.wrap(function()
        safe.table.sort(t, function(a, b) coroutine.yield("compared") return a.v > b.v end)
        return t[1].v
    end)
    local first, last = co(), nil
    repeat last = co() until last ~= "compared"
    return first, t[3].v, last"""
    assert LUA.execute(code) == (b"compared", 1, 3)


@pytest.mark.parametrize(
    ("template", "expected"),
    [(b"%s", b"shown"), (b"[%10.3s]", b"[       sho]"), (b"%%%s%%", b"%shown%"), (b"%q", b'"shown"')],
)
def test_format_shows_objects_by_their_own_text(template: bytes, expected: bytes) -> None:
    show = (
        b"function(t) return safe.string.format(t, setmetatable({}, {__tostring = function() return 'shown' end})) end"
    )
    assert LUA.eval(show)(template) == expected


def test_format_takes_no_object_for_a_number() -> None:
    code = b"return pcall(safe.string.format, '%d', setmetatable({}, {__tostring = function() return '5' end}))"
    assert told(LUA.execute(code)) == (False, b"bad argument #2 to (number expected, got table)")


TOO_LARGE = [
    b"safe.string.rep('x', 1e5)",
    b"safe.string.rep('x', 1000, ('y'):rep(100))",
    b"safe.string.rep('x', 1e9)",
    b"safe.string.format('%s%s', ('x'):rep(6000), ('y'):rep(6000))",
    b"safe.table.concat({('x'):rep(6000), ('y'):rep(6000)})",
    b"safe.table.concat({'a', 'b'}, ('x'):rep(1e5))",
    b"safe.table.concat((function() local t = {} for i = 1, 5000 do t[i] = 123 end return t end)())",
]


@pytest.mark.parametrize("code", TOO_LARGE)
def test_no_string_above_the_bound_is_built(code: bytes) -> None:
    lua = bounded_runtime(max_bytes=10000)
    answer = lua.eval(b"function(code) return pcall(loadstring('return ' .. code)) end")(code)
    assert answer[0] is False
    assert answer[1].endswith(b"resulting string too large")


def test_concat_of_many_elements_is_joined_in_chunks_unchanged() -> None:
    code = b"""local t = {} for i = 1, 300001 do t[i] = i % 10 end
    return safe.table.concat(t, ",") == table.concat(t, ",") and ticks > 0"""
    assert bounded_runtime().execute(code) is True


HOSTILE = [
    "while true do safe.string.rep('', 1e18) safe.string.rep('', 2147483647) end",
    "local s = ('x'):rep(1e6) while true do safe.string.rep(s, 8) end",
    "local s = ('x'):rep(4e6) while true do safe.string.upper(s) end",
    "local s = ('x'):rep(1e6) while true do safe.string.format('%s%q', s, s) end",
    "while true do pcall(safe.table.insert, {}, -1e9, 1) pcall(safe.table.insert, {}, 0 / 0, 1) end",
    "local t = {} for i = 1, 1e6 do t[i] = i end while true do safe.table.insert(t, 1, 1) end",
    "local t = {} for i = 1, 1e6 do t[i] = i end while true do safe.table.remove(t, 1) end",
    "local t = {} for i = 1, 1e6 do t[i] = '' end while true do safe.table.concat(t) end",
    "local s = ('x'):rep(1e6) local t = {s, s, s, s, s, s, s} while true do safe.table.concat(t) end",
    "local s = ('x'):rep(1e6) local t = {s, s, s, s, s, s, false} while true do pcall(safe.table.concat, t) end",
    "local t = {} for i = 1, 5e5 do t[i] = (i * 7919) % 1e6 end while true do safe.table.sort(t) end",
    "local t = {} for i = 1, 1000 do t[i] = i % 10 end while true do safe.table.sort(t) end",
    "local t = {} for i = 1, 5e5 do t[i] = i % 10 end while true do safe.table.sort(t, rawequal) end",
    "local t = {} for i = 1, 1e6 do t[i] = i end while true do safe.table.maxn(t) end",
    "while true do pcall(safe.unpack, {}, 1, 1e7) pcall(safe.string.format, '%99999d', 1) end",
]


@pytest.fixture(scope="module")
def ended() -> dict[str, tuple[str, float]]:
    return endings(HOSTILE)


@pytest.mark.parametrize("code", HOSTILE)
def test_a_deadline_ends_every_loop(ended: dict[str, tuple[str, float]], code: str) -> None:
    message, seconds = ended[code]
    assert message.endswith(("time is over", "pattern too complex"))
    assert seconds < 0.5


RECURSIONS = {
    "gsub": b"safe.string.gsub('a', 'a', function() f() end)",
    "gsub by table": b"safe.string.gsub('a', 'a', setmetatable({}, {__index = function() f() end}))",
    "sort": b"safe.table.sort({1, 2}, function() f() return false end)",
    "sort by metamethod": b"safe.table.sort({box(), box()})",
    "tostring": b"safe.tostring(box())",
    "format": b"safe.string.format('%s', box())",
    "wrap": b"safe.coroutine.wrap(function() f() end)()",
    "resume": b"local ok, e = safe.coroutine.resume(coroutine.create(f)) if not ok then error(e, 0) end",
    "load": b"assert(safe.depth.call(load, function() f() end))",
}
# On a stack of 512 KiB, the smallest that a host would give a thread.
RECURSE = """
import sys, threading
from tests.runtime.bounded_runtime import bounded_runtime

def run():
    lua = bounded_runtime(memory=1 << 26)
    code = b"local meta = {} local function box() return setmetatable({}, meta) end local f function f() "
    code += sys.argv[1].encode()
    code += b" end meta.__lt = function() f() return false end meta.__tostring = function() f() return 'x' end"
    print(lua.execute(code + b" return pcall(f)"))

threading.stack_size(512 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("way", RECURSIONS)
def test_endless_recursion_is_a_lua_error(way: str) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", RECURSE, RECURSIONS[way].decode()]
    answer = subprocess.run(command, cwd=root, capture_output=True, timeout=20, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith(b"(False, b")
    assert b"stack overflow" in answer.stdout or b"error in error handling" in answer.stdout


def test_a_stack_of_512_kib_holds_coroutines_to_the_limit() -> None:
    reached = []

    def run() -> None:
        code = b"""local n = 0
        local function f() n = n + 1 return safe.coroutine.resume(coroutine.create(f)) end
        f()
        return n"""
        reached.append(bounded_runtime().execute(code))

    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert reached == [191]


def test_the_depth_kept_by_a_wrapped_pcall_is_right_after_a_caught_error_in_a_coroutine_resumed_elsewhere() -> None:
    code = b"""
    local depth, coroutine = safe.depth, safe.coroutine
    local function try(f)
        local kept = depth.get()
        local ok = pcall(f)
        if not ok then depth.set(kept) end
    end
    local function level() local n = 0
        local function f() n = n + 1 local ok = coroutine.resume(coroutine.create(f)) end
        f() return n
    end
    local base = level()
    local inner = coroutine.wrap(function()
        try(function() coroutine.yield() error("x") end)
        return level()
    end)
    inner() -- begun one level deep, ended three levels deep
    local left = coroutine.wrap(function() return coroutine.wrap(function() return inner() end)() end)()
    try(function() depth.call(function() error("y") end) end)
    return base - left, level() - base"""
    assert bounded_runtime().execute(code) == (3, 0)


def test_wrap_and_resume_answer_as_the_originals() -> None:
    code = b"""
    local out = {}
    local function tell(...) for i = 1, select("#", ...) do out[#out + 1] = tostring((select(i, ...))) end end
    for _, lib in ipairs({ coroutine, safe.coroutine }) do
        local w = lib.wrap(function(a) local b, c = lib.yield(a + 1) return b, c, nil end)
        tell(w(1)) tell(w(2, 3)) tell(pcall(function() w() end))
        tell(pcall(function() lib.wrap(function() error("boom", 0) end)() end))
        tell(pcall(function() lib.wrap(function() error({}) end)() end) == false)
        tell(pcall(lib.wrap, 5)) tell(pcall(lib.resume, 5))
        tell(lib.resume(coroutine.create(function() return 1, nil, 3 end)))
        out[#out + 1] = "--"
    end
    return table.concat(out, " ")"""
    first, second, _ = bounded_runtime().execute(code).split(b"--")
    assert first.strip() == second.strip()


def test_no_function_shows_the_globals_through_its_environment() -> None:
    code = b"""
    safe.string.find("aXb", "%u") safe.table.sort({2, 1}, function(a, b) return a < b end)
    local shown = {}
    for _, name in ipairs({"string", "table", "coroutine", "depth"}) do
        for key, f in pairs(safe[name]) do
            if pcall(string.dump, f) and getfenv(f) == _G then shown[#shown + 1] = name .. "." .. key end
        end
    end
    for name, f in pairs(safe) do
        if pcall(string.dump, f) and getfenv(f) == _G then shown[#shown + 1] = name end
    end
    return table.concat(shown, " ")"""
    assert bounded_runtime().execute(code) == b""


def test_parts_are_loaded_when_they_are_first_needed() -> None:
    lua = bounded_runtime()
    assert len(lua.eval(b"loaded")) == 0
    lua.execute(b"safe.string.find('a', 'a') safe.string.match('a', 'a') safe.table.sort({1})")
    assert sorted(lua.eval(b"loaded").values()) == [b"searching", b"sorting"]
