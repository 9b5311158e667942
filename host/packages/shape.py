"""What an entry file returns, as far as its bytecode tells: which members, of which types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from host.runtime.listing import Function, Instruction, Op

UNKNOWN: Final = ""
_PRIMITIVES: Final = {0: "nil", 1: "boolean", 2: "boolean"}
_KINDS: Final = {
    Op.KSTR: "string",
    Op.KSHORT: "number",
    Op.KNUM: "number",
    Op.FNEW: "function",
}


@dataclass(slots=True)
class Made:
    """A table that the file makes: type and line of each field with a name."""

    fields: dict[str, tuple[Value, int]] = field(default_factory=dict)


Value: TypeAlias = "Made | str"
"""A table, or the name of a type; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a file that ends in one way.

    Attributes:
        returned: what it returns; ``nil`` where it is nothing.
        line: in which it does.
    """

    returned: Value
    line: int


def shape_of(functions: Sequence[Function]) -> Shape | None:
    """Read the first of a file's functions, which is the file's own; ``None`` where it returns in several places."""
    function = functions[0]
    returns = [each for each in function if each.op in {Op.RETM, Op.RET, Op.RET0, Op.RET1, Op.CALLT, Op.CALLMT}]
    if len(returns) != 1:
        return Shape("nil", returns[-1].line) if returns and all(each.op == Op.RET0 for each in returns) else None
    (last,) = returns
    if last.op == Op.RET0:
        return Shape("nil", last.line)
    if last.op != Op.RET1:
        return Shape(UNKNOWN, last.line)
    # Where an inner function assigns a local of an outer one, what a register held is no longer sure.
    reading = _Reading(branched=any(Op.USETV <= step.op <= Op.USETP for each in functions for step in each))
    for step in function:
        reading.take(step)
    return Shape(reading.registers.get(last.a, UNKNOWN), last.line)


@dataclass(slots=True)
class _Reading:
    """One walk over a function in straight order; what comes after a branch may not have happened."""

    registers: dict[int, Value] = field(default_factory=dict)
    branched: bool = False

    def take(self, step: Instruction) -> None:
        if Op.FORI <= step.op <= Op.JMP:
            self.branched = True
        elif step.op == Op.TSETS:
            self._set(step)
        elif step.op == Op.TGETS and isinstance(step.constant, str):
            table = self.registers.get(step.b, UNKNOWN)
            known = table.fields.get(step.constant) if isinstance(table, Made) else None
            self.registers[step.a] = known[0] if known and not self.branched else UNKNOWN
        elif step.op in {Op.CALLM, Op.CALL, Op.VARG}:
            self._forget_from(step.a)
        elif step.op == Op.KNIL:
            nothing = UNKNOWN if self.branched else "nil"
            self.registers |= dict.fromkeys(range(step.a, step.d + 1), nothing)
        elif step.writes:
            self.registers[step.a] = UNKNOWN if self.branched else self._written(step)

    def _written(self, step: Instruction) -> Value:
        if step.op == Op.MOV:
            return self.registers.get(step.d, UNKNOWN)
        if step.op == Op.TNEW:
            return Made()
        if step.op == Op.TDUP and isinstance(step.constant, Mapping):
            return Made({name: (kind, step.line) for name, kind in step.constant.items()})
        if step.op == Op.KPRI:
            return _PRIMITIVES.get(step.d, UNKNOWN)
        return next((kind for op, kind in _KINDS.items() if op == step.op), UNKNOWN)

    def _set(self, step: Instruction) -> None:
        table = self.registers.get(step.b, UNKNOWN)
        if isinstance(table, Made) and isinstance(step.constant, str):
            table.fields[step.constant] = (self.registers.get(step.a, UNKNOWN), step.line)

    def _forget_from(self, register: int) -> None:
        for each in [known for known in self.registers if known >= register]:
            self.registers[each] = UNKNOWN
