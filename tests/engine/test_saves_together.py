"""One burst of saves: what needs one another changes at once, all or none; what does not holds up nobody."""

from __future__ import annotations

from host import Host
from host.vocabulary.events import EventKind
from tests.engine.place import Place, kinds, lines, until

SAYING = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {word = function() return "WORD" end}
function M:init() INIT end
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""
ASKING = 'print(require("low").word())'


def save(place: Place, name: str, word: str, init: str = "") -> None:
    needs = '[dependencies]\nlow = "*"\n' if name == "high" else ""
    place.module(name, SAYING.replace("WORD", word).replace("INIT", init), more=needs)


def save_all(place: Place, word: str, **inits: str) -> None:
    for name in ("low", "high", "apart"):
        save(place, name, word, inits.get(name, ""))


async def begun(host: Host) -> None:
    await host.load_all({"high": "", "apart": ""})
    await host.emit("add", 5)


async def words(host: Host) -> str:
    for name in ("low", "high", "apart"):
        assert await host.state(name) == {"n": 5}
    return " ".join([str(await host.call(name, "word")) for name in ("low", "high", "apart")])


async def test_what_needs_one_another_changes_at_once(place: Place) -> None:
    save_all(place, "old")
    async with place.host() as host:
        await begun(host)
        save_all(place, "new", high=ASKING)
        await host.rescan()
        assert await words(host) == "new new new"
        assert lines(host.chronicle, "high") == ["new"]


async def test_a_burst_of_the_watcher_is_one_change(place: Place) -> None:
    save_all(place, "old")
    async with place.host(watch=True) as host:
        await begun(host)
        events = host.events()
        save_all(place, "new", high=ASKING)
        await until(events, EventKind.SWAP_COMMITTED, "high")
        assert lines(host.chronicle, "high") == ["new"]


async def test_a_broken_file_holds_back_what_it_is_tied_to_and_nothing_else(place: Place) -> None:
    save_all(place, "old")
    async with place.host() as host:
        await begun(host)
        save_all(place, "new", high='error("broken")')
        await host.rescan()
        assert await words(host) == "old old new"
        problems = {each.module: each.message for each in host.snapshot().problems}
        assert problems.keys() == {"low", "high"}
        assert "high 1.0.0, which goes with it, was refused" in problems["low"]
        assert kinds(host.chronicle, "apart")[-1] is EventKind.SWAP_COMMITTED


async def test_what_was_held_back_comes_with_the_save_that_mends_it(place: Place) -> None:
    save_all(place, "old")
    async with place.host() as host:
        await begun(host)
        save_all(place, "new", high='error("broken")')
        await host.rescan()
        save(place, "high", "newer", ASKING)
        await host.rescan()
        assert await words(host) == "new newer new"
        assert lines(host.chronicle, "high") == ["new"]
        assert host.snapshot().problems == ()


async def test_a_manifest_that_cannot_be_used_holds_back_what_was_saved_with_it(place: Place) -> None:
    save_all(place, "old")
    async with place.host() as host:
        await begun(host)
        save_all(place, "new")
        manifest = place.root / "plugins/high/module.toml"
        whole = manifest.read_text()
        manifest.write_text(whole + "nonsense")
        await host.rescan()
        assert await words(host) == "old old new"
        assert any("it waits for high" in each.message for each in host.snapshot().problems)
        manifest.write_text(whole)
        await host.rescan()
        assert await words(host) == "new new new"
        assert host.snapshot().problems == ()


async def test_what_was_held_back_and_is_as_it_runs_again_is_in_step(place: Place) -> None:
    save_all(place, "old")
    async with place.host() as host:
        await begun(host)
        save_all(place, "new", high='error("broken")')
        await host.rescan()
        save_all(place, "old")
        await host.rescan()
        assert await words(host) == "old old old"
        assert host.snapshot().problems == ()
        save(place, "high", "newer")
        await host.rescan()
        assert [row.kind for row in await host.history("low")] == ["reload", "load"]
