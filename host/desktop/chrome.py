"""Menus and toolbar, made from the registry of actions."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QSizePolicy, QToolBar, QToolButton, QWidget

from host.desktop.actions import MENUS, SPECS, Actions


def fill_menus(window: QMainWindow, actions: Actions, opening: Callable[[], None]) -> None:
    """Put every action into its menu, so that none can be found by its key alone; ``opening`` comes before each."""
    bar = window.menuBar()
    bar.setObjectName("menu.bar")
    for area, title in MENUS.items():
        menu = bar.addMenu(QCoreApplication.translate("Actions", title))
        menu.setObjectName(f"menu.{area}")
        menu.aboutToShow.connect(opening)
        specs = [spec for spec in SPECS if spec.menu == area]
        for spec in specs:
            menu.addAction(actions[spec.id])
            if spec.ends_group and spec is not specs[-1]:
                menu.addSeparator()


def made_toolbar(window: QMainWindow, actions: Actions) -> QToolBar:
    """The acts on a module, and in the middle the way to everything else."""
    bar = QToolBar(QCoreApplication.translate("Actions", "Toolbar"), window)
    bar.setObjectName("toolbar.main")
    bar.setMovable(False)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for spec in SPECS:
        if spec.toolbar:
            bar.addWidget(_button(bar, actions[spec.id]))
    bar.addWidget(_gap("toolbar.left_gap"))
    finder = QToolButton()
    finder.setObjectName("toolbar.palette")
    finder.setProperty("finder", "true")
    finder.setText(f"{actions['view.palette'].text()}    Ctrl+K")
    finder.setAccessibleName(actions["view.palette"].text())
    finder.setToolTip(actions["view.palette"].toolTip())
    finder.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    finder.setMinimumWidth(280)
    finder.clicked.connect(actions["view.palette"].trigger)
    bar.addWidget(finder)
    bar.addWidget(_gap("toolbar.right_gap"))
    bar.addWidget(_button(bar, actions["profile.choose"]))
    return bar


def _button(bar: QToolBar, action: QAction) -> QToolButton:
    button = QToolButton()  # the toolbar's own is had as a QWidget, for which PySide makes every type it knows
    button.setDefaultAction(action)
    button.setAutoRaise(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    bar.iconSizeChanged.connect(button.setIconSize)
    button.setObjectName(f"toolbar.{action.objectName().partition('.')[2]}")
    button.setAccessibleName(action.text())
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _gap(name: str) -> QWidget:
    gap = QWidget()
    gap.setObjectName(name)
    gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    return gap
