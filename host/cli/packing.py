"""``keygen``, ``pack``, ``install``, ``uninstall`` and ``restore``: modules as files that travel."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from host.cli.asking import asked
from host.cli.folders import data_folder, module_folders, named_data, wanted
from host.cli.printing import one_line
from host.discovery.repository import scan
from host.engine.installing import tier_of
from host.packages import installing
from host.packages.installing import Ground, Terms
from host.packages.package import pack as packed
from host.packages.signing import KEY_NAME, Signer, fingerprint, make_key, read_key
from host.protocol.client import Client
from host.storage import Store, open_store
from host.vocabulary.errors import HostError, HostUnreachable
from host.vocabulary.manifest import Limits
from host.vocabulary.views import Installed, PackageView, Restored, Uninstalled

T = TypeVar("T")


def keygen(options: argparse.Namespace) -> int:
    """Make a signing key."""
    file = _key_file(options.file, options)
    signed_by = fingerprint(make_key(file).public)
    if options.json:
        print(json.dumps({"file": str(file), "key": signed_by}))
    else:
        print(f"made {file}: {signed_by}\nkeep it to yourself, and keep a copy of it")
    return 0


def pack(options: argparse.Namespace) -> int:
    """Make a package of a module's folder."""
    signer = _signer(options)
    manifest, data = packed(options.folder.absolute(), signer)
    file: Path = options.output or Path(f"{manifest.name}-{manifest.version}.zip")
    file.write_bytes(data)
    signed_by = fingerprint(signer.public) if signer is not None else ""
    if options.json:
        said = {"name": manifest.name, "version": manifest.version, "file": str(file), "size": len(data)}
        print(json.dumps({**said, "digest": hashlib.sha256(data).hexdigest(), "signed_by": signed_by}))
        return 0
    signed = f"signed with {signed_by}" if signed_by else "signed by nobody"
    print(one_line(f"made {file}: {manifest.key}, {len(data):,} bytes, {signed}"))
    return 0


def install(options: argparse.Namespace) -> int:
    """Show what a package is and asks for, and install it."""
    view = _inspected(options)
    if options.json and not options.yes:
        print(msgspec.json.encode(view).decode())
        return 1 if view.refused else 0
    if not options.json:
        print("\n".join(map(one_line, _shown(view))))
    if not view.refused and not options.yes and not _agreed():
        raise HostError("nothing was installed; --yes installs it without asking")
    done = _installed(options, view.digest)
    _warn(done.unnoted)
    if options.json:
        print(msgspec.json.encode(done).decode())
        return 0
    option = named_data(options)
    text = f"installed {done.name} {done.version} in {done.place}"
    print(one_line(f"{text}; load it with: theseus load {done.name}{option}"))
    if done.replaced:
        text = f"what was there lies in {done.replaced}"
        print(one_line(f"{text}; take it back with: theseus restore {done.name}{option}"))
    return 0


def uninstall(options: argparse.Namespace) -> int:
    """Move a module version to the trash."""
    name, version = _named(options.wanted)

    def alone(store: Store) -> Uninstalled:
        found = installing.to_uninstall(scan(module_folders(options)), name, version)
        return installing.uninstall(found, data_folder(options), store)

    done = _done(options, lambda client: client.uninstall(name, version), alone)
    _warn(done.unnoted)
    again = f"theseus restore {name}{named_data(options)}"
    text = f"{done.name} {done.version} lies in {done.kept}; take it back with: {again}"
    print(msgspec.json.encode(done).decode() if options.json else one_line(text))
    return 0


def restore(options: argparse.Namespace) -> int:
    """Take a module version back from the trash."""
    name, version = _named(options.wanted)

    def alone(store: Store) -> Restored:
        return installing.restore(name, version, data_folder(options), store)

    done = _done(options, lambda client: client.restore(name, version), alone)
    _warn(done.unnoted)
    text = f"{done.name} {done.version} is back in {done.place}"
    print(msgspec.json.encode(done).decode() if options.json else one_line(text))
    return 0


def _warn(unnoted: str) -> None:
    if unnoted:
        print(one_line(f"theseus: {unnoted}"), file=sys.stderr)


