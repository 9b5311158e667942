"""The modules as a tree: branches with titles, and in each its modules, which may stand under one another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QAbstractItemModel, QObject, QSortFilterProxyModel, Qt, Signal, Slot

from host.desktop.filtering import Filter
from host.desktop.models.arranging import Arrangement, Home, Rank, by_tier
from host.desktop.models.roles import NOWHERE, Index, Role
from host.desktop.models.rows import runs
from host.desktop.models.table import Column, cell, header
from host.desktop.wording import millis
from host.vocabulary.states import RUNNING, Health, Status

if TYPE_CHECKING:
    from host.vocabulary.views import Changes, ModuleView

_DISPLAY: Final = Qt.ItemDataRole.DisplayRole
_QUIET: Final = frozenset({Status.FOUND, Status.UNLOADED})


def _load(view: ModuleView) -> str:
    return "" if view.status in _QUIET else millis(view.ms_per_s)


def standing(view: ModuleView) -> str:
    """A word for how it is: its state, or what it says of its health where it runs and is not well."""
    if view.status is Status.ACTIVE and view.health in {Health.DEGRADED, Health.UNHEALTHY}:
        return str(view.health)
    return str(view.status)


def _marks(view: ModuleView) -> str:
    """Whether its saves are taken in, it is kept at its version, and has a process of its own."""
    running = view.status in RUNNING
    eye = ("watched" if view.watched else "unwatched") if running and view.reloadable else ""
    return " ".join(filter(None, (eye, "locked" if view.locked else "", "isolated" if view.isolated else "")))


def _tone(view: ModuleView) -> str:
    return "muted" if view.status in _QUIET else ""


COLUMNS: Final[tuple[Column[ModuleView], ...]] = (
    Column("State", standing, glyph=standing, tone=_tone),
    Column("Module", lambda view: view.name, tone=_tone),
    Column("Version", lambda view: view.version, tone=lambda _: "muted"),
    Column("ms/s", _load, number=True, tone=lambda _: "muted"),
    Column("Marks", lambda _: "", glyph=_marks, spoken=_marks),
)


class _Node:
    """A module or the title of a branch; ``id`` is what Qt keeps in an index of its row and never changes."""

    def __init__(self, number: int, title: str, rank: Rank, parent: _Node | None, *, module: bool) -> None:
        self.id = number
        self.title = title
        self.rank = rank
        self.parent = parent
        self.module = module
        self.children: list[_Node] = []

    @property
    def row(self) -> int:
        return self.parent.place(self.rank) if self.parent is not None else 0

    def place(self, rank: Rank) -> int:
        """The row of the child with this rank, or where it would stand."""
        return bisect_left(self.children, rank, key=lambda child: child.rank)


class ModulesTree(QAbstractItemModel):
    """What the engine knows, as it was last heard, arranged as the user wants it; ``settled`` follows each change."""

    settled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views: dict[str, ModuleView] = {}
        self._arrange: Arrangement = by_tier
        self._homes: Mapping[str, Home] = {}
        self._numbers = count(1)
        self._root = _Node(0, "", (0, ""), None, module=False)
        self._modules: dict[str, _Node] = {}
        self._branches: dict[str, _Node] = {}
        self._by_id: dict[int, _Node] = {}

    @property
    def views(self) -> Mapping[str, ModuleView]:
        return self._views

    @Slot(object)
    def apply(self, changes: Changes) -> None:
        """Take over what changed; nothing else is touched."""
        views = {} if changes.complete else dict(self._views)
        for name in changes.gone:
            views.pop(name, None)
        views |= {view.name: view for view in changes.modules}
        told = {name for name, view in views.items() if self._views.get(name) != view}
        if told or len(views) != len(self._views):
            self._become(views, told)

    def arrange(self, arrangement: Arrangement) -> None:
        """Arrange the same modules otherwise."""
        self._arrange = arrangement
        self._become(self._views, set())

    def find(self, name: str) -> Index:
        """The first cell of a module; an invalid index where there is none."""
        node = self._modules.get(name)
        return self.createIndex(node.row, 0, node.id) if node is not None else NOWHERE

    def view(self, index: Index) -> ModuleView | None:
        """What a row shows; ``None`` for the title of a branch."""
        node = self._node(index)
        return self._views[node.title] if node.module else None

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> Any:  # noqa: ANN401 - a QModelIndex; PySide wants it loose
        if not 0 <= row < self.rowCount(parent) or not 0 <= column < len(COLUMNS):
            return NOWHERE
        return self.createIndex(row, column, self._node(parent).children[row].id)

    def parent(self, index: Index = NOWHERE) -> Any:  # noqa: ANN401 - QObject.parent() is the other overload
        above = self._node(index).parent
        return self._at(above) if above is not None else NOWHERE

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() and parent.column() else len(self._node(parent).children)

    def columnCount(self, _parent: Index = NOWHERE) -> int:
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        if not index.isValid():
            return None
        node = self._node(index)
        if not node.module:
            return _branch_cell(node, index.column(), role)
        view, column = self._views[node.title], COLUMNS[index.column()]
        if role != Role.SORT:
            return cell(column, view, role)
        if column.number:
            return view.ms_per_s
        return f"{node.rank[0]:012}{node.title}" if index.column() == 1 else cell(column, view, _DISPLAY)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        return header(COLUMNS, section, orientation, role)

    def _node(self, index: Index) -> _Node:
        return self._by_id[index.internalId()] if index.isValid() else self._root

    def _at(self, node: _Node) -> Any:  # noqa: ANN401 - a QModelIndex, as above
        return NOWHERE if node is self._root else self.createIndex(node.row, 0, node.id)

    def _become(self, views: dict[str, ModuleView], told: set[str]) -> None:
        """Move what stands elsewhere now, and tell of what looks otherwise."""
        homes = self._arrange(views)
        leaving = [name for name in self._modules if homes.get(name) != self._homes[name]]
        for name in leaving:
            if name in self._modules:  # else it went along with one above it
                self._take_out(self._modules[name])
        self._views, self._homes = views, homes
        fresh = [name for name in homes if name not in self._modules]
        for name in fresh:
            self._put_in(name)
        for title, branch in list(self._branches.items()):
            if not branch.children:
                self._take_out(branch)
                del self._branches[title]
        self._tell(told.difference(fresh))
        self.settled.emit()

    def _take_out(self, node: _Node) -> None:
        above = node.parent
        assert above is not None  # noqa: S101 - the root is never taken out
        row = node.row
        self.beginRemoveRows(self._at(above), row, row)
        del above.children[row]
        self._forget(node)
        self.endRemoveRows()

    def _forget(self, node: _Node) -> None:
        del self._by_id[node.id]
        if node.module:
            del self._modules[node.title]
        for child in node.children:
            self._forget(child)

    def _put_in(self, name: str) -> _Node:
        """Give a module its row, and first what it stands under."""
        if name in self._modules:
            return self._modules[name]
        home = self._homes[name]
        above = self._put_in(home.under) if home.under else self._branch(home)
        node = self._modules[name] = self._inserted(name, home.rank, above, module=True)
        return node

    def _branch(self, home: Home) -> _Node:
        if home.branch not in self._branches:
            rank = (home.branch_rank, home.branch)
            self._branches[home.branch] = self._inserted(home.branch, rank, self._root, module=False)
        return self._branches[home.branch]

    def _inserted(self, title: str, rank: Rank, above: _Node, *, module: bool) -> _Node:
        node = _Node(next(self._numbers), title, rank, above, module=module)
        row = above.place(rank)
        self.beginInsertRows(self._at(above), row, row)
        above.children.insert(row, node)
        self._by_id[node.id] = node
        if module:
            self._modules[title] = node
        self.endInsertRows()
        return node

    def _tell(self, names: set[str]) -> None:
        """Name the rows that changed; neighbours in one breath, since a view pays for each time it is told."""
        rows: dict[int, list[int]] = {}
        for name in names:
            node = self._modules[name]
            if node.parent is not None:
                rows.setdefault(node.parent.id, []).append(node.row)
        for number, changed in rows.items():
            above = self._by_id.get(number, self._root)
            for first, last in runs(sorted(changed)):
                one, other = above.children[first], above.children[last]
                self.dataChanged.emit(
                    self.createIndex(first, 0, one.id), self.createIndex(last, len(COLUMNS) - 1, other.id)
                )


def _branch_cell(node: _Node, column: int, role: int) -> Any:  # noqa: ANN401 - as Qt has it
    if role in {_DISPLAY, Qt.ItemDataRole.AccessibleTextRole}:
        return node.title if column == 0 else ""
    if role == Role.TONE:
        return "muted"
    return node.rank[0] if role == Role.SORT else None


class FilteredModules(QSortFilterProxyModel):
    """The modules that the filter lets through; a tier is there while one of its modules is."""

    def __init__(self, source: ModulesTree, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._filter = Filter()
        self._tree = source
        self.setRecursiveFilteringEnabled(True)
        self.setSortRole(Role.SORT)
        self.setSourceModel(source)

    def restrict(self, to: Filter) -> None:
        """Show only what the filter lets through."""
        if hasattr(self, "beginFilterChange"):  # Qt 6.9 and newer; what it replaced is deprecated since
            self.beginFilterChange()
            self._filter = to
            self.endFilterChange(QSortFilterProxyModel.Direction.Rows)
        else:
            self._filter = to
            self.invalidateFilter()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        view = self._tree.view(self._tree.index(row, 0, parent))
        return view is not None and self._filter.accepts(view)

    @property
    def shown(self) -> int:
        return sum(map(self._filter.accepts, self._tree.views.values()))
