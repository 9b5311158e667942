"""How an instance goes: cleaned up, its debts paid, its runtime dropped, and a look whether it is really gone."""

from __future__ import annotations

from host.lifecycle.instance import Instance
from host.lifecycle.tasks import ENDS
from host.vocabulary.errors import ModuleFault
from host.vocabulary.states import Phase, Status


def clean_up(instance: Instance) -> None:
    """Cancel its tasks and call ``cleanup``; a fault in either is told and stops nothing."""
    instance.tasks.cancel_all(ENDS)
    try:
        with instance.entering(Phase.CLEANUP):
            instance.runtime.lifecycle("cleanup")
    except ModuleFault as fault:
        instance.exchange.faulted(instance.name, fault)


def drop_staged(instance: Instance) -> ModuleFault | None:
    """Drop what never came in force, by way of its ``cleanup``; gives a fault in that, which is not counted."""
    try:
        with instance.entering(Phase.CLEANUP):
            instance.runtime.lifecycle("cleanup")
    except ModuleFault as fault:
        return fault
    else:
        return None
    finally:
        discard(instance)


def withdraw(instance: Instance) -> None:
    """Take hooks and timers out of force; cannot fail."""
    if instance.live:
        dispatch = instance.exchange.dispatch
        dispatch.table = dispatch.table.without(instance.name)
    instance.live = False
    instance.timers.pause()
    instance.tasks.pause()


def discard(instance: Instance) -> None:
    """Pay its debts and drop its runtime; nothing of it remains.

    Raises:
        ExceptionGroup: an undo failed; the others were tried, and the runtime is dropped.
    """
    instance.live = False
    try:
        instance.caller.leave()
        instance.ledger.settle()
    finally:
        instance.handlers.clear()
        instance.exports.clear()
        instance.runtime.close()
        instance.native.close()
        instance.exchange.marker.release(instance.slot)
        instance.exchange.left(instance.serial)
        instance.turn(Status.UNLOADED)
