"""The pattern functions answer as the originals do, on every way they can take, and all of them can be ended."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.bounded_runtime import bounded_runtime, endings, started_deadline

WAYS = {
    "direct": bounded_runtime(),
    "counted": bounded_runtime(constants={"FREE": "0"}),
    "in Lua": bounded_runtime(constants={"FREE": "0", "HEAVY": "-1"}),
}
ASK = b"""
local library, name, s = ...
local call = (library == "raw" and string or safe.string)[name]
if name == "gmatch" then
    return pcall(function(...)
        local found = {}
        for a, b, c in call(...) do
            found[#found + 1] = tostring(a) .. "|" .. tostring(b) .. "|" .. tostring(c)
        end
        return table.concat(found, "\\n")
    end, select(3, ...))
end
return pcall(call, select(3, ...))
"""
REPLACE = b"""
local library, kind, s, p, text, most = ...
local call = (library == "raw" and string or safe.string).gsub
local seen = {}
local replacements = {
    string = text,
    ["function"] = function(...)
        seen[#seen + 1] = select("#", ...) .. tostring((...))
        if #seen % 3 == 0 then return nil elseif #seen % 3 == 1 then return #seen end
        return text
    end,
    table = setmetatable({ a = 1, b = text, [2] = false, ["\\0"] = "nul" }, { __index = function(_, key)
        return #tostring(key) % 2 == 0 and text or nil
    end }),
}
local succeeded, result, count = pcall(call, s, p, replacements[kind], most)
return succeeded, result, count, table.concat(seen, ",")
"""

SUBJECTS = st.text(alphabet="aab1 _()\n\x00\xff%-", max_size=14).map(lambda text: text.encode("latin-1"))
CLASSES = ["a", "b", "1", ".", "%a", "%d", "%s", "%w", "%W", "%p", "%(", "%%", "[ab]", "[^a]", "[a-z]", "[%w_]", "[]]"]
CLASSES += ["[^]a]", "[a-]", "[%]b]", "[^%s%d]", "%z", "\xff", "[\x80-\xff]", "-", "_", "[0-9a-b]", "%-", "[%a-z]"]
ITEMS = st.one_of(
    st.tuples(st.sampled_from(CLASSES), st.sampled_from(["", "", "*", "+", "-", "?"])).map("".join),
    st.sampled_from(["(", "(", ")", ")", "()", "%1", "%2", "%b()", "%bab", "%f[a]", "%f[%w]", "%f[^%z]", "$", "^"]),
)
TIDY = st.tuples(st.sampled_from(["", "", "^"]), st.lists(ITEMS, max_size=6).map("".join), st.sampled_from(["", "$"]))
UNTIDY = st.text(alphabet="ab%.-*+?()[]^$1fb\x00", max_size=7)
PATTERNS = st.one_of(TIDY.map("".join), UNTIDY).map(lambda text: text.encode("latin-1"))
INITS = st.one_of(st.none(), st.integers(-20, 20), st.sampled_from([1.5, -2.7, b"3", 1e18, -1e18, float("nan")]))
TEXTS = st.text(alphabet="x%012a\x00", max_size=5).map(lambda text: text.encode("latin-1"))


def told(answer: Any) -> Any:
    """An answer without the place that an error message begins with, and what the function was called by."""
    if isinstance(answer, tuple) and answer[0] is False and isinstance(answer[1], bytes):
        message = re.sub(rb"^[^:]+:\d+: ", b"", answer[1])
        return (False, re.sub(rb" to '[^']*'", b" to", message).replace(b"got no value", b"got nil"))
    return answer


def agree(lua: Any, script: bytes, *arguments: Any) -> None:
    ask = lua.eval(b"loadstring")(script)
    assert told(ask(b"safe", *arguments)) == told(ask(b"raw", *arguments))


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=400, deadline=None)
@given(s=SUBJECTS, p=PATTERNS, init=INITS)
def test_find_and_match_answer_as_the_originals(way: str, s: bytes, p: bytes, init: object) -> None:
    agree(WAYS[way], ASK, b"find", s, p, init)
    agree(WAYS[way], ASK, b"match", s, p, init)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=200, deadline=None)
@given(s=SUBJECTS, p=PATTERNS, init=INITS)
def test_plain_find_answers_as_the_original(way: str, s: bytes, p: bytes, init: object) -> None:
    agree(WAYS[way], ASK, b"find", s, p, init, True)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=300, deadline=None)
@given(s=SUBJECTS, p=PATTERNS)
def test_gmatch_answers_as_the_original(way: str, s: bytes, p: bytes) -> None:
    agree(WAYS[way], ASK, b"gmatch", s, p)


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=400, deadline=None)
@given(
    kind=st.sampled_from([b"string", b"function", b"table"]),
    s=SUBJECTS,
    p=PATTERNS,
    text=TEXTS,
    most=st.one_of(st.none(), st.integers(-1, 5)),
)
def test_gsub_answers_as_the_original(way: str, kind: bytes, s: bytes, p: bytes, text: bytes, most: int | None) -> None:
    ask = WAYS[way].eval(b"loadstring")(REPLACE)
    answer = told(ask(b"safe", kind, s, p, text, most))
    if answer == (False, b"unfinished capture"):
        return  # the original does not look at captures that are not asked for
    assert answer == told(ask(b"raw", kind, s, p, text, most))


REFUSED = [
    (b"find", None, b"a"),
    (b"find", b"a"),
    (b"find", b"a", b"a", b"x"),
    (b"match", b"a", 5),
    (b"match", 15, 5),
    (b"gmatch", b"a"),
    (b"gmatch", 5, 5),
    (b"gsub", b"a", b"a"),
    (b"gsub", b"a", b"a", True),
    (b"gsub", b"a", b"a", b"%1"),
    (b"gsub", b"a", b"a", b"%2"),
    (b"gsub", b"a", b"a", 7),
    (b"gsub", b"a", b"a", b"x", b"y"),
    (b"find", b"a", b"()" * 33),
    (b"find", b"a" * 300, b"a?" * 300),
    (b"find", b"a", b"%"),
    (b"find", b"a", b"[a"),
    (b"find", b"a", b"[a%"),
    (b"find", b"a", b"%f"),
    (b"find", b"a", b"%b("),
    (b"find", b"a", b"(a"),
    (b"find", b"a", b"a)"),
    (b"find", b"a", b"%1"),
    (b"match", b"a", b"(a%1)"),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("call", REFUSED)
def test_what_the_originals_refuse_is_refused_in_the_same_words(way: str, call: tuple[Any, ...]) -> None:
    agree(WAYS[way], ASK, *call)


def test_an_error_names_the_line_of_the_caller_and_the_function() -> None:
    answer = bounded_runtime().execute(
        b"local string = safe.string\nreturn pcall(function() return (string.find({})) end)"
    )
    assert answer[1] == b"[string \"<python>\"]:2: bad argument #1 to 'find' (string expected, got table)"


HOSTILE = [
    "safe.string.find(('a'):rep(3e4), '.-.-.-b')",
    "safe.string.match(('a'):rep(3e4), '(.*)(.*)(.*)%1b')",
    "safe.string.find(('a'):rep(40), ('a?'):rep(40) .. ('a'):rep(41))",
    "safe.string.find(('a'):rep(1e6), 'a*b')",
    "safe.string.find(('('):rep(1e6), '%b()')",
    "safe.string.gsub(('a'):rep(3e4), '.-.-.-b', '')",
    "safe.string.gsub(('a'):rep(3e4), 'a*a*b', function() end)",
    "for _ in safe.string.gmatch(('a'):rep(3e4), '.-.-b') do end",
    "safe.string.find(('a'):rep(2e6), ('a'):rep(1e6) .. 'b', 1, true)",
    "safe.string.find(('a'):rep(2e6), ('a'):rep(1e6) .. 'b')",
    "while true do safe.string.find(('a'):rep(1400), 'a*b') end",
    "while true do safe.string.find(('a'):rep(60), 'a*b') end",
    "local s = ('a'):rep(1e6) while true do safe.string.find(s, 'b', 1, true) end",
    "local s = ('a'):rep(1400) while true do safe.string.gmatch(s, 'a*b')() end",
    "local s = ('a'):rep(1e5) while true do safe.string.gsub(s, 'a', 'b') end",
    "local s = ('a'):rep(1e6) while true do safe.string.find(s, '[' .. ('x'):rep(1000) .. ']') end",
    "safe.string.find('a', ('a*'):rep(1e6) .. 'b')",
    "safe.string.find(('a'):rep(1000), '[' .. ('x'):rep(1e6) .. ']*b')",
]


@pytest.fixture(scope="module")
def ended() -> dict[str, tuple[str, float]]:
    return endings(HOSTILE)


@pytest.mark.parametrize("code", HOSTILE)
def test_a_deadline_ends_every_search(ended: dict[str, tuple[str, float]], code: str) -> None:
    message, seconds = ended[code]
    assert message.endswith(("time is over", "pattern too complex"))
    assert seconds < 0.5


def test_a_matcher_that_was_ended_serves_the_next_search() -> None:
    lua = bounded_runtime()
    started_deadline(lua, 0.02)
    call = lua.eval(b"function(s) return pcall(safe.string.find, s, '(a-)(.-)(.-)b') end")
    assert call(b"a" * 20000) == (False, b"time is over")
    lua.execute(b"debug.sethook() on_tick = nil")
    assert call(b"c" * 500 + b"ab") == (True, 1, 502, b"", b"", b"c" * 500 + b"a")


def test_ordinary_searches_need_no_matcher_in_lua() -> None:
    lua = bounded_runtime()
    lua.execute(
        b"""local string = safe.string
        local line = "  some_name = a value of some sixty characters, as lines have  "
        string.match(line, "^%s*(.-)%s*$")
        string.match(line, "^%s*([%w_]+)%s*=%s*(.-)%s*$")
        string.gsub(line, "%s+", " ")
        for _ in string.gmatch(line:rep(1000), "[^,]+") do end"""
    )
    assert list(lua.eval(b"loaded").values()) == [b"searching"]


def test_a_callback_of_gsub_may_yield_and_nest_without_c_stack() -> None:
    lua = bounded_runtime()
    assert lua.execute(
        b"""local string = safe.string
        local inner = coroutine.wrap(function()
            return (string.gsub("abc", "%w", function(c) return coroutine.yield(c) end))
        end)
        return inner(), inner("x"), inner("y"), inner("z")"""
    ) == (b"a", b"b", b"c", b"xyz")
    deep = b"""local function f(n) if n > 0 then safe.string.gsub("a", "a", function() f(n - 1) end) end end
    return pcall(f, 1000)"""
    assert lua.execute(deep) is True


def test_gsub_builds_no_string_above_the_bound() -> None:
    lua = bounded_runtime(max_bytes=10000)
    for replacement in (b"('x'):rep(200)", b"'%0%0%0%0%0%0%0%0%0%0'", b"function() return ('x'):rep(200) end"):
        code = b"return pcall(safe.string.gsub, ('a'):rep(2000), 'a', " + replacement + b")"
        succeeded, message = lua.execute(code)
        assert (succeeded, message) == (False, b"resulting string too large")
