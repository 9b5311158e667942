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


def fill(full: str) -> Callable[[Store], object]:
    """Make a disk full, or give it space again."""
    return lambda store: store._connection.execute(f"PRAGMA query_only = {full}")  # noqa: SLF001 - as a disk that is full


async def test_failures_in_a_row_are_told_once_and_again_after_a_success(tmp_path: Path) -> None:
    told: list[StorageUnavailable] = []
    back: list[bool] = []
    thread = StoreThread(open_store(tmp_path), told.append, lambda: back.append(True))
    await thread.ask(fill("ON"))
    for _ in range(3):
        thread.post(save(b"waits"))
    await thread.flush()
    assert [str(tmp_path) in str(each) for each in told] == [True]
    assert "readonly" in str(told[0])

    await thread.ask(fill("OFF"))
    thread.post(save(b"kept"))
    await thread.flush()
    assert (len(told), len(back)) == (1, 1)
    await thread.ask(fill("ON"))
    thread.post(save(b"waits"))
    await thread.flush()
    assert (len(told), len(back)) == (2, 1)
    assert await thread.ask(state) == b"kept"
    await thread.close()


async def test_what_a_full_disk_did_not_take_is_kept_by_itself_once_there_is_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was lost, though the user did what was asked of them."""
    monkeypatch.setattr("host.storage.thread.AGAIN", 0.01)
    recovered = asyncio.Event()
    thread = StoreThread(open_store(tmp_path), lambda _failure: None, recovered.set)
    await thread.ask(fill("ON"))
    for number in range(3):
        thread.post(save(str(number).encode()))
    await thread.flush()
    assert await thread.ask(state) is None
    await thread.ask(fill("OFF"))
    async with asyncio.timeout(10):
        await recovered.wait()
    assert await thread.ask(state) == b"2"
    await thread.close()


async def test_what_a_full_disk_did_not_take_is_tried_once_more_at_the_end(tmp_path: Path) -> None:
    thread = StoreThread(open_store(tmp_path), lambda _failure: None)
    await thread.ask(fill("ON"))
    thread.post(save(b"late"))
    await thread.flush()
    await thread.ask(fill("OFF"))
    await thread.close()
    with closing(open_store(tmp_path)) as store:
        assert state(store) == b"late"


async def test_a_write_that_can_never_go_well_holds_no_other_back(tmp_path: Path) -> None:
    told: list[StorageUnavailable] = []
    thread = StoreThread(open_store(tmp_path), told.append)
    thread.post(lambda store: store._connection.execute("INSERT INTO nowhere VALUES (1)"))  # noqa: SLF001 - to fail
    thread.post(save(b"kept"))
    await thread.flush()
    assert ["nowhere" in str(each) for each in told] == [True]
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


async def test_nothing_is_tried_again_once_it_is_closed(tmp_path: Path) -> None:
    """Its thread had ended by then, which was a traceback five seconds later."""
    told: list[StorageUnavailable] = []
    thread = StoreThread(open_store(tmp_path), told.append)
    await thread.ask(fill("ON"))
    thread.post(save(b"waits"))
    await thread.close()
    await asyncio.sleep(0)
    assert len(told) == 1
    assert thread._again is None  # noqa: SLF001 - else five seconds would have to pass
