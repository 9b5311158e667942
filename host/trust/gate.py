"""The gate: through it a core module acts in the name of whoever called it, and only as far as that module may.

A core module's ``native.py`` that defines ``functions(folder, gate)`` is given one, and each of its functions is told
the caller first. A denial is raised as PermissionDenied; left alone, it reaches the calling Lua as ``nil, message``.
Every question is noted for the audit. All of it is for the event loop's thread; what was opened may be used on any.
"""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final, NoReturn

from host.trust import opening, programs
from host.trust.addresses import Reached, is_public, literal, normal, resolved
from host.trust.caller import Caller
from host.trust.opening import Held, Writing
from host.trust.places import LONGEST, Places
from host.trust.policy import Fits, Policy, Verdict
from host.trust.reach import Reach
from host.trust.use import Note, Use
from host.vocabulary.errors import PermissionDenied, PermissionUnknown
from host.vocabulary.globbing import matches
from host.vocabulary.manifest import Manifest
from host.vocabulary.net_pattern import Address, NetPattern
from host.vocabulary.permission import PERMISSIONS
from host.vocabulary.views import PlainData

Told = Callable[[str, str], None]
"""Told of a module what went wrong with what it keeps."""


def _nobody(_module: str, _text: str) -> None:
    """Nobody is told."""


