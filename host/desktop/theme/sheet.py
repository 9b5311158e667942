"""The style sheet: spacing on a grid of 4 pixels, hairlines, and a focus ring that is always seen."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final

from host.desktop.theme.colours import Colours

_ICONS: Final = Path(__file__).parent.parent / "icons"
_SHEET: Final = Template("""
QMainWindow::separator { background: $line; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $raised; color: $text; border: 1px solid $line; padding: 4px 8px; }

QMenuBar { background: $surface; padding: 2px 4px; }
QMenuBar::item { padding: 4px 8px; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 28px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $selection; color: $selected_text; }
QMenu::item:disabled { color: $frame; }
QMenu::separator { background: $line; height: 1px; margin: 4px 8px; }
QMenu::icon { padding-left: 8px; }

QToolBar { background: $surface; border: none; border-bottom: 1px solid $line; padding: 4px 8px; spacing: 4px; }
QToolBar::separator { background: $line; width: 1px; margin: 4px 4px; }
QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 4px 8px; }
QToolButton:hover { background: $hover; }
QToolButton:pressed, QToolButton:checked { background: $selection; color: $selected_text; }
QToolButton:focus { border-color: $accent; }
QToolButton:disabled { color: $frame; }
QToolButton[quiet="true"] { padding: 2px; }
QToolButton[rail="true"] { padding: 6px 10px 6px 9px; border-radius: 0; border: 1px solid transparent;
    border-left: 3px solid transparent; text-align: left; color: $muted; }
QToolButton[rail="true"]:hover { background: $hover; color: $text; }
QToolButton[rail="true"]:checked { background: $canvas; color: $text; border-left: 3px solid $accent; }
QToolButton[rail="true"]:focus { border: 1px solid $accent; border-left: 3px solid $accent; }
QToolButton[finder="true"] { background: $canvas; color: $muted; border: 1px solid $frame; padding: 4px 12px; }
QToolButton[finder="true"]:hover { border-color: $accent; color: $text; }

QPushButton { background: $raised; border: 1px solid $frame; border-radius: 5px; padding: 5px 14px; }
QPushButton:hover { background: $hover; }
QPushButton:focus { border-color: $accent; outline: none; }
QPushButton:checked { border-color: $accent; color: $accent; }
QPushButton:disabled { color: $frame; border-color: $line; }
QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600; }
QPushButton[primary="true"]:hover { border-color: $text; }
QPushButton[primary="true"]:focus { border: 2px solid $text; padding: 4px 13px; }
QPushButton[primary="true"]:disabled { background: $raised; color: $frame; border-color: $line; }
QLabel[role="link"] { color: $accent; border: 1px solid transparent; border-radius: 3px; }
QLabel[role="link"]:hover { background: $hover; }
QLabel[role="link"]:focus { border-color: $accent; }
QPushButton[link="true"] { background: transparent; border: 1px solid transparent; color: $accent; padding: 1px 0;
    text-align: left; }
QPushButton[link="true"]:hover { text-decoration: underline; }
QPushButton[link="true"]:focus { border-color: $accent; }

QLineEdit, QComboBox { background: $canvas; border: 1px solid $frame; border-radius: 5px; padding: 4px 8px;
    selection-background-color: $selection; selection-color: $selected_text; }
QLineEdit:focus, QComboBox:focus { border: 1px solid $accent; }
QComboBox { padding-right: 20px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url("$chevron"); width: 12px; height: 12px; }
QPlainTextEdit[form="true"] { background: $canvas; border: 1px solid $frame; border-radius: 5px; }
QPlainTextEdit[form="true"]:focus { border: 1px solid $accent; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $frame; border-radius: 3px; background: $canvas; }
QCheckBox::indicator:focus { border: 2px solid $accent; width: 12px; height: 12px; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url("$check"); }
QCheckBox::indicator:checked:focus { border-color: $text; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; outline: none; padding: 2px; }

QDockWidget { color: $muted; font-weight: 600; titlebar-close-icon: none; titlebar-normal-icon: none; }
QDockWidget::title { background: $surface; padding: 7px 12px 5px 12px; text-align: left; }
QTabBar { background: $surface; qproperty-drawBase: 0; }
QTabBar::tab { background: $surface; color: $muted; padding: 6px 14px; border: 1px solid transparent;
    border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; background: $hover; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:focus { border: 1px solid $accent; }

QAbstractItemView { background: $canvas; border: 1px solid transparent; outline: none;
    selection-background-color: $selection; selection-color: $selected_text; }
QAbstractItemView:focus { border: 1px solid $accent; }
QTreeView[drop="true"] { border: 2px dashed $accent; }
QHeaderView { background: $canvas; border: none; }
QHeaderView::section { background: $canvas; color: $muted; border: none; border-bottom: 1px solid $line;
    padding: 4px 8px; font-weight: 400; }
QHeaderView::section:hover { color: $text; }
QTableCornerButton::section { background: $canvas; border: none; }

QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: $line; border: 3px solid $canvas; border-radius: 6px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $frame; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: $canvas; border: none; }
QScrollArea { border: none; background: $canvas; }
QScrollArea[ground="none"] { background: transparent; }

QStatusBar { background: $surface; border-top: 1px solid $line; color: $muted; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 2px 4px; }
QSplitter::handle { background: $line; }

QFrame[ground="canvas"], QWidget[ground="canvas"] { background: $canvas; }
QFrame[ground="rail"] { background: $surface; border-right: 1px solid $line; }
QFrame[ground="head"] { background: $surface; border-bottom: 1px solid $line; }
QFrame[ground="strip"] { background: $surface; border-top: 1px solid $line; }
QFrame[ground="card"] { background: $raised; border: 1px solid $line; border-radius: 8px; }
QFrame[ground="card"] QHeaderView::section { padding: 4px 3px; }
QFrame[ground="card"] QLabel[role="caption"] { color: $text; }
QFrame[ground="sheet"] { background: $raised; border: 1px solid $frame; border-radius: 8px; }
QFrame[banner="good"] { background: $good_tint; border: none; border-left: 3px solid $good; }
QFrame[banner="busy"] { background: $busy_tint; border: none; border-left: 3px solid $busy; }
QFrame[banner="warn"] { background: $warn_tint; border: none; border-left: 3px solid $warn; }
QFrame[banner="bad"] { background: $bad_tint; border: none; border-left: 3px solid $bad; }

QLabel[tone="muted"] { color: $muted; }
QLabel[tone="good"] { color: $good; }
QLabel[tone="busy"] { color: $busy; }
QLabel[tone="warn"] { color: $warn; }
QLabel[tone="bad"] { color: $bad; }
QLabel[tone="idle"] { color: $idle; }
QLabel[role="title"] { font-size: ${title}pt; font-weight: 600; }
QLabel[role="caption"] { color: $muted; font-size: ${caption}pt; font-weight: 600; }
QLabel[role="number"] { font-size: ${number}pt; }
QLabel[role="key"] { color: $muted; }
""")


def sheet(colours: Colours, points: float) -> str:
    """The style sheet of one theme at one text size."""
    fields = {name: getattr(colours, name) for name in Colours.__dataclass_fields__}
    return _SHEET.substitute(
        fields,
        chevron=(_ICONS / f"chevron-{colours.name}.svg").as_posix(),
        check=(_ICONS / f"check-{colours.name}.svg").as_posix(),
        title=f"{points * 1.35:.1f}",
        caption=f"{points * 0.9:.1f}",
        number=f"{points * 1.15:.1f}",
    )
