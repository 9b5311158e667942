"""``new``, ``check`` and ``test``: for people who write modules."""

from __future__ import annotations

import argparse
import asyncio
import json

from host.cli.folders import module_folders
from host.cli.printing import one_line
from host.discovery.listing import problem_rows
from host.engine.trials import run_tests
from host.packages.examining import examine
from host.packages.template import made
from host.vocabulary.errors import HostError


def new(options: argparse.Namespace) -> int:
    """Make a module that loads, keeps a state and answers a hook."""
    tier, _, name = options.place.partition("/")
    folder = made(module_folders(options)[0], tier, name)
    print(f"made {folder}; load it with: theseus load {name}")
    return 0


def check(options: argparse.Namespace) -> int:
    """Print what looks wrong in a module's folder; hints alone are no fault."""
    found = examine(options.folder.absolute(), module_folders(options))
    status = 1 if found.problems else 0
    if options.json:
        rows = {"problems": problem_rows(found.problems), "hints": problem_rows(found.hints)}
        print(json.dumps({"ok": not status, **rows}, ensure_ascii=False))
        return status
    for problem in found.problems:
        print(one_line(problem.sentence))
    for hint in found.hints:
        print(one_line(f"{hint.file.parent / hint.where}: hint: {hint.said}"))
    hints = f"; {len(found.hints)} hint{'s' if len(found.hints) > 1 else ''}" if found.hints else ""
    print(f"{options.folder}: {len(found.problems) or 'no'} fault{'s' if len(found.problems) != 1 else ''}{hints}")
    return status


def test(options: argparse.Namespace) -> int:
    """Run the Lua tests of a module's folder; prints each that fails, and how many passed."""
    results = asyncio.run(run_tests(options.folder.absolute()))
    failed = [result for result in results if not result.ok]
    if options.json:
        rows = [{"name": r.name, "ok": r.ok, "message": r.message, "file": r.file, "line": r.line} for r in results]
        print(json.dumps({"ok": not failed, "tests": rows}, ensure_ascii=False))
        return 1 if failed or not results else 0
    for result in failed:
        where = f"{result.file}:{result.line}" if result.line else result.file
        print(f"FAILED {result.name}: {result.message}\n  {where}")
    if not results:
        raise HostError(f"{options.folder} has no tests; put them in {options.folder / 'tests'}/*.lua")
    print(f"{len(results) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0
