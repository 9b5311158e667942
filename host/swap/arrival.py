"""One module that a swap brings along: a version that comes in with it needs it, and it was not loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from host.discovery.bundle import Bundle
from host.lifecycle.bring_up import begin, prepare, restore
from host.lifecycle.exchange import Exchange
from host.lifecycle.instance import Instance
from host.lifecycle.take_down import drop_staged
from host.swap.steps import Steps
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Manifest


@dataclass(slots=True, eq=False, kw_only=True)
class Arrival:
    """A member of a swap beside its changes; where the swap is taken back, it was never there.

    Attributes:
        bundle: reads the sources; may refuse.
        fits: refuses what the modules do not accept that would be loaded then.
        checkpoint: a state to begin with, and the version that made it.
        steps: told and timed.
        new: from ``prepare`` on.
    """

    manifest: Manifest
    bundle: Callable[[], Bundle]
    config: Mapping[str, Any]
    fits: Callable[[], None]
    exchange: Exchange
    checkpoint: tuple[bytes, str] | None = None
    steps: Steps = field(default_factory=Steps)
    new: Instance = field(init=False)

    @property
    def key(self) -> ModuleKey:
        return self.manifest.key

    def check(self) -> None:
        with self.steps.step("check"):
            self.fits()

    def prepare(self) -> None:
        """Run its entry file; those that come with it find it under its name."""
        with self.steps.step("prepare"):
            self.new = self.exchange.staged[self.manifest.name] = prepare(self.manifest, self.bundle(), self.exchange)

    def pause(self) -> None:
        """Do nothing: there is none before it."""

    def begin(self) -> None:
        """Have it begin, with its last state."""
        with self.steps.step("init"):
            begin(self.new, self.config)
            if self.checkpoint is not None:
                restore(self.new, *self.checkpoint)
        self.new.ready = True

    def validate(self) -> None:
        """Do nothing: nothing was swapped in it."""

    def abandon(self) -> None:
        """Drop it; what it began in ``init`` it may end in ``cleanup``."""
        if self.exchange.staged.get(self.manifest.name) is not None:
            for failure in drop_staged(self.new):
                self.exchange.log(self.manifest.name, "error", f"its cleanup failed: {failure}")

    def go_on(self, serving: Instance) -> None:
        """Do nothing: it has begun, and was never paused."""
