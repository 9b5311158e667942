"""Permissions by name, and what may stand in the list of each: the grammar of ``[permissions]`` and of grants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from host.vocabulary import globbing
from host.vocabulary.errors import PatternInvalid, PermissionUnknown
from host.vocabulary.net_pattern import NetPattern
from host.vocabulary.path_pattern import PathPattern

PERMISSIONS: Final = ("fs.read", "fs.write", "net", "exec", "env", "modules", "clipboard", "notify", "state")
LONGEST_PATTERN: Final = 500
"""Characters."""
KINDS_OF_USE: Final = ("call", "listen", "emit")
"""What ``modules`` tells apart; a pattern without one of these words before a colon is about ``call``."""

Patterns = Mapping[str, tuple[str, ...]]
"""By permission."""

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "exec": (r"[^\s/\\:*?]+|/[^\0*?]+", "the name of a program, as in git, or its whole path"),
    "env": (r"[A-Za-z_*][A-Za-z0-9_*]*", "the name of a variable, as in LANG or MYAPP_*"),
    "modules": (
        r"call:\*|(?:call:)?[a-z*][a-z0-9_*]*(?:\.[^\s:]+)?|(?:listen|emit):\S+",
        "a module or an export (spool, spool.append), or listen:EVENT, emit:EVENT",
    ),
    "clipboard": ("read|write", "read or write"),
    "notify": ("show", "show"),
    "state": ("shared", "shared"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the user said of one pattern of a module.

    Attributes:
        versions: a specifier; of which versions of the module.
        pattern: of the permission; what of it is meant.
        allowed: whether it may; a denial goes before everything that allows.
        at: when, seconds since the Unix epoch.
    """

    module: str
    versions: str
    permission: str
    pattern: str
    allowed: bool = True
    at: float = field(default=0.0, compare=False)

    def __str__(self) -> str:
        return f"{self.permission} {self.pattern}"


def check_pattern(permission: str, text: str) -> None:
    """Look whether a pattern can stand in the list of a permission.

    Raises:
        PermissionUnknown: there is no such permission.
        PatternInvalid: it cannot; says what can.
    """
    if permission not in PERMISSIONS:
        raise PermissionUnknown(permission, PERMISSIONS)
    if len(text) > LONGEST_PATTERN or not text.isprintable():  # what nobody sees, or turns what stands behind it
        raise PatternInvalid(text[:80], f"one line of at most {LONGEST_PATTERN} characters, all of which can be seen")
    if permission.startswith("fs."):
        PathPattern.parse(text)
    elif permission == "net":
        NetPattern.parse(text)
    else:
        words, expected = _WORDS[permission]
        if not re.fullmatch(words, text):
            raise PatternInvalid(text, expected)


def kind_of(pattern: str) -> tuple[str, str]:
    """Take a pattern of ``modules`` apart: what is done, and with what."""
    kind, colon, rest = pattern.partition(":")
    return (kind, rest) if colon else ("call", kind)


def covers(permission: str, wide: str, narrow: str) -> bool:
    """Whether all that one pattern of a permission means is meant by another; no where that is not plain to see."""
    if permission.startswith("fs."):
        return PathPattern.parse(wide).covers(PathPattern.parse(narrow))
    if permission == "net":
        return NetPattern.parse(wide).covers(NetPattern.parse(narrow))
    if permission == "modules":
        (about, name), (of, other) = kind_of(wide), kind_of(narrow)
        module = about == "call" and "." not in name and globbing.covers(name, other.partition(".")[0])
        return about == of and (module or globbing.covers(name, other))
    return wide == narrow or (permission == "env" and globbing.covers(wide, narrow))


def checked(permissions: Mapping[str, object]) -> Patterns:
    """Look through permissions that somebody gave; the patterns of each, none twice.

    Raises:
        PermissionUnknown: a name is none.
        PatternInvalid: a pattern is none, or no text.
    """
    found: dict[str, tuple[str, ...]] = {}
    for permission, given in permissions.items():
        patterns = (given,) if isinstance(given, str) else given
        if not isinstance(patterns, list | tuple):
            raise PatternInvalid(repr(given)[:80], f"a list of patterns, by the permission {permission}")
        for pattern in patterns:
            if not isinstance(pattern, str):
                raise PatternInvalid(repr(pattern)[:80], "text")
            check_pattern(permission, pattern)
        found[permission] = tuple(dict.fromkeys(patterns))
    return MappingProxyType(found)
