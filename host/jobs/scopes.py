"""The scopes of all modules that ask one core module for jobs."""

from __future__ import annotations

from asyncio import Future

from host.jobs.scope import Reach, Scope
from host.lifecycle.native import Client
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.vocabulary.payload import Payload


class Scopes:
    """A scope for each instance that asks; it goes with that, or with the core module."""

    def __init__(self, owner: str, reach: Reach) -> None:
        """Begin with none; arguments as of a scope."""
        self._owner = owner
        self._reach = reach
        self._scopes: dict[Caller, Scope] = {}

    def answer(self, client: Client, name: str, arguments: tuple[Payload, ...]) -> Crossing | Future[Crossing]:
        """What the face in a module's runtime asks.

        Raises:
            HostError: it cannot be done.
        """
        caller = client.caller
        scope = self._scopes.get(caller)
        if scope is None:
            scope = self._scopes[caller] = Scope(client, self._owner, self._reach)
            caller.at_end[self] = lambda: self._end(caller)
            caller.under_way[self] = scope.settled
            caller.at_work[self] = scope.activity
            caller.limits[self] = scope.limits
        return scope.answer(name, arguments)

    def step_back(self, why: str) -> None:
        """Refuse whoever waits for what only these scopes have: another core module answers now."""
        for scope in self._scopes.values():
            scope.step_back(why)

    def close(self) -> None:
        """End all of them."""
        for caller in list(self._scopes):
            caller.at_end.pop(self, None)
            self._end(caller)

    def _end(self, caller: Caller) -> None:
        caller.under_way.pop(self, None)
        caller.at_work.pop(self, None)
        caller.limits.pop(self, None)
        self._scopes.pop(caller).close()
