"""The native part of a core module: Python functions beside its Lua, from plain data to plain data.

``native.py`` defines ``functions(folder)``, which gives them by name; ``folder`` is where this module may keep files,
and may not be there yet. One that acts in the name of those who call the module defines ``functions(folder, gate)``:
it does so through the gate, and each of its functions is told the caller first. Nothing is held open between two
calls, so there is nothing to close. Four functions are for the host, and Lua does not see them: ``close`` closes what
has to be held open all the same, ``collect`` gives metric families, ``face`` answers the module's ``face.lua``,
``step_back`` is told why whoever waits for what this instance alone has does so in vain: another one answers now.
``native_code`` says what it may import from files beside it.

``face.lua``, with the files of a folder ``face``, runs in the runtime of each module that requires this one, as code of
the host, and gives what ``require`` does. It asks ``face`` by names, with plain values alone; that is told who asks,
see :class:`Client`.

A function may be asynchronous: a task of Lua's then waits for it. One that is marked by :func:`encoded` is handed its
arguments, and gives its answer, as they cross: what it only keeps is never decoded; :func:`bare` marks those of which a
microsecond counts. One that the module's Lua puts among its exports as it is answers other modules in this process
without that Lua being entered.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from host.lifecycle.native_code import NATIVE_NAME, PARTS, NativeCode, read_sources, refused
from host.runtime.crossing import Crossing
from host.trust.caller import Caller
from host.trust.gate import Gate
from host.trust.places import MODULES_DATA
from host.vocabulary.errors import HostError, ModuleFault, PermissionDenied
from host.vocabulary.manifest import Manifest
from host.vocabulary.payload import Payload, Shape

_CLOSE: Final = "close"
_COLLECT: Final = "collect"
_FACE: Final = "face"
_STEP_BACK: Final = "step_back"
_FOR_THE_HOST: Final = frozenset({_CLOSE, _COLLECT, _FACE, _STEP_BACK})
_LONGEST: Final = 300
"""Characters of an error that is told."""
FACE_NAME: Final = "face.lua"
FACE_PARTS: Final = "face/"

F = TypeVar("F", bound=Callable[..., Any])

Functions = Mapping[str, Callable[..., Any]]
Entered = Callable[[Crossing, Caller], "Crossing | Later"]
"""A native function as it is called: with its arguments, and in whose name."""
Bare = Callable[[Caller, Shape, Payload], tuple[Shape, Payload]]
"""One that is marked by :func:`bare`."""


def encoded(function: F) -> F:
    """Mark a native function as one that takes a Crossing and gives one."""
    function.encoded = True  # type: ignore[attr-defined] # functions have attributes, and types of functions none
    return function


def bare(function: F) -> F:
    """Mark a native function as one that takes shape and payload of a Crossing, and gives them: the fastest way."""
    function.bare = True  # type: ignore[attr-defined] # the same
    return function


class Client(Protocol):
    """A module that asks a core module through its face, and what may be done for it; in the event loop only."""

    @property
    def caller(self) -> Caller: ...
    @property
    def files(self) -> Mapping[str, bytes]: ...
    def ask_export(self, owner: str, name: str, crossing: Crossing) -> Crossing | Awaitable[Crossing]: ...
    def asset(self, path: str) -> bytes: ...
    def at_work(self, jobs: int) -> None: ...
    def bug(self, request: str, error: Exception) -> None: ...
    def dependency(self, name: str) -> str | None: ...
    def face(self, owner: str) -> bytes | None: ...
    def faulted(self, fault: ModuleFault) -> None: ...
    def has_export(self, owner: str, name: str) -> bool: ...
    def log(self, level: str, text: str) -> None: ...
    def source(self, path: str) -> bytes | None: ...


class Native:
    """What a core module's Lua finds in ``host.native``."""

    def __init__(
        self, module: str, functions: Functions, *, guarded: bool = False, code: NativeCode | None = None
    ) -> None:
        """Hold functions by name.

        Args:
            module: whose they are.
            functions: by name.
            guarded: whether they are told the caller.
            code: in which they are defined.
        """
        self._code = code
        self._module = module
        self._functions = functions
        self._guarded = guarded
        self._entered: dict[str, Entered] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._functions.keys() - _FOR_THE_HOST))

    def close(self) -> None:
        """Have it close what it holds open."""
        close = self._functions.get(_CLOSE)
        try:
            if close is not None:
                close()
        finally:
            if self._code is not None:
                self._code.close()

    def step_back(self, why: str) -> None:
        """Have it refuse whoever waits for what no other instance gives."""
        step_back = self._functions.get(_STEP_BACK)
        if step_back is not None:
            step_back(why)

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
        return self.function(name)(argument, caller)

    def function(self, name: str) -> Entered:
        """One to be called many times, as :meth:`call` does."""
        if name not in self._entered:
            self._entered[name] = self._made(name)
        return self._entered[name]

    def direct(self, name: str) -> Direct:
        """The same for an export that it is."""
        function = self._functions.get(name)
        bare = function if self._guarded and hasattr(function, "bare") else None
        return Direct(self.function(name), partial(self.told, name), bare)

    def _made(self, name: str) -> Entered:
        if name not in self.names:
            raise HostError(f"{self._module} has no native {name[:80]!r}")
        function: Callable[[Caller, Crossing], Any] = self._functions[name]
        if hasattr(function, "bare"):
            function = _as_crossing(function, guarded=self._guarded)
        elif not hasattr(function, "encoded"):
            function = _decoding(function, guarded=self._guarded)
        elif not self._guarded:
            function = _without_caller(function)

        def enter(argument: Crossing, caller: Caller) -> Crossing | Later:
            try:
                answer: Any = function(caller, argument)
                if type(answer) is Crossing:
                    return answer
                return Later(self, name, answer) if hasattr(answer, "__await__") else Crossing.of(answer)
            except Exception as error:  # noqa: BLE001 - a module's code, which Lua's pcall would be handed as an object
                return self.told(name, error)

        return enter

    def face_call(self, name: str, arguments: tuple[Payload, ...], client: Client) -> Crossing | Awaitable[Crossing]:
        """Answer the module's face in the runtime of another.

        Raises:
            HostError: it asked wrongly.
        """
        answer: Crossing | Awaitable[Crossing] = self._functions[_FACE](client, name, arguments)
        return answer

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
        raise HostError(f"{self._module} failed in native {name}{_where(error)}: {_words(error)}") from error


