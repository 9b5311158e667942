"""A rehearsal says what a swap would do, and does none of it."""

from __future__ import annotations

import gc

import pytest

from host import Host, HostError, SwapFailed
from host.lifecycle.instance import Instance
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.states import Status
from host.vocabulary.views import DependentFit, Difference, FileChange
from tests.engine.place import Place, kinds, lines
from tests.swap.counting import LIMITS, OLD, new, place_both

STEPS = "check prepare snapshot init migrate setState validate getState"
OUTWARD = """print("new begins") host.emit("added", 1) host.emit("added", 2) host.after(1, print)
    print(host.filter("shown", "text"), require("store").put("word"))"""
STORE = """local words = {}
return {
    exports = {put = function(word) words[#words + 1] = word return #words end, words = function() return words end},
    hooks = {added = function() print("told") end, shown = function() print("asked") end},
}"""


async def begun(host: Host) -> None:
    await host.load("counting", "==1.0.0")
    await host.emit("add", 5)


async def test_it_tells_the_steps_and_the_state_before_and_after(place: Place) -> None:
    second = new(migrate="state.n = state.n * 2 state.words = 1").replace(
        "return {n = self.n, heard = self.heard}", "return {n = self.n, words = {'a'}}"
    )
    place_both(place, second.replace("hear = function", "listens = function"))
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert " ".join(step.name for step in told.steps) == STEPS
        assert (told.from_version, told.to_version, told.failed_step, told.error) == ("1.0.0", "2.0.0", "", "")
        assert (told.kept, told.changed, told.dropped, told.added) == ((), ("n",), ("heard",), ("words",))
        assert Difference(path="state.n", before="5", after="10") in told.differences
        assert (told.hooks_gained, told.hooks_lost) == (("listens",), ("hear", "listen"))
        assert told.seconds > 0
        assert (told.memory or 0) > 0 < told.memory_before


async def test_nothing_of_it_remains_and_what_runs_notices_nothing(place: Place) -> None:
    paused = OLD.replace("return M", 'function M:pause() print("paused") end return M')
    place_both(place, new(), first=paused)
    async with place.host() as host:
        await begun(host)
        before, happened = host.parts.roster.get("counting"), kinds(host.chronicle)
        await host.rehearse("counting", "2.0.0")
        assert (host.parts.roster.get("counting"), before.status) == (before, Status.ACTIVE)
        assert (kinds(host.chronicle), lines(host.chronicle)) == (happened, [])
        assert await host.state("counting") == {"n": 5, "heard": {}}
        assert (await host.emit("add", 1)).delivered == 1
        assert [row.kind for row in await host.history("counting")] == ["load"]
        gc.collect()
        assert [each for each in gc.get_objects() if isinstance(each, Instance)] == [before]
        assert (await host.swap("counting", "2.0.0")).to_version == "2.0.0"


def pausing(body: str) -> str:
    """The first version, with something to do around a swap."""
    members = f"function M:pause() {body} end function M:resume() host.emit('resumed') end"
    return f"{OLD.removesuffix('return M')} {members} return M"


async def test_a_double_of_what_runs_is_paused_in_its_place(place: Place) -> None:
    """It was not, and a swap that the old version's pause refuses was told as one that would be done."""
    place_both(place, new(), first=pausing('host.emit("saving") self.n = self.n * 10'))
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert " ".join(step.name for step in told.steps) == STEPS.replace("snapshot", "pause snapshot")
        assert Difference(path="state.n", before="5", after="50") in told.differences
        assert (told.error, told.effects) == ("", ("emit saving",))
        assert await host.state("counting") == {"n": 5, "heard": {}}
        await host.swap("counting", "2.0.0")
        assert await host.call("counting", "n") == 50


@pytest.mark.parametrize(
    ("body", "word"),
    [("error('not now')", "not now"), ("do return false, 'not now' end", "not now"), ("while true do end", "20 ms")],
)
async def test_a_pause_that_a_swap_would_fail_in_is_told_and_the_double_resumes(
    place: Place, body: str, word: str
) -> None:
    place_both(place, new(), first=pausing(body))
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert (told.failed_step, word in told.error) == ("pause", True)
        assert told.effects == ("emit resumed",) or "while" in body, "a process of its own is gone by then"
        assert host.snapshot().modules["counting"].faults == 0
        with pytest.raises(SwapFailed) as refusal:
            await host.swap("counting", "2.0.0")
        assert refusal.value.report.failed_step == "pause"


async def test_a_state_that_is_gone_in_the_pause_is_told(place: Place) -> None:
    place_both(place, new(), first=pausing("self.n = print"))
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert (told.failed_step, "state.n is a function" in told.error) == ("snapshot", True)


async def test_a_state_that_is_given_once_only_is_told(place: Place) -> None:
    first = pausing("").replace("return {n", "if self.asked then error('asked') end self.asked = true return {n")
    place_both(place, new(), first=first)
    async with place.host() as host:
        await host.load("counting", "==1.0.0")
        assert (await host.rehearse("counting", "2.0.0")).error == ""
        told = await host.rehearse("counting", "2.0.0")
        assert (told.failed_step, "asked" in told.error) == ("snapshot", True)


