"""Which other modules and events a module may use; judged only where its manifest or the user says anything of it."""

from __future__ import annotations

from functools import partial
from typing import Final

from host.trust.caller import Caller
from host.trust.policy import Policy, Verdict
from host.trust.use import Note, Use
from host.vocabulary.errors import PermissionDenied
from host.vocabulary.globbing import matches
from host.vocabulary.permission import KINDS_OF_USE, Grant, kind_of


class Reach:
    """What one module may call, listen to and emit."""

    def __init__(self, policy: Policy, note: Note, caller: Caller) -> None:
        self._policy: Final = policy
        self._note: Final = note
        self._caller: Final = caller
        self._seen: tuple[Grant, ...] | None = None
        self._free: frozenset[str] = frozenset()

    def need(self, kind: str, what: str) -> None:
        """Go on only where the module may.

        Args:
            kind: ``call``, ``listen`` or ``emit``.
            what: ``module.export``, or an event.

        Raises:
            PermissionDenied: it may not.
        """
        if self.free(kind):
            return
        verdict, pattern = self._policy.judge(self._caller, "modules", partial(_fits, kind, what))
        allowed = verdict is Verdict.ALLOWED
        caller, wanted = self._caller, f"{kind}:{what}"
        self._note(
            Use(
                module=caller.name,
                version=caller.version,
                permission="modules",
                wanted=wanted,
                pattern=pattern,
                allowed=allowed,
            )
        )
        if not allowed:
            raise PermissionDenied(caller.name, "modules", wanted, pattern)

    def free(self, kind: str) -> bool:
        """Whether it may do all of a kind, because nobody said anything of that; nothing is noted."""
        if self._seen is not self._policy.grants:
            self._look()
        return kind in self._free

    def listens(self, event: str) -> bool:
        """Whether it may listen to an event; nothing is noted."""
        if self.free("listen"):
            return True
        return self._policy.judge(self._caller, "modules", partial(_fits, "listen", event)).verdict is Verdict.ALLOWED

    def _look(self) -> None:
        """Find what needs no judgement: kinds of which nobody said anything."""
        self._seen = self._policy.grants
        self._free = frozenset(KINDS_OF_USE) - self._policy.kinds_told(self._caller.manifest)


def _fits(kind: str, what: str, pattern: str) -> bool:
    about, name = kind_of(pattern)
    if about != kind:
        return False
    return matches(what, name) or (kind == "call" and "." not in name and matches(what.partition(".")[0], name))
