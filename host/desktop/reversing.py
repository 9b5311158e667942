"""How an act is taken back: the modules that it touched become what they were."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from host.desktop.wording import pause, spelled, value_text
from host.vocabulary.states import RUNNING, Outcome

if TYPE_CHECKING:
    from host.protocol.messages import Source
    from host.vocabulary.views import HistoryRow, PlainData


@dataclass(frozen=True, slots=True)
class Standing:
    """How modules stood at a moment.

    Attributes:
        running: versions by name, of those that ran.
        points: by name, the act of its history after which the code ran that ran then; of a few modules only.
    """

    running: Mapping[str, str]
    points: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reversed:
    """What came of taking an act back.

    Attributes:
        text: one sentence.
        pause_s: of the one module whose code changed, if it was one.
        reversal: takes the taking back back.
    """

    text: str
    pause_s: float | None
    reversal: Reversal


@dataclass(frozen=True, slots=True)
class Reversal:
    """One act that can be taken back, whatever was done since.

    Attributes:
        module: whom it was about.
        text: what was done, as it stands behind *Undo*.
        carry: takes it back; raises HostError where that is refused.
    """

    module: str
    text: str
    carry: Callable[[Source], Awaitable[Reversed]]


async def standing(source: Source, names: Sequence[str]) -> Standing:
    """How all modules stand now, and of some to which act their code belongs."""
    modules = (await source.snapshot()).modules
    running = {name: view.version for name, view in modules.items() if view.status in RUNNING}
    points = {name: newest(await source.history(name)) for name in names if name in running}
    return Standing(running, {name: point for name, point in points.items() if point})


def newest(rows: Sequence[HistoryRow]) -> int:
    """The last act after which a module ran what it ran afterwards; 0 where none is kept. The rows are newest first."""
    return next((row.id for row in rows if row.outcome is Outcome.COMMITTED and row.kind != "unload"), 0)


def back_to(before: Standing, module: str, text: str, touched: Sequence[str]) -> Reversal:
    """Make modules again what they were.

    Args:
        before: how they stood.
        module: whom the act was about.
        text: what was done.
        touched: all that it changed, dependencies before dependents.
    """

    async def carry(source: Source) -> Reversed:
        now = await standing(source, touched)
        words, took = await _return(source, before, now, touched)
        return Reversed(words, took, back_to(now, module, text, touched))

    return Reversal(module, text, carry)


def back_to_settings(module: str, text: str, before: PlainData, *, again: bool = False) -> Reversal:
    """Set a module's settings as they were, or ``again`` as they were set."""

    async def carry(source: Source) -> Reversed:
        now = (await source.settings(module))["settings"]
        await source.configure(module, before)
        words = f"{module} has its new settings again" if again else f"{module} has its settings of before"
        return Reversed(words, None, back_to_settings(module, text, now, again=not again))

    return Reversal(module, text, carry)


async def granted(source: Source, module: str) -> Mapping[str, frozenset[str]]:
    """What a module may do of what it asks for: patterns by permission."""
    view = (await source.snapshot()).modules.get(module)
    found: dict[str, set[str]] = {}
    for row in view.access if view is not None else ():
        if row.asked and row.granted_by:
            found.setdefault(row.permission, set()).add(row.pattern)
    return {name: frozenset(patterns) for name, patterns in found.items()}


def back_to_access(module: str, text: str, before: Mapping[str, frozenset[str]]) -> Reversal:
    """Let a module do again what it might do before, and nothing else."""

    async def carry(source: Source) -> Reversed:
        now = await granted(source, module)
        if given := _lacking(before, now):
            await source.grant(module, given)
        if taken := _lacking(now, before):
            await source.revoke(module, taken)
        return Reversed(f"{module} may do what it might do before", None, back_to_access(module, text, now))

    return Reversal(module, text, carry)


def back_to_lock(module: str, text: str, before: str) -> Reversal:
    """Lock a module where it was locked before, or nowhere."""

    async def carry(source: Source) -> Reversed:
        view = (await source.snapshot()).modules.get(module)
        now = view.locked if view is not None else ""
        await source.lock(module, before)
        said = f"{module} is locked at {before}" if before else f"{module} is locked no more"
        return Reversed(said, None, back_to_lock(module, text, now))

    return Reversal(module, text, carry)


