"""A module to begin with: it loads, keeps a state, answers a hook, and has a test."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from host.packages.annotations import describe
from host.vocabulary.errors import HostError
from host.vocabulary.identity import NAME_PATTERN, Tier

_MANIFEST: Final = """name = "{name}"
version = "0.1.0"
summary = ""
host = ">=1,<2"
"""

_ENTRY: Final = """--- {name}: what it does, in one sentence.

local M = {{}} ---@type theseus.Module

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

_README: Final = """# {name}

What it does, in one sentence.

- `greetings()` gives how often somebody was greeted.
"""

_TEST: Final = """local T = {}

function T.a_greeting_is_counted_and_kept(t)
    t.emit("onGreeting", "ana")
    t.equal(t.call("greetings"), 1)
    t.truthy(t.reload())
    t.equal(t.call("greetings"), 1)
end

return T
"""


def made(root: Path, tier: str, name: str) -> Path:
    """Write a module into a folder of modules, and there what describes the host to editors; gives the module's folder.

    Raises:
        HostError: there is no such tier, it is no name, or something is there; nothing was changed.
    """
    if tier not in set(Tier) or not NAME_PATTERN.match(name):
        tiers = ", ".join(Tier)
        raise HostError(f"{f'{tier}/{name}'!r} is no TIER/NAME: tiers are {tiers}, names are [a-z][a-z0-9_]*")
    folder = root / tier / name
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise HostError(f"{folder} is there already; nothing was changed; choose another name") from None
    except OSError as fault:
        raise _unmade(folder, fault) from None
    try:
        (folder / "module.toml").write_text(_MANIFEST.format(name=name), encoding="utf-8")
        (folder / "init.lua").write_text(_ENTRY.format(name=name), encoding="utf-8")
        (folder / "README.md").write_text(_README.format(name=name), encoding="utf-8")
        (folder / "tests").mkdir()
        (folder / "tests" / "greetings.lua").write_text(_TEST, encoding="utf-8")
        describe(root)
    except OSError as fault:
        shutil.rmtree(folder, ignore_errors=True)
        raise _unmade(folder, fault) from None
    return folder


def _unmade(folder: Path, fault: OSError) -> HostError:
    why = (fault.strerror or "input error").lower()
    return HostError(
        f"{folder} could not be made: {why}; nothing of it is left; make room or choose another folder of modules"
    )
