"""How a module is called, where it lies and what may be its name."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

HOST_VERSION: Final = "0.1.0"
"""Of the program; the distribution's version."""

CONTRACT_VERSION: Final = "1.0.0"
"""The version of the contract for module authors; a manifest's ``host`` is a specifier over it."""

NAME_PATTERN: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")


class Tier(StrEnum):
    """The folder a module lies in; the order is the one in which they are shown, nearest to the host first."""

    CORE = "core"
    PLUGINS = "plugins"
    EXTENSIONS = "extensions"
    INTEGRATIONS = "integrations"


class ModuleKey(NamedTuple):
    """One version of one module; the version is spelled as its manifest spells it."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"
