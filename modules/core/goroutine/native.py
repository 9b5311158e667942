"""Jobs on threads, and on other machines; ``face.lua`` asks for them in the runtime of each module."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from host.jobs.scopes import Scopes
from host.trust.caller import Caller
from host.trust.gate import Gate


def functions(_folder: Path, gate: Gate) -> dict[str, Callable[..., Any]]:
    """Nothing that Lua finds in ``host.native``: all is asked through the face."""

    async def reach(caller: Caller, host: str, port: int) -> str:
        return (await gate.connect_address(caller, host, port))[0].address

    scopes = Scopes("goroutine", reach)
    return {"face": scopes.answer, "close": scopes.close, "step_back": scopes.step_back}
