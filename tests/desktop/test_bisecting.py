"""Finding a bad module: the window asks, the answers go to the engine, and what is sought is shown to whoever comes."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.trial_bar import TrialBar
from host.vocabulary.errors import HostError
from host.vocabulary.events import EventKind
from host.vocabulary.views import BisectionView
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

NONE = BisectionView(text="No search is under way.")
FIRST = BisectionView(text="All modules are off (2 ran). Is it still bad?", total=2, most=3)
SECOND = BisectionView(text="1 of 2 modules is on: a. Is it bad now?", total=2, answers=1, on=("a",), most=2)
FOUND = BisectionView(text="b is bad by itself.", total=2, answers=3, on=("a",), over=True, guilty=("b",))


async def begun(session: Session, stage: Stage, *script: BisectionView) -> TrialBar:
    stage.put(view("a"), view("b"))
    stage.searches = [NONE, *script]
    action = session.window.actions_by_id["module.bisect"]
    await until(action.isEnabled)
    action.trigger()
    await until(lambda: session.window.findChild(TrialBar) is not None)
    return found(session.window, TrialBar, "trial.bar")


def shown(session: Session) -> list[str]:
    bar = found(session.window, TrialBar, "trial.bar")
    return [button.text() for button in bar.findChildren(QPushButton) if button.isVisibleTo(bar) and button.isEnabled()]


def press(session: Session, step: str) -> None:
    found(session.window, QPushButton, f"trial.{step}").click()


def text(session: Session) -> str:
    return found(session.window, Plain, "trial.text").text()


@in_window
async def test_each_answer_leads_on_and_the_verdict_ends_it(session: Session, stage: Stage) -> None:
    bar = await begun(session, stage, FIRST, SECOND, FOUND, NONE)
    assert text(session) == f"{FIRST.text}  At most 3 to go, if one is bad by itself."
    assert shown(session) == ["Yes", "No", "End"]
    assert not session.window.actions_by_id["module.bisect"].isEnabled()
    press(session, "good")
    assert shown(session) == []
    await until(lambda: text(session).startswith(SECOND.text))
    assert "Back" in shown(session)
    press(session, "bad")
    await until(lambda: text(session) == FOUND.text)
    assert shown(session) == ["Back", "End"]
    press(session, "end")
    await until(lambda: not bar.isVisible())
    assert [ask[1] for ask in stage.asked if ask[0] == "step"] == ["begin", "good", "bad", "end"]
    assert session.window.actions_by_id["module.bisect"].isEnabled()


@in_window
async def test_a_refusal_is_told_and_the_question_stays(session: Session, stage: Stage) -> None:
    await begun(session, stage, FIRST)
    stage.refusal = HostError("the disk is full; nothing was changed")
    press(session, "bad")
    await until(lambda: session.window.inspector.notice.text == "Not done: the disk is full; nothing was changed.")
    await until(lambda: len(shown(session)) == 3)
    assert text(session).startswith(FIRST.text)


@in_window
async def test_a_search_that_somebody_else_began_is_shown(session: Session, stage: Stage) -> None:
    stage.searches = [SECOND]
    stage.tell(EventKind.BISECTION_CHANGED, text=SECOND.text)
    await until(lambda: session.window.findChild(TrialBar) is not None)
    assert text(session).startswith(SECOND.text)
    stage.searches = []
    stage.tell(EventKind.BISECTION_CHANGED, text="ended")
    await until(lambda: not found(session.window, TrialBar, "trial.bar").isVisible())
