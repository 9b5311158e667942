"""How an instance is taken out of the way that fails too often: nothing is told to it, and it keeps its state.

Source: the circuit breaker; M. Nygard, Release It!.
"""

from __future__ import annotations

from host.lifecycle.instance import Instance
from host.lifecycle.take_down import withdraw
from host.vocabulary.states import Status


def quarantine(instance: Instance) -> None:
    """Switch its hooks, timers and tasks off; what others ask of it, it still answers. ``put_in_force`` ends it."""
    withdraw(instance)
    instance.tasks.start(serving_only=True)
    instance.turn(Status.QUARANTINED)
