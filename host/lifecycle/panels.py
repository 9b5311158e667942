"""The panels of an instance: what its module declared, what changed of that since, and what people did in it."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final, Protocol

from host.lifecycle.panel import Clock, Panel
from host.lifecycle.widgets import HEAVIEST, HOLDERS, LONGEST_TEXT, MOST_NODES, Node, Reader
from host.runtime.codec import decode
from host.runtime.crossing import Crossing, LuaFunction
from host.runtime.faults import printable
from host.vocabulary.errors import HostError, ModuleFault, NotData, NotShown, PanelInvalid
from host.vocabulary.views import PanelBrief, PanelChange, PlainData

MOST: Final = 16
"""Panels that one instance may have at once."""
LARGEST: Final = 1 << 18
"""Bytes of what is declared or changed at once."""
SHOW: Final = "host.ui.panel"
UPDATE: Final = "panel:update"


class OnChange(Protocol):
    """Told of each change; ``anew`` where a panel came or went."""

    def __call__(self, *, anew: bool) -> None: ...


class Panels:
    """Panels by the number of their debt.

    Attributes:
        typed: what people typed into fields and neither submitted nor the module changed, by panel and widget; it is
            handed on to the instance that takes this one's place.
    """

    def __init__(
        self,
        serial: int,
        call: Callable[[str, LuaFunction, Crossing], object],
        on_change: OnChange,
        clock: Clock = time.monotonic,
    ) -> None:
        """Prepare.

        Args:
            serial: of the instance: revisions of its panels are those of no other.
            call: calls into the module; given what that is called, the way in, and its arguments.
            on_change: told whenever there is something to see.
            clock: seconds.
        """
        self._revisions = count(serial << 32)
        self._call = call
        self._on_change = on_change
        self._clock = clock
        self._panels: dict[int, Panel] = {}
        self.typed: dict[tuple[str, str], str] = {}

    @property
    def briefs(self) -> tuple[PanelBrief, ...]:
        return tuple(panel.brief for panel in self._panels.values())

    def named(self, name: str) -> Panel | None:
        return next((panel for panel in self._panels.values() if panel.name == name), None)

    def changes(self, module: str, name: str, since: int) -> PanelChange | None:
        """What is new of one panel, ``None`` where nothing is."""
        panel = self.named(name)
        if panel is None:
            return PanelChange(module=module, panel=name, gone=True)
        revision, whole, changed = panel.changes(since)
        if whole is None and not changed:
            return None
        return PanelChange(module=module, panel=name, revision=revision, whole=whole, changed=changed)

    # -- by the module -----------------------------------------------------------------------------------------------

    def show(self, number: int, declared: bytes, answer: LuaFunction) -> str:
        """Take a panel in; its id.

        Raises:
            PanelInvalid: it is none.
            NotShown: it has more than can be shown, or there is one of that id.
        """
        given = _decoded(declared, Reader("", SHOW))
        name = Reader("", SHOW).name(given.pop("id", None), "id")
        reader = Reader(name, SHOW)
        title, children = given.pop("title", None), given.pop("children", None)
        if given:
            raise PanelInvalid(SHOW, str(next(iter(given)))[:80], "a panel has id, title and children")
        words = reader.properties("label", {"text": name if title is None else title}, "title")
        nodes = reader.children({} if children is None else children, "children", 0)
        _check(reader, nodes, set(), 0)
        if self.named(name) is not None:
            reader.too_much("is there already; close that first, or update it")
        if len(self._panels) >= MOST:
            reader.too_much(f"is one too many: a module has at most {MOST}")
        brief = PanelBrief(id=name, title=words["text"])
        panel = Panel(brief, nodes, answer, self._revisions, self._clock)
        self._panels[number] = panel
        self._take_up(panel)
        self._on_change(anew=True)
        return name

    def update(self, number: int, changes: bytes) -> None:
        """Change widgets of a panel, all or none.

        Raises:
            PanelInvalid: a change is none.
            NotShown: it would have more than can be shown.
        """
        panel = self._numbered(number)
        reader = Reader(panel.name, UPDATE)
        properties, children = _read(panel, reader, _decoded(changes, reader))
        gone = panel.below(children)
        if gone & properties.keys():
            raise PanelInvalid(UPDATE, min(gone & properties.keys()), "a widget that is not replaced expected")
        weight = panel.weight + sum(panel.node(key).heavier(new) for key, new in properties.items())
        weight -= sum(panel.node(key).weight for key in gone)
        _check(reader, [child for each in children.values() for child in each], panel.keys - gone, weight)
        # -- nothing below may fail --
        for key, new in properties.items():
            if "value" in new:
                self.typed.pop((panel.name, key), None)
            panel.put(key, new)
        for key in gone:
            self.typed.pop((panel.name, key), None)
        for key, nodes in children.items():
            panel.replace(key, nodes)
        self._on_change(anew=False)

    def value(self, number: int, key: str) -> Crossing:
        """What a widget shows now, with what was typed or chosen there."""
        node = self._numbered(number).node(key)
        return Crossing.of(node.properties.get("text" if node.kind in {"label", "button", "text"} else "value"))

    def close(self, number: int) -> None:
        """Take a panel away."""
        if self._panels.pop(number, None) is not None:
            self._on_change(anew=True)

    def forget(self, number: int) -> None:
        """Drop what people typed into a panel, as its module is about to close it."""
        panel = self._panels.get(number)
        if panel is not None:
            self.typed = {key: text for key, text in self.typed.items() if key[0] != panel.name}

    def _numbered(self, number: int) -> Panel:
        try:
            return self._panels[number]
        except KeyError:
            raise NotShown(f"#{number}", "is closed") from None

    # -- by people ---------------------------------------------------------------------------------------------------

    def operate(self, name: str, key: str, event: str, value: PlainData) -> None:
        """Take in what somebody did, and tell the module where it wants to know.

        Args:
            name: of the panel.
            key: of the widget.
            event: ``onClick``, ``onChange`` or ``onSubmit``.
            value: a row's number, what was typed, chosen or ticked; of a button nothing.

        Raises:
            ModuleFault: the handler failed; counted.
            HostError: there is no such panel or widget, or nobody could have done that there.
        """
        panel = self.named(name)
        if panel is None:
            raise HostError(f"there is no panel {printable(name)[:80]!r} any more; nothing was done")
        node = panel.node(key)
        value = _possible(node, event, value)
        if event != "onClick":
            panel.put(key, {"value": value})
            self._on_change(anew=False)
        if event == "onChange" and node.kind == "field":
            self.typed[name, key] = str(value)
        elif event == "onSubmit":
            self.typed.pop((name, key), None)
        if node.properties.get(event):
            self._tell(panel, key, event, value)

    def inherit(self, before: Panels) -> None:
        """Go on in the place of another instance's panels: with what people typed there, which the module is told."""
        if before is self:
            return
        self.typed = dict(before.typed)
        for panel in tuple(self._panels.values()):
            for key in self._take_up(panel):
                try:
                    self._tell(panel, key, "onChange", self.typed[panel.name, key])
                except ModuleFault:  # counted, and told as any fault of a handler
                    continue
        self._on_change(anew=True)

    def _take_up(self, panel: Panel) -> list[str]:
        """Put what was typed into a panel's fields; the keys of those that want to be told."""
        found = [node for node in panel if node.kind == "field" and (panel.name, node.key) in self.typed]
        for node in found:
            panel.put(node.key, {"value": self.typed[panel.name, node.key]})
        return [node.key for node in found if node.properties.get("onChange")]

    def _tell(self, panel: Panel, key: str, event: str, value: PlainData) -> None:
        self._call(f"{event} in panel {panel.name}", panel.answer, Crossing.of(key, event, value))


