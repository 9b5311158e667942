r"""OTML, the indented text of OTClient's manifests, read into nodes with their lines.

Two spaces a level, ``key: value``, ``- item``, ``[a, b]``, ``~`` for nothing, ``"quoted \n"``, texts of several lines
behind ``|`` (one line end at the end), ``|-`` (none) and ``|+`` (all). What it means follows OTClient's own parser, but
that one ends at the first fault, undoes escapes one after another (``\\n`` becomes a line end) and knows no ``#``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, NamedTuple

DEEPEST: Final = 32
"""Levels of indentation."""

_BLOCKS: Final = ("|", "|-", "|+")
_COMMENTS: Final = ("//", "#")
_ITEM: Final = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[^,]*?)\s*(?:,|\Z)')
_ESCAPE: Final = re.compile(r"\\([\\\"'nt])")
_ESCAPED: Final = {"n": "\n", "t": "\t"}


class OtmlFault(NamedTuple):
    """What is wrong in one line; ``message`` goes on where the file's name stops."""

    line: int
    message: str


@dataclass(slots=True, eq=False)
class Node:
    """One line, and what is indented below it.

    Attributes:
        tag: empty of an item of a list.
        value: ``None`` where it is ``~``.
        line: 1-based.
        block: whether ``value`` is of several lines, which begin in the line after this one.
    """

    tag: str = ""
    value: str | None = ""
    line: int = 0
    block: bool = False
    children: list[Node] = field(default_factory=list)

    def get(self, tag: str) -> Node | None:
        """The child of that name; ``None`` where there is none, or it is ``~``."""
        return next((child for child in self.children if child.tag == tag and child.value is not None), None)

    def add(self, child: Node) -> None:
        """Add a child; one of the same name gives way to it, and two lists in brackets become one."""
        for place, known in enumerate(self.children):
            if child.tag and known.tag == child.tag:
                child.children = [*known.children, *child.children] if child.children else []
                self.children[place] = child
                return
        self.children.append(child)


def parse_otml(text: str) -> tuple[Node, list[OtmlFault]]:
    """Read a text.

    Returns:
        A node without a tag that holds those without indentation, and all faults in the order of their lines; what
        follows a fault is read as it was most likely meant.
    """
    reading = _Reading([line.removesuffix("\r") for line in text.split("\n")])
    while reading.at < len(reading.lines):
        reading.take()
    return reading.root, reading.faults


class _Reading:
    """One walk over the lines; ``at`` is the next one, ``open`` the node that the last line began on each level."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.at = 0
        self.root = Node()
        self.open = [self.root]
        self.faults: list[OtmlFault] = []

    def take(self) -> None:
        """Read a line, and those of its text where it has one of several lines."""
        line = self.lines[self.at]
        self.at += 1
        content = line.strip()
        if not content or content.startswith(_COMMENTS):
            return
        depth = self._depth(line)
        node = self._node(content)
        if depth > DEEPEST:
            self._refuse(f"is indented more than {DEEPEST} levels deep")
            return
        del self.open[depth + 1 :]
        self.open[depth].add(node)
        self.open.append(node)
        if node.block:
            node.value = self._block(depth, node.value or "")

    def _depth(self, line: str) -> int:
        """On which level a line stands; what it is indented by is refused where it is no level."""
        indent = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in indent:
            self._refuse("is indented with a tab; write two spaces for each level")
        elif len(indent) % 2:
            self._refuse(f"is indented by {len(indent)} spaces; write two for each level")
        depth = len(indent.replace("\t", "  ")) // 2
        if depth < len(self.open):
            return depth
        if "\t" not in indent:
            self._refuse(f"is indented by {len(indent)} spaces, where {2 * len(self.open) - 2} are the most")
        return len(self.open) - 1

    def _node(self, content: str) -> Node:
        if content.startswith("-"):
            node = Node("", content[1:].strip(), self.at)
        else:
            tag, _, value = content.partition(":")
            node = Node(tag.strip(), value.strip(), self.at)
        value = node.value or ""
        if value == "~":
            node.value = None
        elif value.startswith("[") and value.endswith("]") and len(value) > 1:
            node.value = ""
            items = filter(None, _ITEM.findall(value[1:-1]))
            node.children = [Node("", _unquoted(item), self.at) for item in items]
        else:
            node.value, node.block = _unquoted(value), value in _BLOCKS
        return node

    def _block(self, depth: int, kind: str) -> str:
        """The lines that are indented deeper than a level, without the indentation that they share."""
        indent = "  " * (depth + 1)
        taken: list[str] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and not line.startswith(indent):
                if len(line) - len(line.lstrip(" ")) <= 2 * depth and not line.lstrip(" ").startswith("\t"):
                    break
                self.at += 1
                self._depth(line)
                taken.append(line.strip())
                continue
            self.at += 1
            taken.append(line.removeprefix(indent) if line.strip() else "")
        text = "\n".join([*taken, ""])
        return text if kind == "|+" else text.rstrip("\n") + "\n" * (kind == "|")

    def _refuse(self, message: str) -> None:
        self.faults.append(OtmlFault(self.at, message))


def _unquoted(value: str) -> str:
    if len(value) < 2 or not (value.startswith('"') and value.endswith('"')):
        return value
    return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), value[1:-1])
