"""The window and a real engine in its own process: what a user does on the first day."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QTreeView

from host.desktop.keepers import Supervised
from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.vocabulary.states import Status
from tests.desktop.waiting import found, until

pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.integration]

COUNTER = """
local count = 0
local counter = {}
function counter:getState() return { count = count, step = %d } end
function counter:setState(state) count = state.count end
counter.hooks = { onTick = function() count = count + %d end }
return counter
"""


def write_module(folder: Path, version: str, step: int) -> Path:
    place = folder / "plugins" / "counter" / version
    place.mkdir(parents=True)
    (place / "module.toml").write_text(f'name = "counter"\nversion = "{version}"\n')
    (place / "init.lua").write_text(COUNTER % (step, step))
    return place / "init.lua"


@asynccontextmanager
async def living(modules: Path, data: Path) -> AsyncIterator[Session]:
    """The window with an engine of its own, up; afterwards the engine is gone and nothing went wrong."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    command = [sys.executable, "-m", "host", "engine", "--data", str(data), "--modules", str(modules)]
    keeper = Supervised(command, data, [*command, "--safe"])
    await keeper.start()
    session = Session(application, data)
    session.show()
    running = asyncio.ensure_future(session.run(keeper))
    try:
        await until(lambda: session.mirror.engine is not None, 20)
        yield session
        pid = engine_of(session)
        mistakes = [row.message for row in session.models.problems.rows if row.id.startswith("window:")]
    finally:
        session.window.close()
        async with asyncio.timeout(15):
            await running
    assert not psutil.pid_exists(pid)
    assert mistakes == []


def engine_of(session: Session) -> int:
    assert session.mirror.engine is not None
    return session.mirror.engine.pid


def status(session: Session) -> Status | None:
    view = session.models.view("counter")
    return view.status if view else None


def version(session: Session) -> str:
    view = session.models.view("counter")
    return view.version if view else ""


async def loaded(session: Session) -> None:
    await until(lambda: status(session) is not None)
    session.window.modules.select("counter")
    session.window.actions_by_id["module.load"].trigger()
    await until(lambda: status(session) is Status.ACTIVE)


async def tick(session: Session, times: int) -> None:
    for _ in range(times):
        await session.link.source.emit("onTick", [])


async def count_shown(session: Session, text: str) -> None:
    """The State section shows this count."""
    session.window.actions_by_id["section.state"].trigger()
    tree = found(session.window, QTreeView, "state.tree").model()

    def shown() -> dict[str, str]:
        return {tree.index(row, 0).data(): tree.index(row, 1).data() for row in range(tree.rowCount())}

    await until(lambda: shown().get("count") == text)


async def test_a_module_is_loaded_swapped_and_taken_back_with_its_state(tmp_path: Path) -> None:
    write_module(tmp_path / "modules", "1.0.0", 1)
    write_module(tmp_path / "modules", "2.1.0", 10)
    async with living(tmp_path / "modules", tmp_path / "data") as session:
        await until(lambda: status(session) is not None)
        session.commands.load("counter", "1.0.0")
        await until(lambda: status(session) is Status.ACTIVE)
        session.window.modules.select("counter")
        await tick(session, 3)
        await count_shown(session, "3")
        session.window.actions_by_id["module.swap"].trigger()
        accept = found(session.window, QPushButton, "swap.accept")
        await until(accept.isEnabled)
        accept.click()
        await until(lambda: version(session) == "2.1.0")
        await tick(session, 1)
        await count_shown(session, "13")
        await until(lambda: "Swapped in" in session.window.inspector.notice.text)
        found(session.window, QPushButton, "inspector.notice_act").click()
        await until(lambda: version(session) == "1.0.0")
        await until(session.window.actions_by_id["edit.redo"].isEnabled)
        session.window.actions_by_id["edit.redo"].trigger()
        await until(lambda: version(session) == "2.1.0")
        await count_shown(session, "13")
        session.window.actions_by_id["module.unload"].trigger()
        await until(lambda: status(session) is Status.FOUND)
        await until(lambda: "unload counter" in session.window.actions_by_id["edit.undo"].text())
        session.window.actions_by_id["edit.undo"].trigger()
        await until(lambda: (version(session), status(session)) == ("2.1.0", Status.ACTIVE))
        await count_shown(session, "13")


