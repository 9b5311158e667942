"""What follows by itself: modules of which only one version is possible, whatever is chosen elsewhere.

Most modules of most repositories are such. They never enter the search, whose time grows with the square of what it
looks at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from host.resolution.candidates import Candidates
from host.resolution.needs import Binding, Candidate, Need


class UnfitError(Exception):
    """No version satisfies some needs; ``needs`` are those at odds."""

    def __init__(self, needs: tuple[Need, ...]) -> None:
        super().__init__(*map(str, needs))
        self.needs = needs


@dataclass(slots=True)
class Forced:
    """Versions that every plan has, and all that is needed by them and by what was asked, by name."""

    chosen: dict[str, Candidate] = field(default_factory=dict)
    needs: dict[str, list[Need]] = field(default_factory=dict)

    def open_needs(self) -> list[Need]:
        """The needs about modules of which the version is still open."""
        return [need for name, needs in self.needs.items() if name not in self.chosen for need in needs]


def propagate(candidates: Candidates, asked: Iterable[Need]) -> Forced:
    """Choose what has no alternative, until all the rest has one.

    Raises:
        UnfitError: a module has no version left; no search would find one.
    """
    forced = Forced()
    fresh = list(asked)
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
    if all(need.binding is not Binding.REQUIRED for need in needs):
        return None
    possible = candidates.in_range(name, needs)
    if not possible:
        raise UnfitError(tuple(needs))
    return possible[0] if len(possible) == 1 and name not in forced.chosen else None
