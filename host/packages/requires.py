"""What a module requires, held against what its manifest declares and its folder holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from host.packages.uses import Uses, Way
from host.vocabulary.manifest import Manifest

_OF_EVENTS: Final = frozenset({"emit", "filter", "hooks", "registerHook"})
_NAME: Final = re.compile(r"\w+(?:\.\w+)*\Z", re.ASCII)


def undeclared(manifest: Manifest, files: Sequence[Uses], own: Mapping[str, bytes]) -> Iterator[tuple[str, int, str]]:
    """File, line and sentence of each ``require`` that fails."""
    for uses in files:
        for use in uses.used:
            name = use.argument
            if use.path != ("require",) or name is None or name in manifest.dependencies or _is_own(name, own):
                continue
            if not _NAME.match(name):
                yield uses.file, use.line, f"requires {name[:80]!r}; names are words with dots between them"
                continue
            near = get_close_matches(name, [*manifest.dependencies, *map(_name_of, own)], n=1)
            path = f"{name.replace('.', '/')}.lua"
            hint = f"did you mean {near[0]!r}?" if near else f"declare it below [dependencies], or add {path}"
            yield uses.file, use.line, f"requires {name!r}, which is no declared dependency and no file of it; {hint}"


def undeclared_modules(manifest: Manifest, files: Sequence[Uses], own: Iterable[str]) -> Iterator[tuple[str, int, str]]:
    """The same of a module of OTClient, whose scripts reach others as ``modules.NAME``; the first time of each."""
    seen = {*manifest.dependencies, *map(_name_of, own)}
    for uses in files:
        for use in uses.used:
            if use.path[0] == "modules" and len(use.path) > 1 and use.path[1] not in seen:
                seen.add(use.path[1])
                yield uses.file, use.line, f"uses modules.{use.path[1]}, which is no declared dependency; declare it"


def never_required(manifest: Manifest, files: Sequence[Uses]) -> tuple[str, ...]:
    """Dependencies that no file requires; none where a name is made up as the module runs.

    Where the module tells or answers events, any of them may be there for these; an optional one for its order.
    """
    if any(uses.names & _OF_EVENTS for uses in files):
        return ()
    asked = [use for uses in files for use in uses.used if use.path == ("require",)]
    if any(use.way is not Way.TESTED and use.argument is None for use in asked):
        return ()
    named = {use.argument for use in asked}
    return tuple(name for name, need in manifest.dependencies.items() if name not in named and not need.optional)


def _is_own(name: str, own: Mapping[str, bytes]) -> bool:
    stem = name.replace(".", "/")
    return f"{stem}.lua" in own or f"{stem}/init.lua" in own


def _name_of(path: str) -> str:
    return path.removesuffix(".lua").removesuffix("/init").replace("/", ".")
