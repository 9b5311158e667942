"""The index of a package: what it is and the digest of each of its files, written in one way only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

FORMAT: Final = 1


class IndexWrongError(Exception):
    """An index that is none, or not of these files; ``str()`` goes on where the package's name stops."""


@dataclass(frozen=True, slots=True)
class Index:
    """Of one module version.

    Attributes:
        files: SHA-256, hex, and bytes of each, by path.
    """

    name: str
    version: str
    files: Mapping[str, tuple[str, int]]

    @classmethod
    def of(cls, name: str, version: str, files: Mapping[str, bytes]) -> Self:
        return cls(name, version, {path: (hashlib.sha256(data).hexdigest(), len(data)) for path, data in files.items()})

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read what :meth:`encoded` wrote.

        Raises:
            IndexWrongError: it is written in any other way.
        """
        try:
            said = json.loads(data)
            files = {path: (each["sha256"], each["size"]) for path, each in said["files"].items()}
            index = cls(said["name"], said["version"], files)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise IndexWrongError("has an index that cannot be read") from None
        if said.get("format") != FORMAT:
            raise IndexWrongError("was made by another version of this program; update theseus-host")
        if index.encoded() != data:
            raise IndexWrongError("has an index that is not written as this program writes it")
        return index

    def encoded(self) -> bytes:
        """JSON with sorted keys, without spaces, and a line end; ASCII."""
        files = {path: {"sha256": digest, "size": size} for path, (digest, size) in self.files.items()}
        said: dict[str, Any] = {"files": files, "format": FORMAT, "name": self.name, "version": self.version}
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode() + b"\n"

    def hold_against(self, files: Mapping[str, bytes]) -> None:
        """Look whether these are the files.

        Raises:
            IndexWrongError: one is missing, too many, or changed.
        """
        for path in sorted(self.files.keys() | files.keys()):
            if path not in files:
                raise IndexWrongError(f"lacks {path!r}, which its index lists")
            if path not in self.files:
                raise IndexWrongError(f"holds {path!r}, which its index does not list")
            if self.files[path] != (hashlib.sha256(files[path]).hexdigest(), len(files[path])):
                raise IndexWrongError(f"holds {path!r} with another digest than its index lists; it was changed")
