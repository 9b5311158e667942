"""Patterns of places in the network: ``api.example.com:443``, ``*.example.com:*``, ``10.0.0.0/8:8000-8099``."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self, TypeAlias

from host.vocabulary.errors import PatternInvalid
from host.vocabulary.globbing import covers, matches

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

LARGEST_PORT: Final = 65535
LOCALHOST: Final = "localhost"
_LOOPBACK: Final = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_EXPECTED: Final = "HOST:PORT, as in api.example.com:443, *.example.com:*, localhost:8000-8099 or 10.0.0.0/8:80"
_HOST: Final = re.compile(r"\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PORTS: Final = re.compile(r"\*|(?P<first>\d{1,5})(?:-(?P<last>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class NetPattern:
    """A host by name, or addresses, and the first and last of the ports.

    Attributes:
        host: lower case; ``*.`` before it: what lies below it; ``*``: any; empty where addresses are named.
        networks: the addresses that it names; only what is named may be one that is not of the public network.
    """

    host: str
    networks: tuple[Network, ...]
    ports: tuple[int, int]

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Self:
        """Read a pattern.

        Raises:
            PatternInvalid: it is none.
        """
        host, _, port = text.rpartition(":")
        ports = _PORTS.fullmatch(port)
        if not host or ports is None:
            raise PatternInvalid(text, _EXPECTED)
        first, last = (0, LARGEST_PORT) if port == "*" else (int(ports["first"]), int(ports["last"] or ports["first"]))
        if not first <= last <= LARGEST_PORT:
            raise PatternInvalid(text, _EXPECTED)
        networks = _networks(host)
        if not networks and not _HOST.fullmatch(host.lower().removesuffix(".")):
            raise PatternInvalid(text, _EXPECTED)
        named = "" if networks and host.lower() != LOCALHOST else host.lower().removesuffix(".")
        return cls(named, networks, (first, last))

    def names(self, host: str, port: int) -> bool:
        """Whether it is about a host of this name, in lower case."""
        return self._has(port) and bool(self.host) and matches(host, self.host)

    def holds(self, address: Address, port: int) -> bool:
        """Whether it names this address."""
        return self._has(port) and any(address in network for network in self.networks)

    def covers(self, narrow: NetPattern) -> bool:
        """Whether all places that another pattern means are meant by it; no where that is not plain to see."""
        ports = self.ports[0] <= narrow.ports[0] and narrow.ports[1] <= self.ports[1]
        named = not narrow.host or (bool(self.host) and covers(self.host, narrow.host))
        return ports and named and all(any(_within(each, wide) for wide in self.networks) for each in narrow.networks)

    def _has(self, port: int) -> bool:
        return self.ports[0] <= port <= self.ports[1]


def _within(narrow: Network, wide: Network) -> bool:
    if isinstance(narrow, ipaddress.IPv4Network):
        return isinstance(wide, ipaddress.IPv4Network) and narrow.subnet_of(wide)
    return isinstance(wide, ipaddress.IPv6Network) and narrow.subnet_of(wide)


def _networks(host: str) -> tuple[Network, ...]:
    if host.lower() == LOCALHOST:
        return _LOOPBACK
    bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if ":" in bare and bare is host:
        return ()  # an address with colons stands in brackets, or its port could not be told
    try:
        return (ipaddress.ip_network(bare),)
    except ValueError:
        return ()
