"""``module.toml`` and ``NAME.otmod``: from their bytes to a manifest, or to all that is wrong with it."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from host.discovery.fields import Fault, dotted
from host.discovery.manifest_fields import read_fields
from host.discovery.otmod import SUFFIX, read_otmod
from host.discovery.toml_lines import KeyPath, key_lines, nearest_line
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest, Requirement
from host.vocabulary.problem import Problem

LARGEST: Final = 64 << 10
MOST_DOTS: Final = 128
"""Dots in one line. ``tomllib`` takes quadratic time for a dotted key: 6.5 s where it has 40 KB."""
MOST_PROBLEMS: Final = 50

_WHERE: Final = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)\Z")


def read_manifest(file: Path, tier: Tier, folder_name: str = "") -> Manifest:
    """Read the manifest in a file.

    Args:
        file: absolute, ``.../module.toml`` or ``.../NAME.otmod``.
        tier: where the file lies.
        folder_name: the module's name as the folders tell it; empty where they do not.

    Raises:
        ManifestInvalid: with all faults, in the order of the file.
    """
    return parse_manifest(read_bytes(file), file, tier, folder_name)


def read_bytes(file: Path) -> bytes:
    """Read a manifest's bytes, one more than there may be at most.

    Raises:
        ManifestInvalid: they cannot be read.
    """
    try:
        # Opened without waiting: a pipe under this name would hold the host until somebody writes to it.
        with open(os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as stream:  # noqa: PTH123 - a descriptor
            mode = os.fstat(stream.fileno()).st_mode
            if not stat.S_ISREG(mode):
                raise _refused(file, "is no plain file")
            return stream.read(LARGEST + 1)
    except IsADirectoryError:
        raise _refused(file, "is a folder, and should be a file") from None
    except OSError as fault:
        raise _refused(file, f"cannot be read: {(fault.strerror or 'input error').lower()}") from None


def digest_of(data: bytes) -> str:
    """Hex digest of a manifest's bytes."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def parse_manifest(data: bytes, file: Path, tier: Tier, folder_name: str = "") -> Manifest:
    """Read a manifest's bytes; ``file`` is where they came from. As ``read_manifest``."""
    text = _text(data, file)
    digest = digest_of(data)
    if file.suffix == SUFFIX:
        manifest, problems = read_otmod(text, file, tier, digest)
    else:
        _refuse_dots(text, file)
        values = _values(text, file)
        manifest, faults = read_fields(values, file.parent, tier, digest)
        if folder_name and isinstance(values.get("name"), str) and manifest.name != folder_name:
            faults.append(Fault(("name",), f"is {manifest.name!r}, but its folder is called {folder_name!r}"))
        # The rule of tiers, looked at once all manifests are read, names the line of each need of a core module.
        bound = tier is Tier.CORE and manifest.dependencies
        lines = key_lines(text) if faults or bound else {}
        if bound:
            manifest = replace(manifest, dependencies=_placed(manifest.dependencies, lines))
        problems = [Problem(dotted(each.path), each.message, file, nearest_line(lines, each.path)) for each in faults]
    if problems:
        raise ManifestInvalid(file, _in_order(problems, file))
    return manifest


def _text(data: bytes, file: Path) -> str:
    if len(data) > LARGEST:
        raise _refused(file, f"has over {LARGEST >> 10} KiB, which no manifest needs")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise _refused(file, "is not UTF-8; save it in that encoding", line) from None
    if not text.strip():
        least = "a name" if file.suffix == ".otmod" else "a name and a version"
        raise _refused(file, f"is empty; it needs at least {least}")
    return text


def _refuse_dots(text: str, file: Path) -> None:
    for line, content in enumerate(text.split("\n"), 1):
        if content.count(".") > MOST_DOTS:
            raise _refused(file, f"has over {MOST_DOTS} dots in one line, which no manifest needs", line)


def _values(text: str, file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        message = str(fault).partition("\n")[0]
        where = _WHERE.search(message)
        line = int(where[1]) if where and where[1] else text.rstrip().count("\n") + 1 if where else 0
        said = _WHERE.sub("", message)[:120]
        raise _refused(file, f"is not TOML: {said[:1].lower()}{said[1:]}", line) from None
    except RecursionError:
        raise _refused(file, "is nested too deeply") from None
    except ValueError:  # Python's own limit on the digits of a number
        raise _refused(file, "is not TOML: a number in it is too long") from None


def _placed(needs: Mapping[str, Requirement], lines: Mapping[KeyPath, int]) -> Mapping[str, Requirement]:
    found = {name: replace(need, line=nearest_line(lines, ("dependencies", name))) for name, need in needs.items()}
    return MappingProxyType(found)


def _in_order(found: list[Problem], file: Path) -> tuple[Problem, ...]:
    found.sort(key=lambda problem: (problem.line, problem.key, problem.message))
    if len(found) > MOST_PROBLEMS:
        more = f"has {len(found) - MOST_PROBLEMS} more faults"
        found[MOST_PROBLEMS:] = [Problem(file.name, more, file, found[MOST_PROBLEMS].line)]
    return tuple(found)


def _refused(file: Path, message: str, line: int = 0) -> ManifestInvalid:
    return ManifestInvalid(file, (Problem(file.name, message, file, line),))
