"""One engine as a process: a host, a server beside it, and the signals that end both cleanly."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from host.cli.answers import Answers
from host.cli.folders import wanted
from host.engine.host import Host
from host.protocol.endpoint import choose_endpoint
from host.protocol.server import Server
from host.vocabulary import bugs
from host.vocabulary.errors import HostError, LoadFailed, StorageUnavailable
from host.vocabulary.events import Event, EventKind

if TYPE_CHECKING:
    from host.engine.tracing import OpenTelemetry


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What to serve; ``restore``: begin with what was loaded last, as is done anyhow where the engine before died.

    ``quarantine`` as ``Host`` takes it; ``metrics``: the address at which its metrics can be read; ``traces``: that of
    a collector, which is sent spans.
    """

    modules: Sequence[Path]
    data: Path
    load: Sequence[str]
    watch: bool
    safe: bool
    quarantine: tuple[int, float] | None
    restore: bool
    metrics: tuple[str, int] | None = None
    traces: str = ""


@asynccontextmanager
async def served(serving: Serving, stopping: asyncio.Event, on_event: Callable[[Event], None]) -> AsyncIterator[Host]:
    """Run a host that answers on its socket; ``stopping`` is set when anybody asks for its end."""
    host = Host(
        serving.modules,
        serving.data,
        autoload=True,
        watch=serving.watch,
        quarantine=serving.quarantine,
        restore=serving.restore,
        revive=True,
        safe=serving.safe,
    )
    host.tracer = tracer = _tracer(host, serving.traces)
    _end_on_signals(stopping)
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: _log_bug(host, context))
    async with AsyncExitStack() as undo:
        if tracer is not None:
            undo.push_async_callback(asyncio.to_thread, tracer.close)
        told = asyncio.create_task(_tell(host, on_event, stopping))
        undo.push_async_callback(_end, host, told)
        await undo.enter_async_context(host)
        await _listen(host, stopping, undo)
        await _show_metrics(host, serving.metrics, undo)
        for each in serving.load:
            await _load(host, each)
        undo.enter_context(host.parts.pulse.beating())
        _tell_ready(host)
        yield host


def _tracer(host: Host, collector: str) -> OpenTelemetry | None:
    """Who is told of spans, where that is wanted; where it cannot be, the host runs on without."""
    if not collector:
        return None
    try:
        from host.engine.tracing import OpenTelemetry
    except HostError as missing:
        print(f"theseus: {missing}", file=sys.stderr)
        return None
    loop = asyncio.get_running_loop()

    def lost() -> None:
        sentence = f"spans do not reach {collector}; those of this time are lost, and it is tried again"
        with suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(host.chronicle.log, "", "warn", sentence)

    return OpenTelemetry.at(collector, lost)


async def _listen(host: Host, stopping: asyncio.Event, undo: AsyncExitStack) -> None:
    """Answer on the socket; where there can be none, the host runs on without."""

    def on_bug(where: str, error: BaseException) -> None:
        host.chronicle.log("", "error", bugs.told(where, error))

    try:
        endpoint = choose_endpoint(host.data)
        await undo.enter_async_context(Server(Answers(host, stopping).methods(), endpoint, on_bug))
    except (OSError, StorageUnavailable) as error:
        print(f"theseus: no other program can reach this host: {error}", file=sys.stderr)


async def _show_metrics(host: Host, address: tuple[str, int] | None, undo: AsyncExitStack) -> None:
    """Serve metrics where that is wanted; where it cannot be, the host runs on without."""
    if address is None:
        return
    from host.cli.metrics import serving_metrics

    try:
        await undo.enter_async_context(serving_metrics(host, address))
    except OSError as error:
        print(f"theseus: metrics cannot be read at {address[0]}:{address[1]}: {error.strerror}", file=sys.stderr)


def _log_bug(host: Host, context: Mapping[str, Any]) -> None:
    """Log what the event loop could tell nobody."""
    error = context.get("exception") or RuntimeError("no exception")
    host.chronicle.log("", "error", bugs.told(context["message"], error))


async def _load(host: Host, text: str) -> None:
    """Load what the command line asked for; a refusal is told and the host runs on.

    An engine that is started again after a death goes on with what it had: what came back stays in the version it came
    back in, and what is left out stays so.
    """
    name, specifier = wanted(text)
    parts = host.parts
    if (await host.bisection()).total:  # a trial says nothing with more than it needs
        return
    if parts.died is not None and (name in parts.roster.active or name in parts.casualties.left_out):
        return
    try:
        await host.load(name, specifier)
    except LoadFailed as error:
        if error.name != name:  # else it was told where it failed
            _tell_failed(host, name, error)
    except HostError as error:
        _tell_failed(host, name, error)


def _tell_failed(host: Host, name: str, error: HostError) -> None:
    text = f"{name} was not loaded: {error}"
    host.chronicle.tell(EventKind.MODULE_FAILED, text, module=name, error=str(error))


def _tell_ready(host: Host) -> None:
    count = len(host.parts.roster.active)
    host.chronicle.tell(EventKind.READY, f"ready: {count} module{'s' if count != 1 else ''} loaded")


async def _tell(host: Host, on_event: Callable[[Event], None], stopping: asyncio.Event) -> None:
    """Hand on every event from the first, in order; where nobody takes them any more, the host ends."""
    try:
        async for event in host.chronicle.follow(0):
            on_event(event)
    finally:
        stopping.set()


async def _end(host: Host, told: asyncio.Task[None]) -> None:
    """See that what the end itself told is handed on; raises what kept events from being handed on."""
    host.chronicle.close()
    await told


def _end_on_signals(stopping: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            asyncio.get_running_loop().add_signal_handler(number, stopping.set)
        except NotImplementedError:  # Windows: Ctrl-C raises KeyboardInterrupt there, which ends the loop
            return
