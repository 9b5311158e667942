"""Modules that fail too often are switched off until somebody looks after them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from host.engine.chronicle import Chronicle
from host.lifecycle.bring_up import put_in_force
from host.lifecycle.instance import Instance
from host.lifecycle.quarantine import quarantine
from host.vocabulary.errors import HostError
from host.vocabulary.events import EventKind
from host.vocabulary.folders import data_option
from host.vocabulary.states import Status
from host.vocabulary.views import ProblemView, Severity


def remedy(name: str, option: str, *, back: bool) -> str:
    """What can be done about a quarantine; ``option``: what a command says of the data folder."""
    return f"Mend the file and save it, {'roll back, ' if back else ''}or resume it (theseus resume {name}{option})."


@dataclass(frozen=True, slots=True)
class Patience:
    """How many faults in how many seconds are too many."""

    faults: int = 5
    seconds: float = 10.0

    def __post_init__(self) -> None:
        if self.faults < 1 or not self.seconds > 0:
            raise HostError("a module is quarantined after at least one fault, in more than 0 s; or never, by None")


class Quarantining:
    """Counts the faults of each instance; a swap brings another, which has none."""

    def __init__(
        self,
        patience: Patience | None,
        chronicle: Chronicle,
        data: Path,
        clock: Callable[[], float] = time.monotonic,
        goes_back: Callable[[str], bool] = bool,
    ) -> None:
        """Prepare; ``goes_back``: whether a module, by its name, can be rolled back."""
        self._goes_back = goes_back
        self._option = data_option(data)
        self._patience = patience
        self._chronicle = chronicle
        self._clock = clock
        self._recent: dict[str, tuple[int, deque[float]]] = {}

    def faulted(self, instance: Instance) -> None:
        """Count a fault; where it is one too many, switch hooks and timers off."""
        patience, name = self._patience, instance.name
        if patience is None or instance.status is not Status.ACTIVE:
            return
        serial, recent = self._recent.get(name, (0, deque()))
        if serial != instance.serial:
            recent = deque(maxlen=patience.faults)
            self._recent[name] = (instance.serial, recent)
        recent.append(self._clock())
        if len(recent) == patience.faults and recent[-1] - recent[0] <= patience.seconds:
            self.put(instance, f"{patience.faults} faults in {patience.seconds:g} s")

    def put(self, instance: Instance, why: str) -> None:
        """Switch hooks and timers of an instance off, where that is done at all."""
        if self._patience is not None:
            quarantine(instance)
            self._tell(instance, why)

    def put_by_hand(self, instance: Instance) -> None:
        """Switch them off because somebody wants it, however many faults there were.

        Raises:
            HostError: it is not active.
        """
        if instance.status is not Status.ACTIVE:
            raise HostError(f"{instance.name} is {instance.status}, and only what is active can be quarantined")
        quarantine(instance)
        self._tell(instance, "")

    def resume(self, instance: Instance) -> None:
        """Switch hooks and timers on again.

        Raises:
            HostError: they are on.
        """
        name = instance.name
        if instance.status is not Status.QUARANTINED:
            raise HostError(f"{name} is not quarantined, it is {instance.status}; nothing was changed")
        self._recent.pop(name, None)
        put_in_force(instance)
        self._chronicle.settled(f"quarantine:{name}", f"fault:{name}")
        text = f"{name} {instance.version} was resumed: its hooks and timers are on again"
        self._chronicle.tell(EventKind.MODULE_RESUMED, text, module=name, version=instance.version)

    def _tell(self, instance: Instance, why: str) -> None:
        name, version = instance.name, instance.version
        after = f"after {why}" if why else "by hand"
        text = f"{name} {version} was quarantined {after}: its hooks and timers are off, it keeps its state"
        error = f"the last fault: {instance.last_fault}" if instance.last_fault else ""
        way_out = remedy(name, self._option, back=self._goes_back(name))
        told = f"{text}; {way_out[:1].lower()}{way_out[1:].removesuffix('.')}"
        self._chronicle.tell(EventKind.MODULE_QUARANTINED, told, module=name, version=version, error=error)
        self._chronicle.stands(
            ProblemView(
                id=f"quarantine:{name}",
                severity=Severity.ERROR if why else Severity.WARNING,
                message=f"{text}; {error}" if error else text,
                module=name,
                remedy=way_out,
                action="resume",
            )
        )
