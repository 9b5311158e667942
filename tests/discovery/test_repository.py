from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from host.discovery.listing import listing
from host.discovery.repository import Repository, scan
from tests.discovery.module_folders import all_problems, write_module


def keys(repository: Repository) -> list[str]:
    return [str(manifest.key) for manifest in repository.modules]


def said(repository: Repository) -> list[str]:
    return [f"{problem.file}: {problem.message}" for problem in all_problems(repository)]


@contextmanager
def settled(*folders: Path) -> Iterator[None]:
    """Wait until a change of these folders' manifests would show in their times."""
    newest = max((folder / "module.toml").stat().st_ctime for folder in folders)
    deadline = time.monotonic() + 2
    while time.time() < newest + 0.15 and time.monotonic() < deadline:
        os.sched_yield()
    yield


def test_modules_of_all_tiers_are_found_and_several_versions_lie_side_by_side(tmp_path: Path) -> None:
    write_module(tmp_path, "log", tier="core")
    write_module(tmp_path, "chat", "1.0.0", folder="1.0.0")
    write_module(tmp_path, "chat", "2.1.0", folder="next")
    write_module(tmp_path, "chat", "2.1.0-beta.1", folder="beta")
    repository = scan([tmp_path])
    assert keys(repository) == ["chat 2.1.0", "chat 2.1.0-beta.1", "chat 1.0.0", "log 1.0.0"]
    assert repository.names == ("chat", "log")
    assert [manifest.version for manifest in repository.versions("chat")] == ["2.1.0", "2.1.0-beta.1", "1.0.0"]
    assert all_problems(repository) == ()


def test_versions_are_found_by_name_version_and_folder(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "chat", "1.0.0")
    repository = scan([tmp_path])
    chat = repository.modules[0]
    assert repository.newest("chat") is chat
    assert repository.find("chat", "1.0") is chat
    assert repository.at(folder) is chat
    assert repository.newest("talk") is None
    assert repository.find("chat", "2.0") is None
    assert repository.versions("talk") == ()


def test_a_changed_path_belongs_to_the_innermost_module_folder(tmp_path: Path) -> None:
    outer = write_module(tmp_path, "chat", "1.0.0")
    inner = write_module(tmp_path, "chat", "2.0.0", folder="next")
    broken = write_module(tmp_path, "broken", "one")
    repository = scan([tmp_path])
    assert repository.folder_of(inner / "lib" / "gone.lua") == inner
    assert repository.folder_of(outer / "init.lua") == outer
    assert repository.folder_of(broken / "module.toml") == broken
    assert repository.folder_of(tmp_path / "plugins" / "new" / "init.lua") is None


def test_a_root_that_is_missing_is_one_problem_and_the_others_are_read(tmp_path: Path) -> None:
    write_module(tmp_path / "there", "chat")
    repository = scan([tmp_path / "gone", tmp_path / "there"])
    assert keys(repository) == ["chat 1.0.0"]
    assert said(repository) == [
        f"{tmp_path / 'gone'}: the folder of modules does not exist; make it, or name another with --modules"
    ]


def test_a_root_that_is_a_file_is_one_problem(tmp_path: Path) -> None:
    file = tmp_path / "modules"
    file.touch()
    assert said(scan([file])) == [f"{file}: the folder of modules is a file, and should be a folder"]


def test_a_root_named_twice_is_read_once(tmp_path: Path) -> None:
    write_module(tmp_path, "chat")
    (tmp_path / "link").symlink_to(tmp_path)
    repository = scan([tmp_path, tmp_path / "plugins" / "..", tmp_path / "link"])
    assert keys(repository) == ["chat 1.0.0"]
    assert all_problems(repository) == ()


def test_a_broken_manifest_hinders_no_other_module(tmp_path: Path) -> None:
    write_module(tmp_path, "chat")
    broken = write_module(tmp_path, "broken", more="autoload = 3\nnme = 1\n")
    repository = scan([tmp_path])
    assert keys(repository) == ["chat 1.0.0"]
    assert [(problem.key, problem.line) for problem in all_problems(repository)] == [("autoload", 3), ("nme", 4)]
    assert [refused.folder for refused in repository.refused] == [broken]


def test_a_name_that_is_not_its_folders_is_refused(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "chat", folder="1.0.0")
    (folder / "module.toml").write_text('name = "talk"\nversion = "1.0.0"\n')
    (problem,) = all_problems(scan([tmp_path]))
    assert (problem.line, problem.message) == (1, "is 'talk', but its folder is called 'chat'")


def test_of_two_tiers_with_one_name_the_nearer_to_the_host_stays_and_both_files_are_named(tmp_path: Path) -> None:
    write_module(tmp_path, "chat", "2.0.0", tier="extensions")
    write_module(tmp_path, "chat", "1.0.0", tier="plugins")
    repository = scan([tmp_path])
    assert keys(repository) == ["chat 1.0.0"]
    used, left_out = (tmp_path / tier / "chat" / "module.toml" for tier in ("plugins", "extensions"))
    (message,) = said(repository)
    assert message.startswith(f"{left_out}: a module chat of another tier is also {used}, which is used; this one is")


