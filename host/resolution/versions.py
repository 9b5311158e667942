"""One version of each module of a repository: those that a plan would choose."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from host.discovery.repository import Repository
from host.resolution.standing import newest_release
from host.resolution.startup import startup
from host.vocabulary.manifest import Manifest


def likely(repository: Repository, names: Collection[str]) -> Mapping[str, Manifest]:
    """The versions that would load if some modules were asked for, all where none is named; of the others the newest.

    What is at odds with others that were asked for, or cannot load at all, is there in its newest version too.

    Raises:
        ModuleUnknown: a name is that of no module.
        HostError: or of one that cannot be used.
    """
    for name in names:
        if not repository.versions(name):
            raise repository.unknown(name)
    start = startup(repository, dict.fromkeys(names or repository.names, ""), autoload=False)
    planned = (repository.at(Path(step.path)) for step in start.order)
    newest = (newest_release(repository, name) for name in repository.names)
    return {each.name: each for each in (*newest, *planned) if each is not None}