def _where(error: Exception) -> str:
    """The innermost line of a native part that an error went through, as `` (native.py:12)``."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [each for each in frames if Path(each.filename).name == NATIVE_NAME or PARTS in Path(each.filename).parts]
    return f" ({Path(inside[-1].filename).name}:{inside[-1].lineno})" if inside else ""


def _words(error: Exception) -> str:
    """What an error says, without the names of Python's own."""
    if isinstance(error, KeyError):
        return f"there is no {error}"
    return " ".join(str(error).split())[:_LONGEST] or "it says no more"


def _decoding(function: Callable[..., Any], *, guarded: bool) -> Callable[[Caller, Crossing], Any]:
    def call(caller: Caller, argument: Crossing) -> Any:  # noqa: ANN401 - as it answered
        values = argument.values() if argument != (None, None) else ()
        return function(caller, *values) if guarded else function(*values)

    return call


def _as_crossing(function: Callable[..., Any], *, guarded: bool) -> Callable[[Caller, Crossing], Crossing]:
    def call(caller: Caller, argument: Crossing) -> Crossing:
        return Crossing(*(function(caller, *argument) if guarded else function(*argument)))

    return call


def _without_caller(function: Callable[..., Any]) -> Callable[[Caller, Crossing], Any]:
    return lambda _caller, argument: function(argument)


@dataclass(slots=True)
class Direct:
    """An export that is a native function, which others enter without the module's Lua; they count their calls.

    Attributes:
        told: what Lua is told of an error, or the error that it is told.
        bare: the function itself, where it takes a caller, shape and payload.
        heard: told who calls, while somebody wants to know.
    """

    enter: Entered
    told: Callable[[Exception], Crossing]
    bare: Bare | None
    calls: int = 0
    faults: int = 0
    heard: Callable[[Caller], None] | None = None

    def failed(self, error: Exception) -> Crossing:
        """What Lua is told of an error in it.

        Raises:
            HostError: it is told as an error, and counted.
        """
        try:
            return self.told(error)
        except HostError:
            self.faults += 1
            raise


