"""Where paths lead: from ``data/notes.txt`` to a real place, and whether a pattern means that place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from host.discovery.folders import is_below
from host.trust.caller import Caller
from host.vocabulary.errors import HostError
from host.vocabulary.path_pattern import PathPattern, rooted

LONGEST: Final = 4096
"""Characters of a path, as Linux has it; looking where a longer one leads would take long, and lead nowhere."""
PROCESSES: Final = "/proc/"
"""Where Linux shows processes by their numbers, with their memory and their environment."""
MODULES_DATA: Final = "modules"
"""The folder below the host's data folder that holds those of the modules."""


@dataclass(eq=False)
class PathUnclear(HostError):
    """A path that begins with no root, or that no system has."""

    path: str

    def __str__(self) -> str:
        return f"{self.path!r} says no place; a path begins with data/, module/, ~/ or /"


@dataclass(frozen=True, slots=True)
class Places:
    """The folders that roots of paths stand for.

    Attributes:
        data: the host's data folder, real.
        home: the user's.
        code: folders of modules, real; nobody writes there.
    """

    data: str
    home: str
    code: tuple[str, ...]

    @classmethod
    def of(cls, data: Path, roots: tuple[Path, ...]) -> Places:
        real = os.path.realpath
        return cls(real(data), real(Path.home()), tuple(map(real, roots)))

    def own(self, module: str) -> Path:
        """The folder that holds a module's own data."""
        return Path(self.data, MODULES_DATA, module)

    def real(self, caller: Caller, path: str | bytes, *, follow: bool) -> str:
        """Where a path leads, with all links in it followed; the last name only with ``follow``.

        Raises:
            PathUnclear: it begins with no root.
        """
        plain = Path(self.plain(caller, path))
        if follow or plain.name in {"", os.pardir}:
            return os.path.realpath(plain)
        return str(Path(os.path.realpath(plain.parent), plain.name))

    def plain(self, caller: Caller, path: str | bytes) -> str:
        """A whole path as it stands, links and ``..`` in it and all.

        Raises:
            PathUnclear: it begins with no root.
        """
        text = os.fsdecode(path)
        root, names = rooted(text)
        if root is None or "\0" in text or len(text) > LONGEST:
            raise PathUnclear(text[:200])
        return str(Path(self._folder(caller, root), *names))

    def means(self, caller: Caller, pattern: str, real: str) -> bool:
        """Whether a pattern of a module means a real place that is not closed."""
        parsed = PathPattern.parse(pattern)
        folder = self._folder(caller, parsed.root)
        if not is_below(real, folder):
            return False
        below = os.path.relpath(real, folder)
        return parsed.matches(PurePath(below).parts)

    def closed(self, caller: Caller, real: str, *, writing: bool) -> bool:
        """Whether a place is the host's own: its data folder but for the module's part, processes, code for writing.

        For writing, a folder that holds them is, too: whoever moves it away has moved them out of what is known.
        """
        if writing and any(is_below(folder, real) for folder in (self.data, *self.code)):
            return True
        if real.startswith(PROCESSES) and PurePath(real).parts[2].isdigit():
            return True
        own = [self._folder(caller, "data"), *([] if writing else [self._folder(caller, "module")])]
        if any(is_below(real, folder) for folder in own):
            return writing and any(is_below(real, root) for root in self.code)
        return is_below(real, self.data) or (writing and any(is_below(real, root) for root in self.code))

    def _folder(self, caller: Caller, root: str) -> str:
        match root:
            case "data":
                return str(caller.folder)
            case "module":
                return caller.code
            case "~":
                return self.home
        return os.sep
