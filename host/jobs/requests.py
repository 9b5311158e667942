"""What the Lua of a job asks, answered on the thread that it runs on, or by the event loop while the job waits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, NoReturn, Protocol

from host.jobs.waits import Wait
from host.runtime.crossing import Crossing, Ticket
from host.vocabulary.errors import HostError
from host.vocabulary.payload import Payload

_THE_ONE: Final = Ticket(1)
"""A job waits for one thing at a time."""

_NO_FUNCTIONS: Final = "a function cannot go from a job to another module, nor come back; hand over data"


class Asked(Protocol):
    """The scope of a job, as its requests see it."""

    @property
    def owner(self) -> str: ...
    def ask(self, name: str, arguments: tuple[Payload, ...], holder: int) -> Crossing | Wait: ...
    def sleep(self, seconds: float) -> Wait: ...
    def ask_export(self, owner: str, name: str, crossing: Crossing) -> Wait: ...
    def say(self, level: str, text: str) -> None: ...
    def tell_bug(self, request: str, error: Exception) -> None: ...


class Known(Protocol):
    """What a job finds of its module; on any thread."""

    def asset(self, path: str) -> bytes: ...
    def source(self, path: str) -> bytes | None: ...
    def dependency(self, name: str) -> str | None: ...
    def face(self, owner: str) -> bytes | None: ...
    def has_export(self, owner: str, name: str) -> bool: ...


def _refusing(what: str) -> Callable[..., NoReturn]:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise HostError(f"{what} is not there in a job: have the module do it, and tell it over a channel")

    return refuse


class JobRequests:
    """Implements ``runtime.crossing.Requests``: what makes sense beside the module; the rest is refused.

    Attributes:
        job: number of the job whose Lua asks.
    """

    def __init__(self, scope: Asked, known: Known) -> None:
        self._scope = scope
        self._known = known
        self._waits: Wait | None = None
        self.job = 0

    def parked(self) -> Wait | None:
        """What it waits for, once."""
        wait, self._waits = self._waits, None
        return wait

    def _ticket(self, answer: Crossing | Wait) -> Crossing | Ticket:
        if isinstance(answer, Crossing):
            return answer
        if isinstance(answer.answer, Crossing):
            return answer.answer
        if answer.answer is not None:
            raise answer.answer
        self._waits = answer
        return _THE_ONE

    def face_call(self, owner: str, name: str, arguments: tuple[Payload, ...]) -> Crossing | Ticket:
        if owner != self._scope.owner:
            raise HostError(f"{owner}.{name} is not there in a job")
        return self._ticket(self._scope.ask(name, arguments, self.job))

    def begin_export(self, owner: str, name: str, crossing: Crossing) -> Crossing | Ticket:
        if crossing.shape is not None and crossing.shape < 0:
            raise HostError(_NO_FUNCTIONS)
        return self._ticket(self._scope.ask_export(owner, name, crossing))

    def call_export(self, owner: str, name: str, crossing: Crossing) -> NoReturn:
        del crossing
        raise HostError(f"{owner}.{name} waits, and cannot here: call it in the job itself")

    def sleep(self, seconds: float) -> Crossing | Ticket:
        return self._ticket(self._scope.sleep(seconds))

    def forget(self, ticket: int) -> None:
        del ticket
        wait = self.parked()
        if wait is not None:
            wait.give_up()

    def log(self, level: str, text: str) -> None:
        self._scope.say(level, text)

    def bug(self, request: str, error: Exception) -> None:
        self._scope.tell_bug(request, error)

    def limited(self, limit: str) -> None:
        """Count nothing: what met the limit is the job's, and it is told."""

    def source(self, path: str) -> bytes | None:
        return self._known.source(path)

    def asset(self, path: str) -> bytes:
        return self._known.asset(path)

    def dependency(self, name: str) -> str | None:
        return self._known.dependency(name)

    def face(self, owner: str) -> bytes | None:
        return self._known.face(owner)

    def has_export(self, owner: str, name: str) -> bool:
        return self._known.has_export(owner, name)

    def bind(self, owner: str, name: str) -> None:
        """None: the event loop answers each call."""

    # -- what is the module's alone -----------------------------------------------------------------------------------

    emit = _refusing("host.emit")
    filter = _refusing("host.filter")
    schedule = _refusing("a timer")
    begin_task = _refusing("host.async")
    register = _refusing("registerHook")
    unregister = _refusing("unregisterHook")
    export = _refusing("exports")
    show_panel = update_panel = panel_value = _refusing("host.ui.panel")
    cancel = cancel_task = _refusing("cancel")
    join = _refusing("wait")
    native = _refusing("host.native")
    call_handed = begin_handed = _refusing("a function of another module")


async def answer_of(answer: Crossing | Awaitable[Crossing]) -> Crossing:
    """Wait for what a module answers.

    Raises:
        HostError: it answered what does not reach a job.
    """
    crossing = answer if isinstance(answer, Crossing) else await answer
    if crossing.shape is not None and crossing.shape < 0:
        raise HostError(_NO_FUNCTIONS)
    return crossing
