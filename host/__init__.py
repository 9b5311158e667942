"""Theseus: a desktop host for Lua modules that are replaced while the program runs.

    from host import Host

Names are looked up when they are asked for, so that a window or a command line loads no engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from host.vocabulary.errors import (
    DeadlineExceeded,
    HostError,
    LoadFailed,
    ManifestInvalid,
    MemoryExceeded,
    ModuleFault,
    NotInstalled,
    PackageInvalid,
    PermissionDenied,
    RateExceeded,
    RecursionExceeded,
    ResolutionFailed,
    SizeExceeded,
    SwapFailed,
)

if TYPE_CHECKING:
    from host.engine import EmitReport, Host

__all__ = [
    "DeadlineExceeded",
    "EmitReport",
    "Host",
    "HostError",
    "LoadFailed",
    "ManifestInvalid",
    "MemoryExceeded",
    "ModuleFault",
    "NotInstalled",
    "PackageInvalid",
    "PermissionDenied",
    "RateExceeded",
    "RecursionExceeded",
    "ResolutionFailed",
    "SizeExceeded",
    "SwapFailed",
]


def __getattr__(name: str) -> object:
    if name in ("Host", "EmitReport"):
        return getattr(import_module("host.engine"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
