"""Counters that a module counts up from Lua, beside those of prometheus_client called from Python."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter

from benchmarks.making import write_module
from benchmarks.rounds import Size, Subject, interleaved
from benchmarks.rows import AtMost, Row, Spread
from host import Host

CALLS = 5000
MARGIN = 1e-6
"""Seconds that a count may take longer than the peer's."""

_SOURCE = """
local metrics = require("metrics")
return { hooks = {
    onCount = function(n) for i = 1, n do metrics.counter("plain") end end,
    onTagged = function(n) for i = 1, n do metrics.counter("tagged", 1, { room = "lobby" }) end end,
} }
"""
_BUNDLED = Path(__file__).resolve().parents[1] / "modules"


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        more = '[dependencies]\nmetrics = "*"\n[limits]\ncall = "60 s"\n'
        write_module(Path(folder, "modules", "plugins", "counter"), "counter", "1.0.0", _SOURCE, more)
        async with Host([Path(folder, "modules"), _BUNDLED], Path(folder, "data")) as host:
            await host.load("counter")
            registry = CollectorRegistry()
            plain = Counter("plain", "as a module's", registry=registry)
            tagged = Counter("tagged", "as a module's", ["room"], registry=registry)

            async def count_plain() -> float:
                start = perf_counter()
                for _ in range(CALLS):
                    plain.inc()
                return (perf_counter() - start) / CALLS

            async def count_tagged() -> float:
                start = perf_counter()
                for _ in range(CALLS):
                    tagged.labels(room="lobby").inc()
                return (perf_counter() - start) / CALLS

            found = [
                (
                    "metrics.counter from Lua",
                    await interleaved(size.long_rounds, _emitting(host, "onCount"), count_plain),
                ),
                ("with a tag", await interleaved(size.long_rounds, _emitting(host, "onTagged"), count_tagged)),
            ]
    return [_row(name, ours, peer) for name, (ours, peer) in found]


def _row(name: str, ours: Spread, peer: Spread) -> Row:
    limit = peer.median + MARGIN
    return Row(name=name, ours=ours, peer=peer, peer_name="prometheus_client", target=AtMost(limit))


def _emitting(host: Host, event: str) -> Subject:
    async def measure() -> float:
        start = perf_counter()
        await host.emit(event, CALLS)
        return (perf_counter() - start) / CALLS

    return measure
