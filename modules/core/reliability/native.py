"""What the Lua of this module cannot know by itself: who calls, and what time it is; and how it waits."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from host.trust.caller import Caller
from host.trust.gate import Gate


def functions(_folder: Path, _gate: Gate) -> dict[str, Callable[..., Any]]:
    """What Lua finds in ``host.native``; what waits is named as the export that does, which a refusal tells."""

    def sleep(_caller: Caller, seconds: float) -> Awaitable[None]:
        return asyncio.sleep(seconds, True)

    return {
        "caller": lambda caller: caller.name,
        "now": lambda _caller: time.monotonic(),
        "random": lambda _caller: random.random(),  # noqa: S311 - to spread load, not for secrets
        "retry": sleep,
        "rate_limit": sleep,
    }
