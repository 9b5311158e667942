"""``new``, ``check`` and ``test``: for people who write modules."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path

from host.cli.folders import module_folders
from host.discovery.bundle import examine_bundle
from host.discovery.config_schema import read_config_schema
from host.discovery.folders import manifest_in
from host.discovery.listing import problem_rows
from host.discovery.manifest_file import read_manifest
from host.engine.trials import run_tests
from host.runtime.syntax import syntax_fault
from host.vocabulary.errors import HostError, ManifestInvalid
from host.vocabulary.identity import NAME_PATTERN, Tier
from host.vocabulary.problem import Problem

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
    print(f"made {folder}; load it with: theseus load {name}")
    return 0


def check(options: argparse.Namespace) -> int:
    """Print the faults of a module's folder."""
    problems, warnings = _examined(options.folder.absolute())
    if options.json:
        answer = {"ok": not problems, "problems": problem_rows(problems), "warnings": warnings}
        print(json.dumps(answer, ensure_ascii=False))
        return 1 if problems else 0
    for problem in problems:
        print(f"{problem.file.parent}/{problem}")
    for warning in warnings:
        print(f"{options.folder}: warning: {warning}")
    if not problems:
        print(f"{options.folder}: no faults")
    return 1 if problems else 0


def _examined(folder: Path) -> tuple[list[Problem], tuple[str, ...]]:
    """The faults of a module, and what it asks for in vain."""
    tier = next((Tier(part) for part in reversed(folder.parts) if part in set(Tier)), Tier.PLUGINS)
    try:
        manifest = read_manifest(manifest_in(folder), tier)
    except ManifestInvalid as fault:
        return list(fault.problems), ()
    bundle, unread = examine_bundle(manifest)
    found = [*read_config_schema(folder)[1], *unread]
    for path, source in bundle.files.items() if bundle is not None else ():
        mistake = syntax_fault(manifest.name, path, source)
        if mistake is not None:
            found.append(Problem(path, mistake.message, folder / path, mistake.line))
    return found, manifest.not_given


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
