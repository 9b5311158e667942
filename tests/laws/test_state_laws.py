"""Whatever is asked of the state module, it answers as a dictionary would."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from host.runtime.codec import apart, decode, encode, encode_all, encode_texts
from host.trust.caller import Caller
from host.vocabulary.globbing import as_regex, matches
from tests.modules import redis_server
from tests.modules.bundled import MANIFESTS
from tests.modules.test_state import FACE, NATIVE, Clock, Entries, opened, put

CALLER: Final = Caller(MANIFESTS[0], Path("nowhere"))

KEYS: Final = st.sampled_from(["a", "ab", "b*", "\0", "ä", "[x]"])
SCALARS: Final = (
    st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5)
)
VALUES: Final = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
)
STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, VALUES, st.none() | st.integers(1, 30)),
        st.tuples(st.just("delete"), KEYS),
        st.tuples(st.just("increment"), KEYS, st.integers(-5, 5)),
        st.tuples(st.just("compare_swap"), KEYS, st.none() | VALUES, st.none() | VALUES),
        st.tuples(st.just("list_push"), KEYS, VALUES),
        st.tuples(st.just("list_pop"), KEYS),
        st.tuples(st.just("set_ttl"), KEYS, st.integers(0, 30)),
        st.tuples(st.just("pass"), st.integers(1, 20)),
        st.tuples(st.just("clear"), st.sampled_from(["*", "a*", "?", "b*"])),
    ),
    max_size=25,
)


class Model:
    """A dictionary with times, beside the real thing."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Any, float]] = {}
        self.now = 0.0

    def value(self, key: str) -> Any:
        found = self.kept.get(key)
        return None if found is None or found[1] <= self.now else found[0]

    def until(self, key: str) -> float:
        return math.inf if self.value(key) is None else self.kept[key][1]

    def names(self) -> list[str]:
        return [key for key in self.kept if self.value(key) is not None]


def canonical(value: Any) -> Any:
    """A value as Lua tells it apart."""
    return decode(encode(value))


@contextmanager
def entries_at(clock: Clock) -> Iterator[Any]:
    with TemporaryDirectory() as folder:
        state, entries = opened(Path(folder), clock)
        try:
            yield entries
        finally:
            state.close()


def apply(entries: Any, model: Model, clock: Clock, step: tuple[Any, ...]) -> None:
    kind, key, *rest = step
    if kind == "pass":
        clock.even += key
        model.now += key
        return
    if kind == "clear":
        gone = [each for each in model.names() if matches(each, key)]
        assert entries.clear(CALLER, key) == len(gone)
        for each in gone:
            del model.kept[each]
        return
    _CHECKS[kind](entries, model, key, *rest)


def _set(entries: Any, model: Model, key: str, value: Any, ttl: int | None) -> None:
    put(entries, CALLER, key, value, ttl)
    model.kept[key] = (canonical(value), math.inf if ttl is None else model.now + ttl)


def _delete(entries: Any, model: Model, key: str) -> None:
    assert entries.delete(CALLER, key) == (model.value(key) is not None)
    model.kept.pop(key, None)


def _increment(entries: Any, model: Model, key: str, delta: int) -> None:
    value, until = model.value(key), model.until(key)
    value = 0 if value is None else value
    if isinstance(value, bool) or not isinstance(value, int | float):
        _refused(lambda: entries.increment(CALLER, key, delta), "is not a number")
        return
    total = canonical(float(value) + delta)
    if float(value).is_integer() and abs(int(value) + delta) > 2**53:
        _refused(lambda: entries.increment(CALLER, key, delta), "would be beyond 2^53")
        return
    assert entries.increment(CALLER, key, delta) == total
    model.kept[key] = (total, until)


def _compare_swap(entries: Any, model: Model, key: str, old: Any, new: Any) -> None:
    fits = FACE.same(model.value(key), canonical(old)) if old is not None else model.value(key) is None
    assert entries.compare_swap(CALLER, key, old, new) is fits
    if fits and new is None:
        model.kept.pop(key, None)
    elif fits:
        model.kept[key] = (canonical(new), model.until(key))


def _push(entries: Any, model: Model, key: str, value: Any) -> None:
    items, until = model.value(key), model.until(key)
    items = [] if items is None or items == {} else items
    if not isinstance(items, list):
        _refused(lambda: entries.list_push(CALLER, key, value), "is not a list")
        return
    model.kept[key] = ([*items, canonical(value)], until)
    assert entries.list_push(CALLER, key, value) == len(items) + 1


