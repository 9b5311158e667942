"""A module's Lua tests: each in a host of its own, and what each failure says."""

from __future__ import annotations

from pathlib import Path

import pytest

from host import HostError, ManifestInvalid
from host.engine.trials import TestResult, run_tests
from tests.engine.place import Place

COUNTER = """
local count, step = 0, 1
local M = { exports = {} }
function M:init(config) step = config.step or 1 end
function M:getState() return { count = count } end
function M:setState(state) count = state.count end
function M:execute(request) return { status = "success", data = request.parameters } end
M.hooks = {
    onCount = function() count = count + step host.log.info("counted", count) end,
    onBreak = function() error("broken") end,
    onDouble = function(value) return value * 2 end,
}
M.exports.count = function() return count end
M.exports.later = function() host.after(5, function() count = count + 1 end) end
M.exports.apply = function(f, value) return f(value) end
return M
"""
SCHEMA = '{"type": "object", "properties": {"step": {"type": "integer", "default": 1}}}'


def write_tests(place: Place, body: str, name: str = "counting.lua") -> Path:
    folder = place.module("counter", COUNTER)
    (folder / "config.schema.json").write_text(SCHEMA)
    (folder / "tests").mkdir(exist_ok=True)
    (folder / "tests" / name).write_text(body)
    return folder


def told(results: list[TestResult]) -> dict[str, str]:
    return {result.name: "ok" if result.ok else f"{result.line}: {result.message}" for result in results}


async def test_each_test_has_an_instance_of_its_own(place: Place) -> None:
    folder = write_tests(
        place,
        """local T = {}
        function T.first(t) t.emit("onCount") t.equal(t.call("count"), 1) end
        function T.second(t) t.emit("onCount") t.equal(t.call("count"), 1) end
        return T""",
    )
    assert told(await run_tests(folder)) == {"first": "ok", "second": "ok"}


async def test_a_module_with_a_process_of_its_own_is_tested_as_any_other(place: Place) -> None:
    folder = write_tests(
        place,
        """local T = {}
        function T.calls(t) t.emit("onCount") t.equal(t.call("count"), 1) end
        function T.comes_back(t) t.emit("onCount") t.truthy(t.reload()) t.equal(t.state(), { count = 1 }) end
        function T.functions(t) t.equal(t.call("apply", function(a) return a + 1 end, 2), 3) end
        function T.waits(t) t.call("later") t.eventually(function() return t.call("count") == 1 end) end
        function T.breaks(t) t.matches(t.emit("onBreak").failures[1], "broken") end
        function T.fails(t) t.equal(t.call("count"), 7) end
        return T""",
    )
    manifest = folder / "module.toml"
    manifest.write_text(f'{manifest.read_text()}isolation = "process"\n')
    results = told(await run_tests(folder))
    assert results.pop("fails") == "7: expected 7, got 0"
    assert set(results.values()) == {"ok"}
    assert len(results) == 5


async def test_what_t_offers_reaches_the_real_module(place: Place) -> None:
    place.module("counter", COUNTER, "2.0.0", folder="two")
    folder = write_tests(
        place,
        """local T = { config = { step = 5 } }
        function T.all(t)
            local heard = t.listen("onCount")
            t.equal(t.emit("onCount", 1, nil, 3).delivered, 2)
            t.equal(heard, { { [1] = 1, [3] = 3 } })
            t.equal(t.state(), { count = 5 })
            t.equal(t.filter("onDouble", 4), 8)
            t.equal(t.execute({ parameters = { a = 1 } }).data, { a = 1 })
            t.equal(t.call("apply", function(v) return v + 1 end, 1), 2)
            t.equal(t.logs(), { { level = "info", text = "counted 5" } })
            t.matches(t.emit("onBreak").failures[1], "broken")
            t.equal(t.swap("2.0.0").to, "2.0.0")
            t.equal(t.rollback().to, "1.0.0")
            t.equal(t.reload().kept, { "count" })
            t.equal(t.configure({ step = 2 }), true)
            t.emit("onCount")
            t.equal(t.call("count"), 7)
            t.call("later")
            t.eventually(function() return t.call("count") == 8 end)
        end
        return T""",
    )
    results = told(await run_tests(folder))
    assert results == {"all": "ok"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            't.equal({ 1, { a = 2 } }, { 1, { a = 3 } }, "shape")',
            "shape: expected { 1, { a = 3 } }, got { 1, { a = 2 } }",
        ),
        ("t.equal({ 1 }, { 1, 2 })", "expected { 1, 2 }, got { 1 }"),
        ("t.equal({ 1, 2 }, { 1 })", "expected { 1 }, got { 1, 2 }"),
        ("t.equal(nil, false)", "expected false, got nil"),
        ("t.truthy(false)", "expected a true value, got false"),
        ('t.falsy("x")', 'expected nil or false, got "x"'),
        ('t.matches("abc", "x")', 'expected a text with "x" in it, got "abc"'),
        ("t.raises(function() end)", "expected an error, and there was none"),
        ('t.raises(function() error("a") end, "b")', 'expected an error with "b" in it, got "counting.lua:2: a"'),
        ('t.call("nothing")', "counter exports no nothing"),
        ("t.eventually(function() end, 20)", "expected it within 20 ms, and it was not so"),
        ('error("oops")', "oops"),
    ],
)
async def test_a_failure_says_what_was_expected_and_where(body: str, message: str, place: Place) -> None:
    folder = write_tests(place, f"return {{ wrong = function(t)\n{body}\nend }}")
    (result,) = await run_tests(folder)
    assert (result.ok, result.line, result.file) == (False, 2, str(folder / "tests" / "counting.lua"))
    assert result.message.replace("theseus_trial/", "") == message


