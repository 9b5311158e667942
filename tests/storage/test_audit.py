"""The audit in its database: rows are added, chained, let go at one end, and what is not as it was written shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from host.storage import Audit, open_store, read_audit
from host.storage.audit import HEAD_NAME
from host.storage.opening import DATABASE_NAME
from host.storage.schema import upgrade
from host.vocabulary.views import AuditRow

COPY = (
    "INSERT INTO audit SELECT 11, at, count, module, version, permission, wanted, verdict, through, details, digest"
    " FROM audit WHERE id = 10"
)


def row(number: int, module: str = "chat") -> AuditRow:
    return AuditRow(
        at=1700000000.25 + number,
        module=module,
        version="1.0.0",
        permission="net",
        wanted=str(number),
        verdict="denied",
    )


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        upgrade(opened)
        yield opened


@pytest.fixture
def audit(connection: sqlite3.Connection, tmp_path: Path) -> Audit:
    made = Audit(connection, tmp_path, kept=100)
    made.add([row(number) for number in range(1, 6)])
    made.add([row(number) for number in range(6, 11)])
    return made


def tampered(connection: sqlite3.Connection, act: str, *values: int) -> None:
    """Change the database as somebody does who writes to its file."""
    for trigger in ("audit_is_not_changed", "audit_is_let_go_in_order"):
        connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
    connection.execute(act, values)


def test_rows_come_back_newest_first_with_ids_that_grow_by_one(audit: Audit) -> None:
    audit.add([row(11, "other")])
    assert [(each.id, each.wanted) for each in audit.rows("chat", 3)] == [(10, "10"), (9, "9"), (8, "8")]
    assert [each.module for each in audit.rows(most=2)] == ["other", "chat"]
    assert len(audit.rows(most=1 << 80)) == 11
    assert audit.rows(most=0) == audit.rows(most=-1) == ()
    found = audit.check()
    assert (found.first, found.last, found.problems, len(found.head)) == (1, 11, (), 64)


def test_an_empty_audit_is_as_it_was_written(connection: sqlite3.Connection, tmp_path: Path) -> None:
    assert Audit(connection, tmp_path).check().problems == ()


@pytest.mark.parametrize(
    ("act", "problem"),
    [
        ("UPDATE audit SET verdict = 'allowed' WHERE id = 4", "row 4 is not as it was written"),
        ("UPDATE audit SET digest = zeroblob(32) WHERE id = 4", "row 4 is not as it was written"),
        ("DELETE FROM audit WHERE id = 4", "row 4 is missing"),
        ("DELETE FROM audit WHERE id IN (1, 2)", "rows 1 to 2 are missing"),
        ("DELETE FROM audit WHERE id > 8", "rows 9 to 10 are missing"),
        ("DELETE FROM audit", "rows 1 to 10 are missing"),
        ("UPDATE audit SET id = 99 WHERE id = 4", "row 4 is missing"),
        ("UPDATE audit_ends SET last = 9", "the end is row 10, and not the row 9 that was written last"),
        ("UPDATE audit_ends SET head = zeroblob(32)", "the end is row 10, and not the row 10 that was written last"),
        (COPY, "row 11 is not as it was written"),
    ],
)
def test_what_was_tampered_with_is_found(act: str, problem: str, audit: Audit, connection: sqlite3.Connection) -> None:
    tampered(connection, act)
    assert problem in audit.check().problems


def test_rows_that_changed_places_are_found(audit: Audit, connection: sqlite3.Connection) -> None:
    for act in ("SET id = 100 WHERE id = 3", "SET id = 3 WHERE id = 4", "SET id = 4 WHERE id = 100"):
        tampered(connection, f"UPDATE audit {act}")
    assert audit.check().problems == tuple(f"row {number} is not as it was written" for number in (3, 4, 5))


def test_an_end_that_was_cut_off_with_its_record_shows_outside(audit: Audit, connection: sqlite3.Connection) -> None:
    tampered(connection, "UPDATE audit_ends SET last = 8, head = (SELECT digest FROM audit WHERE id = 8)")
    tampered(connection, "DELETE FROM audit WHERE id > 8")
    assert audit.check().problems == (
        "row 10 is missing, or another than the one that was noted outside of the database",
    )


@pytest.mark.usefixtures("audit")
def test_a_break_is_written_down_before_it_is_written_over(connection: sqlite3.Connection, tmp_path: Path) -> None:
    tampered(connection, "UPDATE audit_ends SET last = 8, head = (SELECT digest FROM audit WHERE id = 8)")
    tampered(connection, "DELETE FROM audit WHERE id > 8")
    later = Audit(connection, tmp_path, kept=100)
    later.add([row(9)])
    (problem,) = later.check().problems
    assert problem.startswith("row 9 tells of a break before it: row 10 was the last one noted outside")


@pytest.mark.parametrize("act", ["UPDATE audit SET wanted = ''", "DELETE FROM audit WHERE id = 10"])
def test_the_database_itself_refuses_to_change_rows(act: str, audit: Audit, connection: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="rows of the audit are only added"):
        connection.execute(act)
    assert audit.check().problems == ()


def test_old_rows_go_and_the_chain_goes_on(connection: sqlite3.Connection, tmp_path: Path) -> None:
    audit = Audit(connection, tmp_path, kept=100)
    for start in range(0, 1000, 7):
        audit.add([row(number) for number in range(start, start + 7)])
    found = audit.check()
    assert (found.problems, found.last) == ((), 1001)
    assert 100 <= found.last - found.first + 1 <= 110
    tampered(connection, "DELETE FROM audit WHERE id = ?", found.first)
    assert audit.check().problems == (f"row {found.first} is missing",)


def test_what_was_noted_outside_may_be_older_than_what_is_here(audit: Audit, tmp_path: Path) -> None:
    """A power cut may lose the note and not the rows."""
    note = (tmp_path / HEAD_NAME).read_text()
    audit.add([row(11)])
    (tmp_path / HEAD_NAME).write_text(note)
    assert audit.check().problems == ()


def test_rows_that_are_gone_as_if_they_were_too_old_are_missed(audit: Audit, connection: sqlite3.Connection) -> None:
    """Whoever moves the beginning of the chain needs to make no digest."""
    act = "UPDATE audit_ends SET let_go = ?1, anchor = (SELECT digest FROM audit WHERE id = ?1)"
    tampered(connection, act, 10)
    tampered(connection, "DELETE FROM audit")
    assert audit.check().problems == ("rows up to 10 are gone, though fewer than 100 came after them",)


@pytest.mark.usefixtures("audit")
def test_a_note_that_is_gone_is_found_and_stays_found(connection: sqlite3.Connection, tmp_path: Path) -> None:
    (tmp_path / HEAD_NAME).unlink()
    later = Audit(connection, tmp_path, kept=100)
    assert later.check().problems == (
        "the last digest is noted nowhere outside of the database: the note is gone, or none",
    )
    later.add([row(11)])
    (problem,) = later.check().problems
    assert problem.startswith(
        "row 11 tells of a break before it: nothing was noted outside of the database, and row 10"
    )


def test_a_kill_before_the_first_note_is_no_break(
    connection: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = Audit._note_outside  # noqa: SLF001 - the one after the rows is never written
    monkeypatch.setattr(Audit, "_note_outside", lambda self, head: None if head.id else note(self, head))
    Audit(connection, tmp_path).add([row(1)])
    monkeypatch.undo()
    later = Audit(connection, tmp_path)
    assert later.check().problems == ()
    later.add([row(2)])
    assert later.check().problems == ()


@pytest.mark.parametrize("note", ["", "{", "[]", '{"row": "x"}', '{"row": 1, "digest": "zz"}', "\ud800", "1" * 5000])
def test_a_note_that_is_none_is_as_if_there_were_none(note: str, audit: Audit, tmp_path: Path) -> None:
    (tmp_path / HEAD_NAME).write_text(note, "utf-8", "surrogatepass")
    (problem,) = audit.check().problems
    assert problem.endswith("the note is gone, or none")


def test_the_note_is_for_its_user_alone(audit: Audit, tmp_path: Path) -> None:
    assert (tmp_path / HEAD_NAME).stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / HEAD_NAME).read_text()) == {"row": 10, "digest": audit.check().head}


def test_it_is_read_while_no_host_holds_it(tmp_path: Path) -> None:
    with closing(open_store(tmp_path)) as store:
        store.audit.add([row(1)])
        before = (tmp_path / DATABASE_NAME).read_bytes()
    found = read_audit(tmp_path / DATABASE_NAME)
    assert [each.wanted for each in found.rows()] == ["1"]
    assert found.check().problems == ()
    with pytest.raises(sqlite3.OperationalError):
        found.add([row(2)])
    del found
    assert len(before) > 0


def test_a_batch_is_kept_as_a_whole_or_not_at_all(
    audit: Audit, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    append: Callable[..., object] = Audit._append  # noqa: SLF001 - the third row of the batch fails

    def failing(self: Audit, given: AuditRow, head: object) -> object:
        if given.wanted == "13":
            raise sqlite3.OperationalError("disk full")
        return append(self, given, head)

    monkeypatch.setattr(Audit, "_append", failing)
    with pytest.raises(sqlite3.OperationalError):
        audit.add([row(11), row(12), row(13)])
    assert connection.execute("SELECT max(id) FROM audit").fetchone() == (10,)
    monkeypatch.undo()
    audit.add([row(11)])
    assert audit.check().problems == ()
