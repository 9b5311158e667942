"""The fs module beside links, kills and permissions that come and go."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import psutil
import pytest

from host import Host
from host.lifecycle.native_code import NativeCode, read_sources
from host.trust.opening import held
from tests.engine.place import Place, lines, until_logged
from tests.modules.bundled import MANIFESTS, ROOT
from tests.modules.test_spool_native import files_at_most

LUA: Final = 'local fs = require("fs")\nreturn { exports = { call = function(name, ...) return fs[name](...) end } }'
MORE: Final = """
[dependencies]
fs = "*"
[permissions]
"fs.read" = ["data/**"]
"fs.write" = ["data/**"]
"""


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    place.module("ana", LUA, more=MORE)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("ana")
        await host.grant("ana")
        yield host


@pytest.fixture
def folder(place: Place) -> Path:
    own = place.data / "modules" / "ana"
    own.mkdir(parents=True)
    return own


async def test_a_link_that_leads_out_is_refused_and_its_target_untouched(
    host: Host, place: Place, folder: Path
) -> None:
    outside = place.root.parent / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (folder / "file").symlink_to(outside / "secret")
    (folder / "folder").symlink_to(outside)
    for path in ("data/file", "data/folder/secret"):
        for call in (("read", path), ("write", path, "x"), ("append", path, "x"), ("copy", path, "data/copy")):
            nothing, why = await host.call("ana", "call", *call)
            assert nothing is None
            assert "permission denied" in why
    assert await host.call("ana", "call", "glob", "data/**secret") == {}
    assert await host.call("ana", "call", "rm", "data/file") is True, "the link itself"
    assert (outside / "secret").read_text() == "secret"


async def test_an_append_that_the_disk_takes_a_part_of_leaves_the_file_as_it_was(host: Host, folder: Path) -> None:
    (folder / "log").write_text("before")
    with files_at_most(3000):
        answer = await host.call("ana", "call", "append", "data/log", "x" * 5000)
    assert answer == (None, "data/log: file too large")
    assert (folder / "log").read_text() == "before"
    assert await host.call("ana", "call", "append", "data/log", " after") is True
    assert (folder / "log").read_text() == "before after"


async def test_removing_a_folder_follows_no_link(host: Host, place: Place, folder: Path) -> None:
    outside = place.root.parent / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (folder / "tree").mkdir()
    (folder / "tree" / "link").symlink_to(outside)
    assert await host.call("ana", "call", "rmr", "data/tree") == 2
    assert (outside / "kept").read_text() == "kept"


def test_a_write_that_the_disk_refuses_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    manifest = next(each for each in MANIFESTS if each.name == "fs")
    code = NativeCode(manifest, read_sources(manifest))
    members = code.run()
    code.close()
    file = tmp_path / "a"
    file.write_text("old")
    with held(str(file)) as place:
        with files_at_most(10), pytest.raises(OSError, match="File too large"):
            members["put_whole"](place, b"x" * 100)
        assert [each.name for each in tmp_path.iterdir()] == ["a"]
        assert file.read_text() == "old"
        members["put_whole"](place, b"new")
    assert file.read_text() == "new"


def made(file: Path, mode: int) -> None:
    file.touch()
    file.chmod(mode)


def rights(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def test_a_file_keeps_its_rights_and_a_new_one_is_the_user_s_alone(host: Host, folder: Path) -> None:
    made(folder / "old", 0o644)
    await host.call("ana", "call", "write", "data/old", "y")
    await host.call("ana", "call", "write", "data/new", "y")
    assert (rights(folder / "old"), rights(folder / "new")) == (0o644, 0o600)


async def test_what_is_withdrawn_is_refused_at_the_next_use(host: Host) -> None:
    assert await host.call("ana", "call", "write", "data/a", "x") is True
    await host.revoke("ana", {"fs.write": ["data/**"]})
    nothing, why = await host.call("ana", "call", "write", "data/a", "y")
    assert nothing is None
    assert why.startswith("permission denied: ana may not use fs.write for 'data/a'")
    assert await host.call("ana", "call", "read", "data/a") == "x"


async def test_a_pipe_is_no_file_and_waits_for_nobody(host: Host, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    nothing, why = await host.call("ana", "call", "read", "data/pipe")
    assert (nothing, why) == (None, "data/pipe: is no plain file")
    assert (await host.call("ana", "call", "stat", "data/pipe"))["kind"] == "other"


MOVER: Final = """
[dependencies]
fs = "*"
[permissions]
"fs.read" = ["data/**"]
"fs.write" = ["data/**", "~/*"]
"""


async def test_what_may_not_be_read_is_not_moved_to_where_it_may(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "private").mkdir(parents=True)
    (home / "private" / "secret").write_text("secret")
    (home / "note").write_text("note")
    monkeypatch.setenv("HOME", str(home))
    place.module("mover", LUA, more=MOVER)
    async with Host([place.root, ROOT], place.data) as host:
        await host.load("mover")
        await host.grant("mover")
        assert await host.call("mover", "call", "write", "data/a", "x") is True
        for source in ("~/private", "~/note"):
            nothing, why = await host.call("mover", "call", "move", source, "data/taken")
            assert nothing is None
            assert "permission denied: mover may not use fs.read" in why
        assert await host.call("mover", "call", "move", "data/a", "~/b") is True
    assert (home / "private" / "secret").read_text() == "secret"
    assert sorted(each.name for each in home.iterdir()) == ["b", "note", "private"]


async def test_a_folder_moves_with_all_in_it(host: Host, folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "c").write_text("x")
    assert await host.call("ana", "call", "move", "data/a", "data/z") is True
    assert (folder / "z" / "b" / "c").read_text() == "x"


async def test_a_glob_takes_names_and_folders_and_many_stars_at_once(host: Host, folder: Path) -> None:
    (folder / "deep").mkdir()
    for name in ("one.txt", "deep/two.txt", "deep/[x]", "a" * 200):
        (folder / name).write_text("")
    before = time.process_time()
    assert await host.call("ana", "call", "glob", "data/" + "a*" * 12 + "b") == {}
    assert time.process_time() - before < 5, "tried one by one, it is hours"
    for pattern, found in {
        "data/*.txt": ["data/one.txt"],
        "data/**.txt": ["data/deep/two.txt", "data/one.txt"],
        "data/*/t?o.txt": ["data/deep/two.txt"],
        "data/deep?two.txt": [],
        "data/**[x]": ["data/deep/[x]"],
    }.items():
        assert list((await host.call("ana", "call", "glob", pattern)) or []) == found, pattern
    _, why = await host.call("ana", "call", "glob", "data/" + "?" * 5000)
    assert why.endswith("?: the pattern has more than 4,096 characters")


WATCHER: Final = """
local fs = require("fs")
local watch
return { exports = {
    begin = function(path)
        local why
        watch, why = fs.watch(path, function(at, kind) print(kind .. " " .. at) end)
        return watch ~= nil, why
    end,
    stop = function() return watch.cancel() end,
} }
"""


@pytest.fixture
async def watcher(host: Host, place: Place) -> Host:
    place.module("eva", WATCHER, more=MORE)
    await host.rescan()
    await host.load("eva")
    await host.grant("eva")
    (place.data / "modules" / "eva").mkdir(parents=True)
    return host


async def test_what_changes_in_a_folder_is_told(watcher: Host, place: Place) -> None:
    folder = place.data / "modules" / "eva"
    (folder / "old").write_text("x")
    assert await watcher.call("eva", "begin", "data/.") == (True, None)
    (folder / "new").write_text("x")
    await until_logged(watcher.chronicle, "created data/./new")
    (folder / "beside").write_text("other")
    (folder / "beside").rename(folder / "new")
    await until_logged(watcher.chronicle, "changed data/./new")
    (folder / "old").unlink()
    await until_logged(watcher.chronicle, "removed data/./old")
    assert await watcher.call("eva", "stop") is True
    assert await watcher.call("eva", "stop") is False


async def test_what_changes_of_a_file_is_told_also_when_it_comes_back(watcher: Host, place: Place) -> None:
    file = place.data / "modules" / "eva" / "file"
    file.write_text("x")
    await watcher.call("eva", "begin", "data/file")
    file.unlink()
    await until_logged(watcher.chronicle, "removed data/file")
    file.write_text("y")
    await until_logged(watcher.chronicle, "created data/file")


@pytest.mark.parametrize("end", ["unload", "revoke"])
async def test_nothing_is_watched_for_who_is_gone_or_may_not(end: str, watcher: Host, place: Place) -> None:
    file = place.data / "modules" / "eva" / "file"
    file.write_text("x")
    await watcher.call("eva", "begin", "data/file")
    before = open_files()
    if end == "unload":
        await watcher.unload("eva")
        assert open_files() < before
        return
    await watcher.revoke("eva")
    file.write_text("other")
    async with asyncio.timeout(10):
        while not any("is no longer watched: permission denied" in each for each in lines(watcher.chronicle)):
            await watcher.chronicle.newer_than(watcher.chronicle.revision, 10)
    assert open_files() < before


def open_files() -> int:
    return psutil.Process().num_fds()


async def test_what_cannot_be_watched_is_said(watcher: Host) -> None:
    assert await watcher.call("eva", "begin", "data/none") == (False, "data/none: no such file or directory")
    nothing, why = await watcher.call("eva", "begin", "/etc")
    assert (nothing, why.startswith("permission denied")) == (False, True)
