"""Acts that are finished once they were begun, whatever becomes of who asked for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

Act = Callable[P, Coroutine[Any, Any, T]]


def finished(act: Act[P, T]) -> Act[P, T]:
    """Have an act run to its end where its caller is cancelled, as by a timeout: half of it is none of its outcomes.

    Who waits is cancelled as ever; what comes of the act is then for nobody.
    """

    @wraps(act)
    async def wrapped(*given: P.args, **named: P.kwargs) -> T:
        task = asyncio.ensure_future(act(*given, **named))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # else one for nobody is told as lost
        try:
            await asyncio.wait((task,))  # a shield would hold an error, and all its frames, until who waits has gone on
            return task.result()
        finally:
            del task

    return wrapped
