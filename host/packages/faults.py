"""Why something is no package, or is not installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from host.vocabulary.errors import HostError


@dataclass(eq=False)
class PackageInvalid(HostError):
    """A file that is no package, or was changed since it was made; ``reason`` goes on where its name stops."""

    file: str
    reason: str
    code: ClassVar[int] = -32040

    def __str__(self) -> str:
        return f"{self.file} {self.reason}; nothing was installed"


@dataclass(eq=False)
class NotPacked(HostError):
    """A folder that no package was made of."""

    folder: str
    reason: str
    code: ClassVar[int] = -32041

    def __str__(self) -> str:
        return f"{self.folder} was not packed: {self.reason}"


@dataclass(eq=False)
class NotInstalled(HostError):
    """A sound package that is not installed.

    Attributes:
        kind: ``unsigned``, ``key``, ``there``, ``core``, ``name`` or ``place``.
        reason: why, and what to do.
    """

    name: str
    version: str
    kind: str
    reason: str
    code: ClassVar[int] = -32042

    def __str__(self) -> str:
        return f"{self.name} {self.version} was not installed: {self.reason}"


@dataclass(eq=False)
class KeyUnusable(HostError):
    """A file that holds no signing key, or holds one badly."""

    file: str
    reason: str
    code: ClassVar[int] = -32043

    def __str__(self) -> str:
        return f"{self.file} {self.reason}"
