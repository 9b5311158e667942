"""The audit's chain: each row's digest covers the row and the digest before it, so that none changes unseen.

Source: B. Schneier and J. Kelsey, Secure Audit Logs to Support Computer Forensics, 1999; without their keys.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from msgspec.structs import astuple

from host.vocabulary.views import AuditCheck, AuditRow

GENESIS: Final = bytes(32)
"""Before the first row."""
MOST_PROBLEMS: Final = 20
AUDIT: Final = "audit"
"""The permission of rows about the audit itself."""
BROKEN: Final = "broken"


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: the id of a row and its digest."""

    id: int
    digest: bytes


BEGINNING: Final = Link(0, GENESIS)


def digest_of(row: AuditRow, before: bytes) -> bytes:
    """The digest of a row that follows another."""
    text = json.dumps(astuple(row), ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(before + text.encode(), digest_size=32).digest()


def check(
    rows: Iterable[tuple[AuditRow, bytes]], anchor: Link, head: Link, outside: Link | None, *, kept: int
) -> AuditCheck:
    """Look whether rows are those that were written, all of them, in their order.

    Args:
        rows: those that are kept, by id, each with its digest.
        anchor: the last one that was let go.
        head: the last one that was written.
        outside: the last one, as it was noted outside of the database; may be older. ``None`` where there is no note.
        kept: rows that are there when older ones are let go.
    """
    problems: list[str] = []
    if anchor.id and head.id - anchor.id < kept:
        problems.append(f"rows up to {anchor.id} are gone, though fewer than {kept} came after them")
    if outside is None and head.id:
        problems.append("the last digest is noted nowhere outside of the database: the note is gone, or none")
    first, last = 0, anchor
    seen = last == outside
    for row, digest in rows:
        first = first or row.id
        if row.id != last.id + 1:
            problems.append(_missing(last.id + 1, row.id - 1))
        elif digest_of(row, last.digest) != digest:
            problems.append(f"row {row.id} is not as it was written")
        if (row.permission, row.verdict) == (AUDIT, BROKEN):
            problems.append(f"row {row.id} tells of a break before it: {row.wanted}")
        last = Link(row.id, digest)
        seen = seen or last == outside
    if last.id < head.id:
        problems.append(_missing(last.id + 1, head.id))
    elif last != head:
        problems.append(f"the end is row {last.id}, and not the row {head.id} that was written last")
    if outside is not None and not seen:
        problems.append(f"row {outside.id} is missing, or another than the one that was noted outside of the database")
    return AuditCheck(first=first, last=last.id, head=last.digest.hex(), problems=tuple(problems[:MOST_PROBLEMS]))


def _missing(first: int, last: int) -> str:
    if last < first:
        return f"row {last + 1} stands where row {first} should"
    return f"row {first} is missing" if first == last else f"rows {first} to {last} are missing"
