"""What operations see of a scope, and how they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from host.jobs.cluster import Cluster
from host.jobs.job import Job
from host.jobs.pool import Pool
from host.jobs.things import Things
from host.jobs.turns import Turns
from host.jobs.waits import DONE, Wait
from host.runtime.crossing import Crossing
from host.vocabulary.errors import ModuleFault
from host.vocabulary.payload import Payload

T = TypeVar("T")

Operation = Callable[..., Crossing | Wait]
"""Takes the scope, who asks, and plain values that the face has looked at."""


class Shared(Protocol):
    """A scope, which is locked meanwhile."""

    @property
    def pools(self) -> dict[str, Pool]: ...
    @property
    def things(self) -> Things: ...
    @property
    def turns(self) -> Turns: ...
    def start(self, image: bytes, arguments: bytes, held: tuple[int, ...]) -> Job | str: ...
    def new_job(self, image: bytes, arguments: bytes) -> Job: ...
    def new_remote_job(self, cluster: Cluster, image: bytes, arguments: bytes) -> Job: ...
    def connect(self, address: str, keep: Callable[[Cluster], Crossing]) -> Wait: ...
    def leave(self, cluster: Cluster) -> None: ...
    def job(self, number: Payload) -> Job | None: ...
    def tell_fault(self, fault: ModuleFault | str) -> None: ...


def plain(value: Payload) -> Crossing:
    return Crossing(None, value)


def nothing(why: str) -> Crossing:
    return Crossing.of(None, why)


def made(make: Callable[..., object]) -> Operation:
    """Make an operation that makes a thing: it gives its number."""

    def operation(scope: Shared, holder: int, *arguments: Payload) -> Crossing:
        return scope.things.add(make(*arguments), holder)

    return operation


def of(kind: type[T], act: Callable[..., Any]) -> Operation:
    """Make an operation of an act on one thing, which takes it and who asks, and gives a value, a wait or nothing."""

    def operation(scope: Shared, holder: int, number: int, *arguments: Payload) -> Crossing | Wait:
        result = act(scope.things.get(kind, number), holder, *arguments)
        if isinstance(result, (Wait, Crossing)):
            return result
        return DONE if result is None else plain(result)

    return operation
