"""Granting and taking back: what the user says of a module's permissions, in force at the next use and kept."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from host.engine.access import Access
from host.engine.chronicle import Chronicle
from host.engine.keeping import Keeping
from host.engine.library import Library
from host.engine.roster import Roster
from host.lifecycle.bring_up import answer_as_allowed
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import HostError, ModuleUnknown
from host.vocabulary.events import EventKind
from host.vocabulary.manifest import Manifest
from host.vocabulary.permission import Grant, Patterns, checked, kind_of

Wanted = Mapping[str, Sequence[str]]
"""Patterns by permission; of a permission without any, all that is asked for."""


class Granting:
    """Changes the policy; what it refuses has changed nothing."""

    def __init__(
        self, access: Access, library: Library, roster: Roster, keeping: Keeping, chronicle: Chronicle
    ) -> None:
        self._policy: Final = access.policy
        self._access: Final = access
        self._library: Final = library
        self._roster: Final = roster
        self._keeping: Final = keeping
        self._chronicle: Final = chronicle

    def of(self, name: str) -> tuple[Grant, ...]:
        """What the user said of one module, or of all where the name is empty; oldest first."""
        return tuple(each for each in self._policy.grants if name in {"", each.module})

    def grant(self, name: str, wanted: Wanted | None, versions: str) -> tuple[Grant, ...]:
        """Let a module use patterns, all that it asks for where none are named; what the user said of it now.

        A pattern that was denied is so no longer; without patterns, nothing of the module is.

        Raises:
            ModuleUnknown: no module is called so.
            HostError: it does not ask for that; a pattern is none; the versions are no specifier.
        """
        parse_constraint(versions)
        patterns = self._patterns(name, wanted, "granted")
        now = time.time()
        fresh = [
            Grant(module=name, versions=versions, permission=permission, pattern=pattern, at=now)
            for permission, pattern in _pairs(patterns)
        ]
        kept = [
            each
            for each in self.of(name)
            if not _same(each, fresh) and (each.allowed or not _taken_back(each, patterns, whole=wanted is None))
        ]
        return self._change(name, [*kept, *fresh], "grant", patterns)

    def revoke(self, name: str, wanted: Wanted | None, versions: str) -> tuple[Grant, ...]:
        """Take patterns back, all that was granted where none are named; what the user said of it now.

        A pattern that would still be allowed by something else is denied.

        Raises:
            ModuleUnknown, HostError: as in :meth:`grant`.
        """
        parse_constraint(versions)
        patterns = self._patterns(name, wanted, "taken back")
        before = self.of(name)
        kept = [each for each in before if not (each.allowed and _taken_back(each, patterns, whole=wanted is None))]
        now = time.time()
        denied = [
            Grant(module=name, versions=versions, permission=permission, pattern=pattern, allowed=False, at=now)
            for permission, pattern in _pairs(patterns)
            if self._still_given(name, permission, pattern, kept)
        ]
        kept = [each for each in kept if not _same(each, denied)]
        return self._change(name, [*kept, *denied], "revoke", patterns)

    def withdraw(self, name: str) -> None:
        """Forget all that was said of a module: it is another's from now on."""
        patterns: dict[str, tuple[str, ...]] = {}
        for each in self.of(name):
            patterns[each.permission] = (*patterns.get(each.permission, ()), each.pattern)
        if patterns:
            self._change(name, (), "revoke", patterns)

    def _change(self, name: str, grants: Sequence[Grant], act: str, patterns: Patterns) -> tuple[Grant, ...]:
        others = [each for each in self._policy.grants if each.module != name]
        self._policy.grants = [*others, *grants]
        self._keeping.grants(name, grants)
        if (running := self._roster.serving(name)) is not None:
            answer_as_allowed(running)
        told = _told(patterns)
        self._access.changed(name, act, told)
        text = f"{name} {'may' if act == 'grant' else 'may no longer'} use {told}"
        self._chronicle.tell(EventKind.ACCESS_CHANGED, text, module=name)
        return tuple(grants)

    def _patterns(self, name: str, wanted: Wanted | None, act: str) -> Patterns:
        """What is meant, by permission, all of it asked for by some version of the module."""
        manifests = self._manifests(name)
        if wanted is None:
            patterns = manifests[0].permissions
            if not patterns:
                raise HostError(f"{name} {manifests[0].version} asks for nothing; nothing was {act}")
            return patterns
        found = dict(checked(wanted))
        for permission, given in found.items():
            said = (each.permissions.get(permission, ()) for each in manifests)
            asked = next(filter(None, (*said, *(self._policy.asked(each, permission) for each in manifests))), ())
            if not asked:
                raise HostError(
                    f"no version of {name} asks for {permission} in its manifest, so it would be of no use; "
                    f"nothing was {act}"
                )
            found[permission] = given or tuple(asked)
        return found

    def _manifests(self, name: str) -> Sequence[Manifest]:
        """The version that runs, then those on disk, newest first."""
        running = self._roster.serving(name)
        found = [*([running.manifest] if running else []), *self._library.repository.versions(name)]
        if not found:
            raise ModuleUnknown(name, self._library.names)
        return found

    def _still_given(self, name: str, permission: str, pattern: str, kept: Sequence[Grant]) -> bool:
        """Whether anything else of the same permission, and of the same kind of use, is allowed."""
        others = [each.pattern for each in kept if each.allowed and each.permission == permission]
        others += (each for manifest in self._manifests(name) for each in self._policy.given(manifest, permission))
        return any(permission != "modules" or kind_of(each)[0] == kind_of(pattern)[0] for each in others)


def _pairs(patterns: Patterns) -> Iterator[tuple[str, str]]:
    return ((permission, pattern) for permission, each in patterns.items() for pattern in each)


def _same(grant: Grant, others: Sequence[Grant]) -> bool:
    """Whether something else is said of the same by now."""
    key = (grant.versions, grant.permission, grant.pattern)
    return any(key == (each.versions, each.permission, each.pattern) for each in others)


def _taken_back(grant: Grant, patterns: Patterns, *, whole: bool) -> bool:
    return whole or grant.pattern in patterns.get(grant.permission, ())


def _told(patterns: Patterns) -> str:
    return ", ".join(f"{permission} {pattern}" for permission, pattern in _pairs(patterns))
