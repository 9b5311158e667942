"""The centre: one module, looked at from several sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from host.desktop.models.modules import standing
from host.desktop.theme.look import Look
from host.desktop.widgets.banner import Banner
from host.desktop.widgets.labels import Elided, Plain
from host.desktop.widgets.later import Inspects
from host.desktop.widgets.state_label import StateLabel

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView


@dataclass(frozen=True, slots=True)
class Section:
    """One side: the action that shows it, and the widget, which ``Inspects``."""

    action: QAction
    page: QWidget
    sight: Inspects


class Inspector(QWidget):
    """A head that says what runs, a rail of sections, and the section."""

    sectionChanged = Signal(str)
    whyAsked = Signal()

    def __init__(self, sections: Sequence[Section], look: Look) -> None:
        super().__init__()
        self._sections = tuple(sections)
        self._look = look
        self._module: ModuleView | None = None
        self.setObjectName("inspector.panel")
        self.notice = Banner("inspector.notice", self.tr("Outcome of the last act"), look)
        self._state = StateLabel("inspector.state", look)
        self._name = Plain(role="title")
        self._name.setObjectName("inspector.name")
        self._summary = Elided(tone="muted")
        self._summary.setObjectName("inspector.summary")
        self._truth = Plain(wrap=True)
        self._truth.setObjectName("inspector.truth")
        self._stack = QStackedWidget()
        self._rail_buttons: list[QToolButton] = []
        self._whole = QStackedWidget()
        self._empty = Plain(self.tr("Pick a module on the left to look inside it."), tone="muted")
        self._empty.setObjectName("inspector.empty")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._whole.addWidget(self._empty)
        self._whole.addWidget(self._made_body())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._whole, 1)
        self.show_section(self._sections[0].action.objectName())
        look.changed.connect(self._draw)

    @property
    def module(self) -> ModuleView | None:
        """Who is looked at."""
        return self._module

    @property
    def section(self) -> str:
        """The id of the section in sight, as ``section.overview``."""
        return self._sections[self._stack.currentIndex()].action.objectName()

    def inspect(self, view: ModuleView | None) -> None:
        """Look at one module, or at none."""
        self._module = view
        self._whole.setCurrentIndex(0 if view is None else 1)
        if view is None:
            return
        self._state.show_state(standing(view), standing(view))
        self._name.setText(f"{view.name} {view.version}")
        self._summary.setText(view.summary)
        self._truth.setText(view.truth or view.reason)
        for section in self._sections:
            section.sight.inspect(view)

    def show_section(self, name: str) -> None:
        for at, section in enumerate(self._sections):
            chosen = section.action.objectName() == name
            self._rail_buttons[at].setChecked(chosen)
            if chosen:
                self._stack.setCurrentIndex(at)
                self.sectionChanged.emit(name)

    def focus_section(self) -> None:
        self._sections[self._stack.currentIndex()].page.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _made_body(self) -> QWidget:
        body = QWidget()
        across = QHBoxLayout()
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        self._rail = self._made_rail()
        across.addWidget(self._rail)
        for section in self._sections:
            self._stack.addWidget(section.page)
        across.addWidget(self._stack, 1)
        down = QVBoxLayout(body)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(self._made_head())
        down.addLayout(across, 1)
        return body

    def _made_head(self) -> QFrame:
        head = QFrame()
        head.setProperty("ground", "head")
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(self._name)
        line.addWidget(self._state)
        why = QPushButton(self.tr("Why?"))
        why.setObjectName("inspector.why")
        why.setAccessibleName(self.tr("Why is the module as it is?"))
        why.setProperty("link", "true")
        why.setCursor(Qt.CursorShape.PointingHandCursor)
        why.clicked.connect(self.whyAsked)
        line.addWidget(why)
        line.addWidget(self._summary, 1)
        column = QVBoxLayout(head)
        column.setContentsMargins(20, 10, 16, 10)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self._truth)
        return head

    def _made_rail(self) -> QScrollArea:
        """The buttons of all sections; in a low window they scroll, and do not keep it from being low."""
        rail = self._rail_frame = QFrame()
        rail.setProperty("ground", "rail")
        rail.setObjectName("inspector.rail")
        column = QVBoxLayout(rail)
        column.setContentsMargins(0, 8, 0, 8)
        column.setSpacing(2)
        for section in self._sections:
            button = QToolButton()
            button.setProperty("rail", "true")
            button.setObjectName(f"rail.{section.action.objectName().partition('.')[2]}")
            button.setCheckable(True)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setText(section.action.text())
            button.setAccessibleName(section.action.text())
            button.setToolTip(section.action.toolTip())
            button.clicked.connect(section.action.trigger)
            self._rail_buttons.append(button)
            column.addWidget(button)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("inspector.rail_area")
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        area.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        area.setWidget(rail)
        return area

    @Slot()
    def _draw(self) -> None:
        for button, section in zip(self._rail_buttons, self._sections, strict=True):
            button.setIcon(section.action.icon())
            button.setIconSize(self._look.icon_size)
        QTimer.singleShot(0, self._widen_rail)

    @Slot()
    def _widen_rail(self) -> None:
        """As wide as its words, which have grown or shrunk by now."""
        needed, bar = self._rail_frame.sizeHint(), self._rail.verticalScrollBar().sizeHint().width()
        self._rail.setFixedWidth(needed.width() + (bar if needed.height() > self._rail.height() else 0))
