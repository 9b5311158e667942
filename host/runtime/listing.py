"""What a file of Lua would do, read from its bytecode: it is compiled, and nothing of it runs.

Bytecode tells what no search through the text does: which names are global, which function a line belongs to, which
value goes where. Source of the numbers: LuaJIT 2.1, ``lj_bc.h``; a test compiles Lua that shows each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from functools import cache
from importlib.resources import files
from struct import Struct
from typing import Any, Final, NamedTuple, cast

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

_WORDS: Final = Struct("<II")
_BY_D: Final = frozenset({Op.KSTR, Op.FNEW, Op.TDUP, Op.GGET, Op.GSET})
"""Instructions whose operand ``d`` is the number of a constant; of the next, ``c`` is."""
_BY_C: Final = frozenset({Op.TGETS, Op.TSETS})


def listing_of(chunk: str, source: bytes) -> tuple[Function, ...]:
    """The functions of a file that compiles, that of the file itself first; none of one that does not."""
    data = _reader()(source, chunk.encode("utf-8", "replace"))
    if not isinstance(data, bytes):
        return ()
    functions = cast("list[tuple[bytes | str, list[Any]]]", decode(data))
    return tuple(tuple(_instructions(_bytes(words), constants)) for words, constants in functions)


def _instructions(words: bytes, constants: Sequence[Any]) -> Iterator[Instruction]:
    for word, line in _WORDS.iter_unpack(words):
        op, a, c, b = word & 255, word >> 8 & 255, word >> 16 & 255, word >> 24
        d = word >> 16
        number = d if op in _BY_D else c if op in _BY_C else None
        constant = constants[number] if number is not None and number < len(constants) else False
        yield Instruction(op, a, b, c, d, bool(line >> 31), line & 0x7FFFFFFF, constant)


def _bytes(text: bytes | str) -> bytes:
    """Lua's strings as bytes, those too that happen to be UTF-8."""
    return text.encode() if isinstance(text, str) else text


@cache
def _reader() -> LuaFunction:
    lua = luajit21.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    reader: LuaFunction = lua.execute(files("host.runtime").joinpath("listing.lua").read_bytes())
    return lambda *arguments: _first(reader(*arguments))


def _first(answer: object) -> object:
    return answer[0] if isinstance(answer, tuple) else answer
