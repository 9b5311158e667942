"""A gate on folders of the test's own, a module that asks, and grants for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.places import Places
from host.trust.policy import Policy
from host.trust.use import Use
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.permission import Grant


class Allowing:
    """Gives gates; keeps what they noted in ``uses``."""

    def __init__(self, root: Path) -> None:
        self.data: Final = root / "host"
        self.code: Final = root / "code"
        self.home: Final = root / "home"
        for folder in (self.data, self.code, self.home):
            folder.mkdir()
        self.policy: Final = Policy()
        self.places: Final = Places(str(self.data), str(self.home), (str(self.code),))
        self.uses: Final[list[Use]] = []
        self.gate: Final = Gate(self.policy, self.places, self.uses.append, "core_module")

    def module(
        self, *, name: str = "m", version: str = "1.0.0", tier: Tier = Tier.PLUGINS, **asked: list[str]
    ) -> Caller:
        """A module that asks for patterns, by permissions with ``_`` for the dot."""
        folder = self.code / "plugins" / name
        return self.gate.caller(
            Manifest(name=name, version=version, tier=tier, folder=folder, permissions=_named(asked))
        )

    def grant(
        self, permission: str, *patterns: str, module: str = "m", versions: str = "*", allowed: bool = True
    ) -> None:
        added = [
            Grant(module=module, versions=versions, permission=permission, pattern=each, allowed=allowed)
            for each in patterns
        ]
        self.policy.grants = [*self.policy.grants, *added]

    def granted(self, **asked: list[str]) -> Caller:
        """A module to which is granted what it asks for."""
        caller = self.gate.caller(replace(self.module().manifest, permissions=_named(asked)))
        for permission, patterns in caller.manifest.permissions.items():
            self.grant(permission, *patterns)
        return caller


def _named(asked: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {permission.replace("_", "."): tuple(patterns) for permission, patterns in asked.items()}
