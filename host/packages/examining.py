"""``theseus check``: all that looks wrong in a module's folder, without running any of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from host.discovery.bundle import TESTS_FOLDER, Bundle, examine_bundle
from host.discovery.config_schema import SCHEMA_NAME, read_config_schema
from host.discovery.fields import dotted
from host.discovery.folders import manifest_in
from host.discovery.manifest_file import read_bytes, read_manifest
from host.discovery.repository import scan
from host.discovery.toml_lines import key_lines, nearest_line
from host.lifecycle.configuration import effective
from host.lifecycle.faults import MISSING, faults
from host.packages.globals import faults_of_globals, written_globals
from host.packages.powers import usable
from host.packages.requires import never_required, undeclared, undeclared_modules
from host.packages.shape import Made, Value, shape_of
from host.packages.uses import read_uses
from host.runtime.listing import Function
from host.runtime.syntax import syntax_fault
from host.vocabulary.errors import ManifestInvalid
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.problem import Problem

README_NAME: Final = "README.md"

FUNCTIONS: Final = (
    *("init", "cleanup", "configure", "getState", "setState", "migrate", "validate", "pause", "resume", "health"),
    "execute",
)
TABLES: Final = ("hooks", "exports")
_OF_CORE: Final = ("host.native", "host.reference", "host.referred")
"""What only core modules find."""
_BY_LETTERS: Final = {name.lower(): name for name in (*FUNCTIONS, *TABLES)} | {"hook": "hooks", "export": "exports"}


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found.

    Attributes:
        manifest: ``None`` where it cannot be read.
        problems: what keeps the module from loading, fails when it runs, or is not what was meant.
        hints: what works, and is better otherwise.
    """

    manifest: Manifest | None
    problems: tuple[Problem, ...]
    hints: tuple[Problem, ...] = ()


def examine(folder: Path, roots: Iterable[Path] = ()) -> Examined:
    """Look at a module's folder.

    Args:
        folder: absolute.
        roots: folders of modules in which what it needs may lie, besides its own.
    """
    tier = next((Tier(part) for part in reversed(folder.parts) if part in set(Tier)), Tier.PLUGINS)
    try:
        manifest = read_manifest(manifest_in(folder), tier)
    except ManifestInvalid as fault:
        return Examined(None, fault.problems)
    bundle, unread = examine_bundle(manifest)
    problems = [*manifest.remarks, *_faults_of_schema(folder), *unread]
    hints: list[Problem] = []
    if bundle is not None:
        faults = tuple(_faults_of_syntax(manifest, bundle))
        problems += faults
        if not faults:
            lua = _Lua(manifest, bundle)
            problems += lua.problems()
            hints += lua.hints()
    if manifest.scripts is None:
        hints += _missing_files(folder)
    hints += _useless_permissions(manifest, roots)
    return Examined(manifest, _in_order(problems), _in_order(hints))


