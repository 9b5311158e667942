"""Whatever is declared or changed is shown within the limits, or refused with all as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from host.lifecycle.panels import Panels
from host.lifecycle.widgets import HEAVIEST, KINDS, MOST_NODES, weight_of
from host.runtime.codec import encode
from host.vocabulary.errors import HostError
from host.vocabulary.views import PanelNode, PanelView

NAMES = st.sampled_from([*{name for known in KINDS.values() for name in known}, "children", "id", "key", "kind", "odd"])
IDS = st.sampled_from(["a", "b", "c", "#1", "#2", "9", ""])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.floats(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.sampled_from(list(KINDS)),
    IDS,
)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4))


def widgets() -> st.SearchStrategy[Any]:
    """Widgets that are often sound."""
    sound = st.fixed_dictionaries(
        {"kind": st.sampled_from(list(KINDS)), "key": st.sampled_from(["#1", "#2", "#3", "#4"])},
        optional={
            "id": IDS,
            "value": VALUES,
            "text": st.text(max_size=5),
            "rows": VALUES,
            "onClick": st.just(value=True),
        },
    )
    holders = st.recursive(
        sound,
        lambda inner: st.fixed_dictionaries(
            {"kind": st.sampled_from(["row", "column"]), "key": st.sampled_from(["#5", "#6"])},
            optional={"id": IDS, "children": st.lists(inner, max_size=4)},
        ),
        max_leaves=6,
    )
    return st.one_of(holders, VALUES)


DECLARED = st.one_of(
    st.fixed_dictionaries({"id": st.just("p"), "children": st.lists(widgets(), max_size=5)}),
    st.dictionaries(NAMES, VALUES, max_size=4),
)
REPLACED = st.fixed_dictionaries({"children": st.lists(widgets(), max_size=3)})
CHANGES = st.dictionaries(IDS | NAMES, VALUES | REPLACED, max_size=3)
EVENTS = st.sampled_from(["onClick", "onChange", "onSubmit", "odd"])


class _Stood:
    def __init__(self) -> None:
        self.panels = Panels(1, lambda *_: None, self._changed, lambda: 0.0)

    def _changed(self, *, anew: bool) -> None:
        """Need no telling."""

    def view(self) -> PanelView | None:
        panel = self.panels.named("p")
        return None if panel is None else panel.view()


def _all(nodes: tuple[PanelNode, ...]) -> list[PanelNode]:
    return [each for node in nodes for each in (node, *_all(node.children))]


def _hold(stood: _Stood) -> None:
    """What stands is within its limits, each widget has a name of its own, and all of it can be told."""
    panel, view = stood.panels.named("p"), stood.view()
    if panel is None or view is None:
        return
    nodes = _all(view.children)
    assert len(nodes) <= MOST_NODES
    assert len({node.key for node in nodes}) == len(nodes)
    assert panel.weight == sum(weight_of(dict(node.properties)) for node in nodes) <= HEAVIEST
    assert all(node.properties.keys() <= KINDS[node.kind].keys() for node in nodes)
    msgspec.json.decode(msgspec.json.encode(view), type=PanelView)


def _refused(act: Callable[..., object], *arguments: Any) -> str:
    """Why it was, empty where it was not; anything but a refusal is a mistake."""
    try:
        act(*arguments)
    except HostError as refusal:
        return str(refusal)
    return ""


@given(DECLARED, st.lists(CHANGES, max_size=4))
def test_any_declaration_and_any_change_is_shown_or_refused(declared: Any, changes: list[Any]) -> None:
    stood = _Stood()
    if _refused(stood.panels.show, 1, encode(declared), tuple):
        assert stood.panels.briefs == ()
    _hold(stood)
    for change in changes:
        before = stood.view()
        if _refused(stood.panels.update, 1, encode(change)):
            assert stood.view() == before
        _hold(stood)


@given(DECLARED, st.lists(st.tuples(IDS, EVENTS, VALUES), max_size=4))
def test_whatever_anybody_does_is_done_or_refused(declared: Any, acts: list[tuple[str, str, Any]]) -> None:
    stood = _Stood()
    _refused(stood.panels.show, 1, encode(declared), tuple)
    for act in acts:
        before = stood.view()
        if _refused(stood.panels.operate, "p", *act):
            assert stood.view() == before
        _hold(stood)
