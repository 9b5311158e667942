"""What a test asks of the host, while its Lua waits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from host.engine.host import Host
from host.engine.trials.stage import TRIAL
from host.vocabulary.errors import HostError
from host.vocabulary.views import PlainData, SwapReport

REST: Final = 0.002
"""Seconds between two looks of ``t.eventually``."""

Wish = Callable[..., Awaitable[PlainData]]


class Wishes:
    """Carries out a test's wishes, by name; the answer is plain data."""

    def __init__(self, host: Host, subject: str) -> None:
        self._host = host
        self._subject = subject
        core = host.parts.roster.get(subject).caller.core
        self._speakers = {subject, TRIAL} if core else {subject}  # a core module speaks for whoever calls it
        self._granted: Mapping[str, Wish] = {
            "emit": self._emit,
            "execute": self._execute,
            "state": self._state,
            "swap": self._swap,
            "reload": self._reload,
            "rollback": self._rollback,
            "configure": self._configure,
            "panel": self._panel,
            "operate": self._operate,
            "logs": self._logs,
            "rest": self._rest,
        }

    async def grant(self, wish: str, arguments: list[PlainData]) -> tuple[bool, PlainData]:
        """Carry one out: true and the answer, or false and why it was refused."""
        try:
            return True, await self._granted[wish](*arguments)
        except HostError as refusal:
            return False, str(refusal)

    async def _emit(self, event: str, *arguments: PlainData) -> PlainData:
        report = await self._host.emit(event, *arguments)
        return {"delivered": report.delivered, "failures": [str(fault) for fault in report.failures]}

    async def _execute(self, request: PlainData) -> PlainData:
        return await self._host.execute(self._subject, request)

    async def _state(self) -> PlainData:
        return await self._host.state(self._subject)

    async def _swap(self, version: str) -> PlainData:
        return _seen(await self._host.swap(self._subject, version))

    async def _reload(self) -> PlainData:
        return _seen(await self._host.reload(self._subject))

    async def _rollback(self) -> PlainData:
        return _seen(await self._host.rollback(self._subject))

    async def _configure(self, settings: PlainData) -> PlainData:
        await self._host.configure(self._subject, settings)
        return True

    async def _panel(self, name: str) -> PlainData:
        panel = self._host.parts.roster.get(self._subject).panels.named(str(name))
        if panel is None:
            raise HostError(f"{self._subject} shows no panel {str(name)[:80]!r}")
        return {node.key: dict(node.properties) for node in panel}

    async def _operate(self, panel: str, widget: str, event: str, value: PlainData = None) -> PlainData:
        await self._host.operate(self._subject, panel, widget, event, value)
        return True

    async def _logs(self) -> PlainData:
        lines = self._host.chronicle.log_since(0)
        return [{"level": line.level, "text": line.text} for line in lines if line.module in self._speakers]

    async def _rest(self) -> PlainData:
        start = time.monotonic()
        await asyncio.sleep(REST)
        return (time.monotonic() - start) * 1000


def _seen(report: SwapReport) -> dict[str, Any]:
    """What a test sees of a swap that committed."""
    return {
        "from": report.from_version,
        "to": report.to_version,
        "delivered": report.delivered,
        "kept": list(report.kept),
        "changed": list(report.changed),
        "dropped": list(report.dropped),
        "added": list(report.added),
        "notes": list(report.notes),
    }
