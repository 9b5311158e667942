"""``why`` and ``outdated``: of what a host runs where one does, else of what lies on disk."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import msgspec

from host.cli.asking import answered
from host.cli.finding import found_modules
from host.cli.printing import with_data
from host.resolution.explaining import explain_on_disk, unreachable
from host.vocabulary.explanations import Link, Outdated, Why

MOST_CHAINS: Final = 5


def show_why(options: argparse.Namespace) -> int:
    """Print what leads to a module."""
    found = answered(options, lambda client: client.why(options.name))
    answer = found or explain_on_disk(found_modules(options), options.name)
    _print(options, answer, _why_text(answer, loaded=found is not None))
    return 0


def show_outdated(options: argparse.Namespace) -> int:
    """Print which modules have a newer version, and what holds it back."""
    rows = answered(options, lambda client: client.outdated())
    if rows is None:
        rows = tuple(unreachable(found_modules(options)))
    text = "\n".join(map(_outdated_text, rows)) or "every module is there in its newest version"
    _print(options, rows, with_data(text, options.data))
    return 0


def _print(options: argparse.Namespace, answer: object, text: str) -> None:
    print(msgspec.json.encode(answer).decode() if options.json else text)


def _why_text(answer: Why, *, loaded: bool) -> str:
    key = f"{answer.name} {answer.version}"
    lines = [_chain_text(chain, loaded=loaded) for chain in answer.chains[:MOST_CHAINS]]
    if (more := len(answer.chains) - len(lines)) > 0:
        lines.append(f"and {more} more")
    if loaded and answer.asked:
        lines.insert(0, f"{key} was asked for")
    if not answer.needed_by:
        lines.append(f"nothing {'that runs ' if loaded else ''}needs {key}")
    elif not lines:
        what = "that was asked for leads" if loaded else "that can be loaded leads"
        lines.append(f"{key} is needed by {', '.join(answer.needed_by)}, and nothing {what} to it")
    return "\n".join(lines)


def _chain_text(chain: Sequence[Link], *, loaded: bool) -> str:
    """``chat 2.1.0 (asked for) -> http 1.0 (^1.0)``: each with what the one before wants of it."""
    words = [f"{chain[0].name} {chain[0].version}{' (asked for)' if loaded else ''}"]
    for before, link in pairwise(chain):
        words.append(f"{link.name} {link.version} ({before.wants})")
    return " -> ".join(words)


def _outdated_text(row: Outdated) -> str:
    if not row.newest:
        return f"{row.name}{f' {row.version}' if row.version else ''}: {row.held_back_by[0]}"
    change = f"{row.name} {row.version or '(none can load)'} -> {row.newest}"
    if not row.held_back_by:
        return f"{change}: theseus swap {row.name} {row.newest}"
    return "\n  ".join((f"{change}: {row.held_back_by[0]}", *row.held_back_by[1:]))
