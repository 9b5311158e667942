"""What modules show by ``host.ui.panel``: widgets as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelBrief:
    """That a module shows a panel; ``id`` is unique within the module."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelNode:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelView:
    """One panel as it stands."""

    title: str
    children: tuple[PanelNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelChange:
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
