"""Keeps an engine running beside a window: starts it, sees it die or hang, starts it again, and says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from host.protocol.engine_process import EngineProcess, exit_text
from host.protocol.hanging import Care, Ends, down_of, until_it_hangs
from host.protocol.launching import Launched, launched
from host.protocol.lifesigns import EngineChange, EngineDown, EngineGivenUp, EngineUp
from host.protocol.refusal import Refused
from host.vocabulary.errors import HostUnreachable

if TYPE_CHECKING:
    from host.protocol.client import Client

__all__ = ["Care", "Supervisor"]


class Supervisor:
    """Keeps the engine of a data folder running from ``start`` to ``stop``.

    Args:
        command: the engine's, which speaks as ``protocol.beside`` does.
        data: the data folder.
        on_change: told what happens, on the event loop, in order.
        care: when what is done.
        first: the engine, where it was started already.
    """

    def __init__(
        self,
        command: Sequence[str],
        data: Path,
        on_change: Callable[[EngineChange], None],
        care: Care | None = None,
        first: Launched | None = None,
    ) -> None:
        self._command = tuple(command)
        self._first = first
        self._data: Final = data
        self._on_change: Final = on_change
        self._care: Final = care or Care()
        self._again: Final = asyncio.Event()
        self._ends: Final = Ends(self._care)
        self._starts = 0
        self._process: EngineProcess | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; returns at once, ``on_change`` tells when the engine is up."""
        if self._keeping is None:
            self._keeping = asyncio.ensure_future(self._keep())

    async def stop(self) -> None:
        """End the engine and the care for it: it is asked, and killed where it does not end in time."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait({self._keeping})
            self._keeping = None
        if self._first is not None:
            self._first.end()
            self._first = None
        await self._end_engine()

    async def restart(self, command: Sequence[str] | None = None) -> None:
        """Start the engine again, after it was given up or as it runs; earlier ends are forgotten.

        With ``command`` it is started with that from now on.
        """
        self._command = tuple(command or self._command)
        self._ends.forget()
        self._again.set()
        await self._end_engine()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _keep(self) -> None:
        while True:
            down, on_purpose = await self._live()
            self._tell(down)
            self._ends.add(asyncio.get_running_loop().time())
            reason = "it was asked to end" if on_purpose else self._ends.too_many()
            if reason and not self._again.is_set():
                self._tell(EngineGivenUp(at=time.time(), reason=reason))
                await self._again.wait()
            await self._pause()
            self._again.clear()

    async def _live(self) -> tuple[EngineDown, bool]:
        """Live through one run of the engine; how it ended, and whether somebody wanted it to."""
        self._starts += 1
        try:
            first, self._first = self._first, None
            process = self._process = EngineProcess(first or launched(self._command, self._data))
        except OSError as error:
            why = f"{self._command[0]} could not be started: {(error.strerror or str(error)).lower()}"
            return EngineDown(at=time.time(), exit_text=why), False
        pids = {process.pid}
        fault = await self._accompany(process, pids)
        await process.end(0.0 if fault else self._care.end_s)
        self._process = None
        status = process.ended.result()
        how = f"ended by the window: {fault}" if fault else exit_text(status)
        return down_of(how, self._data, frozenset(pids), process.last_words()), status == 0

    async def _accompany(self, process: EngineProcess, pids: set[int]) -> str:
        """Wait for the engine to be ready, then for its end; what was wrong with one that did not end by itself."""
        started: set[asyncio.Future[Any]] = {process.ready, process.ended}
        await asyncio.wait(started, timeout=self._care.ready_s, return_when=asyncio.FIRST_COMPLETED)
        if not process.ready.done():
            return "" if process.ended.done() else f"not ready within {self._care.ready_s:g} s"
        if not process.ready.result():
            return ""
        from host.protocol.client import Client  # noqa: PLC0415 - what it imports, a window imports after its first frame

        try:
            client = await Client.connect(self._data, self._care.ready_s)
        except HostUnreachable as error:
            await asyncio.wait({process.ended}, timeout=self._care.end_s)  # killed as soon as it was ready
            return "" if process.ended.done() else f"it was ready, but {error.reason}"
        pids.add(client.host.pid)
        async with client:
            self._tell(EngineUp(client=client, pid=client.host.pid, restarts=self._starts - 1))
            return await self._watch(process, client, frozenset(pids))

    async def _watch(self, process: EngineProcess, client: Client, pids: frozenset[int]) -> str:
        hanging = asyncio.ensure_future(until_it_hangs(partial(_answers, client), self._data, pids, self._care))
        try:
            first: set[asyncio.Future[Any]] = {hanging, process.ended}
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            return "" if process.ended.done() else hanging.result()
        finally:
            hanging.cancel()

    async def _end_engine(self) -> None:
        if self._process is not None:
            await self._process.end(self._care.end_s)

    async def _pause(self) -> None:
        if self._again.is_set():
            return
        try:
            async with asyncio.timeout(self._ends.pause()):
                await self._again.wait()
        except TimeoutError:
            return

    def _tell(self, change: EngineChange) -> None:
        """Tell it soon, from the loop itself: a fault in who is told is the loop's to report and ends nothing here."""
        asyncio.get_running_loop().call_soon(self._on_change, change)


async def _answers(client: Client) -> bool:
    try:
        await client.hello()
    except HostUnreachable:
        return False
    except Refused:  # an answer too
        return True
    return True