async def test_a_double_that_does_not_come_up_is_told_and_the_rest_rehearsed(place: Place) -> None:
    first = pausing("").replace("function M:init()", "function M:init() assert(require('store').put('a') == 1)")
    needs = LIMITS + '[dependencies]\nstore = "*"\n'
    place_both(place, new())
    place.module("counting", first, "1.0.0", folder="1", more=needs)
    place.module("store", STORE)
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert (told.error, " ".join(step.name for step in told.steps)) == ("", STEPS)
        assert "the pause of 1.0.0 was not rehearsed" in told.notes[0]


async def test_an_exclusive_handover_is_rehearsed_with_the_clean_up_before_it(place: Place) -> None:
    exclusive = LIMITS + 'handover = "exclusive"\n'
    place_both(place, new(validate="do return false, 'no' end"), more=exclusive)
    place.module("counting", OLD.replace('print("old went")', 'host.emit("let_go")'), "1.0.0", folder="1", more=LIMITS)
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert (told.failed_step, told.effects) == ("validate", ("emit let_go",))
        assert "cleanup" in [step.name for step in told.steps]
        assert await host.call("counting", "n") == 5
        gc.collect()
        assert len([each for each in gc.get_objects() if isinstance(each, Instance)]) == 1


async def test_the_memory_of_a_version_is_told_where_there_is_one(place: Place) -> None:
    """Once what was read to make a runtime was freed, a small module seemed to hold nothing."""
    place_both(place, new(init="collectgarbage()"))
    place.module("counting", new(entry="collectgarbage()") + " error('none')", "3.0.0", folder="3")
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert (told.memory or 0) > 1000
        assert (await host.rehearse("counting", "3.0.0")).memory is None


async def test_what_it_asks_of_others_is_noted_and_not_done(place: Place) -> None:
    place_both(place, new(init=OUTWARD), more=LIMITS + '[dependencies]\nstore = "*"\n')
    place.module("store", STORE)
    async with place.host() as host:
        await begun(host)
        await host.load("store")
        told = await host.rehearse("counting", "2.0.0")
        assert told.error == ""
        assert told.effects == ("emit added (2 times)", "filter shown", "call store.put")
        assert "answered with nothing" in told.notes[0]
        assert await host.call("store", "words") == {}
        assert lines(host.chronicle) == []


async def test_native_functions_are_not_called(place: Place) -> None:
    native = "def functions(folder):\n    return {'write': lambda: 1 / 0}\n"
    for version, lua in (("1.0.0", "return {}"), ("2.0.0", "host.native.write() return {}")):
        folder = place.module("disk", lua, version, folder=version, tier="core")
        (folder / "native.py").write_text(native)
    async with place.host() as host:
        await host.load("disk", "==1.0.0")
        told = await host.rehearse("disk", "2.0.0")
        assert (told.error, told.effects) == ("", ("native write",))


@pytest.mark.parametrize(
    ("parts", "step", "word"),
    [
        ({"entry": 'error("no entry")'}, "prepare", "no entry"),
        ({"init": 'error("no init")'}, "init", "no init"),
        ({"init": "while true do end"}, "init", "20 ms"),
        ({"migrate": "do return end"}, "migrate", "migrate returned nothing"),
        ({"set_state": 'do return false, "too old" end'}, "setState", "too old"),
        ({"validate": 'do return false, "is empty" end'}, "validate", "is empty"),
    ],
)
async def test_what_a_swap_would_refuse_is_told_with_its_step(
    place: Place, parts: dict[str, str], step: str, word: str
) -> None:
    place_both(place, new(**parts))
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert (told.failed_step, word in told.error) == (step, True)
        assert (told.hooks_gained, told.hooks_lost) == ((), ())
        assert host.snapshot().modules["counting"].faults == 0


async def test_a_version_that_others_refuse_is_told_with_the_further_swaps(place: Place) -> None:
    place_both(place, new())
    for version, needs in (("1.0.0", "^1.0"), ("2.0.0", "*")):
        place.module("desk", version=version, folder=version, more=f'[dependencies]\ncounting = "{needs}"\n')
    async with place.host() as host:
        await begun(host)
        await host.load("desk", "==1.0.0")
        told = await host.rehearse("counting", "2.0.0")
        assert (told.failed_step, "desk" in told.error, dict(told.further)) == ("check", True, {"desk": "2.0.0"})
        together = await host.rehearse({"counting": "2.0.0", "desk": "2.0.0"})
        assert (together.error, [each.module for each in together.others]) == ("", ["desk"])
        assert told.dependents == (DependentFit(module="desk", version="1.0.0", range="^1.0", fits=False),)
        assert together.dependents == (DependentFit(module="desk", version="2.0.0", range="*", fits=True),)


