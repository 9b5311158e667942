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
from host.vocabulary.errors import HostError
from host.vocabulary.identity import NAME_PATTERN, Tier

_MANIFEST = """name = "{name}"
version = "0.1.0"
summary = ""
host = ">=1,<2"
"""

_ENTRY = """--- {name}: what it does, in one sentence.

local M = {{}}

local greetings = 0 ---@type integer since the first load; survives swaps

function M:getState()
    return {{ greetings = greetings }}
end

function M:setState(state)
    greetings = state.greetings
end

M.hooks = {{
    ---@param name string
    onGreeting = function(name)
        greetings = greetings + 1
        host.log.info("hello, " .. tostring(name))
    end,
}}

M.exports = {{
    greetings = function()
        return greetings
    end,
}}

return M
"""

_README = """# {name}

What it does, in one sentence.

- `greetings()` gives how often somebody was greeted.
"""

_TEST = """local T = {}

function T.a_greeting_is_counted_and_kept(t)
    t.emit("onGreeting", "ana")
    t.equal(t.call("greetings"), 1)
    t.truthy(t.reload())
    t.equal(t.call("greetings"), 1)
end

return T
"""


def new(options: argparse.Namespace) -> int:
    """Make a module that loads, keeps a state and answers a hook."""
    tier, _, name = options.place.partition("/")
    if tier not in set(Tier) or not NAME_PATTERN.match(name):
        tiers = ", ".join(Tier)
        raise HostError(f"{options.place!r} is no TIER/NAME: tiers are {tiers}, names are [a-z][a-z0-9_]*")
    folder = module_folders(options)[0] / tier / name
    if folder.exists():
        raise HostError(f"{folder} is there already; nothing was changed; choose another name")
    folder.mkdir(parents=True)
    (folder / "module.toml").write_text(_MANIFEST.format(name=name), encoding="utf-8")
    (folder / "init.lua").write_text(_ENTRY.format(name=name), encoding="utf-8")
    (folder / "README.md").write_text(_README.format(name=name), encoding="utf-8")
    (folder / "tests").mkdir()
    (folder / "tests" / "greetings.lua").write_text(_TEST, encoding="utf-8")
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
