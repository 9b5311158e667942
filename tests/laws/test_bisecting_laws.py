"""Laws of the search for bad modules, over any modules that need one another, bad alone or only together."""

from __future__ import annotations

from math import ceil, log2

from hypothesis import given, settings
from hypothesis import strategies as st

from host.resolution.bisecting import Trial, Verdict, after

Needs = dict[str, frozenset[str]]


@st.composite
def modules(draw: st.DrawFn, most: int = 24) -> Needs:
    """Modules in load order, each with needs among those before it."""
    needs: Needs = {}
    for at in range(draw(st.integers(1, most))):
        before = sorted(needs)
        chosen = draw(st.lists(st.sampled_from(before), max_size=3, unique=True)) if before else []
        needs[f"m{at:02}"] = frozenset(chosen)
    return needs


def closed(needs: Needs, names: frozenset[str]) -> frozenset[str]:
    while not (more := frozenset[str]().union(*(needs[name] for name in names))) <= names:
        names |= more
    return names


def asked(needs: Needs, culprits: list[frozenset[str]]) -> tuple[Verdict, list[frozenset[str]]]:
    """The verdict where any of some sets is bad together, and what was tried for it."""
    answers: list[bool] = []
    tried: list[frozenset[str]] = []
    while isinstance(step := after(needs, answers), Trial):
        tried.append(step.on)
        answers.append(any(each <= step.on for each in culprits))
        assert len(answers) <= 10 * len(needs)
    return step, tried


@st.composite
def bad_modules(draw: st.DrawFn) -> tuple[Needs, list[frozenset[str]]]:
    needs = draw(modules())
    some = st.frozensets(st.sampled_from(sorted(needs)), min_size=1, max_size=3)
    return needs, draw(st.lists(some, min_size=1, max_size=3))


@settings(deadline=None)
@given(bad_modules())
def test_what_is_found_is_bad_and_without_any_of_it_nothing_is(given: tuple[Needs, list[frozenset[str]]]) -> None:
    needs, culprits = given
    verdict, _ = asked(needs, culprits)
    on = closed(needs, frozenset(verdict.guilty))
    assert any(each <= on for each in culprits)
    for name in verdict.guilty:
        without = frozenset(each for each in on if name not in closed(needs, frozenset({each})))
        assert not any(each <= without for each in culprits)


@settings(deadline=None)
@given(modules(), st.data())
def test_one_bad_module_is_found_by_halves(needs: Needs, data: st.DataObject) -> None:
    bad = data.draw(st.sampled_from(sorted(needs)))
    verdict, tried = asked(needs, [frozenset({bad})])
    assert verdict.guilty == (bad,)
    assert len(tried) <= 2 + ceil(log2(len(needs)))


@settings(deadline=None)
@given(modules(), st.data())
def test_two_that_are_bad_only_together_are_found(needs: Needs, data: st.DataObject) -> None:
    pair = data.draw(st.frozensets(st.sampled_from(sorted(needs)), min_size=min(2, len(needs)), max_size=2))
    verdict, tried = asked(needs, [pair])
    on = closed(needs, frozenset(verdict.guilty))
    assert pair <= on
    assert set(verdict.guilty) <= pair  # of two of which one needs the other, that one says both
    assert len(tried) <= 3 + 2 * ceil(log2(len(needs)))


@settings(deadline=None)
@given(bad_modules())
def test_everything_tried_can_be_loaded_and_nothing_is_tried_twice(given: tuple[Needs, list[frozenset[str]]]) -> None:
    needs, culprits = given
    _, tried = asked(needs, culprits)
    assert tried[0] == frozenset()
    assert all(closed(needs, each) == each for each in tried)
    assert len(set(tried)) == len(tried)


@settings(deadline=None)
@given(modules(), st.lists(st.booleans(), max_size=60))
def test_whatever_is_answered_there_is_an_end(needs: Needs, answers: list[bool]) -> None:
    step = after(needs, answers)
    rest = list(answers)
    while isinstance(step, Trial):
        rest.append(False)
        step = after(needs, rest)
        assert len(rest) <= 60 + 10 * len(needs)
    assert set(step.guilty) <= needs.keys()


def test_what_is_bad_with_all_off_is_no_modules_fault() -> None:
    assert after({"a": frozenset(), "b": frozenset("a")}, [True]) == Verdict(())


def test_a_hundred_modules_take_nine_questions() -> None:
    needs: Needs = {f"m{at:03}": frozenset() for at in range(100)}
    for bad in needs:
        verdict, tried = asked(needs, [frozenset({bad})])
        assert verdict.guilty == (bad,)
        assert len(tried) <= 9
    first = after(needs, [])
    assert isinstance(first, Trial)
    assert first.most == 9
