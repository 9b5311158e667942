"""Where a test file runs: as a module of its own, beside the one it tests, in a folder that goes afterwards."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from host.discovery.bundle import TESTS_FOLDER
from host.discovery.folders import TIER_NAMES, manifest_in
from host.discovery.otmod import SUFFIX
from host.discovery.repository import scan
from host.vocabulary.errors import HostError, ManifestInvalid
from host.vocabulary.manifest import Manifest

TRIAL: Final = "theseus_trial"
"""Name of the module that a test file becomes; its other files lie in a folder that no test has."""

_FILE_NAME: Final = re.compile(r"[A-Za-z0-9_]+\.lua\Z")


@dataclass(eq=False)
class NothingToTest(HostError):
    """A folder that cannot be tested; ``reason`` goes on where its name stops."""

    folder: Path
    reason: str

    def __str__(self) -> str:
        return f"{self.folder} {self.reason}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The module that is tested, and the roots in which it and what it needs lie."""

    manifest: Manifest
    roots: tuple[Path, ...]

    @property
    def test_files(self) -> tuple[Path, ...]:
        return tuple(sorted((self.manifest.folder / TESTS_FOLDER).glob("*.lua")))


def subject_of(folder: Path, roots: Iterable[Path]) -> Subject:
    """Find the module of a folder.

    Args:
        folder: holds ``module.toml``.
        roots: further folders of modules, for what it needs.

    Raises:
        NothingToTest: it is no module of a folder of modules, or has no tests.
        ManifestInvalid: its manifest has faults.
    """
    folder = folder.absolute()
    root = next((each for each in folder.parents if _holds(each, folder)), None)
    if root is None and manifest_in(folder).suffix == SUFFIX:
        raise NothingToTest(folder, "is a module of OTClient in no tier, and is not tested; put it into <tier>/<name>")
    if root is None:
        raise NothingToTest(folder, f"is no module: it should be <tier>/<name>, with a tier of {', '.join(TIER_NAMES)}")
    repository = scan([root, *roots])
    refused = next((each for each in repository.refused if each.folder == folder), None)
    if refused is not None:
        raise ManifestInvalid(folder / "module.toml", refused.problems)
    manifest = repository.at(folder)
    if manifest is None:
        raise NothingToTest(folder, "holds no module.toml")
    subject = Subject(manifest, repository.roots)
    if not subject.test_files:
        raise NothingToTest(folder, f"has no tests: they are files {TESTS_FOLDER}/*.lua")
    return subject


def set_up(subject: Subject, file: Path, stage: Path) -> None:
    """Write the module that a test file becomes, below a folder of modules.

    Raises:
        NothingToTest: Lua could not ask for a file of this name.
    """
    if not _FILE_NAME.match(file.name):
        raise NothingToTest(file, "cannot be asked for; call it by letters, digits and _, as in sending.lua")
    manifest = subject.manifest
    folder = stage / "plugins" / TRIAL
    own = folder / "theseus"
    own.mkdir(parents=True)
    shutil.copy(file, folder)
    for each in file.parent.iterdir():
        if each.is_dir():
            shutil.copytree(each, folder / each.name, dirs_exist_ok=True)
    (own / "trial.lua").write_bytes(files("host.engine.trials").joinpath("trial.lua").read_bytes())
    (own / "subject.lua").write_text(f'return {{ module = "{manifest.name}", file = "{file.stem}" }}', "utf-8")
    needs = json.dumps(f"=={manifest.version} || *")  # its version is named, so that a pre-release will do
    (folder / "module.toml").write_text(
        f'name = "{TRIAL}"\nversion = "1.0.0"\nentry = "theseus/trial.lua"\n'
        f'[dependencies]\n{manifest.name} = {needs}\n[limits]\ncall = "2 s"\nmemory = "128 MiB"\n'
        f"[permissions]\n{''.join(_asked(manifest))}",
        "utf-8",
    )


def _asked(manifest: Manifest) -> Iterator[str]:
    """What the module asks for, line by line: a test that calls it may do the same."""
    for permission, patterns in manifest.permissions.items():
        yield f"{json.dumps(permission)} = {json.dumps(patterns)}\n"


def _holds(root: Path, folder: Path) -> bool:
    parts = folder.relative_to(root).parts
    return len(parts) in {2, 3} and parts[0] in TIER_NAMES
