"""Handlers in processes of their own are told at the same time, where nothing says which of them comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from host.hooks.dispatch import Dispatch
from host.hooks.handler import Handler
from host.vocabulary.errors import ModuleFault
from tests.hooks.handlers import handler

FAULT = (b"error", b"no")


class Stage:
    """Handlers that note when they begin and when they end."""

    def __init__(self) -> None:
        self.acts: list[str] = []
        self.faults: list[str] = []
        self.dispatch = Dispatch(memoryview(bytearray(8)).cast("Q"), self._failed)

    def _failed(self, failed: Handler, _fault: ModuleFault) -> None:
        self.faults.append(failed.owner)

    def apart(self, owner: str, result: Any = None, *, priority: float = 0.0, needs: str = "") -> Handler:
        """One in a process of its own."""

        def begin(_shape: Any, payload: Any) -> Callable[[], Any]:
            self.acts.append(f"{owner} begins {payload}")

            def ended() -> Any:
                self.acts.append(f"{owner} ends")
                return result

            return ended

        made = handler(owner, takes=lambda payload: begin(None, payload)(), priority=priority)
        return replace(made, begin=begin, needs=frozenset(needs))

    def shared(self, owner: str) -> Handler:
        return handler(owner, takes=lambda _: self.acts.append(owner))

    def tell(self, *handlers: Handler) -> list[str]:
        """Emit to them; what they did, in order."""
        table = self.dispatch.table
        for each in handlers:
            table = table.replacing(each.owner, [each])
        self.dispatch.table = table
        self.delivered = self.dispatch.emit("tick", None, 7)[0]
        return self.acts


@pytest.fixture
def stage() -> Stage:
    return Stage()


def begun_and_ended(names: Iterable[str]) -> list[str]:
    return [*(f"{name} begins 7" for name in names), *(f"{name} ends" for name in names)]


def test_all_are_begun_before_one_has_ended(stage: Stage) -> None:
    assert stage.tell(*map(stage.apart, "abc")) == begun_and_ended("abc")
    assert stage.delivered == 3


def test_a_higher_priority_has_ended_before_a_lower_one_begins(stage: Stage) -> None:
    low, high = [stage.apart(name) for name in "ab"], [stage.apart(name, priority=1.0) for name in "cd"]
    assert stage.tell(*low, *high) == begun_and_ended("cd") + begun_and_ended("ab")


def test_what_is_needed_has_ended_before_what_needs_it_begins(stage: Stage) -> None:
    needing = stage.apart("c", needs="a")
    assert stage.tell(stage.apart("a"), stage.apart("b"), needing, stage.apart("d")) == (
        begun_and_ended("ab") + begun_and_ended("cd")
    )


def test_a_shared_one_between_two_keeps_its_place(stage: Stage) -> None:
    acts = stage.tell(*map(stage.apart, "ab"), stage.shared("c"), *map(stage.apart, "de"))
    assert acts == [*begun_and_ended("ab"), "c", *begun_and_ended("de")]


def test_one_alone_is_told_as_ever(stage: Stage) -> None:
    assert stage.tell(stage.apart("a"), stage.shared("b"), stage.apart("c")) == [
        *("a begins 7", "a ends"),
        "b",
        *("c begins 7", "c ends"),
    ]


def test_a_fault_of_one_is_told_and_the_others_count(stage: Stage) -> None:
    stage.tell(stage.apart("a"), stage.apart("b", FAULT), stage.apart("c"))
    assert (stage.delivered, stage.faults) == (2, ["b"])
