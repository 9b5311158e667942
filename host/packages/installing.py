"""How a package becomes a module: looked at, judged, put in its place; and how it goes again."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import starmap
from pathlib import Path
from typing import Final

from host.discovery.folders import is_below
from host.discovery.inside import NotInsideError, read_plain
from host.discovery.repository import Repository
from host.packages.archive import LARGEST_PACKAGE
from host.packages.package import Package, pack, read_package
from host.packages.placing import exchanged, settle, staged
from host.packages.signing import fingerprint
from host.packages.trash import Trash
from host.resolution.resolve import resolve
from host.storage import Origin, Store
from host.vocabulary.errors import (
    HostError,
    ModuleUnknown,
    NotInstalled,
    NotUninstalled,
    PackageInvalid,
    ResolutionFailed,
)
from host.vocabulary.folders import data_option
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Isolation, Manifest
from host.vocabulary.permission import Grant
from host.vocabulary.views import AuditRow, Installed, PackagedFile, PackageView, Restored, Uninstalled

TIERS: Final = (Tier.PLUGINS, Tier.EXTENSIONS, Tier.INTEGRATIONS)
"""Where packages may go; core modules may run Python, and come with the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the user allowed: a package that nobody signed, another key than before, another of the same version."""

    unsigned: bool = False
    trust_key: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """Where packages are installed.

    Attributes:
        root: the folder of modules; absolute.
        data: the data folder.
        repository: all modules that there are.
        store: what was installed before, and what is granted.
    """

    root: Path
    data: Path
    repository: Repository
    store: Store


def open_package(file: Path, root: Path, tier: Tier) -> Package:
    """Read and verify the package in a file; a module's folder is a package that nobody signed.

    Raises:
        PackageInvalid: it is none.
        NotPacked: none can be made of the folder.
    """
    if (file / "module.toml").is_file() or any(file.glob("*.otmod")):
        return read_package(pack(file, None)[1], str(file), root / tier.value, tier)
    try:
        data = read_plain(os.path.realpath(file), LARGEST_PACKAGE)
    except NotInsideError as fault:
        raise PackageInvalid(str(file), str(fault)) from None
    return read_package(data, str(file), root / tier.value, tier)


def inspected(package: Package, ground: Ground, terms: Terms) -> PackageView:
    """Say what a package is, what it asks for and what would become of it; nothing is changed."""
    manifest = package.manifest
    trusted = ground.store.origins.trusted_key(manifest.name)
    plan, unresolved = _would_load(manifest, ground.repository)
    refused = next(_refusals(package, ground, terms), None)
    return PackageView(
        name=manifest.name,
        version=manifest.version,
        summary=manifest.summary,
        authors=manifest.authors,
        license=manifest.license,
        tier=manifest.tier.value,
        place=str(manifest.folder),
        files=tuple(
            PackagedFile(path=path, size=len(data), sha256=sha256(data).hexdigest())
            for path, data in sorted(package.files.items())
        ),
        digest=package.digest,
        signed_by=fingerprint(package.key) if package.key else "",
        trust=_trust(package.key, trusted, ground.store.origins.revoked()),
        trusted=fingerprint(trusted) if trusted else "",
        permissions=dict(manifest.permissions),
        dependencies={name: need.specifier for name, need in manifest.dependencies.items()},
        plan=plan,
        granted=tuple(str(each) for each in ground.store.grants.all() if each.module == manifest.name and each.allowed),
        withdrawn=tuple(map(str, _not_for(package, ground.store))),
        unresolved=unresolved,
        isolation=Isolation.PROCESS.value,
        autoload=manifest.autoload and manifest.enabled,
        memory=manifest.limits.memory,
        call_s=manifest.limits.call,
        installed=tuple(each.version for each in ground.repository.versions(manifest.name)),
        refused=refused.reason if refused is not None else "",
    )


def install(package: Package, ground: Ground, terms: Terms, source: str, digest: str = "") -> Installed:
    """Put a package in its place: whole, or not at all; a running host sees one change.

    Args:
        package: verified.
        ground: where.
        terms: what the user allowed.
        source: name of its file.
        digest: of the package that is meant, as ``inspected`` said it; any where it is empty.

    Raises:
        NotInstalled: it is not; all is as it was.
        HostError: it is not, and what was there lies in the trash, as it could not be put back.
    """
    manifest = package.manifest
    if digest not in {"", package.digest}:
        reason = f"{source} is not the package that was looked at: it was changed since; look at it again"
        raise NotInstalled(manifest.name, manifest.version, "changed", reason)
    for refused in _refusals(package, ground, terms):
        raise refused
    withdrawn = _not_for(package, ground.store)
    origin = Origin(
        module=manifest.name,
        version=manifest.version,
        digest=package.digest,
        key=package.key,
        source=Path(source).name,
        at=time.time(),
    )
    try:
        replaced = _placed(package, ground, origin, withdrawn=bool(withdrawn))
    except OSError as fault:
        reason = (
            f"{manifest.folder} could not be made: {(fault.strerror or 'input error').lower()}; nothing was changed"
        )
        raise NotInstalled(manifest.name, manifest.version, "place", reason) from None
    noted = _row("install", manifest.name, manifest.version, source, digest=package.digest, key=package.key.hex())
    return Installed(
        name=manifest.name,
        version=manifest.version,
        tier=manifest.tier.value,
        place=str(manifest.folder),
        signed_by=fingerprint(package.key) if package.key else "",
        replaced=replaced,
        withdrawn=tuple(map(str, withdrawn)),
        unnoted=_note(ground.store, noted),
    )


def uninstall(manifest: Manifest, data: Path, store: Store) -> Uninstalled:
    """Take a module version out; it lies in the trash of the data folder.

    Raises:
        NotUninstalled: it could not be moved.
    """
    try:
        kept = Trash(data).throw(manifest.folder, manifest.name, manifest.version, manifest.folder)
    except OSError as fault:
        why = (fault.strerror or "input error").lower()
        reason = f"{manifest.folder} could not be moved to the trash of {data}: {why}; mend that and uninstall it again"
        raise NotUninstalled(manifest.name, manifest.version, reason) from None
    place = str(manifest.folder)
    unnoted = _note(store, _row("uninstall", manifest.name, manifest.version, place))
    return Uninstalled(name=manifest.name, version=manifest.version, place=place, kept=str(kept), unnoted=unnoted)


def restore(name: str, version: str, data: Path, store: Store) -> Restored:
    """Take the module version that was thrown away last back from the trash of the data folder, any where it is empty.

    Raises:
        HostError: none lies there, or it could not be moved; nothing was changed.
    """
    trash = Trash(data)
    thrown = trash.newest(name, version)
    trash.take_back(thrown)
    place = str(thrown.place)
    unnoted = _note(store, _row("restore", thrown.name, thrown.version, place))
    return Restored(name=thrown.name, version=thrown.version, place=place, unnoted=unnoted)


def to_uninstall(repository: Repository, name: str, version: str) -> Manifest:
    """The version that is meant: the only one, where none is named.

    Raises:
        ModuleUnknown: there is none.
        NotUninstalled: there are several, or others lie in its folder.
    """
    versions = repository.versions(name)
    found = repository.find(name, version) if version else next(iter(versions), None)
    if found is None:
        raise ModuleUnknown(f"{name} {version}".strip(), tuple(str(each.key) for each in repository.modules))
    if not version and len(versions) > 1:
        held = ", ".join(f"{name}=={each.version}" for each in versions)
        raise NotUninstalled(name, "", f"several versions are there; name one: {held}")
    if inner := next((each for each in versions if found.folder in each.folder.parents), None):
        reason = f"{found.folder} holds {inner.key} too, which would go with it; move one of them by hand"
        raise NotUninstalled(found.name, found.version, reason)
    return found


def _refusals(package: Package, ground: Ground, terms: Terms) -> Iterator[NotInstalled]:
    manifest = package.manifest
    trusted = ground.store.origins.trusted_key(manifest.name)

    def refused(kind: str, reason: str) -> NotInstalled:
        return NotInstalled(manifest.name, manifest.version, kind, reason)

    if manifest.tier not in TIERS:
        yield refused("core", "core modules may run Python and come with the host; choose another --tier")
    if not is_below(os.path.realpath(manifest.folder.parent), os.path.realpath(ground.root)):
        yield refused("place", f"{manifest.folder.parent} leads out of {ground.root}; remove the link that leads there")
    yield from starmap(refused, _faults_of_key(package.key, trusted, terms, ground))
    others = (each for each in ground.repository.modules if manifest.folder in each.folder.parents)
    if (inner := next(others, None)) is not None:
        yield refused("there", f"{inner.key} lies in {manifest.folder}, which would be its folder; move it away first")
    other = ground.repository.newest(manifest.name)
    if other is not None and other.tier is not manifest.tier:
        yield refused("name", f"a module of that name is there in {other.folder}; one name is one module in all tiers")
    there = ground.repository.find(manifest.name, manifest.version)
    if there is not None and there.folder != manifest.folder:
        yield refused("there", f"that version is there in {there.folder}, which no package made; move it away first")
    elif os.path.lexists(manifest.folder) and not terms.replace:
        yield refused("there", f"{manifest.folder} is there already; --replace puts this one in its place")


def _faults_of_key(key: bytes, trusted: bytes, terms: Terms, ground: Ground) -> Iterator[tuple[str, str]]:
    """Why a package with this key, or with none, is not installed."""
    mark = fingerprint(key) if key else ""
    if not key and not terms.unsigned:
        yield "unsigned", "nobody signed it; --unsigned installs it all the same"
    if mark in ground.store.origins.revoked():
        restore = f"theseus keys --restore {mark}{data_option(ground.data)}"
        yield "revoked", f"it is signed with {mark}, which was revoked; {restore} takes that back"
    if trusted and key != trusted and not terms.trust_key:
        now = f"is signed with {mark}" if key else "is not signed"
        said = f"earlier packages of it were signed with {fingerprint(trusted)}, and this one {now}"
        yield "key", f"{said}; ask its author, and allow it with --trust-key"


def _not_for(package: Package, store: Store) -> tuple[Grant, ...]:
    """What is granted to this name and goes with the install: it was meant for a module that another signed, or none.

    Without this, whoever can talk a user into a package of the same name would have what the other was granted.
    """
    name = package.manifest.name
    if package.key and package.key == store.origins.trusted_key(name):
        return ()
    return tuple(each for each in store.grants.all() if each.module == name and each.allowed)


def _row(act: str, name: str, version: str, wanted: str, **details: str) -> AuditRow:
    return AuditRow(
        at=time.time(),
        module=name,
        version=version,
        permission=act,
        wanted=wanted,
        verdict="allowed",
        details=json.dumps(details) if details else "",
    )


def _note(store: Store, row: AuditRow) -> str:
    """Write into the audit what the user did; why it could not be, as what was done stands all the same."""
    try:
        store.audit.add([row])
    except sqlite3.Error as fault:
        return f"the audit has no row of the {row.permission} of {row.module} {row.version}, which stands: {fault}"
    return ""


def _would_load(manifest: Manifest, repository: Repository) -> tuple[tuple[str, ...], str]:
    others = (each for each in repository.modules if each.folder != manifest.folder)
    try:
        plan = resolve(Repository.of([manifest, *others]), {manifest.name: f"=={manifest.version}"})
    except ResolutionFailed as fault:
        return (), str(fault)
    return tuple(map(str, plan.order)), ""


def _trust(key: bytes, trusted: bytes, revoked: Container[str]) -> str:
    if not key:
        return "unsigned"
    if fingerprint(key) in revoked:
        return "revoked"
    return "new" if not trusted else "known" if key == trusted else "changed"


def _placed(package: Package, ground: Ground, origin: Origin, *, withdrawn: bool) -> str:
    """Give the files their place; where what was there before lies now, if there was anything."""
    place, origins = package.manifest.folder, ground.store.origins
    made = [each for each in place.parents if not os.path.lexists(each)]
    before = origins.of(origin.module, origin.version)
    granted = ground.store.grants.all()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with staged(ground.root, package.files) as new:
            # Known to be from outside, and without another's rights, before anybody can load it.
            with ground.store.transaction():
                origins.add(origin)
                if withdrawn:
                    ground.store.grants.replace(origin.module, ())
            replaced = _put(new, package.manifest, Trash(ground.data))
    except (OSError, HostError, sqlite3.Error):
        with suppress(OSError):
            for folder in made:
                folder.rmdir()
        with ground.store.transaction():
            origins.forget(origin.module, origin.version) if before is None else origins.add(before)
            if withdrawn:
                ground.store.grants.replace(origin.module, granted)
        raise
    with suppress(OSError):  # it stands; whether a power cut in this second would take it back is all that is open
        settle(place.parent)
    return replaced


def _put(new: Path, manifest: Manifest, trash: Trash) -> str:
    """Let the new folder stand where the old one stood, if there was one; where that lies now."""
    place = manifest.folder
    if not os.path.lexists(place):
        new.rename(place)
        return ""
    if exchanged(new, place):
        try:
            return str(trash.throw(new, manifest.name, manifest.version, place))
        except OSError:
            exchanged(new, place)
            raise
    kept = trash.throw(place, manifest.name, manifest.version, place)
    try:
        new.rename(place)
    except OSError:
        trash.take_back(trash.newest(manifest.name, manifest.version))
        raise
    return str(kept)
