from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest

from host import Host
from host.discovery import cache as cache_module
from host.discovery.cache import MOST_SETS, ManifestCache
from host.discovery.reading import COARSE_NS, SETTLED_NS, Refused
from host.discovery.repository import Readings, Repository, scan
from tests.discovery.module_folders import all_problems, write_module
from tests.discovery.test_otclient_folders import CHECKOUT, write_otmod

ROOT: Final = Path(__file__).parents[2]

COUNTED: Final = """
import asyncio, json, sys
from host import Host

opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)

async def main(modules, data):
    async with Host([modules], data) as host:
        read = [each for each in map(str, opened) if each.endswith((".toml", ".otmod"))]
        found = host.snapshot()
        print(json.dumps({"read": len(read), "found": len(found.modules), "problems": len(found.problems)}))

asyncio.run(main(*sys.argv[1:]))
"""
"""A start of a host that tells how many manifests were opened, by Python's own account of each ``open``."""


def started(modules: Path, data: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, modules, data], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def aged(*folders: Path, seconds: float = 60.5) -> None:
    """Set the times of manifests back, as far as a user can: that this happened shows in another time."""
    for folder in folders:
        file = next(each for each in folder.iterdir() if each.suffix in {".toml", ".otmod"})
        before = time.time() - seconds
        os.utime(file, (before, before))


def settle(*folders: Path) -> None:
    """Wait until a change of these manifests would show in their times."""
    newest = max(file.stat().st_ctime_ns for folder in folders for file in folder.iterdir())
    deadline = time.monotonic() + 5
    while time.time_ns() <= newest + SETTLED_NS and time.monotonic() < deadline:
        os.sched_yield()


def kept(data: Path) -> Readings:
    return ManifestCache(data, []).read()


def keep(repository: Repository, data: Path) -> Readings:
    ManifestCache(data, []).write(repository.readings)
    return kept(data)


def test_a_second_start_reads_no_manifest(tmp_path: Path) -> None:
    modules, data = tmp_path / "modules", tmp_path / "data"
    folders = [write_module(modules, f"m{at:02}") for at in range(20)]
    folders.append(write_module(modules, "broken", "one"))
    folders.append(write_module(modules, "base", tier="core", more='[dependencies]\nm01 = "*"\n'))
    folders.append(write_otmod(modules / "game_battle", "game_battle"))
    settle(*folders)
    assert started(modules, data) == {"read": 23, "found": 23, "problems": 2}
    assert started(modules, data) == {"read": 0, "found": 23, "problems": 2}
    write_module(modules, "m07", "1.0.1")
    assert started(modules, data) == {"read": 1, "found": 23, "problems": 2}


def test_what_is_kept_is_what_was_read(tmp_path: Path) -> None:
    more = 'authors = ["Ana"]\n[dependencies]\nlog = { version = "^1.0", optional = true }\n[limits]\ncall = "50 ms"\n'
    chat = write_module(tmp_path / "m", "chat", more=more)
    broken = write_module(tmp_path / "m", "broken", more="autoload = 3\n")
    settle(chat, broken)
    repository = scan([tmp_path / "m", CHECKOUT])
    again = scan([tmp_path / "m", CHECKOUT], keep(repository, tmp_path))
    assert again.modules == repository.modules
    assert again.refused == repository.refused
    assert [problem.line for problem in all_problems(again)] == [3]


def test_a_kept_manifest_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "m", "chat")
    settle(folder)
    known = keep(scan([tmp_path / "m"]), tmp_path)
    assert scan([tmp_path / "m"], known).modules[0] is known[str(folder / "module.toml")].said


@pytest.mark.parametrize("change", ["longer", "same size", "same size and time", "replaced", "mended"])
def test_a_manifest_that_changed_is_read_again(tmp_path: Path, change: str) -> None:
    folder = write_module(tmp_path / "m", "chat", "one" if change == "mended" else "1.0.0")
    settle(folder)
    known = keep(scan([tmp_path / "m"]), tmp_path)
    file = folder / "module.toml"
    before = file.stat()
    text = 'name = "chat"\nversion = "2.0.0"\n' + "# longer\n" * (change == "longer")
    if change == "replaced":
        (folder / "new").write_text(text)
        (folder / "new").replace(file)
    else:
        file.write_text(text)
    if change in {"same size and time", "replaced"}:
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [str(each.key) for each in scan([tmp_path / "m"], known).modules] == ["chat 2.0.0"]


def test_a_manifest_that_was_only_touched_is_read_and_not_parsed_again(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "m", "chat")
    settle(folder)
    known = keep(scan([tmp_path / "m"]), tmp_path)
    aged(folder)
    settle(folder)
    again = scan([tmp_path / "m"], known)
    assert again.modules[0] is known[str(folder / "module.toml")].said
    assert again.readings != known


def test_a_manifest_of_this_moment_is_not_kept_for_the_next_change_may_not_show(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "m", "chat")
    stays = write_module(tmp_path / "m", "stays")
    settle(folder, stays)
    write_module(tmp_path / "m", "chat", "1.0.1")
    assert list(keep(scan([tmp_path / "m"]), tmp_path)) == [str(stays / "module.toml")]


def test_times_in_whole_seconds_are_trusted_only_later(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "m", "chat")
    file = folder / "module.toml"
    whole = time.time_ns() // 10**9 * 10**9 - 10**9
    os.utime(file, ns=(whole, whole))
    settle(folder)
    assert file.stat().st_ctime_ns + COARSE_NS > time.time_ns()
    assert keep(scan([tmp_path / "m"]), tmp_path) == {}


