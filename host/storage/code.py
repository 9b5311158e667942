"""A module's code as one run of bytes: its manifest and its files, so that it can come back though they are gone."""

from __future__ import annotations

import zlib
from types import MappingProxyType
from typing import Final

import msgspec

from host.discovery.bundle import Bundle
from host.vocabulary.manifest import Manifest
from host.vocabulary.packing import plain, revived

LEVEL: Final = 1
"""Of zlib: text shrinks to a third, and ten times faster than at the level that shrinks it to a fourth."""


class _Code(msgspec.Struct, array_like=True):
    manifest: Manifest
    files: dict[str, bytes]
    digest: str


def digest_of_code(manifest: Manifest, bundle: Bundle) -> str:
    """Hex; equal where the bytes of manifest and files are."""
    return manifest.digest + bundle.digest


def packed_code(manifest: Manifest, bundle: Bundle) -> bytes | None:
    """Make bytes of a module's code; ``None`` where the name of a file is no text."""
    code = _Code(manifest, dict(bundle.files), bundle.digest)
    try:
        return zlib.compress(msgspec.msgpack.encode(code, enc_hook=plain), LEVEL)
    except UnicodeEncodeError:
        return None


def unpacked_code(data: bytes) -> tuple[Manifest, Bundle] | None:
    """Take back what ``packed_code`` made; ``None`` where another version of the host made it in another way."""
    try:
        code = msgspec.msgpack.decode(zlib.decompress(data), type=_Code, dec_hook=revived)
    except (zlib.error, msgspec.MsgspecError):
        return None
    files = MappingProxyType(code.files)
    return code.manifest, Bundle(code.manifest.folder, files, MappingProxyType({}), code.digest)
