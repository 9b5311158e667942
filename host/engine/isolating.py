"""Which modules get a process of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from host.runtime.making import as_asked
from host.vocabulary.manifest import Isolation, Manifest


class Isolating:
    """Those that ask for one, and those that were installed from outside: nobody here has read them.

    The user's word for a module goes before both.
    """

    def __init__(self, outside: Iterable[tuple[str, str]], chosen: Mapping[str, Isolation]) -> None:
        """Begin.

        Args:
            outside: names and versions that were installed from outside.
            chosen: the user's word by name.
        """
        self._outside = set(outside)
        self._chosen = dict(chosen)

    def __call__(self, manifest: Manifest) -> bool:
        chosen = self._chosen.get(manifest.name)
        if chosen is not None:
            return chosen is Isolation.PROCESS
        return as_asked(manifest) or manifest.key in self._outside

    def installed(self, name: str, version: str) -> None:
        """Take note of a version that came from outside; counts from its next instance on."""
        self._outside.add((name, version))

    def chosen(self, name: str) -> Isolation | None:
        """The user's word for a module."""
        return self._chosen.get(name)

    def choose(self, name: str, isolation: Isolation | None) -> None:
        """Take the user's word for a module, or take it back; counts from its next instance on."""
        self._chosen.pop(name, None)
        if isolation is not None:
            self._chosen[name] = isolation
