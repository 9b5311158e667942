"""What follows by itself: modules of which only one version is possible, whatever is chosen elsewhere.

Most modules of most repositories are such. They never enter the search, whose time grows with the square of what it
looks at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from host.resolution.candidates import Candidates
from host.resolution.needs import Binding, Candidate, Need, distinct


class UnfitError(Exception):
    """No version satisfies some needs; ``needs`` are those at odds."""

    def __init__(self, needs: tuple[Need, ...]) -> None:
        super().__init__(*map(str, needs))
        self.needs = needs


@dataclass(slots=True)
class Forced:
    """Versions that are settled, and all that they and what was asked need, by name."""

    chosen: dict[str, Candidate] = field(default_factory=dict)
    needs: dict[str, list[Need]] = field(default_factory=dict)

    def open_names(self) -> list[str]:
        """Modules that are required and of which the version is open; sorted."""
        return sorted(
            name
            for name, needs in self.needs.items()
            if name not in self.chosen and any(need.binding is Binding.REQUIRED for need in needs)
        )

    def open_needs(self) -> list[Need]:
        """The needs about modules that are not chosen."""
        return [need for name, needs in self.needs.items() if name not in self.chosen for need in needs]

    def choosing(self, choice: Candidate, candidates: Candidates) -> Forced:
        """The same with one version more, and what follows from it. Raises as ``propagate``."""
        copy = Forced(dict(self.chosen), {name: list(known) for name, known in self.needs.items()})
        copy.take(choice, candidates)
        return copy

    def take(self, choice: Candidate, candidates: Candidates) -> None:
        """Add one version, and what follows from it. Raises as ``propagate``."""
        self.chosen[choice.name] = choice
        _grow(self, choice.needs, candidates)


def propagate(candidates: Candidates, asked: Iterable[Need]) -> Forced:
    """Choose what has no alternative, until all the rest has one.

    Raises:
        UnfitError: a module has no version left; no search would find one.
    """
    return _grow(Forced(), asked, candidates)


def _grow(forced: Forced, fresh: Iterable[Need], candidates: Candidates) -> Forced:
    """Add needs, and all that follows by itself from them; the same object, changed."""
    fresh = list(fresh)
    while fresh:
        touched: dict[str, None] = {}
        for need in fresh:
            forced.needs.setdefault(need.name, []).append(need)
            touched[need.name] = None
        fresh = []
        for name in touched:
            if (only := _only(candidates, forced, name)) is not None:
                forced.chosen[name] = only
                fresh += only.needs
    return forced


def _only(candidates: Candidates, forced: Forced, name: str) -> Candidate | None:
    """The only version of a module that is possible, where it was not known yet."""
    needs = forced.needs[name]
    if (chosen := forced.chosen.get(name)) is not None:
        if not all(need.admits(chosen) for need in distinct(needs)):
            raise UnfitError(tuple(needs))
        return None
    if all(need.binding is not Binding.REQUIRED for need in needs):
        return None
    possible = candidates.in_range(name, needs)
    if not possible:
        raise UnfitError(tuple(needs))
    # One that may not be chosen now, a pre-release, may be where something asks for it later.
    return possible[0] if len(possible) == 1 and candidates.choices(name, needs) else None
