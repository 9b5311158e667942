"""Ed25519 keys and signatures; ``cryptography`` is imported when first needed, so that no start waits for it."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from host.vocabulary.errors import KeyUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_NAME: Final = "signing-key.pem"
KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_PURPOSE: Final = b"theseus package 1\n"
"""Stands before what is signed, so that a signature made here says nothing anywhere else."""
_LARGEST: Final = 4096


class SignatureWrongError(Exception):
    """A signature that does not fit; ``str()`` goes on where the name of the package stops."""


class Signer:
    """Signs with one key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key: Final = key

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, index: bytes) -> bytes:
        """The signature file that belongs to an index."""
        return _encoded(self.public, self._key.sign(_PURPOSE + index))


def make_key(file: Path) -> Signer:
    """Make a key in a new file that only its user can read.

    Raises:
        KeyUnusable: there is a file already.
    """
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise KeyUnusable(str(file), "is there already and was left as it is; name another file") from None
    return Signer(key)


def read_key(file: Path) -> Signer:
    """Read a key.

    Raises:
        KeyUnusable: it is not there, others can read it, or it is no Ed25519 key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            text = stream.read(_LARGEST)
    except OSError as fault:
        reason = (fault.strerror or "input error").lower()
        raise KeyUnusable(str(file), f"cannot be read: {reason}; make a key with: theseus keygen") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise KeyUnusable(str(file), "can be read by others, so it is not used; run chmod 600 on it")
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyUnusable(str(file), "holds no key that can be read without a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(str(file), "holds a key of another kind; Ed25519 is needed: theseus keygen makes one")
    return Signer(key)


def verified(index: bytes, signature: bytes) -> bytes:
    """The public key with which an index was signed.

    Args:
        index: as it stands in the package.
        signature: the signature file beside it.

    Raises:
        SignatureWrongError: it is none, or not of this index.
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        said = json.loads(signature)
        key, made = bytes.fromhex(said["key"]), bytes.fromhex(said["signature"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise SignatureWrongError("has a signature that cannot be read") from None
    if len(key) != KEY_BYTES or len(made) != _SIGNATURE_BYTES or signature != _encoded(key, made):
        raise SignatureWrongError("has a signature that is not written as this program writes it")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(made, _PURPOSE + index)
    except (InvalidSignature, ValueError):
        raise SignatureWrongError("has a signature that is not of these contents; it was changed") from None
    return key


def fingerprint(key: bytes) -> str:
    """A public key as people compare it, written as OpenSSH writes fingerprints."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def _encoded(key: bytes, signature: bytes) -> bytes:
    said = {"algorithm": "ed25519", "key": key.hex(), "signature": signature.hex()}
    return json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"
