"""Permissions: what is granted, granting and taking back; by the running host, or without one."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable

from host.cli.asking import Answering, asked_anyway
from host.cli.printing import one_line
from host.cli.steering import as_json
from host.vocabulary.permission import PERMISSIONS, Grant


def grant(options: argparse.Namespace) -> int:
    """Let a module use what it asks for."""
    return _shown(options, lambda host: host.grant(options.name, _patterns(options), options.versions))


def revoke(options: argparse.Namespace) -> int:
    """Take back what was granted."""
    return _shown(options, lambda host: host.revoke(options.name, _patterns(options), options.versions))


def grants(options: argparse.Namespace) -> int:
    """Print what is granted and denied."""
    return _shown(options, lambda host: host.grants(options.name))


def _shown(options: argparse.Namespace, ask: Callable[[Answering], Awaitable[tuple[Grant, ...]]]) -> int:
    answer = asked_anyway(options, ask)
    if options.json:
        print(as_json(answer))
    elif answer:
        print("\n".join(map(_line, answer)))
    else:
        print(f"you granted nothing{f' to {options.name}' if options.name else ''}")
    return 0


def _line(grant: Grant) -> str:
    verb = "may use" if grant.allowed else "may not use"
    versions = "" if grant.versions == "*" else f" ({grant.versions})"
    return one_line(f"{grant.module}{versions} {verb} {grant}")


def _patterns(options: argparse.Namespace) -> dict[str, list[str]] | None:
    """Patterns by permission, as they were named; ``None`` where none was."""
    named = {permission: getattr(options, f"patterns of {permission}") for permission in PERMISSIONS}
    return {permission: patterns for permission, patterns in named.items() if patterns is not None} or None
