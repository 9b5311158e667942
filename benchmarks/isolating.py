"""Modules with processes of their own: a call there and back, many of them at once, a start, and what each costs."""

from __future__ import annotations

import os
import socket
import statistics
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from time import perf_counter

from benchmarks.making import write_module
from benchmarks.rounds import Size, interleaved
from benchmarks.rows import AtMost, Row, Spread, Unit
from host import Host

_ANSWERING = """local count = 0
local function counted() count = count + 1 end
return {{ hooks = {{ all = counted, {name} = counted }} }}
"""
_ISOLATED = 'isolation = "process"\n'


async def rows(size: Size) -> list[Row]:
    many = size.audiences[-1]
    async with _loaded(1) as (host, _):
        alone = await _there_and_back(host, size)
    async with _loaded(many) as (host, started):
        return [
            alone,
            await _at_once(host, size, many),
            Row(name=f"start an isolated module, {many} of them", ours=started, target=AtMost(0.030)),
            Row(
                name=f"memory of an isolated module's own, {many} of them",
                ours=Spread(tuple(_proportional(host))),
                unit=Unit.BYTES,
                target=AtMost(12e6),
            ),
        ]


async def _there_and_back(host: Host, size: Size) -> Row:
    calls = max(3, size.calls // 100)

    async def ours() -> float:
        samples = []
        for _ in range(calls):
            start = perf_counter()
            await host.emit("m_0", 7)
            samples.append(perf_counter() - start)
        return statistics.median(samples)

    with _echo() as echo:

        async def bare() -> float:
            samples = []
            for _ in range(calls):
                start = perf_counter()
                echo.send(b"7")
                echo.recv(1)
                samples.append(perf_counter() - start)
            return statistics.median(samples)

        spread, peer = await interleaved(size.rounds, ours, bare)
    return Row(
        name="emit a number to 1 isolated module, there and back",
        ours=spread,
        peer=peer,
        peer_name="a byte to a bare process",
        target=AtMost(80e-6),
    )


async def _at_once(host: Host, size: Size, many: int) -> Row:
    async def at_once() -> float:
        start = perf_counter()
        await host.emit("all", 7)
        return perf_counter() - start

    async def one_by_one() -> float:
        start = perf_counter()
        for number in range(many):
            await host.emit(f"m_{number}", 7)
        return perf_counter() - start

    ours, peer = await interleaved(size.rounds, at_once, one_by_one)
    return Row(
        name=f"emit a number to {many} isolated modules",
        ours=ours,
        peer=peer,
        peer_name="one after another",
        target=AtMost(1.0, of_ratio=True),
    )


@asynccontextmanager
async def _loaded(count: int) -> AsyncIterator[tuple[Host, Spread]]:
    """A host with isolated modules, and the seconds that each took to load but the first, which starts the others."""
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        root = Path(folder) / "modules"
        for number in range(count):
            name = f"m_{number}"
            write_module(root / "plugins" / name, name, "1.0.0", _ANSWERING.format(name=name), _ISOLATED)
        async with Host([root], Path(folder) / "data", quarantine=None) as host:
            await host.load("m_0")
            samples = []
            for number in range(1, count):
                start = perf_counter()
                await host.load(f"m_{number}")
                samples.append(perf_counter() - start)
            yield host, Spread(tuple(samples))


def _proportional(host: Host) -> Iterator[float]:
    """Bytes of each process, of what it shares its part."""
    for instance in host.parts.roster.active.values():
        for line in Path(f"/proc/{instance.runtime.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                yield int(line.split()[1]) * 1024.0


@contextmanager
def _echo() -> Iterator[socket.socket]:
    """The least that it takes: a process that sends back what it gets."""
    mine, its = socket.socketpair()
    child = os.fork()
    if not child:
        mine.close()
        while data := its.recv(1):
            its.send(data)
        os._exit(0)
    its.close()
    with mine:
        yield mine
    os.waitpid(child, 0)
