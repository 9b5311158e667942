"""Gaps of both loops make one table, newest first."""

from __future__ import annotations

from host.desktop.models.gaps import GAPS, Gap, merged
from host.desktop.models.table import Table
from host.vocabulary.views import GapView
from tests.desktop.models.conftest import Check

OF_CHAT = GapView(at=1000.0, seconds=0.24, module="chat", version="2.1.0", inside="in a hook handler")


def test_the_newest_stands_first_whosever_it_is(check_model: Check) -> None:
    table: Table[Gap] = Table(GAPS, lambda gap: (gap.loop, gap.view.at))
    check_model(table)
    for rows in (1, 3, 2):
        table.show(merged([GapView(at=float(at), seconds=0.2) for at in range(rows)], [OF_CHAT]))
    assert [(gap.loop, gap.view.at) for gap in table.rows] == [("Engine", 1000.0), ("Window", 1.0), ("Window", 0.0)]


def test_a_row_reads_as_a_sentence_would() -> None:
    (gap,) = merged([], [OF_CHAT])
    assert [column.text(gap) for column in GAPS][1:] == ["Engine", "240", "0", "chat 2.1.0 in a hook handler"]
