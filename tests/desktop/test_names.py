"""What assistive technology and tests find a control by."""

from __future__ import annotations

import asyncio
import re
from collections import Counter

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QTreeView,
    QWidget,
)

from host.desktop.actions import DOCKS, SECTIONS
from host.desktop.session import Session
from host.desktop.widgets.labels import Elided
from host.desktop.widgets.trial_bar import TrialBar
from host.vocabulary.events import EventKind
from host.vocabulary.states import Outcome
from host.vocabulary.views import (
    ActivityRow,
    BisectionView,
    Comparison,
    FlameNode,
    HistoryRow,
    ProblemView,
    Profile,
    Severity,
)
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QPlainTextEdit)


def ours(window: QWidget) -> list[QWidget]:
    """All widgets but those that Qt makes for its own use inside of others."""
    return [
        widget
        for widget in window.findChildren(QWidget)
        if not widget.objectName().startswith("qt_") and not _inside(widget)
    ]


def _inside(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QComboBox | QLineEdit | QTabBar) or parent.objectName().startswith("qt_"):
            return True
        if isinstance(parent, QAbstractItemView) and not widget.objectName():
            return True
        parent = parent.parentWidget()
    return type(widget).__module__.startswith("PySide6") and widget.inherits("QTabBar")


async def everything_opened(session: Session, stage: Stage) -> None:
    """Have every section, dock and part of them that is made when it is needed be there, with something in it."""
    window = session.window
    node = FlameNode(name="hook onMessage", file="init.lua", line=1, samples=3)
    stage.profiles["chat"] = Profile(seconds=1.0, samples=3, unit="2,000 instructions", roots=(node,))
    stage.states["chat"] = {"n": 1, "users": {"ana": 1}}
    stage.activities["chat"] = (ActivityRow(kind="hook", name="onMessage", id="7.1"),)
    stage.histories["chat"] = (
        HistoryRow(id=1, at=1.0, kind="reload", from_version="1.0.0", to_version="1.0.0", outcome=Outcome.COMMITTED),
    )
    stage.comparisons[1, None] = Comparison(
        module="chat", earlier=1, later=None, from_version="1.0.0", to_version="1.0.0", diff="-a\n+b"
    )
    stage.say(("info", "chat", "a line"))
    stage.tell(EventKind.MODULE_LOADED, "chat")
    stage.suffer(ProblemView(id="p", severity=Severity.ERROR, message="wrong", module="chat"))
    for name in DOCKS:
        window.actions_by_id[f"dock.{name}"].trigger()
    for name in SECTIONS:
        window.actions_by_id[f"section.{name}"].trigger()
        await asyncio.sleep(0)
    window.actions_by_id["section.state"].trigger()
    tree = found(window, QTreeView, "state.tree")
    await until(tree.model().rowCount)
    tree.setCurrentIndex(tree.model().index(0, 0))
    found(window, QAction, "state.watch").trigger()
    window.actions_by_id["section.history"].trigger()
    rows = found(window, QTableView, "history.list")
    await until(rows.model().rowCount)
    rows.selectRow(0)
    found(window, QAbstractButton, "history.compare").click()
    await until(lambda: window.findChild(QTableView, "history.differences"))
    window.actions_by_id["section.source"].trigger()
    text = found(window, QPlainTextEdit, "source.text")
    await until(text.toPlainText)
    found(window, QAbstractButton, "source.edit").setChecked(True)
    text.appendPlainText("-- typed")
    found(window, QAbstractButton, "scratch.rehearse").click()
    await until(lambda: window.findChild(QLabel, "scratch.verdict"))


async def full(session: Session, stage: Stage) -> QWidget:
    """A window in which everything was opened once."""
    stage.put(view("chat", needs=("log",), needed_by=("hud",)), view("log", tier="core"))
    await until(lambda: session.models.view("log"))
    session.window.modules.select("chat")
    await everything_opened(session, stage)
    session.window.sheets.swap.offer(session.models.modules.views["chat"])
    session.window.sheets.profile.offer("")
    session.window.sheets.new.offer()
    session.window.sheets.install.offer("/nothing")
    session.window.sheets.about.tell()
    session.window.sheets.notices.offer()
    session.window.actions_by_id["help.tour"].trigger()
    stage.searches = [BisectionView(text="Is it bad now?", total=2, answers=1)]
    stage.tell(EventKind.BISECTION_CHANGED)
    await until(lambda: session.window.findChild(TrialBar))
    session.window.actions_by_id["view.palette"].trigger()
    session.window.inspector.notice.say("said", "good", act=("Undo", session.window.raise_))
    return session.window


@in_window
async def test_object_names_are_unique_and_say_area_and_thing(session: Session, stage: Stage) -> None:
    names = [widget.objectName() for widget in ours(await full(session, stage)) if widget.objectName()]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z]+(\.[a-z0-9_]+)+", name)] == []


@in_window
async def test_every_model_of_every_view_is_sound(session: Session, stage: Stage) -> None:
    window = await full(session, stage)
    models = {view.model() for view in window.findChildren(QAbstractItemView) if view.model() is not None}
    ours = [model for model in models if type(model).__module__.startswith("host.")]
    assert len(ours) > 12
    mode = QAbstractItemModelTester.FailureReportingMode.Warning  # which pytest-qt makes a failure
    testers = [QAbstractItemModelTester(model, mode, model) for model in ours]
    stage.say(("warn", "chat", "another line"))
    stage.change("chat", calls=7)
    await until(lambda: session.models.log.total == 2)
    assert len(testers) == len(ours)


@in_window
async def test_every_control_has_a_name_for_tests_and_one_for_people(session: Session, stage: Stage) -> None:
    controls = [widget for widget in ours(await full(session, stage)) if isinstance(widget, CONTROLS)]
    assert len(controls) > 25
    assert [type(widget).__name__ for widget in controls if not widget.objectName()] == []
    shown = [widget for widget in controls if widget.isVisibleTo(session.window)]
    assert [widget.objectName() for widget in shown if not widget.accessibleName()] == []


@in_window
async def test_no_label_takes_text_for_markup(session: Session, stage: Stage) -> None:
    labels = (await full(session, stage)).findChildren(QLabel)
    assert len(labels) > 20
    risky = [label for label in labels if label.textFormat() is not Qt.TextFormat.PlainText]
    assert [label.objectName() or label.text() for label in risky] == []


@in_window
async def test_every_control_can_be_reached_by_keyboard(session: Session, stage: Stage) -> None:
    window = await full(session, stage)
    deaf = [
        widget.objectName()
        for widget in ours(window)
        if isinstance(widget, CONTROLS)
        and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QAbstractScrollArea)
    ]
    assert deaf == []


@in_window
async def test_what_is_cut_off_is_whole_in_its_tip_and_never_markup(session: Session, stage: Stage) -> None:
    stage.put(view("chat", summary="<b>Chat</b> & more", path="/a/<i>b</i>"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    tips = {label.objectName(): label.toolTip() for label in session.window.findChildren(Elided)}
    assert tips["inspector.summary"] == "<p>&lt;b&gt;Chat&lt;/b&gt; &amp; more</p>"
    assert tips["overview.path"] == "<p>/a/&lt;i&gt;b&lt;/i&gt;</p>"
