"""Texts that nobody saved run as a swap of the module with itself; the disk keeps what it has until somebody saves."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from host import Host, HostError, SwapFailed
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.events import EventKind
from tests.engine.place import Place, until

SOURCE = """local words = require("lib.words")
local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end, word = function() return words.said end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""
WORDS = 'return {said = "saved"}'
TYPED = {"lib/words.lua": 'return {said = "typed"}'}


async def opened(place: Place, host: Host) -> Path:
    folder = place.module("m", SOURCE)
    (folder / "lib").mkdir()
    (folder / "lib/words.lua").write_text(WORDS)
    await host.rescan()
    await host.load("m")
    await host.emit("add", 5)
    return folder


async def said(host: Host) -> tuple[object, object]:
    return await host.call("m", "word"), await host.call("m", "n")


def truth(host: Host) -> str:
    return host.snapshot().modules["m"].truth


async def test_what_is_typed_runs_with_the_state_and_the_disk_keeps_what_it_has(place: Place) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        report = await host.swap_source("m", TYPED)
        assert (report.module, report.from_version, report.to_version) == ("m", "1.0.0", "1.0.0")
        assert await said(host) == ("typed", 5)
        assert (folder / "lib/words.lua").read_text() == WORDS
        assert host.snapshot().modules["m"].unsaved == ("lib/words.lua",)


async def test_the_truth_line_says_that_what_runs_is_not_on_disk(place: Place) -> None:
    async with place.host(watch=True) as host:
        await opened(place, host)
        assert "typed" not in truth(host)
        await host.swap_source("m", TYPED)
        assert "lib/words.lua runs as it was typed, and not as it lies on disk" in truth(host)
        watch = host.snapshot().engine.watch
        assert (watch.in_step, watch.text) == (False, "Watching 1 folder; what runs of m is not on disk")


