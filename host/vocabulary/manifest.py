"""What a module says of itself, once it was read and found right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from host.vocabulary.identity import ModuleKey, Tier
from host.vocabulary.payload import DEPTH, MOST_BYTES, MOST_ENTRIES
from host.vocabulary.problem import Problem

MIB: Final = 1 << 20
MANIFEST_NAME: Final = "module.toml"
LAST_PRIORITY: Final = 9999
"""Of a module that names none; lower ones load first."""


class Isolation(StrEnum):
    """Where a module's Lua runs."""

    SHARED = "shared"
    PROCESS = "process"


class Handover(StrEnum):
    """Whether old and new may live side by side while they are swapped."""

    OVERLAP = "overlap"
    EXCLUSIVE = "exclusive"


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a module needs of another: a specifier as written (``^1.0``, ``>=1,<2``, ``*``).

    Attributes:
        line: where the manifest says so; 0 where nobody may have to know.
    """

    specifier: str
    optional: bool = False
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one instance may use.

    Attributes:
        memory: bytes of its runtime.
        call: seconds of one call, without what others do meanwhile.
        events: it may emit and filter so many a second.
        timers: it may start so many a second, and those that repeat may beat so often together.
        log: lines a second.
        tasks: it may begin so many a second.
        crossing: bytes of a value that it hands over.
        entries: in all tables of such a value.
        depth: of tables in tables of such a value.
    """

    memory: int = 32 * MIB
    call: float = 0.1
    events: float = 20_000.0
    timers: float = 10_000.0
    log: float = 1_000.0
    tasks: float = 1_000.0
    crossing: int = MOST_BYTES
    entries: int = MOST_ENTRIES
    depth: int = DEPTH


@dataclass(frozen=True, slots=True)
class SwapSettings:
    """How a module wants to be swapped; probation in seconds."""

    probation: float = 10.0
    handover: Handover = Handover.OVERLAP
    replay: bool = True


@dataclass(frozen=True, slots=True)
class Snippet:
    """Lua that stands in a manifest; ``line`` is that of its first line there, 1-based."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Scripts:
    """What a module of OTClient consists of, in place of an entry file.

    Attributes:
        paths: of Lua files below its folder, in the order in which they run; ``dir/*`` are all of a folder.
        on_load: run after them.
        on_unload: run when the module ends.
    """

    paths: tuple[str, ...] = ()
    on_load: Snippet | None = None
    on_unload: Snippet | None = None


def _nothing() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One module version found on disk.

    Attributes:
        folder: the folder that holds the manifest; absolute.
        manifest_name: of the manifest in it.
        digest: hex digest of the manifest's bytes.
        entry: path of the file that runs first; of a module of OTClient, its manifest.
        scripts: of a module of OTClient; ``None`` where the entry is a file of Lua.
        enabled: whether it may load when the host starts; by name it always may.
        autoload_priority: which of those that load at the start load first; lower is earlier.
        load_later: modules that load at the start once this one has; never required.
        dependencies: requirement by module name, in the order of the file.
        conflicts: specifier by module name.
        load_after: order only, never a requirement.
        permissions: patterns by permission name, as asked for.
        remarks: what is not as it was meant, most likely, and keeps the module from nothing.
    """

    name: str
    version: str
    tier: Tier
    folder: Path
    manifest_name: str = MANIFEST_NAME
    digest: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    license: str = ""
    homepage: str = ""
    entry: str = "init.lua"
    scripts: Scripts | None = None
    enabled: bool = True
    autoload: bool = False
    autoload_priority: int = LAST_PRIORITY
    load_later: tuple[str, ...] = ()
    reloadable: bool = True
    isolation: Isolation = Isolation.SHARED
    host: str = "*"
    dependencies: Mapping[str, Requirement] = field(default_factory=_nothing)
    conflicts: Mapping[str, str] = field(default_factory=_nothing)
    load_after: tuple[str, ...] = ()
    permissions: Mapping[str, tuple[str, ...]] = field(default_factory=_nothing)
    limits: Limits = Limits()
    swap: SwapSettings = SwapSettings()
    remarks: tuple[Problem, ...] = ()

    @property
    def file(self) -> Path:
        """Where it was read."""
        return self.folder / self.manifest_name

    @property
    def key(self) -> ModuleKey:
        return ModuleKey(self.name, self.version)
