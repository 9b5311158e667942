"""Before a swap: what its rehearsal told, and what has to be allowed."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QPushButton, QWidget

from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.states import Status
from host.vocabulary.views import DependentFit, Difference, FileChange, Plan, PlanStep, Rehearsal, VersionView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

CHAT = view(
    "chat",
    version="1.0.0",
    needed_by=("hud",),
    versions=(VersionView(version="2.1.0", path="/c/2"), VersionView(version="1.0.0", path="/c/1")),
)
GOOD = Rehearsal(
    module="chat",
    from_version="1.0.0",
    to_version="2.1.0",
    seconds=0.012,
    memory=2 << 20,
    memory_before=1 << 20,
    kept=("users",),
    changed=("log",),
    dropped=("legacy",),
    added=("rooms",),
    differences=(Difference(path="state.legacy", before="7", after=""),),
    hooks_gained=("onChatFormat",),
    hooks_lost=("onOldMessage",),
    files=(
        FileChange(path="init.lua", change="changed", lines_added=3, lines_removed=1),
        FileChange(path="lib/rooms.lua", change="added", lines_added=9),
    ),
    dependents=(DependentFit(module="hud", version="1.0", range=">=1", fits=True),),
    effects=("emit added",),
)


async def offered(session: Session, stage: Stage, rehearsal: Rehearsal = GOOD) -> None:
    """The sheet is open, and what the newest version would do is known."""
    stage.rehearsals["chat", "2.1.0", False] = rehearsal
    stage.put(CHAT)
    await until(lambda: session.models.view("chat") is not None)
    session.window.modules.select("chat")
    session.window.actions_by_id["module.swap"].trigger()
    await until(lambda: "Rehears" not in said(session, "verdict") or "Rehearsed" in said(session, "verdict"))


def said(session: Session, fact: str) -> str:
    return found(session.window, Plain, f"swap.{fact}").text()


def shown(session: Session, fact: str) -> bool:
    return found(session.window, QWidget, f"swap.{fact}").isVisible()


def press(session: Session, button: str) -> None:
    QTest.mouseClick(found(session.window, QPushButton, f"swap.{button}"), Qt.MouseButton.LeftButton)


def enabled(session: Session) -> bool:
    return found(session.window, QPushButton, "swap.accept").isEnabled()


@in_window
async def test_the_sheet_tells_what_the_rehearsal_found(session: Session, stage: Stage) -> None:
    await offered(session, stage)
    assert said(session, "verdict") == "Rehearsed in 12.0 ms: it would be done."
    assert said(session, "change") == "1.0.0 \u2192 2.1.0"
    assert said(session, "hooks") == "+ onChatFormat;  \u2212 onOldMessage"
    assert said(session, "permissions") == "the same"
    assert said(session, "needed_by") == "hud 1.0 wants >=1: fits"
    assert said(session, "files") == "init.lua (+3 \u22121), lib/rooms.lua (new)"
    assert said(session, "state") == "1 kept; changed: log; dropped: legacy; added: rooms"
    assert said(session, "memory") == "2.0 MB; now 1.0 MB"
    assert said(session, "effects") == "emit added"
    differences = found(session.window, ListView, "swap.differences").model()
    assert [differences.index(0, column).data() for column in range(3)] == ["state.legacy", "7", ""]


@in_window
async def test_nothing_can_be_swapped_before_the_rehearsal_has_answered(session: Session, stage: Stage) -> None:
    stage.put(CHAT)
    await until(lambda: session.models.view("chat") is not None)
    session.window.modules.select("chat")
    session.window.actions_by_id["module.swap"].trigger()
    assert (said(session, "verdict"), enabled(session)) == ("Rehearsing\u2026", False)
    await until(lambda: enabled(session))


@in_window
async def test_one_look_at_the_sheet_is_one_rehearsal_whatever_the_figures_do(session: Session, stage: Stage) -> None:
    await offered(session, stage)
    stage.change("chat", calls=9, ms_per_s=3.0)
    await until(lambda: session.models.modules.views["chat"].calls == 9)
    assert [ask for ask in stage.asked if ask[0] == "rehearse"] == [("rehearse", "chat", "2.1.0")]


@in_window
async def test_a_new_permission_needs_a_tick(session: Session, stage: Stage) -> None:
    new = ("net a.example:443", "exec git")
    await offered(session, stage, replace(GOOD, permissions_gained=new, not_granted=new))
    assert said(session, "permissions") == "+ net a.example:443, exec git"
    assert not enabled(session)
    for at, text in enumerate(("Allow chat 2.1.0: net a.example:443", "Allow chat 2.1.0: exec git")):
        assert not enabled(session)
        tick = found(session.window, QCheckBox, f"swap.allow_{at}")
        assert tick.text() == text
        tick.click()
    assert enabled(session)
    press(session, "accept")
    await until(lambda: ("swap", "chat", "2.1.0") in stage.asked)
    allowed = ("grant", "chat", {"net": ["a.example:443"], "exec": ["git"]}, "==2.1.0")
    assert stage.asked.index(allowed) < stage.asked.index(("swap", "chat", "2.1.0"))


@in_window
async def test_a_permission_that_was_granted_before_needs_no_tick(session: Session, stage: Stage) -> None:
    await offered(session, stage, replace(GOOD, permissions_gained=("net a.example:443",)))
    assert enabled(session)
    press(session, "accept")
    await until(lambda: ("swap", "chat", "2.1.0") in stage.asked)
    assert [ask for ask in stage.asked if ask[0] == "grant"] == []


@in_window
async def test_what_a_module_would_fail_in_is_said_and_can_be_tried_all_the_same(
    session: Session, stage: Stage
) -> None:
    refused = Rehearsal(
        module="chat", from_version="1.0.0", to_version="2.1.0", failed_step="migrate", error="init.lua:9: no rooms"
    )
    await offered(session, stage, refused)
    assert said(session, "verdict") == "It would be refused (migrate): init.lua:9: no rooms."
    assert not shown(session, "state")
    assert enabled(session)


@in_window
async def test_what_others_refuse_can_be_swapped_with_them(session: Session, stage: Stage) -> None:
    barred = Rehearsal(
        module="chat",
        from_version="1.0.0",
        to_version="2.1.0",
        failed_step="check",
        error="hud 1.0 needs chat <2",
        dependents=(DependentFit(module="hud", version="1.0", range="<2", fits=False),),
        further={"hud": "1.5"},
    )
    stage.rehearsals["chat", "2.1.0", True] = replace(
        GOOD, others=(Rehearsal(module="hud", from_version="1.0", to_version="1.5"),)
    )
    await offered(session, stage, barred)
    assert not enabled(session)
    assert said(session, "needed_by") == "hud 1.0 wants <2: does not fit"
    also = found(session.window, QCheckBox, "swap.also")
    assert also.text() == "Swap hud 1.5 too"
    also.click()
    await until(lambda: enabled(session))
    assert said(session, "along") == "hud 1.0 \u2192 1.5"
    press(session, "accept")
    await until(lambda: ("swap", "chat", "2.1.0", {"hud": "1.5"}) in stage.asked)


@in_window
async def test_a_trial_is_a_swap_with_a_probation_of_that_length(session: Session, stage: Stage) -> None:
    await offered(session, stage)
    press(session, "trial")
    await until(lambda: ("swap", "chat", "2.1.0", 30.0) in stage.asked)
    await until(lambda: session.window.inspector.notice.text == "chat: Swapped in 34.0 ms, on trial for 30 s")


@in_window
async def test_what_runs_can_be_swapped_for_what_now_lies_on_disk(session: Session, stage: Stage) -> None:
    await offered(session, stage)
    found(session.window, ListView, "swap.versions").selectRow(1)
    await until(lambda: enabled(session))
    assert said(session, "change") == "1.0.0 as it lies on disk"
    press(session, "accept")
    await until(lambda: ("swap", "chat", "1.0.0") in stage.asked)


@in_window
async def test_of_a_module_that_does_not_run_the_plan_is_told(session: Session, stage: Stage) -> None:
    needed = PlanStep(name="log", version="1.0", tier="core", path="/l")
    stage.plans["chat"] = Plan(order=(needed, PlanStep(name="chat", version="2.1.0", tier="plugins", path="/c/2")))
    stage.put(replace(CHAT, status=Status.FOUND, needed_by=()))
    await until(lambda: session.models.view("chat") is not None)
    session.window.modules.select("chat")
    session.window.actions_by_id["module.swap"].trigger()
    await until(lambda: enabled(session))
    assert said(session, "along") == "log 1.0"
    assert not shown(session, "trial")


@in_window
async def test_a_plan_that_is_refused_is_told_in_the_sheet(session: Session, stage: Stage) -> None:
    stage.refusal = ResolutionFailed("missing", "chat needs log ^1, which no module provides")
    stage.put(replace(CHAT, status=Status.FOUND))
    await until(lambda: session.models.view("chat") is not None)
    session.window.modules.select("chat")
    session.window.actions_by_id["module.swap"].trigger()
    await until(lambda: said(session, "verdict") == "chat needs log ^1, which no module provides")
    assert not enabled(session)
