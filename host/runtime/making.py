"""Where a module's Lua runs, and the runtime made there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from host.runtime.crossing import Requests
from host.runtime.inprocess import Runtime
from host.runtime.interface import ModuleRuntime
from host.runtime.isolated.conversation import Crowd
from host.runtime.isolated.customs import Customs
from host.runtime.isolated.fork_server import ForkServer, Loop
from host.runtime.isolated.runtime import IsolatedRuntime
from host.vocabulary.errors import HostError, ModuleFault
from host.vocabulary.manifest import Isolation, Manifest


def as_asked(manifest: Manifest) -> bool:
    """Whether a module asks for a process of its own."""
    return manifest.isolation is Isolation.PROCESS


class Runtimes:
    """Makes runtimes; the processes of those that are isolated end with it.

    Attributes:
        server: forks those processes.
    """

    def __init__(self, isolated: Callable[[Manifest], bool] = as_asked, loop: Loop | None = None) -> None:
        """Prepare; no process is started before one is needed.

        Args:
            isolated: whether a module is to have a process of its own.
            loop: sees processes end that nobody calls.
        """
        self.server: Final = ForkServer()
        self._isolated = isolated
        self._loop = loop
        self._hosts_own = 0
        self._crowd: Final = Crowd()
        self._customs: Customs | None = None

    async def ready(self, manifests: Iterable[Manifest]) -> None:
        """Have what processes are forked from there before one of some modules needs it; others run meanwhile."""
        if self._loop is not None and any(map(self._isolated, manifests)):
            with suppress(HostError):  # told where the process is asked for
                await self.server.until_ready(self._loop)

    def make(
        self, manifest: Manifest, serial: int, requests: Requests, on_end: Callable[[ModuleFault | None], None]
    ) -> ModuleRuntime:
        """Make the runtime of one instance.

        Args:
            manifest: of the module.
            serial: of the instance.
            requests: answers what its Lua asks.
            on_end: told when its process is gone before it was closed; of the fault, where no call raises it.

        Raises:
            HostError: it is to have a process, and none can be had.
        """
        if not self._isolated(manifest):
            runtime = Runtime(manifest.key, serial, manifest.limits, requests, hosts_own=self._hosts_own)
            self._hosts_own = runtime.hosts_own
            return runtime
        self._customs = self._customs or Customs()
        forked = self.server.fork()
        isolated = IsolatedRuntime(
            manifest.key, serial, manifest.limits, requests, forked, self._customs, self._crowd, on_end
        )
        isolated.greet()
        if self._loop is not None:
            isolated.watch(self._loop)
        return isolated

    def close(self) -> None:
        """End every process."""
        self.server.close()
