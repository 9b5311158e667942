"""Whatever lies in the folders: one clear sentence with file and line, and the host and all other modules run on."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from host import Host, HostError, LoadFailed, ModuleFault, SwapFailed
from host.vocabulary.errors import NotData
from host.vocabulary.events import EventKind
from host.vocabulary.states import Status
from tests.engine.place import Place, kinds, lines

GOOD = """local M = {n = 0}
M.hooks = {tick = function() M.n = M.n + 1 end}
M.exports = {n = function() return M.n end}
return M
"""
KEEPING = GOOD.replace(
    "return M\n", "function M:getState() return { n = M.n } end function M:setState(state) M.n = state.n end return M\n"
)
ALLOCATE = "local t = {} while true do t[#t + 1] = ('x'):rep(65536) .. #t end"
LIMITS = '[limits]\ncall = "20 ms"\nmemory = "4 MiB"\n'


def entry(text: str | bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "init.lua").write_bytes(text if isinstance(text, bytes) else text.encode())

    return write


def manifest(text: str | bytes) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        (folder / "module.toml").write_bytes(text if isinstance(text, bytes) else text.encode())

    return write


def no_entry(folder: Path) -> None:
    (folder / "init.lua").unlink()


def entry_is_a_folder(folder: Path) -> None:
    (folder / "init.lua").unlink()
    (folder / "init.lua").mkdir()


def entry_leads_out(folder: Path) -> None:
    outside = folder.parents[2] / "outside.lua"
    outside.write_text("return {}")
    (folder / "init.lua").unlink()
    (folder / "init.lua").symlink_to(outside)


def entry_leads_nowhere(folder: Path) -> None:
    (folder / "init.lua").unlink()
    (folder / "init.lua").symlink_to("nowhere.lua")


def entry_leads_to_itself(folder: Path) -> None:
    (folder / "init.lua").unlink()
    (folder / "init.lua").symlink_to("init.lua")


def entry_is_a_pipe(folder: Path) -> None:
    (folder / "init.lua").unlink()
    os.mkfifo(folder / "init.lua")


def init(body: str) -> Callable[[Path], None]:
    return entry("local M = {}\nfunction M:init()\n" + body + "\nend\nreturn M")


LOAD_FAILURES: dict[str, tuple[Callable[[Path], None], str]] = {
    "the entry file is missing": (no_entry, r"bad/init\.lua does not exist"),
    "the entry file is a folder": (entry_is_a_folder, r"bad/init\.lua is a folder"),
    "the entry file leads out of the module": (entry_leads_out, r"bad/init\.lua leads out of the module"),
    "the entry file leads nowhere": (entry_leads_nowhere, r"bad/init\.lua"),
    "the entry file leads to itself": (entry_leads_to_itself, r"bad/init\.lua"),
    "the entry file is a pipe": (entry_is_a_pipe, r"bad/init\.lua is no plain file"),
    "the entry file has a syntax error": (entry("local x = 1\nlocal = 2"), r"init\.lua:2: .*expected near"),
    "the entry file is bytecode": (entry(b"\x1bLJ\x02\n"), r"init\.lua"),
    "the entry file returns nothing": (entry(""), r"must return a table"),
    "the entry file returns a number": (entry("return 5"), r"returned a number"),
    "the entry file raises a table": (entry("error({})"), r"error value: a table"),
    "the entry file loops": (entry("\nwhile true do end"), r"init\.lua:2: over its limit of 20 ms"),
    "a hook is no function": (entry("return {hooks = {tick = 5}}"), r"hooks\.tick is a number"),
    "its exports are no table": (entry("return {exports = 5}"), r"exports is a number"),
    "init is no function": (entry("return {init = {}}"), r"init is a table, and must be a function"),
    "init raises": (init('error("no luck")'), r"init\.lua:3: no luck"),
    "init raises without a word": (init("error()"), r"error value: nil"),
    "init loops": (init("while true do end"), r"init\.lua:3: over its limit of 20 ms"),
    "init loops and catches": (init("while true do pcall(function() while true do end end) end"), r"over its limit"),
    "init loops in a coroutine": (init("coroutine.wrap(function() while true do end end)()"), r"over its limit"),
    "init calls itself without end": (init("local function f() return 1 + f() end f()"), r"stack overflow"),
    "init allocates without end": (init(ALLOCATE), r"over its memory of 4 MiB"),
    "init makes a text without end": (init('local s = "x" while true do s = s .. s end'), r"4 MiB"),
    "init says no with a reason": (init('do return false, "no licence" end'), r"no licence"),
    "init says no without one": (init("do return false end"), r"it gave no reason"),
    "it requires what it does not declare": (entry('require("other")'), r"declares no such dependency"),
    "it requires a file above it": (entry('require("..other")'), r"not found"),
    "it is made for another host": (manifest('name = "bad"\nversion = "1"\nhost = ">=9"\n'), r"host.*>=9"),
    "it needs what nobody has": (manifest('name = "bad"\nversion = "1"\n[dependencies]\nnobody = "*"\n'), r"nobody"),
}


async def assert_all_else_runs(host: Host) -> None:
    before = await host.call("good", "n")
    assert (await host.emit("tick")).delivered == 1
    assert await host.call("good", "n") == before + 1


@pytest.mark.parametrize("case", LOAD_FAILURES)
async def test_a_load_is_refused_in_one_sentence_where(place: Place, case: str) -> None:
    spoil, sentence = LOAD_FAILURES[case]
    place.module("good", GOOD)
    place.module("other")
    folder = place.module("bad", more=LIMITS)
    spoil(folder)
    async with place.host() as host:
        await host.load("good")
        with pytest.raises(HostError, match=sentence) as refusal:
            await host.load("bad")
        assert "Traceback" not in str(refusal.value)
        if isinstance(refusal.value, LoadFailed):
            assert "\n" not in str(refusal.value)
            assert Path(refusal.value.file).parent == folder
            assert host.snapshot().modules["bad"].status is Status.FAILED
            assert kinds(host.chronicle, "bad") == [EventKind.MODULE_FAILED]
        assert "bad" not in host.parts.roster.active
        await assert_all_else_runs(host)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name = bad", r"module\.toml:1"),
        ('name = "bad"\nversion = "1.0.0"\nversion = "2"\n', r"module\.toml:3"),
        (b'name = "bad"\nversion = "1.0.0"\nsummary = "\xff"\n', r"module\.toml:3.*UTF-8"),
        (b"\xff\xfen\x00", r"module\.toml"),
        ('name = "BAD!"\nversion = "1.0.0"\n', r"module\.toml:1: name"),
        ('name = "bad"\nversion = "one"\n', r"module\.toml:2: version"),
        ('name = "bad"\nversion = "1.0.0"\nversoin = "1"\n', r"versoin.*version"),
        ('name = "bad"\nversion = "1.0.0"\nentry = "../init.lua"\n', r"module\.toml:3: entry"),
        ('name = "bad"\nversion = "1.0.0"\nhost = "9..x"\n', r"module\.toml:3: host"),
        ("", r"module\.toml.*name"),
    ],
)
async def test_a_manifest_that_cannot_be_used_stands_as_a_problem(
    place: Place, text: str | bytes, problem: str
) -> None:
    place.module("good", GOOD)
    folder = place.module("bad")
    manifest(text)(folder)
    async with place.host() as host:
        await host.load("good")
        found = [each.message for each in host.snapshot().problems if each.file == str(folder / "module.toml")]
        assert any(re.search(problem, message) for message in found), found
        assert not any("\n" in message for message in found)
        with pytest.raises(HostError):
            await host.load("bad")
        await assert_all_else_runs(host)


async def test_all_faults_of_a_manifest_are_told_at_once(place: Place) -> None:
    folder = place.module("bad")
    manifest('name = "bad"\nversion = 3\nautoload = "yes"\n[limits]\nmemory = "lots"\n')(folder)
    async with place.host() as host:
        assert [each.line for each in host.snapshot().problems] == [2, 3, 5]


async def test_two_modules_with_one_name(place: Place) -> None:
    place.module("twin", GOOD)
    second = place.module("twin", GOOD, tier="extensions")
    async with place.host() as host:
        (problem,) = host.snapshot().problems
        assert problem.file == str(second / "module.toml")
        assert "left out" in problem.message
        plan = await host.load("twin")
        assert plan.order[0].tier == "plugins"


async def test_a_missing_folder_of_modules(place: Place) -> None:
    missing = place.root.parent / "missing"
    place.module("good", GOOD)
    async with Host([missing, place.root], place.data) as host:
        (problem,) = host.snapshot().problems
        assert str(missing) in problem.message + problem.file
        await host.load("good")
        await assert_all_else_runs(host)


async def test_a_file_where_the_folder_of_modules_should_be(place: Place) -> None:
    stray = place.root.parent / "stray"
    stray.write_text("")
    async with Host([stray], place.data) as host:
        (problem,) = host.snapshot().problems
        assert str(stray) in problem.message + problem.file


async def test_no_module_at_all(place: Place) -> None:
    shutil.rmtree(place.root)
    place.root.mkdir()
    async with place.host(autoload=True, watch=True) as host:
        assert host.snapshot().modules == {}


BROKEN_STATES = {
    "returns a function": ("return {f = function() end}", r"state\.f is a function"),
    "returns a cycle": ("local t = {} t.a = {t} return t", r"is a cycle"),
    "returns a coroutine": ("return {c = coroutine.create(print)}", r"state\.c is a coroutine"),
    "raises": ('error("no state")', r"no state"),
    "loops": ("while true do end", r"over its limit"),
    "allocates without end": (ALLOCATE, r"over its memory"),
    "is nested without end": ("local t = {} for _ = 1, 1000 do t = {t} end return t", r"nested"),
}


@pytest.mark.parametrize("case", BROKEN_STATES)
async def test_a_get_state_that(place: Place, case: str) -> None:
    body, sentence = BROKEN_STATES[case]
    place.module("good", GOOD)
    place.module("bad", f"return {{getState = function() {body} end, exports = {{f = function() end}}}}", more=LIMITS)
    async with place.host() as host:
        await host.load_all({"good": "", "bad": ""})
        with pytest.raises(ModuleFault, match=sentence):
            await host.state("bad")
        await host.call("bad", "f")
        await host.unload("bad")
        assert kinds(host.chronicle, "bad")[-2:] == [EventKind.MODULE_FAULT, EventKind.MODULE_UNLOADED]
        await assert_all_else_runs(host)


async def test_a_broken_get_state_at_the_end_keeps_no_other_state_from_being_kept(place: Place) -> None:
    place.module("bad", "return {getState = function() error('no') end}")
    place.module("good", KEEPING)
    async with place.host() as host:
        await host.load_all({"bad": "", "good": ""})
        await host.emit("tick")
    async with place.host() as host:
        await host.load("good")
        assert await host.call("good", "n") == 1


@pytest.mark.parametrize("state", ["", "false", "42", "0/0", "'gone'"])
async def test_a_state_that_is_no_table_leaves_the_one_that_is_kept(place: Place, state: str) -> None:
    """Such a state overwrote the checkpoint, and the module did not load again."""
    place.module(
        "good", KEEPING.replace("return { n = M.n }", f"if M.n == 2 then return {state} end return {{ n = M.n }}")
    )
    async with place.host() as host:
        await host.load("good")
        await host.emit("tick")
        await host.reload("good")
        await host.emit("tick")
        with pytest.raises(SwapFailed) as refusal:
            await host.reload("good")
        assert refusal.value.report.failed_step == "snapshot"
        await host.unload("good")
        (fault,) = [each for each in host.chronicle.events_since(0) if each.event is EventKind.MODULE_FAULT]
        assert "and must be a table" in fault.error
    async with place.host() as host:
        await host.load("good")
        assert await host.call("good", "n") == 1


@pytest.mark.parametrize("place_for_data", ["/proc/no-such/data", "file", "file/below"])
async def test_a_data_folder_that_takes_nothing(place: Place, place_for_data: str) -> None:
    place.module("good", GOOD)
    (place.root.parent / "file").write_text("kept")
    data = place.root.parent / place_for_data
    async with Host([place.root], data) as host:
        (problem,) = host.snapshot().problems
        assert str(data) in problem.message
        assert "runs on" in problem.message
        assert "another --data" in problem.remedy
        assert kinds(host.chronicle)[0] is EventKind.STORAGE_FAILED
        await host.load("good")
        await assert_all_else_runs(host)
    assert (place.root.parent / "file").read_text() == "kept"


async def test_a_damaged_database_is_set_aside_and_said(place: Place) -> None:
    place.module("good", GOOD)
    place.data.mkdir()
    (place.data / "theseus.sqlite3").write_bytes(b"no database" * 1000)
    async with place.host() as host:
        (event,) = [each for each in host.chronicle.events_since(0) if each.event is EventKind.STORAGE_FAILED]
        assert "damaged" in event.text
        await host.load("good")


async def test_a_marker_that_cannot_be_written_costs_nothing_else(place: Place) -> None:
    """The store, which was sound, was put aside with it and held open."""
    place.module("good", KEEPING)
    (place.data / "engine.marker").mkdir(parents=True)
    (place.data / "engine.marker" / "x").write_text("")
    for times in (1, 2):
        async with place.host() as host:
            await host.load("good")
            await host.emit("tick")
            assert await host.call("good", "n") == times
            assert any("engine.marker" in problem.message for problem in host.snapshot().problems)


async def test_a_module_of_the_core_tier_alone_may_have_native_code(place: Place) -> None:
    folder = place.module("sly", GOOD)
    (folder / "native.py").write_text("raise SystemExit\n")
    async with place.host() as host:
        with pytest.raises(LoadFailed, match="only modules of the core tier"):
            await host.load("sly")


async def test_paths_with_spaces_and_letters_of_any_language(tmp_path: Path) -> None:
    below = tmp_path / "ein Ordner mit Lücken \N{SNOWMAN}"
    below.mkdir()
    place = Place(below)
    folder = place.module("good", GOOD)
    (folder / "bad file.lua").write_text("return {")
    async with place.host(watch=True) as host:
        with pytest.raises(LoadFailed, match=r"bad file\.lua:1"):
            await host.load("good")
        (folder / "bad file.lua").unlink()
        await host.load("good")
        await assert_all_else_runs(host)


async def test_what_a_module_logs_is_one_printable_line(place: Place) -> None:
    place.module("m", 'return {init = function() print("a\\nb\\27[31m\\0", {1, {2}}, "\\255") end}')
    async with place.host() as host:
        await host.load("m")
        (line,) = lines(host.chronicle)
        assert line.isprintable()
        assert line.startswith("a b")


WRONG = {
    "emit": lambda host: host.emit([], 1),
    "filter": lambda host: host.filter({}, 1),
    "load": lambda host: host.load(["good"]),
    "unload": lambda host: host.unload({}),
    "swap": lambda host: host.swap([], "1"),
    "reload": lambda host: host.reload(None),
    "rollback": lambda host: host.rollback([]),
    "history": lambda host: host.history([]),
    "call": lambda host: host.call("good", []),
    "execute": lambda host: host.execute([]),
    "state": lambda host: host.state([]),
    "configure": lambda host: host.configure("good", 5),
    "load_all": lambda host: host.load_all({"good": 1}),
    "rehearse": lambda host: host.rehearse("good", 2),
    "resolve": lambda host: host.resolve(["good"]),
    "resume": lambda host: host.resume(1),
    "why": lambda host: host.why([]),
    "graph": lambda host: host.graph("good", 1.0),
    "compare": lambda host: host.compare("good", "1"),
}


@pytest.mark.parametrize("method", WRONG)
async def test_an_argument_of_a_wrong_type_is_named_with_its_method(place: Place, method: str) -> None:
    place.module("good", GOOD)
    async with place.host() as host:
        await host.load("good")
        with pytest.raises(TypeError, match=rf"^Host\.{method}: [\w ]+ must be an? .+, not [\w ]+$"):
            await WRONG[method](host)
        await assert_all_else_runs(host)


async def test_a_field_that_cannot_cross_is_named_by_its_path(place: Place) -> None:
    async with place.host() as host:
        with pytest.raises(NotData) as refusal:
            await host.emit("x", {"a": 1, "b": "\ud800"})
        assert refusal.value.path == "value.b"
        with pytest.raises(NotData, match="both as text and as a truth value") as refusal:
            await host.emit("x", {"inner": {True: 1, "true": 2}})
        assert refusal.value.path == "value.inner"


@pytest.mark.parametrize("kind", ["fifo", "folder link"])
async def test_a_required_file_that_is_there_and_cannot_be_read_says_so(place: Place, kind: str) -> None:
    folder = place.module("m", "local lib = require('lib') return {}")
    os.mkfifo(folder / "lib.lua") if kind == "fifo" else (folder / "lib.lua").symlink_to("/etc/hostname")
    async with place.host() as host:
        with pytest.raises(LoadFailed) as refusal:
            await host.load("m")
        assert "m/init.lua:1: lib.lua " in refusal.value.reason
        assert "has no lib.lua" not in refusal.value.reason


async def test_a_file_of_bytecode_is_refused_with_what_to_do(place: Place) -> None:
    folder = place.module("m")
    (folder / "init.lua").write_bytes(b"\x1bLJ\x02\x00")
    async with place.host() as host:
        with pytest.raises(LoadFailed, match=r"init\.lua: is compiled Lua, .* put the source in its place"):
            await host.load("m")


@pytest.mark.parametrize("method", ["swap", "rehearse"])
async def test_a_version_beside_versions_by_name_is_refused(place: Place, method: str) -> None:
    """It was passed over."""
    async with place.host() as host:
        with pytest.raises(TypeError, match=rf"Host\.{method}: versions by name were given, and a version beside them"):
            await getattr(host, method)({"a": "2.0.0"}, "3.0.0")


@pytest.mark.parametrize("wait", [float("nan"), float("inf"), -1.0])
async def test_nobody_waits_for_panels_without_end(place: Place, wait: float) -> None:
    async with place.host() as host:
        with pytest.raises(HostError, match="wait must be 0 s or more, and finite"):
            await host.panels(wait=wait)


async def test_what_is_no_path_no_revisions_and_no_time_is_named(place: Place) -> None:
    place.module("m", KEEPING)
    no_revisions: Any = ["m/p"]
    no_revision: Any = {"m/p": "1"}
    no_time: Any = "1"
    no_path: Any = "n"
    async with place.host() as host:
        await host.load("m")
        with pytest.raises(TypeError, match=r"Host\.panels: seen must be revisions by name, not list"):
            await host.panels(no_revisions)
        with pytest.raises(TypeError, match=r"Host\.panels: seen\['m/p'\] must be an int, not str"):
            await host.panels(no_revision)
        with pytest.raises(TypeError, match=r"Host\.panels: wait must be a number, not str"):
            await host.panels(wait=no_time)
        with pytest.raises(TypeError, match=r"Host\.edit_state: path must be a list or tuple of keys, not str"):
            await host.edit_state("m", no_path, 1)
        with pytest.raises(TypeError, match=r"Host\.state_text: path must be a list or tuple of keys, not str"):
            await host.state_text("m", no_path)