async def test_a_test_without_end_is_ended_and_the_next_one_runs(place: Place) -> None:
    folder = write_tests(
        place, "return { a = function()\nwhile true do end\nend, b = function(t) t.equal(t.call('count'), 0) end }"
    )
    results = told(await run_tests(folder))
    assert results["b"] == "ok"
    assert results["a"].startswith("2: theseus_trial was ended in export start at counting.lua:2")


async def test_a_refusal_is_an_answer(place: Place) -> None:
    folder = write_tests(
        place,
        """return { refused = function(t)
            local report, why = t.swap("9.9.9")
            t.equal(report, nil)
            t.matches(why, "9%.9%.9")
        end }""",
    )
    assert told(await run_tests(folder)) == {"refused": "ok"}


@pytest.mark.parametrize(
    ("body", "message", "line"),
    [
        ("return {\n{", "unexpected symbol", 2),
        ("return 7", "counting.lua returned no table of tests", 0),
        ("return {}", "counting.lua has no tests", 0),
        ("return { speed = 7 }", "counting.lua: speed is a number, and tests are functions", 0),
        ("\nerror('at the top')", "at the top", 2),
        ("return { config = { step = 'x' }, a = function() end }", "refused at $.step", 0),
    ],
)
async def test_a_file_that_cannot_be_used_fails_by_its_name(body: str, message: str, line: int, place: Place) -> None:
    folder = write_tests(place, body)
    write_tests(place, "return { fine = function() end }", "other.lua")
    broken, other = await run_tests(folder)
    assert (broken.name, broken.ok, other.name, other.ok) == ("counting", False, "fine", True)
    assert message in broken.message
    assert broken.line == line or (line and f":{line}:" in broken.message)


async def write_testss_in_folders_below_are_there_to_be_required(place: Place) -> None:
    folder = write_tests(
        place,
        "local two = require('support.numbers')\nreturn { a = function(t) t.equal(two, 2) end }",
    )
    (folder / "tests" / "support").mkdir()
    (folder / "tests" / "support" / "numbers.lua").write_text("return 2")
    assert told(await run_tests(folder)) == {"a": "ok"}


async def test_what_the_module_needs_is_loaded_too(place: Place) -> None:
    folder = write_tests(place, "return { a = function(t) t.equal(t.call('count'), 0) end }")
    (folder / "module.toml").write_text('name = "counter"\nversion = "1.0.0"\n[dependencies]\nwords = "*"\n')
    (result,) = await run_tests(folder)
    assert "words" in result.message
    place.module("words", tier="extensions")
    assert told(await run_tests(folder)) == {"a": "ok"}


async def test_a_pre_release_is_tested_as_it_is(place: Place) -> None:
    folder = write_tests(place, "return { a = function(t) t.equal(t.call('count'), 0) end }")
    place.module("counter", "error('the other version')", "1.0.0", folder="old")
    (folder / "module.toml").write_text('name = "counter"\nversion = "2.0.0-beta.1"\n')
    assert told(await run_tests(folder)) == {"a": "ok"}


async def test_a_module_that_does_not_load_fails_with_its_reason(place: Place) -> None:
    folder = write_tests(place, "return { a = function(t) end }")
    (folder / "init.lua").write_text("error('no good')")
    (result,) = await run_tests(folder)
    assert not result.ok
    assert "no good" in result.message


async def test_what_cannot_be_tested_is_refused_in_a_sentence(place: Place, tmp_path: Path) -> None:
    with pytest.raises(HostError, match="is no module: it should be <tier>/<name>"):
        await run_tests(tmp_path)
    folder = place.module("bare")
    with pytest.raises(HostError, match="has no tests"):
        await run_tests(folder)
    with pytest.raises(HostError, match=r"holds no module.toml"):
        await run_tests(folder.parent / "absent")
    (folder / "module.toml").write_text("name = 7")
    with pytest.raises(ManifestInvalid):
        await run_tests(folder)


async def test_nothing_is_left_behind(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    folder = write_tests(place, "return { a = function(t) t.emit('onCount') end }")
    before = sorted(folder.rglob("*"))
    await run_tests(folder)
    assert (list(scratch.iterdir()), sorted(folder.rglob("*"))) == ([], before)


async def test_a_module_of_otclient_is_tested_in_a_tier_and_elsewhere_told_to_go_there(place: Place) -> None:
    for folder in (place.root / "hello", place.root / "plugins/hello"):
        (folder / "tests").mkdir(parents=True)
        (folder / "hello.otmod").write_text("Module\n  name: hello\n  sandboxed: true\n  scripts: [ hello ]\n")
        (folder / "hello.lua").write_text("greetings = 1\n")
        (folder / "tests/greeting.lua").write_text("return { greets = function(t) t.equal(1, 1) end }\n")
    with pytest.raises(HostError, match="is a module of OTClient in no tier, and is not tested; put it into"):
        await run_tests(place.root / "hello")
    assert told(await run_tests(place.root / "plugins/hello")) == {"greets": "ok"}
