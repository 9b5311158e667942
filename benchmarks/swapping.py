"""How long a swap keeps a module from answering."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

from lupa import luajit21

from benchmarks.making import KEEPING, write_module
from benchmarks.quiet import all_written
from benchmarks.rounds import Size, interleaved
from benchmarks.rows import AtMost, Row
from host import Host

VERSIONS = ("1.0.0", "2.0.0")
ROOMY = '[limits]\nmemory = "512 MiB"\ncall = "5 s"\n'
SMALL = 20

_MAKE = b"""local count = ...
local items = {}
for index = 1, count do
    items[index] = { id = index, name = "name " .. index, score = index * 0.5 }
end
local buffer = require("string.buffer")
return function()
    return #buffer.decode(buffer.encode({ items = items })).items
end
"""


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        for name, manifest in (("small", ""), ("large", ROOMY)):
            for version in VERSIONS:
                path = Path(folder, "modules", "plugins", name, version)
                write_module(path, name, version, KEEPING, manifest)
        async with Host([Path(folder, "modules")], Path(folder, "data")) as host:
            return [await _small(host, size), await _large(host, size)]


async def _small(host: Host, size: Size) -> Row:
    await _filled("small", SMALL, host)
    swapping = _Swapping(host, "small", SMALL)
    await swapping.pause()
    (pause,) = await interleaved(size.rounds, swapping.pause)
    return Row(name=f"swap pause, {SMALL} records", ours=pause, target=AtMost(2e-3))


async def _large(host: Host, size: Size) -> Row:
    await _filled("large", size.records, host)
    swapping = _Swapping(host, "large", size.records)
    copying = _Copying(size.records)
    await swapping.pause()
    await copying.copy()
    pause, copied = await interleaved(size.long_rounds, swapping.pause, copying.copy)
    name = f"swap pause, {size.records:,} records of 3 fields"
    return Row(name=name, ours=pause, peer=copied, peer_name="bare encode + decode")


async def _filled(name: str, records: int, host: Host) -> None:
    await host.load(name, f"=={VERSIONS[0]}")
    for index in range(1, records + 1):
        await host.emit("onItem", {"id": index, "name": f"name {index}", "score": index * 0.5})


class _Swapping:
    """Swaps one module to and fro."""

    def __init__(self, host: Host, name: str, records: int) -> None:
        self._host = host
        self._name = name
        self._records = records
        self._done = 0

    async def pause(self) -> float:
        self._done += 1
        report = await self._host.swap(self._name, VERSIONS[self._done % len(VERSIONS)])
        kept = await self._host.call(self._name, "count")
        if kept != self._records:
            raise RuntimeError(f"{self._name} kept {kept} of {self._records} records")
        await all_written(self._host)
        return report.pause_s


class _Copying:
    """The least that a swap has to do: the state out of one table and into another."""

    def __init__(self, records: int) -> None:
        self._lua = luajit21.LuaRuntime(encoding=None, register_eval=False)
        self._copy = self._lua.execute(_MAKE, records)
        self._records = records

    async def copy(self) -> float:
        start = perf_counter()
        if self._copy() != self._records:
            raise RuntimeError("records were lost on the way")
        return perf_counter() - start
