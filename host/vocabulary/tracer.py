"""Who is told of hooks, calls and swaps as spans of time that stand inside each other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Any, Protocol


class Span(Protocol):
    """A stretch of time that has begun."""

    def failed(self, why: str) -> None: ...


class Tracer(Protocol):
    """Takes spans; nothing of it may raise."""

    def span(self, kind: str, name: str, module: str = "") -> AbstractContextManager[Span]:
        """Begin one, inside that which is under way; an error that ends it is told and goes on."""
        ...


def hooked(tracer: Tracer, module: str, event: str, way: Callable[..., Any]) -> Callable[..., Any]:
    """A way into a handler, of whose calls a tracer is told; a record of a fault is one of an error."""

    @wraps(way, assigned=())
    def told(*arguments: Any) -> Any:  # noqa: ANN401 - as the way has it
        with tracer.span("hook", f"{module} {event}", module) as span:
            answer = way(*arguments)
            if answer is not None and not isinstance(answer[0], bool | int):
                span.failed(bytes(answer[1] or b"").decode("utf-8", "replace"))
            return answer

    return told


def begun(tracer: Tracer, module: str, event: str, begin: Callable[..., Any]) -> Callable[..., Callable[..., Any]]:
    """The same for what begins a call and gives what waits for its end: the span is that of the wait."""
    return lambda *arguments: hooked(tracer, module, event, begin(*arguments))


def spanned(tracer: Tracer | None, kind: str, name: str, module: str = "") -> AbstractContextManager[Span | None]:
    """Begin a span of what runs in the block; nothing where there is no tracer."""
    return nullcontext() if tracer is None else tracer.span(kind, name, module)
