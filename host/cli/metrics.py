"""Serves metrics to who scrapes them: ``/metrics``, ``/metrics/json``, ``/health``; one answer a connection."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Final

from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from host.engine.host import Host
from host.engine.metering import Metering

LONGEST_HEAD: Final = 16 << 10
"""Bytes of a request; more is refused."""
PATIENCE: Final = 5.0
"""Seconds that a request may take to arrive."""

Answer = tuple[HTTPStatus, str, bytes]
"""Status, type and text."""


class Pages:
    """What there is to be read, by its path."""

    def __init__(self, metering: Metering) -> None:
        self._metering = metering
        self._pages: dict[str, Callable[[], Answer]] = {
            "/metrics": self._text,
            "/metrics/json": self._json,
            "/health": self._health,
        }

    def answer(self, method: str, target: str) -> Answer:
        """Answer one request."""
        page = self._pages.get(target.partition("?")[0])
        if page is None:
            known = ", ".join(self._pages)
            return HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", f"there is only {known}\n".encode()
        if method not in {"GET", "HEAD"}:
            return HTTPStatus.METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", b"it can only be read\n"
        return page()

    def _text(self) -> Answer:
        return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self._metering)

    def _json(self) -> Answer:
        families = [
            {
                "name": family.name,
                "type": family.type,
                "help": family.documentation,
                "samples": [
                    {"name": sample.name, "labels": sample.labels, "value": sample.value} for sample in family.samples
                ],
            }
            for family in self._metering.collect()
        ]
        return HTTPStatus.OK, "application/json", _json_of({"metrics": families})

    def _health(self) -> Answer:
        health = self._metering.health()
        status = HTTPStatus.SERVICE_UNAVAILABLE if health["status"] == "critical" else HTTPStatus.OK
        return status, "application/json", _json_of(health)


@asynccontextmanager
async def serving_metrics(host: Host, address: tuple[str, int]) -> AsyncIterator[int]:
    """Serve until the end; gives the port.

    Raises:
        OSError: the address cannot be listened at.
    """
    metering = Metering(host)
    pages = Pages(metering)
    following = asyncio.create_task(metering.follow())

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await _answer(pages, reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # who asked is gone, or asks forever
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    try:
        server = await asyncio.start_server(answer, *address, limit=LONGEST_HEAD)
        async with server:
            yield server.sockets[0].getsockname()[1]
    finally:
        following.cancel()
        await asyncio.wait([following])
        if not following.cancelled():
            following.result()


async def _answer(pages: Pages, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) == 3 and words[2].startswith("HTTP/1."):
        status, kind, body = pages.answer(words[0], words[1])
    else:
        status, kind, body = HTTPStatus.BAD_REQUEST, "text/plain; charset=utf-8", b"that is no request\n"
    lines = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    )
    writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (b"" if words[0] == "HEAD" else body))
    await writer.drain()


def _json_of(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON can say
    def finite(each: Any) -> Any:  # noqa: ANN401 - the same
        if isinstance(each, dict):
            return {key: finite(inner) for key, inner in each.items()}
        if isinstance(each, list):
            return [finite(inner) for inner in each]
        return str(each) if isinstance(each, float) and (each != each or abs(each) == float("inf")) else each  # noqa: PLR0124 - NaN

    return json.dumps(finite(value), ensure_ascii=False, allow_nan=False).encode() + b"\n"
