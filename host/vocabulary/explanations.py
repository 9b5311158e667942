"""Why a module is there, and why it is not there in its newest version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One module of a chain, and what it wants of the next (``^1.0``); empty at the end of the chain."""

    name: str
    version: str
    wants: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a module is there.

    Attributes:
        asked: whether it was asked for itself.
        chains: a shortest one from each module that was asked for and leads to it, that module first.
        needed_by: names of those that need it directly, or use it where it is there.
    """

    name: str
    version: str
    asked: bool
    chains: tuple[tuple[Link, ...], ...] = ()
    needed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outdated:
    """A module of which there is a newer version.

    Attributes:
        version: the one that is there; empty where none can be.
        newest: empty of a manifest that cannot be used.
        held_back_by: why the newest cannot take its place as things are, a line each; empty where it can.
        further: of what runs, the other versions with which it could, by name.
    """

    name: str
    version: str
    newest: str
    held_back_by: tuple[str, ...] = ()
    further: Mapping[str, str] = field(default_factory=dict)
