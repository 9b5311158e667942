"""Where manifests lie: ``ROOT/<tier>/<name>/module.toml`` and ``ROOT/<tier>/<name>/<any folder>/module.toml``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from host.discovery.manifest_file import MANIFEST_NAME
from host.vocabulary.identity import Tier
from host.vocabulary.problem import Problem

TIER_NAMES: Final = tuple(tier.value for tier in Tier)


@dataclass(frozen=True, slots=True)
class Place:
    """One manifest file and what its folders say of it."""

    file: Path
    tier: Tier
    name: str


@dataclass(slots=True)
class Walk:
    """One walk over the roots; symlinks that lead out of a root are not followed, and are problems."""

    places: list[Place] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def root(self, root: Path) -> None:
        real = os.path.realpath(root)
        folders = {entry.name: entry for entry in self._folders(root, real, what="the folder of modules")}
        for tier in Tier:
            if (entry := folders.pop(tier.value, None)) is not None:
                for module in self._folders(Path(entry.path), real):
                    self._module(module, tier, real)
        for entry in folders.values():
            self._misplaced(entry, real)

    def _module(self, entry: os.DirEntry[str], tier: Tier, real: str) -> None:
        folder = Path(entry.path)
        self._manifest(folder, tier, entry.name, real)
        for version in self._folders(folder, real):
            self._manifest(Path(version.path), tier, entry.name, real)

    def _manifest(self, folder: Path, tier: Tier, name: str, real: str) -> None:
        file = folder / MANIFEST_NAME
        if not os.path.lexists(file):
            return
        if file.is_symlink() and not self._stays(str(file), real):
            return
        self.places.append(Place(file, tier, name))

    def _folders(self, folder: Path, real: str, what: str = "it") -> list[os.DirEntry[str]]:
        """The folders in a folder, sorted by name; hidden ones left out."""
        try:
            with os.scandir(folder) as entries:
                visible = sorted((entry for entry in entries if entry.name[0] != "."), key=lambda entry: entry.name)
        except FileNotFoundError:
            self._add(folder, f"{what} does not exist; make it, or name another with --modules")
        except NotADirectoryError:
            self._add(folder, f"{what} is a file, and should be a folder")
        except OSError as fault:
            self._add(folder, f"{what} cannot be read: {(fault.strerror or 'input error').lower()}")
        else:
            return [entry for entry in visible if _is_folder(entry) and self._stays_if_link(entry, real)]
        return []

    def _stays_if_link(self, entry: os.DirEntry[str], real: str) -> bool:
        return not entry.is_symlink() or self._stays(entry.path, real)

    def _stays(self, path: str, real: str) -> bool:
        target = os.path.realpath(path)
        if is_below(target, real):
            return True
        self._add(Path(path), f"leads out of the folder of modules, to {target}, and is not followed; copy it here")
        return False

    def _misplaced(self, entry: os.DirEntry[str], real: str) -> None:
        """Say so where modules lie in a folder that is no tier; they would be missed without a word."""
        inside = (Path(found.path) for found in self._folders(Path(entry.path), real))
        if any((folder / MANIFEST_NAME).exists() for folder in (Path(entry.path), *inside)):
            self._add(Path(entry.path), f"is no tier, so no module in it is found; tiers are {', '.join(TIER_NAMES)}")

    def _add(self, path: Path, message: str) -> None:
        self.problems.append(Problem(path.name, message, path))


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


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself; it leads nowhere, so nothing is missed
        return False


def ancestors(path: Path) -> Iterator[Path]:
    """A path and what holds it, from the inside out."""
    yield path
    yield from path.parents
