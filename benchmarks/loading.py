"""Many modules from disk: found, resolved, loaded."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from lupa import luajit21

from benchmarks.making import TIERS, write_many
from benchmarks.rounds import Size, interleaved
from benchmarks.rows import AtMost, Row
from host import Host

REACH = {1_000: 2.0}
"""Seconds for so many modules."""


async def rows(size: Size) -> list[Row]:
    return [await _loaded(count, size.long_rounds) for count in size.loads]


async def _loaded(count: int, rounds: int) -> Row:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        root = Path(folder)
        names = write_many(root / "modules", count)
        loading = _Loading(root, names)
        await loading.by_host()
        ours, bare = await interleaved(rounds, loading.by_host, loading.by_lupa)
    limit = REACH.get(count)
    return Row(
        name=f"find, resolve and load {count:,} modules",
        ours=ours,
        peer=bare,
        peer_name="bare lupa, read and run",
        target=AtMost(limit) if limit is not None else None,
    )


class _Loading:
    """Loads the same modules anew each time."""

    def __init__(self, root: Path, names: list[str]) -> None:
        self._root = root
        self._names = names
        self._times = 0

    async def by_host(self) -> float:
        self._times += 1
        host = Host([self._root / "modules"], self._root / f"data-{self._times}")
        start = perf_counter()
        async with host:
            await host.load_all(dict.fromkeys(self._names, ""))
            took = perf_counter() - start
            running = len(host.snapshot().modules)
        if running != len(self._names):
            raise RuntimeError(f"{running} of {len(self._names)} modules were loaded")
        return took

    async def by_lupa(self) -> float:
        """The least that it takes: a runtime each, its file read and run."""
        start = perf_counter()
        kept: list[Any] = []
        for number, name in enumerate(self._names):
            path = self._root / "modules" / TIERS[number % len(TIERS)] / name / "init.lua"
            runtime = luajit21.LuaRuntime(encoding=None, register_eval=False)
            kept.append((runtime, runtime.execute(path.read_bytes())))
        return perf_counter() - start
