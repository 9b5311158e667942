"""One panel: its widgets, and at which revision each property last changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from host.lifecycle.widgets import Node
from host.runtime.crossing import LuaFunction
from host.runtime.faults import printable
from host.vocabulary.errors import HostError
from host.vocabulary.views import PanelBrief, PanelView

EACH: Final = 0.1
"""Seconds between two pictures of a panel, at least: what changes in between is one change."""

Clock = Callable[[], float]


class Panel:
    """Widgets by key.

    A revision counts pictures, not changes: what changed since the last picture belongs to the next, which is taken
    when somebody looks, ``EACH`` seconds later at the soonest.
    """

    def __init__(
        self, brief: PanelBrief, children: list[Node], answer: LuaFunction, revisions: Iterator[int], clock: Clock
    ) -> None:
        self.brief: Final = brief
        self.answer: Final = answer
        self._children = children
        self._revisions = revisions
        self._clock = clock
        self._nodes = _by_key(children)
        self.weight = sum(node.weight for node in self)
        self._changed_at: dict[str, dict[str, int]] = {}
        self._pending: dict[str, set[str]] = {}
        self._shape_pending = False
        self._shaped_at = self._revision = next(revisions)
        self._pictured_at = -EACH

    @property
    def name(self) -> str:
        return self.brief.id

    def node(self, key: str) -> Node:
        """One of its widgets.

        Raises:
            HostError: it has none of that name.
        """
        try:
            return self._nodes[key]
        except KeyError:
            raise HostError(f"panel {self.name!r} has no widget {printable(key)[:80]!r}") from None

    def put(self, key: str, properties: Mapping[str, Any]) -> None:
        """Change properties of a widget; those that are as they were are no change."""
        node = self._nodes[key]
        new = {name: value for name, value in properties.items() if node.properties.get(name) != value}
        if new:
            self.weight += node.heavier(new)
            node.put(new)
            self._pending.setdefault(key, set()).update(new)

    def replace(self, key: str, children: list[Node]) -> None:
        """Give a row or a column other widgets."""
        self._nodes[key].children = children
        self._nodes = _by_key(self._children)
        self.weight = sum(node.weight for node in self)
        self._shape_pending = True

    def below(self, holders: Iterable[str]) -> set[str]:
        """Keys of all widgets in some rows and columns."""
        return {node.key for key in holders for child in self._nodes[key].children for node in child.all()}

    @property
    def keys(self) -> set[str]:
        return set(self._nodes)

    @property
    def due(self) -> float:
        """Seconds until there is another picture; infinite where nothing changed."""
        if not self._pending and not self._shape_pending:
            return float("inf")
        return max(0.0, self._pictured_at + EACH - self._clock())

    def changes(self, since: int) -> tuple[int, PanelView | None, dict[str, dict[str, Any]]]:
        """What is new since a revision: the newest, and all of it or the properties that changed by key."""
        if self.due <= 0:
            self._take_picture()
        if not self._shaped_at <= since <= self._revision:
            return self._revision, self.view(), {}
        changed = {}
        for key, at in self._changed_at.items():
            newer = [name for name, revision in at.items() if revision > since]
            if newer:
                changed[key] = {name: self._nodes[key].properties[name] for name in newer}
        return self._revision, None, changed

    def view(self) -> PanelView:
        return PanelView(title=self.brief.title, children=tuple(child.view() for child in self._children))

    def __iter__(self) -> Iterator[Node]:
        return iter(self._nodes.values())

    def _take_picture(self) -> None:
        self._pictured_at = self._clock()
        self._revision = next(self._revisions)
        if self._shape_pending:
            self._shaped_at = self._revision
            self._changed_at.clear()
        else:
            for key, names in self._pending.items():
                self._changed_at.setdefault(key, {}).update(dict.fromkeys(names, self._revision))
        self._pending.clear()
        self._shape_pending = False


def _by_key(children: list[Node]) -> dict[str, Node]:
    return {node.key: node for child in children for node in child.all()}
