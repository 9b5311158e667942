"""The library: the repository as it stands now, and what its last looks found."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from host.discovery.reading import Refused
from host.discovery.repository import Repository, Rescan
from host.engine.chronicle import Chronicle
from host.vocabulary.errors import HostError
from host.vocabulary.events import EventKind
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem
from host.vocabulary.views import ProblemView, Severity


class Library:
    """Holds the repository; assigned as a whole by each look.

    Attributes:
        locks: versions that the user wants to keep, by module.
    """

    def __init__(self, repository: Repository, chronicle: Chronicle, locks: Mapping[str, str]) -> None:
        self.locks: Mapping[str, str] = locks
        self._chronicle = chronicle
        self._shown: dict[str, tuple[Problem, str, Severity]] = {}
        self.repository: Repository = repository
        self._found = {manifest.folder: manifest.key for manifest in self.repository.modules}
        self._tell_problems()
        for name in self.names:
            chronicle.touch(name)

    @property
    def names(self) -> tuple[str, ...]:
        """Of all modules, usable or not, in order."""
        return tuple(sorted({*self.repository.names, *(each.name for each in self.repository.refused)}))

    @property
    def choosable(self) -> Repository:
        """What plans may choose from: of what is locked, and is there in that version, no other."""
        locked = {name: self.repository.find(name, version) for name, version in self.locks.items()}
        if not any(locked.values()):
            return self.repository
        modules = (each for each in self.repository.modules if locked.get(each.name) in (None, each))
        return replace(self.repository, modules=tuple(modules))

    def lock(self, name: str, version: str) -> None:
        """Lock a module at a version, or at none where that is empty."""
        others = {other: each for other, each in self.locks.items() if other != name}
        self.locks = others | ({name: version} if version else {})

    def at(self, folder: Path) -> Manifest:
        """The module version of a folder that a plan named.

        Raises:
            HostError: it has gone since.
        """
        manifest = self.repository.at(folder)
        if manifest is None:
            raise HostError(self.why_not(folder))
        return manifest

    def refused_at(self, folder: Path) -> Refused | None:
        """What is wrong with the manifest of a folder."""
        return next((each for each in self.repository.refused if each.folder == folder), None)

    def why_not(self, folder: Path) -> str:
        """Why a folder holds no module that could run, without a final stop."""
        refused = self.refused_at(folder)
        if refused is None:
            return f"{folder} holds no module now"
        return f"{folder} holds no usable module now: {refused.problems[0]}"

    async def look(self) -> Rescan:
        """Look again, off the event loop; what came and went is told. The caller holds the lock of all changes."""
        names = set(self.names)
        found = await asyncio.to_thread(self.repository.rescan)
        self.repository = found.repository
        for manifest in (*found.added, *found.changed, *found.removed):
            self._chronicle.touch(manifest.name)
        self._tell_found()
        self._tell_problems()
        for name in sorted(names.symmetric_difference(self.names)):
            self._chronicle.touch(name)
        for name in sorted(names.difference(self.names)):
            self._chronicle.forget(name)
        return found

    def _tell_found(self) -> None:
        """Tell what came and went; a manifest that cannot be read at the moment has done neither."""
        usable = {manifest.folder: manifest.key for manifest in self.repository.modules}
        for folder, key in usable.items():
            if folder not in self._found:
                self._chronicle.tell(EventKind.MODULE_FOUND, f"{key} was found", module=key.name, version=key.version)
        refused = {each.folder for each in self.repository.refused}
        for folder, key in self._found.items():
            if folder not in usable and folder not in refused:
                text = f"{key} is no longer on disk"
                self._chronicle.tell(EventKind.MODULE_GONE, text, module=key.name, version=key.version)
        kept = {folder: key for folder, key in self._found.items() if folder in refused}
        self._found = kept | usable

    def _tell_problems(self) -> None:
        """Tell which faults of manifests and folders came and went."""
        shown: dict[str, tuple[Problem, str, Severity]] = {}
        for refused in self.repository.refused:
            for problem in refused.problems:
                shown[_id("manifest", problem)] = problem, refused.name, Severity.ERROR
        for manifest in self.repository.modules:
            for problem in manifest.remarks:
                shown[_id("remark", problem)] = problem, manifest.name, Severity.WARNING
        for problem in self.repository.strays:
            shown[f"folder:{problem.file}:{problem.key}:{problem.message}"] = problem, "", Severity.ERROR
        for key in self._shown.keys() - shown.keys():
            problem, module, _ = self._shown[key]
            self._chronicle.settled(key)
            self._chronicle.tell(EventKind.PROBLEM_GONE, f"no longer so: {problem.sentence}", module=module)
        for key, (problem, module, severity) in shown.items():
            if key not in self._shown:
                said = problem.sentence
                self._chronicle.stands(_view(key, problem, module, severity))
                self._chronicle.tell(EventKind.PROBLEM_FOUND, said, module=module, error=said)
        self._shown = shown


def _id(kind: str, problem: Problem) -> str:
    return f"{kind}:{problem.file}:{problem.line}:{problem.key}:{problem.message}"


def _view(key: str, problem: Problem, module: str, severity: Severity) -> ProblemView:
    return ProblemView(
        id=key,
        severity=severity,
        message=str(problem),
        module=module,
        file=str(problem.file),
        line=problem.line,
        remedy="Mend it and save; it is read again at once while the folders are watched.",
    )
