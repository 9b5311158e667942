"""What a package is and asks for, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class PackagedFile(Struct, frozen=True, kw_only=True):
    """A file of a package; ``size`` in bytes, ``sha256`` hex."""

    path: str
    size: int
    sha256: str


class PackageView(Struct, frozen=True, kw_only=True):
    """A package that was looked at and not installed.

    Attributes:
        tier: for which it was looked at.
        place: the folder that an install would make.
        digest: SHA-256 of the package, hex.
        signed_by: fingerprint of the key that it was signed with; empty where it was not.
        trust: ``known`` where the key is the one that this module's packages had before, ``new`` where there was none
            before, ``changed`` where it was another, ``revoked`` where you revoked it, ``unsigned`` where it has none.
        trusted: fingerprint of the key that this module's packages had before; empty where there was none.
        permissions: patterns by permission, as asked for.
        granted: what is granted to a module of this name now.
        withdrawn: what of that goes with an install, because it was granted to what another signed, or nobody.
        dependencies: specifiers by name.
        plan: what a load would bring up, dependencies first; empty where it would be refused.
        unresolved: why it would be refused; empty where not.
        isolation: where it will run: what comes from outside has a process of its own.
        autoload: whether it is loaded when the host starts.
        memory: bytes that it wants at most.
        call_s: seconds that one call of it wants at most.
        installed: versions of this module that are there, newest first.
        refused: why an install is refused as things stand, and what allows it; empty where it is not.
    """

    name: str
    version: str
    summary: str
    authors: tuple[str, ...]
    license: str
    tier: str
    place: str
    files: tuple[PackagedFile, ...]
    digest: str
    signed_by: str
    trust: str
    trusted: str
    permissions: Mapping[str, tuple[str, ...]]
    granted: tuple[str, ...]
    withdrawn: tuple[str, ...]
    dependencies: Mapping[str, str]
    plan: tuple[str, ...]
    unresolved: str
    isolation: str
    autoload: bool
    memory: int
    call_s: float
    installed: tuple[str, ...]
    refused: str


class KeyView(Struct, frozen=True, kw_only=True):
    """A key that packages were signed with, or that was revoked.

    Attributes:
        modules: those whose packages have it.
        installed: names and versions of those that were installed with it.
        since: when it was first trusted, seconds since the Unix epoch; 0.0 where it never was.
        revoked: when it was revoked; 0.0 where it is trusted.
    """

    fingerprint: str
    modules: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()
    since: float = 0.0
    revoked: float = 0.0


class Installed(Struct, frozen=True, kw_only=True):
    """A package that was installed.

    Attributes:
        signed_by: fingerprint of its key; empty where it has none.
        replaced: where the version that was there before lies now; empty where there was none.
        withdrawn: what was granted to this name and is no longer.
        unnoted: why the audit has no row of it; empty where it has.
    """

    name: str
    version: str
    tier: str
    place: str
    signed_by: str
    replaced: str
    withdrawn: tuple[str, ...]
    unnoted: str


class Uninstalled(Struct, frozen=True, kw_only=True):
    """A module version that was taken out of the folder of modules.

    Attributes:
        place: where it lay.
        kept: where it lies now.
        unnoted: why the audit has no row of it; empty where it has.
    """

    name: str
    version: str
    place: str
    kept: str
    unnoted: str


class Restored(Struct, frozen=True, kw_only=True):
    """A module version that was taken back from the trash.

    Attributes:
        place: where it lies again.
        unnoted: why the audit has no row of it; empty where it has.
    """

    name: str
    version: str
    place: str
    unnoted: str
