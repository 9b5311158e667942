"""Raw runtimes that hold the bounded functions as ``safe`` beside the originals."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from lupa.luajit21 import LuaRuntime

SOURCES = Path(__file__).parents[2] / "host" / "runtime"
PARTS = ("patterns", "searching", "sorting")
OPEN = b"""
local source, parts, max_bytes = ...
ticks, loaded = 0, {}
safe = assert(loadstring(source, "=bounded"))()({
    max_bytes = max_bytes,
    tick = function()
        ticks = ticks + 1
        if on_tick then on_tick() end
    end,
    too_deep = function(text) error(text, 2) end,
    load_part = function(name)
        loaded[#loaded + 1] = name
        return assert(loadstring(parts[name], "=" .. name))()
    end,
})
"""
# A deadline as the host has it: once over, each further hook raises again.
DEADLINE = b"""
local seconds = ...
local stop = os.clock() + seconds
local function check() if os.clock() > stop then error("time is over", 0) end end
on_tick = check
debug.sethook(check, "", 10000)
"""


def bounded_runtime(max_bytes: int = 1 << 23, memory: int = 0, constants: dict[str, str] | None = None) -> Any:
    """A runtime with the globals ``safe``, ``ticks`` and ``loaded``.

    Args:
        max_bytes: longest string the bounded functions may build.
        memory: limit of the runtime in bytes; 0 for none.
        constants: replaces what names the head of a part are given, to take the ways for large inputs on small ones.
    """
    lua = LuaRuntime(encoding=None, max_memory=memory or None)
    lua.execute(b"jit.off()")
    parts = {name.encode(): (SOURCES / f"{name}.lua").read_bytes() for name in PARTS}
    for name, value in (constants or {}).items():
        start = f"\nlocal {name} = ".encode()
        (part,) = (part for part, text in parts.items() if start in text)
        before, _, after = parts[part].partition(start)
        parts[part] = before + start + value.encode() + after[after.index(b" --") :]
    lua.execute(OPEN, (SOURCES / "bounded.lua").read_bytes(), lua.table_from(parts), max_bytes)
    return lua


def started_deadline(lua: Any, seconds: float) -> None:
    lua.execute(DEADLINE, seconds)


def answer_hostile() -> None:
    """Run each code of the list on stdin under a deadline of 0.1 s; one line of JSON each: its error, its seconds."""
    for code in json.load(sys.stdin):
        lua = bounded_runtime(memory=1 << 26)
        run = lua.eval(b"function(code) return pcall(assert(loadstring(code))) end")
        # The host's pcall lets a deadline through; so does this one, which `run` does not use.
        lua.execute(
            b"""local raw, run = pcall, ...
            setfenv(run, setmetatable({ pcall = raw }, { __index = _G }))
            function pcall(...) local ok, e = raw(...) if e == "time is over" then error(e, 0) end end""",
            run,
        )
        started_deadline(lua, 0.1)
        began = time.perf_counter()
        succeeded, message = run(code.encode())
        print(json.dumps([succeeded, message.decode(), time.perf_counter() - began]), flush=True)  # noqa: T201 -- the answer


def endings(codes: list[str]) -> dict[str, tuple[str, float]]:
    """The error that ended each code and after how many seconds; those of a process that hung are missing."""
    command = [sys.executable, "-c", "from tests.runtime.bounded_runtime import answer_hostile; answer_hostile()"]
    root = Path(__file__).parents[2]
    try:
        done = subprocess.run(
            command, cwd=root, input=json.dumps(codes).encode(), capture_output=True, timeout=30, check=False
        )
        answered = done.stdout
    except subprocess.TimeoutExpired as hung:
        answered = hung.stdout or b""
    answers = [json.loads(line) for line in answered.splitlines()]
    return {
        code: (message, took) for code, (succeeded, message, took) in zip(codes, answers, strict=False) if not succeeded
    }
