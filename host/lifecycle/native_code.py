"""The Python of a core module's native part: ``native.py`` and the files of a folder ``native`` beside it.

``native.py`` imports those as ``from .name import ...``. Each load runs all of it anew under a name of its own, so that
two versions stand beside each other during a swap, and none outlives its instance.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

from host.discovery.inside import NotInsideError, read_inside
from host.vocabulary.errors import LoadFailed
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import MIB, Manifest

NATIVE_NAME: Final = "native.py"
PARTS: Final = "native"
"""The folder with what ``native.py`` imports."""

_numbers = itertools.count(1)

Sources = Mapping[str, bytes]
"""Text by path within the module, ``native.py`` first."""


def read_sources(manifest: Manifest) -> Sources:
    """Read a module's native part; nothing where it has none.

    Raises:
        LoadFailed: at step ``read``.
    """
    folder = manifest.folder
    if not os.path.lexists(folder / NATIVE_NAME):
        return {}
    if manifest.tier is not Tier.CORE:
        reason = f"{folder / NATIVE_NAME} is there, and only modules of the core tier may have one; remove it"
        raise refused(manifest, NATIVE_NAME, reason)
    parts = sorted(file.name for file in (folder / PARTS).glob("*.py"))
    sources: dict[str, bytes] = {}
    for path in (NATIVE_NAME, *(f"{PARTS}/{name}" for name in parts)):
        try:
            sources[path] = read_inside(folder, path, MIB)
        except NotInsideError as fault:
            raise refused(manifest, path, f"{folder / path} {fault}") from None
        except OSError as fault:
            raise refused(manifest, path, f"{path} failed: {type(fault).__name__}: {fault}") from fault
    return sources


def refused(manifest: Manifest, path: str, reason: str, line: int = 0) -> LoadFailed:
    return LoadFailed(manifest.name, manifest.version, "read", reason, file=str(manifest.folder / path), line=line)


class NativeCode(MetaPathFinder, Loader):
    """One load of a native part: a package for as long as it is not closed."""

    def __init__(self, manifest: Manifest, sources: Sources) -> None:
        self._folder: Final = manifest.folder
        self._sources = sources
        self.name: Final = f"native_{manifest.name}_{next(_numbers)}"

    def run(self) -> Mapping[str, Any]:
        """Run ``native.py``; what it defines.

        Raises:
            Exception: whatever it raises; it is closed then.
        """
        package = ModuleType(self.name)  # another than native.py itself: Python puts the parts' names into it
        package.__path__ = []
        module = ModuleType(f"{self.name}.{PARTS}")
        module.__file__ = str(self._folder / NATIVE_NAME)
        module.__package__ = self.name
        sys.modules |= {each.__name__: each for each in (package, module)}
        sys.meta_path.append(self)
        try:
            self._execute(NATIVE_NAME, module)
        except BaseException:
            self.close()
            raise
        return module.__dict__

    def close(self) -> None:
        """Let go of it; what of it still runs goes on."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        for name in [name for name in sys.modules if name == self.name or name.startswith(f"{self.name}.")]:
            del sys.modules[name]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        part = self._part(fullname)
        return ModuleSpec(fullname, self, origin=str(self._folder / part)) if part in self._sources else None

    def create_module(self, spec: ModuleSpec) -> None:
        """None: Python makes a plain one."""

    def exec_module(self, module: ModuleType) -> None:
        self._execute(self._part(module.__name__), module)

    def _part(self, fullname: str) -> str:
        package, _, name = fullname.rpartition(".")
        return f"{PARTS}/{name}.py" if package == self.name else ""

    def _execute(self, path: str, module: ModuleType) -> None:
        code = compile(self._sources[path], self._folder / path, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - a core module's
