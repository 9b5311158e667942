"""Refusals on their way: facts to JSON and back to an error with the same sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from host.vocabulary.errors import HostError, SwapFailed

if TYPE_CHECKING:
    from host.vocabulary.views import SwapReport

INTERNAL: Final = -32603


@dataclass(eq=False, kw_only=True)
class Refused(HostError):
    """What the host answered with, in place of what was asked for.

    Attributes:
        code: which refusal; those of ``vocabulary.errors`` keep theirs.
        message: the sentence.
        facts: the attributes of the error that was raised over there, as JSON says them.
    """

    code: int  # type: ignore[misc]  # each refusal over there has its own code; here one class holds them all
    message: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message

    @property
    def report(self) -> SwapReport | None:
        """What a swap that was taken back did, where this is one."""
        if self.code != SwapFailed.code:
            return None
        from msgspec import convert  # noqa: PLC0415 - the window shows its first frame before it decodes anything

        from host.vocabulary.views import SwapReport  # noqa: PLC0415 - the same

        return convert(self.facts["report"], SwapReport)


@dataclass(eq=False)
class NotJson(HostError):
    """A message that is no JSON."""

    code: ClassVar[int] = -32700

    def __str__(self) -> str:
        return "the message is not JSON; the connection ends here"


@dataclass(eq=False)
class NotARequest(HostError):
    """JSON that is no request."""

    reason: str
    code: ClassVar[int] = -32600

    def __str__(self) -> str:
        return f"the message is not a request of JSON-RPC 2.0: {self.reason}"


@dataclass(eq=False)
class MethodUnknown(HostError):
    """A method that this host does not answer."""

    method: str
    known: tuple[str, ...]
    code: ClassVar[int] = -32601

    def __str__(self) -> str:
        return f"no method is called {self.method!r}; there are {', '.join(self.known)}"


@dataclass(eq=False)
class ParametersWrong(HostError):
    """Parameters that a method does not take."""

    method: str
    reason: str
    code: ClassVar[int] = -32602

    def __str__(self) -> str:
        return f"the parameters of {self.method} are wrong: {self.reason}"


@dataclass(eq=False)
class AnswerFailed(HostError):
    """A fault of the host itself; the cause is in its log, not in the answer."""

    method: str
    code: ClassVar[int] = INTERNAL

    def __str__(self) -> str:
        return f"the host failed at {self.method} by a fault of its own; it runs on, and its log says more"


@dataclass(eq=False)
class Stopping(HostError):
    """A request that was dropped because the host is ending."""

    method: str
    code: ClassVar[int] = -32017

    def __str__(self) -> str:
        return f"{self.method} was not done: the host is ending"


def error_object(error: HostError) -> dict[str, Any]:
    """Make JSON-RPC's ``error`` member."""
    return {"code": error.code, "message": str(error), "data": _facts(error)}


def as_words(value: object) -> object:
    """Say anything at all: what JSON cannot say is said as its text, so that no refusal is lost on its way."""
    return dict(value) if isinstance(value, Mapping) else str(value)


def as_json(value: object) -> object:
    """Say in JSON what msgspec does not know: paths as text, every mapping as an object.

    Raises:
        NotImplementedError: for all else, as msgspec wants it.
    """
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise NotImplementedError


def _facts(error: object) -> dict[str, Any]:
    return {each.name: getattr(error, each.name) for each in fields(error)} if is_dataclass(error) else {}
