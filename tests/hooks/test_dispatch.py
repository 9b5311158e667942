"""Emit reaches all, filter hands on, and nobody who fails or changes the table disturbs anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from host.hooks.dispatch import DEEPEST, Dispatch
from host.hooks.handler import KEPT, SAMPLE_EVERY, Handler
from host.hooks.table import HookTable
from host.vocabulary.errors import ModuleFault, NestedTooDeep
from tests.hooks.handlers import handler

FAULT = (b"error", b"no")


class Told(list[tuple[str, str]]):
    """Who failed, with what, as the host is told."""

    def __call__(self, failed: Handler, fault: ModuleFault) -> None:
        self.append((failed.owner, fault.message))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def dispatch(told: Told) -> Dispatch:
    return Dispatch(memoryview(bytearray(8)).cast("Q"), told)


def noting(heard: list[Any], result: Any = None) -> Callable[[Any], Any]:
    def takes(value: Any) -> Any:
        heard.append(value)
        return result

    return takes


@pytest.mark.parametrize("rounds", [1, KEPT + SAMPLE_EVERY])
@pytest.mark.parametrize("event", [(None, 5), (None, b"text"), (1, b"packed")])
def test_the_next_handler_runs_after_one_that_fails(
    dispatch: Dispatch, told: Told, event: tuple[int | None, Any], rounds: int
) -> None:
    heard: list[Any] = []
    dispatch.table = (
        HookTable()
        .replacing("bad", [handler("bad", takes=noting([], FAULT))], 0)
        .replacing("good", [handler("good", takes=noting(heard))], 1)
    )
    for _ in range(rounds):
        delivered, faults = dispatch.emit("tick", *event)
        assert (delivered, [fault.module for fault in faults]) == (1, ["bad"])
    assert heard == [event[1]] * rounds
    assert told == [("bad", str(FAULT))] * rounds


def test_an_event_nobody_answers_is_delivered_to_nobody(dispatch: Dispatch) -> None:
    assert dispatch.emit("nothing", None, 1) == (0, [])


def test_an_emission_goes_on_with_the_table_it_began_with(dispatch: Dispatch) -> None:
    heard: list[str] = []

    def goes(_value: Any) -> None:
        heard.append("a")
        dispatch.table = dispatch.table.without("a").without("b").replacing("d", [handler("d", takes=join)], 3)

    def join(_value: Any) -> None:
        heard.append("d")

    dispatch.table = (
        HookTable()
        .replacing("a", [handler("a", takes=goes)], 0)
        .replacing("b", [handler("b", takes=lambda _: heard.append("b"))], 1)
        .replacing("c", [handler("c", takes=lambda _: heard.append("c"))], 2)
    )
    dispatch.emit("tick", None, 1)
    assert heard == ["a", "b", "c"]
    dispatch.emit("tick", None, 1)
    assert heard == ["a", "b", "c", "c", "d"]


def test_events_that_answer_themselves_end_at_the_deepest_level(dispatch: Dispatch) -> None:
    refused: list[NestedTooDeep] = []
    entered: list[int] = []

    def again(value: int) -> None:
        entered.append(value)
        try:
            dispatch.emit("tick", None, value + 1)
        except NestedTooDeep as error:
            refused.append(error)

    dispatch.table = HookTable().replacing("a", [handler("a", takes=again)], 0)
    dispatch.emit("tick", None, 1)
    assert entered == list(range(1, DEEPEST + 1))
    assert len(refused) == 1
    assert dispatch.depth == 0


def test_the_marker_names_who_runs_and_then_who_ran_before(told: Told) -> None:
    cell = memoryview(bytearray(8)).cast("Q")
    dispatch = Dispatch(cell, told)
    seen: list[int] = []

    def look(_value: Any) -> None:
        seen.append(cell[0])

    def nest(value: Any) -> None:
        dispatch.emit("tock", None, value)
        seen.append(cell[0])

    outer, inner = handler("outer", takes=nest), handler("inner", "tock", takes=look)
    dispatch.table = HookTable().replacing("outer", [outer], 0).replacing("inner", [inner], 1)
    cell[0] = 99
    dispatch.emit("tick", None, 1)
    assert seen == [inner.mark, outer.mark]
    assert cell[0] == 99


def test_a_filter_hands_the_value_from_one_to_the_next(dispatch: Dispatch) -> None:
    def more(_shape: Any, value: Any, _rest_shape: Any, rest: Any) -> tuple[None, Any]:
        return (None, value + rest)

    dispatch.table = (
        HookTable().replacing("a", [handler("a", gives=more)], 0).replacing("b", [handler("b", gives=more)], 1)
    )
    assert dispatch.filter("tick", (None, 1), (None, 10)) == ((None, 21), [])


def test_a_filter_passes_by_who_fails_or_gives_nothing(dispatch: Dispatch, told: Told) -> None:
    def fails(*_arguments: Any) -> Any:
        raise ModuleFault("a", "tick", "no")

    dispatch.table = (
        HookTable()
        .replacing("a", [handler("a", gives=fails)], 0)
        .replacing("b", [handler("b")], 1)
        .replacing("c", [handler("c", gives=lambda _shape, value, *_rest: (None, value * 2))], 2)
    )
    value, faults = dispatch.filter("tick", (None, 4), (None, None))
    assert value == (None, 8)
    assert [fault.module for fault in faults] == ["a"]
    assert told == [("a", "no")]


def test_the_first_calls_are_timed_and_then_one_of_so_many_that_stands_for_all(dispatch: Dispatch) -> None:
    one = handler("a")
    dispatch.table = HookTable().replacing("a", [one], 0)
    for _ in range(KEPT):
        dispatch.emit("tick", None, 1)
    assert (one.timing.samples, one.timing.calls) == (KEPT, KEPT)
    for _ in range(10 * SAMPLE_EVERY):
        dispatch.emit("tick", None, 1)
    assert (one.timing.samples, one.timing.calls) == (KEPT + 10, KEPT + 10 * SAMPLE_EVERY)
    assert 0 < one.timing.mean <= one.timing.total


def test_several_hear_each_event_until_each_of_them_stops(dispatch: Dispatch) -> None:
    one: list[str] = []
    other: list[str] = []
    stop_one = dispatch.hear(lambda event, _shape, _payload: one.append(event))
    stop_other = dispatch.hear(lambda event, _shape, _payload: other.append(event))
    dispatch.emit("first", None, None)
    stop_one()
    dispatch.emit("second", None, None)
    stop_other()
    stop_other()
    dispatch.emit("third", None, None)
    assert (one, other) == (["first"], ["first", "second"])
    assert dispatch.heard is None


def test_who_wants_to_know_of_filters_is_told_before_each(dispatch: Dispatch) -> None:
    told: list[str] = []
    dispatch.filtering = told.append
    dispatch.filter("shape", (None, 1), (None, None))
    assert told == ["shape"]