def _key_file(given: Path | None, options: argparse.Namespace) -> Path:
    return given or data_folder(options) / KEY_NAME


def _signer(options: argparse.Namespace) -> Signer | None:
    if options.unsigned:
        return None
    return make_key(options.new_key) if options.new_key else read_key(_key_file(options.key, options))


def _inspected(options: argparse.Namespace) -> PackageView:
    file, root, given = options.file.absolute(), _root(options), _given(options)

    def alone(store: Store) -> PackageView:
        package = installing.open_package(file, root, tier_of(options.tier))
        return installing.inspected(package, _ground(options, store), Terms(**given))

    modules = str(root) if options.modules else ""
    return _done(
        options,
        lambda client: client.inspect_package(str(file), tier=options.tier, modules=modules, **given),
        alone,
    )


def _installed(options: argparse.Namespace, digest: str) -> Installed:
    """Install what was shown, and nothing that took its place meanwhile."""
    file, root, given = options.file.absolute(), _root(options), _given(options)

    def alone(store: Store) -> Installed:
        package = installing.open_package(file, root, tier_of(options.tier))
        return installing.install(package, _ground(options, store), Terms(**given), str(file), digest)

    modules = str(root) if options.modules else ""
    return _done(
        options,
        lambda client: client.install(str(file), tier=options.tier, modules=modules, digest=digest, **given),
        alone,
    )


def _given(options: argparse.Namespace) -> dict[str, bool]:
    return {"unsigned": options.unsigned, "trust_key": options.trust_key, "replace": options.replace}


def _done(options: argparse.Namespace, ask: Callable[[Client], Awaitable[T]], alone: Callable[[Store], T]) -> T:
    """By the host that runs on the data folder; where none does, here, with that folder held meanwhile."""
    try:
        return asked(options, ask)
    except HostUnreachable:
        with closing(open_store(data_folder(options))) as store:
            return alone(store)


def _root(options: argparse.Namespace) -> Path:
    return module_folders(options)[0]


def _ground(options: argparse.Namespace, store: Store) -> Ground:
    return Ground(_root(options), data_folder(options), scan(module_folders(options)), store)


def _named(text: str) -> tuple[str, str]:
    name, specifier = wanted(text)
    if specifier and not specifier.startswith("=="):
        raise HostError(f"{text!r} names no one version; write it as in chat or chat==1.0.0")
    return name, specifier.removeprefix("==").strip()


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    print("install it? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


_LIMITS: Final = Limits()
_TRUST: Final = {
    "known": "as its packages before",
    "new": "a key that was not seen before; compare it with what its author says",
    "changed": "another key than before",
    "revoked": "a key that you revoked",
}


def _shown(view: PackageView) -> list[str]:
    size = sum(each.size for each in view.files)
    by = f" by {', '.join(view.authors)}" if view.authors else ""
    lines = [f"{view.name} {view.version}{by}: {view.summary or 'no summary'}"]
    lines.append(f"  {len(view.files)} files, {size:,} bytes, for {view.place}")
    lines.append(f"  signed with {view.signed_by}, {_TRUST[view.trust]}" if view.signed_by else "  signed by nobody")
    lines += [f"  asks for {name}: {', '.join(patterns)}" for name, patterns in view.permissions.items()]
    if not view.permissions:
        lines.append("  asks for no permissions")
    if view.memory > _LIMITS.memory or view.call_s > _LIMITS.call:
        lines.append(f"  wants up to {view.memory / 1048576:,.0f} MiB of memory, and calls of up to {view.call_s:g} s")
    if view.autoload:
        lines.append("  is loaded whenever the host starts")
    lines.append("  runs in a process of its own, as all that comes from outside")
    if view.withdrawn:
        lines.append(f"  will not have what {view.name} was granted: {', '.join(view.withdrawn)}")
    elif view.granted:
        lines.append(f"  {view.name} was granted {', '.join(view.granted)}")
    lines.append(f"  loads {', '.join(view.plan)}" if view.plan else f"  would not load: {view.unresolved}")
    if view.installed:
        lines.append(f"  there are {', '.join(view.installed)} already")
    return lines
