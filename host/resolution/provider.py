"""The search for versions: the obvious choice where it holds, resolvelib where it does not.

Both find the same plan where the obvious choice holds: it takes the preferred version of each module under the needs
that hold in any case, and every other need admits it. So resolvelib, which sees some of these needs at each of its
steps, would take the same at each; it would only take longer, with the square of the modules.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from resolvelib import AbstractProvider, BaseReporter, ResolutionImpossible, ResolutionTooDeep
from resolvelib.resolvers import Resolution
from resolvelib.structs import RequirementInformation

from host.resolution.candidates import Candidates
from host.resolution.components import components, harmless
from host.resolution.exhaustive import Chosen, UndecidedError, exhaustive
from host.resolution.needs import Absent, Binding, Candidate, Need, distinct
from host.resolution.newest import newest
from host.resolution.propagation import Forced, UnfitError, propagate

_ROUNDS: Final = 1_000
_ROUNDS_A_NAME: Final = 10
"""A round is about one choice. Few searches end after many more rounds than these; some go round for ever."""

Choice = Candidate | Absent
Clock = Callable[[], float]


def search(candidates: Candidates, asked: Sequence[Need], deadline: float, clock: Clock = time.monotonic) -> Chosen:
    """Choose versions that satisfy what was asked and all that follows from it.

    Raises:
        UnfitError: there is no such choice.
        UndecidedError: none was found before the clock showed ``deadline``. What is obvious is found however late it
            is: a busy machine is no reason to refuse it.
    """
    forced = propagate(candidates, asked)
    found = obvious(candidates, forced)
    if found is not None:
        return found
    if clock() > deadline:
        raise UndecidedError(tuple(forced.open_needs()))
    found = thorough(candidates, forced, deadline, clock)
    return newest(candidates, forced, asked, found, lambda: clock() > deadline)


def obvious(candidates: Candidates, forced: Forced) -> Chosen | None:
    """The preferred version of every module; ``None`` where they do not fit together."""
    walked = _walk(forced, lambda name: candidates.preferred(name, forced.needs.get(name, ())))
    if walked is None:
        return None
    chosen, needs = walked
    for name, choice in chosen.items():
        if not all(need.admits(choice) for need in distinct(needs[name])):
            return None
        fresh = distinct(needs[name][len(forced.needs.get(name, ())) :])
        if any(need.asks_for_prerelease for need in fresh):  # it would prefer another, if asked before
            return None
    return chosen


def thorough(candidates: Candidates, forced: Forced, deadline: float, clock: Clock) -> Chosen:
    """Search what propagation left open. Raises as ``search``.

    resolvelib goes first, with half of the time. That it finds nothing is no proof: of ten thousand small graphs it
    misses the answer to one. So nobody is refused before the exhaustive search has found nothing either.
    """
    try:
        return by_resolvelib(candidates, forced, (clock() + deadline) / 2, clock)
    except (UnfitError, UndecidedError) as refusal:
        with suppress(UndecidedError):
            found = exhaustive(candidates, forced, lambda: clock() > deadline)
            if found is not None:
                return found
            if isinstance(refusal, UndecidedError):
                raise UnfitError(refusal.needs or tuple(forced.open_needs())) from None
        if not refusal.needs:
            raise UndecidedError(tuple(forced.open_needs())) from None
        raise


def by_resolvelib(candidates: Candidates, forced: Forced, deadline: float, clock: Clock) -> Chosen:
    """Take what nothing can object to, then search each component of the rest with resolvelib.

    The exhaustive search has no part in it. Raises as ``search``.
    """
    free = harmless(candidates, forced)
    settled = Forced({**forced.chosen, **free}, forced.needs)
    found: dict[str, Choice] = {**free}
    for needs in components(candidates, settled):
        found |= _resolved(_Provider(candidates, settled, deadline, clock), needs, candidates, settled)
    return _checked(candidates, forced, found)


def _resolved(
    provider: _Provider, needs: Sequence[Need], candidates: Candidates, forced: Forced
) -> Mapping[str, Choice]:
    # Not through its Resolver, whose way of making a result recurses as deep as the graph is.
    resolution: Resolution[Need, Choice, str] = Resolution(provider, BaseReporter())
    try:
        return resolution.resolve(needs, max_rounds=_ROUNDS + _ROUNDS_A_NAME * len(candidates.names)).mapping
    except ResolutionImpossible as impossible:
        causes = _needs(impossible.causes)
        settled = (need for name in {need.name: None for need in causes} for need in forced.needs.get(name, ()))
        raise UnfitError(tuple(dict.fromkeys((*settled, *causes))) or tuple(forced.open_needs())) from None
    except ResolutionTooDeep:
        raise UndecidedError(provider.at_odds) from None


def _checked(candidates: Candidates, forced: Forced, found: Mapping[str, Choice]) -> Chosen:
    """What of a result is needed.

    resolvelib 1.2 forgets what a version needs that was out of range for a while and then is in range again, so its
    results may lack modules, or have a pre-release that nothing asks for any more.

    Raises:
        UndecidedError: the result does not hold.
    """
    walked = _walk(forced, lambda name: _present(found.get(name)))
    if walked is not None:
        chosen, needs = walked
        if all(choice in candidates.choices(name, needs[name]) for name, choice in chosen.items()):
            return chosen
    raise UndecidedError(tuple(forced.open_needs()))


def _present(choice: Choice | None) -> Candidate | None:
    return choice if isinstance(choice, Candidate) else None


def _walk(
    forced: Forced, pick: Callable[[str], Candidate | None]
) -> tuple[Chosen, Mapping[str, Sequence[Need]]] | None:
    """Follow what is needed from what is settled; ``None`` where nothing can be picked for a module."""
    chosen = dict(forced.chosen)
    needs = {name: list(known) for name, known in forced.needs.items()}
    pending = forced.open_names()
    while pending:
        name = pending.pop()
        if name in chosen:
            continue
        picked = pick(name)
        if picked is None:
            return None
        chosen[name] = picked
        for need in picked.needs:
            needs.setdefault(need.name, []).append(need)
            if need.binding is Binding.REQUIRED:
                pending.append(need.name)
    return chosen, needs


def _needs(causes: Iterable[RequirementInformation[Need, Choice]]) -> tuple[Need, ...]:
    return tuple(dict.fromkeys(cause.requirement for cause in causes))


class _Provider(AbstractProvider[Need, Choice, str]):
    """Answers resolvelib's questions; every question looks at the clock."""

    def __init__(self, candidates: Candidates, forced: Forced, deadline: float, clock: Clock) -> None:
        self._candidates = candidates
        self._forced = forced
        self._deadline = deadline
        self._clock = clock
        self.at_odds: tuple[Need, ...] = ()

    def identify(self, requirement_or_candidate: Need | Choice) -> str:
        return requirement_or_candidate.name

    def narrow_requirement_selection(
        self,
        identifiers: Iterable[str],
        resolutions: Mapping[str, Choice],
        candidates: Mapping[str, Iterator[Choice]],
        information: Mapping[str, Iterator[RequirementInformation[Need, Choice]]],
        backtrack_causes: Sequence[RequirementInformation[Need, Choice]],
    ) -> Iterable[str]:
        """What was at odds first."""
        del resolutions, candidates, information
        self.at_odds = _needs(backtrack_causes) or self.at_odds
        names = {cause.requirement.name for cause in backtrack_causes}
        every = list(identifiers)
        return [name for name in every if name in names] or every

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Choice],
        candidates: Mapping[str, Iterator[Choice]],
        information: Mapping[str, Iterator[RequirementInformation[Need, Choice]]],
        backtrack_causes: Sequence[RequirementInformation[Need, Choice]],
    ) -> str:
        """By name then, so that the answer is the same every time."""
        del resolutions, candidates, information, backtrack_causes
        return identifier

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Need]],
        incompatibilities: Mapping[str, Iterator[Choice]],
    ) -> Sequence[Choice]:
        if self._clock() > self._deadline:
            raise UndecidedError(self.at_odds)
        needs = list(requirements[identifier])
        if (only := self._forced.chosen.get(identifier)) is not None:
            choices: Sequence[Choice] = (only,) if all(need.admits(only) for need in needs) else ()
        else:
            choices = self._candidates.choices(identifier, needs)
        ruled_out = {id(choice) for choice in incompatibilities[identifier]}
        return [choice for choice in choices if id(choice) not in ruled_out]

    def is_satisfied_by(self, requirement: Need, candidate: Choice) -> bool:
        return requirement.admits_version(candidate.version)

    def get_dependencies(self, candidate: Choice) -> Sequence[Need]:
        """What a choice needs; what is forced was accounted for before."""
        if isinstance(candidate, Absent) or candidate.name in self._forced.chosen:
            return ()
        return candidate.needs
