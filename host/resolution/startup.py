"""What loads when a host starts, in order: by priority, after what it needs, before what it loads later.

The order is that of OTClient's loader. Its faults are not: a circle or a missing module refuses only what needs it.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from host.discovery.repository import Repository
from host.resolution.order import with_wishes
from host.resolution.relations import edges_of
from host.resolution.resolve import resolve
from host.vocabulary.errors import HostError
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Plan, PlanStep


@dataclass(frozen=True, slots=True)
class NotStarted:
    """A module that was to load and cannot, and the refusal that says why."""

    name: str
    why: HostError


@dataclass(frozen=True, slots=True)
class Startup:
    """What loads at a start.

    Attributes:
        order: in which modules load, each after what it needs.
        wanted: names of those that load for themselves and not because another needs them.
        not_started: what was to load and cannot, in the order in which it would have.
        warnings: what was asked for and is not so, as sentences.
    """

    order: tuple[PlanStep, ...]
    wanted: tuple[str, ...]
    not_started: tuple[NotStarted, ...] = ()
    warnings: tuple[str, ...] = ()


def startup(
    repository: Repository, asked: Mapping[str, str], *, autoload: bool = True, without: Iterable[str] = ()
) -> Startup:
    """Choose what loads at a start.

    Args:
        repository: all that may be chosen.
        asked: names and specifiers of what is to load before that which asks for it itself.
        autoload: whether modules load that ask for it in their manifests.
        without: names of modules that do not load for themselves.
    """
    newest = {name: repository.by_name[name][0] for name in repository.names}
    refused: dict[str, HostError] = {}
    while True:
        banned = {*without, *refused}
        first = _first(newest.values() if autoload else (), asked, banned)
        wanted = dict.fromkeys(_with_later(newest, first, banned))
        specifiers = {name: asked.get(name, "") for name in wanted}
        try:
            plan = resolve(repository, specifiers)
        except HostError as why:
            refused |= _at_fault(repository, specifiers) or {first[-1]: why}
            continue
        found = (repository.at(Path(step.path)) for step in plan.order)
        order = _in_start_order(plan, {each.name: each for each in found if each is not None}, first, wanted)
        not_started = tuple(NotStarted(name, why) for name, why in refused.items())
        return Startup(order, tuple(wanted), not_started, (*plan.warnings, *_unknown(repository, order)))


def _first(manifests: Iterable[Manifest], asked: Iterable[str], banned: Container[str]) -> list[str]:
    """Names of what a start begins with: what was asked for, then what asks for it itself, by its priority."""
    ready = sorted((each.autoload_priority, each.name) for each in manifests if each.autoload and each.enabled)
    names = dict.fromkeys(name for _, name in ready)
    return [name for name in (*(each for each in asked if each not in names), *names) if name not in banned]


def _with_later(newest: Mapping[str, Manifest], first: Sequence[str], banned: Container[str]) -> list[str]:
    """Some names, and those that are to load later than one of them or than what they need."""
    usable = {name for name, each in newest.items() if each.enabled and name not in banned}
    reached = _arranged(newest, first, usable)
    later = {name for each in reached for name in newest[each].load_later if name in usable}
    return [*first, *(name for name in reached if name in later)]


def _arranged(manifests: Mapping[str, Manifest], names: Iterable[str], later: Container[str]) -> list[str]:
    """Some modules, each after what it needs and before what it loads later, as far as circles let that be.

    Args:
        manifests: of all that may be placed, by name.
        names: with which to begin.
        later: names that may be loaded later.
    """
    placed: dict[str, None] = {}
    entered: set[str] = set()
    pending = [(name, False) for name in reversed(list(names))]
    while pending:
        name, needs_are_placed = pending.pop()
        if name not in manifests or name in placed:
            continue
        manifest = manifests[name]
        if needs_are_placed:
            placed[name] = None
            pending += [(each, False) for each in reversed(manifest.load_later) if each in later]
        elif name not in entered:
            entered.add(name)
            pending.append((name, True))
            pending += [(each, False) for each in reversed(list(manifest.dependencies))]
    return list(placed)


def _in_start_order(
    plan: Plan, chosen: Mapping[str, Manifest], first: Iterable[str], wanted: Container[str]
) -> tuple[PlanStep, ...]:
    """A plan's steps in the order of a start; wishes for order hold as in the plan."""
    steps = {step.name: step for step in plan.order}
    names = _arranged(chosen, [*first, *steps], wanted)
    # Where the order of the plan leaves a choice, it goes by name: so these are called by their places.
    called = {name: f"{place:07}" for place, name in enumerate(names)}
    edges = {
        called[name]: frozenset(map(called.__getitem__, needs)) for name, needs in edges_of(chosen.values()).items()
    }
    wishes = [
        (called[name], called[before]) for name in names for before in chosen[name].load_after if before in called
    ]
    return tuple(steps[names[int(place)]] for place in with_wishes(edges, wishes).names)


def _at_fault(repository: Repository, wanted: Mapping[str, str]) -> dict[str, HostError]:
    """Which of some modules cannot load alone, with the refusals; else the first that cannot beside those before it."""
    refused = {name: why for name in wanted if (why := _refusal(repository, {name: wanted[name]})) is not None}
    if refused:
        return refused
    together: dict[str, str] = {}
    for name, specifier in wanted.items():
        together[name] = specifier
        why = _refusal(repository, together)
        if why is not None:
            return {name: why}
    return {}


def _refusal(repository: Repository, wanted: Mapping[str, str]) -> HostError | None:
    try:
        resolve(repository, wanted)
    except HostError as why:
        return why
    return None


def _unknown(repository: Repository, order: Iterable[PlanStep]) -> list[str]:
    found = []
    for step in order:
        manifest = repository.find(step.name, step.version)
        gone = [name for name in manifest.load_later if not repository.versions(name)] if manifest is not None else []
        found += [f"{step.name} asks to load {name} later, and there is no usable module of that name" for name in gone]
    return found
