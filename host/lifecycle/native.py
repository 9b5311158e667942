"""The native part of a core module: Python functions beside its Lua, from plain data to plain data.

``native.py`` defines ``functions(folder)``, which gives them by name; ``folder`` is where this module may keep files,
and may not be there yet. One that acts in the name of those who call the module defines ``functions(folder, gate)``:
it does so through the gate, and each of its functions is told the caller first. Nothing is held open between two
calls, so there is nothing to close. Two functions are for the host, and Lua does not see them: ``close`` closes what
has to be held open all the same, ``collect`` gives metric families.

A function may be asynchronous: a task of Lua's then waits for it. One that is marked by :func:`encoded` is handed its
arguments, and gives its answer, as they cross: what it only keeps is never decoded.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from host.discovery.inside import NotInsideError, read_inside
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.places import MODULES_DATA
from host.vocabulary.errors import HostError, LoadFailed, PermissionDenied
from host.vocabulary.identity import Tier
from host.vocabulary.manifest import MIB, Manifest

NATIVE_NAME: Final = "native.py"
_CLOSE: Final = "close"
_COLLECT: Final = "collect"
_FOR_THE_HOST: Final = frozenset({_CLOSE, _COLLECT})

F = TypeVar("F", bound=Callable[..., Any])

Functions = Mapping[str, Callable[..., Any]]


def encoded(function: F) -> F:
    """Mark a native function as one that takes a Crossing and gives one."""
    function.encoded = True  # type: ignore[attr-defined] # functions have attributes, and types of functions none
    return function


class Native:
    """What a core module's Lua finds in ``host.native``."""

    def __init__(self, module: str, functions: Functions, *, guarded: bool = False) -> None:
        """Hold functions by name; ``guarded``: those that are told the caller."""
        self._module = module
        self._functions = functions
        self._guarded = guarded

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._functions.keys() - _FOR_THE_HOST))

    def close(self) -> None:
        """Have it close what it holds open."""
        close = self._functions.get(_CLOSE)
        if close is not None:
            close()

    def collect(self) -> list[Any]:
        """Metric families of prometheus_client that it has."""
        collect = self._functions.get(_COLLECT)
        return [] if collect is None else list(collect())

    def call(self, name: str, argument: Crossing, caller: Caller) -> Crossing | Later:
        """Call one in the name of a module; what the system or the gate refused becomes nothing and a message.

        Returns:
            The answer; where the function gave an awaitable, what becomes one.

        Raises:
            HostError: it was called wrongly, or has a mistake.
        """
        function = self._functions[name]
        values: tuple[Any, ...] = (argument,)
        if not hasattr(function, "encoded"):
            values = argument.values() if argument != (None, None) else ()
        if self._guarded:
            values = (caller, *values)
        try:
            answer = function(*values)
            if type(answer) is Crossing:
                return answer
            return Later(self, name, answer) if hasattr(answer, "__await__") else Crossing.of(answer)
        except Exception as error:  # noqa: BLE001 - a module's code, which Lua's pcall would be handed as an object
            return self.told(name, error)

    def told(self, name: str, error: Exception) -> Crossing:
        """What Lua is told of an error in one.

        Raises:
            HostError: it is told as an error.
        """
        if isinstance(error, OSError):
            return Crossing.of(None, error.strerror.lower() if error.strerror else str(error))
        if isinstance(error, PermissionDenied):
            return Crossing.of(None, str(error))
        if isinstance(error, HostError):
            raise error
        raise HostError(f"{self._module} failed in native {name}: {type(error).__name__}: {error}") from error


class Later:
    """The answer of a native function that gave an awaitable; awaited at most once, or closed."""

    def __init__(self, native: Native, name: str, awaitable: Awaitable[Any]) -> None:
        self._native = native
        self._name = name
        self._awaitable = awaitable

    def __await__(self) -> Generator[Any, None, Crossing]:
        return self._answer().__await__()

    def close(self) -> None:
        """Let go of it before anybody waited."""
        if isinstance(self._awaitable, asyncio.Future):
            self._awaitable.cancel()
        elif isinstance(self._awaitable, Coroutine):
            self._awaitable.close()

    async def _answer(self) -> Crossing:
        try:
            answer = await self._awaitable
            return answer if isinstance(answer, Crossing) else Crossing.of(answer)
        except Exception as error:  # noqa: BLE001 - as above
            return self._native.told(self._name, error)


def read_native(manifest: Manifest, data: Path, gate: Gate) -> Native:
    """Run a module's ``native.py``, where it has one and may.

    Args:
        manifest: of the module.
        data: the host's data folder.
        gate: through which it acts in the name of others.

    Raises:
        LoadFailed: at step ``read``.
    """
    file = manifest.folder / NATIVE_NAME
    source = _source(manifest)
    if source is None:
        return Native(manifest.name, {})
    try:
        code = compile(source, str(file), "exec")
        members: dict[str, Any] = {"__name__": f"native_{manifest.name}", "__file__": str(file)}
        exec(code, members)  # noqa: S102 - it is the code of the module, which the user installed as core
        define = members["functions"]
        guarded = len(inspect.signature(define).parameters) > 1
        folder = data / MODULES_DATA / manifest.name
        functions = dict(define(folder, gate.of(manifest.name)) if guarded else define(folder))
    except SyntaxError as fault:
        raise _refused(manifest, f"{file.name}: {fault.msg}", fault.lineno or 0) from None
    except Exception as mistake:  # a module's code: it may raise anything, and the host runs on
        raise _refused(manifest, f"{file.name} failed: {type(mistake).__name__}: {mistake}") from mistake
    return Native(manifest.name, functions, guarded=guarded)


def names_in_native(manifest: Manifest) -> frozenset[str]:
    """What a module's ``native.py`` may call its functions, and other names in it; none of it is run.

    Raises:
        LoadFailed: at step ``read``.
    """
    source = _source(manifest)
    if source is None:
        return frozenset()
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as fault:
        raise _refused(manifest, f"{NATIVE_NAME}: {fault}", getattr(fault, "lineno", 0) or 0) from None
    return frozenset(name for node in ast.walk(tree) if (name := _named(node)).isidentifier())


def _named(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(name)) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name
        case ast.keyword(arg=str(name)):
            return name
    return ""


def _source(manifest: Manifest) -> bytes | None:
    file = manifest.folder / NATIVE_NAME
    if not os.path.lexists(file):
        return None
    if manifest.tier is not Tier.CORE:
        raise _refused(manifest, f"{file} is there, and only modules of the core tier may have one; remove it")
    try:
        return read_inside(manifest.folder, NATIVE_NAME, MIB)
    except NotInsideError as fault:
        raise _refused(manifest, f"{file} {fault}") from None
    except OSError as fault:
        raise _refused(manifest, f"{file.name} failed: {type(fault).__name__}: {fault}") from fault


def _refused(manifest: Manifest, reason: str, line: int = 0) -> LoadFailed:
    file = str(manifest.folder / NATIVE_NAME)
    return LoadFailed(manifest.name, manifest.version, "read", reason, file=file, line=line)
