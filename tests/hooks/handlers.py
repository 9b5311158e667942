"""Handlers written in Python, for a table and a dispatch that know no Lua."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from host.hooks.handler import Handler
from host.vocabulary.errors import ModuleFault


def nothing(_value: Any) -> None:
    """Answer without a fault."""


def handler(
    owner: str,
    event: str = "tick",
    *,
    priority: float = 0.0,
    order: int = 1,
    takes: Callable[[Any], Any] = nothing,
    gives: Callable[..., Any] = lambda _shape, _payload, *_rest: (None, None),
    fields: Callable[[Any], Any] = nothing,
) -> Handler:
    """Make a handler; ``takes`` gives ``None`` or a record, ``gives`` the shape and payload of a filter."""
    return Handler(
        owner=owner,
        event=event,
        priority=priority,
        order=order,
        mark=hash(owner) & 0xFFFF,
        scalar=takes,
        packed=lambda payload, _shape: takes(payload),
        answer=gives,
        used=int,
        ceiling=1,
        full=bool,
        fault=lambda record: ModuleFault(owner, event, str(record)),
        registration=order,
        fields=fields,
    )
