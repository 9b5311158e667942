"""A module's state as a lazy tree: what is not open is not asked for, and large tables open in pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractItemModel, QObject, Qt, Signal, Slot

from host.desktop.models.roles import NOWHERE, Index, Role
from host.desktop.models.rows import Insertion, Move, Removal, steps
from host.desktop.models.table import LEFT
from host.desktop.wording import HOUR, ago, grouped

if TYPE_CHECKING:
    from host.vocabulary.views import StatePage, StateRow

PAGE: Final = 256
_FRESH: Final = 4.0
_TITLES: Final = ("Key", "Value", "Type", "Changed", "Last swap")

Key = str | int | float | bool


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Entries ``start`` to ``start + PAGE`` of the table at ``path``."""

    path: tuple[Key, ...]
    start: int = 0


class _Node:
    """One row: an entry, or a run of entries of a table too long to show at once; the root is neither.

    ``changed`` is when its text was last seen to differ, 0.0 where it never did.
    """

    __slots__ = ("changed", "children", "entry", "number", "open", "parent", "request", "total")

    def __init__(self, number: int, parent: _Node | None, entry: StateRow | None, request: PageRequest) -> None:
        self.number = number
        self.parent = parent
        self.entry = entry
        self.request = request
        self.total = entry.children if entry else 0
        self.children: list[_Node] | None = None
        self.open = False
        self.changed = 0.0

    @property
    def is_run(self) -> bool:
        return self.entry is None and self.parent is not None

    @property
    def split(self) -> bool:
        """Whether its entries stand in runs rather than directly below it."""
        return not self.is_run and self.total > PAGE