class Later:
    """The answer of a native function that gave an awaitable; awaited at most once, or closed.

    Attributes:
        undo: takes back what it gave, where whoever waited for it was cancelled meanwhile; an awaitable may have one.
    """

    def __init__(self, native: Native, name: str, awaitable: Awaitable[Any]) -> None:
        self._native = native
        self._name = name
        self._awaitable = awaitable
        self.undo: Callable[[], object] | None = getattr(awaitable, "undo", None)

    def __await__(self) -> Generator[Any, None, Crossing]:
        return self._answer().__await__()

    def close(self) -> None:
        """Let go of it before anybody waited."""
        if isinstance(self._awaitable, asyncio.Future):
            self._awaitable.cancel()
        elif hasattr(self._awaitable, "close"):
            self._awaitable.close()

    async def _answer(self) -> Crossing:
        try:
            answer = await self._awaitable
            return answer if isinstance(answer, Crossing) else Crossing.of(answer)
        except Exception as error:  # noqa: BLE001 - as above
            return self._native.told(self._name, error)


def face_of(files: Mapping[str, bytes]) -> bytes | None:
    """The text of a face: ``face.lua``, which is handed what the files in ``face`` say, as functions by name."""
    face = files.get(FACE_NAME)
    if face is None:
        return None
    names = {path.removeprefix(FACE_PARTS).removesuffix(".lua"): path for path in files if path.startswith(FACE_PARTS)}
    parts = b"".join(b"parts.%s = function(...)\n%s\nend\n" % (n.encode(), files[path]) for n, path in names.items())
    return b"local parts = {}\n%sreturn (function(...)\n%s\nend)(parts)" % (parts, face)


def read_native(manifest: Manifest, data: Path, gate: Gate) -> Native:
    """Run a module's ``native.py``, where it has one and may.

    Args:
        manifest: of the module.
        data: the host's data folder.
        gate: through which it acts in the name of others.

    Raises:
        LoadFailed: at step ``read``.
    """
    sources = read_sources(manifest)
    if not sources:
        return Native(manifest.name, {})
    code = NativeCode(manifest, sources)
    try:
        define = code.run()["functions"]
        guarded = len(inspect.signature(define).parameters) > 1
        folder = data / MODULES_DATA / manifest.name
        functions = dict(define(folder, gate.of(manifest.name)) if guarded else define(folder))
    except SyntaxError as fault:
        code.close()
        path = _path(manifest, fault.filename)
        raise refused(manifest, path, f"{path}: {fault.msg}", fault.lineno or 0) from None
    except Exception as mistake:  # a module's code: it may raise anything, and the host runs on
        code.close()
        reason = f"{NATIVE_NAME} failed: {type(mistake).__name__}: {mistake}"
        raise refused(manifest, NATIVE_NAME, reason) from mistake
    return Native(manifest.name, functions, guarded=guarded, code=code)


def names_in_native(manifest: Manifest) -> frozenset[str]:
    """What a module's native part may call its functions, and other names in it; none of it is run.

    Raises:
        LoadFailed: at step ``read``.
    """
    names: set[str] = set()
    for path, source in read_sources(manifest).items():
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError) as fault:
            raise refused(manifest, path, f"{path}: {fault}", getattr(fault, "lineno", 0) or 0) from None
        names |= {name for node in ast.walk(tree) if (name := _named(node)).isidentifier()}
    return frozenset(names)


def _path(manifest: Manifest, file: str | None) -> str:
    """The file that a mistake is in; ``native.py`` where that is none of the module's."""
    inside = file and Path(file).is_relative_to(manifest.folder)
    return Path(file).relative_to(manifest.folder).as_posix() if file and inside else NATIVE_NAME


def _named(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(name)) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return name
        case ast.keyword(arg=str(name)):
            return name
    return ""