def _in_order(found: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(dict.fromkeys(sorted(found, key=lambda each: (str(each.file), each.line, each.message))))


def _faults_of_syntax(manifest: Manifest, bundle: Bundle) -> Iterator[Problem]:
    for path, source in bundle.files.items():
        mistake = syntax_fault(manifest.name, path, source)
        if mistake is not None:
            yield Problem(path, mistake.message, manifest.folder / path, mistake.line)


def _faults_of_schema(folder: Path) -> Iterator[Problem]:
    """What is wrong with the schema of the settings, and with its own defaults."""
    schema, problems = read_config_schema(folder)
    yield from problems
    file = folder / SCHEMA_NAME
    for fault in faults(schema, effective(schema, None)):
        if not fault.path and fault.message.startswith(SCHEMA_NAME):
            yield Problem(SCHEMA_NAME, fault.message.removeprefix(SCHEMA_NAME).strip(), file)
        elif fault.path and fault.message != MISSING:
            yield Problem(SCHEMA_NAME, f"refuses its own default of {fault.path[0]}: {fault.message[:200]}", file)


def _missing_files(folder: Path) -> Iterator[Problem]:
    if not (folder / README_NAME).is_file():
        yield Problem(
            README_NAME, "is not there; say what the module does, and what its exports are", folder / README_NAME
        )
    if not any((folder / TESTS_FOLDER).glob("*.lua")):
        tests = folder / TESTS_FOLDER
        yield Problem(
            TESTS_FOLDER, f"holds no tests; put some in {TESTS_FOLDER}/*.lua, as docs/module-tests.md says", tests
        )


def _useless_permissions(manifest: Manifest, roots: Iterable[Path]) -> Iterator[Problem]:
    """Permissions that nothing which the module needs could use; those about other modules need nothing."""
    asked = [name for name in manifest.permissions if name != "modules"]
    if not asked:
        return
    own = next((each.parent for each in manifest.folder.parents if each.name in set(Tier)), None)
    could = usable(manifest, scan([*([own] if own else []), *roots] if manifest.dependencies else []))
    for name in asked:
        if could is not None and name not in could:
            yield _in_manifest(manifest, ("permissions", name), "could be used by nothing that it needs; remove it")


def _in_manifest(manifest: Manifest, key: tuple[str, str], sentence: str) -> Problem:
    text = read_bytes(manifest.file).decode("utf-8-sig")
    return Problem(dotted(key), sentence, manifest.file, nearest_line(key_lines(text), key))


class _Lua:
    """The Lua of a module, all of which compiles."""

    def __init__(self, manifest: Manifest, bundle: Bundle) -> None:
        self._manifest = manifest
        self._bundle = bundle
        read = list(read_uses(manifest.name, bundle.files.items()))
        self._uses = [uses for uses, _ in read]
        self._entry: tuple[Function, ...] = next(listing for uses, listing in read if uses.file == manifest.entry)

    def problems(self) -> Iterator[Problem]:
        native = _OF_CORE if self._manifest.tier is Tier.CORE else ()
        made = self._manifest.entry if self._manifest.scripts is not None else ""
        for path, line, sentence in faults_of_globals(self._uses, native, made):
            yield self._at(path, line, sentence)
        for path, line, sentence in undeclared(self._manifest, self._uses, self._bundle.files):
            yield self._at(path, line, sentence)
        for path, line, sentence in undeclared_modules(self._manifest, self._uses, self._bundle.files) if made else ():
            yield self._at(path, line, sentence)
        yield from self._faults_of_entry()

    def hints(self) -> Iterator[Problem]:
        manifest = self._manifest
        if manifest.scripts is not None:  # globals are how its scripts meet, dependencies how they are ordered
            return
        for path, line, name in written_globals(self._uses):
            yield self._at(path, line, f"assigns the global {name}; write local, or keep it in a table of yours")
        for name in never_required(manifest, self._uses):
            yield _in_manifest(manifest, ("dependencies", name), "is never required; remove it")
        yield from self._misspelt()

    def _faults_of_entry(self) -> Iterator[Problem]:
        shape = shape_of(self._entry)
        if shape is None or shape.returned == "":
            return
        if not isinstance(shape.returned, Made):
            what = "nothing" if shape.returned == "nil" else f"a {shape.returned}"
            yield self._at(
                self._manifest.entry, shape.line, f"returns {what}, and must return a table; end it with return M"
            )
            return
        for name, (value, line) in shape.returned.fields.items():
            wanted = "function" if name in FUNCTIONS else "table" if name in TABLES else ""
            if wanted and _kind(value) not in {wanted, "nil", ""}:
                yield self._at(self._manifest.entry, line, f"{name} is a {_kind(value)}, and must be a {wanted}")
            if name in TABLES and isinstance(value, Made):
                yield from self._faults_of_functions(name, value)

    def _faults_of_functions(self, table: str, made: Made) -> Iterator[Problem]:
        for name, (value, line) in made.fields.items():
            if _kind(value) not in {"function", "nil", ""}:
                yield self._at(
                    self._manifest.entry, line, f"{table}.{name[:80]} is a {_kind(value)}, and must be a function"
                )

    def _misspelt(self) -> Iterator[Problem]:
        shape = shape_of(self._entry)
        if shape is None or not isinstance(shape.returned, Made):
            return
        for name, (value, line) in shape.returned.fields.items():
            meant = _BY_LETTERS.get(name.replace("_", "").lower(), name)
            wanted = "table" if meant in TABLES else "function"
            if meant != name and meant not in shape.returned.fields and _kind(value) == wanted:
                yield self._at(
                    self._manifest.entry, line, f"{name} is no member that the host calls; did you mean {meant}?"
                )

    def _at(self, path: str, line: int, sentence: str) -> Problem:
        return Problem(path, sentence, self._manifest.folder / path, line)


def _kind(value: Value) -> str:
    return "table" if isinstance(value, Made) else value
