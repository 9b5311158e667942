"""A saved file is live with the old state, however it was saved; a mistake is refused and the last good runs on.

Where nothing must happen, another module is saved after it, and its reload shows that the first was looked at.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host import Host, HostError
from host.vocabulary.errors import ModuleUnknown
from host.vocabulary.events import Event, EventKind
from host.vocabulary.states import Status
from host.vocabulary.views import ProblemView
from tests.engine.place import DEADLINE, Place, kinds, lines, until

SOURCE = """local M = {n = 0}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end, word = function() return "WORD" end}
function M:getState() return {n = self.n} end
function M:setState(state) self.n = state.n end
return M"""


def saying(word: str) -> str:
    return SOURCE.replace("WORD", word)


class Watched:
    """A module under watch, its file, and one beside it to save for comparison."""

    def __init__(self, place: Place, host: Host) -> None:
        self.host = host
        self.events: AsyncIterator[Event] = host.events()
        self.file = place.root / "plugins/m/init.lua"
        self.manifest = self.file.with_name("module.toml")
        self._beside = place.root / "plugins/beside/init.lua"
        self._saves = 0

    async def word(self) -> object:
        return await self.host.call("m", "word")

    async def reloaded(self, word: str) -> Event:
        event = await until(self.events, EventKind.SWAP_COMMITTED, "m")
        assert await self.word() == word
        assert await self.host.call("m", "n") == 5, "the state is the old one"
        return event

    async def refused(self) -> Event:
        event = await until(self.events, EventKind.RELOAD_REFUSED, "m")
        assert await self.word() == "first"
        assert await self.host.call("m", "n") == 5
        return event

    async def nothing_happened(self) -> None:
        before = kinds(self.host.chronicle, "m")
        self._saves += 1
        self._beside.write_text(f"return {{}} -- {self._saves}")
        await until(self.events, EventKind.SWAP_COMMITTED, "beside")
        assert kinds(self.host.chronicle, "m") == before

    @property
    def problems(self) -> tuple[ProblemView, ...]:
        return self.host.snapshot().problems


@pytest.fixture
async def watched(place: Place) -> AsyncIterator[Watched]:
    place.module("m", saying("first"))
    place.module("beside")
    async with place.host(watch=True) as host:
        await host.load_all({"m": "", "beside": ""})
        await host.emit("add", 5)
        yield Watched(place, host)


async def test_a_file_that_is_written(watched: Watched) -> None:
    watched.file.write_text(saying("second"))
    event = await watched.reloaded("second")
    assert event.pause_s is not None
    assert "reloaded with its state" in event.text


async def test_a_file_that_replaces_the_old_one(watched: Watched) -> None:
    fresh = watched.file.with_name(".init.lua.swp~")
    fresh.write_text(saying("second"))
    os.replace(fresh, watched.file)  # noqa: PTH105 - as editors do it
    await watched.reloaded("second")


async def test_a_file_that_is_moved_in_from_elsewhere(watched: Watched, tmp_path: Path) -> None:
    fresh = tmp_path / "elsewhere.lua"
    fresh.write_text(saying("second"))
    fresh.replace(watched.file)
    await watched.reloaded("second")


async def test_a_file_that_is_truncated_and_written_piece_by_piece(watched: Watched) -> None:
    text = saying("second")
    with watched.file.open("w") as file:
        file.write(text[:40])
        file.flush()
        await watched.nothing_happened()
        file.write(text[40:])
    await watched.reloaded("second")


async def test_a_file_left_half_written_is_refused_until_it_is_whole(watched: Watched) -> None:
    watched.file.write_text(saying("second")[:60])
    event = await watched.refused()
    assert "init.lua:2" in event.error
    watched.file.write_text(saying("second"))
    await watched.reloaded("second")
    assert watched.problems == ()


async def test_an_empty_file_is_refused(watched: Watched) -> None:
    watched.file.write_text("")
    assert "must return a table" in (await watched.refused()).error


async def test_a_file_deleted_and_made_again_at_once(watched: Watched) -> None:
    watched.file.unlink()
    watched.file.write_text(saying("second"))
    await watched.reloaded("second")
    assert EventKind.RELOAD_REFUSED not in kinds(watched.host.chronicle)


async def test_a_file_deleted_is_refused_until_it_is_there_again(watched: Watched) -> None:
    watched.file.unlink()
    event = await watched.refused()
    assert "init.lua does not exist" in event.error
    watched.file.write_text(saying("first"))
    await watched.nothing_happened()
    assert watched.problems == ()


async def test_a_touch_is_ignored(watched: Watched) -> None:
    os.utime(watched.file)
    os.chmod(watched.file, 0o600)  # noqa: PTH101 - beside utime
    await watched.nothing_happened()


async def test_what_has_not_changed_is_ignored(watched: Watched) -> None:
    watched.file.write_text(saying("first"))
    await watched.nothing_happened()


async def test_a_mistake_names_its_file_and_line_and_goes_with_it(watched: Watched) -> None:
    watched.file.write_text(saying("second").replace("\nreturn M", "\nreturn M +"))
    event = await watched.refused()
    assert event.text.startswith("the newest save of m was refused: m/init.lua:")
    (problem,) = watched.problems
    assert (problem.module, problem.file, problem.line) == ("m", str(watched.file), 6)
    view = watched.host.snapshot()
    assert "the newest save has a mistake on line 6" in view.modules["m"].truth
    assert view.modules["m"].status is Status.ACTIVE
    assert not view.engine.watch.in_step
    watched.file.write_text(saying("second"))
    await watched.reloaded("second")
    assert watched.problems == ()
    assert watched.host.snapshot().engine.watch.in_step


async def test_a_mistake_taken_back_is_settled_without_a_reload(watched: Watched) -> None:
    watched.file.write_text("return")
    await watched.refused()
    watched.file.write_text(saying("first"))
    await watched.nothing_happened()
    assert watched.problems == ()


async def test_the_same_mistake_saved_again_is_told_once(watched: Watched) -> None:
    watched.file.write_text("return")
    await watched.refused()
    watched.file.write_text("return")
    await watched.nothing_happened()
    assert len(watched.problems) == 1


async def test_a_save_whose_init_fails_is_refused(watched: Watched) -> None:
    watched.file.write_text(saying("second").replace("\nreturn M", "\nfunction M:init() error('no') end\nreturn M"))
    event = await watched.refused()
    assert "init.lua:6: no" in event.error


async def test_a_broken_manifest_is_refused_with_its_line_and_goes_when_mended(watched: Watched) -> None:
    good = watched.manifest.read_text()
    watched.manifest.write_text(good + "verzion = 3\n")
    event = await watched.refused()
    assert "module.toml:3" in event.text
    assert any(problem.line == 3 for problem in watched.problems)
    watched.manifest.write_text(good)
    assert "module.toml:3" in (await until(watched.events, EventKind.PROBLEM_GONE, "m")).text
    await watched.nothing_happened()
    assert watched.problems == ()


async def test_code_saved_while_the_manifest_is_broken_is_live_with_the_mended_manifest(watched: Watched) -> None:
    good = watched.manifest.read_text()
    watched.manifest.write_text("name =")
    await watched.refused()
    watched.file.write_text(saying("second"))
    await watched.refused()
    watched.manifest.write_text(good)
    await watched.reloaded("second")


async def test_a_version_changed_in_place_is_a_swap_to_it(watched: Watched) -> None:
    watched.manifest.write_text('name = "m"\nversion = "1.1.0"\n')
    watched.file.write_text(saying("second"))
    await watched.reloaded("second")
    assert watched.host.snapshot().modules["m"].version == "1.1.0"


async def test_a_name_changed_in_place_is_refused_and_the_module_runs_on(watched: Watched) -> None:
    watched.manifest.write_text('name = "other"\nversion = "1.0.0"\n')
    event = await watched.refused()
    assert "other" in event.text
    assert "\n" not in event.text
    assert watched.host.snapshot().modules["m"].status is Status.ACTIVE


async def test_a_version_that_others_do_not_take_is_refused(place: Place) -> None:
    folder = place.module("m", saying("first"))
    place.module("dependent", more='[dependencies]\nm = "^1.0"\n')
    async with place.host(watch=True) as host:
        await host.load("dependent")
        events = host.events()
        (folder / "module.toml").write_text('name = "m"\nversion = "2.0.0"\n')
        event = await until(events, EventKind.RELOAD_REFUSED, "m")
        assert "dependent" in event.text
        assert await host.call("m", "word") == "first"


async def test_a_file_of_its_own_that_is_required(watched: Watched) -> None:
    library = watched.file.parent / "lib" / "words.lua"
    library.parent.mkdir()
    library.write_text('return "second"')
    watched.file.write_text(SOURCE.replace('"WORD"', 'require("lib.words")'))
    await watched.reloaded("second")
    library.write_text('return "third"')
    await watched.reloaded("third")


async def test_a_file_that_nothing_requires_must_be_sound_all_the_same(watched: Watched) -> None:
    (watched.file.parent / "unused.lua").write_text("return +")
    assert "unused.lua:1" in (await watched.refused()).error


@pytest.mark.parametrize("name", ["tests/check.lua", "notes.txt", ".hidden.lua", "init.lua~", "__pycache__/x.lua"])
async def test_files_that_are_none_of_its_code_are_ignored(watched: Watched, name: str) -> None:
    other = watched.file.parent / name
    other.parent.mkdir(exist_ok=True)
    other.write_text("return +")
    await watched.nothing_happened()


async def test_of_many_saves_the_last_is_live(watched: Watched) -> None:
    for number in range(100):
        watched.file.write_text(saying(f"save {number}"))
    watched.file.write_text(saying("last"))
    while await watched.word() != "last":
        await until(watched.events, EventKind.SWAP_COMMITTED, "m")
    assert await watched.host.call("m", "n") == 5


async def test_a_new_version_that_appears_is_found_and_can_be_swapped_to(place: Place) -> None:
    place.module("m", saying("first"), folder="1")
    async with place.host(watch=True) as host:
        await host.load("m")
        events = host.events()
        place.module("m", saying("second"), "2.0.0", folder="2")
        assert (await until(events, EventKind.MODULE_FOUND, "m")).version == "2.0.0"
        view = host.snapshot().modules["m"]
        assert [each.version for each in view.versions] == ["2.0.0", "1.0.0"]
        assert view.version == "1.0.0"
        assert "2.0.0 is there too" in view.truth
        await host.swap("m", "2.0.0")
        assert await host.call("m", "word") == "second"


async def test_a_module_that_appears_can_be_loaded(place: Place) -> None:
    async with place.host(watch=True) as host:
        events = host.events()
        place.module("late", saying("first"))
        await until(events, EventKind.MODULE_FOUND, "late")
        await host.load("late")
        assert await host.call("late", "word") == "first"


async def test_a_module_whose_folder_goes_runs_on_and_says_so(watched: Watched) -> None:
    shutil.rmtree(watched.file.parent)
    await until(watched.events, EventKind.MODULE_GONE, "m")
    assert await watched.word() == "first"
    host = watched.host
    view = host.snapshot().modules["m"]
    assert (view.status, view.version) == (Status.ACTIVE, "1.0.0")
    assert "its files are gone from disk" in view.truth
    since = host.parts.chronicle.revision
    assert "m" in {each.name for each in host.parts.picture.changes(0).modules}
    await host.unload("m")
    assert "m" not in host.snapshot().modules
    assert "m" in host.parts.picture.changes(since).gone


async def test_a_folder_that_goes_and_comes_back_is_watched_again(watched: Watched) -> None:
    folder = watched.file.parent
    aside = folder.with_name(".aside")
    folder.rename(aside)
    await until(watched.events, EventKind.MODULE_GONE, "m")
    (aside / "init.lua").write_text(saying("second"))
    aside.rename(folder)
    await watched.reloaded("second")


async def test_one_that_is_not_reloadable_runs_on_and_says_so_in_its_log(place: Place) -> None:
    folder = place.module("m", saying("first"), more="reloadable = false\n")
    place.module("beside")
    async with place.host(watch=True) as host:
        await host.load_all({"m": "", "beside": ""})
        await host.emit("add", 5)
        (folder / "init.lua").write_text(saying("second"))
        await Watched(place, host).nothing_happened()
        assert await host.call("m", "word") == "first"
        assert any("reloadable = false" in line for line in lines(host.chronicle, "m"))


async def test_a_module_that_is_not_loaded_stays_unloaded(place: Place) -> None:
    folder = place.module("m", saying("first"))
    place.module("beside")
    async with place.host(watch=True) as host:
        await host.load("beside")
        (folder / "init.lua").write_text(saying("second"))
        await Watched(place, host).nothing_happened()
        assert list(host.parts.roster.active) == ["beside"]


async def test_those_saved_together_are_reloaded_dependencies_first(place: Place) -> None:
    place.module("zz_base", saying("first"))
    place.module("a_top", saying("first"), more='[dependencies]\nzz_base = "*"\n')
    async with place.host(watch=True) as host:
        await host.load("a_top")
        events = host.events()
        for name in ("a_top", "zz_base"):
            (place.root / "plugins" / name / "init.lua").write_text(saying("second"))
        order = [(await until(events, EventKind.SWAP_COMMITTED)).module for _ in range(2)]
        assert order == ["zz_base", "a_top"]


async def test_without_watching_a_rescan_does_the_same(place: Place) -> None:
    folder = place.module("m", saying("first"))
    async with place.host() as host:
        await host.load("m")
        (folder / "init.lua").write_text(saying("second"))
        place.module("late")
        assert await host.call("m", "word") == "first"
        await host.rescan()
        assert await host.call("m", "word") == "second"
        assert "late" in host.snapshot().modules
        assert host.snapshot().engine.watch.text == "Not watching"


async def test_a_reload_that_is_asked_for_happens_though_nothing_changed(watched: Watched) -> None:
    report = await watched.host.reload("m")
    assert (report.from_version, report.to_version) == ("1.0.0", "1.0.0")
    await watched.reloaded("first")


async def test_a_reload_of_what_is_broken_or_gone_is_refused_and_the_module_runs_on(watched: Watched) -> None:
    watched.manifest.write_text("name =")
    await watched.refused()
    with pytest.raises(Exception, match=r"module\.toml.*runs on"):
        await watched.host.reload("m")
    assert await watched.word() == "first"


async def test_what_was_rolled_back_stays_so_until_its_next_save(watched: Watched) -> None:
    """A look at all folders brought the save back that was taken back."""
    watched.file.write_text(saying("second"))
    await watched.reloaded("second")
    await watched.host.rollback("m")
    await watched.host.rescan()
    assert await watched.word() == "first"
    view = watched.host.snapshot()
    assert view.modules["m"].truth.endswith("rolled back, and a newer save lies on disk")
    assert not view.engine.watch.in_step
    watched.file.write_text(saying("third"))
    while await watched.word() != "third":
        await until(watched.events, EventKind.SWAP_COMMITTED, "m")
    assert watched.host.snapshot().engine.watch.in_step


async def test_a_save_that_ran_once_runs_again_after_another_was_loaded(place: Place) -> None:
    """It counted as tried already, and the other ran on."""
    folder = place.module("m", saying("first"), folder="1")
    place.module("m", saying("other"), "2.0.0", folder="2")
    async with place.host() as host:
        await host.load("m", "==1.0.0")
        (folder / "init.lua").write_text(saying("again"))
        await host.rescan()
        await host.swap("m", "2.0.0")
        (folder / "init.lua").write_text(saying("between"))
        await host.swap("m", "1.0.0")
        assert await host.call("m", "word") == "between"
        (folder / "init.lua").write_text(saying("again"))
        await host.rescan()
        assert await host.call("m", "word") == "again"


async def test_a_fault_of_the_host_in_one_save_is_told_and_the_next_is_taken_in(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was looked at any more, and all was said to be in step."""
    host, reloading = watched.host, watched.host.parts.reloading
    take_in = reloading.take_in

    async def broken(_paths: object) -> None:
        monkeypatch.setattr(reloading, "take_in", take_in)
        raise RuntimeError("broken")

    monkeypatch.setattr(reloading, "take_in", broken)
    watched.file.write_text(saying("lost"))
    async with asyncio.timeout(DEADLINE):
        while not [each for each in host.snapshot().problems if each.id == "reloading"]:
            await host.chronicle.newer_than(host.chronicle.revision, DEADLINE)
    assert not reloading.view().in_step
    watched.file.write_text(saying("next"))
    await watched.reloaded("next")
    await watched.nothing_happened()
    assert [each.id for each in host.snapshot().problems] == []
    assert reloading.view().in_step