async def test_a_broken_save_is_refused_with_its_line_and_goes_with_the_next_good_one(tmp_path: Path) -> None:
    entry = write_module(tmp_path / "modules", "1.0.0", 1)
    async with living(tmp_path / "modules", tmp_path / "data") as session:
        await loaded(session)
        await tick(session, 2)
        truth = found(session.window, Plain, "inspector.truth")
        entry.write_text("local counter = {}\nlocal half = = 1\nreturn counter\n")
        await until(lambda: session.models.problems.rowCount() == 1)
        assert session.models.problems.rows[0].line == 2
        await until(lambda: "line 2" in truth.text())
        assert status(session) is Status.ACTIVE
        entry.write_text(COUNTER % (5, 5))
        await until(lambda: session.models.problems.rowCount() == 0)
        assert "line" not in truth.text()
        await tick(session, 1)
        await count_shown(session, "7")


async def test_a_killed_engine_is_told_and_comes_back_with_the_modules(tmp_path: Path) -> None:
    write_module(tmp_path / "modules", "1.0.0", 1)
    async with living(tmp_path / "modules", tmp_path / "data") as session:
        await loaded(session)
        first = engine_of(session)
        os.kill(first, signal.SIGKILL)
        await until(lambda: not session.link.connected)
        assert "killed by signal 9" in session.window.banner.text
        assert session.window.isVisible()
        await until(lambda: session.link.connected and engine_of(session) != first, 20)
        await until(lambda: status(session) is Status.ACTIVE)
        assert "It is back" in session.window.banner.text


async def test_a_profile_brings_back_what_ran_and_undo_takes_that_back(tmp_path: Path) -> None:
    write_module(tmp_path / "modules", "1.0.0", 1)
    write_module(tmp_path / "modules", "2.1.0", 10)
    async with living(tmp_path / "modules", tmp_path / "data") as session:
        await until(lambda: status(session) is not None)
        session.commands.load("counter", "1.0.0")
        await until(lambda: status(session) is Status.ACTIVE)
        await tick(session, 3)
        session.window.actions_by_id["profile.choose"].trigger()
        found(session.window, QLineEdit, "profile.name").setText("Evening")
        found(session.window, QPushButton, "profile.keep").click()
        await until(lambda: session.window.profile == "Evening")
        session.commands.swap("counter", "2.1.0")
        await until(lambda: version(session) == "2.1.0")
        session.window.sheets.profile.offer("Evening")
        accept = found(session.window, QPushButton, "profile.accept")
        await until(lambda: found(session.window, Plain, "profile.swap").text() == "counter 2.1.0 -> 1.0.0")
        accept.click()
        await until(lambda: version(session) == "1.0.0")
        await until(lambda: "profile Evening" in session.window.actions_by_id["edit.undo"].text())
        session.window.actions_by_id["edit.undo"].trigger()
        await until(lambda: version(session) == "2.1.0")
        session.window.modules.select("counter")
        await count_shown(session, "3")


async def test_a_search_for_a_bad_module_outlives_window_and_engine(tmp_path: Path) -> None:
    write_module(tmp_path / "modules", "1.0.0", 1)
    async with living(tmp_path / "modules", tmp_path / "data") as session:
        await loaded(session)
        await tick(session, 3)
        session.window.actions_by_id["module.bisect"].trigger()
        await until(lambda: session.window.findChild(Plain, "trial.text") is not None)
        await until(lambda: status(session) is Status.FOUND)
    async with living(tmp_path / "modules", tmp_path / "data") as session:
        await until(lambda: session.window.findChild(Plain, "trial.text") is not None)
        assert "All modules are off (1 ran)" in found(session.window, Plain, "trial.text").text()
        os.kill(engine_of(session), signal.SIGKILL)
        await until(lambda: not session.link.connected)
        await until(lambda: session.link.connected, 20)
        assert status(session) is Status.FOUND
        found(session.window, QPushButton, "trial.good").click()
        await until(lambda: "counter is bad by itself" in found(session.window, Plain, "trial.text").text())
        found(session.window, QPushButton, "trial.end").click()
        await until(lambda: status(session) is Status.ACTIVE)
        session.window.modules.select("counter")
        await count_shown(session, "3")


async def test_a_start_with_nothing_loses_nothing(tmp_path: Path) -> None:
    write_module(tmp_path / "modules", "1.0.0", 1)
    async with living(tmp_path / "modules", tmp_path / "data") as session:
        await loaded(session)
        await tick(session, 3)
        session.reporting.start(safe=True)
        await until(lambda: "Nothing is loaded." in session.window.banner.text, 20)
        await until(lambda: status(session) is Status.FOUND)
        found(session.window, QPushButton, "engine.banner_act").click()
        await until(lambda: status(session) is Status.ACTIVE, 20)
        session.window.modules.select("counter")
        await count_shown(session, "3")
