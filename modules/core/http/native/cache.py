"""Answers that are kept and given again, as their servers allow; each module has its own.

Source: RFC 9111, HTTP Caching, as a private cache that never gives what is stale and guesses no lifetime.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from host.lifecycle.native_data import Data

MOST = 200  # answers of one module
LARGEST = 1 << 20  # bytes of a body
MOST_BYTES = 16 << 20  # of all bodies of one module

Headers = Sequence[tuple[bytes, bytes]]


class Kept(NamedTuple):
    """An answer, when it was given, and how it may be given again.

    Attributes:
        until: by the clock of the cache; up to then nobody has to be asked.
        varied: what the request said in the headers that the answer depends on.
    """

    answer: dict[str, Data]
    until: float
    varied: dict[str, str]

    @property
    def questions(self) -> list[tuple[bytes, bytes]]:
        """What asks whether it is still so."""
        said = self.answer["headers"]
        pairs = (("if-none-match", said.get("etag")), ("if-modified-since", said.get("last-modified")))
        return [(name.encode(), value.encode("latin-1")) for name, value in pairs if value]

    def again(self) -> dict[str, Data]:
        return self.answer | {"cached": True}


class Cache:
    """What one module may be given again, by URL."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._wall = wall
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._size = 0

    def find(self, url: str, headers: Headers) -> Kept | None:
        """What was answered to the same request, fresh or not."""
        kept = self._kept.get(url)
        asked = plain(headers)
        if kept is None or any(asked.get(name, "") != value for name, value in kept.varied.items()):
            return None
        self._kept.move_to_end(url)
        return kept

    def fresh(self, kept: Kept) -> bool:
        return self._clock() < kept.until

    def keep(self, url: str, headers: Headers, answer: dict[str, Data]) -> None:
        """Keep an answer where it may be; in any case what was kept before goes."""
        self.drop(url)
        said, asked = answer["headers"], plain(headers)
        orders = directives(said.get("cache-control", "")), directives(asked.get("cache-control", ""))
        names = [name.strip().lower() for name in said.get("vary", "").split(",") if name.strip()]
        body = answer.get("body")
        if answer["status_code"] != 200 or "no-store" in orders[0] | orders[1] or "*" in names or body is None:
            return
        if len(body) > LARGEST:
            return
        lifetime = self._lifetime(said, orders[0])
        kept = Kept(answer, self._clock() + lifetime, {name: asked.get(name, "") for name in names})
        if lifetime <= 0 and not kept.questions:
            return
        self._kept[url] = kept
        self._size += len(body)
        while len(self._kept) > MOST or self._size > MOST_BYTES:
            self.drop(next(iter(self._kept)))

    def renew(self, url: str, headers: Headers, kept: Kept, said: Mapping[str, str]) -> dict[str, Data]:
        """Take in that it is still so, and what the server now says of it."""
        answer = kept.answer | {"headers": kept.answer["headers"] | said}
        self.keep(url, headers, answer)
        return answer | {"cached": True}

    def drop(self, url: str) -> None:
        kept = self._kept.pop(url, None)
        if kept is not None:
            self._size -= len(kept.answer["body"])

    def _lifetime(self, said: Mapping[str, str], orders: Mapping[str, str]) -> float:
        """Seconds for which nobody has to be asked."""
        if "no-cache" in orders:
            return 0.0
        with suppress(ValueError, TypeError):
            if "max-age" in orders:
                return float(int(orders["max-age"])) - float(int(said.get("age", "0")))
            if "expires" in said:
                now = parsedate_to_datetime(said["date"]).timestamp() if "date" in said else self._wall()
                return parsedate_to_datetime(said["expires"]).timestamp() - now
        return 0.0


def plain(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}


def directives(text: str) -> dict[str, str]:
    """What ``Cache-Control`` says, by name."""
    found = {}
    for part in text.split(","):
        name, _, value = part.strip().partition("=")
        found[name.lower()] = value.strip('"')
    return found
