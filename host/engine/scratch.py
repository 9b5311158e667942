"""Texts that were typed and not saved: how they get onto the disk, and onto nothing else there."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from host.discovery.bundle import LARGEST_FILE
from host.discovery.inside import NotInsideError, read_inside
from host.lifecycle.instance import Instance
from host.vocabulary.errors import HostError


async def save(instance: Instance) -> tuple[str, ...]:
    """Write the files of an instance that nobody saved over those that they took the place of; their paths.

    Raises:
        HostError: nothing is unsaved; or one is no longer on disk as it was, and nothing was written; or the disk
            refused one: each file on it is whole, the old one or the new.
    """
    folder, unsaved = instance.manifest.folder, instance.unsaved
    if not unsaved:
        raise HostError(f"{instance.name} runs as it lies on disk; there is nothing to save")
    written = {path: instance.bundle.files[path] for path in unsaved}
    try:
        await asyncio.to_thread(_write, folder, written, unsaved)
    except OSError as fault:
        reason = (fault.strerror or "error").lower()
        raise HostError(
            f"{instance.name} could not be saved: {fault.filename or folder}: {reason}; it runs on as it was typed; "
            "each file there is whole, the old one or the new; make room and save again"
        ) from fault
    instance.unsaved = {}
    return tuple(written)


def _write(folder: Path, texts: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    for path, known in before.items():
        try:
            found = read_inside(folder, path, LARGEST_FILE)
        except NotInsideError as fault:
            raise HostError(f"{folder / path} {fault}; nothing was written") from None
        if found not in {known, texts[path]}:  # of a save that was cut short, some is there
            raise HostError(
                f"{folder / path} was changed since {path} was typed over; nothing was written. Reload the module to "
                "run what lies there, or copy what you typed into it"
            )
    for path, text in texts.items():
        _replace(Path(os.path.realpath(folder / path)), text)


def _replace(target: Path, text: bytes) -> None:
    """Put a file in the place of another, whole or not at all, with the same permissions."""
    descriptor, name = tempfile.mkstemp(prefix=".", suffix=".lua~", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o777)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
