from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from host.discovery.watcher import Watcher, matters
from tests.discovery.module_folders import write_module

PATIENCE = 5.0


class Told:
    """What a watcher told, in the order of telling."""

    def __init__(self) -> None:
        self.bursts: asyncio.Queue[frozenset[Path]] = asyncio.Queue()

    async def next(self) -> frozenset[Path]:
        return await asyncio.wait_for(self.bursts.get(), PATIENCE)

    async def until(self, path: Path) -> set[Path]:
        """All that is told up to the burst with a path."""
        seen: set[Path] = set()
        while path not in seen:
            seen |= await self.next()
        return seen


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path / "modules", "chat")


@pytest.fixture
async def watcher(folder: Path, told: Told) -> AsyncIterator[Watcher]:
    watching = Watcher([folder.parents[1]], told.bursts.put_nowait, look=0.05)
    watching.start()
    yield watching
    watching.stop()


@pytest.mark.usefixtures("watcher")
async def test_a_saved_file_is_told_once(folder: Path, told: Told) -> None:
    (folder / "init.lua").write_text("return 1\n")
    assert await told.next() == {folder / "init.lua"}
    assert told.bursts.empty()


@pytest.mark.usefixtures("watcher")
async def test_an_atomic_save_is_told_by_the_file_that_it_replaces(folder: Path, told: Told) -> None:
    fresh = folder / ".init.lua.tmp"
    fresh.write_text("return 1\n")
    fresh.replace(folder / "init.lua")
    assert await told.next() == {folder / "init.lua"}


@pytest.mark.usefixtures("watcher")
async def test_a_renamed_file_is_told_by_both_names(folder: Path, told: Told) -> None:
    (folder / "init.lua").rename(folder / "main.lua")
    assert await told.until(folder / "main.lua") == {folder / "init.lua", folder / "main.lua"}


@pytest.mark.usefixtures("watcher")
async def test_a_file_moved_in_from_elsewhere_is_told(folder: Path, told: Told, tmp_path: Path) -> None:
    (tmp_path / "new.lua").write_text("return 1\n")
    (tmp_path / "new.lua").rename(folder / "init.lua")
    assert await told.next() == {folder / "init.lua"}


@pytest.mark.usefixtures("watcher")
async def test_files_saved_together_are_told_together(folder: Path, told: Told) -> None:
    files = {folder / f"part{at}.lua" for at in range(20)}
    for file in files:
        file.write_text("return 1\n")
    assert await told.next() == files


async def test_a_stream_of_changes_is_told_though_it_never_rests(folder: Path, told: Told) -> None:
    watcher = Watcher([folder.parents[1]], told.bursts.put_nowait, quiet=0.1, longest=0.3)
    watcher.start()
    began = time.monotonic()
    while told.bursts.empty() and time.monotonic() < began + PATIENCE:
        (folder / "init.lua").write_text(str(time.monotonic()))
        await asyncio.sleep(0.01)  # the rhythm of the stream, not a wait for something
    watcher.stop()
    assert 0.25 < time.monotonic() - began < 1.0


@pytest.mark.usefixtures("watcher")
async def test_what_concerns_no_module_is_not_told(folder: Path, told: Told) -> None:
    (folder / "init.lua").read_text()
    os.utime(folder / "init.lua")
    (folder / "init.lua").chmod(0o600)
    for name in (".init.lua.swp", "init.lua~", "4913", ".#init.lua", "#init.lua#", "init.lua.tmp", "README.md"):
        (folder / name).write_text("x")
        (folder / name).unlink()
    for hidden in (".git", "__pycache__"):
        (folder / hidden).mkdir()
        (folder / hidden / "x.lua").write_text("x")
        shutil.rmtree(folder / hidden)
    (folder / "last.lua").write_text("x")
    assert await told.until(folder / "last.lua") == {folder / "last.lua"}


@pytest.mark.usefixtures("watcher")
async def test_folders_that_come_move_and_go_are_told_and_files_in_new_ones_too(folder: Path, told: Told) -> None:
    lib = folder / "lib"
    lib.mkdir()
    assert lib in await told.next()
    (lib / "util.lua").write_text("return 1\n")
    assert await told.next() == {lib / "util.lua"}
    lib.rename(folder / "library")
    assert {lib, folder / "library"} <= await told.until(folder / "library")
    (folder / "library" / "util.lua").write_text("return 2\n")
    assert await told.next() == {folder / "library" / "util.lua"}
    shutil.rmtree(folder / "library")
    assert folder / "library" in await told.until(folder / "library")


async def test_a_root_that_is_not_there_yet_is_watched_when_it_comes(tmp_path: Path, told: Told) -> None:
    root = tmp_path / "later"
    watcher = Watcher([root], told.bursts.put_nowait, look=0.02)
    watcher.start()
    folder = write_module(root, "chat")
    await told.until(root)
    (folder / "init.lua").write_text("return 1\n")
    await told.until(folder / "init.lua")
    watcher.stop()


