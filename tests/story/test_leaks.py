"""Ten thousand swaps and a thousand loads and unloads leave nothing behind: no memory, no open file, no thread."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final

import pytest

from tests.cli.program import ROOT
from tests.engine.place import Place

MODULE: Final = """local M = {n = 0, seen = {}}
M.hooks = {add = function(k) M.n = M.n + k end}
M.exports = {n = function() return M.n end}
function M:init() host.every(60000, function() end) end
function M:getState() return {n = self.n, seen = self.seen} end
function M:setState(state) self.n, self.seen = state.n, state.seen end
function M:migrate(state) return state end
return M"""

SMALL: Final = 2_000_000
"""Bytes that memory may grow by."""

TURNING: Final = """
import asyncio, gc, json, os, sys, threading
import psutil
from host import Host
from host.vocabulary.events import EventKind

root, data, swaps, cycles = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def holdings():
    gc.collect()
    process = psutil.Process()
    return process.memory_info().rss, process.num_fds(), threading.active_count()

async def swap(host, times):
    for done in range(times):
        await host.swap("turned", "1.0.0" if done % 2 else "2.0.0")
        await host.emit("add", 1)

async def cycle(host, times):
    for done in range(times):
        await host.load("cycled")
        await host.unload("cycled")

async def fill_pool():  # of threads, which on a busy machine grows late: one is begun where none is idle yet
    all_there = threading.Barrier(min(32, (os.cpu_count() or 1) + 4))
    await asyncio.gather(*(asyncio.to_thread(all_there.wait, 60) for _ in range(all_there.parties)))

async def main():
    await fill_pool()
    async with Host([root], data) as host:
        await host.load("turned", "==1.0.0")
        for done in range(10_000):  # events that are kept for those who ask later: bounded, and full from here on
            text = f"turned was swapped from {done % 2 + 1}.0.0 to 2.0.0 with its state"
            host.chronicle.tell(EventKind.SWAP_COMMITTED, text, module="turned", version="2.0.0", pause_s=done / 1e6)
        await swap(host, swaps // 10 * 2)
        await cycle(host, cycles // 10 + 2)
        told = []
        for turn, times in ((swap, swaps), (cycle, cycles)):
            before = holdings()
            await turn(host, times)
            told.append([b - a for a, b in zip(before, holdings())])
        print(json.dumps(told))

asyncio.run(main())
"""


def turned(place: Place, swaps: int, cycles: int) -> Any:
    """Bytes, open files and threads gained by so many swaps, and by so many loads with their unloads."""
    for version in ("1.0.0", "2.0.0"):
        place.module("turned", MODULE, version, folder=version)
    place.module("cycled", MODULE)
    words = [sys.executable, "-c", TURNING, str(place.root), str(place.data), str(swaps), str(cycles)]
    done = subprocess.run(words, capture_output=True, check=False, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.integration
def test_swaps_loads_and_unloads_leave_no_file_and_no_thread_open(place: Place) -> None:
    swapped, cycled = turned(place, 100, 50)
    assert (swapped[1:], cycled[1:]) == ([0, 0], [0, 0])
    assert max(swapped[0], cycled[0]) < SMALL


@pytest.mark.torture
def test_ten_thousand_swaps_and_a_thousand_loads_leave_nothing_behind(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    swapped, cycled = turned(place, 10_000, 1_000)
    with capsys.disabled():
        for what, (resident, files, threads) in (("10,000 swaps", swapped), ("1,000 loads and unloads", cycled)):
            sys.stdout.write(f"\n{what}: memory {resident / 1e6:+.2f} MB, files {files:+}, threads {threads:+}\n")
    assert (swapped[1:], cycled[1:]) == ([0, 0], [0, 0])
    assert max(swapped[0], cycled[0]) < SMALL
