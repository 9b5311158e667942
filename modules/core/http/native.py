"""HTTP in the name of whoever calls: 1.1 and 2, connections kept, each address judged before it is connected to."""

import asyncio
import json
import math
import os
import random
import re
import secrets
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urljoin, urlsplit

import httpcore

from host.lifecycle.native_data import Data, plain, sayable
from host.trust.addresses import PlaceUnclearError
from host.trust.caller import Caller
from host.trust.gate import Gate

from .cache import Cache, Headers, Kept

MOST_CONNECTIONS = 100  # of one module; the pool looks through all of them for each request
MOST_INSIDE = 128 << 20  # bytes of answers of one module that are being read
LARGEST_JSON = 1 << 20  # bytes of an answer that is read as JSON: nothing interrupts that
LONGEST_URL = 8192  # characters
KEPT = 20  # of them, that wait for more
IDLE = 30.0  # seconds
MOST_REDIRECTS = 10
LONGEST_PAUSE = 60.0  # seconds between two tries, whatever a server says
AGAIN = {429, 503}
MOVED = {301, 302, 303, 307, 308}
WORDS = {
    httpcore.ConnectError: "nobody answers there",
    httpcore.ReadError: "it ended the connection",
    httpcore.WriteError: "it ended the connection",
    httpcore.LocalProtocolError: "the request is none of HTTP",
    httpcore.RemoteProtocolError: "its answer is none of HTTP",
}  # where httpcore has none
ODD = re.compile(r"""\[(?:SSL|Errno)[^\]]*\]|\(_ssl\.c:\d+\)|<.*|(?:bytearray\()?\bb['"].*""", re.DOTALL)
SAFE = {"GET", "HEAD", "OPTIONS"}
OWN_QUESTIONS = {b"if-none-match", b"if-modified-since", b"if-match", b"range", b"if-range"}
OF_THE_CONNECTION = {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
SECRET = {"authorization", "cookie", "proxy-authorization"}  # headers that no other host is told


def functions(_folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``."""
    client = Client(gate)
    return {"close": client.close, "download": client.download, "request": client.request}


@cache
def trusted() -> ssl.SSLContext:
    """The certificates that the system trusts; made when they are first needed."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


class Judged(httpcore.AsyncNetworkBackend):
    """Connects for one module, to addresses that it may reach."""

    def __init__(self, gate: Gate, caller: Caller) -> None:
        self._gate = gate
        self._caller = caller
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for reached in await self._gate.connect_address(self._caller, host, port):
            try:
                return await self._inner.connect_tcp(
                    reached.address, reached.port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Client:
    """Connections by module; they end with it."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._pools: dict[Caller, httpcore.AsyncConnectionPool] = {}
        self._turns: dict[Caller, asyncio.Semaphore] = {}
        self._caches: dict[Caller, Cache] = {}
        self._inside = Counter[Caller]()
        self._closing: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        for caller in list(self._pools):
            caller.at_end.pop(self, None)
            self._end(caller)

    async def request(self, caller: Caller, method: str, url: str, options: Data) -> Data:
        """Ask once, or more often where that fails and is wanted."""
        tries = int(options.get("retries") or 0) + 1
        for attempt in range(1, tries + 1):
            last = attempt == tries
            try:
                answer = await self._once(caller, method, url, options)
            except OSError:
                if last:
                    raise
                pause = pause_before(attempt, options)
            else:
                if last or answer["status_code"] not in AGAIN:
                    return answer
                pause = asked_pause(answer["headers"].get("retry-after"), pause_before(attempt, options))
            await asyncio.sleep(pause)
        raise AssertionError(tries)

    async def download(self, caller: Caller, url: str, path: str, options: Data) -> Data:
        """Write an answer to a file, which is there whole or not at all."""
        with self._gate.at(caller, "fs.write", path) as place:
            beside = f".{place.name[:100]}.{secrets.token_hex(6)}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            descriptor = os.open(beside, flags, 0o600, dir_fd=place.folder)
            try:
                with os.fdopen(descriptor, "wb") as stream:
                    answer = await self._once(caller, "GET", url, options, stream)
                    await asyncio.to_thread(synced, stream)
                if answer["success"]:
                    os.replace(beside, place.name, src_dir_fd=place.folder, dst_dir_fd=place.folder)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(beside, dir_fd=place.folder)
        return answer

    async def _once(
        self, caller: Caller, method: str, url: str, options: Data, into: BinaryIO | None = None
    ) -> dict[str, Data]:
        seconds = float(options["timeout"])
        patience = Patience(seconds)
        try:
            async with patience.limit:
                answer = await self._followed(caller, method, url, options, into, patience)
        except (TimeoutError, httpcore.TimeoutException):
            raise OSError(f"no answer of {host_of(url)} within {seconds:g} s") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ssl.SSLError) as error:
            raise OSError(f"{host_of(url)} cannot be asked: {words_of(error)}") from None
        answer["elapsed_ms"] = patience.used * 1000
        return answer

    async def _followed(
        self, caller: Caller, method: str, url: str, options: Data, into: BinaryIO | None, patience: "Patience"
    ) -> dict[str, Data]:
        """Ask, and go where the answer sends; each place is judged anew."""
        headers, body = headers_of(options, url), body_of(options)
        for _ in range(MOST_REDIRECTS + 1):
            cache = self._cache(caller, headers, options) if method == "GET" and into is None else None
            kept = cache.find(url, headers) if cache is not None and body is None else None
            if cache is not None and kept is not None and cache.fresh(kept):
                self._judge(caller, method, url)
                return kept.again()
            questions = kept.questions if kept is not None else []
            asked = Request(method, url, [*headers, *questions], body)
            async with self._asked(caller, asked, patience) as response:
                there = location(response, url)
                if there is None:
                    most = int(options["max_size"])
                    if into is None:
                        answer = await self._read(caller, response, url, most)
                    else:
                        answer = head_of(response, url, await written(response, url, most, into))
                    return self._kept(caller, method, headers, answer, cache, kept)
            if response.status == 303 or (response.status in {301, 302} and method == "POST"):
                method, body = "GET", None
                headers = [pair for pair in headers if not pair[0].lower().startswith(b"content-")]
            if origin(there) != origin(url):
                headers = [pair for pair in headers if pair[0].decode("latin-1").lower() not in SECRET]
            url = there
        raise OSError(f"{host_of(url)} redirects more than {MOST_REDIRECTS} times")

    async def _read(self, caller: Caller, response: httpcore.Response, url: str, most: int) -> dict[str, Data]:
        """Read an answer into memory, up to a size, beside others of the module."""
        kept = bytearray()
        try:
            async for data in response.aiter_stream():
                kept += within(most, len(kept), data, url)
                self._inside[caller] += len(data)
                if self._inside[caller] > MOST_INSIDE:
                    raise OSError(f"the answers that are being read have more than {MOST_INSIDE:,} bytes together")
        finally:
            self._inside[caller] -= len(kept)
            self._inside += Counter()  # without those that read none
        answer = head_of(response, url, len(kept)) | {"body": bytes(kept)}
        if "json" in answer["headers"].get("content-type", "") and len(kept) <= LARGEST_JSON:
            with suppress(ValueError, RecursionError):
                answer["json"] = plain(json.loads(kept, parse_float=number))
        return answer

    @asynccontextmanager
    async def _asked(
        self, caller: Caller, request: "Request", patience: "Patience"
    ) -> AsyncIterator[httpcore.Response]:
        method, url, headers, body = request
        try:
            self._judge(caller, method, url)
            target = httpcore.URL(url)
            pool = self._pool(caller)
            # The pool looks through all its requests at each end of one: those that have to wait do so outside.
            async with (
                patience.turn(self._turns[caller]),
                pool.stream(method, target, headers=headers, content=body) as response,
            ):
                yield response
        except (UnicodeError, TypeError, PlaceUnclearError) as fault:
            raise OSError(f"'{url[:200]}' cannot be asked: {fault}") from None

    def _judge(self, caller: Caller, method: str, url: str) -> None:
        _, name, port = origin(url)
        self._gate.check(caller, "net", f"{name}:{port}", {"method": method, "url": url.partition("?")[0]})

    def _cache(self, caller: Caller, headers: Headers, options: Data) -> Cache | None:
        """What may be given again; nothing where the module does not want that, or asks such questions itself."""
        if options.get("cache") is False or any(name.lower() in OWN_QUESTIONS for name, _ in headers):
            return None
        self._pool(caller)
        return self._caches.setdefault(caller, Cache())

    def _kept(
        self,
        caller: Caller,
        method: str,
        headers: Headers,
        answer: dict[str, Data],
        cache: Cache | None,
        kept: Kept | None,
    ) -> dict[str, Data]:
        """Give an answer, or what it says is still so; keep what may be kept, forget what was changed."""
        url = answer["url"]
        if cache is not None:
            if kept is not None and answer["status_code"] == 304:
                return cache.renew(url, headers, kept, answer["headers"])
            cache.keep(url, headers, answer)
        elif method not in SAFE and answer["success"] and caller in self._caches:
            self._caches[caller].drop(url)
        return answer

    def _pool(self, caller: Caller) -> httpcore.AsyncConnectionPool:
        if caller not in self._pools:
            self._pools[caller] = httpcore.AsyncConnectionPool(
                ssl_context=trusted(),
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=KEPT,
                keepalive_expiry=IDLE,
                http2=True,
                network_backend=Judged(self._gate, caller),
            )
            self._turns[caller] = asyncio.Semaphore(MOST_CONNECTIONS)
            caller.at_end[self] = partial(self._end, caller)
        return self._pools[caller]

    def _end(self, caller: Caller) -> None:
        pool = self._pools.pop(caller)
        self._turns.pop(caller)
        self._caches.pop(caller, None)
        task = asyncio.get_running_loop().create_task(pool.aclose(), name="http connections close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


class Request(NamedTuple):
    """What one server is asked."""

    method: str
    url: str
    headers: list[tuple[bytes, bytes]]
    body: bytes | None


class Patience:
    """How long a try may take; waiting until there is a connection for it does not count.

    Args:
        seconds: from its first connection on, all in all.

    Attributes:
        limit: to be entered around the try.
    """

    def __init__(self, seconds: float) -> None:
        self.limit = asyncio.timeout(seconds)
        self._clock = asyncio.get_running_loop().time
        self._began = self._clock()

    @property
    def used(self) -> float:
        return self._clock() - self._began

    @asynccontextmanager
    async def turn(self, turns: asyncio.Semaphore) -> AsyncIterator[None]:
        """Wait for a connection, and have it."""
        start, ends = self._clock(), self.limit.when()
        self.limit.reschedule(None)
        async with turns:
            waited = self._clock() - start
            self._began += waited
            self.limit.reschedule(None if ends is None else ends + waited)
            yield


def words_of(error: Exception) -> str:
    """What went wrong, without the bytes, numbers and files that libraries add."""
    general, detail = WORDS.get(type(error), ""), ODD.sub("", str(error)).strip(" :,;")[:200]
    if isinstance(error, httpcore.ProtocolError) and detail:
        return f"{general} ({detail.lower()})"
    return detail or general or "it cannot be reached"


def number(text: str) -> float:
    """A number of JSON, where Lua has it."""
    found = float(text)
    if not math.isfinite(found):
        raise ValueError(text)
    return found


def synced(stream: BinaryIO) -> None:
    """Have what was written on disk, before it takes the place of what is there."""
    stream.flush()
    os.fsync(stream.fileno())


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of a URL."""
    if len(url) > LONGEST_URL:
        raise OSError(f"'{url[:80]}...' is no URL: it has more than {LONGEST_URL:,} characters")
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        raise OSError(f"'{url[:200]}' is no URL as in https://example.com/path") from None
    if not parts.hostname or parts.username is not None:
        raise OSError(f"'{url[:200]}' is no URL as in https://example.com/path")
    return parts.scheme, parts.hostname, port


def host_of(url: str) -> str:
    return str(urlsplit(url).hostname)


def location(response: httpcore.Response, url: str) -> str | None:
    """Where an answer sends, or ``None``."""
    if response.status not in MOVED:
        return None
    there = next((value for name, value in response.headers if name.lower() == b"location"), None)
    return None if there is None else urljoin(url, there.decode("latin-1"))


async def written(response: httpcore.Response, url: str, most: int, into: BinaryIO) -> int:
    """Write an answer to a file, up to a size; how many bytes it has."""
    size = 0
    async for data in response.aiter_stream():
        size += into.write(within(most, size, data, url))
    return size


def within(most: int, size: int, more: bytes, url: str) -> bytes:
    """The next bytes of an answer, where it is not too large with them."""
    if size + len(more) > most:
        raise OSError(f"the answer of {host_of(url)} has more than {most:,} bytes")
    return more


def head_of(response: httpcore.Response, url: str, size: int) -> dict[str, Data]:
    """What an answer says, without its body."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    reason = response.extensions.get("reason_phrase", b"")
    return {
        "status_code": response.status,
        "status": reason.decode("latin-1"),
        "headers": headers,
        "success": 200 <= response.status < 300,
        "url": url,
        "size": size,
    }


def headers_of(options: Data, url: str) -> list[tuple[bytes, bytes]]:
    """The headers of a request.

    Raises:
        OSError: one says where the request goes or ends, which is judged by its URL and body alone.
    """
    given = {str(name).strip().lower(): str(value) for name, value in (options.get("headers") or {}).items()}
    _, name, port = origin(url)
    named = f"[{name}]" if ":" in name else name
    if given.pop("host", named).lower() not in {named, f"{named}:{port}"}:
        raise OSError(f"the header host is {named}, of the URL, and no other")
    for name in given:
        if name in OF_THE_CONNECTION or name.startswith((":", "proxy-")):
            raise OSError(f"the header {name} cannot be given: it is the connection's own")
    if "json" in options:
        given.setdefault("content-type", "application/json")
    given.setdefault("user-agent", "theseus")
    given.setdefault("accept-encoding", "identity")
    try:
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in given.items()]
    except UnicodeError:
        raise OSError("a header has letters that HTTP does not take") from None


def body_of(options: Data) -> bytes | None:
    if "json" in options:
        try:
            return json.dumps(sayable(options["json"]), ensure_ascii=False, allow_nan=False, sort_keys=True).encode()
        except (ValueError, TypeError) as fault:
            raise OSError(f"JSON cannot say it: {fault}") from None
    body = options.get("body")
    return body.encode() if isinstance(body, str) else body


def pause_before(attempt: int, options: Data) -> float:
    """Twice as long each time, and somewhere in the upper half of it."""
    full = min(float(options.get("backoff") or 0.5) * 2 ** (attempt - 1), LONGEST_PAUSE)
    return full * (0.5 + random.random() / 2)  # noqa: S311 - to spread load, not for secrets


def asked_pause(said: str | None, otherwise: float) -> float:
    """What a server asks for in ``Retry-After``, in seconds."""
    if said is None or not said.strip().isdecimal():
        return otherwise
    return min(float(said), LONGEST_PAUSE)
