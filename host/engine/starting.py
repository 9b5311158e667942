"""How a host starts: what was loaded before comes back, what asks to be loaded is, and one refusal stops no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from host.engine.library import Library
from host.engine.parts import Parts
from host.engine.planning import load_what_can
from host.storage import SessionEntry
from host.vocabulary.errors import HostError

_ABSENT: Final = (
    "{name} ran when the host ended, and is in no folder of modules now; its state is kept, it comes back at the next "
    "start that finds it, and unloading it forgets that it ran"
)


async def start_up(parts: Parts, *, autoload: bool, restore: bool, safe: bool = False) -> None:
    """Load what is to run from the start; ``safe``: nothing, and what would be restored is kept for the next start."""
    library = parts.library
    await parts.casualties.count(parts.died)
    session = await parts.keeping.begin()
    before = [entry for entry in session if entry.requested and (restore or safe)]
    asked = {} if safe else still_there(library, before)
    parts.roster.awaited.update({entry.name: entry for entry in before})
    asked = {name: specifier for name, specifier in asked.items() if name not in parts.casualties.left_out}
    await load_what_can(parts, asked, autoload=autoload)
    for name, entry in parts.roster.awaited.items():
        if not library.repository.versions(name):
            parts.loading.refused(name, entry.version, HostError(_ABSENT.format(name=name)))
    for instance in parts.roster.active.values():
        if instance.superseded:
            parts.reloading.leave(instance)


def as_it_ran(parts: Parts, wanted: Mapping[str, str]) -> dict[str, str]:
    """What is asked for; of what was left out, where no version is, the one that ran: others came back beside that."""
    left_out = parts.casualties.left_out
    asked = [entry for entry in parts.roster.awaited.values() if entry.name in left_out and not wanted.get(entry.name)]
    return {**wanted, **still_there(parts.library, (entry for entry in asked if entry.name in wanted))}


def still_there(library: Library, entries: Iterable[SessionEntry]) -> dict[str, str]:
    """What ran, as what to ask for: in the version that ran where that can be chosen, in any where others are there."""
    choosable = library.choosable
    return {
        entry.name: f"=={entry.version}" if choosable.find(entry.name, entry.version) else ""
        for entry in entries
        if library.repository.versions(entry.name)
    }