def test_of_one_version_found_twice_the_first_stays_and_both_files_are_named(tmp_path: Path) -> None:
    first = write_module(tmp_path / "a", "chat", "1.0")
    second = write_module(tmp_path / "b", "chat", "1.0.0")
    repository = scan([tmp_path / "a", tmp_path / "b"])
    assert [manifest.folder for manifest in repository.modules] == [first]
    (message,) = said(repository)
    assert message.startswith(
        f"{second / 'module.toml'}: chat 1.0 is also {first / 'module.toml'}, which is used; this"
    )


@pytest.mark.parametrize("at", ["tier", "module", "version", "manifest"])
def test_a_link_out_of_the_root_is_not_followed_and_is_told(tmp_path: Path, at: str) -> None:
    root, outside = tmp_path / "modules", tmp_path / "outside"
    folder = write_module(outside, "chat", folder="next")
    link, target = {
        "tier": (root / "plugins", outside / "plugins"),
        "module": (root / "plugins" / "chat", outside / "plugins" / "chat"),
        "version": (root / "plugins" / "chat" / "next", folder),
        "manifest": (root / "plugins" / "chat" / "module.toml", folder / "module.toml"),
    }[at]
    link.parent.mkdir(parents=True)
    link.symlink_to(target)
    repository = scan([root])
    assert repository.modules == ()
    assert said(repository) == [
        f"{link}: leads out of the folder of modules, to {target}, and is not followed; copy it here"
    ]


def test_a_link_that_stays_in_the_root_is_followed(tmp_path: Path) -> None:
    write_module(tmp_path, "chat", folder="1.0.0")
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "loop").symlink_to("loop")
    (tmp_path / "plugins" / "chat" / "current").symlink_to("1.0.0")
    repository = scan([tmp_path])
    assert keys(repository) == ["chat 1.0.0"]
    (problem,) = all_problems(repository)
    assert "chat 1.0.0 is also" in problem.message


def test_hidden_folders_are_no_modules(tmp_path: Path) -> None:
    write_module(tmp_path, ".git")
    write_module(tmp_path, "chat", folder=".old")
    repository = scan([tmp_path])
    assert (repository.modules, all_problems(repository)) == ((), ())


@pytest.mark.parametrize("name", ["plugin/chat", "chat"])
def test_a_module_that_lies_in_no_tier_is_told(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    (folder / "module.toml").write_text('name = "chat"\nversion = "1"\n')
    (message,) = said(scan([tmp_path]))
    assert "is no tier, so no module in it is found; tiers are core, plugins, extensions, integrations" in message


def test_a_rescan_tells_what_came_changed_and_went(tmp_path: Path) -> None:
    stays, changes, goes = (write_module(tmp_path, name) for name in ("stays", "changes", "goes"))
    before = scan([tmp_path])
    write_module(tmp_path, "changes", "1.1.0")
    write_module(tmp_path, "comes")
    (goes / "module.toml").unlink()
    found = before.rescan()
    assert [str(each.key) for each in found.added] == ["comes 1.0.0"]
    assert [str(each.key) for each in found.changed] == ["changes 1.1.0"]
    assert [str(each.key) for each in found.removed] == ["goes 1.0.0"]
    assert found.repository.at(stays) == before.at(stays)
    assert before.find("goes", "1.0.0") is not None
    assert found.repository.at(changes) != before.at(changes)


def test_a_rescan_reads_no_manifest_that_is_unchanged(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "chat")
    with settled(folder):
        before = scan([tmp_path])
    assert before.rescan().repository.at(folder) is before.at(folder)


def test_a_rescan_reads_again_what_changed_within_the_clocks_grain(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "chat", "1.0.0")
    before = scan([tmp_path])
    file = folder / "module.toml"
    status = file.stat()
    with file.open("r+") as stream:
        stream.write('name = "chat"\nversion = "2.0.0"\n')
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert keys(before.rescan().repository) == ["chat 2.0.0"]


def test_a_manifest_that_was_mended_is_found_by_a_rescan(tmp_path: Path) -> None:
    folder = write_module(tmp_path, "chat", "one")
    broken = scan([tmp_path])
    write_module(tmp_path, "chat", "1.0.0")
    found = broken.rescan()
    assert [each.folder for each in found.added] == [folder]
    assert all_problems(found.repository) == ()


def test_a_thousand_modules_are_found_within_half_a_second(tmp_path: Path) -> None:
    for at in range(1000):
        write_module(tmp_path, f"m{at:04d}", more='summary = "One of many"\n[dependencies]\nlog = "^1.0"\n')
    began = time.process_time()
    repository = scan([tmp_path])
    assert time.process_time() - began < 0.5
    assert len(repository.modules) == 1000


def test_the_listing_has_every_version_usable_or_not(tmp_path: Path) -> None:
    chat = write_module(tmp_path, "chat", more='[dependencies]\nlog = "^1.0"\n')
    broken = write_module(tmp_path, "broken", "one")
    rows = listing(scan([tmp_path, tmp_path / "gone"]))
    assert [row["name"] for row in rows["modules"]] == ["broken", "chat"]
    assert dict(rows["modules"][1]) == {
        "name": "chat",
        "version": "1.0.0",
        "tier": "plugins",
        "path": str(chat),
        "summary": "",
        "dependencies": {"log": "^1.0"},
        "optional": [],
        "problems": [],
    }
    (problem,) = rows["modules"][0]["problems"]
    assert (problem["key"], problem["line"], problem["file"]) == ("version", 2, str(broken / "module.toml"))
    assert [problem["key"] for problem in rows["problems"]] == ["gone"]