def test_what_is_gone_is_forgotten(tmp_path: Path) -> None:
    stays, goes = (write_module(tmp_path / "m", name) for name in ("stays", "goes"))
    settle(stays, goes)
    known = keep(scan([tmp_path / "m"]), tmp_path)
    (goes / "module.toml").unlink()
    now = scan([tmp_path / "m"], known)
    assert now.names == ("stays",)
    assert list(keep(now, tmp_path)) == [str(stays / "module.toml")]


def test_a_folder_that_became_another_tier_is_read_anew(tmp_path: Path) -> None:
    folder = write_otmod(tmp_path / "core" / "chat", "chat")
    settle(folder)
    known = keep(scan([tmp_path]), tmp_path / "core")
    inner = scan([tmp_path / "core"], known)
    assert [manifest.tier for manifest in inner.modules] == ["plugins"]


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "foreign", "folder", "pipe"])
def test_a_file_that_is_damaged_is_a_cold_start(tmp_path: Path, damage: str) -> None:
    folder = write_module(tmp_path / "m", "chat")
    settle(folder)
    assert keep(scan([tmp_path / "m"]), tmp_path)
    file = ManifestCache(tmp_path, []).file
    data = file.read_bytes()
    file.unlink()
    match damage:
        case "cut":
            file.write_bytes(data[:-1])
        case "flipped":
            file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        case "empty":
            file.touch()
        case "foreign":
            file.write_bytes(b"SQLite format 3\0" * 64)
        case "folder":
            file.mkdir()
        case _:
            os.mkfifo(file)
    assert kept(tmp_path) == {}
    assert scan([tmp_path / "m"], kept(tmp_path)).names == ("chat",)


def test_a_damaged_file_is_replaced_by_the_next_start(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "m", "chat")
    settle(folder)
    ManifestCache(tmp_path, []).file.write_bytes(b"nonsense")
    assert len(keep(scan([tmp_path / "m"]), tmp_path)) == 1


def test_what_another_version_of_the_host_kept_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_module(tmp_path / "m", "chat")
    settle(folder)
    assert keep(scan([tmp_path / "m"]), tmp_path)
    monkeypatch.setattr(cache_module, "HOST_VERSION", "99.0.0")
    cache_module.maker.cache_clear()
    assert kept(tmp_path) == {}
    monkeypatch.undo()
    cache_module.maker.cache_clear()
    assert len(kept(tmp_path)) == 1


def test_where_nothing_can_be_written_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "m", "chat")
    settle(folder)
    assert keep(scan([tmp_path / "m"]), tmp_path / "gone") == {}
    assert not (tmp_path / "gone").exists()
    (tmp_path / "file").touch()
    assert keep(scan([tmp_path / "m"]), tmp_path / "file") == {}


def test_a_folder_whose_name_is_no_text_is_found_and_not_kept(tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/m\xff"))
    folder = write_module(odd, "chat")
    settle(folder)
    repository = scan([odd])
    assert repository.names == ("chat",)
    assert keep(repository, tmp_path) == {}
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith("manifests")] == []


def test_an_unchanged_repository_is_not_written_again(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "m", "chat")
    settle(folder)
    first = ManifestCache(tmp_path, [])
    first.write(scan([tmp_path / "m"]).readings)
    before = ManifestCache(tmp_path, []).file.stat()
    second = ManifestCache(tmp_path, [])
    second.write(scan([tmp_path / "m"], second.read()).readings)
    assert ManifestCache(tmp_path, []).file.stat() == before


def test_two_that_write_at_once_leave_what_one_of_them_wrote(tmp_path: Path) -> None:
    names = [write_module(tmp_path / root, name) for root in "ab" for name in ("one", "two")]
    settle(*names)
    repositories = [scan([tmp_path / root]) for root in "ab"]
    program = (
        "import sys; from pathlib import Path; from host.discovery.cache import ManifestCache;"
        "from host.discovery.repository import scan; readings = scan([Path(sys.argv[1])]).readings\n"
        "for _ in range(200): ManifestCache(Path(sys.argv[2]), []).write(readings)"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, tmp_path / root, tmp_path], cwd=ROOT) for root in "ab"]
    while any(writer.poll() is None for writer in writers):
        found = kept(tmp_path)
        assert found == {} or found in [repository.readings for repository in repositories]
    assert [writer.returncode for writer in writers] == [0, 0]
    assert len(kept(tmp_path)) == 2


async def test_a_rescan_while_the_host_runs_is_kept_when_it_ends(tmp_path: Path) -> None:
    modules, data = tmp_path / "modules", tmp_path / "data"
    settle(write_module(modules, "chat"))
    async with Host([modules], data) as host:
        folder = write_module(modules, "talk")
        settle(folder)
        await host.rescan()
    found = ManifestCache(data, [modules]).read()
    assert {Path(file).parent.name for file in found} == {"chat", "talk"}
    assert not any(isinstance(reading.said, Refused) for reading in found.values())


def test_each_set_of_roots_keeps_its_own_and_the_last_few_sets_remain(tmp_path: Path) -> None:
    roots = [tmp_path / f"root{at}" for at in range(MOST_SETS + 1)]
    settle(*(write_module(root, "chat") for root in roots))
    for root in roots:
        ManifestCache(tmp_path, [root]).write(scan([root]).readings)
    assert [len(ManifestCache(tmp_path, [root]).read()) for root in roots] == [0] + [1] * MOST_SETS
    assert len(list(tmp_path.glob("manifests*"))) == MOST_SETS
