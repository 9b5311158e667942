"""The graph of what runs and what lies on disk, as it is or as it would be after a swap."""

from __future__ import annotations

import asyncio

from host.engine.parts import Parts
from host.resolution.picture import picture
from host.vocabulary.errors import HostError
from host.vocabulary.graph import Graph


async def drawn(parts: Parts, name: str, version: str) -> Graph:
    """Draw who needs whom, off the event loop; nothing is changed.

    Raises:
        ModuleUnknown: no module is called so.
        HostError: it has no such version.
    """
    repository, running = parts.library.repository, parts.roster.manifests
    there = {each: newest for each in repository.names if (newest := repository.newest(each))} | running
    if name and name not in there:
        raise repository.unknown(name)
    if version and version != there[name].version:
        found = repository.find(name, version)
        if found is None:
            versions = ", ".join(each.version for each in repository.versions(name)) or "no other"
            raise HostError(f"{name} has no version {version!r} to be swapped to; on disk is {versions}")
        there[name] = found
    return await asyncio.to_thread(picture, there, frozenset(running), name, faulty=repository.faulty)
