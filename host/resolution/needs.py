"""What one module version asks of others, in the one shape that the search knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from host.vocabulary.constraint import Constraint, parse_constraint
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import Version, parse_version


class Binding(Enum):
    """When a need holds."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    """The module is absent, or in range."""
    CONFLICT = "conflict"
    """The module is absent, or out of range."""

    __hash__ = object.__hash__  # that of enumerations is written in Python, and a search asks it often


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One version that may be chosen; one object for each in a search, so that it is compared by identity."""

    name: str
    version: Version
    manifest: Manifest
    needs: tuple[Need, ...]
    loaded: bool = False

    def __str__(self) -> str:
        return str(self.manifest.key)


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """The choice that a module is not part of the plan; as with candidates, one object for each name in a search."""

    name: str
    version: None = None


class Need(NamedTuple):
    """One wish about one module; a tuple, because dense graphs have hundreds of thousands.

    Attributes:
        wanted_by: the key of the version whose manifest says so, as ``name version``; empty where it was asked for.
        loaded: it stands for a module that runs and is to stay.
    """

    name: str
    constraint: Constraint
    binding: Binding = Binding.REQUIRED
    wanted_by: str = ""
    loaded: bool = False

    def admits(self, choice: Candidate | Absent) -> bool:
        """Whether a choice is in range, pre-release or not."""
        return self.admits_version(choice.version)

    def admits_version(self, version: Version | None) -> bool:
        """The same; ``None`` where the module is absent."""
        if version is None:
            return self.binding is not Binding.REQUIRED
        return self.constraint.admits(version) is not (self.binding is Binding.CONFLICT)

    @property
    def asks_for_prerelease(self) -> bool:
        return self.constraint.names_prerelease and self.binding is not Binding.CONFLICT

    @property
    def says(self) -> tuple[int, Binding]:
        """What it says of its module, whoever wants it.

        Told by identity, as ``parse_constraint`` gives one object for one text: comparing two would cost more.
        """
        return id(self.constraint), self.binding

    @property
    def wish(self) -> str:
        """As ``str``, and whether it is optional."""
        return f"{self} (optional)" if self.binding is Binding.OPTIONAL else str(self)

    def __str__(self) -> str:
        return f"{self.name} {self.constraint}"


def candidate(manifest: Manifest, *, loaded: bool = False) -> Candidate:
    return Candidate(manifest.name, parse_version(manifest.version), manifest, tuple(_needs(manifest)), loaded)


def asked(wanted: Iterable[tuple[str, str]]) -> tuple[Need, ...]:
    """What was asked for, in an order that does not depend on how.

    Raises:
        SpecifierInvalid: a specifier does not parse.
    """
    return tuple(Need(name, parse_constraint(specifier)) for name, specifier in sorted(set(wanted)))


def distinct(needs: Iterable[Need]) -> Collection[Need]:
    """One of those that say the same of a module: hundreds of modules want ``*`` of one."""
    return {need.says: need for need in needs}.values()


def _needs(manifest: Manifest) -> Iterator[Need]:
    by = str(manifest.key)
    for name, requirement in manifest.dependencies.items():
        binding = Binding.OPTIONAL if requirement.optional else Binding.REQUIRED
        yield Need(name, parse_constraint(requirement.specifier), binding, by)
    for name, specifier in manifest.conflicts.items():
        yield Need(name, parse_constraint(specifier), Binding.CONFLICT, by)
