"""Moving a module into a process of its own, or back, with its state, while it runs."""

from __future__ import annotations

from host.engine.isolating import Isolating
from host.engine.keeping import Keeping
from host.engine.library import Library
from host.engine.roster import Roster
from host.engine.swapping import Swapping
from host.vocabulary.errors import HostError, ModuleUnknown
from host.vocabulary.manifest import Isolation


class Resettling:
    """Keeps the user's word on where modules run, and has those that run follow it."""

    def __init__(
        self, isolating: Isolating, keeping: Keeping, library: Library, roster: Roster, swapping: Swapping
    ) -> None:
        self._isolating = isolating
        self._keeping = keeping
        self._library = library
        self._roster = roster
        self._swapping = swapping

    async def choose(self, name: str, isolation: str) -> bool:
        """Say where a module is to run; gives whether that is a process of its own.

        Args:
            name: of the module, loaded or not.
            isolation: ``process`` or ``shared``; empty: as its manifest and its origin say.

        Raises:
            ModuleUnknown: no module is called so.
            HostError: there is no such isolation.
            SwapFailed: it runs on where it ran, and so it will.
        """
        wanted = _wanted(isolation)
        instance = self._roster.serving(name)
        manifest = instance.manifest if instance is not None else self._library.repository.newest(name)
        if manifest is None:
            raise ModuleUnknown(name, tuple(sorted(self._library.names)))
        before = self._isolating.chosen(name)
        self._isolating.choose(name, wanted)
        isolated = self._isolating(manifest)
        if instance is not None and isolated != bool(instance.runtime.pid):
            try:
                await self._swapping.reload([manifest])
            except HostError:
                self._isolating.choose(name, before)
                raise
        self._keeping.isolate(name, wanted)
        return isolated


def _wanted(isolation: str) -> Isolation | None:
    try:
        return Isolation(isolation) if isolation else None
    except ValueError:
        known = ", ".join(repr(str(each)) for each in Isolation)
        raise HostError(f"{isolation!r} is no isolation; there are {known}; nothing was changed") from None
