"""What a report about the program needs can be read and copied."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from host.desktop.session import Session
from host.vocabulary.identity import HOST_VERSION
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage
from tests.desktop.waiting import found


@in_window
async def test_versions_and_places_are_shown_and_copied(session: Session, stage: Stage) -> None:
    session.window.actions_by_id["help.about"].trigger()
    found(session.window, QPushButton, "about.copy").click()
    copied = dict(line.split(": ", 1) for line in QGuiApplication.clipboard().text().splitlines())
    assert copied["Theseus"] == HOST_VERSION
    assert copied["Data folder"] == str(stage.data)
    assert copied["Window"].startswith("PySide6 ")
    session.window.actions_by_id["view.dismiss"].trigger()
    assert not session.window.sheets.about.isVisible()
