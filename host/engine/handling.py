"""What a person does with something that a module has registered: fire it, mute it, cancel it."""

from __future__ import annotations

from host.engine.chronicle import Chronicle
from host.engine.roster import Roster
from host.lifecycle.bring_up import answer_as_allowed
from host.lifecycle.instance import Instance
from host.runtime.crossing import Crossing
from host.runtime.faults import printable
from host.vocabulary.errors import HostError
from host.vocabulary.views import PlainData


class Handling:
    """Acts on one entry of a module's activity, known by the id that :class:`ActivityRow` has; its log has each act."""

    def __init__(self, roster: Roster, chronicle: Chronicle) -> None:
        self._roster = roster
        self._chronicle = chronicle

    def fire(self, name: str, entry: str, argument: PlainData) -> None:
        """Call a hook, and no other that answers its event, or let a timer be due; faults count as ever.

        Raises:
            ModuleUnknown, HostError: there is no such thing, or it is switched off.
            ModuleFault: the hook's.
        """
        instance, number, kind = self._found(name, entry, "hook", "timer")
        if not instance.live or number in instance.muted:
            raise HostError(f"{_called(instance, kind, number)} is switched off; nothing was fired")
        self._note(instance, kind, number, "fired by hand")
        if kind == "timer":
            instance.timers.fire(number)
            return
        for fault in self._roster.dispatch.deliver((instance.handlers[number],), *Crossing.of(argument)):
            raise fault

    def mute(self, name: str, entry: str, *, on: bool) -> None:
        """Have a hook or a timer be told nothing, or as before; lasts until the module is swapped or reloaded.

        Raises:
            ModuleUnknown, HostError: there is no such thing.
        """
        instance, number, kind = self._found(name, entry, "hook", "timer")
        if on:
            instance.muted.add(number)
        else:
            instance.muted.discard(number)
        answer_as_allowed(instance)
        self._note(instance, kind, number, "muted" if on else "no longer muted")

    def cancel(self, name: str, entry: str) -> None:
        """End a timer or a task; who waits for the task is told.

        Raises:
            ModuleUnknown, HostError: there is no such thing.
        """
        instance, number, kind = self._found(name, entry, "timer", "task")
        self._note(instance, kind, number, "cancelled by hand")
        instance.ledger.pay(number)

    def _found(self, name: str, entry: str, *kinds: str) -> tuple[Instance, int, str]:
        instance = self._roster.get(name)
        serial, _, number = entry.partition(".")
        if serial != str(instance.serial):
            raise HostError(f"{name} was swapped since, and what it had registered before is gone; nothing was done")
        for kind in ("hook", "timer", "task", "panel", "export"):
            if number.isdecimal() and int(number) in instance.ledger.of(kind):
                if kind not in kinds:
                    raise HostError(f"that is done with a {' or a '.join(kinds)}, and not with this; nothing was done")
                return instance, int(number), kind
        raise HostError(f"{name} has nothing of that kind registered any more; nothing was done")

    def _note(self, instance: Instance, kind: str, number: int, what: str) -> None:
        self._chronicle.log(instance.name, "info", f"{_called(instance, kind, number)} was {what}")
        self._chronicle.touch(instance.name)


def _called(instance: Instance, kind: str, number: int) -> str:
    label = instance.handlers[number].event if kind == "hook" else instance.ledger.of(kind)[number]
    return f"{kind} {printable(label)}"
