"""Values that a module keeps, set and got from Lua, beside diskcache called from Python."""

from __future__ import annotations

import tempfile
from pathlib import Path
from time import perf_counter

import diskcache

from benchmarks.making import write_module
from benchmarks.rounds import Size, Subject, interleaved
from benchmarks.rows import AtMost, Row
from host import Host

CALLS = 1000
KEYS = 100

_SOURCE = """
local state = require("state")
return { hooks = {
    onSet = function(n) for i = 1, n do state.set("key" .. i % 100, i) end end,
    onGet = function(n) for i = 1, n do state.get("key" .. i % 100) end end,
} }
"""
_BUNDLED = Path(__file__).resolve().parents[1] / "modules"


async def rows(size: Size) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        path = Path(folder, "modules", "plugins", "keeper")
        more = '[dependencies]\nstate = "*"\n[limits]\ncall = "60 s"\n'
        write_module(path, "keeper", "1.0.0", _SOURCE, more)
        async with Host([Path(folder, "modules"), _BUNDLED], Path(folder, "data")) as host:
            await host.load("keeper")
            with diskcache.Cache(str(Path(folder, "cache"))) as cache:
                peer = _Peer(cache)
                sets = await interleaved(size.long_rounds, _emitting(host, "onSet"), peer.set)
                gets = await interleaved(size.long_rounds, _emitting(host, "onGet"), peer.get)
    third = AtMost(1 / 3, of_ratio=True)
    return [
        Row(name="state.set from Lua", ours=sets[0], peer=sets[1], peer_name="diskcache", target=third),
        Row(name="state.get from Lua", ours=gets[0], peer=gets[1], peer_name="diskcache", target=third),
    ]


def _emitting(host: Host, event: str) -> Subject:
    async def measure() -> float:
        start = perf_counter()
        await host.emit(event, CALLS)
        return (perf_counter() - start) / CALLS

    return measure


class _Peer:
    def __init__(self, cache: diskcache.Cache) -> None:
        self._cache = cache

    async def set(self) -> float:
        start = perf_counter()
        for number in range(CALLS):
            self._cache.set(f"key{number % KEYS}", number)
        return (perf_counter() - start) / CALLS

    async def get(self) -> float:
        start = perf_counter()
        for number in range(CALLS):
            self._cache.get(f"key{number % KEYS}")
        return (perf_counter() - start) / CALLS
