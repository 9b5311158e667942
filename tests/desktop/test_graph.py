"""The graph: who needs whom, before anything is done."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QPushButton

from host.desktop.panels.graph import GraphSection
from host.desktop.session import Session
from host.desktop.widgets.graph_canvas import GraphCanvas
from host.desktop.widgets.labels import Plain
from host.vocabulary.graph import Graph, GraphArrow, GraphNode, Spot, Tie
from host.vocabulary.views import VersionView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def node(name: str, *spot: float, **more: Any) -> GraphNode:
    middle, layer = spot
    return GraphNode(
        name=name, version="1.0.0", tier="core", spot=(middle, int(layer)), width=18.0, running=True, **more
    )


def arrow(start: str, end: str, *way: Spot, tie: Tie = Tie.NEEDS, broken: bool = False) -> GraphArrow:
    return GraphArrow(start=start, end=end, tie=tie, specifier="^1", broken=broken, in_cycle=not broken, way=way)


AS_IT_IS = Graph(
    nodes=(node("hud", 10, 0), node("chat", 34, 0), node("log", 20, 1)),
    arrows=(
        arrow("hud", "log", (10, 0), (20, 1)),
        arrow("log", "hud", (20, 1), (10, 0)),
        arrow("chat", "hud", (34, 0), (10, 0), tie=Tie.CONFLICTS, broken=True),
    ),
    width=44.0,
    notes=("Unloading log unloads hud too.",),
)
BROKEN = Graph(
    nodes=(
        node("hud", 10, 0, fault="hud 1.0.0 needs log ^1, which log 2.0.0 is not.", affected=True),
        *AS_IT_IS.nodes[1:],
    ),
    arrows=(arrow("hud", "log", (10, 0), (20, 1), broken=True),),
    width=44.0,
)


async def shown(session: Session, stage: Stage) -> GraphCanvas:
    stage.graphs = {("log", ""): AS_IT_IS, ("log", "2.0.0"): BROKEN, ("hud", ""): AS_IT_IS, ("", ""): AS_IT_IS}
    versions = tuple(VersionView(version=version, path="/m") for version in ("2.0.0", "1.0.0"))
    stage.put(view("hud"), view("chat"), view("log", tier="core", versions=versions))
    await until(lambda: session.models.view("log"))
    session.window.modules.select("log")
    session.window.actions_by_id["section.graph"].trigger()
    canvas = found(session.window, GraphCanvas, "graph.canvas")
    await until(lambda: canvas.box("log"))
    return canvas


def box(canvas: GraphCanvas, name: str) -> QAbstractButton:
    found_box = canvas.box(name)
    assert found_box is not None
    return found_box


@in_window
async def test_a_swap_is_seen_to_break_somebody_before_it_is_made(session: Session, stage: Stage) -> None:
    canvas = await shown(session, stage)
    notes = found(session.window, Plain, "graph.notes")
    assert notes.text() == "Unloading log unloads hud too."
    version = found(session.window, QComboBox, "graph.version")
    assert [version.itemText(at) for at in range(version.count())] == ["1.0.0, as it is", "if it becomes 2.0.0"]
    QTest.keyClick(version, Qt.Key.Key_Down)
    faults = found(session.window, Plain, "graph.faults")
    await until(lambda: "which log 2.0.0 is not" in faults.text())
    assert "which log 2.0.0 is not" in box(canvas, "hud").accessibleName()
    assert [each for each in stage.asked if each[0] in {"swap", "load"}] == []


@in_window
async def test_boxes_are_walked_by_arrow_keys_and_looked_at_by_return(session: Session, stage: Stage) -> None:
    canvas = await shown(session, stage)
    session.window.activateWindow()
    box(canvas, "log").setFocus()
    for key, name in ((Qt.Key.Key_Up, "hud"), (Qt.Key.Key_Right, "chat"), (Qt.Key.Key_Left, "hud")):
        focused = session.window.focusWidget()
        assert focused is not None
        QTest.keyClick(focused, key)
        assert session.window.focusWidget() is box(canvas, name)
    QTest.keyClick(box(canvas, "hud"), Qt.Key.Key_Return)
    await until(lambda: session.window.inspector.module and session.window.inspector.module.name == "hud")


@in_window
async def test_every_fault_is_told_by_shape_and_not_by_colour_alone(session: Session, stage: Stage) -> None:
    canvas = await shown(session, stage)
    session.window.actions_by_id["theme.light"].trigger()
    sound = _lightnesses(box(canvas, "hud"))
    canvas.show_graph(BROKEN, "log")
    assert len(_lightnesses(box(canvas, "hud"))) > len(sound)


def _lightnesses(of: QAbstractButton) -> set[int]:
    """How light the points of the upper right corner are, where a fault has its mark; in eight steps."""
    image = of.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    points = [(x, y) for x in range(image.width() - 28, image.width() - 4) for y in range(4, 28)]
    return {image.pixelColor(*point).lightness() // 32 for point in points}


@in_window
async def test_the_picture_is_written_as_svg_and_a_place_that_takes_none_is_told(
    session: Session, stage: Stage
) -> None:
    await shown(session, stage)
    notes = found(session.window, Plain, "graph.notes")
    found(session.window, QPushButton, "graph.export").click()
    dialog = found(session.window, QFileDialog, "graph.dialog")
    dialog.fileSelected.emit(str(stage.data / "graph.svg"))
    dialog.reject()
    assert notes.text() == f"The graph is in {stage.data / 'graph.svg'}."
    drawn = ET.parse(stage.data / "graph.svg").getroot()  # noqa: S314 - written a moment ago
    texts = ["".join(each.itertext()).strip() for each in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"hud", "chat", "log"} <= set(texts)
    said = found(session.window, GraphSection, "graph.section").save(stage.data / "none" / "graph.svg")
    assert said.endswith("was not written: no such file or directory; choose another place.")


@in_window
async def test_all_modules_can_be_seen_at_once(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    found(session.window, QPushButton, "graph.whole").click()
    await until(lambda: ("graph", "", "") in stage.asked)


@in_window
async def test_a_module_alone_says_so(session: Session, stage: Stage) -> None:
    await shown(session, stage)
    stage.graphs["chat", ""] = Graph(nodes=(node("chat", 9, 0),), width=18.0)
    session.window.modules.select("chat")
    notes = found(session.window, Plain, "graph.notes")
    await until(lambda: notes.text() == "No dependencies, and nobody depends on it.")
