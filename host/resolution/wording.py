"""Refusals: facts, and a text of at most five lines made from them; the first line says what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from host.resolution.candidates import Candidates
from host.resolution.chains import Chains, chain_text
from host.resolution.needs import Binding, Need
from host.vocabulary.errors import Cause, ResolutionFailed

MOST_LINES: Final = 5
MOST_NAMED: Final = 6


def unfit(needs: Sequence[Need], asked: Sequence[Need], candidates: Candidates, host_version: str) -> ResolutionFailed:
    """No choice of versions satisfies these needs together."""
    needs = _in_order(needs)
    chains = [chain_text(Chains(candidates, asked).to(need)) for need in needs]
    names = tuple(dict.fromkeys(need.name for need in needs))
    missing = [name for name in names if not candidates.knows(name)]
    if missing:
        return _missing(missing[0], needs, chains, candidates)
    if len(names) == 1 and not candidates.of(names[0]):
        return _wrong_host(names[0], needs, chains, candidates, host_version)
    if len(names) == 1 and any(not candidates.in_range(need.name, (need,)) for need in needs):
        return _no_version(needs, chains, candidates)
    return _at_odds(names, needs, chains, candidates)


def out_of_time(
    needs: Sequence[Need], asked: Sequence[Need], candidates: Candidates, seconds: float
) -> ResolutionFailed:
    """The search took too long."""
    chains = [chain_text(Chains(candidates, asked).to(need)) for need in needs]
    first = f"ask for fewer versions, or name exact ones: no choice was found within {seconds:g} s"
    return _refusal("conflict", [first, *_bounded(chains, MOST_LINES - 1)], needs, candidates)


def circular(cycles: Sequence[tuple[str, ...]], known: tuple[str, ...]) -> ResolutionFailed:
    """Modules need one another in a circle."""
    texts = [" -> ".join((*cycle, cycle[0])) for cycle in cycles]
    first = f"remove one of these dependencies: {_clipped(texts[0])} is a circle, and none of it can load first"
    lines = [first, *(_clipped(text) for text in _bounded(texts[1:], MOST_LINES - 1))]
    return ResolutionFailed("cycle", "\n".join(lines), cycles=tuple(cycles), known=known)


def _missing(name: str, needs: Sequence[Need], chains: Sequence[str], candidates: Candidates) -> ResolutionFailed:
    near = [each for each in get_close_matches(name, candidates.names, n=3) if each != name]
    hint = f", or did you mean {' or '.join(map(repr, near))}?" if near else ""
    about = [chain for need, chain in zip(needs, chains, strict=True) if need.name == name]
    first = f"add {name!r} to a folder of modules{hint or ': no module is called that'}"
    return _refusal("missing", [first, *_bounded(about, MOST_LINES - 1)], needs, candidates)


def _wrong_host(
    name: str, needs: Sequence[Need], chains: Sequence[str], candidates: Candidates, host_version: str
) -> ResolutionFailed:
    others = [f"{manifest.version} needs host {manifest.host}" for manifest in candidates.for_other_hosts(name)]
    first = f"get a version of {name} for this host, which is {host_version}: {_listed(others)}"
    return _refusal("conflict", [first, *_bounded(chains, MOST_LINES - 1)], needs, candidates)


def _no_version(needs: Sequence[Need], chains: Sequence[str], candidates: Candidates) -> ResolutionFailed:
    need, chain = next(
        (need, chain) for need, chain in zip(needs, chains, strict=True) if not candidates.in_range(need.name, (need,))
    )
    there = _listed([str(each.version) for each in candidates.of(need.name)])
    first = f"add a version of {need.name} that is {need.constraint}, or ask for one there is: {there}"
    return _refusal("missing", [first, chain], (need,), candidates)


def _at_odds(
    names: Sequence[str], needs: Sequence[Need], chains: Sequence[str], candidates: Candidates
) -> ResolutionFailed:
    if len(names) == 1:
        there = _listed([str(each.version) for each in candidates.of(names[0])])
        first = f"change one of these needs: no version of {names[0]} satisfies them all; there are {there}"
    else:
        first = "change one of these needs: no choice of versions satisfies them all"
    return _refusal("conflict", [first, *_bounded(chains, MOST_LINES - 1)], needs, candidates)


def _refusal(kind: str, lines: Iterable[str], needs: Iterable[Need], candidates: Candidates) -> ResolutionFailed:
    causes = tuple(Cause(need.name, _requirement(need), need.wanted_by) for need in needs)
    return ResolutionFailed(kind, "\n".join(lines), causes=causes, known=candidates.names)


def _requirement(need: Need) -> str:
    return f"conflicts {need.constraint}" if need.binding is Binding.CONFLICT else str(need.constraint)


def _in_order(needs: Iterable[Need]) -> list[Need]:
    return sorted(dict.fromkeys(needs), key=lambda need: (need.name, need.wanted_by, str(need.constraint)))


def _bounded(lines: Sequence[str], most: int) -> list[str]:
    if len(lines) <= most:
        return list(lines)
    return [*lines[: most - 1], f"and {len(lines) - most + 1} more"]


def _listed(words: Sequence[str]) -> str:
    rest = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    return ", ".join(words[:MOST_NAMED]) + rest


def _clipped(text: str) -> str:
    """A long circle by its beginning and its end."""
    names = text.split(" -> ")
    return text if len(names) <= 2 * MOST_NAMED else " -> ".join([*names[:MOST_NAMED], "...", *names[-2:]])