def _pop(entries: Any, model: Model, key: str) -> None:
    items, until = model.value(key), model.until(key)
    items = [] if items is None or items == {} else items
    if not isinstance(items, list):
        _refused(lambda: entries.list_pop(CALLER, key), "is not a list")
    elif not items:
        assert entries.list_pop(CALLER, key) is None
    else:
        assert FACE.same(entries.list_pop(CALLER, key), items[-1])
        model.kept[key] = (canonical(items[:-1]), until)


def _set_ttl(entries: Any, model: Model, key: str, seconds: int) -> None:
    value = model.value(key)
    if value is None:
        _refused(lambda: entries.set_ttl(CALLER, key, seconds), "key not found")
        return
    assert entries.set_ttl(CALLER, key, seconds) is True
    model.kept[key] = (value, model.now + seconds if seconds else math.inf)


def _refused(call: Any, why: str) -> None:
    try:
        call()
    except OSError as refusal:
        assert why in str(refusal)  # noqa: PT017 - one of many calls of one law
    else:
        raise AssertionError(why)


_CHECKS: Final[dict[str, Callable[..., None]]] = {
    "set": _set,
    "delete": _delete,
    "increment": _increment,
    "compare_swap": _compare_swap,
    "list_push": _push,
    "list_pop": _pop,
    "set_ttl": _set_ttl,
}


def check(entries: Any, clock: Clock, steps: list[tuple[Any, ...]], late: float) -> None:
    """Do the steps and compare; ``late``: by how many seconds a time to live may be shorter."""
    model = Model()
    for step in steps:
        apply(entries, model, clock, step)
        assert entries.keys(CALLER) == sorted(model.names(), key=str.encode)
    for key in model.names():
        found = entries.get(CALLER, key)
        assert FACE.same(found, model.value(key))
        left, wanted = entries.get_ttl(CALLER, key), model.until(key) - model.now
        assert left == -1 if wanted == math.inf else wanted - late <= left <= wanted


@given(STEPS)
@settings(deadline=None)
def test_it_answers_as_a_dictionary_would(steps: list[tuple[Any, ...]]) -> None:
    clock = Clock()
    with entries_at(clock) as entries:
        check(entries, clock, steps, 0)


def test_it_does_so_on_a_redis() -> None:
    def longer(step: tuple[Any, ...]) -> tuple[Any, ...]:
        """A step whose time to live outlives the test."""
        return tuple(
            each * 1000 if step[0] in {"set", "set_ttl"} and place == len(step) - 1 and each else each
            for place, each in enumerate(step)
        )

    @given(STEPS)
    @settings(deadline=None)
    def law(steps: list[tuple[Any, ...]]) -> None:
        entries.clear(CALLER)
        check(entries, Clock(), [longer(step) for step in steps if step[0] != "pass"], 60)

    with redis_server.running() as url:
        store = NATIVE["opened"](Path("nowhere"), {"backend": "redis", "redis": url})
        entries = Entries(store)
        law()
        store.close()


@given(VALUES, VALUES)
def test_values_are_the_same_exactly_where_their_bytes_in_order_are(one: Any, other: Any) -> None:
    assert FACE.same(canonical(one), canonical(one))
    assert FACE.same(canonical(one), canonical(other)) == (_ordered(canonical(one)) == _ordered(canonical(other)))


def _ordered(value: Any) -> Any:
    """A value with its kind, in an order of its own."""
    if isinstance(value, list):
        return ("list", [_ordered(each) for each in value])
    if isinstance(value, dict):
        return ("table", sorted((repr(key), _ordered(each)) for key, each in value.items()) if value else [])
    return (type(value) is bool, isinstance(value, str | bytes), value)


@given(st.text("ab\n", max_size=8), st.text("ab*?", max_size=8))
def test_a_pattern_made_into_a_regular_expression_matches_what_it_matches(text: str, pattern: str) -> None:
    assert bool(as_regex(pattern).fullmatch(text)) == matches(text, pattern)


@given(st.lists(st.binary(max_size=9) | st.integers(180, 9000).map(lambda length: b"x" * length), max_size=5))
def test_a_list_of_texts_is_encoded_as_any_list(texts: list[bytes]) -> None:
    assert encode_texts(texts) == encode(texts)


@given(st.lists(VALUES, max_size=4))
def test_values_are_taken_apart_where_they_were_put_together(values: list[Any]) -> None:
    assert apart(encode_all(tuple(values)), len(values)) == [encode(value) for value in values]
