"""From a saved file to its code running."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from benchmarks.making import write_module
from benchmarks.quiet import all_written
from benchmarks.rounds import Size, interleaved
from benchmarks.rows import AtMost, Row
from host import Host
from host.vocabulary.events import EventKind

PATIENCE = 5.0

_SOURCE = "local M = {{}}\nM.exports = {{ edition = function() return {edition} end }}\nreturn M\n"


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        path = Path(folder, "modules", "plugins", "edited")
        entry = write_module(path, "edited", "1.0.0", _SOURCE.format(edition=0))
        async with Host([Path(folder, "modules")], Path(folder, "data"), watch=True) as host:
            await host.load("edited")
            saving = _Saving(host, entry)
            await saving.by(_replace)
            replaced, written = await interleaved(size.saves, lambda: saving.by(_replace), lambda: saving.by(_write))
    return [
        Row(name="save to live, file replaced", ours=replaced, target=AtMost(60e-3)),
        Row(name="save to live, file written over", ours=written, target=AtMost(60e-3)),
    ]


def _replace(entry: Path, source: str) -> None:
    """Save as most editors do."""
    beside = entry.with_suffix(".tmp")
    beside.write_text(source)
    beside.replace(entry)


def _write(entry: Path, source: str) -> None:
    entry.write_text(source)


class _Saving:
    """Saves one edition after another."""

    def __init__(self, host: Host, entry: Path) -> None:
        self._host = host
        self._entry = entry
        self._edition = 0

    async def by(self, save: Callable[[Path, str], None]) -> float:
        self._edition += 1
        committed = asyncio.create_task(self._committed())
        await asyncio.sleep(0)  # it listens from here on
        start = perf_counter()
        save(self._entry, _SOURCE.format(edition=self._edition))
        live = await asyncio.wait_for(committed, PATIENCE) - start
        if await self._host.call("edited", "edition") != self._edition:
            raise RuntimeError("what was swapped in is not what was saved")
        await all_written(self._host)
        return live

    async def _committed(self) -> float:
        async for event in self._host.events():
            if event.event is EventKind.SWAP_COMMITTED:
                break
        return perf_counter()
