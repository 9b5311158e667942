from __future__ import annotations

import time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from host.resolution.layers import Layout, layout
from host.resolution.order import Edges

GAP = 10.0


def graph(**needs: str) -> Edges:
    names = set(needs) | {name for words in needs.values() for name in words.split()}
    return {name: frozenset(needs.get(name, "").split()) for name in names}


def drawn(edges: Edges) -> Layout:
    return layout(edges, {name: 20.0 * len(name) for name in edges}, GAP)


def test_a_module_lies_below_all_that_need_it() -> None:
    places = drawn(graph(a="b d", b="c", c="d")).places
    assert {name: layer for name, (_, layer) in places.items()} == {"a": 0, "b": 1, "c": 2, "d": 3}


def test_an_arrow_that_passes_layers_has_a_way_around_what_lies_there() -> None:
    found = drawn(graph(a="b c", b="c"))
    (_, first), (middle, second), (_, third) = found.ways["a", "c"]
    assert (first, second, third) == (0, 1, 2)
    assert abs(middle - found.places["b"][0]) >= 10.0 + GAP


def test_two_arrows_do_not_cross_where_they_need_not() -> None:
    places = drawn(graph(a="z", b="y", c="x")).places
    assert [places[name][0] for name in "abc"] == [places[name][0] for name in "zyx"]


def test_an_arrow_of_a_cycle_points_upwards() -> None:
    found = drawn(graph(a="b", b="a"))
    assert {layer for _, layer in found.places.values()} == {0, 1}
    assert found.ways.keys() == {("a", "b"), ("b", "a")}


def test_nothing_is_laid_out_in_no_room() -> None:
    assert drawn({}) == Layout({}, {}, 0.0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=40))
def test_no_two_modules_overlap_and_all_lie_within_the_width(pairs: list[tuple[int, int]]) -> None:
    names = ["m" * (at + 1) for at in range(12)]
    edges = {name: frozenset(names[b] for a, b in pairs if names[a] == name and a != b) for name in names}
    found = drawn(edges)
    rows: dict[int, list[tuple[float, float]]] = {}
    for name, (middle, layer) in found.places.items():
        half = 10.0 * len(name)
        assert middle - half >= -0.01
        assert middle + half <= found.width + 0.01
        rows.setdefault(layer, []).append((middle - half, middle + half))
    for row in rows.values():
        assert all(right + GAP - 0.01 <= left for (_, right), (left, _) in pairwise(sorted(row)))


def test_long_chains_and_thickets_are_laid_out_in_little_time() -> None:
    chain = {f"m{at:04d}": frozenset({f"m{at + 1:04d}"} if at < 1999 else ()) for at in range(2000)}
    thicket = {f"m{at:03d}": frozenset(f"m{other:03d}" for other in range(max(0, at - 100), at)) for at in range(500)}
    began = time.process_time()
    assert max(layer for _, layer in drawn(chain).places.values()) == 1999
    assert len(drawn(thicket).ways) > 40_000
    assert time.process_time() - began < 10
