"""The table holds handlers in the order of the contract, whatever is put in and taken out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from host.hooks.handler import Handler
from host.hooks.table import HookTable
from tests.hooks.handlers import handler

OWNERS = "abc"


def owners(table: HookTable, event: str = "tick") -> list[str]:
    return [each.owner for each in table.of(event)]


def test_a_higher_priority_answers_first() -> None:
    table = HookTable().replacing("low", [handler("low", priority=-1)], 1)
    table = table.replacing("high", [handler("high", priority=0.5)], 2).replacing("zero", [handler("zero")], 0)
    assert owners(table) == ["high", "zero", "low"]


def test_of_one_priority_the_module_loaded_first_answers_first() -> None:
    table = HookTable().replacing("late", [handler("late")], 7).replacing("early", [handler("early")], 2)
    assert owners(table) == ["early", "late"]


def test_of_one_module_what_it_registered_first_answers_first() -> None:
    table = HookTable().replacing("a", [handler("a", order=2), handler("a", order=1)], 0)
    assert [each.order for each in table.of("tick")] == [1, 2]


def test_a_replaced_module_answers_in_its_old_place() -> None:
    table = HookTable().replacing("a", [handler("a")], 3).replacing("b", [handler("b")], 8)
    fresh = handler("a")
    assert table.replacing("a", [fresh]).of("tick")[0] is fresh


def test_a_module_that_had_no_handlers_for_a_while_keeps_its_place() -> None:
    """It was put after those loaded before the count of all, so a dependent could answer before what it needs."""
    table = HookTable().replacing("need", [handler("need")], 5).replacing("dependent", [handler("dependent")], 9)
    assert owners(table.replacing("dependent", []).replacing("dependent", [handler("dependent")])) == [
        "need",
        "dependent",
    ]


def test_a_module_loaded_without_handlers_has_the_place_of_its_load() -> None:
    table = HookTable().replacing("need", [handler("need")], 5).replacing("dependent", [], 9)
    assert owners(table.replacing("dependent", [handler("dependent")])) == ["need", "dependent"]


def test_nothing_of_a_module_that_went_is_left() -> None:
    table = HookTable().replacing("a", [handler("a"), handler("a", "tock", order=2)], 3).without("a")
    assert (dict(table.handlers), dict(table.ranks), dict(table.events)) == ({}, {}, {})


def test_a_change_leaves_the_table_it_was_made_from_as_it_was() -> None:
    before = HookTable().replacing("a", [handler("a")], 1)
    before.replacing("b", [handler("b")], 0)
    before.without("a")
    assert owners(before) == ["a"]


def test_another_load_order_is_another_order_of_answers() -> None:
    table = HookTable().replacing("a", [handler("a")], 0).replacing("b", [handler("b")], 1)
    assert owners(table.ranked({"a": 9, "b": 4})) == ["b", "a"]


HANDLERS = st.lists(
    st.builds(
        handler,
        st.just(""),
        st.sampled_from(["tick", "tock"]),
        priority=st.sampled_from([-1.0, 0.0, 2.5, float("inf")]),
        order=st.integers(1, 3),
    ),
    max_size=4,
)


@given(st.lists(st.tuples(st.sampled_from(OWNERS), HANDLERS | st.none()), max_size=8), st.permutations([4, 5, 6]))
def test_any_changes_leave_each_event_sorted_by_priority_load_order_and_registration(
    changes: list[tuple[str, list[Handler] | None]], places: list[int]
) -> None:
    ranks = dict(zip(OWNERS, places, strict=True))
    table, model = HookTable(), dict[str, list[Handler]]()
    for owner, handlers in changes:
        if handlers is None:
            table = table.without(owner)
            model.pop(owner, None)
            continue
        model[owner] = [handler(owner, each.event, priority=each.priority, order=each.order) for each in handlers]
        table = table.replacing(owner, model[owner], ranks[owner])
    for event in ("tick", "tock"):
        wanted = [each for handlers in model.values() for each in handlers if each.event == event]
        wanted.sort(key=lambda each: (-each.priority, ranks[each.owner], each.order))
        assert [_facts(each) for each in table.of(event)] == [_facts(each) for each in wanted]


def _facts(each: Handler) -> tuple[str, float, int]:
    return each.owner, each.priority, each.order
