"""The entry file of an OTClient module, made from its manifest; what it takes over keeps its line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from host.vocabulary.manifest import Scripts, Snippet

_LOADABLE: Final = re.compile(r"(?:\w+/)*\w+\.lua\Z", re.ASCII)
"""What ``require`` can ask for."""

# One line, above all that has its own. The scripts share the module's globals; those that are functions are what other
# modules may call, as `modules.NAME.f()`.
_FIRST_LINE = (
    "local M, known = {{ exports = {{}} }}, {{}} "
    "modules = setmetatable({{}}, {{ __index = function(_, name) return (require(name)) end }}) "
    'function dofile(path) return require((path:gsub("%.lua$", ""):gsub("/", "."))) end '
    "function dofiles(folder) for _, path in ipairs({{ {files} }}) do "
    'if path:match("^(.*)/") == folder then dofile(path) end end end '
    "for name in pairs(_G) do known[name] = true end "
    "for _, script in ipairs({{ {scripts} }}) do dofile(script) end "
    "for name, value in pairs(_G) do "
    'if not known[name] and type(value) == "function" then M.exports[name] = value end '
    "end "
)


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
    lines = [_FIRST_LINE.format(files=_listed(paths), scripts=_listed(expanded(scripts.paths, paths)))]
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


def _listed(paths: Iterable[str]) -> str:
    return ", ".join(f'"{path}"' for path in paths)


def _add(lines: list[str], member: str, snippet: Snippet) -> None:
    """Add a snippet in the line in which its manifest has it; its end follows in the next, after any comment."""
    lines += [""] * (snippet.line - len(lines))
    lines[-1] += f"M.{member} = function() {snippet.text}"
    lines[-1:] = [*lines[-1].rstrip("\n").split("\n"), "end "]
