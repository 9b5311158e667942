"""What a window keeps for the next one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtWidgets import QDockWidget

from host.desktop.settings import LAYOUT_VERSION, Settings
from host.desktop.theme.colours import DARK, LIGHT
from host.desktop.theme.look import ThemeChoice
from tests.desktop.opened import opened
from tests.desktop.stage import Stage
from tests.desktop.waiting import found

pytestmark = pytest.mark.usefixtures("qapp")


async def test_a_window_comes_back_as_it_was_left(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.server:
        async with opened(stage) as first:
            actions = first.window.actions_by_id
            for name in ("theme.light", "text.larger", "section.history"):
                actions[name].trigger()
            first.window.modules.set_filter("is:failed")
            found(first.window, QDockWidget, "log.dock").hide()
            first.window.resize(780, 540)
        async with opened(stage) as second:
            assert second.look.colours is LIGHT
            assert second.window.actions_by_id["theme.light"].isChecked()
            assert second.look.percent == 110
            assert second.window.inspector.section == "section.history"
            assert second.window.modules.filter_text == "is:failed"
            assert found(second.window, QDockWidget, "log.dock").isHidden()
            assert second.window.height() == 540
            second.window.actions_by_id["text.normal"].trigger()
            second.window.actions_by_id["theme.dark"].trigger()
            assert second.look.colours is DARK


async def test_text_grows_to_200_and_shrinks_to_80_percent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    async with stage.server, opened(stage) as session:
        actions = session.window.actions_by_id
        normal = session.window.font().pointSizeF()
        for _ in range(20):
            actions["text.larger"].trigger()
        assert session.look.percent == 200
        assert session.window.font().pointSizeF() == pytest.approx(2 * normal)
        for _ in range(20):
            actions["text.smaller"].trigger()
        assert session.look.percent == 80
        actions["text.normal"].trigger()


@pytest.mark.parametrize("text", ["", "\x00\x01", "[look]\ntheme=purple\npercent=many\n", "[layout\nversion"])
def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "workbench.ini").write_text(text)
    settings = Settings(tmp_path)
    assert settings.theme is ThemeChoice.SYSTEM
    assert settings.percent == 100
    assert settings.layout("docks") is None


def test_a_layout_of_another_version_is_not_taken_up(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.keep_layout("docks", QByteArray(b"planks"))
    assert settings.layout("docks") == QByteArray(b"planks")
    settings.keep_text("layout/version", str(LAYOUT_VERSION + 1))
    assert settings.layout("docks") is None


async def test_a_folder_that_takes_no_file_stops_no_window(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    (tmp_path / "workbench.ini").mkdir()
    async with stage.server, opened(stage) as session:
        assert session.window.isVisible()
