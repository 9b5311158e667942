"""What the Lua of one file uses: globals, fields of globals, and what it requires; read from its bytecode."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from host.runtime.listing import Function, Instruction, Op, listing_of

_GETS: Final = (Op.TGETV, Op.TGETB)
_SETS: Final = (Op.TSETV, Op.TSETB)
_CALLS: Final = (Op.CALLM, Op.CALL, Op.CALLMT, Op.CALLT)


class Way(Enum):
    """What becomes of a value that was read."""

    CALLED = "called"
    INDEXED = "indexed"
    ASSIGNED = "assigned into"
    TESTED = "tested"
    FALLBACK = "what is taken where something else is not there"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Use:
    """A global, or a field of one, by its names from the outside in: ``("string", "format")``.

    Attributes:
        argument: the text that it was called with alone; ``None`` where that is not known.
        named: whether a field that was assigned has a name that is known.
    """

    path: tuple[str, ...]
    way: Way
    line: int
    argument: str | None = None
    named: bool = True


@dataclass(slots=True)
class Uses:
    """Of one file.

    Attributes:
        written: globals that it assigns, with the line of each time.
        used: the others.
        names: all names of fields.
    """

    file: str
    names: frozenset[str] = frozenset()
    written: list[tuple[str, int]] = field(default_factory=list)
    used: list[Use] = field(default_factory=list)


def uses_of(file: str, functions: Sequence[Function]) -> Uses:
    """Read all functions of one file."""
    fields = (step.constant for function in functions for step in function if step.op in {Op.TGETS, Op.TSETS})
    found = Uses(file, frozenset(name for name in fields if isinstance(name, str)))
    for function in functions:
        for place, instruction in enumerate(function):
            if not isinstance(instruction.constant, str):
                continue
            if instruction.op == Op.GSET:
                found.written.append((instruction.constant, instruction.line))
            elif instruction.op == Op.GGET:
                found.used.append(_followed(function, place))
    return found


def _followed(function: Function, place: int) -> Use:
    """Follow a global in straight order to where its value is first used."""
    first = function[place]
    path, held = [str(first.constant)], first.a
    for at in range(place + 1, len(function)):
        step = function[at]
        if step.op == Op.TGETS and step.b == held and isinstance(step.constant, str):
            path.append(step.constant)
            held = step.a
            continue
        way = _way(step, held)
        if way is None:
            continue
        if way is Way.ASSIGNED:
            named = isinstance(step.constant, str) and step.op == Op.TSETS
            return Use((*path, str(step.constant)) if named else tuple(path), way, step.line, named=named)
        if way is Way.READ and _is_fallback(function, place, first.a):
            way = Way.FALLBACK
        return Use(tuple(path), way, first.line, _argument(function, at, held) if way is Way.CALLED else None)
    return Use(tuple(path), Way.READ, first.line)


def _way(step: Instruction, held: int) -> Way | None:
    """What an instruction does with a register; ``None`` where it leaves it alone."""
    if step.op in _CALLS:
        return Way.CALLED if step.a == held else Way.READ if step.a < held else None
    if step.op in _GETS and step.b == held:
        return Way.INDEXED
    if (step.op in _SETS or step.op == Op.TSETS) and step.b == held:
        return Way.ASSIGNED
    if Op.ISTC <= step.op <= Op.ISF and step.d == held:
        return Way.TESTED
    if Op.ISEQV <= step.op <= Op.ISNEP and held in {step.a, step.d}:
        return Way.TESTED
    if (step.op == Op.MOV and step.d == held) or (step.writes and step.a == held):
        return Way.READ
    return Way.READ if Op.RETM <= step.op <= Op.RET1 else None


def _is_fallback(function: Function, place: int, register: int) -> bool:
    """Whether what stands before it is ``... or``: a test of the same register, and a jump over this."""
    if place < 2:
        return False
    test, jump = function[place - 2], function[place - 1]
    return jump.op == Op.JMP and Op.ISTC <= test.op <= Op.ISF and register in {test.a, test.d}


def _argument(function: Sequence[Instruction], at: int, held: int) -> str | None:
    """The one text that a call is handed."""
    call, before = function[at], function[at - 1]
    one = call.op in {Op.CALL, Op.CALLT} and (call.c if call.op == Op.CALL else call.d) == 2
    # Between a function and its arguments lies a free register where pointers are wide.
    handed = before.op == Op.KSTR and before.a in {held + 1, held + 2} and function[at - 2].op != Op.JMP
    return before.constant if one and handed and isinstance(before.constant, str) else None


def read_uses(module: str, files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[Uses, tuple[Function, ...]]]:
    """Read files that compile; gives each with its listing."""
    for path, source in files:
        functions = listing_of(f"@{module}/{path}", source)
        yield uses_of(path, functions), functions
