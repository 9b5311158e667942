"""A bundle: the Lua sources of one module as they were at one moment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from host.discovery.inside import NotInsideError, read_inside, read_plain
from host.discovery.otclient_entry import NoSuchScriptError, entry_source
from host.vocabulary.errors import HostError, LoadFailed
from host.vocabulary.manifest import MANIFEST_NAME, MIB, Manifest, Scripts
from host.vocabulary.problem import Problem

LARGEST_FILE: Final = 4 * MIB
LARGEST_BUNDLE: Final = 16 * MIB
LARGEST_ASSET: Final = 16 * MIB
MOST_FILES: Final = 4096
DEEPEST: Final = 16

TESTS_FOLDER: Final = "tests"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The Lua files of one module folder.

    Attributes:
        folder: absolute.
        files: bytes by path below the folder, with ``/`` between names, in sorted order; of a module of OTClient, the
            entry file is made from its manifest.
        left_out: why a file that is there is not among them, by its path; goes on where the path stops.
        digest: hex; equal where names and contents are.
    """

    folder: Path
    files: Mapping[str, bytes]
    left_out: Mapping[str, str]
    digest: str

    def changed_files(self, other: Bundle) -> tuple[str, ...]:
        """Paths that are in one of the two alone, or differ; sorted."""
        paths = sorted(self.files.keys() | other.files.keys())
        return tuple(path for path in paths if self.files.get(path) != other.files.get(path))


def read_bundle(manifest: Manifest) -> Bundle:
    """Read every ``*.lua`` below a module's folder.

    Left out are ``tests/``, hidden files and folders, folders that hold a module of their own, linked folders, and
    what cannot be read or leads out.

    Raises:
        LoadFailed: at step ``read``: the entry file is not among them, or they are too large together.
    """
    gathering = _Gathering(manifest.folder)
    try:
        gathering.folder(str(manifest.folder), "", DEEPEST)
    except _TooMuchError as fault:
        raise _refused(manifest, manifest.folder, str(fault)) from None
    except OSError as fault:
        raise _refused(manifest, manifest.folder, f"cannot be read: {(fault.strerror or 'error').lower()}") from None
    if manifest.scripts is not None:
        gathering.files[manifest.entry] = _entry_of(manifest, manifest.scripts, gathering)
    elif manifest.entry not in gathering.files:
        raise _refused(manifest, manifest.folder / manifest.entry, _why_not(manifest.entry, manifest, gathering))
    files = dict(sorted(gathering.files.items()))
    return Bundle(manifest.folder, MappingProxyType(files), MappingProxyType(gathering.left_out), _digest(files))


def with_texts(bundle: Bundle, manifest: Manifest, texts: Mapping[str, str]) -> Bundle:
    """The same files with other texts for some of them.

    Raises:
        HostError: one is none of the files, or is made from the manifest; or they are too large.
    """
    files = dict(bundle.files)
    for path, text in texts.items():
        if path not in files or (manifest.scripts is not None and path == manifest.entry):
            known = ", ".join(each for each in files if manifest.scripts is None or each != manifest.entry)
            raise HostError(f"{manifest.key} has no file {path!r} to be written; it has {known}")
        files[path] = text.encode("utf-8", "surrogateescape")
        if len(files[path]) > LARGEST_FILE:
            raise HostError(f"{path} is larger than {LARGEST_FILE // MIB} MiB")
    if sum(map(len, files.values())) > LARGEST_BUNDLE:
        raise HostError(f"{manifest.key} would have over {LARGEST_BUNDLE // MIB} MiB of Lua")
    return replace(bundle, files=MappingProxyType(files), digest=_digest(files))


def examine_bundle(manifest: Manifest) -> tuple[Bundle | None, tuple[Problem, ...]]:
    """Read a module's files as a load would; the bundle, if there can be one, and all that is wrong with them."""
    try:
        bundle = read_bundle(manifest)
    except LoadFailed as fault:
        return None, (Problem(manifest.entry, fault.reason, Path(fault.file)),)
    return bundle, tuple(Problem(path, why, manifest.folder / path) for path, why in bundle.left_out.items())


def read_asset(folder: Path, relative: str) -> bytes:
    """Read any file below a module's folder.

    Raises:
        NotInsideError: it leads out of the folder, is not there, is no file, or is too large.
    """
    return read_inside(folder, relative, LARGEST_ASSET)


class _TooMuchError(Exception):
    """More Lua than a module may have."""


@dataclass(slots=True)
class _Gathering:
    """Files found so far, and what is left of the limits."""

    root: Path
    files: dict[str, bytes] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def folder(self, path: str, prefix: str, depth: int) -> None:
        with os.scandir(path) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
        for entry in visible:
            relative = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                self._inner(entry, relative, depth)
            elif entry.name.endswith(".lua"):
                self._file(entry, relative)

    def _inner(self, entry: os.DirEntry[str], relative: str, depth: int) -> None:
        if relative == TESTS_FOLDER or os.path.lexists(Path(entry.path, MANIFEST_NAME)):
            return
        if not depth:
            raise _TooMuchError(f"has folders more than {DEEPEST} deep")
        try:
            self.folder(entry.path, relative + "/", depth - 1)
        except OSError as fault:
            self.left_out[relative] = f"cannot be read: {(fault.strerror or 'error').lower()}"

    def _file(self, entry: os.DirEntry[str], relative: str) -> None:
        try:
            if entry.is_symlink():
                data = read_inside(self.root, relative, LARGEST_FILE)
            else:
                data = read_plain(entry.path, LARGEST_FILE)
        except NotInsideError as fault:
            self.left_out[relative] = str(fault)
            return
        self.files[relative] = data
        self.size += len(data)
        if self.size > LARGEST_BUNDLE:
            raise _TooMuchError(f"has over {LARGEST_BUNDLE // MIB} MiB of Lua")
        if len(self.files) > MOST_FILES:
            raise _TooMuchError(f"has over {MOST_FILES} Lua files")


def _entry_of(manifest: Manifest, scripts: Scripts, gathering: _Gathering) -> bytes:
    try:
        return entry_source(scripts, gathering.files)
    except NoSuchScriptError as fault:
        script = str(fault)
        raise _refused(manifest, manifest.folder / script, _why_not(script, manifest, gathering)) from None


def _why_not(path: str, manifest: Manifest, gathering: _Gathering) -> str:
    if path in gathering.left_out:
        return gathering.left_out[path]
    try:
        read_inside(manifest.folder, path, LARGEST_FILE)
    except NotInsideError as fault:
        return str(fault)
    return "is not part of the module; it lies in a folder that is left out"


def _refused(manifest: Manifest, path: Path, reason: str) -> LoadFailed:
    return LoadFailed(manifest.name, manifest.version, "read", f"{path} {reason}", file=str(path))


def _digest(files: Mapping[str, bytes]) -> str:
    whole = hashlib.blake2b(digest_size=16)
    for path, data in files.items():
        name = os.fsencode(path)
        whole.update(b"%d:%d:" % (len(name), len(data)))
        whole.update(name)
        whole.update(data)
    return whole.hexdigest()
