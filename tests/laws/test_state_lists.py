"""Lists of the module state, item by item and as one value, are what lists of Python are."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from host.trust.caller import Caller
from tests.modules.bundled import MANIFESTS
from tests.modules.test_state import NATIVE, Clock, Entries

CALLER: Final = Caller(MANIFESTS[0], Path("nowhere"))
KEYS: Final = st.sampled_from(["a", "b"])
ITEMS: Final = st.one_of(
    st.booleans(),
    st.integers(-(2**40), 2**40),
    st.text(max_size=5),
    st.lists(st.integers(0, 9), min_size=1, max_size=3),
)
LISTS: Final = st.lists(ITEMS, max_size=4)
STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("list_push"), KEYS, ITEMS),
        st.tuples(st.sampled_from(["list_pop", "list_length", "get", "exists", "delete"]), KEYS),
        st.tuples(st.just("set"), KEYS, st.one_of(LISTS, st.integers(0, 9))),
        st.tuples(st.just("compare_swap"), KEYS, st.one_of(st.none(), LISTS), LISTS),
        st.tuples(st.just("expire"), KEYS),
        st.tuples(st.sampled_from(["reopen", "sweep"])),
    ),
    max_size=25,
)
NOT_A_LIST: Final = "is not a list"


class Model:
    """The same with dictionaries."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    def list_push(self, key: str, item: Any) -> Any:
        found = self.values.setdefault(key, [])
        if not isinstance(found, list):
            return NOT_A_LIST
        self.values[key] = [*found, item]
        return len(found) + 1

    def list_pop(self, key: str) -> Any:
        found = self.values.get(key, [])
        if not isinstance(found, list):
            return NOT_A_LIST
        if not found:
            return None
        self.values[key] = found[:-1]
        return found[-1]

    def list_length(self, key: str) -> Any:
        found = self.values.get(key, [])
        return len(found) if isinstance(found, list) else NOT_A_LIST

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def exists(self, key: str) -> bool:
        return key in self.values

    def delete(self, key: str) -> bool:
        return self.values.pop(key, None) is not None

    def set(self, key: str, value: Any) -> bool:
        self.values[key] = value
        return True

    def compare_swap(self, key: str, old: Any, new: Any) -> bool:
        if repr(self.values.get(key)) != repr(old):  # 1 is not true
            return False
        self.values[key] = new
        return True


def said(entries: Entries, name: str, *arguments: Any) -> Any:
    try:
        return plain(getattr(entries, name)(CALLER, *arguments))
    except OSError as refusal:
        return NOT_A_LIST if NOT_A_LIST in str(refusal) else str(refusal)


def go_by(clock: Clock, seconds: float) -> None:
    clock.even += seconds
    clock.wall += seconds


def plain(value: Any) -> Any:
    return [] if value == {} else value  # Lua has one empty table


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_lists_are_lists(steps: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock, model = Clock(), Model()
        entries = Entries(NATIVE["Database"](Path(folder), lambda: clock.wall, lambda: clock.even))
        for name, *arguments in steps:
            match name:
                case "reopen":
                    entries.store.close()
                    entries = Entries(NATIVE["Database"](Path(folder), lambda: clock.wall, lambda: clock.even))
                case "sweep":
                    go_by(clock, 61)
                    entries.set(CALLER, "other", 1)
                case "expire":
                    if said(entries, "exists", *arguments):
                        entries.set_ttl(CALLER, *arguments, 1)
                        go_by(clock, 2)
                        model.values.pop(arguments[0])
                case _:
                    assert said(entries, name, *arguments) == getattr(model, name)(*arguments), name
        for key in "ab":
            assert said(entries, "get", key) == model.get(key)
        for _ in range(3):
            go_by(clock, 61)
            entries.set(CALLER, "other", 1)
        kept = [value for value in model.values.values() if isinstance(value, list)]
        (lists,) = entries.store.connection.execute("SELECT count(*) FROM lists").fetchone()
        (items,) = entries.store.connection.execute("SELECT count(*) FROM items").fetchone()
        assert lists <= len(kept), "what was left behind is swept"
        assert items <= sum(map(len, kept))
        entries.store.close()
