"""Patterns of paths: ``data/**``, ``module/words.txt``, ``~/notes/*.md``, ``/etc/hosts``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

from host.vocabulary.errors import PatternInvalid
from host.vocabulary.globbing import covers, matches, matches_all

ROOTS: Final = ("data", "module", "~", "")
"""What a path begins with: the module's own data folder, the folder of its code, the user's home, nothing: ``/``."""
DEEP: Final = "**"
_EXPECTED: Final = "a path below data/, module/, ~/ or /, as in data/** or ~/notes/*.md"


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A root, and names below it; ``*`` and ``?`` stay within one name, ``**`` is any number of names, also none."""

    root: str
    names: tuple[str, ...]

    @classmethod
    @lru_cache(maxsize=4096)
    def parse(cls, text: str) -> Self:
        """Read a pattern.

        Raises:
            PatternInvalid: it begins with no root, or could lead up.
        """
        root, names = rooted(text)
        if root is None or any(name in {"", ".", ".."} or (DEEP in name and name != DEEP) for name in names):
            raise PatternInvalid(text, _EXPECTED)
        return cls(root, names)

    def matches(self, names: tuple[str, ...]) -> bool:
        """Whether real names below the root are as it says."""
        return matches_all(names, self.names, DEEP, lambda pattern, name: matches(name, pattern))

    def covers(self, narrow: PathPattern) -> bool:
        """Whether all places that another pattern means are meant by it; no where that is not plain to see."""
        if self == narrow:
            return True
        return self.root == narrow.root and matches_all(
            narrow.names, self.names, DEEP, lambda wide, name: name != DEEP and covers(wide, name)
        )


def rooted(text: str) -> tuple[str | None, tuple[str, ...]]:
    """Take a path apart into its root, ``None`` where it has none, and the names below it, as they stand."""
    root, slash, rest = text.partition("/")
    if root not in ROOTS or (root == "" and not slash):
        return None, ()
    return root, tuple(rest.split("/")) if rest else ()
