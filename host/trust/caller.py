"""In whose name something is done."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from host.vocabulary.identity import Tier
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import ActivityRow, LimitView


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


class Calling:
    """Who has a core module do something now, through however many core modules.

    Modules call one another on one stack, so one assignment on the way in and one on the way out keep it. What is
    suspended and goes on later has to keep it meanwhile, and put it back while it runs.

    Attributes:
        behalf: the innermost module whose Lua asked for something and that is not core itself, or the core module
            that began by itself; ``None`` while the host itself asks.
    """

    def __init__(self) -> None:
        self.behalf: Caller | None = None

    def by(self, asking: Caller) -> Caller:
        """Whose name counts for what a module asks of another: its own, unless it is core and asked itself."""
        return self.behalf or asking if asking.core else asking
