"""Functions by what was spent in them: a flame view as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from host.desktop.models.table import Column
from host.desktop.wording import grouped

if TYPE_CHECKING:
    from host.vocabulary.views import FlameNode

_Function = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Spent:
    """One function: in how many of all samples it ran itself, and in how many it or what it called."""

    name: str
    file: str
    line: int
    own: int
    whole: int
    all: int


def spent(roots: Sequence[FlameNode]) -> tuple[Spent, ...]:
    """All functions, those first that ran most themselves; what calls itself counts once in a sample."""
    own, whole = Counter[_Function](), Counter[_Function]()

    def walk(nodes: Sequence[FlameNode], above: frozenset[_Function]) -> None:
        for node in nodes:
            key = (node.name, node.file, node.line)
            if not node.name:
                continue
            if key not in above:
                whole[key] += node.samples
            own[key] += sum(each.samples for each in node.children if not each.name)
            walk(node.children, above | {key})

    walk(roots, frozenset())
    total = sum(root.samples for root in roots)
    rows = [Spent(*key, own=count, whole=whole[key], all=total) for key, count in own.items()]
    return tuple(sorted(rows, key=lambda row: (-row.own, -row.whole, row.file, row.line)))


def _share(count: int, total: int) -> str:
    return f"{count / total:.1%}" if total else ""


SPENT: Final[tuple[Column[Spent], ...]] = (
    Column("Function", lambda row: row.name),
    Column("Itself", lambda row: _share(row.own, row.all), number=True),
    Column("With callees", lambda row: _share(row.whole, row.all), number=True),
    Column("Where", lambda row: f"{row.file}:{row.line}" if row.file else "", tone=lambda _: "muted"),
    Column("Samples", lambda row: grouped(row.own), number=True, tone=lambda _: "muted"),
)
