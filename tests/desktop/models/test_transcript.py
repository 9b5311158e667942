from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex

from host.desktop.models.roles import Role
from host.desktop.models.transcript import MOST_LINES, Line, Transcript, shown
from host.vocabulary.views import ValueRow
from tests.desktop.models.conftest import Check

USERS = ValueRow(
    key="",
    kind="table",
    entries=300,
    rows=(
        ValueRow(key="[1]", kind="string", text="ana"),
        ValueRow(key="deep", kind="table", entries=1, rows=(ValueRow(key="n", kind="number", text="7"),)),
    ),
)


def texts(model: Transcript, parent: QModelIndex | None = None) -> list[str]:
    above = parent if parent is not None else QModelIndex()
    return [model.index(row, 0, above).data() for row in range(model.rowCount(above))]


def test_a_table_opens_to_its_entries_and_says_how_many_are_not_shown(check_model: Check) -> None:
    model = Transcript()
    check_model(model)
    model.append([Line("> users", "muted"), shown(USERS)])
    assert texts(model) == ["> users", "{300 entries}"]
    table = model.index(1, 0)
    assert texts(model, table) == ['[1] = "ana"', "deep = {1 entry}", "and 298 more"]
    assert texts(model, model.index(1, 0, table)) == ["n = 7"]
    assert model.parent(model.index(1, 0, table)) == table


def test_the_oldest_lines_go_and_what_is_open_stays_where_it_is(check_model: Check) -> None:
    model = Transcript()
    check_model(model)
    model.append([Line("first"), shown(USERS)])
    inner = model.index(0, 0, model.index(1, 0))
    assert inner.data() == '[1] = "ana"'
    model.append([Line(str(number)) for number in range(MOST_LINES - 1)])
    assert model.rowCount() == MOST_LINES
    assert texts(model)[:2] == ["{300 entries}", "0"]
    assert model.parent(model.index(0, 0, model.index(0, 0))) == model.index(0, 0)
    model.append([Line("x")] * (2 * MOST_LINES))
    assert set(texts(model)) == {"x"}
    assert model.rowCount() == MOST_LINES


@pytest.mark.parametrize(
    ("value", "text", "tone"),
    [
        (ValueRow(key="", kind="nil", text="nil"), "nil", "muted"),
        (ValueRow(key="", kind="boolean", text="true"), "true", "accent"),
        (ValueRow(key="a", kind="number", text="1.5"), "a = 1.5", "accent"),
        (ValueRow(key="", kind="bytes", text="ff 01"), "ff 01", "good"),
        (ValueRow(key="", kind="function", text="chat/init.lua:5"), "function chat/init.lua:5", ""),
        (ValueRow(key="", kind="function"), "function", ""),
        (ValueRow(key="", kind="thread"), "thread", ""),
        (ValueRow(key="t", kind="table", text="itself"), "t = {itself}", ""),
    ],
)
def test_a_value_reads_as_lua_would_have_it(value: ValueRow, text: str, tone: str) -> None:
    assert (shown(value).text, shown(value).tone) == (text, tone)


def test_a_tone_is_a_colour_and_no_tone_is_none() -> None:
    model = Transcript()
    model.append([Line("a", "bad"), Line("b")])
    assert [model.index(row, 0).data(Role.TONE) for row in range(2)] == ["bad", None]
