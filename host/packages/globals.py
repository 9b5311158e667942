"""What a module does with globals, judged: against what a sandbox gives, and what the module itself assigns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from host.packages.uses import Use, Uses, Way
from host.runtime.offered import offered_names

_UNSEEN: Final = frozenset({"setfenv", "load", "loadstring"})
"""With these, globals come to be, or are used, that no listing shows."""


def faults_of_globals(
    files: Sequence[Uses], more: Iterable[str] = (), made: str = ""
) -> Iterator[tuple[str, int, str]]:
    """What fails when it runs: a call or an index of what is not there.

    Args:
        files: all of the module's, which share their globals.
        more: names that this module finds besides those of the sandbox.
        made: a file that the host made, and that looks at globals itself.

    Returns:
        File, first line and sentence for each name.
    """
    known = {**offered_names(), "_G": "table", **dict.fromkeys(more, "")}
    for uses in files:
        known |= {name: "" for name, _ in uses.written}
        known |= {".".join(_plain(use.path)): "" for use in uses.used if use.way is Way.ASSIGNED and use.named}
    if any(_hides_globals(use) for uses in files if uses.file != made for use in uses.used):
        return
    tested = {_plain(use.path) for uses in files for use in uses.used if use.way is Way.TESTED}
    for uses in files:
        found: dict[tuple[str, ...], list[Use]] = {}
        for use in uses.used:
            missing = _missing(_plain(use.path), use.way, known)
            if missing and not any(missing[: len(each)] == each for each in tested):
                found.setdefault(missing, []).append(use)
        for missing, used in found.items():
            yield uses.file, min(use.line for use in used), _sentence(missing, used, known)


def written_globals(files: Iterable[Uses]) -> Iterator[tuple[str, int, str]]:
    """File, line and name of each global where it is assigned first, and of what is changed of a library."""
    offered = offered_names()
    for uses in files:
        seen: set[str] = set()
        assigned = [*uses.written]
        for use in uses.used:
            path = _plain(use.path)
            if use.way is Way.ASSIGNED and (use.path[0] == "_G" or path[0] in offered) and path:
                assigned.append((".".join(path) if use.named else f"{'.'.join(path)}[...]", use.line))
        for name, line in sorted(assigned, key=lambda each: each[1]):
            if name not in seen:
                seen.add(name)
                yield uses.file, line, name


def _plain(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path without the ``_G`` that it may begin with."""
    return path[1:] if path[0] == "_G" and len(path) > 1 else path


def _hides_globals(use: Use) -> bool:
    if use.path == ("_G",):
        return use.way in {Way.READ, Way.FALLBACK} or (use.way is Way.ASSIGNED and not use.named)
    return use.path[0] in _UNSEEN and use.way in {Way.CALLED, Way.READ, Way.FALLBACK}


def _missing(path: tuple[str, ...], way: Way, known: Mapping[str, str]) -> tuple[str, ...]:
    """The shortest part of a path that is not there, where using it so fails; empty where all is well."""
    for end in range(1, len(path) + 1):
        name = ".".join(path[:end])
        if name not in known:
            goes_on = end < len(path) or way in {Way.CALLED, Way.INDEXED, Way.ASSIGNED}
            return path[:end] if goes_on else ()
        if known[name] != "table":
            return ()
    return ()


def _sentence(missing: tuple[str, ...], used: Sequence[Use], known: Mapping[str, str]) -> str:
    name = ".".join(missing)
    called = all(len(missing) == len(_plain(use.path)) and use.way is Way.CALLED for use in used)
    lines = len({use.line for use in used}) - 1
    more = f" (and in {lines} more line{'s' if lines > 1 else ''})" if lines else ""
    said = f"{'calls' if called else 'uses'} {name}, which is not there{more}"
    holder = ".".join(missing[:-1])
    beside = [each.rpartition(".")[2] for each in known if each.rpartition(".")[0] == holder]
    if near := get_close_matches(missing[-1], beside, n=1):
        return f"{said}; did you mean {'.'.join((*missing[:-1], near[0]))}?"
    return f"{said}; {f'see what {holder} has' if holder else 'make it local'}, or test it before"