async def test_a_rehearsal_tells_and_changes_nothing(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        told = await host.rehearse_source("m", TYPED)
        assert [(each.path, each.change) for each in told.files] == [("lib/words.lua", "changed")]
        assert (told.error, told.kept) == ("", ("n",))
        assert await said(host) == ("saved", 5)
        assert host.snapshot().modules["m"].unsaved == ()


async def test_a_mistake_is_told_by_the_rehearsal_and_refused_by_the_swap(place: Place) -> None:
    broken = {"lib/words.lua": "return {said = }"}
    async with place.host() as host:
        await opened(place, host)
        told = await host.rehearse_source("m", broken)
        assert told.failed_step == "prepare"
        assert "lib/words.lua:1" in told.error
        with pytest.raises(SwapFailed, match=r"lib/words\.lua:1"):
            await host.swap_source("m", broken)
        assert await said(host) == ("saved", 5)
        assert host.snapshot().modules["m"].unsaved == ()


async def test_it_can_be_taken_back_and_done_again(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.swap_source("m", TYPED)
        typed = (await host.history("m"))[0]
        assert (typed.kind, typed.files) == ("scratch", ("lib/words.lua",))
        await host.rollback("m")
        assert await said(host) == ("saved", 5)
        assert "typed" not in truth(host)
        await host.rollback("m", typed.id)
        assert await said(host) == ("typed", 5)
        assert "runs as it was typed" in truth(host)


async def test_the_next_save_on_disk_takes_its_place(place: Place) -> None:
    async with place.host(watch=True) as host:
        folder = await opened(place, host)
        events = host.events()
        await host.swap_source("m", TYPED)
        await until(events, EventKind.SWAP_COMMITTED, "m")
        (folder / "lib/words.lua").write_text('return {said = "saved later"}')
        await until(events, EventKind.SWAP_COMMITTED, "m")
        assert await said(host) == ("saved later", 5)
        assert "typed" not in truth(host)


async def test_a_look_at_the_folders_alone_leaves_it_running(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.swap_source("m", TYPED)
        await host.rescan()
        assert await said(host) == ("typed", 5)


async def test_a_reload_brings_back_what_lies_on_disk(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.swap_source("m", TYPED)
        await host.reload("m")
        assert await said(host) == ("saved", 5)
        assert host.snapshot().modules["m"].unsaved == ()


async def test_a_save_writes_what_was_typed_and_nothing_else(place: Place) -> None:
    async with place.host(watch=True) as host:
        folder = await opened(place, host)
        (folder / "lib/words.lua").chmod(0o640)
        before = sorted(folder.rglob("*"))
        await host.swap_source("m", TYPED)
        assert await host.save_source("m") == ("lib/words.lua",)
        assert (folder / "lib/words.lua").read_text() == TYPED["lib/words.lua"]
        assert (folder / "lib/words.lua").stat().st_mode & 0o777 == 0o640
        assert (folder / "init.lua").read_text() == SOURCE
        assert sorted(folder.rglob("*")) == before
        assert "typed" not in truth(host)
        assert host.snapshot().engine.watch.in_step


async def test_a_save_over_what_somebody_else_saved_writes_nothing(place: Place) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        await host.swap_source("m", TYPED)
        (folder / "lib/words.lua").write_text("-- of somebody else")
        with pytest.raises(HostError, match="nothing was written"):
            await host.save_source("m")
        assert (folder / "lib/words.lua").read_text() == "-- of somebody else"
        assert host.snapshot().modules["m"].unsaved == ("lib/words.lua",)


async def test_a_save_goes_on_where_one_was_cut_short(place: Place) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        await host.swap_source("m", TYPED | {"init.lua": SOURCE + " -- typed"})
        (folder / "init.lua").write_text(SOURCE + " -- typed")
        assert await host.save_source("m") == ("init.lua", "lib/words.lua")
        assert (folder / "lib/words.lua").read_text() == TYPED["lib/words.lua"]


async def test_a_save_where_the_file_is_gone_writes_nothing(place: Place) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        await host.swap_source("m", TYPED)
        (folder / "lib/words.lua").unlink()
        with pytest.raises(HostError, match="does not exist; nothing was written"):
            await host.save_source("m")


async def test_a_save_through_a_link_writes_the_file_that_it_leads_to(place: Place) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        (folder / "real.lua").write_text(WORDS)
        (folder / "lib/words.lua").unlink()
        (folder / "lib/words.lua").symlink_to(folder / "real.lua")
        await host.swap_source("m", TYPED)
        await host.save_source("m")
        assert (folder / "lib/words.lua").is_symlink()
        assert (folder / "real.lua").read_text() == TYPED["lib/words.lua"]


async def test_typed_over_twice_the_first_text_of_the_disk_is_what_a_save_takes_the_place_of(place: Place) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        await host.swap_source("m", TYPED)
        await host.swap_source("m", {"lib/words.lua": 'return {said = "again"}'})
        assert await said(host) == ("again", 5)
        await host.save_source("m")
        assert (folder / "lib/words.lua").read_text() == 'return {said = "again"}'


async def test_typed_back_to_what_the_disk_has_nothing_is_unsaved(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.swap_source("m", TYPED)
        await host.swap_source("m", {"lib/words.lua": WORDS})
        assert host.snapshot().modules["m"].unsaved == ()
        with pytest.raises(HostError, match="there is nothing to save"):
            await host.save_source("m")


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"other.lua": "x"}, "has no file 'other.lua'"),
        ({"../m/init.lua": "x"}, "has no file"),
        ({"module.toml": "x"}, "has no file"),
        ({"lib/words.lua": WORDS}, "runs with these texts already"),
        ({"lib/words.lua": "-" * (4 << 20) + "-"}, "larger than 4 MiB"),
        ({}, "no text was given"),
    ],
)
async def test_texts_that_cannot_run_are_refused(place: Place, texts: dict[str, str], reason: str) -> None:
    async with place.host() as host:
        await opened(place, host)
        for act in (host.swap_source, host.rehearse_source):
            with pytest.raises(HostError, match=reason):
                await act("m", texts)
        assert await said(host) == ("saved", 5)


async def test_what_is_no_text_is_a_mistake_of_the_caller(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        with pytest.raises(TypeError, match=r"Host\.swap_source: texts must be a mapping"):
            await host.swap_source("m", {"init.lua": b"x"})  # type: ignore[dict-item]  # what is tested
        with pytest.raises(HostError, match="a probation lasts"):
            await host.swap_source("m", TYPED, probation=-1)
        with pytest.raises(ModuleUnknown):
            await host.swap_source("nobody", TYPED)


async def test_of_a_module_of_otclient_a_script_is_typed_over_and_not_what_is_made_of_its_manifest(
    place: Place,
) -> None:
    folder = place.root / "plugins/hello"
    folder.mkdir(parents=True)
    (folder / "hello.otmod").write_text("Module\n  name: hello\n  scripts: [ hello ]\n  @onLoad: greet()\n")
    (folder / "hello.lua").write_text('function greet() host.log.info("saved") end')
    async with place.host() as host:
        await host.load("hello")
        entry = host.parts.roster.get("hello").manifest.entry
        await host.swap_source("hello", {"hello.lua": 'function greet() host.log.info("typed") end'})
        assert any(line.text == "typed" for line in host.chronicle.log_since(0))
        with pytest.raises(HostError, match="has no file"):
            await host.swap_source("hello", {entry: "return {}"})


async def test_after_a_restart_the_disk_runs_and_the_history_has_what_was_typed(place: Place) -> None:
    async with place.host() as host:
        await opened(place, host)
        await host.swap_source("m", TYPED)
    async with place.host(restore=True) as host:
        assert await said(host) == ("saved", 5)
        typed = next(row for row in await host.history("m") if row.kind == "scratch")
        await host.rollback("m", typed.id)
        assert await said(host) == ("typed", 5)
        assert "runs as it was typed" in truth(host)


async def test_a_rehearsal_of_typed_texts_tells_why_there_can_be_no_configuration(place: Place) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        (folder / "config.schema.json").write_text("[")
        told = await host.rehearse_source("m", TYPED)
        assert told.failed_step == "check"
        assert "config.schema.json" in told.error


async def test_a_full_disk_leaves_each_file_whole_and_says_what_to_do(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with place.host() as host:
        folder = await opened(place, host)
        await host.swap_source("m", TYPED)

        def full(_file: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(HostError, match=r"whole, the old one or the new; make room and save again"):
            await host.save_source("m")
        monkeypatch.undo()
        assert (folder / "lib/words.lua").read_text() == WORDS
        await host.save_source("m")
        assert (folder / "lib/words.lua").read_text() == TYPED["lib/words.lua"]
