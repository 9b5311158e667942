"""An event to 1, 10 and 100 modules, beside pluggy and beside Lua without a host.

All of it is work of one thread and waits for nothing, so it is measured in that thread's processor time: what else the
machine does meanwhile is left out.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import thread_time

import pluggy
from lupa import luajit21

from benchmarks.making import write_module
from benchmarks.rounds import Size, Subject, interleaved
from benchmarks.rows import AtMost, Row, Spread
from host import Host
from host.vocabulary.views import PlainData

NUMBER: PlainData = 7
STRING: PlainData = "a bad day"
TABLE: PlainData = {"sender": "ana", "content": "hi", "at": 3}
LIMIT = 34 * 2**20
"""Bytes that a module's runtime may use with the default limits, reserve included."""

_COUNTING = """local count = 0
local function counted(value) count = count + 1 end
return {{ hooks = {{ {hooks} }}, exports = {{ count = function() return count end }} }}
"""
_BARE = b"local count = 0 return function(value) count = count + 1 end, function() return count end"

_specification = pluggy.HookspecMarker("benchmark")
_implementation = pluggy.HookimplMarker("benchmark")


class _Events:
    @_specification
    def told(self, value: object) -> None: ...


class _Plugin:
    def __init__(self) -> None:
        self.count = 0

    @_implementation
    def told(self, value: object) -> None:  # noqa: ARG002 - as the modules, which count and look at nothing
        self.count += 1


class Plugins:
    """As many implementations in pluggy."""

    name = "pluggy"

    def __init__(self, count: int, value: PlainData) -> None:
        self._plugins = [_Plugin() for _ in range(count)]
        registry = pluggy.PluginManager("benchmark")
        registry.add_hookspecs(_Events)
        for plugin in self._plugins:
            registry.register(plugin)
        self._hook = registry.hook
        self._value = value

    def tell(self, times: int) -> None:
        tell, value = self._hook.told, self._value
        for _ in range(times):
            tell(value=value)

    @property
    def counts(self) -> list[int]:
        return [plugin.count for plugin in self._plugins]


class BareRuntimes:
    """As many lupa runtimes and nothing around them; each is handed a table of its own."""

    def __init__(self, count: int, value: PlainData, *, as_bytes: bool = True, limit: int | None = None) -> None:
        """Make them.

        Args:
            count: how many.
            value: what they are told.
            as_bytes: make names and texts bytes beforehand, as nobody's are; else lupa does it, each time.
            limit: bytes that each may use.
        """
        self.name = "bare lupa"
        self.name += ", bytes beforehand" if as_bytes and isinstance(value, dict) else ""
        self.name += "" if limit is None else ", limited"
        encoding = None if as_bytes else "UTF-8"
        self._runtimes = [
            luajit21.LuaRuntime(encoding=encoding, register_eval=False, max_memory=limit) for _ in range(count)
        ]
        made = [runtime.execute(_BARE) for runtime in self._runtimes]
        self._handlers = [handler for handler, _ in made]
        self._counters = [counter for _, counter in made]
        self._value = _as_bytes(value) if as_bytes else value

    def tell(self, times: int) -> None:
        value = self._value
        if isinstance(value, dict):
            pairs = [(runtime.table_from, handler) for runtime, handler in zip(self._runtimes, self._handlers)]  # noqa: B905 - one list made the other
            for _ in range(times):
                for table_from, handler in pairs:
                    handler(table_from(value))
        else:
            for _ in range(times):
                for handler in self._handlers:
                    handler(value)

    @property
    def counts(self) -> list[int]:
        return [counter() for counter in self._counters]


Peer = Plugins | BareRuntimes


async def numbers(size: Size) -> list[Row]:
    return await _told(size, "number", NUMBER, [[Plugins, BareRuntimes]])


async def strings(size: Size) -> list[Row]:
    return await _told(size, "string", STRING, [[Plugins, BareRuntimes]])


async def tables(size: Size) -> list[Row]:
    """Those with a limit come last: they take from the same allocator as a host's, whose blocks they would scatter."""
    prepared = partial(BareRuntimes, as_bytes=True)
    return await _told(
        size,
        "three-key table",
        TABLE,
        [[Plugins, partial(BareRuntimes, as_bytes=False), prepared], [partial(prepared, limit=LIMIT)]],
    )


async def guarded(size: Size) -> list[Row]:
    """One handler beside a bare function: what the guard, the counts and the crash marker cost."""
    with _modules((1,)) as root:
        async with Host([root / "modules"], root / "data") as host:
            await host.load("module_0")
            return [await _called(host, size)]


