"""What the store remembers, table by table, and that several tables are told together or not at all."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator

import pytest

from host.storage import Act, Checkpoint, SessionEntry, Store, memory_store
from host.vocabulary.states import Outcome, Phase
from host.vocabulary.views import HistoryRow


@pytest.fixture
def store() -> Iterator[Store]:
    opened = memory_store()
    yield opened
    opened.close()


def checkpoint(module: str, state: bytes = b"\0state\xff", version: str = "1.0.0") -> Checkpoint:
    return Checkpoint(module=module, version=version, digest="d1", state=state, at=12.5)


def row(kind: str = "swap", at: float = 1.0, pause_s: float | None = 0.002) -> HistoryRow:
    return HistoryRow(
        id=0,
        at=at,
        kind=kind,
        from_version="1.0.0",
        to_version="2.1.0",
        outcome=Outcome.COMMITTED,
        pause_s=pause_s,
        error="",
        files=("init.lua", "lib/ä.lua"),
    )


def test_a_checkpoint_comes_back_byte_for_byte(store: Store) -> None:
    kept = checkpoint("chat", bytes(range(256)))
    store.checkpoints.save(kept)
    assert store.checkpoints.of("chat") == kept


def test_a_later_checkpoint_takes_the_place_of_the_earlier(store: Store) -> None:
    store.checkpoints.save(checkpoint("chat", b"old"), checkpoint("clock", b"tick"))
    store.checkpoints.save(checkpoint("chat", b"new", "2.1.0"))
    assert store.checkpoints.of("chat") == checkpoint("chat", b"new", "2.1.0")
    assert store.checkpoints.of("clock") == checkpoint("clock", b"tick")


def test_a_module_without_a_checkpoint_has_none(store: Store) -> None:
    store.checkpoints.save(checkpoint("clock"))
    assert store.checkpoints.of("chat") is None


def test_a_session_comes_back_in_load_order(store: Store) -> None:
    entries = tuple(
        SessionEntry(name=name, version="1.0.0", requested=asked) for name, asked in [("z", False), ("a", True)]
    )
    store.session.save([SessionEntry(name="gone", version="1", requested=True)])
    store.session.save(entries)
    assert store.session.entries() == entries


def test_deaths_are_counted_for_each_module_until_forgiven(store: Store) -> None:
    for module in ("faulty", "faulty", "clock"):
        store.deaths.add(module, Phase.HOOK, 1.0)
    assert store.deaths.counts() == {"faulty": 2, "clock": 1}
    store.deaths.forgive("faulty")
    assert store.deaths.counts() == {"clock": 1}


def test_one_in_which_the_engine_was_stuck_is_remembered_until_forgiven(store: Store) -> None:
    store.deaths.add("faulty", Phase.HOOK, 1.0, hung=True)
    store.deaths.add("clock", Phase.HOOK, 1.0)
    store.deaths.fade(2.0, 2)
    assert store.deaths.counts() == {"faulty": 1}
    assert store.deaths.hung() == {"faulty"}
    store.deaths.forgive("faulty")
    assert store.deaths.hung() == frozenset()


def test_configuration_comes_back_as_it_was_set(store: Store) -> None:
    settings = {"batchSize": 20, "name": "größe", "nested": {"on": True, "list": [1, 2.5, None]}}
    store.config.save("analytics", settings)
    assert store.config.of("analytics") == settings
    assert store.config.of("chat") is None


def test_configuration_that_json_cannot_say_is_refused_and_the_old_stays(store: Store) -> None:
    store.config.save("analytics", {"rate": 1.0})
    with pytest.raises(ValueError, match="JSON"):
        store.config.save("analytics", {"rate": math.nan})
    assert store.config.of("analytics") == {"rate": 1.0}


def test_what_fails_half_way_through_a_transaction_leaves_every_table_as_it_was(store: Store) -> None:
    store.checkpoints.save(checkpoint("chat", b"old"))

    def die_half_way() -> None:
        with store.transaction():
            store.checkpoints.save(checkpoint("chat", b"new"))
            store.history.add(Act(module="chat", row=row()))
            store.session.save([SessionEntry(name="chat", version="2.1.0", requested=True)])
            raise LookupError

    with pytest.raises(LookupError):
        die_half_way()

    assert store.checkpoints.of("chat") == checkpoint("chat", b"old")
    assert store.history.of("chat") == ()
    assert store.session.entries() == ()


def test_a_transaction_that_ends_keeps_all_tables(store: Store) -> None:
    with store.transaction():
        store.checkpoints.save(checkpoint("chat", b"new"))
        store.history.add(Act(module="chat", row=row()))
    assert store.checkpoints.of("chat") == checkpoint("chat", b"new")
    assert len(store.history.of("chat")) == 1


def test_the_session_with_one_name_twice_is_refused_and_the_old_stays(store: Store) -> None:
    entry = SessionEntry(name="chat", version="1", requested=True)
    store.session.save([entry])
    with pytest.raises(sqlite3.IntegrityError, match="UNIQUE"):
        store.session.save([entry, entry])
    assert store.session.entries() == (entry,)
