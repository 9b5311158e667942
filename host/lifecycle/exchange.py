"""What instances share: the hooks in force, the marker, one another; the engine is one."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Awaitable, Container, MutableMapping
from typing import Protocol

from host.hooks.dispatch import Dispatch
from host.lifecycle.native import Client, Direct, Native
from host.lifecycle.withheld import Withheld
from host.runtime.crossing import Crossing
from host.runtime.making import Runtimes
from host.trust.caller import Calling
from host.trust.gate import Gate
from host.vocabulary.errors import ModuleFault
from host.vocabulary.manifest import Manifest
from host.vocabulary.marker import Marker
from host.vocabulary.payload import Payload
from host.vocabulary.states import Status
from host.vocabulary.tracer import Tracer


class Callee(Protocol):
    """An instance, as others call it."""

    status: Status
    ready: bool

    @property
    def serial(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def needs(self) -> frozenset[str]: ...
    @property
    def exports(self) -> Container[str]: ...
    def direct(self, name: str) -> Direct | None:
        """The native function that an export is; ``None`` where it is one of Lua's."""
        ...

    def call_export(self, name: str, argument: Crossing) -> Crossing: ...
    def call_handed(self, function: int, argument: Crossing) -> Crossing: ...
    def begin(self, kind: str, name: str | int, argument: Crossing) -> Crossing | Future[Crossing]: ...
    @property
    def face(self) -> bytes | None: ...
    def face_call(
        self, name: str, arguments: tuple[Payload, ...], client: Client
    ) -> Crossing | Awaitable[Crossing]: ...


class Exchange(Protocol):
    """The rest of the host, as an instance sees it."""

    @property
    def dispatch(self) -> Dispatch: ...
    @property
    def marker(self) -> Marker: ...
    @property
    def gate(self) -> Gate:
        """Through which core modules act in the name of others."""
        ...

    @property
    def calling(self) -> Calling:
        """In whose name that is now."""
        ...

    @property
    def run(self) -> str:
        """Names this run of the host; no other has that name."""
        ...

    @property
    def runtimes(self) -> Runtimes: ...

    @property
    def tracer(self) -> Tracer | None:
        """Who is told of hooks and calls, where anybody is; instances ask once, as they are made."""
        ...

    @property
    def staged(self) -> MutableMapping[str, Callee]:
        """Instances by name that a swap under way would bring: they see one another, nobody else sees them."""
        ...

    @property
    def withheld(self) -> Withheld:
        """What these emit, until they come in force."""
        ...

    def native(self, manifest: Manifest) -> Native:
        """The native part of a module, which core modules may have.

        Raises:
            LoadFailed: at step ``read``.
        """
        ...

    def serving(self, name: str) -> Callee | None:
        """The instance that answers for a module now."""
        ...

    def arrived(self, instance: Callee) -> None:
        """Told of each instance as it is made: functions that it hands out can be called from then on."""
        ...

    def left(self, serial: int) -> None:
        """Told when an instance is gone."""
        ...

    def ended(self, instance: Callee, fault: ModuleFault | None) -> None:
        """Told when the process of an instance is gone; of the fault, where no call raises it."""
        ...

    def by_serial(self, serial: int) -> Callee | None:
        """An instance by its number, while it lives."""
        ...

    def departed(self, serial: int) -> str:
        """Whose number it was, and when it went."""
        ...

    def next_serial(self) -> int:
        """A number that no instance of this host had."""
        ...

    def panel_changed(self, module: str, *, anew: bool) -> None:
        """Told whenever a panel of a module shows something else; ``anew`` where one came or went."""
        ...

    def log(self, module: str, level: str, text: str) -> None: ...
    def faulted(self, module: str, fault: ModuleFault, *, asked: bool = False) -> None:
        """Told of each fault of a module outside of a hook; ``asked``: in an export, whose caller is told, too."""
        ...
