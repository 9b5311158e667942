"""What loads when a host starts, in order: by priority, after what it needs, before what it loads later.

The order is that of OTClient's loader. Its faults are not: a cycle or a missing module refuses only what needs it.
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
    search = _Search(repository, asked)
    while True:
        banned = {*without, *refused}
        first = _first(newest.values() if autoload else (), asked, banned)
        wanted = tuple(dict.fromkeys(_with_later(newest, first, banned)))
        plan = search.plan(wanted)
        if not isinstance(plan, Plan):
            refused |= plan
            continue
        found = (repository.at(Path(step.path)) for step in plan.order)
        order = _in_start_order(plan, {each.name: each for each in found if each is not None}, first, wanted)
        not_started = tuple(NotStarted(name, why) for name, why in refused.items())
        return Startup(order, wanted, not_started, (*plan.warnings, *_unknown(repository, order)))


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
    """Some modules, each after what it needs and before what it loads later, as far as cycles let that be.

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


class _Search:
    """Finds what cannot load, one list of names after another; what fitted together in one is not tried again."""

    def __init__(self, repository: Repository, asked: Mapping[str, str]) -> None:
        self._repository = repository
        self._asked = asked
        self._alone: dict[str, HostError | None] = {}
        self._last: tuple[tuple[str, ...], Plan | HostError] | None = None
        self._fitting: frozenset[str] = frozenset()
        self._at_odds = False

    def plan(self, names: Sequence[str]) -> Plan | dict[str, HostError]:
        """Plan some modules; where that is refused: those that cannot load alone, else the first at odds with others.

        At odds with those before it. Once one was, it looks on from there in steps that double, and halves the last
        one: as a rule none is at odds, or many are.

        Source: Bentley and Yao, "An almost optimal algorithm for unbounded searching" (1976), galloping search.
        """
        good = next((place for place, name in enumerate(names) if name not in self._fitting), len(names))
        step = 1 if self._at_odds else len(names)
        while True:
            end = min(good + step, len(names))
            found = self._tried(names[:end])
            if isinstance(found, HostError):
                return self._refused_alone(names) or self._first_at_odds(names, good, end, found)
            if end == len(names):
                return found
            good, step = end, 2 * step

    def _first_at_odds(self, names: Sequence[str], good: int, end: int, why: HostError) -> dict[str, HostError]:
        while end - good > 1:
            middle = (good + end) // 2
            found = self._tried(names[:middle])
            if isinstance(found, HostError):
                end, why = middle, found
            else:
                good = middle
        self._at_odds, self._fitting = True, frozenset(names[:good])
        return {names[end - 1]: why}

    def _refused_alone(self, names: Iterable[str]) -> dict[str, HostError]:
        refused = {}
        for name in names:
            if name not in self._alone:
                found = self._tried([name])
                self._alone[name] = found if isinstance(found, HostError) else None
            if (why := self._alone[name]) is not None:
                refused[name] = why
        return refused

    def _tried(self, names: Sequence[str]) -> Plan | HostError:
        """Plan; what was refused last, perhaps after a long search, is not searched for again."""
        if self._last is None or self._last[0] != tuple(names):
            self._last = tuple(names), self._searched(names)
        return self._last[1]

    def _searched(self, names: Iterable[str]) -> Plan | HostError:
        try:
            return resolve(self._repository, {name: self._asked.get(name, "") for name in names})
        except HostError as why:
            return why


def _unknown(repository: Repository, order: Iterable[PlanStep]) -> list[str]:
    found = []
    for step in order:
        manifest = repository.find(step.name, step.version)
        gone = [name for name in manifest.load_later if not repository.versions(name)] if manifest is not None else []
        found += [f"{step.name} asks to load {name} later, and there is no usable module of that name" for name in gone]
    return found
