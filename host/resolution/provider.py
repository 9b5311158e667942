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
from resolvelib.resolvers import Criterion, Resolution
from resolvelib.structs import RequirementInformation

from host.resolution.candidates import Candidates
from host.resolution.exhaustive import Chosen, OutOfTimeError, exhaustive
from host.resolution.needs import Absent, Binding, Candidate, Need
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
        OutOfTimeError: none was found before the clock showed ``deadline``.
    """
    if clock() > deadline:
        raise OutOfTimeError
    forced = propagate(candidates, asked)
    return obvious(candidates, forced) or thorough(candidates, forced, deadline, clock)


def obvious(candidates: Candidates, forced: Forced) -> Chosen | None:
    """The preferred version of every module; ``None`` where they do not fit together."""
    chosen = dict(forced.chosen)
    needs = {name: list(known) for name, known in forced.needs.items()}
    pending = forced.open_names()
    while pending:
        name = pending.pop()
        if name in chosen:
            continue
        preferred = candidates.preferred(name, forced.needs.get(name, ()))
        if preferred is None:
            return None
        chosen[name] = preferred
        for need in preferred.needs:
            needs.setdefault(need.name, []).append(need)
            if need.binding is Binding.REQUIRED:
                pending.append(need.name)
    return chosen if _hold(chosen, needs, forced.needs) else None


def _hold(chosen: Chosen, needs: Mapping[str, Sequence[Need]], known: Mapping[str, Sequence[Need]]) -> bool:
    """Whether every need admits the choice, and none asks for a pre-release that was not asked for before."""
    for name, wishes in needs.items():
        choice = chosen.get(name)
        if choice is None:
            continue
        if not all(need.admits(choice) for need in wishes):
            return False
        if any(need.asks_for_prerelease for need in wishes[len(known.get(name, ())) :]):
            return False
    return True


def thorough(candidates: Candidates, forced: Forced, deadline: float, clock: Clock) -> Chosen:
    """Search what propagation left open. Raises as ``search``.

    resolvelib goes first, with half of the time. That it finds nothing is no proof: of ten thousand small graphs it
    misses the answer to one. So nobody is refused before the exhaustive search has found nothing either.
    """
    try:
        return by_resolvelib(candidates, forced, (clock() + deadline) / 2, clock)
    except (UnfitError, OutOfTimeError) as refusal:
        with suppress(OutOfTimeError):
            found = exhaustive(candidates, forced, lambda: clock() > deadline)
            if found is not None:
                return found
            if isinstance(refusal, OutOfTimeError):
                raise UnfitError(refusal.needs or tuple(forced.open_needs())) from None
        raise


def by_resolvelib(candidates: Candidates, forced: Forced, deadline: float, clock: Clock) -> Chosen:
    """Search with resolvelib alone. Raises as ``search``."""
    provider = _Provider(candidates, forced, deadline, clock)
    # Not through its Resolver, whose way of making a result recurses as deep as the graph is.
    resolution = _Resolution(provider, BaseReporter())
    try:
        state = resolution.resolve(forced.open_needs(), max_rounds=_ROUNDS + _ROUNDS_A_NAME * len(candidates.names))
    except ResolutionImpossible as impossible:
        raise UnfitError(_needs(impossible.causes)) from None
    except ResolutionTooDeep:
        raise OutOfTimeError(provider.at_odds) from None
    found = {name: choice for name, choice in state.mapping.items() if isinstance(choice, Candidate)}
    return found | forced.chosen


def _needs(causes: Iterable[RequirementInformation[Need, Choice]]) -> tuple[Need, ...]:
    return tuple(dict.fromkeys(cause.requirement for cause in causes))


class _Resolution(Resolution[Need, Choice, str]):
    """resolvelib's search, without its one way to be wrong.

    Where a pin is out of range for a while and then in range again, resolvelib 1.2 has dropped what it needs and never
    asks for it again, so that the result lacks modules. Here such a pin is not satisfied, and is made anew.
    """

    def _is_current_pin_satisfying(self, name: str, criterion: Criterion[Need, Choice]) -> bool:
        if not super()._is_current_pin_satisfying(name, criterion):
            return False
        criteria = self.state.criteria
        return all(
            need.name in criteria and any(info.requirement is need for info in criteria[need.name].information)
            for need in self._p.get_dependencies(self.state.mapping[name])
        )


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

    def get_preference(
        self,
        identifier: str,
        resolutions: Mapping[str, Choice],
        candidates: Mapping[str, Iterator[Choice]],
        information: Mapping[str, Iterator[RequirementInformation[Need, Choice]]],
        backtrack_causes: Sequence[RequirementInformation[Need, Choice]],
    ) -> tuple[bool, str]:
        """What was at odds first, then by name, so that the answer is the same every time."""
        del resolutions, candidates, information
        self.at_odds = _needs(backtrack_causes) or self.at_odds
        return identifier not in {cause.requirement.name for cause in backtrack_causes}, identifier

    def find_matches(
        self,
        identifier: str,
        requirements: Mapping[str, Iterator[Need]],
        incompatibilities: Mapping[str, Iterator[Choice]],
    ) -> Sequence[Choice]:
        if self._clock() > self._deadline:
            raise OutOfTimeError(self.at_odds)
        needs = list(requirements[identifier])
        if (only := self._forced.chosen.get(identifier)) is not None:
            choices: Sequence[Choice] = (only,) if all(need.admits(only) for need in needs) else ()
        else:
            choices = self._candidates.choices(identifier, needs)
        ruled_out = {id(choice) for choice in incompatibilities[identifier]}
        return [choice for choice in choices if id(choice) not in ruled_out]

    def is_satisfied_by(self, requirement: Need, candidate: Choice) -> bool:
        return requirement.admits(candidate)

    def get_dependencies(self, candidate: Choice) -> Sequence[Need]:
        """What a choice needs; what is forced was accounted for before."""
        if isinstance(candidate, Absent) or candidate.name in self._forced.chosen:
            return ()
        return candidate.needs
