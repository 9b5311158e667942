"""What modules a host can run: packages that are installed, folders that come and go, and whose keys are trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from host.engine.arguments import expect_text
from host.engine.editing import Editing
from host.engine.finishing import finished
from host.engine.keyring import Keyring
from host.vocabulary.views import Installed, KeyView, PackageView, Restored, Uninstalled

if TYPE_CHECKING:
    from host.engine.installing import Installing


class Supplying(Editing):
    """Puts modules into their folders and takes them out; none of it changes what is loaded."""

    async def inspect_package(
        self,
        file: str | Path,
        *,
        tier: str = "plugins",
        modules: str | Path = "",
        unsigned: bool = False,
        trust_key: bool = False,
        replace: bool = False,
    ) -> PackageView:
        """Say what a package is, what it asks for, and whether :meth:`install` would take it; nothing is changed.

        Raises:
            PackageInvalid: it is none, or was changed since it was made.
        """
        allowed = {"unsigned": unsigned, "trust_key": trust_key, "replace": replace}
        return await self._installing.inspect(file, tier, modules, allowed)

    @finished
    async def install(
        self,
        file: str | Path,
        *,
        tier: str = "plugins",
        modules: str | Path = "",
        unsigned: bool = False,
        trust_key: bool = False,
        replace: bool = False,
        digest: str = "",
    ) -> Installed:
        """Put the module of a package into a folder of modules; it is not loaded.

        Args:
            file: the package, or the folder of a module, which is one that nobody signed.
            tier: ``plugins``, ``extensions`` or ``integrations``.
            modules: which of this host's folders of modules; the first where it is empty.
            unsigned: allow a package that nobody signed.
            trust_key: allow another key than this module's packages had before.
            replace: allow another package of a version that is there.
            digest: as :meth:`inspect_package` said it, so that no other package is installed; any where it is empty.

        Raises:
            PackageInvalid: it is none, or was changed since it was made.
            NotInstalled: that is not allowed, or it has no place; all is as it was.
        """
        allowed = {"unsigned": unsigned, "trust_key": trust_key, "replace": replace}
        async with self._changing():
            return await self._installing.install(file, tier, modules, allowed, digest)

    @finished
    async def make_module(self, name: str, *, tier: str = "plugins", modules: str | Path = "") -> Path:
        """Make a module from a template, which loads, keeps a state and answers a hook; gives its folder.

        Raises:
            HostError: it is no name, there is no such tier, or something is there; nothing was changed.
        """
        expect_text("make_module", name=name, tier=tier)
        async with self._changing():
            return await self._installing.make(name, tier, modules)

    @finished
    async def uninstall(self, name: str, version: str = "") -> Uninstalled:
        """Move a module version that is not loaded to the trash of the data folder.

        Raises:
            ModuleUnknown: there is none.
            NotUninstalled: there are several, and no version was named; or others lie in its folder.
        """
        expect_text("uninstall", name=name, version=version)
        async with self._changing():
            return await self._installing.uninstall(name, version)

    @finished
    async def restore(self, name: str, version: str = "") -> Restored:
        """Bring back what :meth:`uninstall`, or an install in its place, moved to the trash last.

        Raises:
            HostError: none lies there, or something took its place since; nothing was changed.
        """
        expect_text("restore", name=name, version=version)
        async with self._changing():
            return await self._installing.restore(name, version)

    @finished
    async def revoke_key(self, key: str) -> tuple[KeyView, ...]:
        """Trust a key no more: nothing that it signed is installed, and what was granted to its modules is withdrawn.

        Args:
            key: its fingerprint, also of one that was never seen; or the name of a module whose packages it signed.

        Raises:
            HostError: it is neither.
            StorageUnavailable: it cannot be kept.
        """
        expect_text("revoke_key", key=key)
        async with self._changing() as parts:
            return await Keyring(parts.keeping, parts.granting, parts.roster.data).revoke(key)

    @finished
    async def restore_key(self, key: str) -> tuple[KeyView, ...]:
        """Trust a key again that was revoked; what was withdrawn stays so.

        Raises:
            HostError, StorageUnavailable: as for ``revoke_key``.
        """
        expect_text("restore_key", key=key)
        async with self._changing() as parts:
            return await Keyring(parts.keeping, parts.granting, parts.roster.data).restore(key)

    @property
    def _installing(self) -> Installing:
        from host.engine.installing import Installing  # noqa: PLC0415 - 10 ms, which no start should pay

        return Installing(self.parts, self.parts.roster.data)
