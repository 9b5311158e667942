"""A search taken apart: what nothing can object to is taken before it, and the rest falls into groups.

The time of a search grows with the square of what it looks at, and what fails in one group is no reason to try other
versions in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from host.resolution.candidates import Candidates
from host.resolution.needs import Binding, Candidate, Need, distinct
from host.resolution.propagation import Forced


def harmless(candidates: Candidates, forced: Forced) -> dict[str, Candidate]:
    """The preferred versions that nothing in the search can object to, by name: they may be taken before it.

    Every version that the search may look at admits them, and all that they need is settled or harmless too.

    Source: the rule of the pure literal, of Davis, Putnam, Logemann and Loveland.
    """
    about: dict[str, list[Need]] = {}
    for need in forced.open_needs():
        about.setdefault(need.name, []).append(need)
    pending = list(about)
    for name in pending:
        for need in (need for each in candidates.of(name) for need in each.needs if need.name not in forced.chosen):
            if need.name not in about:
                pending.append(need.name)
            about.setdefault(need.name, []).append(need)
    preferred = {name: candidates.preferred(name, ()) for name in pending}
    waiting = {name: each for name, each in preferred.items() if each is not None and _unopposed(each, about[name])}
    found: dict[str, Candidate] = {}
    while fresh := {name: each for name, each in waiting.items() if _satisfied(each, {**forced.chosen, **found})}:
        found |= fresh
        waiting = {name: each for name, each in waiting.items() if name not in fresh}
    return found


def _unopposed(choice: Candidate, needs: Iterable[Need]) -> bool:
    return not choice.version.is_prerelease and all(need.admits(choice) for need in distinct(needs))


def _satisfied(choice: Candidate, settled: Mapping[str, Candidate]) -> bool:
    return all(need.name in settled and need.admits(settled[need.name]) for need in choice.needs)


def components(candidates: Candidates, forced: Forced) -> list[list[Need]]:
    """The open needs, in groups that no version of any open module ties together; those that require nothing left out.

    Source: union-find, over the modules that any version may lead to.
    """
    leader: dict[str, str] = {}

    def found(name: str) -> str:
        while (above := leader[name]) != name:
            leader[name] = name = leader[above]
        return name

    open_needs = forced.open_needs()
    pending = list(dict.fromkeys(need.name for need in open_needs))
    leader.update((name, name) for name in pending)
    for name in pending:
        for other in {need.name for each in candidates.of(name) for need in each.needs} - forced.chosen.keys():
            if other not in leader:
                leader[other] = other
                pending.append(other)
            leader[found(other)] = found(name)
    groups: dict[str, list[Need]] = {}
    for need in sorted(open_needs, key=lambda need: need.name):
        groups.setdefault(found(need.name), []).append(need)
    return [group for group in groups.values() if any(need.binding is Binding.REQUIRED for need in group)]
