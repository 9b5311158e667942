"""Which permissions a module could use at all: those that core modules which it needs ask the gate about.

Read from the source of their native parts, which is not run: the gate's methods by name, and permissions as texts.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from host.discovery.repository import Repository
from host.lifecycle.native_code import read_sources
from host.vocabulary.errors import LoadFailed
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.permission import PERMISSIONS

_METHODS: Final = {
    "open_read": "fs.read",
    "open_write": "fs.write",
    "connect": "net",
    "connect_address": "net",
    "program": "exec",
    "variable": "env",
}


def usable(manifest: Manifest, repository: Repository) -> frozenset[str] | None:
    """The permissions that a module could use; ``None`` where something that it needs is not there to be looked at.

    Core modules act in the name of whoever called them, also through one another; all others in their own.
    """
    found: set[str] = set()
    seen: set[str] = set()
    pending = [manifest]
    while pending:
        module = pending.pop()
        if module.tier is Tier.CORE:
            found |= _asked(module)
        elif module is not manifest:
            continue
        for name in module.dependencies.keys() - seen:
            seen.add(name)
            newest = repository.newest(name)
            if newest is None:
                return None
            pending.append(newest)
    return frozenset(found)


def _asked(manifest: Manifest) -> frozenset[str]:
    """What a module's native part asks the gate about; everything, where it cannot be read."""
    try:
        trees = [ast.parse(source) for source in read_sources(manifest).values()]
    except (LoadFailed, SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset(PERMISSIONS)
    return frozenset(name for tree in trees for name in _in(tree))


def _in(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _METHODS:
            yield _METHODS[node.attr]
        elif isinstance(node, ast.Constant) and node.value in PERMISSIONS:
            yield str(node.value)
