"""The store's own thread: the loop never waits, order is kept, failures are told once."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from host.storage import Checkpoint, Store, StoreThread, memory_store, open_store
from host.storage.opening import DATABASE_NAME
from host.vocabulary.errors import StorageUnavailable


def checkpoint(state: bytes) -> Checkpoint:
    return Checkpoint(module="chat", version="1.0.0", digest="d", state=state, at=1.0)


def state(store: Store) -> bytes | None:
    found = store.checkpoints.of("chat")
    return found.state if found else None


def save(value: bytes) -> Callable[[Store], None]:
    return lambda store: store.checkpoints.save(checkpoint(value))


def unexpected(failure: StorageUnavailable) -> None:
    pytest.fail(str(failure))


async def test_what_was_posted_is_on_disk_after_a_flush_the_last_one_winning(tmp_path: Path) -> None:
    thread = StoreThread(open_store(tmp_path), unexpected)
    for number in range(50):
        thread.post(save(str(number).encode()))
    await thread.flush()
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as other:
        assert other.execute("SELECT state FROM checkpoints").fetchall() == [(b"49",)]
    await thread.close()


async def test_a_question_sees_all_that_was_posted_before_it() -> None:
    thread = StoreThread(memory_store(), unexpected)
    thread.post(save(b"first"))
    assert await thread.ask(state) == b"first"
    await thread.close()


async def test_the_loop_runs_on_while_the_disk_is_slow() -> None:
    thread = StoreThread(memory_store(), unexpected)
    disk_is_ready = threading.Event()
    thread.post(lambda _store: disk_is_ready.wait(10))
    thread.post(save(b"after"))
    question = asyncio.ensure_future(thread.ask(state))
    await asyncio.sleep(0)
    assert not question.done()
    disk_is_ready.set()
    assert await question == b"after"
    await thread.close()


async def test_a_store_is_used_by_one_thread_alone() -> None:
    thread = StoreThread(memory_store(), unexpected)
    names = {await thread.ask(lambda _store: threading.get_ident()) for _ in range(5)}
    assert len(names) == 1
    assert threading.get_ident() not in names
    await thread.close()


async def test_failures_in_a_row_are_told_once_and_again_after_a_success(tmp_path: Path) -> None:
    told: list[StorageUnavailable] = []
    thread = StoreThread(open_store(tmp_path), told.append)
    await thread.ask(lambda store: store._connection.execute("PRAGMA query_only = ON"))  # noqa: SLF001 - a full disk
    for _ in range(3):
        thread.post(save(b"lost"))
    await thread.flush()
    assert [str(tmp_path) in str(each) for each in told] == [True]
    assert "readonly" in str(told[0])

    await thread.ask(lambda store: store._connection.execute("PRAGMA query_only = OFF"))  # noqa: SLF001 - space again
    thread.post(save(b"kept"))
    await thread.flush()
    assert len(told) == 1
    await thread.ask(lambda store: store._connection.execute("PRAGMA query_only = ON"))  # noqa: SLF001 - full again
    thread.post(save(b"lost"))
    await thread.flush()
    assert len(told) == 2
    assert await thread.ask(state) == b"kept"
    await thread.close()


async def test_a_question_that_fails_is_refused_to_its_asker() -> None:
    thread = StoreThread(memory_store(), unexpected)
    with pytest.raises(StorageUnavailable, match="no such table"):
        await thread.ask(lambda store: store._connection.execute("SELECT * FROM nowhere"))  # noqa: SLF001 - to fail
    await thread.close()


async def test_a_fault_of_the_program_reaches_the_loop_and_not_the_user() -> None:
    seen: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: seen.append(context))
    thread = StoreThread(memory_store(), unexpected)
    thread.post(lambda _store: dict[str, int]()["absent"])
    await thread.flush()
    assert [type(context["exception"]) for context in seen] == [KeyError]
    await thread.close()


async def test_an_asker_that_is_cancelled_takes_nothing_back() -> None:
    thread = StoreThread(memory_store(), unexpected)
    disk_is_ready = threading.Event()
    thread.post(lambda _store: disk_is_ready.wait(10))
    asker = asyncio.ensure_future(thread.ask(save(b"kept")))
    await asyncio.sleep(0)
    asker.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asker
    disk_is_ready.set()
    assert await thread.ask(state) == b"kept"
    await thread.close()


async def test_closing_keeps_what_was_posted_and_frees_the_folder(tmp_path: Path) -> None:
    thread = StoreThread(open_store(tmp_path), unexpected)
    thread.post(save(b"kept"))
    await thread.close()
    with closing(open_store(tmp_path)) as store:
        assert state(store) == b"kept"