async def test_files_that_differ_are_told_with_how_many_lines_of_them(place: Place) -> None:
    for version, kept, own in (
        ("1.0.0", "-- one\n-- two\n", "old"),
        ("2.0.0", "-- two\n-- three\n-- four\n-- one\n", "new"),
    ):
        folder = place.module("m", version=version, folder=version)
        for path, text in (("same.lua", "return 1"), ("lib.lua", kept), (f"{own}.lua", "-- one line")):
            (folder / path).write_text(text)
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        told = await host.rehearse("m", "2.0.0")
        assert told.files == (
            FileChange(path="lib.lua", change="changed", lines_added=2, lines_removed=0),
            FileChange(path="new.lua", change="added", lines_added=1, lines_removed=0),
            FileChange(path="old.lua", change="removed", lines_added=0, lines_removed=1),
        )
        assert (await host.rehearse("m", "1.0.0")).files == ()


async def test_what_comes_along_is_rehearsed_too(place: Place) -> None:
    needs = LIMITS + '[dependencies]\nneeded = "*"\n'
    place_both(place, new(init='assert(require("needed").word() == "here")'), more=needs)
    needed = place.module("needed", 'return {exports = {word = function() return "here" end}}')
    async with place.host() as host:
        await begun(host)
        told = await host.rehearse("counting", "2.0.0")
        assert (told.error, told.effects) == ("", ())
        assert told.notes == ("needed 1.0.0 would be loaded along with it",)
        (needed / "init.lua").write_text('return {init = function() error("no") end}')
        told = await host.rehearse("counting", "2.0.0")
        assert told.failed_step == "init"
        assert "needed 1.0.0, which goes with it, would be refused" in told.error
        gc.collect()
        assert [each.name for each in gc.get_objects() if isinstance(each, Instance)] == ["counting"]
        assert list(host.parts.roster.active) == ["counting"]


async def test_an_optional_dependent_is_told_as_one(place: Place) -> None:
    for version in ("1.0.0", "1.1.0"):
        place.module("m", version=version, folder=version)
    place.module("desk", more='[dependencies]\nm = { version = "^1.0", optional = true }\n')
    async with place.host() as host:
        await host.load_all({"m": "==1.0.0", "desk": ""})
        (desk,) = (await host.rehearse("m", "1.1.0")).dependents
        assert (desk.module, desk.fits, desk.optional) == ("desk", True, True)


async def test_those_rehearsed_together_see_one_another(place: Place) -> None:
    place_both(place, new())
    text = 'return {init = function() print(require("counting").version()) assert(require("counting").n() == 5) end}'
    for version, lua in (("1.0.0", "return {}"), ("2.0.0", text)):
        place.module("desk", lua, version, folder=version, more='[dependencies]\ncounting = "*"\n')
    async with place.host() as host:
        await begun(host)
        await host.load("desk", "==1.0.0")
        told = await host.rehearse({"desk": "2.0.0", "counting": "2.0.0"})
        assert (told.module, told.error, told.effects) == ("desk", "", ())


async def test_permissions_gained_and_lost_are_told(place: Place) -> None:
    place.module("m", folder="1", more='[permissions]\nexec = ["git"]\nnet = ["a.example.com:443"]\n')
    place.module(
        "m", version="2.0.0", folder="2", more='[permissions]\nnet = ["a.example.com:443", "b.example.com:1"]\n'
    )
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        told = await host.rehearse("m", "2.0.0")
        assert told.permissions_gained == ("net b.example.com:1",)
        assert told.permissions_lost == ("exec git",)


async def test_only_what_is_loaded_and_named_is_rehearsed(place: Place) -> None:
    place_both(place, new())
    async with place.host() as host:
        with pytest.raises(ModuleUnknown):
            await host.rehearse("counting", "2.0.0")
        with pytest.raises(HostError, match="nothing was rehearsed"):
            await host.rehearse({})


async def test_nothing_of_a_native_part_is_run(place: Place) -> None:
    """It was, with the folder of the one that lives, whose files it could change."""
    for version in ("1.0.0", "2.0.0"):
        folder = place.module(
            "note",
            "return {init = function() host.native.write('word') end, exports = {write = host.native.write}}",
            version,
            tier="core",
            folder=version,
        )
        (folder / "native.py").write_text(
            "def functions(folder):\n"
            f"    (folder.parent.parent / 'made by {version}').touch()\n"
            "    return {'write': lambda word: word}\n"
        )
    async with place.host() as host:
        await host.load("note", "==1.0.0")
        told = await host.rehearse("note", "2.0.0")
        assert (told.error, told.effects) == ("", ("native write",))
        assert [each.name for each in place.data.glob("made by *")] == ["made by 1.0.0"]


async def test_a_module_that_needs_what_its_native_part_answers_is_not_said_to_be_refused(place: Place) -> None:
    """The bundled modules of the core were: nothing is no answer to them."""
    for version in ("1.0.0", "2.0.0"):
        lua = "return {init = function() return host.native.open() == true, 'not open' end}"
        folder = place.module("files", lua, version, folder=version, tier="core")
        (folder / "native.py").write_text("def functions(folder):\n    return {'open': lambda: True}\n")
    async with place.host() as host:
        await host.load("files", "==1.0.0")
        told = await host.rehearse("files", "2.0.0")
        assert (told.error, told.failed_step, told.effects) == ("", "", ("native open",))
        assert told.notes[0].startswith("init and what follows was not rehearsed: its native part is not run")
