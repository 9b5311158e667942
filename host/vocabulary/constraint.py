"""Version specifiers: PEP 440's, and the sugar of Cargo and npm, read into one shape.

``^1.2`` (up to the next breaking version), ``~1.2`` (up to the next minor one), ``1.2.x`` and ``1.2.*``, ``*``, a bare
``1.2.3`` (that one), a comma for *and*, ``||`` for *or*.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from packaging.specifiers import InvalidSpecifier, Specifier

from host.vocabulary.errors import SpecifierInvalid, VersionInvalid
from host.vocabulary.version import Version, parse_version

LONGEST: Final = 512
EXAMPLES: Final = "write it as in ^1.2, ~1.2, 1.2.x, >=1,<2 or *"

_CLAUSE: Final = re.compile(r"(?P<operator>===|~=|==|!=|<=|>=|<|>|\^|~|=|)\s*(?P<version>[^\s,|<>=^~!][^\s,|<>=^~]*)\Z")
_WILDCARDS: Final = re.compile(r"(?:\.[xX*])+\Z")
_TIES: Final = {
    "==": operator.eq,
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "~=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison; ``named`` is the version it names, ``None`` for a prefix (``==1.2.*``)."""

    specifier: Specifier
    named: Version | None

    def admits(self, version: Version) -> bool:
        """Whether a version is in range, pre-release or not."""
        named, symbol = self.named, self.specifier.operator
        if symbol == "===":
            return version.text == self.specifier.version
        if named is not None and (named.identifiers or version.identifiers) and named.pep440 == version.pep440:
            return bool(_TIES[symbol](version.identifiers, named.identifiers))
        return self.specifier.contains(version.pep440, prereleases=True)

    @property
    def names_prerelease(self) -> bool:
        return self.named is not None and self.named.is_prerelease and self.specifier.operator != "!="


@dataclass(frozen=True, slots=True)
class Constraint:
    """What one specifier admits: any of ``alternatives``, each of which is all of its clauses."""

    text: str
    alternatives: tuple[tuple[Clause, ...], ...]
    _known: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def admits(self, version: Version) -> bool:
        """Whether a version is in range, pre-release or not; searches ask the same again and again."""
        known = self._known.get(version.text)
        if known is None:
            known = any(all(clause.admits(version) for clause in clauses) for clauses in self.alternatives)
            self._known[version.text] = known
        return known

    @property
    def names_prerelease(self) -> bool:
        """Whether pre-releases are asked for, by naming one."""
        return any(clause.names_prerelease for clauses in self.alternatives for clause in clauses)

    def __str__(self) -> str:
        return self.text


@lru_cache(maxsize=1 << 13)
def parse_constraint(text: str) -> Constraint:
    """Read a specifier; the empty text is ``*``.

    Raises:
        SpecifierInvalid: with what to write instead.
    """
    if len(text) > LONGEST:
        raise SpecifierInvalid(text[:64] + "...", f"it has over {LONGEST} characters")
    if not text.strip():
        return Constraint("*", ((),))
    alternatives = []
    for alternative in text.split("||"):
        clauses: list[Clause] = []
        for part in alternative.split(","):
            clauses += _clauses(part.strip(), text)
        alternatives.append(tuple(clauses))
    return Constraint(text.strip(), tuple(alternatives))


def _clauses(part: str, text: str) -> list[Clause]:
    if part in {"*", "x", "X"}:
        return []
    match = _CLAUSE.match(part)
    if match is None:
        raise SpecifierInvalid(text, _hint(part))
    symbol = match["operator"] or "=="
    version = _WILDCARDS.sub("", match["version"])
    try:
        if symbol in {"^", "~"}:
            return _up_to(version, _next_breaking if symbol == "^" else _next_minor)
        if symbol == "===":
            return [Clause(Specifier(symbol + match["version"]), None)]
        return [_clause("==" if symbol == "=" else symbol, version, wild=version != match["version"])]
    except (VersionInvalid, InvalidSpecifier):
        raise SpecifierInvalid(text, _hint(part)) from None


def _clause(symbol: str, text: str, *, wild: bool = False) -> Clause:
    version = parse_version(text)
    if wild:
        return Clause(Specifier(f"{symbol}{version.pep440.public}.*"), None)
    # Only equality may name build metadata.
    spelled = str(version.pep440) if symbol in {"==", "!="} else version.pep440.public
    return Clause(Specifier(symbol + spelled), version)


def _up_to(text: str, ceiling: Callable[[tuple[int, ...]], tuple[int, ...]]) -> list[Clause]:
    version = parse_version(text)
    end = ".".join(map(str, ceiling(version.pep440.release)))
    epoch = f"{version.pep440.epoch}!" if version.pep440.epoch else ""
    return [_clause(">=", text), _clause("<", epoch + end)]


def _next_breaking(release: tuple[int, ...]) -> tuple[int, ...]:
    """The first part that is not zero counts, as in Cargo and npm; of zeros alone, the last."""
    place = next((index for index, part in enumerate(release) if part), len(release) - 1)
    return (*release[:place], release[place] + 1)


def _next_minor(release: tuple[int, ...]) -> tuple[int, ...]:
    return (release[0] + 1,) if len(release) == 1 else (release[0], release[1] + 1)


def _hint(part: str) -> str:
    if not part:
        return "something is missing beside a comma or ||"
    if "|" in part:
        return "write || for or"
    if re.search(r"\s-\s", part):
        return "write a range as >=1.2,<=2.0"
    if "=>" in part or "=<" in part:
        return "write >= or <="
    if "~>" in part:
        return "write ~1.2 or ~=1.2"
    if re.search(r"\d\s+\S", part):
        return "put a comma between two comparisons"
    if re.search(r"[<>~].*\.[xX*]\Z", part):
        return "a wildcard goes with == or != or alone, as in 1.2.x"
    return EXAMPLES
