"""What a file of Lua would do, read from its bytecode: it is compiled, and nothing of it runs.

Bytecode tells what no search through the text does: which names are global, which function a line belongs to, which
value goes where. Source of the numbers: LuaJIT 2.1, ``lj_bc.h``; a test compiles Lua that shows each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple, cast

from lupa import luajit21

from host.runtime.codec import decode
from host.runtime.crossing import LuaFunction


class Op(IntEnum):
    """The instructions that anybody asks for."""

    ISEQV = 4
    ISNEP = 11
    ISTC = 12
    ISF = 15
    MOV = 18
    KSTR = 39
    KSHORT = 41
    KNUM = 42
    KPRI = 43
    KNIL = 44
    USETV = 46
    USETP = 49
    UCLO = 50
    FNEW = 51
    TNEW = 52
    TDUP = 53
    GGET = 54
    GSET = 55
    TGETV = 56
    TGETS = 57
    TGETB = 58
    TSETV = 60
    TSETS = 61
    TSETB = 62
    CALLM = 65
    CALL = 66
    CALLMT = 67
    CALLT = 68
    VARG = 71
    RETM = 73
    RET = 74
    RET0 = 75
    RET1 = 76
    FORI = 77
    JMP = 88


class Instruction(NamedTuple):
    """One instruction.

    Attributes:
        op: a number of LuaJIT's; those that matter are an :class:`Op`.
        a, b, c, d: operands; ``d`` is ``b`` and ``c`` as one.
        writes: whether it writes the register ``a``.
        line: 1-based.
        constant: text, the types of a table's fields by name, or the index of a function; ``False`` for none.
    """

    op: int
    a: int
    b: int
    c: int
    d: int
    writes: bool
    line: int
    constant: str | Mapping[str, str] | int


Function = Sequence[Instruction]


def listing_of(chunk: str, source: bytes) -> tuple[Function, ...]:
    """The functions of a file that compiles, that of the file itself first; none of one that does not."""
    data = _reader()(source, chunk.encode("utf-8", "replace"))
    if not isinstance(data, bytes):
        return ()
    functions = cast("list[list[list[Any]]]", decode(data))
    return tuple(tuple(Instruction(*_eight(row)) for row in function) for function in functions)


def _eight(row: list[Any]) -> list[Any]:
    return row if len(row) == 8 else [*row, False]


@cache
def _reader() -> LuaFunction:
    lua = luajit21.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    reader: LuaFunction = lua.execute(files("host.runtime").joinpath("listing.lua").read_bytes())
    return lambda *arguments: _first(reader(*arguments))


def _first(answer: object) -> object:
    return answer[0] if isinstance(answer, tuple) else answer
