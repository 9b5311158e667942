"""Why a module is as it is: a few sentences, all of the engine's own, each with where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from host.desktop.wording import sentence
from host.vocabulary.states import RUNNING, Health, Status

if TYPE_CHECKING:
    from host.vocabulary.explanations import Outdated, Why
    from host.vocabulary.views import ModuleView, ProblemView

MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence.

    Attributes:
        leads_to: the id of an action (``section.history``); or ``inspect`` with the ``module``, or ``line`` with the
            place.
    """

    text: str
    leads_to: str
    module: str = ""
    file: str = ""
    line: int = 0


def reasons(
    view: ModuleView, problems: Sequence[ProblemView], why: Why | None, outdated: Outdated | None
) -> tuple[Reason, ...]:
    """The sentences, what matters most first; at most five.

    Args:
        view: the module.
        problems: those that stand now, of all modules.
        why: why it is loaded; ``None`` where it is not.
        outdated: what holds its newest version back; ``None`` where that runs.
    """
    found = [_truth(view)]
    found += [_problem(each) for each in problems if each.module == view.name]
    if view.status not in {Status.ACTIVE, Status.FOUND} or view.faults:
        found.append(Reason(sentence(view.reason, view.name), "dock.log"))
    if view.health in {Health.DEGRADED, Health.UNHEALTHY}:
        detail = f": {view.health_detail}" if view.health_detail else ""
        found.append(Reason(sentence(f"it says that it is {view.health}{detail}"), "dock.log"))
    for row in view.access:
        if row.denied:
            times = f"{row.denied} time{'s' if row.denied != 1 else ''}"
            text = f"it was denied {row.permission} {row.pattern} {times}"
            found.append(Reason(sentence(text), "section.access"))
    if why is not None:
        found.append(_chain(why))
    if outdated is not None:
        held = "; ".join(outdated.held_back_by) or "nothing holds it back"
        found.append(Reason(sentence(f"{outdated.newest} is there too: {held}"), "module.swap"))
    return tuple({each.text: each for each in reversed(found) if each.text}.values())[::-1][:MOST]


def fixes(view: ModuleView, problems: Sequence[ProblemView]) -> tuple[str, ...]:
    """Ids of the actions that may mend it, the best first."""
    wanted = [f"module.{each.action}" for each in problems if each.module == view.name and each.action]
    if view.status is Status.QUARANTINED:
        wanted.append("module.resume")
    if view.rollback_to and (view.faults or view.status is Status.QUARANTINED or view.health is Health.UNHEALTHY):
        wanted.append("module.rollback")
    if view.status not in RUNNING:
        wanted.append("module.load")
    return tuple(dict.fromkeys(wanted))


def _truth(view: ModuleView) -> Reason:
    return Reason(sentence(view.truth or view.reason, view.name), "section.history")


def _problem(each: ProblemView) -> Reason:
    text = f"{sentence(each.message, each.module)} {sentence(each.remedy)}".strip()
    return Reason(text, "line" if each.file else "dock.problems", each.module, each.file, each.line)


def _chain(why: Why) -> Reason:
    if why.asked:
        return Reason(sentence("it was asked for itself"), "section.graph")
    chain = next(iter(why.chains), ())
    steps = " \u2192 ".join(f"{link.name} {link.version}" for link in chain)
    first = chain[0].name if chain else ""
    return Reason(sentence(f"it is loaded because {first} was asked for: {steps}"), "inspect", first)
