"""Where manifests lie.

``ROOT/<tier>/<name>/module.toml`` and ``ROOT/<tier>/<name>/<any folder>/module.toml``; ``NAME.otmod`` in place of the
former, and in a folder right below the root, as in a checkout of OTClient, whose modules count as plugins.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from host.discovery.otmod import SUFFIX
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import MANIFEST_NAME
from host.vocabulary.problem import Problem

TIER_NAMES: Final = tuple(tier.value for tier in Tier)
OTCLIENTS_TIER: Final = Tier.PLUGINS


@dataclass(frozen=True, slots=True)
class Place:
    """One manifest file and what its folders say of it.

    Attributes:
        file: absolute.
        name: of the module; empty where the folder does not tell it.
        status: of the file, from before it is read; ``None`` where it has none.
    """

    file: str
    tier: Tier
    name: str
    status: os.stat_result | None


@dataclass(slots=True)
class Walk:
    """One walk over the roots; symlinks that lead out of a root are not followed, and are problems."""

    places: list[Place] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def root(self, root: Path) -> None:
        real = os.path.realpath(root)
        visible = self._visible(str(root), what="the folder of modules")
        folders = {entry.name: entry for entry in self._folders(visible, real)}
        for tier in Tier:
            if (entry := folders.get(tier.value)) is not None:
                for module in self._folders(self._visible(entry.path), real):
                    self._module(module, tier, real)
        for entry in folders.values():
            self._flat(entry, real)

    def _module(self, entry: os.DirEntry[str], tier: Tier, real: str) -> None:
        visible = self._visible(entry.path)
        names = [each.name for each in visible]
        if MANIFEST_NAME in names:
            self._manifest(f"{entry.path}/{MANIFEST_NAME}", tier, entry.name, real)
        else:
            self._otmod(entry, names, tier, real)
        for version in self._folders(visible, real):
            self._manifest(f"{version.path}/{MANIFEST_NAME}", tier, entry.name, real)

    def _otmod(self, folder: os.DirEntry[str], names: Iterable[str], tier: Tier, real: str) -> bool:
        """Take the manifest of OTClient in a folder, if there is one; whether there is."""
        found = [name for name in names if name.endswith(SUFFIX)]
        found.sort(key=lambda name: name != folder.name + SUFFIX)
        if found:
            self._manifest(f"{folder.path}/{found[0]}", tier, "", real)
        for name in found[1:]:
            message = f"is left out, because {found[0]} beside it is used; remove one of them"
            self._add(Path(folder.path, name), message)
        return bool(found)

    def _manifest(self, file: str, tier: Tier, name: str, real: str) -> None:
        try:
            status: os.stat_result | None = os.lstat(file)
        except OSError:
            return
        if status is not None and stat.S_ISLNK(status.st_mode):
            if not self._stays(file, real):
                return
            status = _followed(file)
        self.places.append(Place(file, tier, name, status))

    def _visible(self, folder: str, what: str = "it") -> list[os.DirEntry[str]]:
        """What is in a folder, sorted by name; hidden files and folders left out."""
        try:
            with os.scandir(folder) as entries:
                visible = [entry for entry in entries if entry.name[0] != "."]
        except FileNotFoundError:
            self._add(Path(folder), f"{what} does not exist; make it, or name another with --modules")
        except NotADirectoryError:
            self._add(Path(folder), f"{what} is a file, and should be a folder")
        except OSError as fault:
            self._add(Path(folder), f"{what} cannot be read: {(fault.strerror or 'input error').lower()}")
        else:
            visible.sort(key=_name)
            return visible
        return []

    def _folders(self, visible: Iterable[os.DirEntry[str]], real: str) -> list[os.DirEntry[str]]:
        return [entry for entry in visible if _is_folder(entry) and self._stays_if_link(entry, real)]

    def _stays_if_link(self, entry: os.DirEntry[str], real: str) -> bool:
        return not entry.is_symlink() or self._stays(entry.path, real)

    def _stays(self, path: str, real: str) -> bool:
        target = os.path.realpath(path)
        if is_below(target, real):
            return True
        self._add(Path(path), f"leads out of the folder of modules, to {target}, and is not followed; copy it here")
        return False

    def _flat(self, entry: os.DirEntry[str], real: str) -> None:
        """Take a module of OTClient that lies in no tier; any other that does would be missed without a word."""
        visible = self._visible(entry.path)
        if self._otmod(entry, [each.name for each in visible], OTCLIENTS_TIER, real) or entry.name in TIER_NAMES:
            return
        inside = (each.path for each in self._folders(visible, real))
        if any(os.path.exists(f"{folder}/{MANIFEST_NAME}") for folder in (entry.path, *inside)):  # noqa: PTH110 - no Path for each
            self._add(Path(entry.path), f"is no tier, so no module in it is found; tiers are {', '.join(TIER_NAMES)}")

    def _add(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path.name, message, path))


def manifest_in(folder: Path) -> Path:
    """The manifest that a folder has or should have."""
    file = folder / MANIFEST_NAME
    if file.exists():
        return file
    return min(folder.glob(f"*{SUFFIX}"), key=lambda each: (each.stem != folder.name, each.name), default=file)


def walk(roots: Iterable[Path]) -> Walk:
    """Look for manifests below each root, in the order of the roots, then of tiers, then of names."""
    found = Walk()
    for root in distinct(roots):
        found.root(root)
    return found


def distinct(roots: Iterable[Path]) -> Sequence[Path]:
    """Absolute roots, none twice, whatever path leads to it."""
    by_real: dict[str, Path] = {}
    for root in roots:
        named = os.path.abspath(root)  # noqa: PTH100 - resolve() follows links, and a root is called as the user calls it
        by_real.setdefault(os.path.realpath(root), Path(named))
    return tuple(by_real.values())


def is_below(path: str, folder: str) -> bool:
    """Whether a real path is a real folder's or lies below it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _followed(file: str) -> os.stat_result | None:
    try:
        return os.stat(file)  # noqa: PTH116 - no Path for each of ten thousand
    except OSError:  # reading it says why
        return None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself; it leads nowhere, so nothing is missed
        return False


def ancestors(path: Path) -> Iterator[Path]:
    """A path and what holds it, from the inside out."""
    yield path
    yield from path.parents