@pytest.mark.usefixtures("watcher")
async def test_a_root_that_goes_and_comes_back_is_told_and_watched_again(folder: Path, told: Told) -> None:
    root = folder.parents[1]
    for _ in range(3):
        shutil.rmtree(root)
        await told.until(root)
        write_module(root, "chat")
        await told.until(root)
        (folder / "init.lua").write_text("return 1\n")
        await told.until(folder / "init.lua")


@pytest.mark.usefixtures("watcher")
async def test_a_root_that_is_replaced_by_another_folder_is_told_and_watched(folder: Path, told: Told) -> None:
    root = folder.parents[1]
    write_module(root.with_name("other"), "chat")
    root.rename(root.with_name("old"))
    root.with_name("other").rename(root)
    await told.until(root)
    (folder / "init.lua").write_text("return 1\n")
    await told.until(folder / "init.lua")


async def test_a_watcher_that_stopped_tells_nothing_and_leaves_no_thread(folder: Path, told: Told) -> None:
    before = set(threading.enumerate())
    watcher = Watcher([folder.parents[1], folder.parents[1] / "gone"], told.bursts.put_nowait, quiet=0.0)
    watcher.start()
    (folder / "init.lua").write_text("return 1\n")
    await told.next()
    (folder / "init.lua").write_text("return 2\n")
    watcher.stop()
    assert set(threading.enumerate()) == before
    (folder / "init.lua").write_text("return 3\n")
    watcher.stop()
    for _ in range(100):
        await asyncio.sleep(0)
    assert told.bursts.empty()


async def test_two_names_for_one_root_are_one(folder: Path, told: Told) -> None:
    root = folder.parents[1]
    watcher = Watcher([root, root / "plugins" / ".."], told.bursts.put_nowait)
    assert watcher.roots == (root,)


@pytest.mark.usefixtures("watcher")
async def test_a_change_is_told_a_moment_after_the_quiet_period(folder: Path, told: Told) -> None:
    waits = []
    for at in range(15):
        began = time.perf_counter()
        (folder / "init.lua").write_text(f"return {at}\n")
        await told.next()
        waits.append(time.perf_counter() - began)
    assert statistics.median(waits) < 0.025 + 0.015


@pytest.mark.parametrize(
    ("relative", "folder", "expected"),
    [
        ("/plugins/chat/init.lua", False, True),
        ("/plugins/chat/module.toml", False, True),
        ("/plugins/chat/config.schema.json", False, True),
        ("/client/client.otmod", False, True),
        ("/plugins/chat", True, True),
        ("", True, True),
        ("/plugins/chat/README.md", False, False),
        ("/plugins/.git", True, False),
        ("/plugins/.git/x.lua", False, False),
        ("/plugins/chat/__pycache__/x.json", False, False),
    ],
)
def test_what_matters_is_told_by_the_path(relative: str, folder: bool, expected: bool) -> None:  # noqa: FBT001  # a column of the table
    assert matters(relative, folder=folder) is expected


LIMITED = """
import asyncio, sys, threading
from pathlib import Path
from host.discovery.watcher import Watcher

async def main():
    root = Path(sys.argv[2])
    Path("/proc/sys/user", sys.argv[1]).write_text(sys.argv[3])
    told = asyncio.Queue()
    watcher = Watcher([root], told.put_nowait)
    watcher.start()
    print(watcher.limited)
    (root / "plugins" / "chat" / "new.lua").write_text("return 1")
    print(*await asyncio.wait_for(told.get(), 10))
    watcher.stop()
    print(threading.active_count())

asyncio.run(main())
"""


@pytest.mark.skipif(
    subprocess.run(["unshare", "--user", "--map-root-user", "true"], check=False, capture_output=True).returncode != 0
    if shutil.which("unshare")
    else True,
    reason="needs a user namespace, which has limits of its own",
)
@pytest.mark.parametrize(
    ("limit", "number", "reason"),
    [
        ("max_inotify_watches", "0", "inotify watch limit reached"),
        ("max_inotify_watches", "2", "inotify watch limit reached"),
        ("max_inotify_instances", "0", "inotify instance limit reached"),
    ],
)
def test_where_the_system_allows_no_watch_the_folders_are_polled_and_it_is_said(
    folder: Path, limit: str, number: str, reason: str
) -> None:
    root = folder.parents[1]
    program = [sys.executable, "-c", LIMITED, limit, str(root), number]
    result = subprocess.run(
        ["unshare", "--user", "--map-root-user", *program], check=False, capture_output=True, text=True, timeout=30
    )
    assert result.stderr == ""
    said, found, threads = result.stdout.splitlines()
    assert said == (
        f"{root} cannot be watched ({reason}), so changes are looked for every 1 s; "
        "raise fs.inotify.max_user_watches and max_user_instances to see them at once"
    )
    assert found == str(folder / "new.lua")
    assert threads == "1"
