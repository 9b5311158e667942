"""The colours as a Qt palette, for all that Fusion draws by itself."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from host.desktop.theme.colours import Colours


def palette(colours: Colours) -> QPalette:
    """A palette of all three groups; disabled text is muted, never invisible."""
    made = QPalette()
    role = QPalette.ColorRole
    for ground, colour in (
        (role.Window, colours.surface),
        (role.WindowText, colours.text),
        (role.Base, colours.canvas),
        (role.AlternateBase, colours.surface),
        (role.Text, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.bad),
        (role.Highlight, colours.selection),
        (role.HighlightedText, colours.selected_text),
        (role.Accent, colours.accent),
        (role.Link, colours.accent),
        (role.LinkVisited, colours.accent),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.Light, colours.hover),
        (role.Midlight, colours.hover),
        (role.Mid, colours.line),
        (role.Dark, colours.frame),
        (role.Shadow, colours.line),
    ):
        made.setColor(ground, QColor(colour))
    for faded in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, faded, QColor(colours.frame))
    return made
