"""What can be seen of the whole host at one revision, and what is different since another."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from host.vocabulary.events import Event
from host.vocabulary.views.modules import ModuleView


class Severity(StrEnum):
    """How much a problem matters."""

    WARNING = "warning"
    ERROR = "error"


class ProblemView(Struct, frozen=True, kw_only=True):
    """One problem that stands now; it goes by itself when its cause does.

    Attributes:
        id: stable while the problem stands (``manifest:/path``, ``reload:advanced_chat``).
        file, line: where; ``file`` is absolute or empty, ``line`` 0 where unknown.
        remedy: what the user can do, one sentence.
        action: a protocol method that mends it (``rollback``, ``load``, ...) for ``module``; empty where none does.
    """

    id: str
    severity: Severity
    message: str
    module: str = ""
    file: str = ""
    line: int = 0
    remedy: str = ""
    action: str = ""
    since: float = 0.0
    count: int = 1


class LogLine(Struct, frozen=True, kw_only=True):
    """One line that a module or the host wrote; text has neither control characters nor line breaks of its own."""

    revision: int
    at: float
    level: str
    module: str
    text: str


class WatchView(Struct, frozen=True, kw_only=True):
    """Whether what runs is what lies on disk."""

    watching: bool
    folders: tuple[str, ...] = ()
    in_step: bool = True
    last_change: float = 0.0
    text: str = ""


class GapView(Struct, frozen=True, kw_only=True):
    """A time in which an event loop did not turn.

    Attributes:
        at: its begin, seconds since the Unix epoch.
        seconds: how long nothing else was done.
        own_s: seconds of the processor's time that the loop's thread had of it; few where it waited, or the machine was
            busy with others.
        module, version, inside: whose Lua it was in when it was looked at, and how (``in a hook handler``); empty where
            in nobody's.
        stack: of Python, the innermost last, each ``file:line in function``; empty where nobody came to look.
    """

    at: float
    seconds: float
    own_s: float = 0.0
    module: str = ""
    version: str = ""
    inside: str = ""
    stack: tuple[str, ...] = ()


class EngineView(Struct, frozen=True, kw_only=True):
    """The engine itself: process id, start (Unix seconds), bytes resident, and what the last run died of, if it did.

    ``gaps``: how often its loop did not turn for more than 0.1 s.
    """

    pid: int
    started: float
    version: str
    data: str
    memory: int
    lua_ms_per_s: float
    watch: WatchView
    last_death: str = ""
    left_out: tuple[str, ...] = ()
    gaps: int = 0


class Snapshot(Struct, frozen=True, kw_only=True):
    """The whole host at one revision."""

    revision: int
    engine: EngineView
    modules: Mapping[str, ModuleView]
    problems: tuple[ProblemView, ...]


class Changes(Struct, frozen=True, kw_only=True):
    """What is different since a revision.

    Attributes:
        revision: ask with this one next time.
        complete: true where ``since`` was too old or 0: ``modules`` is then all there is.
        modules: those that changed, whole; ``gone``: names no longer known.
        problems: all that stand now, or ``None`` where they did not change.
        events, log: those newer than ``since``, oldest first, at most the newest 10,000.
    """

    revision: int
    complete: bool
    engine: EngineView
    modules: tuple[ModuleView, ...] = ()
    gone: tuple[str, ...] = ()
    problems: tuple[ProblemView, ...] | None = None
    events: tuple[Event, ...] = ()
    log: tuple[LogLine, ...] = ()
