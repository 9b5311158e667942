"""Why?: at most five sentences, each leading somewhere, and what may mend it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from host.desktop.reasons import fixes, reasons
from host.desktop.session import Session
from host.desktop.widgets.link import Link
from host.vocabulary.explanations import Link as Step
from host.vocabulary.explanations import Outdated, Why
from host.vocabulary.states import Health, Status
from host.vocabulary.views import AccessRow, ProblemView, Severity
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

BROKEN = ProblemView(
    id="reload:chat",
    severity=Severity.ERROR,
    message="the newest save of chat has a mistake",
    module="chat",
    file="/m/chat/init.lua",
    line=41,
    remedy="Mend line 41 and save.",
    action="rollback",
)
NEEDED = Why(
    name="chat",
    version="1",
    asked=False,
    chains=((Step(name="hud", version="2", wants="^1"), Step(name="chat", version="1")),),
)
ASKED = Why(name="chat", version="1", asked=True)
BEHIND = Outdated(name="chat", version="1", newest="3", held_back_by=("hud 2 needs chat ^1",))


def test_a_module_that_is_well_says_what_runs_and_who_asked_for_it() -> None:
    found = reasons(view("chat", truth="Running 1 from 14:00:00"), (), ASKED, None)
    assert [each.text for each in found] == ["Running 1 from 14:00:00.", "It was asked for itself."]


def test_what_matters_most_comes_first_and_five_are_enough() -> None:
    ill = view(
        "chat",
        truth="Running 1",
        status=Status.QUARANTINED,
        faults=5,
        reason="5 faults since it was loaded; the last: no rooms",
        health=Health.UNHEALTHY,
        health_detail="no database",
        access=(
            AccessRow(permission="net", pattern="a.example:443", denied=2),
            AccessRow(permission="exec", pattern="git"),
        ),
    )
    assert [each.text for each in reasons(ill, (BROKEN,), NEEDED, BEHIND)] == [
        "Running 1.",
        "The newest save of chat has a mistake. Mend line 41 and save.",
        "5 faults since it was loaded; the last: no rooms.",
        "It says that it is unhealthy: no database.",
        "It was denied net a.example:443 2 times.",
    ]


def test_a_chain_and_what_holds_the_newest_back_are_told() -> None:
    found = reasons(view("chat", truth="Running 1"), (), NEEDED, BEHIND)
    assert [(each.text, each.leads_to, each.module) for each in found[1:]] == [
        ("It is loaded because hud was asked for: hud 2 \u2192 chat 1.", "inspect", "hud"),
        ("3 is there too: hud 2 needs chat ^1.", "module.swap", ""),
    ]


def test_the_same_sentence_stands_once() -> None:
    gone = view("chat", status=Status.FAILED, truth="Not running: no", reason="Not running: no")
    assert [each.text for each in reasons(gone, (), None, None)] == ["Not running: no."]


def test_problems_of_others_are_not_its_own() -> None:
    assert len(reasons(view("hud", truth="Running 1"), (BROKEN,), None, None)) == 1
    assert fixes(view("hud"), (BROKEN,)) == ()


def test_what_may_mend_it_is_what_its_problems_and_its_state_say() -> None:
    assert fixes(view("chat", status=Status.FAILED), ()) == ("module.load",)
    ill = view("chat", status=Status.QUARANTINED, rollback_to="1")
    assert fixes(ill, (BROKEN,)) == ("module.rollback", "module.resume")


async def asked(session: Session, stage: Stage) -> None:
    """Why? was clicked of a chat that is quarantined after a broken save."""
    stage.whys["chat"] = NEEDED
    stage.put(
        view("chat", truth="Quarantined", status=Status.QUARANTINED, rollback_to="1", reason="5 faults"), view("hud")
    )
    stage.suffer(BROKEN)
    await until(lambda: session.models.view("hud") and session.models.problems.rowCount())
    session.window.modules.select("chat")
    QTest.mouseClick(found(session.window, QPushButton, "inspector.why"), Qt.MouseButton.LeftButton)
    await until(session.window.sheets.why.isVisible)


@in_window
async def test_a_sentence_about_another_module_leads_to_it(session: Session, stage: Stage) -> None:
    await asked(session, stage)
    link = found(session.window, Link, "why.reason_3")
    assert link.text().startswith("It is loaded because hud")
    QTest.keyClick(link, Qt.Key.Key_Return)
    assert session.window.inspector.module == stage.modules["hud"]
    assert not session.window.sheets.why.isVisible()


@in_window
async def test_a_sentence_about_a_mistake_leads_to_its_line(session: Session, stage: Stage) -> None:
    await asked(session, stage)
    QTest.mouseClick(found(session.window, Link, "why.reason_1"), Qt.MouseButton.LeftButton)
    assert session.window.inspector.section == "section.source"


@in_window
async def test_a_fix_is_carried_out(session: Session, stage: Stage) -> None:
    await asked(session, stage)
    buttons = [found(session.window, QPushButton, f"why.fix_{at}") for at in range(2)]
    assert [button.text() for button in buttons] == ["Roll back", "Resume"]
    QTest.mouseClick(buttons[1], Qt.MouseButton.LeftButton)
    await until(lambda: ("resume", "chat") in stage.asked)


@in_window
async def test_what_is_offered_for_one_module_is_never_done_to_another(session: Session, stage: Stage) -> None:
    await asked(session, stage)
    session.window.modules.select("hud")
    assert not session.window.sheets.why.isVisible()


@in_window
async def test_of_a_module_that_is_not_loaded_its_own_words_are_enough(session: Session, stage: Stage) -> None:
    stage.put(view("chat", status=Status.FAILED, truth="Not running: no log", reason="no log"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    session.window.actions_by_id["module.why"].trigger()
    await until(session.window.sheets.why.isVisible)
    assert found(session.window, Link, "why.reason_0").text() == "Not running: no log."
    assert found(session.window, QPushButton, "why.fix_0").text() == "Load"
    session.window.actions_by_id["view.dismiss"].trigger()
    assert not session.window.sheets.why.isVisible()
