"""Spans of what native parts of core modules do for others, where anybody is told of spans."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextvars import copy_context

from host.runtime.crossing import Crossing
from host.vocabulary.tracer import Tracer

Answer = Crossing | Awaitable[Crossing]


def answered(tracer: Tracer, name: str, module: str, ask: Callable[[], Answer]) -> Answer:
    """Ask for something in a span, which ends with the answer.

    Args:
        tracer: is told of it.
        name: of the export.
        module: which answers.
        ask: gives the answer, or what will be that.
    """
    span = tracer.span("export", f"{module} {name}", module)
    context = copy_context()
    context.run(span.__enter__)

    def leave(error: BaseException | None) -> None:
        context.run(span.__exit__, None if error is None else type(error), error, None)

    try:
        answer = context.run(ask)
    except BaseException as error:
        leave(error)
        raise
    if isinstance(answer, Crossing):
        leave(None)
        return answer
    return _Later(answer, leave)


class _Later:
    """An answer that comes later; awaited at most once, or closed.

    Attributes:
        undo: as of the answer.
    """

    def __init__(self, answer: Awaitable[Crossing], leave: Callable[[BaseException | None], None]) -> None:
        self._answer = answer
        self._leave = leave
        self.undo: Callable[[], object] | None = getattr(answer, "undo", None)

    def __await__(self) -> Generator[object, None, Crossing]:
        return self._answered().__await__()

    def close(self) -> None:
        """Let go of it before anybody waited."""
        if isinstance(self._answer, asyncio.Future):
            self._answer.cancel()
        elif hasattr(self._answer, "close"):
            self._answer.close()
        self._leave(None)

    async def _answered(self) -> Crossing:
        try:
            answer = await self._answer
        except BaseException as error:
            self._leave(error)
            raise
        self._leave(None)
        return answer
