"""A ledger pays every debt once, newest first, whatever fails."""

from __future__ import annotations

from functools import partial

import pytest

from host.lifecycle.ledger import Ledger


def test_debts_are_paid_newest_first() -> None:
    paid: list[str] = []
    ledger = Ledger()
    for name in "abc":
        ledger.add("hook", name, partial(paid.append, name))
    ledger.settle()
    assert (paid, len(ledger)) == (["c", "b", "a"], 0)


def test_a_debt_is_paid_once() -> None:
    paid: list[str] = []
    ledger = Ledger()
    number = ledger.add("timer", "t", partial(paid.append, "t"))
    assert ledger.pay(number)
    assert not ledger.pay(number)
    ledger.settle()
    assert paid == ["t"]


def test_a_debt_that_ended_by_itself_is_not_paid() -> None:
    ledger = Ledger()
    ledger.forget(ledger.add("timer", "t", partial(pytest.fail, "paid")))
    ledger.settle()


def test_one_that_fails_keeps_no_other_from_being_paid_and_is_named() -> None:
    paid: list[str] = []
    ledger = Ledger()

    def fails() -> None:
        raise ZeroDivisionError

    ledger.add("hook", "first", partial(paid.append, "first"))
    ledger.add("export", "bad", fails)
    ledger.add("hook", "last", partial(paid.append, "last"))
    with pytest.raises(ExceptionGroup) as failures:
        ledger.settle()
    assert paid == ["last", "first"]
    (failure,) = failures.value.exceptions
    assert failure.__notes__ == ["while undoing export bad"]
    assert len(ledger) == 0


def test_no_number_is_given_twice() -> None:
    ledger = Ledger()
    numbers = []
    for _ in range(5):
        wanted = ledger.next
        numbers.append(ledger.add("hook", "h", lambda: None))
        assert numbers[-1] == wanted
        ledger.pay(numbers[-1])
    assert len(set(numbers)) == 5


def test_what_is_owed_is_told_by_kind() -> None:
    ledger = Ledger()
    first = ledger.add("hook", "tick", lambda: None)
    ledger.add("timer", "t", lambda: None)
    assert ledger.of("hook") == {first: "tick"}
    assert len(ledger.numbers) == 2
