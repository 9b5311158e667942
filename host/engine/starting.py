"""How a host starts: what was loaded before comes back, what asks to be loaded is, and one refusal stops no other."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path

from host.engine.library import Library
from host.engine.parts import Parts
from host.engine.planning import load_what_can
from host.storage import SessionEntry


def default_data() -> Path:
    """The user's data folder."""
    return user_data_path("theseus", appauthor=False)


async def start_up(parts: Parts, *, autoload: bool, restore: bool) -> None:
    """Load what is to run from the start."""
    library = parts.library
    await parts.casualties.count(parts.died)
    session = await parts.keeping.begin()
    asked = _session(library, session) if restore else {}
    asked = {name: specifier for name, specifier in asked.items() if name not in parts.casualties.left_out}
    await load_what_can(parts, asked, autoload=autoload)
    for instance in parts.roster.active.values():
        if instance.superseded:
            parts.reloading.leave(instance)


def _session(library: Library, entries: tuple[SessionEntry, ...]) -> dict[str, str]:
    """What the user had asked for, in the version that ran where that is still there."""
    return {
        entry.name: f"=={entry.version}" if library.repository.find(entry.name, entry.version) else ""
        for entry in entries
        if entry.requested and library.repository.versions(entry.name)
    }
