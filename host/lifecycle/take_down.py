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


def drop_staged(instance: Instance) -> tuple[Exception, ...]:
    """Drop what never came in force, by way of its ``cleanup``; gives what failed of that, which is not counted."""
    failures: list[Exception] = []
    try:
        with instance.entering(Phase.CLEANUP):
            instance.runtime.lifecycle("cleanup")
    except ModuleFault as fault:
        failures.append(fault)
    try:
        discard(instance)
    except ExceptionGroup as group:
        failures += group.exceptions
    return tuple(failures)


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
    failures: list[Exception] = []
    for undo in (instance.caller.leave, instance.ledger.settle):
        try:
            undo()
        except ExceptionGroup as group:
            failures += group.exceptions
    instance.handlers.clear()
    instance.exports.clear()
    instance.runtime.close()
    instance.native.close()
    instance.exchange.marker.release(instance.slot)
    instance.exchange.left(instance.serial)
    instance.turn(Status.UNLOADED)
    if failures:
        raise ExceptionGroup(f"not all that {instance.name} held was given back", failures)
