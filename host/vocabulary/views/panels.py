"""What modules show by ``host.ui.panel``: widgets as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class PanelBrief(Struct, frozen=True, kw_only=True):
    """That a module shows a panel; ``id`` is unique within the module."""

    id: str
    title: str


class PanelNode(Struct, frozen=True, kw_only=True):
    """One widget of a panel.

    Attributes:
        key: names it within its panel: the ``id`` that the module gave it, or one made for it, which begins with ``#``.
        kind: ``label``, ``value``, ``meter``, ``table``, ``button``, ``field``, ``checkbox``, ``choice``, ``plot``,
            ``text``, ``row`` or ``column``.
        properties: what the module said of it, by name: text, numbers, booleans, or lists of these; a number that
            cannot be shown is null. Of what it answers (``onClick``, ``onChange``, ``onSubmit``) it is true.
        children: of a row or a column, in order.
    """

    key: str
    kind: str
    properties: Mapping[str, Any] = field(default_factory=dict)
    children: tuple[PanelNode, ...] = ()


class PanelView(Struct, frozen=True, kw_only=True):
    """One panel as it stands."""

    title: str
    children: tuple[PanelNode, ...]


class PanelChange(Struct, frozen=True, kw_only=True):
    """What is new of a panel since a revision.

    Attributes:
        revision: of the panel; ask with this one next time.
        whole: all of it, where the revision was 0, or too old to tell what changed.
        changed: else the properties that changed, by key of their node.
        gone: whether there is no such panel.
    """

    module: str
    panel: str
    revision: int = 0
    whole: PanelView | None = None
    changed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    gone: bool = False