def _lacking(wanted: Mapping[str, frozenset[str]], there: Mapping[str, frozenset[str]]) -> dict[str, list[str]]:
    lacking = {name: sorted(patterns - there.get(name, frozenset())) for name, patterns in wanted.items()}
    return {name: patterns for name, patterns in lacking.items() if patterns}


def back_to_uninstalled(module: str, version: str, text: str) -> Reversal:
    """Take a version out again that was installed, and put it back."""

    async def carry(source: Source) -> Reversed:
        await source.uninstall(module, version)
        return Reversed(f"{module} {version} is uninstalled", None, Reversal(module, text, again))

    async def again(source: Source) -> Reversed:
        await source.restore(module, version)
        return Reversed(f"{module} {version} is back", None, back_to_uninstalled(module, version, text))

    return Reversal(module, text, carry)


def back_to_value(
    module: str, text: str, path: Sequence[str | float | bool], before: PlainData, after: PlainData
) -> Reversal:
    """Put the value of before into a state again; the rest of it stays as it is by then."""

    async def carry(source: Source) -> Reversed:
        report = await source.edit_state(module, list(path), before)
        words = f"{spelled(path)} is {value_text(before)} again"
        return Reversed(words, report.pause_s, back_to_value(module, text, path, after, before))

    return Reversal(module, text, carry)


def back_to_unmuted(module: str, entry: str, label: str, *, on: bool) -> Reversal:
    """Switch a hook or a timer on again that was muted, or mute it again."""

    async def carry(source: Source) -> Reversed:
        await source.mute(module, entry, on=not on)
        words = f"{label} is unmuted" if on else f"{label} is muted again"
        return Reversed(words, None, back_to_unmuted(module, entry, label, on=not on))

    return Reversal(module, f"mute {label}" if on else f"unmute {label}", carry)


def back_to_quarantine(module: str, text: str, *, on: bool) -> Reversal:
    """Quarantine a module again that was resumed, or resume it again."""

    async def carry(source: Source) -> Reversed:
        await (source.quarantine(module) if on else source.resume(module))
        words = f"{module} is quarantined" if on else f"{module} is resumed"
        return Reversed(words, None, back_to_quarantine(module, text, on=not on))

    return Reversal(module, text, carry)


def back_to_watched(module: str, text: str, *, on: bool) -> Reversal:
    """Take saves of a module in again that were taken in before, or no longer."""

    async def carry(source: Source) -> Reversed:
        await source.watch(module, on=on)
        said = f"saves of {module} are taken in" if on else f"saves of {module} are not taken in"
        return Reversed(said, None, back_to_watched(module, text, on=not on))

    return Reversal(module, text, carry)


async def _return(source: Source, before: Standing, now: Standing, touched: Sequence[str]) -> tuple[str, float | None]:
    """Unload what did not run, load what did, and bring back the code of the others; what was done, and its pause."""
    said: list[str] = []
    for name in reversed(touched):
        if name in now.running and name not in before.running:
            await source.unload(name)
            said.append(f"{name} is unloaded")
    for name in touched:
        if name in before.running and name not in now.running:
            await source.load(name, f"=={before.running[name]}")
            said.append(f"{name} is loaded")
    changed = [name for name in touched if name in before.running and name in now.running]
    changed = [name for name in changed if not await _runs(source, name, before.points.get(name))]
    together = [name for name in changed if before.running[name] != now.running[name]]
    pauses = []
    if len(together) > 1:
        first, *others = together
        report = await source.swap(first, before.running[first], {name: before.running[name] for name in others})
        pauses.append(report.pause_s)
        said += [f"{name} is {before.running[name]} again" for name in together]
        changed = [name for name in changed if name not in together]
    for name in changed:
        report = await source.rollback(name, before.points.get(name))
        pauses.append(report.pause_s)
        took = f" in {pause(report.pause_s)}" if report.pause_s else ""
        said.append(f"{name}: Back to {report.to_version}{took}")
    return "; ".join(said) or "Nothing had to be taken back", pauses[0] if len(pauses) == 1 else None


async def _runs(source: Source, name: str, point: int | None) -> bool:
    """Whether what ran after an act runs now."""
    return point is not None and any(row.id == point and row.current for row in await source.history(name))
