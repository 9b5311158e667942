"""Where an engine listens, and how a client finds it: ``engine.json``, beside the socket or pointing to it.

The data folder holds both where it can. A path too long for a socket, a folder that takes no file, or a file system
without sockets: then they lie in a folder of the user's own under the run-time or temporary folder, named after the
data folder. Windows has no such sockets for asyncio: there it is TCP on the loopback, with a token.
"""

from __future__ import annotations

import hashlib
import os
import re
import socket
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from host.protocol.messages import PROTOCOL_VERSION
from host.vocabulary.errors import StorageUnavailable

ANNOUNCEMENT_NAME: Final = "engine.json"
SOCKET_NAME: Final = "engine.sock"
LOOPBACK: Final = "127.0.0.1"
ADDRESS: Final = re.compile(r"unix:.+|tcp:[^:]+:\d{1,5}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to listen.

    Attributes:
        data: the data folder.
        folder: where ``engine.json`` lies.
        socket: the Unix socket, or ``None`` for TCP.
        token: what a client over TCP has to say first; empty for a Unix socket.
    """

    data: Path
    folder: Path
    socket: Path | None
    token: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """What ``engine.json`` says; ``address`` is ``unix:PATH`` or ``tcp:HOST:PORT``."""

    pid: int
    address: str
    token: str = ""
    protocol: int = PROTOCOL_VERSION


def choose_endpoint(data: Path) -> Endpoint:
    """Choose where the engine of a data folder listens.

    Raises:
        StorageUnavailable: not even a folder of the user's own could be had.
    """
    data = data.absolute()
    folder = data if _takes_files(data) else _made_private(data)
    if sys.platform == "win32":
        return Endpoint(data, folder, None, os.urandom(16).hex())
    home = data if _takes_sockets(data) else _made_private(data)
    return Endpoint(data, folder, home / SOCKET_NAME)


def announce(endpoint: Endpoint, address: str) -> None:
    """Write ``engine.json``, whole or not at all, for its user alone.

    Raises:
        OSError: the folder took no file.
    """
    content = msgspec.json.encode(Announcement(os.getpid(), address, endpoint.token))
    file = endpoint.folder / ANNOUNCEMENT_NAME
    fresh = file.with_name(f"{ANNOUNCEMENT_NAME}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
    fresh.replace(file)


def withdraw(endpoint: Endpoint) -> None:
    """Remove what a clean end leaves nothing of."""
    (endpoint.folder / ANNOUNCEMENT_NAME).unlink(missing_ok=True)
    if endpoint.socket is not None:
        endpoint.socket.unlink(missing_ok=True)


def announcements(data: Path) -> Iterator[Announcement]:
    """Yield what engines of this data folder announced, the likelier first; each may be stale, only asking it tells."""
    data = data.absolute()
    for folder in (data, _private_folder(data)):
        if folder != data and not _is_private(folder):
            continue
        try:
            content = (folder / ANNOUNCEMENT_NAME).read_bytes()
            announced = msgspec.json.decode(content, type=Announcement)
        except (OSError, msgspec.DecodeError):  # not there, or not whole: nobody announced anything
            continue
        if ADDRESS.fullmatch(announced.address):
            yield announced


def _takes_files(folder: Path) -> bool:
    probe = folder / f".probe.{os.getpid()}"
    try:
        probe.touch(mode=0o600)
        probe.unlink()
    except OSError:
        return False
    return True


def _takes_sockets(folder: Path) -> bool:
    """Whether a socket can be bound here under its final length of name: of that only the kernel knows the limit."""
    probe = folder / ".probe.sock"  # as long as SOCKET_NAME
    try:
        probe.unlink(missing_ok=True)
        with closing(socket.socket(socket.AF_UNIX)) as bound:
            bound.bind(os.fspath(probe))
        probe.unlink()
    except OSError:
        return False
    return True


def _private_folder(data: Path) -> Path:
    name = hashlib.blake2b(os.fsencode(data), digest_size=8).hexdigest()
    places = (os.environ.get(variable) for variable in ("XDG_RUNTIME_DIR", "TMPDIR", "TEMP"))
    parent = next((Path(place) for place in places if place and Path(place).is_dir()), Path("/tmp"))  # noqa: S108 - ownership is checked
    return parent / f"theseus-{_user()}-{name}"


def _made_private(data: Path) -> Path:
    folder = _private_folder(data)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise StorageUnavailable(str(folder), (error.strerror or str(error)).lower()) from error
    if not _is_private(folder):
        raise StorageUnavailable(str(folder), "others can write to it", "remove it, or set XDG_RUNTIME_DIR")
    return folder


def _is_private(folder: Path) -> bool:
    """Whether this folder is its user's alone, so that what lies in it was put there by them."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    if sys.platform == "win32":
        return stat.S_ISDIR(found.st_mode)
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077


def _user() -> int:
    return 0 if sys.platform == "win32" else os.geteuid()
