"""How long a swap keeps a module from answering."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

from lupa import luajit21

from benchmarks.making import KEEPING, write_module
from benchmarks.quiet import all_written
from benchmarks.rounds import Size, interleaved
from benchmarks.rows import AtMost, Row, Spread
from host import Host

CREW = [f"crew_{number}" for number in range(10)]
"""Modules that are swapped together."""
VERSIONS = ("1.0.0", "2.0.0")
ROOMY = '[limits]\nmemory = "512 MiB"\ncall = "5 s"\n'
SMALL = 200
"""Records, which is just under 10 KB."""

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
        for name, manifest in (("small", ""), *((name, ROOMY) for name in ("large", *CREW))):
            for version in VERSIONS:
                path = Path(folder, "modules", "plugins", name, version)
                write_module(path, name, version, KEEPING, manifest)
        return [await measure(Path(folder), size) for measure in (_small, _large, _together)]


async def _small(folder: Path, size: Size) -> Row:
    async with _host(folder) as host:
        await _filled(host, ["small"], SMALL)
        swapping = _Swapping(host, ["small"], SMALL)
        await swapping.pause()
        (pause,) = await interleaved(size.rounds, swapping.pause)
    return Row(name=f"swap pause, {SMALL} records", ours=pause, target=AtMost(1e-3))


async def _large(folder: Path, size: Size) -> Row:
    pause, copied = await _beside_codecs(folder, ["large"], size.records, size.long_rounds)
    name = f"swap pause, {size.records:,} records of 3 fields"
    return Row(name=name, ours=pause, peer=copied, peer_name="bare encode + decode", target=AtMost(1.3, of_ratio=True))


async def _together(folder: Path, size: Size) -> Row:
    records = size.records // len(CREW)
    pause, copied = await _beside_codecs(folder, CREW, records, size.long_rounds)
    name = f"swap pause, {len(CREW)} modules together, {records:,} records each"
    return Row(name=name, ours=pause, peer=copied, peer_name="bare encode + decode", target=AtMost(1.5, of_ratio=True))


async def _beside_codecs(folder: Path, names: list[str], records: int, rounds: int) -> tuple[Spread, ...]:
    """The pause in which some modules change, beside the least that they have to do."""
    async with _host(folder) as host:
        await _filled(host, names, records)
        swapping = _Swapping(host, names, records)
        copying = _Copying(records, len(names))
        await swapping.pause()
        await copying.copy()
        return await interleaved(rounds, swapping.pause, copying.copy)


def _host(folder: Path) -> Host:
    return Host([folder / "modules"], folder / "data")


async def _filled(host: Host, names: list[str], records: int) -> None:
    await host.load_all(dict.fromkeys(names, f"=={VERSIONS[0]}"), fresh=True)
    for index in range(1, records + 1):
        await host.emit("onItem", {"id": index, "name": f"name {index}", "score": index * 0.5})


class _Swapping:
    """Swaps modules to and fro."""

    def __init__(self, host: Host, names: list[str], records: int) -> None:
        self._host = host
        self._names = names
        self._records = records
        self._done = 0

    async def pause(self) -> float:
        self._done += 1
        report = await self._host.swap(dict.fromkeys(self._names, VERSIONS[self._done % len(VERSIONS)]))
        for name in self._names:
            kept = await self._host.call(name, "count")
            if kept != self._records:
                raise RuntimeError(f"{name} kept {kept} of {self._records} records")
        await all_written(self._host)
        return report.pause_s


class _Copying:
    """The least that a swap has to do: each state out of one table and into another."""

    def __init__(self, records: int, states: int) -> None:
        runtimes = [luajit21.LuaRuntime(encoding=None, register_eval=False) for _ in range(states)]
        self._copies = [lua.execute(_MAKE, records) for lua in runtimes]
        self._records = records

    async def copy(self) -> float:
        start = perf_counter()
        if any(copy() != self._records for copy in self._copies):
            raise RuntimeError("records were lost on the way")
        return perf_counter() - start
