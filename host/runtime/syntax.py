"""Whether a file is Lua at all, without running any of it."""

from __future__ import annotations

from functools import cache

from lupa import luajit21

from host.runtime.crossing import LuaFunction
from host.runtime.faults import fault_of
from host.vocabulary.errors import ModuleFault
from host.vocabulary.manifest import Limits


@cache
def _compiler() -> LuaFunction:
    lua = luajit21.LuaRuntime(encoding=None, register_eval=False, register_builtins=False)
    compiler: LuaFunction = lua.execute(b"return function(text, name) return (select(2, load(text, name, 't'))) end")
    return compiler


def syntax_fault(module: str, path: str, source: bytes) -> ModuleFault | None:
    """The first mistake in a file, with its line; ``None`` where it compiles."""
    message = _compiler()(source, f"@{module}/{path}".encode())
    return None if message is None else fault_of(module, path, Limits(), (b"error", message))
