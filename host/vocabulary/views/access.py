"""What a module may do, and what it did."""

from __future__ import annotations

from msgspec import Struct


class AccessRow(Struct, frozen=True, kw_only=True):
    """One thing that a module asks for, or did without asking for it in its manifest.

    Attributes:
        pattern: as the manifest has it; of what it does not ask for, what was wanted.
        asked: whether the manifest asks for it.
        granted_by: ``user``; ``policy``, of what core and bundled modules have; empty where nobody allows it.
        used, denied: how often since the engine began.
        last: when last, seconds since the Unix epoch; 0.0 for never.
    """

    permission: str
    pattern: str
    asked: bool = True
    granted_by: str = ""
    used: int = 0
    denied: int = 0
    last: float = 0.0


class AuditRow(Struct, frozen=True, kw_only=True):
    """One thing that was done, or denied, in the name of a module; the same within a second is one row.

    Attributes:
        id: grows by one; 0 until it is kept.
        at: of the first time, seconds since the Unix epoch.
        count: how often.
        permission: as in manifests; ``grant``, ``revoke``, ``install`` and ``uninstall`` for what the user
            did, ``audit`` for the audit's own.
        wanted: what for.
        verdict: ``allowed`` or ``denied``; of the audit's own, ``broken``.
        through: the core module that asked; empty where the host did.
        details: JSON of what else there was to it, secrets masked; empty where nothing was.
    """

    id: int = 0
    at: float
    count: int = 1
    module: str
    version: str = ""
    permission: str
    wanted: str
    verdict: str
    through: str = ""
    details: str = ""


class AuditCheck(Struct, frozen=True, kw_only=True):
    """Whether the audit is as it was written.

    Attributes:
        first, last: ids of the rows that are kept; 0 where there are none.
        head: hex digest of the last row and, through it, of all before; kept elsewhere, it proves them.
        problems: what is not as it was written, a sentence each, the first 20; empty where all is.
    """

    first: int = 0
    last: int = 0
    head: str = ""
    problems: tuple[str, ...] = ()
