"""What a swap would mean to the files of a module, and to those that need it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from host.discovery.bundle import Bundle
from host.engine.fitting import admits
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import DependentFit, FileChange


def file_changes(old: Bundle, new: Bundle) -> tuple[FileChange, ...]:
    """What differs, by path; lines are counted without their order, so that the largest file takes no time."""
    return tuple(_changed(path, old.files.get(path), new.files.get(path)) for path in new.changed_files(old))


def dependents_of(manifest: Manifest, beside: Iterable[Manifest]) -> tuple[DependentFit, ...]:
    """Those that need a module, by name.

    Args:
        manifest: of the version that they would have.
        beside: of all that would be loaded then.
    """
    return tuple(
        DependentFit(
            module=each.name,
            version=each.version,
            range=need.specifier,
            fits=admits(need.specifier, manifest),
            optional=need.optional,
        )
        for each in sorted(beside, key=lambda each: each.name)
        if (need := each.dependencies.get(manifest.name)) is not None
    )


def _changed(path: str, old: bytes | None, new: bytes | None) -> FileChange:
    before, after = Counter((old or b"").splitlines()), Counter((new or b"").splitlines())
    return FileChange(
        path=path,
        change="added" if old is None else "removed" if new is None else "changed",
        lines_added=(after - before).total(),
        lines_removed=(before - after).total(),
    )
