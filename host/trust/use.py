"""One question that was judged, as the audit is told of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from host.vocabulary.views import PlainData


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One question that was judged.

    Attributes:
        module, version: in whose name.
        permission: by name.
        wanted: what for: a path, ``host:port``, a program.
        pattern: of those that were asked for, the one that it is about; empty where none is.
        allowed: the verdict.
        through: the core module that asked; empty where the host did.
        details: what else there was to it; secrets are still in it.
        reason: why not, where it is another than that nobody allowed it.
    """

    module: str
    version: str
    permission: str
    wanted: str
    pattern: str
    allowed: bool
    through: str = ""
    details: PlainData = None
    reason: str = ""


Note = Callable[[Use], None]
