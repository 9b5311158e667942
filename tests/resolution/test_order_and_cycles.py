from __future__ import annotations

import itertools

from host.resolution.cycles import MOST, cycles
from host.resolution.order import Edges, in_order, one_cycle, with_wishes


def graph(**needs: str) -> Edges:
    names = set(needs) | {name for words in needs.values() for name in words.split()}
    return {name: frozenset(needs.get(name, "").split()) for name in names}


def test_names_stand_after_what_they_need_and_else_by_name() -> None:
    assert in_order(graph(d="b c", b="a", c="a", x="")).names == ("a", "b", "c", "d", "x")


def test_what_is_on_a_cycle_or_behind_it_is_left_with_what_it_waits_for() -> None:
    ordered = in_order(graph(a="b free", b="a", behind="a"))
    assert ordered.names == ("free",)
    assert ordered.rest == {"a": {"b"}, "b": {"a"}, "behind": {"a"}}
    assert one_cycle(ordered.rest) == ("a", "b")


def test_wishes_that_close_a_cycle_among_themselves_give_way_by_name() -> None:
    ordered = with_wishes(graph(a="", b="", c=""), [("a", "b"), ("b", "c"), ("c", "a")])
    assert ordered.given_up == (("c", "a"),)
    assert ordered.names == ("c", "b", "a")


def test_a_wish_to_come_after_itself_gives_way() -> None:
    assert with_wishes(graph(a=""), [("a", "a")]).given_up == (("a", "a"),)


def test_cycles_come_smallest_first_and_each_once() -> None:
    found, _ = cycles(graph(b="c", c="a b", a="b", lone=""))
    assert found == [("b", "c"), ("a", "b", "c")]


def test_a_graph_without_cycles_has_none() -> None:
    assert cycles(graph(a="b c", b="c")) == ([], True)


def test_a_dense_graph_is_bounded() -> None:
    names = [f"m{at:02d}" for at in range(60)]
    everything = frozenset(names)
    found, complete = cycles({name: everything - {name} for name in names})
    assert len(found) == MOST
    assert not complete
    assert found[0] == ("m00", "m01")


def test_a_ring_is_named_whole_even_without_any_time() -> None:
    names = [f"m{at:04d}" for at in range(2000)]
    ring = {name: frozenset((after,)) for name, after in itertools.pairwise([*names, names[0]])}
    assert cycles(ring, patience=0.0)[0] == [tuple(names)]
