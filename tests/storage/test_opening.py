"""From a folder to a store: made, locked, mended, upgraded, or refused with everything as it was."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from host.storage import Checkpoint, Store, memory_store, open_store
from host.storage.lock import LOCK_NAME
from host.storage.opening import DATABASE_NAME
from host.storage.schema import MIGRATIONS, SCHEMA_VERSION, schema_version, upgrade
from host.vocabulary.errors import HostBusy, StorageUnavailable
from host.vocabulary.marker import open_marker

SAVES_THEN_WAITS = """
import sys
from pathlib import Path
from host.storage import Checkpoint, open_store
store = open_store(Path(sys.argv[1]))
store.checkpoints.save(Checkpoint(module="chat", version="2.1.0", digest="d", state=b"kept", at=1.0))
print("saved", flush=True)
sys.stdin.read()
"""


def saved(folder: Path, state: bytes = b"kept") -> None:
    with closing(open_store(folder)) as store:
        store.checkpoints.save(Checkpoint(module="chat", version="2.1.0", digest="d", state=state, at=1.0))


def state_of_chat(store: Store) -> bytes | None:
    found = store.checkpoints.of("chat")
    return found.state if found else None


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has saved a checkpoint and holds the folder."""
    child = subprocess.Popen(
        [sys.executable, "-c", SAVES_THEN_WAITS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "saved\n"
    yield child
    child.kill()
    child.communicate()


def test_a_missing_folder_is_made_for_its_user_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    open_store(folder).close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / DATABASE_NAME).is_file()


def test_what_was_saved_is_there_the_next_time(tmp_path: Path) -> None:
    saved(tmp_path)
    with closing(open_store(tmp_path)) as store:
        assert state_of_chat(store) == b"kept"
        assert store.notice == ""


def test_the_database_writes_ahead(tmp_path: Path) -> None:
    saved(tmp_path)
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_checkpoint_survives_a_kill_right_after_it_was_saved(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    assert holder.wait(20) == -signal.SIGKILL
    with closing(open_store(tmp_path)) as store:
        assert state_of_chat(store) == b"kept"


def test_a_second_host_is_refused_with_the_pid_of_the_first(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(HostBusy) as refused:
        open_store(tmp_path)
    assert refused.value.pid == holder.pid
    assert str(tmp_path) in str(refused.value)


def test_a_second_store_in_one_process_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)), pytest.raises(HostBusy) as refused:
        open_store(tmp_path)
    assert refused.value.pid == os.getpid()
    open_store(tmp_path).close()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
def test_a_second_host_is_refused_though_the_lock_file_is_gone(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    """It made another file and locked that, and two hosts wrote into one folder."""
    (tmp_path / LOCK_NAME).unlink()
    for _ in range(2):  # the first try leaves an empty file behind
        with pytest.raises(HostBusy):
            open_store(tmp_path)
    holder.kill()
    holder.wait(20)
    open_store(tmp_path).close()


def test_where_the_lock_file_does_not_tell_whose_it_is_the_crash_marker_does(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)):
        open_marker(tmp_path)
        (tmp_path / LOCK_NAME).unlink()
        with pytest.raises(HostBusy) as refused:
            open_store(tmp_path)
    assert refused.value.pid == os.getpid()


@pytest.mark.skipif(sys.platform == "win32", reason="the file is locked there anyway")
def test_on_a_file_system_that_locks_no_folder_the_file_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")
    locks = fcntl.flock

    def as_nfs(descriptor: int, how: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, "Bad file descriptor")
        locks(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", as_nfs)
    with closing(open_store(tmp_path)), pytest.raises(HostBusy) as refused:
        open_store(tmp_path)
    assert refused.value.pid == os.getpid()


def test_a_lock_file_with_garbage_of_a_dead_host_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / LOCK_NAME).write_text("x" * 100)
    open_store(tmp_path).close()
    assert (tmp_path / LOCK_NAME).read_text() == str(os.getpid())


@pytest.mark.parametrize("content", [b"not a database, " * 500, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_database_is_set_aside_and_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(content)

    with closing(open_store(tmp_path)) as store:
        store.checkpoints.save(Checkpoint(module="chat", version="1", digest="d", state=b"new", at=1.0))
        assert state_of_chat(store) == b"new"
        (aside,) = tmp_path.glob(f"{DATABASE_NAME}.corrupt-*")
        assert aside.read_bytes() == content
        assert aside.name in store.notice

    with closing(open_store(tmp_path)) as store:
        assert store.notice == ""


def test_a_page_damaged_in_the_middle_is_found_at_the_start(tmp_path: Path) -> None:
    saved(tmp_path, b"x" * 50_000)
    file = tmp_path / DATABASE_NAME
    content = bytearray(file.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    file.write_bytes(content)

    with closing(open_store(tmp_path)) as store:
        assert "damaged" in store.notice
        assert state_of_chat(store) is None


def test_two_damaged_databases_within_a_second_are_both_kept(tmp_path: Path) -> None:
    for content in (b"first " * 500, b"second " * 500):
        (tmp_path / DATABASE_NAME).write_bytes(content)
        open_store(tmp_path).close()
    kept = {file.read_bytes() for file in tmp_path.glob(f"{DATABASE_NAME}.corrupt-*")}
    assert kept == {b"first " * 500, b"second " * 500}


def test_a_database_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    saved(tmp_path)
    file = tmp_path / DATABASE_NAME
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 6}")
    before = file.read_bytes()

    with pytest.raises(StorageUnavailable) as refused:
        open_store(tmp_path)

    assert f"schema {SCHEMA_VERSION + 6}" in str(refused.value)
    assert "update theseus-host" in str(refused.value)
    assert file.read_bytes() == before
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    with closing(open_store(tmp_path)) as store:
        assert state_of_chat(store) == b"kept"


def test_a_database_of_every_earlier_version_is_brought_to_this_one(tmp_path: Path) -> None:
    for version in range(SCHEMA_VERSION):
        folder = tmp_path / str(version)
        folder.mkdir()
        with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection:
            upgrade(connection, MIGRATIONS[:version])
            assert schema_version(connection) == version
        saved(folder)
        with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection:
            assert schema_version(connection) == SCHEMA_VERSION


def test_an_upgrade_keeps_what_the_version_before_had_stored() -> None:
    first = "CREATE TABLE words (word TEXT)"
    second = "ALTER TABLE words ADD COLUMN length INTEGER; UPDATE words SET length = length(word)"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        upgrade(connection, [first])
        connection.execute("INSERT INTO words VALUES ('plank')")
        upgrade(connection, [first, second])
        assert connection.execute("SELECT word, length FROM words").fetchall() == [("plank", 5)]
        assert schema_version(connection) == 2


def test_an_upgrade_that_fails_half_way_leaves_the_version_before() -> None:
    first = "CREATE TABLE words (word TEXT)"
    broken = "ALTER TABLE words ADD COLUMN length INTEGER; INSERT INTO nowhere VALUES (1)"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="nowhere"):
            upgrade(connection, [first, broken])
        assert schema_version(connection) == 1
        connection.execute("INSERT INTO words VALUES ('one column only')")


def test_a_file_in_the_way_is_refused_in_one_sentence(tmp_path: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("mine")
    for folder in (in_the_way, in_the_way / "below"):
        with pytest.raises(StorageUnavailable) as refused:
            open_store(folder)
        sentence = str(refused.value)
        assert sentence.startswith(f"{folder} cannot keep the host's data: ")
        assert "\n" not in sentence
        assert "make it writable, or use another --data" in sentence
    assert in_the_way.read_text() == "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_folder_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(StorageUnavailable, match="/proc/x"):
        open_store(Path("/proc/x"))


def test_a_folder_in_the_place_of_the_database_is_refused_and_the_lock_free_again(tmp_path: Path) -> None:
    (tmp_path / DATABASE_NAME).mkdir()
    with pytest.raises(StorageUnavailable, match=DATABASE_NAME):
        open_store(tmp_path)
    (tmp_path / DATABASE_NAME).rmdir()
    open_store(tmp_path).close()


@pytest.fixture
def no_longer_root() -> Iterator[None]:
    """Where tests run as root, whom no folder refuses, act as nobody."""
    mine = os.geteuid()
    if mine == 0:
        os.seteuid(65534)
    yield
    os.seteuid(mine)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
@pytest.mark.usefixtures("no_longer_root")
def test_a_read_only_folder_is_refused_and_its_database_untouched() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        saved(folder)
        (folder / LOCK_NAME).unlink()
        before = (folder / DATABASE_NAME).read_bytes()
        folder.chmod(0o500)
        with pytest.raises(StorageUnavailable, match="permission denied"):
            open_store(folder)
        folder.chmod(0o700)
        assert (folder / DATABASE_NAME).read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX's")
@pytest.mark.usefixtures("no_longer_root")
def test_a_read_only_database_in_a_writable_folder_is_refused() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        saved(folder)
        (folder / DATABASE_NAME).chmod(0o400)
        with pytest.raises(StorageUnavailable, match="readonly"):
            open_store(folder)


def test_the_store_in_memory_remembers_until_it_is_closed() -> None:
    with closing(memory_store()) as store:
        store.checkpoints.save(Checkpoint(module="chat", version="1", digest="d", state=b"new", at=1.0))
        assert state_of_chat(store) == b"new"
        assert store.data == ""


def test_a_store_in_memory_knows_what_was_written_last_and_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    saved(tmp_path, b"old")
    with closing(open_store(tmp_path)) as store:
        store.checkpoints.save(Checkpoint(module="chat", version="2.1.0", digest="d", state=b"new", at=2.0))
        left = files_of(tmp_path)
        assert left[f"{DATABASE_NAME}-wal"], "as after a kill"
        with closing(memory_store(tmp_path)) as copy:
            assert state_of_chat(copy) == b"new"
            copy.checkpoints.forget("chat")
        assert files_of(tmp_path) == left


@pytest.mark.parametrize("garbled", [b"", b"no database", bytes(10_000)])
def test_a_store_in_memory_is_empty_where_nothing_can_be_read(tmp_path: Path, garbled: bytes) -> None:
    (tmp_path / DATABASE_NAME).write_bytes(garbled)
    with closing(memory_store(tmp_path)) as store:
        assert state_of_chat(store) is None
    assert files_of(tmp_path) == {DATABASE_NAME: garbled}


def test_a_store_in_memory_is_empty_where_a_newer_version_wrote_the_database(tmp_path: Path) -> None:
    saved(tmp_path)
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as newer:
        newer.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    with closing(memory_store(tmp_path)) as store:
        assert state_of_chat(store) is None


def files_of(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if not file.name.endswith("-shm")}
