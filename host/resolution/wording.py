"""Refusals: facts, and a text of at most five lines made from them; the first line says what to do."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from itertools import chain
from typing import Final

from host.resolution.candidates import Candidates
from host.resolution.chains import Chains, chain_text
from host.resolution.needs import Binding, Need
from host.vocabulary.errors import Cause, ResolutionFailed
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import newest_first, parse_version

MOST_LINES: Final = 5
MOST_NAMED: Final = 6


def unfit(needs: Sequence[Need], asked: Sequence[Need], candidates: Candidates, host_version: str) -> ResolutionFailed:
    """No choice of versions satisfies these needs together."""
    needs = _telling(needs)
    chains = _chains(needs, asked, candidates)
    names = tuple(dict.fromkeys(need.name for need in needs))
    missing = [name for name in names if not candidates.knows(name)]
    if missing:
        several = _all_missing(asked, candidates)
        return (
            _missing(missing[0], needs, asked, candidates) if len(several) < 2 else _lacking(several, asked, candidates)
        )
    if not candidates.of(names[0]):
        return _wrong_host(names[0], needs, chains, candidates, host_version)
    required = (need for need in needs if need.binding is Binding.REQUIRED)
    alone = [need for need in required if not candidates.in_range(need.name, (need,))]
    if alone:
        return _no_version(alone[0], _chains(alone[:1], asked, candidates), candidates, host_version)
    why = _why(names, needs, candidates)
    if len(names) == 1 and (problem := candidates.problem_of(names[0])) is not None:
        why += f"; one more cannot be used: {problem.sentence}"
    if len(names) == 1 and not candidates.in_range(names[0], needs):
        needs = _refusing(needs, asked, candidates)
        chains = _chains(needs, asked, candidates)
    return _at_odds(why, needs, chains, candidates)


def _refusing(needs: Sequence[Need], asked: Iterable[Need], candidates: Candidates) -> Sequence[Need]:
    """Of needs about one module that no version satisfies, those that rule a version out that was asked for.

    With them, what every version of a loaded module says that rules all of these out.
    """
    name = needs[0].name
    wanted = candidates.in_range(name, [need for need in needs if not need.wanted_by])
    found = [need for need in needs if not need.wanted_by or not all(map(need.admits, wanted))]
    for stays in (need for need in asked if need.loaded):
        bars = [
            [need for need in each.needs if need.name == name and not any(map(need.admits, wanted))]
            for each in candidates.of(stays.name)
        ]
        found += chain.from_iterable(bars) if wanted and all(bars) else ()
    return _telling(found) if any(need.binding is Binding.REQUIRED for need in found) else needs


def _why(names: Sequence[str], needs: Sequence[Need], candidates: Candidates) -> str:
    """What is true of needs that were at odds; the search may have had more reasons than these."""
    if len(names) > 1 or candidates.in_range(names[0], needs):
        return "every choice of versions fails, the last one at these"
    if any(need.binding is Binding.CONFLICT for need in needs):
        return f"no version of {names[0]} goes with all of them"
    there = _versions(names[0], candidates)
    return f"no version of {names[0]} satisfies them all; there are {there}"


def out_of_time(
    needs: Sequence[Need], asked: Sequence[Need], candidates: Candidates, seconds: float
) -> ResolutionFailed:
    """The search took too long."""
    chains = _chains(_telling(needs), asked, candidates)
    first = f"ask for fewer versions, or name exact ones: no choice was found within {seconds:g} s"
    return _refusal("conflict", [first, *_bounded(chains, MOST_LINES - 1)], needs, candidates)


def cyclic(cycles: Sequence[tuple[str, ...]], known: tuple[str, ...], *, all_found: bool = True) -> ResolutionFailed:
    """Modules need one another in a cycle; ``all_found``: there are no other cycles than these."""
    texts = [" -> ".join((*cycle, cycle[0])) for cycle in cycles]
    first = f"remove one of these dependencies: {_clipped(texts[0])} is a cycle, and none of it can load first"
    others = _bounded(texts[1:], MOST_LINES - 1, at_least="" if all_found else "at least ")
    lines = [first, *map(_clipped, others)]
    return ResolutionFailed("cycle", "\n".join(lines), cycles=tuple(cycles), known=known)


def further_needed(
    wanted: Mapping[str, str], further: Mapping[str, str], obstacles: Sequence[Need]
) -> ResolutionFailed:
    """A swap that other loaded modules refuse; ``further`` are the swaps with which they would not."""
    pairs = " ".join(f"{name} {version}" for name, version in (*sorted(wanted.items()), *further.items()))
    along = _listed([f"{name} to {version}" for name, version in further.items()])
    first = f"swap {along} along with it: theseus swap {pairs}"
    lines = [first, *_bounded([_obstacle(need) for need in obstacles], MOST_LINES - 1)]
    causes = tuple(Cause(need.name, _requirement(need), need.wanted_by) for need in obstacles)
    return ResolutionFailed("conflict", "\n".join(lines), causes=causes, further=further)


def or_with(prereleases: Mapping[str, str], refusal: ResolutionFailed) -> ResolutionFailed:
    """A refusal that would be none if some pre-releases were asked for."""
    if not prereleases:
        return refusal
    several = len(prereleases) > 1
    which = _listed([f"{name}=={version}" for name, version in sorted(prereleases.items())])
    first = f"ask for {which} too, {'pre-releases' if several else 'a pre-release'} that would do, or {refusal.message}"
    return replace(refusal, message=first, prereleases=prereleases)


def _obstacle(need: Need) -> str:
    return f"{need.wanted_by} {'conflicts with' if need.binding is Binding.CONFLICT else 'needs'} {need.wish}"


def _missing(name: str, needs: Sequence[Need], asked: Sequence[Need], candidates: Candidates) -> ResolutionFailed:
    about = [need for need in needs if need.name == name]
    askers = {need.wanted_by.partition(" ")[0] for need in about}
    lines = [_what_of_missing(name, askers, candidates), *_bounded(_chains(about, asked, candidates), MOST_LINES - 1)]
    return _refusal("missing", lines, needs, candidates)


def _all_missing(asked: Iterable[Need], candidates: Candidates) -> list[Need]:
    """The needs of modules that are nowhere, of all that has no alternative; one for each module, by name."""
    found: dict[str, Need] = {}
    seen: set[str] = set()
    pending = [need for need in asked if need.binding is Binding.REQUIRED]
    for need in pending:
        if not candidates.knows(need.name):
            found.setdefault(need.name, need)
            continue
        possible = candidates.in_range(need.name, (need,))
        if len(possible) == 1 and need.name not in seen:
            seen.add(need.name)
            pending += [each for each in possible[0].needs if each.binding is Binding.REQUIRED]
    return [found[name] for name in sorted(found)]


def _lacking(needs: Sequence[Need], asked: Sequence[Need], candidates: Candidates) -> ResolutionFailed:
    """Several modules are missing: a line for each."""
    askers = {need.wanted_by.partition(" ")[0] for need in needs}
    lines = [
        f"{_what_of_missing(need.name, askers, candidates)}: {chain}"
        for need, chain in zip(needs, _chains(needs, asked, candidates), strict=True)
    ]
    return _refusal("missing", _bounded(lines, MOST_LINES), needs, candidates)


def _spelled_together(name: str, candidates: Candidates) -> str:
    """How a known name and a version are written that stand together (``chat1.2``, ``chat@1``); empty of others."""
    for known in sorted(candidates.names, key=len, reverse=True):
        version = name.removeprefix(known).lstrip("@v")
        if name.startswith(known) and version[:1].isdigit():
            return f"{known}=={version}"
    return ""


def _what_of_missing(name: str, askers: Container[str], candidates: Candidates) -> str:
    if (problem := candidates.problem_of(name)) is not None:
        return f"mend {problem.file}: {name} is there, but cannot be used ({problem})"
    if together := _spelled_together(name, candidates):
        return f"write {together}, with a comparison between name and version: no module is called {name!r}"
    near = get_close_matches(name, [each for each in candidates.names if each not in askers], n=3)
    hint = f", or did you mean {' or '.join(map(repr, near))}?" if near else ": no module is called that"
    return f"add {name!r} to a folder of modules{hint}"


def _wrong_host(
    name: str, needs: Sequence[Need], chains: Sequence[str], candidates: Candidates, host_version: str
) -> ResolutionFailed:
    first = f"get a version of {name} for this host, which is {host_version}: {_for_other_hosts(name, candidates)}"
    return _refusal("conflict", [first, *_bounded(chains, MOST_LINES - 1)], needs, candidates)


def _no_version(need: Need, chains: Sequence[str], candidates: Candidates, host_version: str) -> ResolutionFailed:
    there = _versions(need.name, candidates)
    elsewhere = [
        each for each in candidates.for_other_hosts(need.name) if need.admits_version(parse_version(each.version))
    ]
    if elsewhere:
        first = (
            f"get a version of {need.name} for this host, which is {host_version}, or ask for one there is ({there}): "
            f"{_hosts(elsewhere)}"
        )
        return _refusal("conflict", [first, *chains], (need,), candidates)
    first = f"add a version of {need.name} that is {need.constraint}, or ask for one there is: {there}"
    if (problem := candidates.problem_of(need.name, need)) is not None:
        first = f"mend {problem.file}, a version of {need.name} that cannot be used ({problem}), or {first}"
    others = _for_other_hosts(need.name, candidates)
    return _refusal(
        "missing", [first, *chains, *([f"for other hosts: {others}"] if others else [])], (need,), candidates
    )


def _versions(name: str, candidates: Candidates) -> str:
    return _listed(newest_first(str(each.version) for each in candidates.of(name)))


def _for_other_hosts(name: str, candidates: Candidates) -> str:
    return _hosts(candidates.for_other_hosts(name))


def _hosts(manifests: Iterable[Manifest]) -> str:
    return _listed([f"{each.version} needs host {each.host}" for each in manifests])


def _at_odds(why: str, needs: Sequence[Need], chains: Sequence[str], candidates: Candidates) -> ResolutionFailed:
    first = f"change one of these: {why}"
    return _refusal("conflict", [first, *_bounded(chains, MOST_LINES - 1)], needs, candidates)


def _refusal(kind: str, lines: Iterable[str], needs: Iterable[Need], candidates: Candidates) -> ResolutionFailed:
    causes = tuple(Cause(need.name, _requirement(need), need.wanted_by) for need in needs)
    return ResolutionFailed(kind, "\n".join(lines), causes=causes, known=candidates.names)


def _requirement(need: Need) -> str:
    return f"conflicts {need.constraint}" if need.binding is Binding.CONFLICT else str(need.constraint)


def _telling(needs: Iterable[Need]) -> list[Need]:
    """Needs in order, without what stays loaded in any version and so is no obstacle by itself."""
    ordered = sorted(dict.fromkeys(needs), key=lambda need: (need.name, need.wanted_by, str(need.constraint)))
    return [need for need in ordered if not need.loaded] or ordered


def _chains(needs: Iterable[Need], asked: Iterable[Need], candidates: Candidates) -> list[str]:
    """The chain to each need; of versions of one module that want the same, only that to the first."""
    chains = Chains(candidates, asked)
    alike = {(need.wanted_by.split(" ")[0], need.name, need.binding, str(need.constraint)): need for need in needs}
    return [chain_text(chains.to(need), candidates.running) for need in alike.values()]


def _bounded(lines: Sequence[str], most: int, at_least: str = "") -> list[str]:
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"and {at_least}{len(lines) - most + 1} more"]


def _listed(words: Sequence[str]) -> str:
    rest = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return ", ".join(words[:MOST_NAMED]) + rest


def _clipped(text: str) -> str:
    """A long cycle by its beginning and its end."""
    names = text.split(" -> ")
    return text if len(names) <= 2 * MOST_NAMED else " -> ".join([*names[:MOST_NAMED], "...", *names[-2:]])
