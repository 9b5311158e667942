"""Packages made in a line, and a ground to install them on."""

from __future__ import annotations

import hashlib
import io
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from host.discovery.repository import scan
from host.packages.installing import Ground, Terms, install
from host.packages.package import Package, pack, read_package
from host.packages.signing import Signer
from host.storage import memory_store
from host.vocabulary.identity import Tier
from host.vocabulary.views import Installed
from tests.discovery.module_folders import write_module

ANY: Final = Terms(unsigned=True)
MANIFEST: Final = b'name = "m"\nversion = "1.0.0"\n'
FILES: Final[dict[str, bytes]] = {"m/module.toml": MANIFEST, "m/init.lua": b"return {}\n"}


def signer(seed: int = 1) -> Signer:
    """The same key for the same number."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - slow to import

    return Signer(Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def made(folder: Path, by: Signer | None, version: str = "1.0.0", lua: str = "return {}\n", *, more: str = "") -> bytes:
    """A package of a module ``m``."""
    return pack(write_module(folder, "m", version, folder=version, lua=lua, more=more), by)[1]


def zipped(files: Mapping[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A plain zip file."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", how) as archive:
        for path, data in files.items():
            archive.writestr(entry(path), data, compress_type=how)
    return whole.getvalue()


def entry(path: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path)
    info.filename = path  # whatever it is: ZipInfo takes some away
    info.external_attr = mode << 16
    return info


def read(data: bytes, root: Path = Path("/modules"), tier: Tier = Tier.PLUGINS) -> Package:
    return read_package(data, "m.zip", root / tier.value, tier)


@contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    """An empty folder of modules and a data folder."""
    root, data = folder / "modules", folder / "data"
    root.mkdir(parents=True, exist_ok=True)
    data.mkdir(exist_ok=True)
    with closing(memory_store()) as store:
        yield Ground(root, data, scan([root]), store)


def now(ground: Ground) -> Ground:
    """The same ground with what lies there now."""
    return Ground(ground.root, ground.data, scan([ground.root]), ground.store)


def put(data: bytes, ground: Ground, terms: Terms = ANY) -> Installed:
    return install(read(data, ground.root), now(ground), terms, "m.zip")


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below a folder, by path."""
    files = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
