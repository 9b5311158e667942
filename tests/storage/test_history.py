"""What was done to each module: the last acts, with states and code as far as there is room."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from host.discovery.bundle import read_bundle
from host.discovery.repository import scan
from host.storage import Act, Point, Store, digest_of_code, memory_store, open_store, packed_code, unpacked_code
from host.storage.history import KEPT, LARGEST_CODE, LARGEST_STATES
from host.storage.opening import DATABASE_NAME
from host.storage.schema import MIGRATIONS, upgrade
from host.vocabulary.states import Outcome
from host.vocabulary.views import HistoryRow
from tests.engine.place import Place


@pytest.fixture
def store() -> Iterator[Store]:
    opened = memory_store()
    yield opened
    opened.close()


def act(
    row_id: int,
    *,
    module: str = "chat",
    kind: str = "swap",
    outcome: Outcome = Outcome.COMMITTED,
    before: bytes | None = None,
    code: str = "",
    packed: bytes | None = b"code",
    back: int = 0,
) -> Act:
    row = HistoryRow(
        id=row_id,
        at=float(row_id),
        kind=kind,
        from_version="" if kind == "load" else "1.0.0",
        to_version="2.1.0",
        outcome=outcome,
        pause_s=None if kind == "load" else 0.002,
        files=("init.lua", "lib/ä.lua"),
    )
    return Act(module=module, row=row, before=before, code=code, pack=lambda: packed, back=back)


def ids(store: Store, module: str = "chat") -> list[int]:
    return [row.id for row in store.history.of(module)]


def test_history_is_newest_first_and_says_how_much_state_is_kept(store: Store) -> None:
    store.history.add(act(1, kind="load"), act(2, before=b"x" * 1234), act(3, module="clock"))
    newest, oldest = store.history.of("chat")
    assert (newest.id, newest.kind, newest.state) == (2, "swap", "1,234 bytes kept")
    assert (oldest.id, oldest.kind, oldest.state, oldest.pause_s) == (1, "load", "", None)
    assert newest.files == ("init.lua", "lib/ä.lua")
    assert newest.outcome is Outcome.COMMITTED


def test_acts_that_are_told_together_are_kept_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.history.add(act(1, code="a"), act(2, module=None))  # type: ignore[arg-type]  # a row that sqlite refuses
    assert ids(store) == []
    assert store.history.points() == {}


def test_refusals_push_no_point_out(store: Store) -> None:
    store.history.add(*(act(number, code=f"c{number}") for number in range(1, 4)))
    store.history.add(*(act(number, outcome=Outcome.ROLLED_BACK) for number in range(4, 4 + 2 * KEPT)))
    assert [point.id for point in store.history.points()["chat"]] == [1, 2, 3]
    assert len(ids(store)) == 3 + KEPT


def test_the_last_points_of_each_module_stay_with_their_code_and_no_others(store: Store) -> None:
    store.history.add(act(1, module="clock", code="c"))
    store.history.add(*(act(number, code=f"c{number}") for number in range(2, KEPT + 7)))
    assert ids(store) == list(range(KEPT + 6, 6, -1))
    assert store.history.kept_code("chat") == {f"c{number}" for number in range(7, KEPT + 7)}
    assert store.history.code("clock", "c") == b"code"


def test_code_that_comes_again_is_kept_once_and_as_long_as_any_act_has_it(store: Store) -> None:
    store.history.add(act(1, code="a", packed=b"first"), act(2, code="b"), act(3, code="a", packed=b"second"))
    assert store.history.code("chat", "a") == b"first"
    store.history.add(*(act(number, code="b" if number % 2 else "c") for number in range(4, KEPT + 3)))
    assert store.history.code("chat", "a") == b"first"
    store.history.add(act(KEPT + 3, code="d"))
    assert store.history.code("chat", "a") is None


def test_states_beyond_the_room_for_them_go_oldest_first_and_their_acts_stay(store: Store) -> None:
    third = LARGEST_STATES // 3
    store.history.add(*(act(number, before=bytes(third)) for number in range(1, 6)))
    assert [bool(row.state) for row in store.history.of("chat")] == [True, True, True, False, False]
    store.history.add(act(6, before=bytes(LARGEST_STATES + 1)))
    assert [bool(row.state) for row in store.history.of("chat")] == [False, True, True, True, False, False]


def test_code_beyond_the_room_for_it_goes_oldest_first_and_its_points_stay(store: Store) -> None:
    half = bytes(LARGEST_CODE // 2)
    store.history.add(*(act(number, code=f"c{number}", packed=half) for number in range(1, 4)))
    assert store.history.kept_code("chat") == {"c2", "c3"}
    assert len(store.history.points()["chat"]) == 3


def test_the_state_after_an_act_is_what_the_next_change_found(store: Store) -> None:
    store.history.add(act(1, code="a", kind="load"), act(2, outcome=Outcome.ROLLED_BACK), act(3, kind="unload"))
    assert store.history.state_after("chat", 1) == (False, None)
    store.history.add(act(4, code="b", before=b"ended"), act(5, code="c"))
    assert store.history.state_after("chat", 1) == (True, b"ended")
    assert store.history.state_after("chat", 4) == (True, None)
    assert store.history.state_after("chat", 5) == (False, None)


def test_points_come_back_as_they_were(store: Store) -> None:
    store.history.add(act(3, code="a"), act(4), act(7, code="b", back=3))
    assert store.history.points() == {
        "chat": [
            Point(id=3, kind="swap", code="a", version="2.1.0", back=0, at=3.0),
            Point(id=7, kind="swap", code="b", version="2.1.0", back=3, at=7.0),
        ]
    }
    assert store.history.last_id() == 7


def test_an_id_is_never_given_twice_though_its_act_is_forgotten(store: Store) -> None:
    store.history.add(*(act(number) for number in range(1, 3 * KEPT)))
    store.history.add(act(3 * KEPT, module="clock"))
    assert store.history.last_id() == 3 * KEPT


def test_what_was_under_way_is_as_it_ended_or_interrupted_at_the_next_start(store: Store) -> None:
    store.history.add(act(1, outcome=Outcome.UNDER_WAY), act(2, outcome=Outcome.UNDER_WAY))
    store.history.add(act(1, code="a"))
    (row,) = store.history.interrupt("the engine died")
    assert (row.module, row.id, row.outcome, row.error) == ("chat", 2, Outcome.ROLLED_BACK, "the engine died")
    assert [each.outcome for each in store.history.of("chat")] == [Outcome.ROLLED_BACK, Outcome.COMMITTED]
    assert store.history.interrupt("again") == ()


def test_the_newest_change_is_no_load_and_no_refusal(store: Store) -> None:
    assert store.history.newest() == ()
    store.history.add(act(1, module="clock"), act(2, outcome=Outcome.ROLLED_BACK), act(3, kind="load"))
    assert [(row.module, row.id) for row in store.history.newest()] == [("clock", 1)]


def test_what_was_done_to_several_modules_in_one_act_is_told_of_each(store: Store) -> None:
    alone, *together = act(1), act(2), act(3, module="clock"), act(4, module="desk")
    store.history.add(alone, *(replace(each, row=structs.replace(each.row, at=2.0)) for each in together))
    assert [row.others for row in store.history.of("chat")] == [("clock", "desk"), ()]
    assert [row.others for row in store.history.last(1)] == [("chat", "clock")]
    assert [row.module for row in store.history.newest()] == ["chat", "clock", "desk"]


def test_what_is_written_unsynced_is_there_after_the_process(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store, store.unsynced():
        store.history.add(act(1))
    with closing(open_store(tmp_path)) as store:
        assert ids(store) == [1]


def test_the_history_of_the_first_schema_is_kept_and_its_ids_go_on(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASE_NAME)) as connection:
        upgrade(connection, MIGRATIONS[:1])
        connection.execute(
            "INSERT INTO history (module, at, kind, from_version, to_version, outcome, pause_s, error, files, snapshot)"
            " VALUES ('chat', 1.0, 'swap', '1', '2', 'committed', 0.1, '', '[]', x'00')"
        )
        connection.commit()
    with closing(open_store(tmp_path)) as store:
        (row,) = store.history.of("chat")
        assert (row.id, row.state) == (1, "1 bytes kept")
        assert (store.history.points(), store.history.last_id()) == ({}, 1)


def test_code_comes_back_as_it_was_read(tmp_path: Path) -> None:
    place = Place(tmp_path)
    more = '[dependencies]\nstate = "^1"\n[limits]\ncall = "1 s"\n[permissions]\nnet = ["a:1"]\n'
    folder = place.module("chat", "return {}", more=more)
    (folder / "lib").mkdir()
    (folder / "lib" / "ä.lua").write_bytes(b"-- \xff")
    (manifest,) = scan([place.root]).modules
    bundle = read_bundle(manifest)
    packed = packed_code(manifest, bundle)
    assert packed is not None
    found = unpacked_code(packed)
    assert found is not None
    assert found[0] == manifest
    assert (found[1].files, found[1].digest) == (bundle.files, bundle.digest)
    assert digest_of_code(*found) == digest_of_code(manifest, bundle)


@pytest.mark.parametrize("data", [b"", b"garbage", zlib.compress(b"\x90"), zlib.compress(b'{"manifest": 1}')])
def test_code_that_another_host_packed_in_another_way_is_none(data: bytes) -> None:
    assert unpacked_code(data) is None


def test_code_with_a_name_that_is_no_text_is_not_packed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    folder = place.module("chat")
    try:
        (folder / "\udcff.lua").write_text("return 1")
    except (OSError, UnicodeEncodeError):
        pytest.skip("this file system takes names of text alone")
    (manifest,) = scan([place.root]).modules
    assert packed_code(manifest, read_bundle(manifest)) is None
