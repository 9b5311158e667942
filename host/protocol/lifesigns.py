"""What a window learns about the engine beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from host.protocol.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineUp:
    """The engine runs and answers.

    Attributes:
        client: ready to be asked; the supervisor closes it.
        pid: of the engine.
        restarts: how often it was started again.
    """

    client: Client
    pid: int
    restarts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineDown:
    """The engine ended, unasked.

    Attributes:
        at: seconds since the Unix epoch.
        exit_text: how: ``killed by signal 9``, ``exit status 3``, ``ended by the window: no answer for 5 s``.
        suspect: the module that was being entered; empty where it was none, or nobody knows.
        version: the suspect's.
        phase: in words, ``in a hook handler``; empty without a suspect.
        last_words: the last line it wrote to its log in this run; empty where there is none.
    """

    at: float
    exit_text: str
    suspect: str = ""
    version: str = ""
    phase: str = ""
    last_words: str = ""

    def __str__(self) -> str:
        inside = f" while {self.suspect} {self.version} was {self.phase}" if self.suspect else ""
        said = f"; its last words: {self.last_words}" if self.last_words else ""
        return f"the engine ended{inside} ({self.exit_text}){said}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineGivenUp:
    """The engine is not started again until somebody asks for it; ``reason`` says why, without a final stop."""

    at: float
    reason: str

    def __str__(self) -> str:
        return f"the engine stays down: {self.reason}; start it again when you are ready"


EngineChange = EngineUp | EngineDown | EngineGivenUp
