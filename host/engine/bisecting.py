"""The search for bad modules in a running host: each trial loads a part of what ran, and at the end all of it.

How far it is lies in the store, so it goes on after any end of the host or of a window. A trial that takes the engine
with it is an answer, too. Each trial and the end load from nothing: a quarantined module begins with no faults, and
what was loaded by hand meanwhile stays only where it came after the last trial.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, assert_never

from msgspec import structs

from host.engine.acts import session_of
from host.engine.parts import Parts
from host.engine.planning import bring_up_asked
from host.engine.starting import still_there
from host.resolution.bisecting import Trial, Verdict, after
from host.resolution.order import in_order
from host.resolution.relations import edges_of
from host.storage import Bisection, SessionEntry
from host.vocabulary.errors import HostError
from host.vocabulary.events import EventKind
from host.vocabulary.states import SearchStep
from host.vocabulary.views import BisectionView

_MOST_NAMED: Final = 8


async def bisect(parts: Parts, step: str) -> BisectionView:
    """Take one step; the caller holds the lock of all changes.

    Args:
        parts: of the host.
        step: ``begin``; ``bad`` or ``good``, the answer; ``back``, which takes the last answer back; ``end``.

    Returns:
        How far the search is.

    Raises:
        HostError: there is no such step now, or a module that it takes down runs with texts that nobody saved; nothing
            was changed.
    """
    if step not in {*SearchStep}:
        raise HostError(f"{step!r} is no step of a search; these are: {', '.join(SearchStep)}")
    _refuse_unsaved(parts)
    search, asked = await under_way(parts), SearchStep(step)
    match asked:
        case SearchStep.BEGIN:
            search = _begun(parts, search)
        case SearchStep.BAD | SearchStep.GOOD:
            search = _answered(search, bad=asked is SearchStep.BAD)
        case SearchStep.BACK:
            search = _taken_back(search)
        case SearchStep.END:
            return await _end(parts, _expected(search))
        case _:
            assert_never(asked)
    await _keep(parts, search)
    await _try(parts, search)
    return view(parts, search)


async def under_way(parts: Parts) -> Bisection | None:
    """The search as it is kept."""
    return await parts.keeping.ask(lambda store: store.bisections.current())


async def go_on(parts: Parts, search: Bisection) -> None:
    """Load what the trial needs, and nothing else, when a host starts amid a search."""
    died = parts.died
    step = after(search.needs, search.answers)
    if (
        died is not None
        and isinstance(step, Trial)
        and (met := [key.name for key, _ in died.suspects if key.name in step.on])
    ):
        search = _answered(search, bad=True)
        await _keep(parts, search)
        parts.chronicle.log("", "warn", f"the engine died in {met[0]}, so that trial counts as bad")
    async with parts.changing:
        await _try(parts, search)


def view(parts: Parts, search: Bisection | None) -> BisectionView:
    """Say how far it is, in words too."""
    if search is None:
        return BisectionView(text="No search for a bad module is under way.")
    step = after(search.needs, search.answers)
    total, answers = len(search.before), len(search.answers)
    on = tuple(entry.name for entry in _chosen(search, step))
    if isinstance(step, Verdict):
        found = _found(step.guilty)
        return BisectionView(text=found, total=total, answers=answers, on=on, over=True, guilty=step.guilty)
    off = tuple(name for name in on if parts.roster.serving(name) is None)
    text = _asked(on, total)
    if off:
        text += f" {_listed(off)} did not load, which Problems explains."
    return BisectionView(text=text, total=total, answers=answers, on=on, off=off, most=step.most)


def _refuse_unsaved(parts: Parts) -> None:
    for name, instance in parts.roster.active.items():
        if instance.unsaved:
            raise HostError(
                f"{name} runs with texts that are not saved, and each trial loads what lies on disk; save {name} or "
                "reload it first; nothing was changed"
            )


def _refuse_gone(parts: Parts) -> None:
    """What cannot be loaded again would be lost with the first trial."""
    library, active = parts.library, parts.roster.active
    gone = [name for name, each in active.items() if library.repository.at(each.manifest.folder) is None]
    if gone:
        why = library.why_not(active[gone[0]].manifest.folder)
        raise HostError(
            f"{_listed(gone)} could not be loaded again, and each trial loads what lies on disk ({why}); mend that, or "
            "unload what you can do without; nothing was changed"
        )


def _begun(parts: Parts, search: Bisection | None) -> Bisection:
    if search is not None:
        raise HostError("a search for a bad module is under way already; answer it, or end it; nothing was changed")
    session = {entry.name: entry for entry in session_of(parts.roster) if entry.name in parts.roster.active}
    if not session:
        raise HostError("no module is loaded, so none of them can be bad; nothing was changed")
    _refuse_gone(parts)
    needs = edges_of(parts.roster.manifests.values(), optional=False)
    order = in_order(needs).names
    return Bisection(before=tuple(session[name] for name in order), needs={name: needs[name] for name in order})


def _answered(search: Bisection | None, *, bad: bool) -> Bisection:
    search = _expected(search)
    if isinstance(after(search.needs, search.answers), Verdict):
        raise HostError("the search is over; end it, and all that ran before it comes back")
    return replace(search, answers=(*search.answers, bad))


def _taken_back(search: Bisection | None) -> Bisection:
    search = _expected(search)
    if not search.answers:
        raise HostError("no answer was given yet; nothing was changed")
    return replace(search, answers=search.answers[:-1])


def _expected(search: Bisection | None) -> Bisection:
    if search is None:
        raise HostError("no search for a bad module is under way; begin one; nothing was changed")
    return search


async def _keep(parts: Parts, search: Bisection | None) -> None:
    await parts.keeping.ask(lambda store: store.bisections.keep(search))


async def _try(parts: Parts, search: Bisection) -> None:
    """Load what is to be tried, from nothing: a trial says nothing if it depends on the one before."""
    step = after(search.needs, search.answers)
    await _be(parts, _chosen(search, step))
    parts.chronicle.tell(EventKind.BISECTION_CHANGED, view(parts, search).text)


async def _end(parts: Parts, search: Bisection) -> BisectionView:
    """Have all run that ran before, and what was loaded by hand since; what does not load now comes back once it can.

    Until that is so, the search is not forgotten.
    """
    roster, names = parts.roster, {each.name for each in search.before}
    beside = [each for each in session_of(roster) if each.name in roster.active and each.name not in names]
    roster.awaited.update({each.name: each for each in search.before if each.requested})
    step = after(search.needs, search.answers)
    guilty = step.guilty if isinstance(step, Verdict) else ()
    await _be(parts, (*search.before, *beside))
    await _keep(parts, None)
    text = f"the search for a bad module ended: {_found(guilty)}" if guilty else "the search for a bad module ended"
    parts.chronicle.tell(EventKind.BISECTION_CHANGED, text)
    ended = view(parts, None)
    off = [each.name for each in search.before if roster.serving(each.name) is None]
    return (
        structs.replace(ended, text=f"{ended.text} {_listed(off)} did not load, which Problems explains.")
        if off
        else ended
    )


async def _be(parts: Parts, entries: Sequence[SessionEntry]) -> None:
    for instance in reversed(list(parts.roster.active.values())):
        parts.loading.take_down(instance)
        await asyncio.sleep(0)
    for entry in entries:
        parts.casualties.forgive(entry.name)
    await bring_up_asked(parts, still_there(parts.library, entries), autoload=False)
    parts.roster.requested.difference_update(entry.name for entry in entries if not entry.requested)
    parts.keeping.save_session()


def _chosen(search: Bisection, step: Trial | Verdict) -> tuple[SessionEntry, ...]:
    """What is on; once it is over, all but who is guilty and who needs them."""
    if isinstance(step, Trial):
        return tuple(entry for entry in search.before if entry.name in step.on)
    gone = set(step.guilty)
    for name, needs in search.needs.items():
        if needs & gone:
            gone.add(name)
    return tuple(entry for entry in search.before if entry.name not in gone)


def _asked(on: Sequence[str], total: int) -> str:
    if not on:
        return f"All modules are off ({total} ran). Is it still bad?"
    return f"{len(on)} of {total} modules {'is' if len(on) == 1 else 'are'} on: {_listed(on)}. Is it bad now?"


def _found(guilty: Sequence[str]) -> str:
    match guilty:
        case []:
            return "It is bad with all modules off, so none of them is the cause."
        case [one]:
            return f"{one} is bad by itself; it and what needs it are off."
        case _:
            return f"{_listed(guilty)} are bad, but only together; they and what needs them are off."


def _listed(names: Sequence[str]) -> str:
    if len(names) > _MOST_NAMED:
        return f"{', '.join(names[:_MOST_NAMED])} and {len(names) - _MOST_NAMED} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
