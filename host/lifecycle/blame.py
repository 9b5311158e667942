"""Whose fault an error is that a module is told which asked for what failed."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from host.lifecycle.tasks import OF_NOBODY
from host.trust.caller import Caller, Calling
from host.vocabulary.errors import DeadlineExceeded, MemoryExceeded, ModuleFault, ProcessEnded, RecursionExceeded
from host.vocabulary.states import Phase

EXPORT: Final = "export "
"""What the name begins with of a call of an export."""
HANDED: Final = "a function it handed out"
"""The name of a call of one."""
_ASKED: Final = (Phase.EXPORT, Phase.TASK)
_MISTAKE: Final = re.compile(r"\bbad \w+ .{1,200}? to '(?P<name>[^']{1,200})' \(")
"""How a function of Lua's, and of the host's, says that it was called wrongly."""


class Blame(NamedTuple):
    """A module whose fault counts; ``asked`` as in ``Exchange.faulted``."""

    module: str
    asked: bool = False


def blame_of(fault: ModuleFault, phase: Phase, own: Caller, calling: Calling) -> Blame | None:
    """Say whose fault counts; nobody's where somebody is told who brought it about.

    Args:
        fault: of a module.
        phase: in which that was entered.
        own: the module.
        calling: who asked.
    """
    if phase is Phase.CONSOLE:
        return None
    if phase not in _ASKED or _is_limit(fault):
        return Blame(own.name)
    if fault.hook == HANDED:
        return _of_handed(fault, own, calling)
    if fault.hook == OF_NOBODY:
        return Blame(calling.behalf.name if calling.behalf is not None and own.core else own.name)
    if fault.hook.startswith(EXPORT):
        fault.back = calling.back(fault.message)
        mistake = _MISTAKE.search(fault.message)
        was_called_wrongly = mistake is not None and mistake["name"] == fault.hook.removeprefix(EXPORT)
        return None if was_called_wrongly and calling.awaiting else Blame(own.name, asked=True)
    return Blame(own.name)


def _of_handed(fault: ModuleFault, own: Caller, calling: Calling) -> Blame | None:
    """Of one in a function that a module handed out: it goes on to that module where that waits for what called it."""
    waits = own in calling.awaiting or calling.behalf is own
    by_itself = not waits and bool(calling.awaiting) and calling.awaiting[-1].core
    calling.note(own, str(fault), fault.kept)
    if waits or (own.core and not by_itself):
        return None
    return Blame(own.name, asked=not by_itself)


def _is_limit(fault: ModuleFault) -> bool:
    """Whether what failed was ended for what it did itself, whoever asked for it."""
    match fault:
        case DeadlineExceeded():
            return not fault.chain
        case RecursionExceeded():
            return not fault.nested
    return isinstance(fault, MemoryExceeded | ProcessEnded)
