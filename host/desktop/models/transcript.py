"""What was typed into a console and what came back: texts in order, and tables that open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractItemModel, QObject, Qt

from host.desktop.models.roles import NOWHERE, Index, Role
from host.desktop.wording import grouped

if TYPE_CHECKING:
    from host.vocabulary.views import ValueRow

MOST_LINES: Final = 1000
_TONES: Final = {"string": "good", "bytes": "good", "number": "accent", "boolean": "accent", "nil": "muted"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: text in a tone (a field of the colours, empty for the usual one), and a value that it may open to."""

    text: str
    tone: str = ""
    rows: tuple[ValueRow, ...] = ()
    beyond: int = 0


def shown(value: ValueRow) -> Line:
    """A value as one line."""
    name = f"{value.key} = " if value.key else ""
    match value.kind:
        case "string":
            text = f'"{value.text}"'
        case "table":
            entries = grouped(value.entries) + (" entry" if value.entries == 1 else " entries")
            text = f"{{{value.text or entries}}}"
        case "function":
            text = f"function {value.text}".rstrip()
        case _:
            text = value.text or value.kind
    return Line(name + text, _TONES.get(value.kind, ""), value.rows, max(0, value.entries - len(value.rows)))


class _Node:
    """A line where it stands; those below it are made when they are asked for."""

    __slots__ = ("_children", "line", "parent", "row")

    def __init__(self, line: Line, parent: _Node | None, row: int) -> None:
        self.line = line
        self.parent = parent
        self.row = row
        self._children: list[_Node] | None = None

    @property
    def children(self) -> list[_Node]:
        if self._children is None:
            lines = list(map(shown, self.line.rows))
            if self.line.rows and self.line.beyond:
                lines.append(Line(f"and {grouped(self.line.beyond)} more", "muted"))
            self._children = [_Node(line, self, row) for row, line in enumerate(lines)]
        return self._children


class Transcript(QAbstractItemModel):
    """The lines of one console; the oldest go where there are too many."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = _Node(Line(""), None, 0)

    def append(self, lines: Sequence[Line]) -> None:
        nodes, lines = self._root.children, lines[-MOST_LINES:]
        over = len(nodes) + len(lines) - MOST_LINES
        if over > 0:
            self.beginRemoveRows(NOWHERE, 0, min(over, len(nodes)) - 1)
            del nodes[:over]
            for row, node in enumerate(nodes):
                node.row = row
            self.endRemoveRows()
        if lines:
            self.beginInsertRows(NOWHERE, len(nodes), len(nodes) + len(lines) - 1)
            nodes += [_Node(line, self._root, len(nodes) + at) for at, line in enumerate(lines)]
            self.endInsertRows()

    def text(self, index: Index) -> str:
        """The text of a line."""
        return self._node(index).line.text

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> Any:  # noqa: ANN401 - Qt's QModelIndex
        children = self._node(parent).children
        if column != 0 or not 0 <= row < len(children):
            return NOWHERE
        return self.createIndex(row, column, children[row])

    def parent(self, index: Index = NOWHERE) -> Any:  # noqa: ANN401 - as above
        above = self._node(index).parent
        return NOWHERE if above is None or above is self._root else self.createIndex(above.row, 0, above)

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return len(self._node(parent).children)

    def columnCount(self, _parent: Index = NOWHERE) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if not index.isValid():
            return None
        line = self._node(index).line
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return line.text
        if role == Role.TONE:
            return line.tone or None
        return None

    def _node(self, index: Index) -> _Node:
        if not index.isValid():
            return self._root
        node: _Node = index.internalPointer()
        return node
