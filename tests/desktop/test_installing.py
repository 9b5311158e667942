"""What is dropped on the list of modules is shown before it is installed; a refusal is a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QPushButton

from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.vocabulary.errors import HostError, NotPacked
from host.vocabulary.views import PackagedFile, PackageView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until


def package(**fields: Any) -> PackageView:
    usual: dict[str, Any] = {
        "name": "radar", "version": "1.2.0", "summary": "Sees far", "authors": ("Ana",), "license": "MIT",
        "tier": "plugins", "place": "/modules/plugins/radar/1.2.0", "digest": "d1gest", "signed_by": "SHA256:ana",
        "files": (PackagedFile(path="radar/init.lua", size=2048, sha256=""),), "trust": "new", "trusted": "",
        "permissions": {"net": ("api.example.com:443",)}, "granted": (), "withdrawn": (), "dependencies": {},
        "plan": ("log 1.0.0", "radar 1.2.0"), "unresolved": "", "isolation": "process", "autoload": False,
        "memory": 32 << 20, "call_s": 0.1, "installed": (), "refused": "",
    }  # fmt: skip
    return PackageView(**usual | fields)


def dropped(session: Session, paths: Sequence[str]) -> bool:
    """Drag paths over the list and let them go; whether the list takes such a thing."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(path) for path in paths])
    buttons, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    panel = session.window.modules
    enter = QDragEnterEvent(QPoint(10, 40), Qt.DropAction.CopyAction, data, buttons, none)
    enter.ignore()
    QApplication.sendEvent(panel, enter)
    if enter.isAccepted():
        drop = QDropEvent(QPointF(10, 40), Qt.DropAction.CopyAction, data, buttons, none)
        QApplication.sendEvent(panel, drop)
    return enter.isAccepted()


def accept(session: Session) -> QPushButton:
    return found(session.window, QPushButton, "install.accept")


def said(session: Session, name: str) -> str:
    return found(session.window, Plain, f"install.{name}").text()


@in_window
async def test_a_dropped_package_is_shown_then_installed_and_taken_out_by_undo(session: Session, stage: Stage) -> None:
    stage.packages["/radar.zip"] = package(), ()
    assert dropped(session, ["/radar.zip"])
    await until(lambda: accept(session).isEnabled())
    assert said(session, "title") == "Install radar 1.2.0"
    assert said(session, "asks") == "net: api.example.com:443"
    assert said(session, "signed").startswith("SHA256:ana, a key that was not seen before")
    assert said(session, "loads") == "log 1.0.0, radar 1.2.0"
    assert not [ask for ask in stage.asked if ask[0] == "install"]
    accept(session).click()
    await until(lambda: session.window.inspector.module is not None)
    assert session.window.modules.selected() == ["radar"]
    assert [ask[2:] for ask in stage.asked if ask[0] == "terms"] == [("d1gest", [False] * 3)]
    undo = session.window.actions_by_id["edit.undo"]
    await until(undo.isEnabled)
    assert undo.text() == "Undo: install radar"
    undo.trigger()
    await until(lambda: ("uninstall", "radar", "1.2.0") in stage.asked)


@in_window
async def test_what_needs_a_word_has_a_tick_for_it(session: Session, stage: Stage) -> None:
    view = package(trust="unsigned", signed_by="", trusted="SHA256:ben", installed=("1.2.0", "1.0.0"))
    stage.packages["/radar"] = view, ("unsigned", "trust_key", "replace")
    dropped(session, ["/radar"])
    ticks = [found(session.window, QCheckBox, f"install.{name}_tick") for name in ("unsigned", "trust_key", "replace")]
    await until(lambda: said(session, "refused") == "Tick what you allow, and it can be installed.")
    assert [tick.isVisible() for tick in ticks] == [True] * 3
    for tick in ticks:
        assert not accept(session).isEnabled()
        tick.click()
    await until(lambda: accept(session).isEnabled())
    accept(session).click()
    await until(lambda: "lies in the trash" in session.window.inspector.notice.text)
    assert not session.window.actions_by_id["edit.undo"].isEnabled()


@in_window
async def test_what_no_tick_allows_says_why(session: Session, stage: Stage) -> None:
    stage.packages["/radar.zip"] = package(), ()
    stage.packages["/torn"] = NotPacked("/torn", "module.toml: name is missing")
    dropped(session, ["/nothing.txt"])
    await until(lambda: said(session, "refused") == "/nothing.txt is no package; nothing was installed")
    assert not accept(session).isEnabled()
    dropped(session, ["/torn"])
    await until(lambda: said(session, "refused") == "/torn was not packed: module.toml: name is missing")
    dropped(session, ["/radar.zip"])
    await until(lambda: accept(session).isEnabled())
    stage.refusal = HostError("the disk is full; nothing was changed")
    accept(session).click()
    await until(lambda: session.window.inspector.notice.text == "Not done: the disk is full; nothing was changed.")


@in_window
async def test_two_things_at_once_and_text_are_not_taken(session: Session) -> None:
    assert dropped(session, ["/a.zip", "/b.zip"])
    assert session.window.inspector.notice.text == (
        "Not done: 2 things were dropped; drop one folder or zip at a time."
    )
    assert not dropped(session, [])


@in_window
async def test_an_empty_list_offers_to_make_a_module(session: Session, stage: Stage) -> None:
    button = found(session.window, QPushButton, "modules.new")
    assert button.isVisible()
    button.click()
    field, make = found(session.window, QLineEdit, "new.name"), found(session.window, QPushButton, "new.accept")
    assert not make.isEnabled()
    QTest.keyClicks(field, "Gr eet2er")
    assert field.text() == "reet2er"
    QTest.keyClick(field, Qt.Key.Key_Return)
    await until(lambda: session.window.inspector.module is not None)
    assert ("made", "reet2er", "plugins", "") in stage.asked
    assert session.window.inspector.notice.text == "reet2er is made in /modules/plugins/reet2er"
    assert not button.isVisible()


@in_window
async def test_a_filter_that_lets_nothing_through_is_not_taken_for_an_empty_list(
    session: Session, stage: Stage
) -> None:
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.set_filter("nowhere")
    assert found(session.window, Plain, "modules.list_empty").text().startswith("No module is like that")
    assert not found(session.window, QPushButton, "modules.new").isVisible()
