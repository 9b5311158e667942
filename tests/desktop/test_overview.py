"""The overview names the hooks that take most time, and what is wrong with the module."""

from __future__ import annotations

from msgspec.structs import replace

from host.desktop.session import Session
from host.desktop.widgets.labels import Plain
from host.desktop.widgets.lists import ListView
from host.desktop.widgets.top_hooks import TopHooks
from host.vocabulary.views import ActivityRow, ProblemView, Severity
from tests.desktop.opened import in_window
from tests.desktop.stage import Stage, view
from tests.desktop.waiting import found, until

HOOKS = tuple(
    ActivityRow(kind="hook", name=f"on{at}", id=f"7.{at}", calls=10 * at, mean_ms=float(at)) for at in range(7)
)


async def looked_at(session: Session, stage: Stage) -> None:
    stage.put(view("chat"))
    await until(lambda: session.models.view("chat"))
    session.window.modules.select("chat")
    session.window.actions_by_id["section.overview"].trigger()


@in_window
async def test_the_hooks_that_take_most_stand_first_and_those_that_were_never_called_nowhere(
    session: Session, stage: Stage
) -> None:
    stage.activities["chat"] = (*HOOKS, ActivityRow(kind="timer", name="every 1 s", id="7.9", calls=999))
    await looked_at(session, stage)
    rows = found(session.window, ListView, "overview.hooks").model()

    def shown() -> list[str]:
        return [rows.index(row, 0).data() for row in range(rows.rowCount())]

    await until(lambda: shown() == ["on6", "on5", "on4", "on3"])
    stage.activities["chat"] = tuple(
        replace(row, calls=row.calls + (1000 if row.name == "on1" else 0)) for row in HOOKS
    )
    await until(lambda: shown()[0] == "on1")


@in_window
async def test_without_hooks_nothing_is_said_of_them(session: Session, stage: Stage) -> None:
    await looked_at(session, stage)
    await until(lambda: ("activity", "chat") in stage.asked)
    assert found(session.window, TopHooks, "overview.top_hooks").isHidden()


@in_window
async def test_the_first_of_its_problems_is_told_and_the_others_counted(session: Session, stage: Stage) -> None:
    await looked_at(session, stage)
    words = found(session.window, Plain, "overview.problems")
    assert words.isHidden()
    problem = ProblemView(id="a", severity=Severity.ERROR, message="chat failed in tick: boom", module="chat")
    stage.suffer(problem, replace(problem, id="b", message="other"), replace(problem, id="c", module="hud"))
    await until(lambda: words.text() == "chat failed in tick: boom.  (and 1 more under Problems)")
    stage.suffer()
    await until(words.isHidden)
