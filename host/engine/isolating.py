"""Which modules get a process of their own."""

from __future__ import annotations

from collections.abc import Iterable

from host.runtime.making import as_asked
from host.vocabulary.manifest import Manifest


class Isolating:
    """Those that ask for one, and those that were installed from outside: nobody here has read them."""

    def __init__(self, outside: Iterable[tuple[str, str]]) -> None:
        """Begin with the names and versions that were installed from outside."""
        self._outside = set(outside)

    def __call__(self, manifest: Manifest) -> bool:
        return as_asked(manifest) or manifest.key in self._outside

    def installed(self, name: str, version: str) -> None:
        """Take note of a version that came from outside; counts from its next instance on."""
        self._outside.add((name, version))
