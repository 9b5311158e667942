"""Packages and a running host: what they are, and how they come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from host.engine.parts import Parts
from host.packages.installing import (
    Ground,
    Terms,
    inspected,
    install,
    open_package,
    restore,
    to_uninstall,
    uninstall,
)
from host.packages.package import Package
from host.packages.template import made
from host.storage import Store
from host.vocabulary.errors import HostError, NotInstalled
from host.vocabulary.identity import Tier
from host.vocabulary.views import Installed, PackageView, Restored, Uninstalled


class Installing:
    """Installs and takes out; ``data`` is the data folder."""

    def __init__(self, parts: Parts, data: Path) -> None:
        self._parts = parts
        self._data = data

    async def inspect(
        self, file: str | Path, tier: str, modules: str | Path, allowed: Mapping[str, bool]
    ) -> PackageView:
        """Say what a package is; ``allowed`` as in ``Terms``."""
        package, root = await self._opened(file, tier, modules)
        terms = Terms(**allowed)
        return await self._parts.keeping.ask(lambda store: inspected(package, self._ground(root, store), terms))

    async def install(
        self, file: str | Path, tier: str, modules: str | Path, allowed: Mapping[str, bool], digest: str
    ) -> Installed:
        """Install the package of that digest, any where it is empty; the caller holds the lock of all changes."""
        package, root = await self._opened(file, tier, modules)
        terms = Terms(**allowed)
        await self._parts.library.look()
        done = await self._parts.keeping.ask(
            lambda store: install(package, self._ground(root, store), terms, str(file), digest)
        )
        signed = f"signed with {done.signed_by}" if done.signed_by else "which nobody signed"
        self._parts.chronicle.log(done.name, "info", f"{done.version} was installed from {file}, {signed}")
        self._tell(done.name, done.unnoted)
        self._parts.isolating.installed(done.name, done.version)
        if done.withdrawn:
            self._parts.granting.withdraw(done.name)
        await self._parts.reloading.take_in([package.manifest.file])
        return done

    async def uninstall(self, name: str, version: str) -> Uninstalled:
        """Take a version out that is not loaded; the caller holds the lock of all changes."""
        parts = self._parts
        manifest = to_uninstall(parts.library.repository, name, version)
        loaded = parts.roster.active.get(name)
        if loaded is not None and loaded.version == manifest.version:
            raise HostError(f"{manifest.key} is loaded; unload it first; nothing was changed")
        done = await parts.keeping.ask(lambda store: uninstall(manifest, self._data, store))
        parts.chronicle.log(name, "info", f"{manifest.version} was uninstalled; it lies in {done.kept}")
        self._tell(name, done.unnoted)
        await parts.library.look()
        return done

    async def restore(self, name: str, version: str) -> Restored:
        """Take what was thrown away last back; the caller holds the lock of all changes."""
        done = await self._parts.keeping.ask(lambda store: restore(name, version, self._data, store))
        self._tell(done.name, done.unnoted)
        await self._parts.reloading.take_in([Path(done.place)])
        return done

    def _tell(self, name: str, unnoted: str) -> None:
        if unnoted:
            self._parts.chronicle.log(name, "error", unnoted)

    async def make(self, name: str, tier: str, modules: str | Path) -> Path:
        """Make a module from the template; the caller holds the lock of all changes."""
        folder = await asyncio.to_thread(made, self._root(modules), tier_of(tier).value, name)
        await self._parts.reloading.take_in([folder / "module.toml"])
        return folder

    async def _opened(self, file: str | Path, tier: str, modules: str | Path) -> tuple[Package, Path]:
        """The package, and the folder of modules that it is for."""
        root = self._root(modules)
        return await asyncio.to_thread(open_package, Path(file), root, tier_of(tier)), root

    def _root(self, modules: str | Path) -> Path:
        roots = self._parts.library.repository.roots
        root = next((each for each in roots if not modules or each == Path(modules)), None)
        if root is None:
            held = ", ".join(map(str, roots)) or "none"
            raise HostError(
                f"{modules or 'none'} is no folder of modules of this host, which has {held}; nothing was done"
            )
        return root

    def _ground(self, root: Path, store: Store) -> Ground:
        if not store.data:
            raise NotInstalled(
                "it", "", "place", f"{self._data} keeps nothing, so where it came from would be forgotten"
            )
        return Ground(root, self._data, self._parts.library.repository, store)


def tier_of(text: str) -> Tier:
    """The tier of that name.

    Raises:
        HostError: there is none.
    """
    try:
        return Tier(text)
    except ValueError:
        raise HostError(f"{text!r} is no tier; tiers are {', '.join(Tier)}; nothing was changed") from None
