"""Law: whatever is changed, removed, added or moved in the audit is found; what is not, is not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import asdict, fields, replace

from host.trust.chain import BEGINNING, Link, check, digest_of
from host.vocabulary.views import AuditCheck, AuditRow

Chained = list[tuple[AuditRow, bytes]]

WORDS = st.text(max_size=6)
ROWS = st.builds(
    AuditRow,
    at=st.floats(0, 2e9),
    count=st.integers(1, 99),
    module=WORDS,
    version=WORDS,
    permission=st.sampled_from(("net", "exec")),
    wanted=WORDS,
    verdict=st.sampled_from(("allowed", "denied")),
    through=WORDS,
    details=WORDS,
)


def chained(rows: list[AuditRow], anchor: Link) -> Chained:
    found: Chained = []
    last = anchor
    for row in rows:
        kept = replace(row, id=last.id + 1)
        last = Link(kept.id, digest_of(kept, last.digest))
        found.append((kept, last.digest))
    return found


def end_of(rows: Chained, anchor: Link) -> Link:
    return Link(rows[-1][0].id, rows[-1][1]) if rows else anchor


def look(rows: Chained, anchor: Link, head: Link, outside: Link | None = None, kept: int = 0) -> AuditCheck:
    """Check; without another note outside it is the one that says the least: the beginning."""
    return check(rows, anchor, head, outside or anchor, kept=kept)


ANCHORS = st.one_of(st.just(BEGINNING), st.builds(Link, st.integers(1, 10**6), st.binary(min_size=32, max_size=32)))


@given(st.lists(ROWS, max_size=8), ANCHORS, st.data())
def test_what_was_written_is_found_to_be_so(rows: list[AuditRow], anchor: Link, data: st.DataObject) -> None:
    written = chained(rows, anchor)
    noted = data.draw(st.sampled_from([anchor, *(Link(row.id, digest) for row, digest in written)]))
    found = look(written, anchor, end_of(written, anchor), noted)
    assert found.problems == ()
    assert found.last == end_of(written, anchor).id


@given(st.lists(ROWS, min_size=1, max_size=8), ANCHORS, st.data())
def test_a_row_that_was_changed_is_found(rows: list[AuditRow], anchor: Link, data: st.DataObject) -> None:
    written = chained(rows, anchor)
    at = data.draw(st.integers(0, len(written) - 1))
    row, digest = written[at]
    name = data.draw(st.sampled_from([each.name for each in fields(AuditRow)]))
    other = getattr(data.draw(ROWS), name) if name != "id" else row.id + data.draw(st.integers(1, 9))
    if other == getattr(row, name):
        return
    changed = [*written[:at], (AuditRow(**{**asdict(row), name: other}), digest), *written[at + 1 :]]
    assert look(changed, anchor, end_of(written, anchor)).problems


@given(st.lists(ROWS, min_size=1, max_size=8), ANCHORS, st.data())
def test_rows_that_were_removed_are_found(rows: list[AuditRow], anchor: Link, data: st.DataObject) -> None:
    written = chained(rows, anchor)
    gone = data.draw(st.sets(st.integers(0, len(written) - 1), min_size=1))
    left = [each for at, each in enumerate(written) if at not in gone]
    assert look(left, anchor, end_of(written, anchor)).problems


@given(st.lists(ROWS, min_size=2, max_size=6), ANCHORS, st.data(), st.booleans())
def test_rows_in_another_order_are_found(
    rows: list[AuditRow],
    anchor: Link,
    data: st.DataObject,
    renumbered: bool,  # noqa: FBT001 - drawn
) -> None:
    written = chained(rows, anchor)
    moved = data.draw(st.permutations(written))
    if moved == written:
        return
    if renumbered:
        moved = [(replace(row, id=anchor.id + at), digest) for at, (row, digest) in enumerate(moved, 1)]
    if moved == written:
        return
    assert look(moved, anchor, end_of(written, anchor)).problems


@given(st.lists(ROWS, min_size=1, max_size=8), ANCHORS, st.data())
def test_an_end_that_was_cut_off_with_its_record_shows_in_the_note_outside(
    rows: list[AuditRow], anchor: Link, data: st.DataObject
) -> None:
    written = chained(rows, anchor)
    left = written[: data.draw(st.integers(0, len(written) - 1))]
    assert look(left, anchor, end_of(left, anchor), end_of(written, anchor)).problems


@given(st.lists(ROWS, min_size=1, max_size=8), st.integers(1, 8), st.data())
def test_a_beginning_that_was_moved_is_found_as_long_as_no_row_had_to_go(
    rows: list[AuditRow], kept: int, data: st.DataObject
) -> None:
    written = chained(rows, BEGINNING)
    gone = data.draw(st.integers(1, len(written)))
    anchor = end_of(written[:gone], BEGINNING)
    found = look(written[gone:], anchor, end_of(written, BEGINNING), end_of(written, BEGINNING), kept)
    assert bool(found.problems) == (len(written) - gone < kept)
