"""In whose name something is done."""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import ActivityRow, LimitView

MOST_RAISED: Final = 32
"""Errors of functions that were handed out, the last ones, by which one that goes on is known."""
RECOGNIZED: Final = 1000
"""Characters of each."""
_UNCHANGED: Final = re.compile(r"(?:[\w./() -]+:\d+: )?\Z")
"""What an error begins with that goes on as it came: nothing, or the place that it went by."""


@dataclass(frozen=True, slots=True, eq=False)
class Caller:
    """A module in whose name a core module is asked to do something.

    Attributes:
        manifest: of the version that asks.
        folder: of its own data; may not be there yet.
        code: the real path of the folder that it was read from, as it was then.
        at_end: called when its instance goes or steps back: undoes what core modules did for it.
        under_way: gives what ends when nothing that core modules do for it is under way; a swap waits for a while.
        at_work: gives what works for it beside it, as rows of its activity.
        limits: gives what that may use and uses.
    """

    manifest: Manifest
    folder: Path
    at_end: dict[object, Callable[[], None]] = field(default_factory=dict)
    under_way: dict[object, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    at_work: dict[object, Callable[[], Sequence[ActivityRow]]] = field(default_factory=dict)
    limits: dict[object, Callable[[], Sequence[LimitView]]] = field(default_factory=dict)
    code: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "code", os.path.realpath(self.manifest.folder))

    def leave(self) -> None:
        """Undo what core modules did for it, newest first.

        Raises:
            ExceptionGroup: what failed of that; all of it was tried.
        """
        failures: list[Exception] = []
        while self.at_end:
            _, undo = self.at_end.popitem()
            try:
                undo()
            except Exception as failure:  # noqa: BLE001 - one must not keep the others from being undone
                failures.append(failure)
        if failures:
            raise ExceptionGroup("what core modules did for it was undone with failures", failures)

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def version(self) -> str:
        return self.manifest.version

    @property
    def core(self) -> bool:
        return self.manifest.tier is Tier.CORE


class _Raised(NamedTuple):
    """An error in a function that a module handed out; see ``Calling.note``."""

    owner: Caller
    text: str
    kept: int


class Asking(NamedTuple):
    """As ``Calling`` has it at a moment."""

    behalf: Caller | None
    awaiting: tuple[Caller, ...]


class Calling:
    """Who has a core module do something now, through however many core modules.

    Modules call one another on one stack, so one assignment on the way in and one on the way out keep it. What is
    suspended and goes on later has to keep it meanwhile, and put it back while it runs.

    Attributes:
        behalf: the innermost module whose Lua asked for something and that is not core itself, or the core module
            that began by itself; ``None`` while the host itself asks.
        awaiting: the modules that wait for what runs now, the outermost first; an error goes back to the last of them.
    """

    def __init__(self) -> None:
        self.behalf: Caller | None = None
        self.awaiting: tuple[Caller, ...] = ()
        self._raised: deque[_Raised] = deque(maxlen=MOST_RAISED)

    @property
    def now(self) -> Asking:
        return Asking(self.behalf, self.awaiting)

    @contextmanager
    def as_of(self, asking: Asking) -> Iterator[None]:
        """Have it be as it was, for a while."""
        before = self.now
        self.behalf, self.awaiting = asking
        try:
            yield
        finally:
            self.behalf, self.awaiting = before

    def by(self, asking: Caller) -> Caller:
        """Whose name counts for what a module asks of another: its own, unless it is core and asked itself."""
        return self.behalf or asking if asking.core else asking

    def note(self, owner: Caller, text: str, kept: int) -> None:
        """Note that a function of a module raised, what whoever called it is told, and what the value is kept as."""
        self._raised.append(_Raised(owner, text[:RECOGNIZED], kept))

    def back(self, text: str) -> int:
        """What the module that waits keeps an error as that one of its functions raised, and that goes on unchanged."""
        for owner, raised, kept in reversed(self._raised):
            if self.awaiting and owner is self.awaiting[-1] and text.endswith(raised):
                return kept if _UNCHANGED.match(text.removesuffix(raised)) else 0
        return 0

    def passes_on(self, module: str, text: str) -> bool:
        """Whether an error of a module is one that a function of another raised, and that it did not catch."""
        return any(owner.name != module and raised in text for owner, raised, _ in self._raised)
