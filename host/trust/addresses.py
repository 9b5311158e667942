"""Places in the network: their names, the addresses behind them, and which of those belong to the public network."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Final, NamedTuple

from host.vocabulary.errors import HostError
from host.vocabulary.net_pattern import LARGEST_PORT, Address

LONGEST: Final = 253
"""Characters of a host's name."""
LONGEST_LABEL: Final = 63
"""Characters between two of its dots."""
_FOR_PROTOCOLS: Final = ipaddress.ip_network("192.0.0.0/24")
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class Reached(NamedTuple):
    """An address that was judged, to be connected to as it is; nobody may resolve the name again."""

    family: int
    address: str
    port: int


class PlaceUnclearError(HostError):
    """A host or a port that is none."""


def normal(host: str, port: int) -> str:
    """A host's name as patterns have it: lower case, ASCII, without a dot at the end.

    Raises:
        PlaceUnclearError: it is no name, or the port is none.
    """
    name = host[: LONGEST + 2].strip().removesuffix(".").lower()
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError:
            name = ""
    odd = any(letter.isspace() or not letter.isprintable() or letter in "/\\@" for letter in name)
    labels = all(0 < len(label) <= LONGEST_LABEL for label in name.split("."))
    if odd or not labels or len(name) > LONGEST or not 0 < port <= LARGEST_PORT:
        raise PlaceUnclearError(
            f"{host[:200]!r}, port {port}, is no place in the network; write it as in example.com, 443"
        )
    return name.removeprefix("[").removesuffix("]")


def literal(host: str) -> Address | None:
    """The address that a host's name is, where it is one."""
    try:
        return unwrapped(ipaddress.ip_address(host))
    except ValueError:
        return None


def unwrapped(address: Address) -> Address:
    """The address itself, of one that only carries it: ``::ffff:127.0.0.1``."""
    inner = getattr(address, "ipv4_mapped", None)
    return address if inner is None else inner


def is_public(address: Address) -> bool:
    """Whether it belongs to the public network, with what it carries (6to4, Teredo, NAT64)."""
    carried: list[Address | None] = []
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:  # fec0::/10, which was once what fc00::/7 is
            return False
        carried = [address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    special = address.is_multicast or address.is_reserved or address.is_unspecified or address in _FOR_PROTOCOLS
    return address.is_global and not special and all(each is None or is_public(each) for each in carried)


async def resolved(host: str, port: int) -> tuple[tuple[Reached, Address], ...]:
    """All addresses of a host, off the event loop, none twice.

    Raises:
        OSError: the name has none.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    reached = dict.fromkeys(Reached(family, str(place[0]), port) for family, _, _, _, place in found)
    return tuple((each, unwrapped(ipaddress.ip_address(each.address))) for each in reached)
