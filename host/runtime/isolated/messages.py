"""What an engine and the process of a module say to each other; decoding refuses all else.

Calls and asks nest like a stack: while the engine waits for the outcome of a call it answers what is asked, and what it
is asked may have it call again. So only calls have numbers; an answer is to the newest ask.
"""

from __future__ import annotations

from struct import Struct as Layout
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta, Struct, msgpack

from host.vocabulary.manifest import MIB
from host.vocabulary.payload import Shape

LONGEST_NAME: Final = 200
"""Characters of the name of an event or an export; the module's own side counts it in bytes."""
LONGEST_TEXT: Final = 8000
"""Characters of a log line, and bytes of a fault's message or traceback."""
LONGEST_PATH: Final = 4096
"""Characters of what is looked up by a name that Lua gave: of a file, a module, an export."""

LONGEST_BEGIN: Final = 1 << 16
"""Bytes of the first frame."""

NOTICE: Final = Layout("=Bii")
"""Of the prepared process: which of the four, a number, and the status as ``waitpid`` gives it or why there is none."""
READY: Final = 0
FORKED: Final = 1
ENDED: Final = 2
REFUSED: Final = 3
OUT_OF_MEMORY: Final = 77
"""Exit status of a process that got no more memory from the system."""

Value: TypeAlias = bytes | int | float | bool | None
"""As ``vocabulary.payload.Payload``, with whole numbers told from others, as runtimes in this process tell them."""
Name: TypeAlias = Annotated[str, Meta(max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""Without control characters, as the module's own side looks at it, too."""
Path: TypeAlias = Annotated[str, Meta(max_length=LONGEST_PATH)]
Text: TypeAlias = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Words: TypeAlias = Annotated[bytes, Meta(max_length=LONGEST_TEXT)]
Limit: TypeAlias = Literal["nesting", "depth", "entries", "crossing", "hooks"]
Number: TypeAlias = Annotated[int, Meta(ge=0, le=1 << 53)]


class Begin(Struct, array_like=True, frozen=True):
    """The first thing said to a process: whose runtime it is, and its limits as ``vocabulary.manifest`` has them."""

    name: str
    version: str
    serial: int
    memory: int
    call: float
    crossing: int
    entries: int
    depth: int


class Call(Struct, array_like=True, frozen=True, tag=0):
    """Do one thing of a runtime, by its name; ``hook`` names it in faults, ``forgotten`` are ways that none has now."""

    number: int
    do: str
    hook: str
    arguments: tuple[Value, ...]
    forgotten: tuple[int, ...]


class Told(Struct, array_like=True, frozen=True, tag=1):
    """The answer to the newest ask: values, or a refusal.

    ``limit`` says what that was: ``rate``, ``nesting``, ``permission``, ``panel``, or nothing of these.
    """

    values: tuple[Value, ...] = ()
    refusal: str | None = None
    limit: str = ""


class Done(Struct, array_like=True, frozen=True, tag=2):
    """A call came to its end; ``memory`` is what the module holds, in bytes."""

    number: Number
    memory: Number
    values: Annotated[tuple[Value, ...], Meta(max_length=16)]


class Failed(Struct, array_like=True, frozen=True, tag=3):
    """A call ended in a fault, told as Lua tells it."""

    number: Number
    memory: Number
    kind: Literal["error", "deadline", "chain", "memory", "depth", "nesting", "size"]
    message: Words
    traceback: Words | None
    file: Words | None
    line: Number | None


class Register(Struct, array_like=True, frozen=True, tag=10):
    """Have an event answered by the function of a number."""

    way: Number
    event: Name
    priority: float


class Unregister(Struct, array_like=True, frozen=True, tag=11):
    """Have a handler answer no more."""

    registration: Number


class Export(Struct, array_like=True, frozen=True, tag=12):
    """Let others call the function of a number."""

    way: Number
    name: Name


class Emit(Struct, array_like=True, frozen=True, tag=13):
    """Tell all that answer an event."""

    event: Name
    shape: Shape
    payload: Value


class Filter(Struct, array_like=True, frozen=True, tag=14):
    """Hand a value through all that answer an event."""

    event: Name
    shape: Shape
    payload: Value
    rest_shape: Shape
    rest: Value


class Schedule(Struct, array_like=True, frozen=True, tag=15):
    """Have the function of a number called later."""

    way: Number
    seconds: Annotated[float, Meta(ge=0, le=1 << 31)]
    repeating: bool


class Cancel(Struct, array_like=True, frozen=True, tag=16):
    """Have it not called."""

    registration: Number


class ShowPanel(Struct, array_like=True, frozen=True, tag=34):
    """Show widgets, whose handlers the function of a number calls."""

    way: Number
    declared: bytes


class UpdatePanel(Struct, array_like=True, frozen=True, tag=35):
    """Change some of them."""

    panel: Number
    changes: bytes


class PanelValue(Struct, array_like=True, frozen=True, tag=36):
    """What one of them shows now."""

    panel: Number
    widget: Path


class Log(Struct, array_like=True, frozen=True, tag=17):
    """Write a line to the log."""

    level: Name
    text: Text


class Bug(Struct, array_like=True, frozen=True, tag=18):
    """A fault of the host in the other process; is not answered."""

    request: Name
    error: Text


class Limited(Struct, array_like=True, frozen=True, tag=26):
    """A limit was met that ended no call; is not answered."""

    limit: Limit


class Dependency(Struct, array_like=True, frozen=True, tag=19):
    """Whether a module was declared as a dependency, and is there."""

    name: Path


class HasExport(Struct, array_like=True, frozen=True, tag=20):
    """Whether another module exports something."""

    owner: Name
    name: Path


class CallExport(Struct, array_like=True, frozen=True, tag=21):
    """Call another module's export."""

    owner: Name
    name: Path
    shape: Shape
    payload: Value


class CallHanded(Struct, array_like=True, frozen=True, tag=22):
    """Call a function that was handed over."""

    serial: Number
    function: Number
    shape: Shape
    payload: Value


class Native(Struct, array_like=True, frozen=True, tag=23):
    """Call a function of its own native part."""

    name: Name
    shape: Shape
    payload: Value


class BeginExport(Struct, array_like=True, frozen=True, tag=27):
    """Call another module's export, which may have the asking task wait."""

    owner: Name
    name: Path
    shape: Shape
    payload: Value


class BeginHanded(Struct, array_like=True, frozen=True, tag=28):
    """Call a function that was handed over, which may have the asking task wait."""

    serial: Number
    function: Number
    shape: Shape
    payload: Value


class BeginTask(Struct, array_like=True, frozen=True, tag=29):
    """Have a task of its own begin."""


class CancelTask(Struct, array_like=True, frozen=True, tag=30):
    """Have a task end."""

    task: Number


class Join(Struct, array_like=True, frozen=True, tag=31):
    """Wait for the end of a task."""

    task: Number


class Sleep(Struct, array_like=True, frozen=True, tag=32):
    """Wait for some time."""

    seconds: Annotated[float, Meta(ge=0, le=1 << 31)]


class Forget(Struct, array_like=True, frozen=True, tag=33):
    """Wait no more for what a ticket stands for."""

    ticket: Number


class Source(Struct, array_like=True, frozen=True, tag=24):
    """Read one of its own Lua files."""

    path: Path


class Asset(Struct, array_like=True, frozen=True, tag=25):
    """Read any of its own files."""

    path: Path


Note: TypeAlias = Bug | Limited
Ask: TypeAlias = (
    Register
    | Unregister
    | Export
    | Schedule
    | Cancel
    | ShowPanel
    | UpdatePanel
    | PanelValue
    | BeginTask
    | CancelTask
    | Join
    | Sleep
    | Forget
    | Emit
    | Filter
    | Log
    | Dependency
    | HasExport
    | CallExport
    | CallHanded
    | Native
    | BeginExport
    | BeginHanded
    | Source
    | Asset
)
Said: TypeAlias = Done | Failed | Note | Ask
"""By the process of a module."""
Heard: TypeAlias = Call | Told
"""By it."""


def largest_frame(memory: int) -> int:
    """Bytes of one message to or from a module that may hold so much: larger values fit into no runtime of its."""
    return memory + MIB


def room(memory: int) -> int:
    """Bytes of address space that the process of such a module may take: for its runtime, and for two frames."""
    return 2 * memory + 4 * largest_frame(memory) + 32 * MIB


encode: Final = msgpack.Encoder().encode
begin_of: Final = msgpack.Decoder(Begin).decode
heard_of: Final = msgpack.Decoder(Heard).decode
said_of: Final = msgpack.Decoder(Said).decode
"""Raises ``msgspec.DecodeError`` for what is none of these; its subclass ``ValidationError`` says why."""
