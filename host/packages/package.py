"""A package: one module version in one file, made of a folder or read and verified from bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.discovery.manifest_file import parse_manifest
from host.discovery.otmod import SUFFIX as OTMOD
from host.packages.archive import ArchiveWrongError, archived, read_archive
from host.packages.contents import NATIVE_NAME, contents_of
from host.packages.examining import examine
from host.packages.index import Index, IndexWrongError
from host.packages.machine_code import compiled
from host.packages.names import fault_of_path
from host.packages.signing import SignatureWrongError, Signer, verified
from host.vocabulary.errors import ManifestInvalid, NotPacked, PackageInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import MANIFEST_NAME, Manifest

INDEX_NAME: Final = "theseus-package.json"
SIGNATURE_NAME: Final = "theseus-package.sig"


@dataclass(frozen=True, slots=True)
class Package:
    """A module version, verified as far as it says anything of itself.

    Attributes:
        manifest: as if it lay in ``folder``, in the tier that it was read for.
        files: bytes by path, with the manifest among them.
        key: with which it was signed; empty where it was not.
        digest: SHA-256 of the package, hex.
    """

    manifest: Manifest
    files: Mapping[str, bytes]
    key: bytes
    digest: str


def pack(folder: Path, signer: Signer | None) -> tuple[Manifest, bytes]:
    """Make a package of a module's folder; the same files and the same key are the same bytes.

    Args:
        folder: absolute.
        signer: signs it; ``None`` for a package that nobody vouches for.

    Raises:
        NotPacked: what ``check`` calls a fault stands in the way, or a file that no package may hold.
    """
    found = examine(folder)
    if found.problems or found.manifest is None:
        more = f" (and {len(found.problems) - 1} more)" if len(found.problems) > 1 else ""
        raise NotPacked(str(folder), f"{found.problems[0]}{more}; theseus check tells all")
    manifest = found.manifest
    files = contents_of(folder, manifest.name)
    index = Index.of(manifest.name, manifest.version, files).encoded()
    return manifest, _whole(manifest.name, index, signer.sign(index) if signer is not None else None, files)


def _whole(name: str, index: bytes, signature: bytes | None, files: Mapping[str, bytes]) -> bytes:
    heads = {INDEX_NAME: index} | ({SIGNATURE_NAME: signature} if signature is not None else {})
    return archived(heads | {f"{name}/{path}": files[path] for path in sorted(files)})


def read_package(data: bytes, name: str, folder: Path, tier: Tier) -> Package:
    """Read and verify a package, or a plain zip file of one module's folder, which nobody vouches for.

    Args:
        data: of the file.
        name: of the file, for what is said of it.
        folder: the folder that holds the modules of this tier.
        tier: for which it is read.

    Raises:
        PackageInvalid: it is none; or a bit of it is not as it was made.
    """
    try:
        entries = read_archive(data)
        key, files = _verified(data, entries) if INDEX_NAME in entries else (b"", _of_one_folder(entries))
        manifest = _manifest(files, folder, tier)
        if INDEX_NAME in entries:
            _same_module(entries[INDEX_NAME], manifest)
    except (ArchiveWrongError, IndexWrongError, SignatureWrongError) as fault:
        raise PackageInvalid(name, str(fault)) from None
    except ManifestInvalid as fault:
        raise PackageInvalid(name, f"has a manifest with faults: {'; '.join(map(str, fault.problems))}") from None
    return Package(manifest, files, key, hashlib.sha256(data).hexdigest())


def _verified(data: bytes, entries: Mapping[str, bytes]) -> tuple[bytes, dict[str, bytes]]:
    """The key, and the files without the folder that they lie in."""
    index = Index.read(entries[INDEX_NAME])
    prefix = f"{index.name}/"
    heads = {INDEX_NAME, SIGNATURE_NAME}
    if others := sorted(path for path in entries.keys() - heads if not path.startswith(prefix)):
        raise IndexWrongError(f"holds {others[0]!r} beside the module")
    files = {path.removeprefix(prefix): entries[path] for path in entries if path not in heads}
    index.hold_against(files)
    signature = entries.get(SIGNATURE_NAME)
    key = verified(entries[INDEX_NAME], signature) if signature is not None else b""
    # A zip file has room that no digest covers; so a package is what this program would write, to the last bit.
    if _whole(index.name, entries[INDEX_NAME], signature, files) != data:
        raise IndexWrongError("is not, to the last bit, as this program packs it; it was changed")
    return key, files


def _of_one_folder(entries: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of the one module of a plain zip file, without the folders that it lies in."""
    manifests = [path for path in entries if path.rpartition("/")[2] == MANIFEST_NAME or path.endswith(OTMOD)]
    if not manifests:
        raise ArchiveWrongError(f"holds no {MANIFEST_NAME}, so it is no module")
    folders = {path.rpartition("/")[0] for path in manifests}
    if len(manifests) > 1:
        raise ArchiveWrongError(f"holds more than one module: {', '.join(sorted(folders)[:5])}; pack them one by one")
    (folder,) = folders
    prefix = f"{folder}/" if folder else ""
    if others := sorted(path for path in entries if not path.startswith(prefix)):
        raise ArchiveWrongError(f"holds {others[0]!r} beside the module in {folder}")
    return {path.removeprefix(prefix): data for path, data in entries.items()}


def _manifest(files: Mapping[str, bytes], folder: Path, tier: Tier) -> Manifest:
    """Read the manifest as it would be read where it is to lie: a folder for each version, as several may be there."""
    name = next((path for path in sorted(files) if "/" not in path and path.endswith(OTMOD)), MANIFEST_NAME)
    name = MANIFEST_NAME if MANIFEST_NAME in files else name
    if name not in files:
        raise ArchiveWrongError(f"holds no {MANIFEST_NAME}, so it is no module")
    if (native := next((path for path in files if path.casefold() == NATIVE_NAME), None)) is not None:
        raise ArchiveWrongError(f"holds {native}, which is Python, and no package may")
    for path, data in files.items():
        if kind := compiled(path, data):
            raise ArchiveWrongError(f"holds {path!r}, which is {kind}, and modules are text")
    manifest = parse_manifest(files[name], folder / "package" / name, tier)
    if manifest.scripts is not None:
        place = folder / manifest.name
    elif fault := fault_of_path(manifest.version):
        raise ArchiveWrongError(f"has a version that cannot be a folder's name: {manifest.version!r} {fault}")
    else:
        place = folder / manifest.name / manifest.version
    return parse_manifest(files[name], place / name, tier)


def _same_module(index: bytes, manifest: Manifest) -> None:
    said = Index.read(index)
    if (said.name, said.version) != tuple(manifest.key):
        raise IndexWrongError(f"says that it is {said.name} {said.version}, and holds {manifest.key}")
