"""The window at work on much: trees, logs, the palette, and all of it while modules load and log."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path
from typing import Any

from benchmarks.making import write_module
from benchmarks.rounds import Size
from benchmarks.rows import AtMost, Row, Spread, Unit

ROOT = Path(__file__).resolve().parent.parent
LINES_A_SECOND = 10_000
NOISY = 20
FEW = 20

_TALKER = """return {{init = function()
    host.every(100, function() for _ = 1, {lines} do host.log.info("a line of some length, as they are") end end)
end}}"""
_PAINTER = """
local KINDS = {"value", "meter", "label", "checkbox", "button"}
local children = {{kind = "column", id = "changing", children = {}}}
for at = 1, 399 do
    children[at + 1] = {kind = KINDS[at % #KINDS + 1], id = "w" .. at}
end
local panel, round = nil, 0
local NEXT = {
    value = function() return round end,
    meter = function() return round % 10 / 10 end,
    label = function() return tostring(round) end,
    checkbox = function() return round % 2 == 0 end,
    button = function() return tostring(round) end,
}
local function change()
    round = round + 1
    local changes = {}
    for at = 1, 399 do
        changes["w" .. at] = NEXT[KINDS[at % #KINDS + 1]]()
    end
    if round % 50 == 1 then
        local fresh = {}
        for at = 1, 100 do
            fresh[at] = {kind = KINDS[at % #KINDS + 1], id = "f" .. round .. "_" .. at}
        end
        changes.changing = {children = fresh}
    end
    panel:update(changes)
end
return {init = function()
    panel = assert(host.ui.panel {id = "painter", children = children})
    host.every(20, change)
end}"""
_QUIET = "return {hooks = {onItem = function() end}}"


async def rows(size: Size) -> list[Row]:
    """Measure in processes of their own, offscreen."""
    try:
        parts = await _alone("parts", str(size.long_rounds))
        with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
            many, few = Path(folder, "many"), Path(folder, "few")
            _write(many, size.shown, NOISY)
            _write(few, min(FEW, size.shown), 0)
            loud = await _alone("flood", str(size.shown), str(many), str(size.flood))
            calm = await _alone("flood", str(min(FEW, size.shown)), str(few), "1")
            painted = Path(folder, "painted")
            write_module(painted / "plugins" / "painter", "painter", "1.0.0", _PAINTER, "autoload = true\n")
            drawn = await _alone("flood", "1", str(painted), str(size.flood))
    except _NotMeasuredError as why:
        return [Row(name="the window", ours=None, note=str(why))]
    shown = _gap(
        "longest gap while a module shows 500 widgets and changes all", [*drawn["loading"], *drawn["logging"]], ""
    )
    return [*_of_parts(parts), *_of_gaps(loud, size.shown), shown, _of_memory(calm)]


def _of_parts(found: dict[str, Any]) -> list[Row]:
    return [
        Row(
            name="open a state of 100,000 entries",
            ours=Spread(tuple(found["state"])),
            peer=Spread(tuple(found["filled"])),
            peer_name="filled QTreeWidget",
            target=AtMost(0.05),
        ),
        Row(name="show a line of the log, of a full one", ours=Spread(tuple(found["log"])), target=AtMost(1 / 20_000)),
        _of_keys(found["palette"]),
    ]


def _of_keys(rounds: list[list[tuple[float, float]]]) -> Row:
    """Of several rounds of the same keys, the key that took longest in the median."""
    keys = [(Spread(tuple(took for took, _ in key)), [own for _, own in key]) for key in zip(*rounds, strict=True)]
    slowest, own = max(keys, key=lambda key: key[0].median)
    note = f"{max(own) * 1e3:.1f} ms of the processor's time at most"
    return Row(name="palette: the slowest key over 2,000 entries", ours=slowest, target=AtMost(0.016), note=note)


def _of_gaps(found: dict[str, Any], modules: int) -> list[Row]:
    return [
        _gap(f"longest gap of the window while {modules} modules load", found["loading"], ""),
        _gap(f"longest gap while {NOISY} modules log", found["logging"], f"{found['rate']:,.0f} lines a second; "),
    ]


def _gap(name: str, gaps: list[tuple[float, float]], words: str) -> Row:
    longest, own = max(gaps, default=(0.0, 0.0))
    late = sum(1 for each, _ in gaps if each > 0.1)
    note = f"{words}{late} of {len(gaps)} beats over 100 ms; {own * 1e3:.0f} ms of it the window's own"
    return Row(name=name, ours=Spread((longest,)), target=AtMost(0.1), note=note)


def _of_memory(found: dict[str, Any]) -> Row:
    resident = Spread((found["resident"],))
    return Row(name=f"memory of the window with {FEW} modules", ours=resident, unit=Unit.BYTES, target=AtMost(120e6))


def _write(root: Path, count: int, noisy: int) -> None:
    lines = LINES_A_SECOND // max(noisy, 1) // 10
    for number in range(count):
        source = _TALKER.format(lines=lines) if number < noisy else _QUIET
        more = f'autoload = true\n[limits]\nlog = "{LINES_A_SECOND}/s"\n'
        write_module(root / "plugins" / f"module_{number:03}", f"module_{number:03}", "1.0.0", source, more)


class _NotMeasuredError(Exception):
    """Why nothing could be measured."""


async def _alone(*arguments: str) -> dict[str, Any]:
    command = (sys.executable, "-m", "benchmarks.window_alone", *arguments)
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, cwd=ROOT, env=environment)
    said, wrong = await process.communicate()
    try:
        found: dict[str, Any] = json.loads(said.decode().strip().rpartition("\n")[2])
    except json.JSONDecodeError:
        last = wrong.decode(errors="replace").strip().rpartition("\n")[2]
        raise _NotMeasuredError(last or f"it ended with {process.returncode}") from None
    return found
