"""Which files of a module's folder are the module: those that become a package."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from host.discovery.bundle import TESTS_FOLDER
from host.discovery.inside import NotInsideError, read_plain
from host.packages.archive import LARGEST_FILE, LARGEST_WHOLE, MOST_FILES
from host.packages.machine_code import compiled
from host.packages.names import collision, fault_of_path
from host.vocabulary.errors import NotPacked
from host.vocabulary.manifest import MANIFEST_NAME, MIB

NATIVE_NAME: Final = "native.py"
_LEFT_OUT: Final = frozenset({"__pycache__", "node_modules"})
_PRIVATE: Final = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_ENDS: Final = (".pyc", ".pyo", "~", ".swp", ".orig", ".rej", ".tmp")


def contents_of(folder: Path, name: str) -> dict[str, bytes]:
    """Read the files of the module ``name``, by path, sorted.

    Left out are hidden files and folders (those of version control among them), ``tests/``, byte code of Python, what
    editors leave behind, folders that hold a module of their own, and packages that were made here before.

    Raises:
        NotPacked: a link, a name that is none everywhere, too much, Python, compiled code, or a private key.
    """
    found: dict[str, bytes] = {}
    size = 0
    for path in sorted(_paths(folder, folder, "")):
        if fnmatchcase(path, f"{name}-*.zip"):
            continue
        if fault := fault_of_path(path):
            raise NotPacked(str(folder), f"{path!r} {fault}; rename it, or move it away")
        try:
            found[path] = read_plain(str(folder / path), LARGEST_FILE)
        except NotInsideError as fault_of_file:
            raise NotPacked(str(folder), f"{path} {fault_of_file}") from None
        if kind := compiled(path, found[path]):
            raise NotPacked(str(folder), f"{path} is {kind}, which no package may hold: modules are text; move it away")
        if _PRIVATE.search(found[path]):
            raise NotPacked(str(folder), f"{path} holds a private key, which nobody else may have; move it away")
        size += len(found[path])
        if len(found) > MOST_FILES or size > LARGEST_WHOLE:
            raise NotPacked(str(folder), f"it has over {MOST_FILES} files, or over {LARGEST_WHOLE // MIB} MiB")
    if (two := collision(found)) is not None:
        raise NotPacked(str(folder), f"some systems take {two[0]} and {two[1]} for one; rename one")
    if (native := next((path for path in found if path.casefold() == NATIVE_NAME), None)) is not None:
        raise NotPacked(str(folder), f"{native} is Python, which no package may hold; core modules come with the host")
    return found


def _paths(root: Path, folder: Path, prefix: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            visible = [each for each in entries if not each.name.startswith(".") and each.name not in _LEFT_OUT]
    except OSError as fault:
        raise NotPacked(str(root), f"{folder} cannot be read: {(fault.strerror or 'input error').lower()}") from None
    for entry in visible:
        path = prefix + entry.name
        if entry.is_symlink():
            raise NotPacked(str(root), f"{path} is a link; put in its place what it leads to")
        if entry.is_dir(follow_symlinks=False):
            if path != TESTS_FOLDER and not os.path.lexists(Path(entry.path, MANIFEST_NAME)):
                yield from _paths(root, Path(entry.path), f"{path}/")
        elif not entry.name.endswith(_ENDS):
            yield path
