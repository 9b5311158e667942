"""Rehearsals: what a swap would do, told without doing it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from host.engine.aftermath import keys_compared
from host.engine.aiming import aimed_at
from host.engine.comparing import differences
from host.engine.locking import VersionLocked, refuse_locked
from host.engine.parts import Parts
from host.engine.prospects import dependents_of, file_changes
from host.engine.targets import Made
from host.runtime.codec import decode
from host.swap.rehearsal import Rehearsed, rehearse
from host.vocabulary.errors import HostError, LoadFailed, NotData, ResolutionFailed
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Difference, Rehearsal

ASKED = "what it asked of others was answered with nothing, which a swap would not do"


@dataclass(frozen=True, slots=True)
class StateChange:
    """Top-level keys of a state by what becomes of them, and the first differences; ``beyond``: how many more."""

    kept: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    beyond: int = 0


async def rehearsed(parts: Parts, wanted: Mapping[str, str]) -> Rehearsal:
    """Rehearse a swap of modules to versions; the first one's, with those of the others.

    Raises:
        ModuleUnknown: one is not loaded.
    """
    try:
        refuse_locked(parts, wanted)
        made = await parts.targets.to(wanted)
    except (VersionLocked, ResolutionFailed, LoadFailed) as refusal:
        return _refused(parts, wanted, refusal)
    return await _rehearsed(parts, made, next(iter(wanted)))


async def scratched(parts: Parts, name: str, texts: Mapping[str, str]) -> Rehearsal:
    """Rehearse a swap of a module to itself with other texts for some of its files.

    Raises:
        ModuleUnknown: it is not loaded.
        HostError: it has no such file, or runs with these texts already.
    """
    wanted = parts.targets.scratch(name, texts)
    try:
        made = await parts.targets.of([wanted])
    except LoadFailed as refusal:
        return _refused(parts, {name: wanted.manifest.version}, refusal)
    return await _rehearsed(parts, made, name)


async def _rehearsed(parts: Parts, made: Made, first: str) -> Rehearsal:
    await parts.roster.runtimes.ready(made.manifests)
    done = [_told(each, made.fits.values()) for each in rehearse(made.targets, made.arrivals, made.in_order)]
    if made.arrivals:
        note = f"{', '.join(str(each.key) for each in made.arrivals)} would be loaded along with it"
        done = [replace(each, notes=(*each.notes, note)) for each in done]
    (own,) = [each for each in done if each.module == first]
    return replace(own, others=tuple(each for each in done if each is not own))


def _refused(parts: Parts, wanted: Mapping[str, str], refusal: HostError) -> Rehearsal:
    """Of the first; what is meant by a specifier that nothing satisfies is not known, so neither is what it means."""
    name = next(iter(wanted))
    found = {each: aimed_at(parts.library, each, version) for each, version in wanted.items()}
    after = {**parts.roster.manifests, **{each.name: each for each in found.values() if each is not None}}
    manifest = found[name]
    return Rehearsal(
        module=name,
        from_version=parts.roster.get(name).version,
        to_version=wanted[name] if manifest is None else manifest.version,
        dependents=() if manifest is None else dependents_of(manifest, after.values()),
        failed_step="check",
        error=str(refusal).replace("\n", "; "),
        further=refusal.further if isinstance(refusal, ResolutionFailed) else {},
    )


def _told(each: Rehearsed, after: Collection[Manifest]) -> Rehearsal:
    old, manifest = each.live, each.target.manifest
    change, notes = _compared(each)
    events = old.events if each.error is not None else each.answers
    told = Rehearsal(
        module=old.name,
        from_version=old.version,
        to_version=manifest.version,
        steps=tuple(each.steps.done),
        seconds=sum(step.seconds for step in each.steps.done),
        memory=each.memory,
        memory_before=old.runtime.memory,
        failed_step="" if each.error is None else each.steps.failed,
        error=_reason(each),
        hooks_gained=tuple(sorted(events - old.events)),
        hooks_lost=tuple(sorted(old.events - events)),
        permissions_gained=_without(manifest, old.manifest),
        permissions_lost=_without(old.manifest, manifest),
        not_granted=old.exchange.gate.not_granted(manifest),
        files=() if each.bundle is None else file_changes(old.bundle, each.bundle),
        dependents=dependents_of(manifest, after),
        effects=each.effects,
        notes=(*each.notes, *notes, *((ASKED,) if each.effects else ())),
    )
    return replace(
        told,
        kept=change.kept,
        changed=change.changed,
        dropped=change.dropped,
        added=change.added,
        differences=change.differences,
        beyond=change.beyond,
    )


def _compared(each: Rehearsed) -> tuple[StateChange, tuple[str, ...]]:
    """What tells the state before and after; or why nothing can, one sentence."""
    if each.before is None or each.tried is None:
        return StateChange(), ()
    try:
        found, beyond = differences(decode(each.before), decode(each.tried))
        kept, changed, dropped, added = keys_compared(each.before, each.tried)
    except NotData as fault:  # deep in a large state, where nobody looks in a pause
        return StateChange(), (f"its state was not compared: {fault}",)
    return StateChange(kept, changed, dropped, added, found, beyond), ()


def _reason(each: Rehearsed) -> str:
    error = each.error
    if error is None:
        return ""
    if not isinstance(error, LoadFailed):
        return str(error)
    if error.name == each.live.name:
        return error.reason
    return f"{error.name} {error.version}, which goes with it, would be refused: {error.reason}"


def _without(one: Manifest, other: Manifest) -> tuple[str, ...]:
    """What one asks for and the other does not, as ``net api.example.com:443``."""
    return tuple(each for each in _asked(one) if each not in _asked(other))


def _asked(manifest: Manifest) -> Sequence[str]:
    return [f"{name} {pattern}" for name, patterns in manifest.permissions.items() for pattern in patterns]