async def _told(
    size: Size, kind: str, value: PlainData, peers: list[list[Callable[[int, PlainData], Peer]]]
) -> list[Row]:
    measured: list[Row] = []
    with _modules(size.audiences) as root:
        async with Host([root / "modules"], root / "data") as host:
            await host.load_all({f"module_{number}": "" for number in range(max(size.audiences))})
            for group in peers:
                for audience in size.audiences:
                    made = [peer(audience, value) for peer in group]
                    measured += await _compared(host, kind, value, audience, made, size)
    return measured


async def _called(host: Host, size: Size) -> Row:
    dispatch = host.parts.roster.dispatch
    handler = dispatch.table.of("to_1")[0]
    cell, mark, call = host.parts.roster.marker.cell, handler.mark, handler.scalar
    peer = BareRuntimes(1, 7)

    async def ours() -> float:
        before, start = cell[0], thread_time()
        for _ in range(size.calls):
            cell[0] = mark
            call(7)
        took = thread_time() - start
        cell[0] = before
        return took / size.calls

    before = await host.call("module_0", "count")
    spreads = await interleaved(size.rounds, ours, _timed(peer, size.calls))
    told = size.rounds * size.calls
    _confirm("a call", [await host.call("module_0", "count") - before, *peer.counts], told)
    return Row(
        name="call a handler: guarded, counted, named in the crash marker",
        ours=spreads[0],
        peer=spreads[1],
        peer_name=peer.name,
        target=AtMost(1.6, of_ratio=True),
    )


async def _compared(host: Host, kind: str, value: PlainData, audience: int, peers: list[Peer], size: Size) -> list[Row]:
    event, before = f"to_{audience}", await host.call("module_0", "count")
    rounds, calls = (size.table_rounds, size.tables) if isinstance(value, dict) else (size.rounds, size.calls)
    times = max(1, calls // audience)
    before_that = max(1, size.warm_up // audience)

    async def ours() -> float:
        return await _emitted(host, event, value, times)

    await _emitted(host, event, value, before_that)
    for peer in peers:
        peer.tell(before_that)
    spreads = await interleaved(rounds, ours, *(_timed(peer, times) for peer in peers))
    told = before_that + rounds * times
    _confirm(event, [await host.call("module_0", "count") - before, *(n for peer in peers for n in peer.counts)], told)
    name = f"emit a {kind} to {audience} module{'s' if audience > 1 else ''}"
    return [
        _row(name, spreads[0], peer, spread, kind, audience) for peer, spread in zip(peers, spreads[1:], strict=True)
    ]


def _row(name: str, ours: Spread, peer: Peer, theirs: Spread, kind: str, audience: int) -> Row:
    limit = _REACH.get((kind, peer.name)) if audience == 100 else None
    return Row(
        name=name,
        ours=ours,
        peer=theirs,
        peer_name=peer.name,
        target=AtMost(limit, of_ratio=True) if limit is not None else None,
    )


_REACH = {("number", "pluggy"): 1.3, ("three-key table", "bare lupa"): 0.8}
"""At most so much of the peer's time, with 100 modules."""


async def _emitted(host: Host, event: str, value: PlainData, times: int) -> float:
    start = thread_time()
    for _ in range(times):
        await host.emit(event, value)
    return (thread_time() - start) / times


def _timed(peer: Peer, times: int) -> Subject:
    async def tell() -> float:
        start = thread_time()
        peer.tell(times)
        return (thread_time() - start) / times

    return tell


def _confirm(event: str, counts: list[int], told: int) -> None:
    """Refuse to compare what did not do the same."""
    if set(counts) != {told}:
        raise RuntimeError(f"{event} was told {told} times, and counted {sorted(set(counts))} times")


@contextmanager
def _modules(audiences: tuple[int, ...]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="theseus-bench-") as folder:
        for number in range(max(audiences)):
            hooks = ", ".join(f"to_{audience} = counted" for audience in audiences if number < audience)
            name = f"module_{number}"
            path = Path(folder, "modules", "plugins", name)
            write_module(path, name, "1.0.0", _COUNTING.format(hooks=hooks))
        yield Path(folder)


def _as_bytes(value: PlainData) -> PlainData:
    """What ``encoding=None`` takes for Lua's strings."""
    if isinstance(value, dict):
        return {_as_bytes(key): _as_bytes(each) for key, each in value.items()}
    return value.encode() if isinstance(value, str) else value