class Gate:
    """What one core module is given.

    In every method ``details`` is plain data that the audit keeps beside what was wanted, with secrets masked: the
    arguments of a program, the headers of a request.
    """

    def __init__(self, policy: Policy, places: Places, note: Note, through: str = "", told: Told = _nobody) -> None:
        self._policy: Final = policy
        self._places: Final = places
        self._note: Final = note
        self._through: Final = through
        self._told: Final = told

    def of(self, through: str) -> Gate:
        """The gate of another core module."""
        return Gate(self._policy, self._places, self._note, through, self._told)

    def tell(self, text: str) -> None:
        """Have whoever runs the host told, in a sentence, what went wrong with what this core module keeps."""
        self._told(self._through, text)

    def caller(self, manifest: Manifest) -> Caller:
        """A module version as one that may ask."""
        return Caller(manifest, self._places.own(manifest.name))

    def reach(self, caller: Caller) -> Reach:
        """Which other modules and events a module may use."""
        return Reach(self._policy, self._note, caller)

    def silent(self) -> Gate:
        """The same gate, of which nobody learns who went through it."""
        return Gate(self._policy, self._places, lambda _use: None, self._through)

    def not_granted(self, manifest: Manifest) -> tuple[str, ...]:
        """What a manifest asks for and the module may not do, as ``net api.example.com:443``."""
        return self._policy.not_granted(manifest)

    def check(self, caller: Caller, permission: str, wanted: str, details: PlainData = None) -> None:
        """Go on only where a module may; of paths and programs it judges where they lead now.

        The methods below do this and the opening in one: what is checked here and opened by its name afterwards may
        be something else by then. Of ``net`` it judges the name alone; ``connect_address`` judges the addresses.

        Args:
            caller: in whose name.
            permission: ``fs.read``, ``net``, ``clipboard``, ...
            wanted: a path, ``host:port``, a program, a variable; for others what a pattern could say (``read``).
            details: as above.

        Raises:
            PermissionDenied: it may not.
            PermissionUnknown: a mistake of the core module's.
        """
        if permission not in PERMISSIONS:
            raise PermissionUnknown(permission, PERMISSIONS)
        if len(wanted) > LONGEST:
            self._refuse(
                caller, permission, f"{wanted[:80]}...", "", details, "nothing of that length can be asked for"
            )
        if permission.startswith("fs."):
            self._path(caller, permission, wanted, details, follow=True)
        elif permission == "net":
            host, _, port = wanted.rpartition(":")
            name, pattern = self._named(caller, host, int(port) if port.isdecimal() else 0, details)
            self._noted(caller, "net", f"{name}:{port}", pattern, details, allowed=True)
        elif permission == "exec":
            self._program(caller, wanted, details)
        else:
            pattern = self._decide(caller, permission, wanted, partial(matches, wanted), details)
            self._noted(caller, permission, wanted, pattern, details, allowed=True)

    @contextmanager
    def at(
        self,
        caller: Caller,
        permission: str,
        path: str | bytes,
        *,
        make: bool = False,
        follow: bool = True,
        details: PlainData = None,
    ) -> Iterator[Held]:
        """Hold the folder of a path open, to do there what ``open_read`` and ``open_write`` do not.

        As in ``with gate.at(caller, "fs.write", path, follow=False) as it: os.unlink(it.name, dir_fd=it.folder)``.
        Never follow a link at ``it.name`` (``follow_symlinks=False``, ``O_NOFOLLOW``): it was none when it was judged.

        Args:
            caller: in whose name.
            permission: ``fs.read`` or ``fs.write``.
            path: begins with ``data/``, ``module/``, ``~/`` or ``/``.
            make: the folders on the way that are not there; the module's own is made in any case, for writing or where
                it is meant itself.
            follow: a link at the end of the path, too; without it, the link itself is meant.
            details: as above.

        Raises:
            PermissionDenied: it may not.
            PathUnclear: the path begins with no root.
            OSError: a folder on the way is not there, or changed since.
        """
        real = self._path(caller, permission, path, details, follow=follow)
        own = str(caller.folder)
        if real == own or (permission == "fs.write" and real.startswith(f"{own}{os.sep}")):
            caller.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with opening.held(real, make=make) as place:
            yield place

    def open_read(self, caller: Caller, path: str | bytes, details: PlainData = None) -> BinaryIO:
        """Open a plain file to be read.

        Raises:
            PermissionDenied, PathUnclear, OSError: as in :meth:`at`; a folder, a pipe or a device is refused.
        """
        with self.at(caller, "fs.read", path, details=details) as place:
            return opening.open_reading(place)

    def open_write(
        self, caller: Caller, path: str | bytes, mode: Writing = "wb", *, make: bool = False, details: PlainData = None
    ) -> BinaryIO:
        """Open a plain file to be written.

        Args:
            caller: in whose name.
            path: as in :meth:`at`.
            mode: ``wb`` in place of what is there, ``ab`` after it, ``xb`` only where nothing is.
            make: as in :meth:`at`.
            details: as above.

        Raises:
            PermissionDenied, PathUnclear, OSError: as in :meth:`at`.
        """
        with self.at(caller, "fs.write", path, make=make, details=details) as place:
            return opening.open_writing(place, mode)

    async def connect_address(
        self, caller: Caller, host: str, port: int, details: PlainData = None
    ) -> tuple[Reached, ...]:
        """Give the addresses of a host that a module may connect to, at least one, in the order to be tried.

        Connect to these and not to the name: a name may have another address a moment later. One that is not of the
        public network is among them only where a pattern names addresses (``10.0.0.0/8:80``, ``localhost:8080``).

        Raises:
            PermissionDenied: the host, or each of its addresses.
            PlaceUnclearError: it is no host and port.
            OSError: the name has no address.
        """
        name, pattern = self._named(caller, host, port, details)
        found = await resolved(name, port)
        good = tuple(reached for reached, address in found if self._reachable(caller, address, port))
        wanted = f"{name}:{port}"
        if not good:
            where = ", ".join(str(address) for _, address in found[:3])
            reason = f"it leads to {where}, and such addresses have to be asked for and granted as addresses"
            self._refuse(caller, "net", wanted, pattern, details, reason)
        self._noted(caller, "net", wanted, pattern, details, allowed=True)
        return good

    async def connect(
        self, caller: Caller, host: str, port: int, *, tls: ssl.SSLContext | None = None, details: PlainData = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first address of a host that answers; with ``tls`` its certificate is judged by the name.

        Raises:
            PermissionDenied, PlaceUnclearError, OSError: as in :meth:`connect_address`; none answers.
        """
        failed: OSError | None = None
        for reached in await self.connect_address(caller, host, port, details):
            try:
                return await asyncio.open_connection(
                    reached.address, reached.port, ssl=tls, server_hostname=normal(host, port) if tls else None
                )
            except OSError as error:
                failed = error
        raise failed or OSError(f"{host} has no address")

    def program(self, caller: Caller, name: str, details: PlainData = None) -> Path:
        """Give the real path of a program that a module may run; run it as it is, without a shell.

        Its own name belongs into ``argv[0]``, for programs that are several: ``execute(path, [name, ...])``.

        Raises:
            PermissionDenied: it may not.
            OSError: there is no such program.
        """
        return Path(self._program(caller, name, details))

    def variable(self, caller: Caller, name: str) -> str | None:
        """The value of an environment variable; ``None`` where it is not set. The audit has the name alone.

        Raises:
            PermissionDenied: it may not.
        """
        self.check(caller, "env", name)
        return os.environ.get(name)

    def _path(self, caller: Caller, permission: str, path: str | bytes, details: PlainData, *, follow: bool) -> str:
        real, writing = self._places.real(caller, path, follow=follow), permission == "fs.write"
        shown = os.fsdecode(path)
        if self._places.closed(caller, real, writing=writing):
            reason = (
                "processes, the host's own files, the data of other modules and, for writing, code are closed to all"
            )
            self._refuse(caller, permission, shown, "", details, reason)
        means = partial(self._places.means, caller, real=real)
        pattern = self._decide(
            caller, permission, shown, means, details, self._led_away(caller, permission, path, real)
        )
        self._noted(caller, permission, shown, pattern, details, allowed=True)
        return real

    def _led_away(self, caller: Caller, permission: str, path: str | bytes, real: str) -> str:
        """Where a path leads that is asked for as it stands; of others the module learns nothing."""
        plain = self._places.plain(caller, path)
        means = partial(self._places.means, caller, real=os.path.normpath(plain))
        if real == plain or not any(map(means, self._policy.asked(caller.manifest, permission))):
            return ""
        return f"it leads to {real}, which its manifest does not ask for"

    def _named(self, caller: Caller, host: str, port: int, details: PlainData) -> tuple[str, str]:
        """Judge a host by its name, where it is an address by that; the name and the pattern that has it."""
        name = normal(host, port)
        address = literal(name)

        def names(text: str) -> bool:
            pattern = NetPattern.parse(text)
            return pattern.names(name, port) or (address is not None and pattern.holds(address, port))

        return name, self._decide(caller, "net", f"{name}:{port}", names, details)

    def _reachable(self, caller: Caller, address: Address, port: int) -> bool:
        def holds(text: str) -> bool:
            return NetPattern.parse(text).holds(address, port)

        if is_public(address):
            return not self._policy.denies(caller, "net", holds)
        return self._policy.judge(caller, "net", holds).verdict is Verdict.ALLOWED

    def _program(self, caller: Caller, name: str, details: PlainData) -> str:
        name = name[:LONGEST]
        real = programs.found(name)

        def is_it(pattern: str) -> bool:
            if pattern.startswith(os.sep):
                return real is not None and os.path.realpath(pattern) == real
            return pattern == name

        pattern = self._decide(caller, "exec", name, is_it, details)
        if real is None:
            raise FileNotFoundError(errno.ENOENT, f"there is no program {name[:200]!r}")
        for place in (real, *map(str, Path(real).parents)):  # who may move a folder away may put another there
            means = partial(self._places.means, caller, real=place)
            if self._policy.judge(caller, "fs.write", means).verdict is Verdict.ALLOWED:
                reason = f"it may write {place} itself, and could run anything as {name}"
                self._refuse(caller, "exec", name, "", details, reason)
        self._noted(caller, "exec", name, pattern, details, allowed=True)
        return real

    def _decide(
        self, caller: Caller, permission: str, wanted: str, fits: Fits, details: PlainData, unasked: str = ""
    ) -> str:
        """Refuse what is not allowed; else the pattern of the manifest that is about it.

        ``unasked``: why not, of what no pattern is about, where that needs saying.
        """
        judged = self._policy.judge(caller, permission, fits)
        if judged.verdict is not Verdict.ALLOWED:
            self._refuse(caller, permission, wanted, judged.pattern, details, "" if judged.pattern else unasked)
        return judged.pattern

    def _refuse(
        self, caller: Caller, permission: str, wanted: str, pattern: str, details: PlainData, reason: str = ""
    ) -> NoReturn:
        self._noted(caller, permission, wanted, pattern, details, allowed=False, reason=reason)
        raise PermissionDenied(caller.name, permission, wanted, pattern, reason)

    def _noted(
        self,
        caller: Caller,
        permission: str,
        wanted: str,
        pattern: str,
        details: PlainData,
        *,
        allowed: bool,
        reason: str = "",
    ) -> None:
        self._note(
            Use(
                module=caller.name,
                version=caller.version,
                permission=permission,
                wanted=wanted,
                pattern=pattern,
                allowed=allowed,
                through=self._through,
                details=details,
                reason=reason,
            )
        )
