"""The entry file of an OTClient module, made from its manifest; what it takes over keeps its line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files as files_of
from typing import Final

from host.vocabulary.manifest import Scripts, Snippet

_LOADABLE: Final = re.compile(r"(?:\w+/)*\w+\.lua\Z", re.ASCII)
"""What ``require`` can ask for."""


class NoSuchScriptError(Exception):
    """A script that is not among a module's files; ``str()`` is its path."""


def entry_source(scripts: Scripts, files: Iterable[str]) -> bytes:
    """Lua that runs the scripts, and gives the module with ``init`` and ``cleanup``.

    Args:
        scripts: as the manifest has them.
        files: paths of the module's Lua files.

    Raises:
        NoSuchScriptError: a script is not there.
    """
    paths = sorted(path for path in files if _LOADABLE.match(path))
    lists = f"{{ {_listed(paths)} }}, {{ {_listed(expanded(scripts.paths, paths))} }}"
    lines = [f"local M = (function(...) {_run_scripts()} end)({lists}) "]
    members = [("init", scripts.on_load), ("cleanup", scripts.on_unload)]
    found = [(name, snippet) for name, snippet in members if snippet is not None]
    for name, snippet in sorted(found, key=lambda each: each[1].line):
        _add(lines, name, snippet)
    return "\n".join([*lines, "return M\n"]).encode()


def expanded(paths: Iterable[str], files: Iterable[str]) -> tuple[str, ...]:
    """Paths with ``dir/*`` replaced by all Lua files below it that are not named before; none twice.

    Raises:
        NoSuchScriptError: a path is no file.
    """
    known = dict.fromkeys(files)
    found: dict[str, None] = {}
    for path in paths:
        if path.endswith("*"):
            found |= dict.fromkeys(each for each in known if each.startswith(path[:-1]))
        elif path in known:
            found[path] = None
        else:
            raise NoSuchScriptError(path)
    return tuple(found)


@cache
def _run_scripts() -> str:
    """Lua of the file beside this one, in one line."""
    lines = files_of("host.discovery").joinpath("otclient_entry.lua").read_text(encoding="utf-8").splitlines()
    return " ".join(line for line in map(str.strip, lines) if line and not line.startswith("--"))


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(f'"{path}"' for path in paths)


def _add(lines: list[str], member: str, snippet: Snippet) -> None:
    """Add a snippet in the line in which its manifest has it; its end follows in the next, after any comment."""
    lines += [""] * (snippet.line - len(lines))
    lines[-1] += f"M.{member} = function() {snippet.text}"
    lines[-1:] = [*lines[-1].rstrip("\n").split("\n"), "end "]
