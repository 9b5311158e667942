"""Handlers that are told at the same time: of modules with processes of their own, which run side by side."""

from __future__ import annotations

from typing import TypeAlias

from host.hooks.handler import Handler

Run: TypeAlias = tuple[Handler, ...]
"""Handlers that follow one another; those of a run of several may all be begun before one of them has ended."""


class Together:
    """The runs of one table of handlers, by event; found when an event is first told."""

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: dict[str, tuple[Run, ...]] = {}

    def of(self, event: str, handlers: tuple[Handler, ...]) -> tuple[Run, ...]:
        """Give the runs of an event; none where its handlers have to be told one after another."""
        runs = self._runs.get(event)
        if runs is None:
            runs = self._runs[event] = _runs(handlers)
        return runs


def _runs(handlers: tuple[Handler, ...]) -> tuple[Run, ...]:
    runs: list[list[Handler]] = []
    for handler in handlers:
        if runs and _may_join(handler, runs[-1]):
            runs[-1].append(handler)
        else:
            runs.append([handler])
    return tuple(map(tuple, runs)) if len(runs) < len(handlers) else ()


def _may_join(handler: Handler, run: list[Handler]) -> bool:
    """Whether nothing says that one of a run has ended before this one begins: priority, a need, being the same."""
    if handler.begin is None or run[-1].begin is None or handler.priority != run[-1].priority:
        return False
    return not any(
        each.owner == handler.owner or each.owner in handler.needs or handler.owner in each.needs for each in run
    )
