"""Versions as authors write them, PEP 440 or semver, in one order.

Most semver is PEP 440 in another spelling (``1.0.0-beta.2`` is ``1.0.0b2``), and what both can spell means what PEP 440
says (``1.0.0-1`` is a post-release). What is not (``1.0.0-alpha.beta``,
``1.0.0-canary.3``) stands in for a PEP 440 version beside which it sorts, and its identifiers break the tie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, total_ordering
from typing import Final

from packaging.version import InvalidVersion as NotPep440
from packaging.version import Version as Pep440

from host.vocabulary.errors import VersionInvalid

Identifier = tuple[int, int, str]
"""A semver identifier as it sorts: numbers before words."""

LONGEST: Final = 128
"""Characters of a version; Python refuses to read numbers of some thousand digits with an error of its own."""

_SEMVER: Final = re.compile(
    r"(?P<release>\d+\.\d+\.\d+)(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+(?P<build>[0-9A-Za-z.-]+))?\Z"
)
_PHASES: Final = {"dev": "dev", "alpha": "a", "a": "a", "beta": "b", "b": "b", "rc": "rc", "c": "rc", "pre": "rc"}
_AFTER_ALL_NUMBERS: Final = 10**18


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """One version.

    Attributes:
        text: as its author spelled it.
        pep440: what ``packaging`` compares.
        identifiers: of a semver pre-release that PEP 440 cannot spell; else empty.
        build: of semver build metadata that PEP 440 cannot spell; else empty.
    """

    text: str
    pep440: Pep440
    identifiers: tuple[Identifier, ...] = ()
    build: str = ""

    @property
    def is_prerelease(self) -> bool:
        return self.pep440.is_prerelease

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self._rank == other._rank

    def __lt__(self, other: Version) -> bool:
        return self._rank < other._rank

    def __hash__(self) -> int:
        return hash(self._rank)

    def __str__(self) -> str:
        return self.text

    @property
    def _rank(self) -> tuple[Pep440, tuple[Identifier, ...], str]:
        return self.pep440, self.identifiers, self.build


@lru_cache(maxsize=1 << 15)
def parse_version(text: str) -> Version:
    """Read one version.

    Raises:
        VersionInvalid: it is neither PEP 440 nor semver.
    """
    if len(text) > LONGEST:
        raise VersionInvalid(text[:LONGEST] + "...")
    try:
        return Version(text, Pep440(text))
    except NotPep440:
        return _parse_semver(text)


def newest_first(texts: Iterable[str]) -> list[str]:
    """Versions sorted, the newest first; equal ones (``1.0`` and ``1.0.0``) by their spelling."""
    return sorted(sorted(texts), key=parse_version, reverse=True)


def _parse_semver(text: str) -> Version:
    match = _SEMVER.match(text)
    if match is None:
        raise VersionInvalid(text)
    build = match["build"] or ""
    if match["pre"] is None:
        return Version(text, Pep440(match["release"]), build=build)
    words = match["pre"].split(".")
    identifiers = tuple((0, int(word), "") if word.isdecimal() else (1, 0, word) for word in words)
    return Version(text, Pep440(match["release"] + _stand_in(words)), identifiers, build)


def _stand_in(words: list[str]) -> str:
    """The PEP 440 pre-release right after which these identifiers sort."""
    phase = _PHASES.get(words[0].lower())
    if phase is None:
        return f"{_phase_before(words[0])}{_AFTER_ALL_NUMBERS}"
    if len(words) > 1 and words[1].isdecimal():
        return f"{_spelled(phase)}{int(words[1])}"
    return f"{_spelled(phase)}{_AFTER_ALL_NUMBERS}"


def _phase_before(word: str) -> str:
    """The last of dev, alpha, beta and rc that sorts before a word, as semver sorts words."""
    passed = [phase for named, phase in (("alpha", "a"), ("beta", "b"), ("rc", "rc")) if named < word]
    return passed[-1] if passed else ".dev"


def _spelled(phase: str) -> str:
    return ".dev" if phase == "dev" else phase