async def test_saves_of_a_module_that_is_not_watched_wait_until_it_is_again(watched: Watched) -> None:
    host = watched.host
    assert host.snapshot().modules["m"].watched
    await host.watch("m", on=False)
    watched.file.write_text(saying("second"))
    await watched.nothing_happened()
    assert await watched.word() == "first"
    view = host.snapshot().modules["m"]
    assert not view.watched
    assert view.truth.endswith("; saves of it are not taken in")
    await host.watch("m")
    await watched.reloaded("second")
    assert host.snapshot().modules["m"].watched


async def test_a_mistake_in_a_save_that_is_not_watched_is_no_problem(watched: Watched) -> None:
    await watched.host.watch("m", on=False)
    watched.file.write_text("return {")
    await watched.nothing_happened()
    assert [each for each in watched.problems if each.id.startswith("reload:")] == []


async def test_where_nothing_is_watched_a_module_cannot_be(place: Place) -> None:
    place.module("m")
    async with place.host() as host:
        await host.load("m")
        assert not host.snapshot().modules["m"].watched
        with pytest.raises(HostError, match="watches no files"):
            await host.watch("m")
        with pytest.raises(ModuleUnknown):
            await host.watch("nobody")


async def test_of_several_whose_files_are_gone_one_is_named_and_the_others_are_counted(watched: Watched) -> None:
    root = watched.file.parents[1]
    for name in ("m", "beside"):
        shutil.rmtree(root / name)
    await watched.host.rescan()
    text = watched.host.snapshot().engine.watch.text
    assert "; the files of " in text
    assert text.endswith(" and 1 other are gone from disk")
