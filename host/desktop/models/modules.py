"""The modules as a tree: tiers, and in each its modules by name."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QObject, QSortFilterProxyModel, Qt, Slot

from host.desktop.filtering import Filter
from host.desktop.models.roles import NOWHERE, Index, Role
from host.desktop.models.rows import runs
from host.desktop.models.table import Column, cell, header
from host.desktop.wording import millis
from host.vocabulary.identity import Tier
from host.vocabulary.states import Status
from host.vocabulary.views import Changes, ModuleView

_ORDER: Final = {str(tier): at for at, tier in enumerate(Tier)}
_QUIET: Final = frozenset({Status.FOUND, Status.UNLOADED})


def _load(view: ModuleView) -> str:
    return "" if view.status in _QUIET else millis(view.ms_per_s)


def _walls(view: ModuleView) -> str:
    return "isolated" if view.isolated else ""


def _tone(view: ModuleView) -> str:
    return "muted" if view.status in _QUIET else ""


COLUMNS: Final[tuple[Column[ModuleView], ...]] = (
    Column("State", lambda view: str(view.status), glyph=lambda view: str(view.status), tone=_tone),
    Column("Module", lambda view: view.name, tone=_tone),
    Column("Version", lambda view: view.version, glyph=_walls, tone=lambda _: "muted"),
    Column("ms/s", _load, number=True, tone=lambda _: "muted"),
)


class _Branch:
    """One tier with its modules; ``id`` is what Qt keeps in an index of its rows and never changes."""

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.id = number
        self.names: list[str] = []


class ModulesTree(QAbstractItemModel):
    """What the engine knows, as it was last heard."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views: dict[str, ModuleView] = {}
        self._branches: list[_Branch] = []
        self._by_id: dict[int, _Branch] = {}

    @property
    def views(self) -> Mapping[str, ModuleView]:
        return self._views

    @Slot(object)
    def apply(self, changes: Changes) -> None:
        """Take over what changed; nothing else is touched."""
        if changes.complete:
            named = {view.name for view in changes.modules}
            self._forget(name for name in list(self._views) if name not in named)
        self._forget(name for name in changes.gone if name in self._views)
        self._tell({name for view in changes.modules if (name := self._learn(view))})

    def find(self, name: str) -> Index:
        """The first cell of a module; an invalid index where there is none."""
        view = self._views.get(name)
        if view is None:
            return NOWHERE
        branch = self._branch(view.tier)
        return self.createIndex(bisect_left(branch.names, name), 0, branch.id)

    def view(self, index: Index) -> ModuleView | None:
        """What a row shows; ``None`` for a tier."""
        branch = self._by_id.get(index.internalId()) if index.isValid() else None
        return self._views[branch.names[index.row()]] if branch else None

    def index(self, row: int, column: int, parent: Index = NOWHERE) -> Any:  # noqa: ANN401 - a QModelIndex; PySide wants it loose
        if not 0 <= row < self.rowCount(parent) or not 0 <= column < len(COLUMNS):
            return NOWHERE
        return self.createIndex(row, column, self._branches[parent.row()].id if parent.isValid() else 0)

    def parent(self, index: Index = NOWHERE) -> Any:  # noqa: ANN401 - QObject.parent() is the other overload
        branch = self._by_id.get(index.internalId()) if index.isValid() else None
        return self.createIndex(self._branches.index(branch), 0, 0) if branch else NOWHERE

    def rowCount(self, parent: Index = NOWHERE) -> int:
        if not parent.isValid():
            return len(self._branches)
        if parent.internalId() or parent.column():
            return 0
        return len(self._branches[parent.row()].names)

    def columnCount(self, _parent: Index = NOWHERE) -> int:
        return len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        view = self.view(index)
        if view is not None:
            if role == Role.SORT:
                return (
                    view.ms_per_s
                    if COLUMNS[index.column()].number
                    else cell(COLUMNS[index.column()], view, Qt.ItemDataRole.DisplayRole)
                )
            return cell(COLUMNS[index.column()], view, role)
        return self._tier_cell(index, role) if index.isValid() else None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401 - as Qt has it
        return header(COLUMNS, section, orientation, role)

    def _tier_cell(self, index: Index, role: int) -> Any:  # noqa: ANN401 - as Qt has it
        branch = self._branches[index.row()]
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole}:
            return branch.name if index.column() == 0 else ""
        if role == Role.TONE:
            return "muted"
        if role == Role.SORT:
            return _ORDER.get(branch.name, len(_ORDER))
        return None

    def _branch(self, tier: str) -> _Branch:
        """The branch of a tier, grown where there is none yet."""
        for branch in self._branches:
            if branch.name == tier:
                return branch
        branch = _Branch(tier, len(self._by_id) + 1)
        ranks = [(_ORDER.get(other.name, len(_ORDER)), other.name) for other in self._branches]
        at = bisect_left(ranks, (_ORDER.get(tier, len(_ORDER)), tier))
        self.beginInsertRows(NOWHERE, at, at)
        self._branches.insert(at, branch)
        self._by_id[branch.id] = branch
        self.endInsertRows()
        return branch

    def _learn(self, view: ModuleView) -> str:
        """Take over one module; its name where a row of it now shows something else."""
        known = self._views.get(view.name)
        if known == view:
            return ""
        if known is not None and known.tier == view.tier:
            self._views[view.name] = view
            return view.name
        if known is not None:
            self._forget((view.name,))
        branch = self._branch(view.tier)
        at = bisect_left(branch.names, view.name)
        self.beginInsertRows(self.createIndex(self._branches.index(branch), 0, 0), at, at)
        branch.names.insert(at, view.name)
        self._views[view.name] = view
        self.endInsertRows()
        return ""

    def _tell(self, names: set[str]) -> None:
        """Name the rows that changed; neighbours in one breath, since a view pays for each time it is told."""
        for branch in self._branches:
            rows = [at for at, name in enumerate(branch.names) if name in names]
            for first, last in runs(rows):
                self.dataChanged.emit(
                    self.createIndex(first, 0, branch.id), self.createIndex(last, len(COLUMNS) - 1, branch.id)
                )

    def _forget(self, names: Iterable[str]) -> None:
        for name in names:
            branch = self._branch(self._views[name].tier)
            at = bisect_left(branch.names, name)
            place = self._branches.index(branch)
            self.beginRemoveRows(self.createIndex(place, 0, 0), at, at)
            del branch.names[at]
            del self._views[name]
            self.endRemoveRows()
            if not branch.names:
                self.beginRemoveRows(NOWHERE, place, place)
                del self._branches[place]
                self.endRemoveRows()


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
        return sum(self.rowCount(self.index(at, 0)) for at in range(self.rowCount()))