def _read(
    panel: Panel, reader: Reader, given: dict[Any, PlainData]
) -> tuple[dict[str, dict[str, Any]], dict[str, list[Node]]]:
    properties: dict[str, dict[str, Any]] = {}
    children: dict[str, list[Node]] = {}
    for key, value in given.items():
        try:
            node = panel.node(str(key))
        except HostError as unknown:
            raise PanelInvalid(UPDATE, "", str(unknown)) from None
        change = dict(reader.changes(node.kind, value, node.key))
        if node.kind in HOLDERS and "children" in change:
            children[node.key] = reader.children(change.pop("children"), f"{node.key}.children", node.depth + 1)
        properties[node.key] = reader.properties(node.kind, change, node.key)
    return properties, children


def _decoded(data: bytes, reader: Reader) -> dict[Any, PlainData]:
    if len(data) > LARGEST:
        reader.too_much(
            f"cannot be shown: that has {len(data) >> 10:,} KiB, and at most {LARGEST >> 10} are taken at once"
        )
    try:
        value = decode(data)
    except NotData as refusal:
        raise PanelInvalid(reader.function, "", str(refusal)) from None
    if not isinstance(value, dict):
        raise PanelInvalid(reader.function, "", "table with names expected, got a list")
    return value


def _check(reader: Reader, children: list[Node], others: set[str], weight: int) -> None:
    """Refuse what is too much with the others that stay, and what has the name of one of them."""
    nodes = [node for child in children for node in child.all()]
    if len(nodes) + len(others) > MOST_NODES:
        reader.too_much(f"would have {len(nodes) + len(others):,} widgets, and at most {MOST_NODES} are shown")
    if weight + sum(node.weight for node in nodes) > HEAVIEST:
        reader.too_much(f"would have more than {HEAVIEST >> 10} KiB of text")
    seen = set(others)
    for node in nodes:
        if node.key in seen:
            raise PanelInvalid(reader.function, "", f"two widgets are called {node.key!r}")
        seen.add(node.key)


def _possible(node: Node, event: str, value: PlainData) -> PlainData:
    """What somebody did, as the module is told it.

    Raises:
        HostError: nobody could have done it.
    """
    match node.kind, event, value:
        case _ if node.properties.get("enabled") is False:
            raise HostError(f"{node.key} is switched off; nothing was done")
        case ("button", "onClick", _):
            return None
        case ("table", "onClick", int()) if 1 <= value <= len(node.properties.get("rows", ())):
            return value
        case ("field", "onChange" | "onSubmit", str()):
            return value[:LONGEST_TEXT]
        case ("checkbox", "onChange", bool()):
            return value
        case ("choice", "onChange", str()) if value in node.properties.get("options", ()):
            return value
    raise HostError(f"a {node.kind} cannot be told {printable(event)[:40]!r} with that; nothing was done")
