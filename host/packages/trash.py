"""The trash: module versions that were taken out, kept in the data folder until newer ones need the room."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.packages.placing import STAGE, settle
from host.vocabulary.errors import HostError

TRASH_NAME: Final = "trash"
KEPT: Final = 20
_PLACE: Final = "place.json"
_MODULE: Final = "module"


@dataclass(frozen=True, slots=True)
class Thrown:
    """A module version in the trash; ``place`` is where it lay."""

    folder: Path
    name: str
    version: str
    place: Path

    @property
    def module(self) -> Path:
        return self.folder / _MODULE


class Trash:
    """The trash of one data folder."""

    def __init__(self, data: Path) -> None:
        self._folder: Final = data / TRASH_NAME

    def throw(self, folder: Path, name: str, version: str, place: Path) -> Path:
        """Take a folder out, in one moment; gives where it lies now.

        Raises:
            OSError: it stays where it is.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = Path(tempfile.mkdtemp(prefix=f"{time.time_ns():020}-{name}-", dir=self._folder))
        said = {"name": name, "version": version, "place": str(place)}
        try:
            (kept / _PLACE).write_text(json.dumps(said), encoding="utf-8")
            _move(folder, kept / _MODULE)
        except OSError:
            shutil.rmtree(kept, ignore_errors=True)
            raise
        with suppress(OSError):  # it is out; whether a power cut in this second would put it back is all that is open
            settle(folder.parent)
        self._forget_oldest()
        return kept / _MODULE

    def contents(self) -> tuple[Thrown, ...]:
        """What lies there, newest first."""
        found = (_thrown(each) for each in sorted(self._folder.glob("*"), reverse=True))
        return tuple(each for each in found if each is not None)

    def newest(self, name: str, version: str) -> Thrown:
        """The last that was thrown away of a module, of any version where it is empty.

        Raises:
            HostError: there is none.
        """
        found = self.contents()
        wanted = [each for each in found if each.name == name and version in {"", each.version}]
        if not wanted:
            held = ", ".join(dict.fromkeys(f"{each.name} {each.version}" for each in found)) or "nothing"
            raise HostError(f"no {' '.join(filter(None, (name, version)))} lies in the trash, which holds {held}")
        return wanted[0]

    def take_back(self, thrown: Thrown) -> None:
        """Put it where it lay.

        Raises:
            HostError: something is there by now, or it could not be moved; it stays in the trash.
        """
        if os.path.lexists(thrown.place):
            raise HostError(f"{thrown.place} is there by now; move it away first; nothing was changed")
        try:
            thrown.place.parent.mkdir(parents=True, exist_ok=True)
            _move_back(thrown)
        except OSError as fault:
            why = (fault.strerror or "input error").lower()
            raise HostError(
                f"{thrown.name} {thrown.version} stays in the trash, in {thrown.module}: it could not be moved to "
                f"{thrown.place}: {why}; mend that and take it back again"
            ) from None
        with suppress(OSError):  # it stands
            settle(thrown.place.parent)
        shutil.rmtree(thrown.folder, ignore_errors=True)

    def _forget_oldest(self) -> None:
        for each in self.contents()[KEPT:]:
            shutil.rmtree(each.folder, ignore_errors=True)


def _move(folder: Path, kept: Path) -> None:
    """Take out in one moment, to another file system once a copy lies there."""
    try:
        folder.rename(kept)
    except OSError:
        shutil.copytree(folder, kept, symlinks=True)
        gone = Path(tempfile.mkdtemp(prefix=STAGE, dir=folder.parent))
        try:
            folder.rename(gone / _MODULE)
        finally:
            shutil.rmtree(gone, ignore_errors=True)


def _move_back(thrown: Thrown) -> None:
    try:
        thrown.module.rename(thrown.place)
    except OSError:  # another file system
        stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=thrown.place.parent))
        try:
            shutil.copytree(thrown.module, stage / _MODULE, symlinks=True)
            (stage / _MODULE).rename(thrown.place)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _thrown(folder: Path) -> Thrown | None:
    """What lies in a folder of the trash, if a module does: one whose move was cut off holds none."""
    if not os.path.lexists(folder / _MODULE):
        return None
    try:
        said = json.loads((folder / _PLACE).read_text("utf-8"))
        return Thrown(folder, str(said["name"]), str(said["version"]), Path(said["place"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