class StateTree(QAbstractItemModel):
    """The state of one module, as far as it was looked at.

    ``wanted`` asks for a page; whoever hears it gives the page to ``fill``. ``edited`` says of an entry what somebody
    wants in its place.
    """

    wanted = Signal(object)
    edited = Signal(object, str)

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._now = now
        self._count = 0
        self._nodes: dict[int, _Node] = {}
        self._holders: dict[PageRequest, _Node] = {}
        self._root = self._node(None, None, PageRequest(()))
        self._root.open = True

    def forget(self) -> None:
        """Show nothing: another module is looked at."""
        self.beginResetModel()
        self._nodes.clear()
        self._holders.clear()
        self._root = self._node(None, None, PageRequest(()))
        self._root.open = True
        self.endResetModel()

    def requests(self) -> list[PageRequest]:
        """The pages that are open all the way up; the first page of all is always the first."""
        return list(dict.fromkeys([PageRequest(()), *(node.request for node in self._open_holders(self._root))]))

    def awaits(self, request: PageRequest) -> bool:
        """Whether a page still has its place; what was asked for before it may have removed that."""
        return request in self._holders

    def fill(self, request: PageRequest, page: StatePage) -> None:
        """Take over one page; a page of a table that is gone is dropped."""
        if request == PageRequest(()):
            self._resize(self._root, page.total)
        holder = self._holders.get(request)
        if holder is not None:
            self._take(holder, page.rows)

    def tick(self) -> None:
        """Let the ages of recent changes grow."""
        horizon = self._now() - HOUR
        for node in list(self._nodes.values()):
            if node.changed > horizon and node.parent is not None:
                self._tell(node, 1, 3)

    @Slot(object)
    def opened(self, index: Index) -> None:
        """A row was expanded; what it holds is asked for."""
        node = self._at(index)
        node.open = True
        if not node.split:
            self.wanted.emit(node.request)

    @Slot(object)
    def closed(self, index: Index) -> None:
        self._at(index).open = False

    def entry(self, index: Index) -> StateRow | None:
        return self._at(index).entry if index.isValid() else None

    def path(self, index: Index) -> tuple[Key, ...]:
        """The keys that lead to an entry."""
        return self._at(index).request.path

    def flags(self, index: Index) -> Qt.ItemFlag:
        entry = self.entry(index)
        if entry is not None and entry.editable and index.column() == 1:
            return super().flags(index) | Qt.ItemFlag.ItemIsEditable
        return super().flags(index)

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:  # noqa: ANN401 - as Qt has it
        """Tell what is wanted in the place of a value; it is shown once it stands there."""
        entry = self.entry(index)
        if role == Qt.ItemDataRole.EditRole and entry is not None and entry.editable and value != entry.text:
            self.edited.emit(index, str(value))
        return False

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> Any:  # noqa: ANN401 - a QModelIndex; PySide wants it loose
        children = self._at(parent).children or ()
        if not 0 <= row < len(children) or not 0 <= column < len(_TITLES):
            return NOWHERE
        return self.createIndex(row, column, children[row].number)

    def parent(self, index: Index = NOWHERE) -> Any:  # noqa: ANN401 - QObject.parent() is the other overload
        node = self._at(index) if index.isValid() else self._root
        return self._place(node.parent) if node.parent is not None else NOWHERE

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.column() > 0 else len(self._at(parent).children or ())

    def columnCount(self, _parent: Index = NOWHERE) -> int:
        return len(_TITLES)

    def hasChildren(self, parent: Index = NOWHERE) -> bool:
        if parent.column() > 0:
            return False
        node = self._at(parent)
        return bool(node.children) or node.total > 0

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if not index.isValid():
            return None
        node, column = self._at(index), index.column()
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole, Qt.ItemDataRole.AccessibleTextRole}:
            return self._text(node, column)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return LEFT
        if role == Role.ROW:
            return node.entry
        if role == Role.TONE:
            return self._tone(node, column)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(_TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section]
        return LEFT if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _text(self, node: _Node, column: int) -> str:
        if column == 3:
            age = self._now() - node.changed
            return ago(age) if node.changed and age < HOUR else ""
        if node.entry is None:
            last = min(node.request.start + PAGE, node.parent.total if node.parent else 0)
            return f"{grouped(node.request.start + 1)} \u2013 {grouped(last)}" if column == 0 else ""
        if column == 4:
            return _of_swap(node.entry)
        return (str(node.entry.key), node.entry.text, node.entry.kind)[column]

    def _tone(self, node: _Node, column: int) -> str:
        if column == 4 and node.entry is not None:
            return {"changed": "busy", "added": "good"}.get(node.entry.swap, "muted")
        if node.changed and self._now() - node.changed < _FRESH and column in {1, 3}:
            return "busy"
        return "muted" if column >= 2 or node.entry is None or node.entry.children else ""

    def _at(self, index: Index) -> _Node:
        return self._nodes[index.internalId()] if index.isValid() else self._root

    def _place(self, node: _Node) -> Any:  # noqa: ANN401 - a QModelIndex
        if node.parent is None or node.parent.children is None:
            return NOWHERE
        return self.createIndex(node.parent.children.index(node), 0, node.number)

    def _tell(self, node: _Node, first: int, last: int) -> None:
        row = self._place(node).row()
        self.dataChanged.emit(self.createIndex(row, first, node.number), self.createIndex(row, last, node.number))

    def _node(self, parent: _Node | None, entry: StateRow | None, request: PageRequest) -> _Node:
        self._count += 1
        node = _Node(self._count, parent, entry, request)
        self._nodes[node.number] = node
        if not node.split and (entry is None or entry.children):
            self._holders[request] = node
        return node

    def _open_holders(self, node: _Node) -> Iterator[_Node]:
        if not node.open:
            return
        if self._holders.get(node.request) is node:
            yield node
        for child in node.children or ():
            yield from self._open_holders(child)

    def _take(self, holder: _Node, rows: Sequence[StateRow]) -> None:
        """Make the entries below a holder these, telling only what differs."""
        first_look = holder.children is None
        children = holder.children = holder.children if holder.children is not None else []
        fresh = {_identity(row): row for row in rows}
        order = list(fresh)
        changed = 0.0 if first_look else self._now()
        for step in steps([_identity(child.entry) for child in children if child.entry], order):
            match step:
                case Removal(first, last):
                    self._remove(holder, first, last)
                case Insertion(first, count):
                    self._insert(holder, first, [fresh[key] for key in order[first : first + count]], changed)
                case Move(origin, target):
                    place = self._place(holder)
                    self.beginMoveRows(place, origin, origin, place, target)
                    children.insert(target, children.pop(origin))
                    self.endMoveRows()
        for child, key in zip(children, order, strict=True):
            self._update(child, fresh[key])

    def _update(self, node: _Node, entry: StateRow) -> None:
        before, node.entry = node.entry, entry
        if before == entry:
            return
        if before is None or (before.kind, before.text) != (entry.kind, entry.text):
            node.changed = self._now()
        self._tell(node, 0, 4)
        self._resize(node, entry.children)

    def _insert(self, holder: _Node, first: int, rows: Sequence[StateRow], changed: float) -> None:
        path = holder.request.path
        made = [self._node(holder, row, PageRequest((*path, row.key))) for row in rows]
        for node in made:
            node.changed = changed
        self._put(holder, first, made)
        for node in made:
            self._split(node)

    def _put(self, parent: _Node, first: int, nodes: list[_Node]) -> None:
        if not nodes:
            return
        self.beginInsertRows(self._place(parent), first, first + len(nodes) - 1)
        parent.children = parent.children if parent.children is not None else []
        parent.children[first:first] = nodes
        self.endInsertRows()

    def _split(self, node: _Node) -> None:
        """Give a long table its runs; they are known without asking."""
        if node.split:
            have = len(node.children or ()) * PAGE
            runs = [
                self._node(node, None, PageRequest(node.request.path, start)) for start in range(have, node.total, PAGE)
            ]
            for run in runs:
                run.total = PAGE
            self._put(node, have // PAGE, runs)

    def _resize(self, node: _Node, total: int) -> None:
        """A table has another number of entries; its rows change only where its shape does."""
        before_split, before = node.split, node.total
        node.total = total
        if before == total:
            return
        if before_split != node.split or total == 0:
            self._remove(node, 0, len(node.children or ()) - 1)
            node.children = None
            self._holders.pop(node.request, None)
            if (total or node.parent is None) and not node.split:
                self._holders[node.request] = node
        if node.split:
            self._remove(node, -(-total // PAGE), len(node.children or ()) - 1)
            self._split(node)
        elif total and node.parent is not None:
            self._holders.setdefault(node.request, node)

    def _remove(self, parent: _Node, first: int, last: int) -> None:
        if parent.children is None or first > last:
            return
        self.beginRemoveRows(self._place(parent), first, last)
        gone = parent.children[first : last + 1]
        del parent.children[first : last + 1]
        self.endRemoveRows()
        for node in gone:
            self._drop(node)

    def _drop(self, node: _Node) -> None:
        del self._nodes[node.number]
        if self._holders.get(node.request) is node:
            del self._holders[node.request]
        for child in node.children or ():
            self._drop(child)


def _of_swap(entry: StateRow) -> str:
    """``kept``, ``was 3``, ``changed within``, ``new``; nothing of what came later."""
    if entry.swap == "changed":
        return f"was {entry.before}" if entry.before else "changed within"
    return "new" if entry.swap == "added" else entry.swap


def _identity(entry: StateRow | None) -> Hashable:
    """``1``, ``1.0`` and ``true`` are three keys, though Python takes them for one."""
    return (type(entry.key).__name__, entry.key) if entry else None
