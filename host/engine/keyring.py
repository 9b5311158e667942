"""The keys of packages: which are trusted for which modules, and which were revoked."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Final

from host.engine.granting import Granting
from host.engine.keeping import Keeping
from host.storage import Publisher, Store
from host.vocabulary.errors import HostError
from host.vocabulary.folders import data_option
from host.vocabulary.views import AuditRow, KeyView

_FINGERPRINT: Final = re.compile(r"SHA256:[A-Za-z0-9+/]{43}\Z")


class Keyring:
    """Lists, revokes and restores keys; what it refuses has changed nothing."""

    def __init__(self, keeping: Keeping, granting: Granting, data: Path) -> None:
        self._keeping: Final = keeping
        self._granting: Final = granting
        self._option: Final = data_option(data)

    async def all(self) -> tuple[KeyView, ...]:
        """Keys that were seen, then revoked ones that were not."""
        return await self._keeping.ask(_views)

    async def revoke(self, key: str) -> tuple[KeyView, ...]:
        """Trust a key no more; withdraw what was granted to its modules.

        Raises:
            HostError: it is no fingerprint, and no module's name that a key belongs to.
        """
        view = await self._meant(key)
        if not view.revoked:
            await self._keeping.ask(lambda store: _note(store, "revoke key", view.fingerprint))
        for module in view.modules:  # also of a key that is revoked already: a revocation may have ended half way
            self._granting.withdraw(module)
        return await self.all()

    async def restore(self, key: str) -> tuple[KeyView, ...]:
        """Trust a key again.

        Raises:
            HostError: as for :meth:`revoke`, or it was not revoked.
        """
        view = await self._meant(key)
        if not view.revoked:
            raise HostError(f"{view.fingerprint} was not revoked; nothing was changed")
        await self._keeping.ask(lambda store: _note(store, "restore key", view.fingerprint))
        return await self.all()

    async def _meant(self, key: str) -> KeyView:
        views = await self.all()
        for view in views:
            if key == view.fingerprint or key in view.modules:
                return view
        if _FINGERPRINT.match(key):
            return KeyView(fingerprint=key)
        raise HostError(
            f"{key[:80]!r} is no fingerprint as in SHA256:..., and no module that was installed from a signed package; "
            f"theseus keys{self._option} lists them; nothing was changed"
        )


def _views(store: Store) -> tuple[KeyView, ...]:
    from host.packages.signing import fingerprint  # noqa: PLC0415 - no start pays for packages

    revoked = store.origins.revoked()
    by_key: dict[bytes, list[Publisher]] = {}
    for publisher in store.origins.publishers():
        by_key.setdefault(publisher.key, []).append(publisher)
    views = [
        KeyView(
            fingerprint=fingerprint(key),
            modules=tuple(each.module for each in publishers),
            installed=tuple(f"{name} {version}" for name, version in store.origins.signed_with(key)),
            since=min(each.at for each in publishers),
            revoked=revoked.pop(fingerprint(key), 0.0),
        )
        for key, publishers in by_key.items()
    ]
    return (*views, *(KeyView(fingerprint=each, revoked=at) for each, at in revoked.items()))


def _note(store: Store, act: str, fingerprint: str) -> None:
    """Revoke or restore a key, and have the audit say so: both or none."""
    now = time.time()
    with store.transaction():
        if act == "revoke key":
            store.origins.revoke(fingerprint, now)
        else:
            store.origins.reinstate(fingerprint)
        store.audit.add([AuditRow(at=now, module="", permission=act, wanted=fingerprint, verdict="allowed")])
