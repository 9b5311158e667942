"""The keys of ``module.toml`` and what each may be; design 4.1 as code."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final, TypeVar

from host.discovery.fields import Fault, Fields
from host.discovery.quantities import CROSSING, DURATION, PATIENCE, RATE, SIZE
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import PatternInvalid, SpecifierInvalid, VersionInvalid
from host.vocabulary.identity import NAME_PATTERN, Tier
from host.vocabulary.manifest import Isolation, Limits, Manifest, Requirement, SwapSettings
from host.vocabulary.payload import DEPTH, MOST_ENTRIES
from host.vocabulary.permission import PERMISSIONS, Patterns, check_pattern
from host.vocabulary.version import parse_version

Read = TypeVar("Read")

_KEYS: Final = (
    *("name", "version", "summary", "authors", "license", "homepage", "entry", "autoload", "reloadable"),
    *("isolation", "host", "dependencies", "conflicts", "load", "permissions", "limits", "swap"),
)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
NAME_RULE: Final = "a name is lower-case letters, digits and _, begins with a letter and has at most 64 characters"


def read_fields(values: Mapping[str, Any], folder: Path, tier: Tier, digest: str) -> tuple[Manifest, list[Fault]]:
    """Make a manifest of a parsed TOML document.

    Returns:
        The manifest, and all faults in no order; with any, the manifest holds defaults in their places.
    """
    top = Fields(values)
    top.refuse_others(_KEYS)
    manifest = Manifest(
        name=_name(top),
        version=_version(top),
        tier=tier,
        folder=folder,
        digest=digest,
        summary=_line(top, "summary"),
        authors=top.texts("authors"),
        license=_line(top, "license"),
        homepage=_line(top, "homepage"),
        entry=_entry(top),
        autoload=top.flag("autoload", default=False),
        reloadable=top.flag("reloadable", default=True),
        isolation=top.choice("isolation", Isolation.SHARED),
        host=_specifier(top, "host"),
        dependencies=_by_module(top, "dependencies", _requirement),
        conflicts=_by_module(top, "conflicts", _specifier),
        load_after=_load_after(top),
        permissions=_permissions(top),
        limits=_limits(top),
        swap=_swap(top),
    )
    return manifest, top.faults


def _name(top: Fields) -> str:
    name = top.text("name")
    if "name" not in top.values:
        top.refuse("name", "is missing")
    elif isinstance(top.values["name"], str) and not NAME_PATTERN.match(name):
        top.refuse("name", f"{name[:80]!r} is no name for a module; {NAME_RULE}")
    return name


def _version(top: Fields) -> str:
    text = top.text("version")
    if "version" not in top.values:
        top.refuse("version", "is missing")
    elif isinstance(top.values["version"], str):
        try:
            parse_version(text)
        except VersionInvalid as fault:
            top.refuse("version", str(fault))
    return text


def _line(top: Fields, key: str) -> str:
    text = top.text(key)
    if _CONTROL.search(text):
        top.refuse(key, "must be one line of printable text")
    return text


def _entry(top: Fields) -> str:
    text = top.text("entry", "init.lua")
    path = PurePosixPath(text)
    if not text.endswith(".lua"):
        top.refuse("entry", f"{text!r} is no Lua file; its name ends in .lua")
    elif path.is_absolute() or ".." in path.parts or "\\" in text or ":" in text or _CONTROL.search(text):
        top.refuse("entry", f"{text!r} leads out of the module; write a path below its folder, with / between names")
    elif any(part.startswith(".") for part in path.parts) or path.parts[0] == "tests":
        top.refuse("entry", f"{text!r} is not part of the module; hidden files and tests/ are left out of it")
    return str(path)


def _specifier(fields: Fields, key: str) -> str:
    text = fields.text(key, "*")
    try:
        parse_constraint(text)
    except SpecifierInvalid as fault:
        fields.refuse(key, str(fault))
    return text


def _requirement(fields: Fields, key: str) -> Requirement:
    if isinstance(fields.values[key], str):
        return Requirement(_specifier(fields, key))
    if not isinstance(fields.values[key], dict):
        fields.refuse(key, 'must be a specifier such as "^1.0", or a table with version and optional')
        return Requirement("*")
    details = fields.table(key)
    details.refuse_others(("version", "optional"))
    if "version" not in details.values:
        fields.refuse(key, 'has no version; write version = "*" where any will do')
    return Requirement(_specifier(details, "version"), optional=details.flag("optional", default=False))


def _by_module(top: Fields, table: str, read: Callable[[Fields, str], Read]) -> Mapping[str, Read]:
    if table not in top.values:
        return _EMPTY
    fields = top.table(table)
    for name in fields.values:
        _check_other(fields, name, name, top.values.get("name"))
    return MappingProxyType({name: read(fields, name) for name in fields.values})


def _check_other(fields: Fields, key: str, name: str, own: object) -> None:
    if not NAME_PATTERN.match(name):
        fields.refuse(key, f"{name[:80]!r} is no name of a module; {NAME_RULE}")
    elif name == own:
        fields.refuse(key, "names the module itself")


def _load_after(top: Fields) -> tuple[str, ...]:
    if "load" not in top.values:
        return ()
    fields = top.table("load")
    fields.refuse_others(("after",))
    names = tuple(dict.fromkeys(fields.texts("after")))
    for name in names:
        _check_other(fields, "after", name, top.values.get("name"))
    return names


def _permissions(top: Fields) -> Patterns:
    if "permissions" not in top.values:
        return _EMPTY
    fields = top.table("permissions")
    fields.refuse_others(PERMISSIONS, "permission")
    asked = {name: tuple(dict.fromkeys(fields.texts(name))) for name in fields.values if name in PERMISSIONS}
    for name, patterns in asked.items():
        for pattern in patterns:
            try:
                check_pattern(name, pattern)
            except PatternInvalid as fault:
                fields.refuse(name, str(fault))
    return MappingProxyType(asked)


def _limits(top: Fields) -> Limits:
    if "limits" not in top.values:
        return _LIMITS
    fields = top.table("limits")
    fields.refuse_others([each.name for each in dataclasses.fields(Limits)])
    return Limits(
        memory=int(fields.quantity("memory", SIZE, _LIMITS.memory)),
        call=fields.quantity("call", DURATION, _LIMITS.call),
        events=fields.quantity("events", RATE, _LIMITS.events),
        timers=fields.quantity("timers", RATE, _LIMITS.timers),
        log=fields.quantity("log", RATE, _LIMITS.log),
        tasks=fields.quantity("tasks", RATE, _LIMITS.tasks),
        crossing=int(fields.quantity("crossing", CROSSING, _LIMITS.crossing)),
        entries=fields.whole("entries", _LIMITS.entries, range(1, _MOST_ENTRIES + 1)),
        depth=fields.whole("depth", _LIMITS.depth, range(1, DEPTH + 1)),
    )


def _swap(top: Fields) -> SwapSettings:
    if "swap" not in top.values:
        return _SWAP
    fields = top.table("swap")
    fields.refuse_others(("probation", "handover", "replay"))
    return SwapSettings(
        probation=fields.quantity("probation", PATIENCE, _SWAP.probation),
        handover=fields.choice("handover", _SWAP.handover),
        replay=fields.flag("replay", default=_SWAP.replay),
    )


_EMPTY: Final[Mapping[str, Any]] = MappingProxyType({})
_LIMITS: Final = Limits()
_MOST_ENTRIES: Final = 100 * MOST_ENTRIES
_SWAP: Final = SwapSettings()
