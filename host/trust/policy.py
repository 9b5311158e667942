"""The policy: what a module asked for, what the user granted, and what is granted without being asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from host.trust.caller import Caller
from host.vocabulary.constraint import parse_constraint
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.permission import KINDS_OF_USE, Grant, Patterns, covers, kind_of
from host.vocabulary.version import parse_version

Fits = Callable[[str], bool]
"""Whether a pattern is about what is wanted."""

BUNDLED: Final[Mapping[str, Patterns]] = MappingProxyType(
    {"analytics": {"fs.read": ("data/*.jsonl",), "fs.write": ("data/*.jsonl",)}}
)
"""What modules that come with the program have, as long as they run from where they came."""


class Verdict(StrEnum):
    """What the policy says."""

    ALLOWED = "allowed"
    NOT_ASKED = "not asked for"
    NOT_GRANTED = "not granted"


class Judgement(NamedTuple):
    """A verdict, and the pattern that it hangs on: the one that was asked for, or denied; empty where none was."""

    verdict: Verdict
    pattern: str


class Policy:
    """Judges; holds the user's grants.

    Core modules have what their manifests ask for: they are part of the host, and their native parts could do all of it
    anyway. The user can deny it to them as to any other.
    """

    def __init__(self, grants: Iterable[Grant] = (), *, bundled: Path | None = None) -> None:
        """Begin with some grants; ``bundled``: the folder of the modules that come with the program."""
        self._grants: tuple[Grant, ...] = tuple(grants)
        self._bundled: Final = bundled
        self._known: dict[tuple[str, str], tuple[Grant, ...]] = {}

    @property
    def grants(self) -> tuple[Grant, ...]:
        """All, oldest first."""
        return self._grants

    @grants.setter
    def grants(self, grants: Iterable[Grant]) -> None:
        self._known.clear()
        self._grants = tuple(grants)

    def judge(self, caller: Caller, permission: str, fits: Fits) -> Judgement:
        """Whether a module may do what some patterns are about."""
        manifest = caller.manifest
        asked = next(filter(fits, self.asked(manifest, permission)), "")
        if not asked:
            return Judgement(Verdict.NOT_ASKED, "")
        about = [grant for grant in self._about(manifest) if grant.permission == permission and fits(grant.pattern)]
        for grant in about:
            if not grant.allowed:
                return Judgement(Verdict.NOT_GRANTED, grant.pattern)
        if about or any(map(fits, self.given(manifest, permission))):
            return Judgement(Verdict.ALLOWED, asked)
        return Judgement(Verdict.NOT_GRANTED, asked)

    def denies(self, caller: Caller, permission: str, fits: Fits) -> bool:
        """Whether the user denied what some patterns are about, whatever else is allowed."""
        about = self._about(caller.manifest)
        return any(not each.allowed and each.permission == permission and fits(each.pattern) for each in about)

    def asked(self, manifest: Manifest, permission: str) -> Sequence[str]:
        """What a module asks for; of other modules and events all, as far as its manifest is silent."""
        patterns = manifest.permissions.get(permission, ())
        return patterns if permission != "modules" else (*patterns, *_unsaid(patterns))

    def given(self, manifest: Manifest, permission: str) -> Sequence[str]:
        """What a module has without a grant of the user."""
        patterns = manifest.permissions.get(permission, ())
        unsaid = _unsaid(patterns) if permission == "modules" else ()
        if manifest.tier is Tier.CORE:
            return (*patterns, *unsaid)
        if self._bundled is not None and manifest.folder.is_relative_to(self._bundled):
            return (*BUNDLED.get(manifest.name, {}).get(permission, ()), *unsaid)
        return unsaid

    def kinds_told(self, manifest: Manifest) -> frozenset[str]:
        """Of calling, listening and emitting, those of which its manifest or the user says anything."""
        told = [*manifest.permissions.get("modules", ())]
        told += [grant.pattern for grant in self._about(manifest) if grant.permission == "modules"]
        return frozenset(kind_of(pattern)[0] for pattern in told)

    def granted(self, manifest: Manifest, permission: str, pattern: str) -> str:
        """Who allows all of a pattern that a manifest asks for: ``user``, ``policy``, or nobody: an empty text."""
        about = [
            each
            for each in self._about(manifest)
            if each.permission == permission and covers(permission, each.pattern, pattern)
        ]
        if any(not each.allowed for each in about):
            return ""
        if about:
            return "user"
        given = self.given(manifest, permission)
        return "policy" if any(covers(permission, each, pattern) for each in given) else ""

    def not_granted(self, manifest: Manifest) -> tuple[str, ...]:
        """What a manifest asks for and the module may not do, as ``net api.example.com:443``."""
        return tuple(
            f"{permission} {pattern}"
            for permission, patterns in manifest.permissions.items()
            for pattern in patterns
            if not self.granted(manifest, permission, pattern)
        )

    def _about(self, manifest: Manifest) -> tuple[Grant, ...]:
        found = self._known.get(manifest.key)
        if found is None:
            version = parse_version(manifest.version)
            found = tuple(
                grant
                for grant in self._grants
                if grant.module == manifest.name and parse_constraint(grant.versions).admits(version)
            )
            self._known[manifest.key] = found
        return found


def _unsaid(patterns: Sequence[str]) -> Sequence[str]:
    """Of calling, listening and emitting, all of what no pattern is about."""
    said = {kind_of(pattern)[0] for pattern in patterns}
    return [f"{kind}:*" for kind in KINDS_OF_USE if kind not in said]
