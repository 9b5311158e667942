"""What a module answers to a request."""

from __future__ import annotations

from typing import Final, Literal, Required, TypeAlias, TypedDict

from host.vocabulary.views import PlainData

Answered: TypeAlias = Literal["success", "error", "warning", "pending"]
ANSWERED: Final[tuple[Answered, ...]] = ("success", "error", "warning", "pending")


class Response(TypedDict, total=False):
    """A plain dictionary; what the module left out is absent, but for ``status``, which is then ``success``.

    Attributes:
        status: how it went.
        data: the answer itself.
        variables: what the one who asked may want to keep, by name.
        message: a sentence for people.
        next_action: what the module proposes to do next.
    """

    status: Required[Answered]
    data: PlainData
    variables: dict[str, PlainData]
    message: str
    next_action: PlainData
