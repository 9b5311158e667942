"""Pictures of panels: ten a second at most, each with the last of what changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host.lifecycle.panel import EACH
from host.lifecycle.panels import Panels
from host.runtime.codec import encode
from host.runtime.crossing import Crossing

DECLARED: dict[str, Any] = {
    "id": "p",
    "children": [{"kind": "value", "id": name, "value": 0} for name in "abc"] + [{"kind": "field", "id": "f"}],
}

FIELD: dict[str, Any] = {"kind": "field", "id": "f"}


class Stood:
    """Panels of one instance with a clock that a test turns."""

    def __init__(self, serial: int = 1) -> None:
        self.now = 0.0
        self.told: list[tuple[Any, ...]] = []
        self.panels = Panels(serial, self._call, self._changed, lambda: self.now)
        self.panels.show(1, encode(DECLARED), tuple)

    def _call(self, _label: str, _way: object, argument: Crossing) -> None:
        self.told.append(argument.values())

    def _changed(self, *, anew: bool) -> None:
        """Need no telling."""

    def put(self, **changes: Any) -> None:
        self.panels.update(1, encode(changes))

    def since(self, revision: int) -> tuple[int, dict[str, dict[str, Any]]] | None:
        change = self.panels.changes("m", "p", revision)
        return None if change is None else (change.revision, {key: dict(of) for key, of in change.changed.items()})

    @property
    def revision(self) -> int:
        change = self.panels.changes("m", "p", 0)
        assert change is not None
        return change.revision


def test_there_is_one_picture_in_a_tenth_of_a_second() -> None:
    stood = Stood()
    first = stood.revision
    stood.put(a=1)
    second, changed = stood.since(first) or (0, {})
    assert changed == {"a": {"value": 1}}
    stood.put(a=2)
    stood.put(b=3)
    assert stood.since(second) is None
    stood.now += EACH / 2
    assert stood.since(second) is None
    stood.now += EACH / 2
    assert stood.since(second) == (second + 1, {"a": {"value": 2}, "b": {"value": 3}})
    assert stood.since(first) == (second + 1, {"a": {"value": 2}, "b": {"value": 3}})


def test_what_is_put_as_it_is_is_no_news() -> None:
    stood = Stood()
    first = stood.revision
    stood.put(a=0)
    assert stood.since(first) is None
    assert stood.panels.named("p") is not None
    assert stood.panels.named("p").due == float("inf")  # type: ignore[union-attr]  # as just said


@pytest.mark.parametrize("serial", [1, 3])
def test_a_revision_of_another_instance_is_answered_with_all(serial: int) -> None:
    known = Stood(2).revision
    change = Stood(serial).panels.changes("m", "p", known)
    assert change is not None
    assert change.whole is not None


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abc"), st.integers(0, 3), st.sampled_from([0.0, EACH / 3, EACH, 2 * EACH]), st.booleans()
        )
    )
)
def test_whoever_follows_sees_in_the_end_what_stands_and_at_most_ten_pictures_a_second(
    acts: list[tuple[str, int, float, bool]],
) -> None:
    stood = Stood()
    seen, shown, pictures = stood.revision, dict.fromkeys("abc", 0), 0
    truth = dict(shown)
    for key, value, later, looks in [*acts, ("a", 0, EACH, True)]:
        stood.put(**{key: value})
        truth[key] = value
        stood.now += later
        news = stood.since(seen) if looks else None
        if news is not None:
            seen, pictures = news[0], pictures + 1
            shown |= {name: properties["value"] for name, properties in news[1].items()}
    assert shown == truth
    assert pictures <= stood.now / EACH + 1


def test_an_instance_in_place_of_another_has_what_was_typed_there_and_gives_it_on() -> None:
    first, second, third = Stood(1), Stood(2), Stood(3)
    first.panels.operate("p", "f", "onChange", "half")
    second.panels.inherit(first.panels)
    third.panels.inherit(second.panels)
    assert third.panels.value(1, "f").value() == "half"
    third.panels.operate("p", "f", "onSubmit", "half")
    assert third.panels.typed == {}
    assert first.told == second.told == third.told == []  # no field wants to know


def test_a_widget_that_is_replaced_takes_what_was_typed_with_it() -> None:
    stood = Stood()
    stood.panels.show(2, encode({"id": "q", "children": [{"kind": "row", "id": "r", "children": [FIELD]}]}), tuple)
    stood.panels.operate("q", "f", "onChange", "typed")
    stood.panels.operate("p", "f", "onChange", "kept")
    stood.panels.update(2, encode({"r": {"children": [FIELD]}}))
    assert stood.panels.typed == {("p", "f"): "kept"}
