"""Files through the gate: what a pattern means, and that nothing leads around it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from host.trust import opening
from host.trust.caller import Caller
from host.trust.places import PathUnclear
from host.vocabulary.errors import PermissionDenied
from tests.trust.allowing import Allowing

SECRET = b"secret"


def read(allowing: Allowing, caller: Caller, path: str) -> bytes:
    with allowing.gate.open_read(caller, path) as file:
        return file.read()


def test_what_was_written_to_the_modules_own_folder_is_read_again(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["data/**"], fs_write=["data/**"])
    with allowing.gate.open_write(caller, "data/notes/a.txt", make=True) as file:
        file.write(b"one")
    with allowing.gate.open_write(caller, "data/notes/a.txt", "ab") as file:
        file.write(b"two")
    assert read(allowing, caller, "data/notes/a.txt") == b"onetwo"
    assert (allowing.data / "modules" / "m" / "notes" / "a.txt").stat().st_mode & 0o077 == 0


def test_what_was_not_asked_for_is_denied_and_says_what_to_do(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["data/**"])
    with pytest.raises(
        PermissionDenied, match=r"its manifest does not ask for it; name it there under \[permissions\]"
    ):
        allowing.gate.open_read(caller, "~/notes.txt")


def test_what_was_asked_for_and_not_granted_is_denied_with_the_command(allowing: Allowing) -> None:
    caller = allowing.module(fs_read=["data/**"])
    with pytest.raises(PermissionDenied, match=r"allow it with: theseus grant m --fs\.read 'data/\*\*'$"):
        allowing.gate.open_read(caller, "data/a")
    (use,) = allowing.uses
    assert (use.allowed, use.wanted, use.pattern, use.through) == (False, "data/a", "data/**", "core_module")


def test_a_grant_that_is_taken_back_counts_at_the_next_use(allowing: Allowing) -> None:
    caller = allowing.granted(fs_write=["data/**"])
    allowing.gate.open_write(caller, "data/a").close()
    allowing.policy.grants = ()
    with pytest.raises(PermissionDenied):
        allowing.gate.open_write(caller, "data/a")


def test_both_what_is_asked_and_what_is_granted_have_to_mean_it(allowing: Allowing) -> None:
    caller = allowing.module(fs_write=["data/*.txt"])
    allowing.grant("fs.write", "data/a*")
    allowing.gate.open_write(caller, "data/a.txt").close()
    for path in ("data/b.txt", "data/a.md", "data/aa/a.txt"):
        with pytest.raises(PermissionDenied):
            allowing.gate.open_write(caller, path)


def test_a_denial_goes_before_what_allows(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["~/**"])
    allowing.grant("fs.read", "~/private/**", allowed=False)
    (allowing.home / "private").mkdir()
    (allowing.home / "private" / "a").write_bytes(SECRET)
    with pytest.raises(PermissionDenied, match=r"theseus grant m --fs\.read '~/private/\*\*'"):
        allowing.gate.open_read(caller, "~/private/a")


@pytest.mark.parametrize(
    "path", ["data/../../../home/a", "data/link", "data/folder/a", "~/a", "data/./../m/../../../home/a"]
)
def test_neither_dots_nor_links_lead_out(path: str, allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["data/**"], fs_write=["data/**"])
    own = allowing.data / "modules" / "m"
    own.mkdir(parents=True)
    (allowing.home / "a").write_bytes(SECRET)
    (own / "link").symlink_to(allowing.home / "a")
    (own / "folder").symlink_to(allowing.home)
    with pytest.raises(PermissionDenied):
        allowing.gate.open_read(caller, path)
    with pytest.raises(PermissionDenied):
        allowing.gate.open_write(caller, path)
    assert (allowing.home / "a").read_bytes() == SECRET


def test_a_link_within_what_is_allowed_is_followed(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["data/**"])
    own = allowing.data / "modules" / "m"
    own.mkdir(parents=True)
    (own / "a").write_bytes(b"here")
    (own / "link").symlink_to("a")
    assert read(allowing, caller, "data/link") == b"here"


def test_where_a_link_itself_is_meant_it_is_the_link_that_is_removed(allowing: Allowing) -> None:
    caller = allowing.granted(fs_write=["data/**"])
    own = allowing.data / "modules" / "m"
    own.mkdir(parents=True)
    outside = allowing.home / "a"
    outside.write_bytes(SECRET)
    (own / "link").symlink_to(outside)
    with allowing.gate.at(caller, "fs.write", "data/link", follow=False) as it:
        os.unlink(it.name, dir_fd=it.folder)
    assert not (own / "link").is_symlink()
    assert outside.read_bytes() == SECRET


@pytest.mark.parametrize("path", ["notes.txt", "", "date/a", "data\0/a", "C:/a"])
def test_a_path_without_a_root_is_a_mistake(path: str, allowing: Allowing) -> None:
    with pytest.raises(PathUnclear, match=r"a path begins with data/, module/, ~/ or /"):
        allowing.gate.open_read(allowing.granted(fs_read=["data/**"]), path)


def test_the_hosts_own_files_and_the_data_of_others_are_closed_whatever_is_granted(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["/**"], fs_write=["/**"])
    other = allowing.data / "modules" / "other"
    other.mkdir(parents=True)
    for place in (allowing.data / "theseus.sqlite3", other / "a"):
        place.write_bytes(SECRET)
        with pytest.raises(PermissionDenied, match="closed to all"):
            allowing.gate.open_read(caller, str(place))
        with pytest.raises(PermissionDenied, match="closed to all"):
            allowing.gate.open_write(caller, str(place))


def test_code_can_be_read_where_that_is_granted_and_never_written(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["module/**"], fs_write=["/**", "module/**"])
    folder = caller.manifest.folder
    folder.mkdir(parents=True)
    (folder / "words.txt").write_bytes(b"words")
    assert read(allowing, caller, "module/words.txt") == b"words"
    with pytest.raises(PermissionDenied, match="closed to all"):
        allowing.gate.open_write(caller, "module/init.lua")
    with pytest.raises(PermissionDenied, match="closed to all"):
        allowing.gate.open_write(caller, str(folder / "init.lua"))


def test_only_plain_files_are_opened_and_a_pipe_keeps_nobody_waiting(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["data/**", "/dev/zero"], fs_write=["data/**"])
    own = allowing.data / "modules" / "m"
    (own / "folder").mkdir(parents=True)
    os.mkfifo(own / "pipe")
    for path in ("data/pipe", "data/folder", "/dev/zero", "data/absent"):
        assert refused(partial(allowing.gate.open_read, caller, path))
    for path in ("data/pipe", "data/folder"):
        assert refused(partial(allowing.gate.open_write, caller, path))


def test_what_is_there_is_not_replaced_where_it_must_be_new(allowing: Allowing) -> None:
    caller = allowing.granted(fs_write=["data/**"])
    allowing.gate.open_write(caller, "data/a", "xb").close()
    with pytest.raises(FileExistsError):
        allowing.gate.open_write(caller, "data/a", "xb")


def test_a_link_that_is_swapped_in_after_the_judgement_is_not_followed(allowing: Allowing) -> None:
    caller = allowing.module()
    own = allowing.data / "modules" / "m"
    (own / "folder").mkdir(parents=True)
    outside = allowing.home / "folder"
    outside.mkdir()
    real = allowing.places.real(caller, "data/folder/a", follow=True)
    (own / "folder").rmdir()
    (own / "folder").symlink_to(outside)

    def write() -> None:
        with opening.held(real) as place, opening.open_writing(place, "wb") as file:
            file.write(b"out")

    assert refused(write)
    assert list(outside.iterdir()) == []


def test_whoever_swaps_folders_and_links_all_the_time_gets_nothing_out(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["data/**"], fs_write=["data/**"])
    own = allowing.data / "modules" / "m"
    (own / "folder").mkdir(parents=True)
    (own / "folder" / "a").write_bytes(b"inside")
    (allowing.home / "a").write_bytes(SECRET)
    done = threading.Event()

    def swap() -> None:
        aside, link = own / "aside", own / "folder"
        while not done.is_set():
            link.rename(aside)
            link.symlink_to(allowing.home)
            link.unlink()
            aside.rename(link)

    swapping = threading.Thread(target=swap)
    swapping.start()
    seen: set[bytes | None] = set()
    try:
        while len(allowing.uses) < 2000:
            seen.add(tried(allowing, caller, "data/folder/a"))
    finally:
        done.set()
        swapping.join()
    assert SECRET not in seen
    assert (allowing.home / "a").read_bytes() == SECRET


def refused(act: Callable[[], object]) -> bool:
    """Whether the system refuses something."""
    try:
        act()
    except OSError:
        return True
    return False


def tried(allowing: Allowing, caller: Caller, path: str) -> bytes | None:
    try:
        return read(allowing, caller, path)
    except (OSError, PermissionDenied):
        return None


def test_a_grant_for_some_versions_is_none_for_others(allowing: Allowing) -> None:
    allowing.grant("fs.write", "data/**", versions="^1")
    one = allowing.module(version="1.4.0", fs_write=["data/**"])
    two = allowing.module(version="2.0.0", fs_write=["data/**"])
    allowing.gate.open_write(one, "data/a").close()
    with pytest.raises(PermissionDenied):
        allowing.gate.open_write(two, "data/a")
    assert Path(allowing.data / "modules" / "m" / "a").exists()


def test_a_path_that_is_too_long_is_refused_at_once(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["data/**"])
    for path in (f"data/{'a/' * 500_000}", f"data/{'a' * 1_000_000}"):
        with pytest.raises(PathUnclear):
            allowing.gate.open_read(caller, path)
    assert refused(lambda: allowing.gate.open_read(caller, "data/" + "a" * 300))


def test_a_folder_that_holds_the_hosts_own_cannot_be_moved_away(allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["/**"], fs_write=["/**"])
    for folder in (allowing.data, allowing.code, allowing.data.parent, allowing.data.parents[1]):
        with (
            pytest.raises(PermissionDenied, match="closed to all"),
            allowing.gate.at(caller, "fs.write", str(folder), follow=False),
        ):
            pass
    with allowing.gate.at(caller, "fs.read", str(allowing.data.parent)):
        pass


def test_of_links_that_were_not_asked_for_the_module_learns_nothing(allowing: Allowing) -> None:
    (allowing.home / "secret-name").mkdir()
    (allowing.home / "link").symlink_to(allowing.home / "secret-name")
    own = allowing.data / "modules" / "m"
    own.mkdir(parents=True)
    (own / "link").symlink_to(allowing.home / "secret-name")
    caller = allowing.granted(fs_read=["data/**"])
    for path in ("~/link/a", "/proc/self/cwd/a", "data/../../../home/link/a"):
        with pytest.raises(PermissionDenied) as denied:
            allowing.gate.open_read(caller, path)
        assert "leads to" not in str(denied.value)
        assert "secret-name" not in str(denied.value)
    with pytest.raises(PermissionDenied, match=r"it leads to .*secret-name/a, which its manifest does not ask for"):
        allowing.gate.open_read(caller, "data/link/a")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system shows no processes as files")
@pytest.mark.parametrize(
    "path", ["/proc/self/environ", "/proc/self/mem", "/proc/thread-self/environ", "/proc/1/cmdline"]
)
def test_processes_are_closed_to_all(path: str, allowing: Allowing) -> None:
    caller = allowing.granted(fs_read=["/**"], fs_write=["/**"])
    for opened in (allowing.gate.open_read, allowing.gate.open_write):
        with pytest.raises(PermissionDenied, match="processes, the host's own files"):
            opened(caller, path)
    with allowing.gate.open_read(caller, "/proc/cpuinfo") as file:
        assert file.read(1)
