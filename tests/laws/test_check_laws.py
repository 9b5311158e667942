"""A law of ``check``: what loads is told no fault, however its entry file comes to what it returns."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from host.packages.examining import examine
from host.vocabulary.errors import ModuleFault
from tests.discovery.module_folders import write_module
from tests.runtime.surroundings import Module

NAMES = st.sampled_from(["a", "b", "c"])
MEMBERS = st.sampled_from(["hooks", "exports", "init", "getState", "helper", "onX"])
PLACES = st.one_of(NAMES, st.builds("{}.{}".format, NAMES, MEMBERS), st.builds("{}.{}.x".format, NAMES, MEMBERS))
GLOBALS = st.sampled_from(["print", "string.format", "io", "host.emit", "host.none", "g", "_G.g", "os.exit", "jit"])
VALUES = st.one_of(
    st.sampled_from(["nil", "1", "0.5", "'text'", "true", "{}", "...", "function() end", "function() a = {} end"]),
    st.sampled_from(
        ["{ x = 1 }", "{ hooks = {} }", "{ init = function() end }", "{ exports = { f = print } }", "(...)"]
    ),
    st.builds("{} or {}".format, PLACES, PLACES),
    st.builds("{} and {} or {{}}".format, PLACES, PLACES),
    PLACES,
    GLOBALS,
)
PLAIN = st.one_of(
    st.builds("{} = {}".format, PLACES, VALUES),
    st.builds("local {} = {}".format, NAMES, VALUES),
    st.builds("local function f() {} = {} end f()".format, NAMES, VALUES),
    st.builds("local function {}() end".format, NAMES),
    st.builds("pcall(function() {}() end)".format, PLACES),
    st.builds("if {} then {}() end".format, GLOBALS, GLOBALS),
    st.builds("g = {}".format, VALUES),
)
STATEMENTS = st.one_of(
    PLAIN,
    st.builds("if {} then {} end".format, PLACES, PLAIN),
    st.builds("if {} then {} else {} end".format, PLACES, PLAIN, PLAIN),
    st.builds("for i = 1, 2 do {} end".format, PLAIN),
    st.builds("for k in pairs({}) do {} end".format, PLACES, PLAIN),
    st.builds("do {} end".format, PLAIN),
    st.builds("if {} then return {} end".format, PLACES, VALUES),
)
FILES = st.builds(
    "local a, b, c = {{}}, {{}}, {{}}\n{}\nreturn {}\n".format, st.lists(STATEMENTS, max_size=6).map("\n".join), VALUES
)


@given(FILES)
@settings(deadline=None)
def test_a_file_that_loads_returns_what_it_must(lua: str) -> None:
    try:
        Module(lua)
    except ModuleFault:
        return
    with tempfile.TemporaryDirectory() as name:
        found = examine(write_module(Path(name), "m", lua=lua))
    # What is called in a branch, or protected, may not be there and do no harm; what is returned is certain.
    assert [str(each) for each in found.problems if " must " in each.message] == [], lua
