"""Whatever a module asks for, and whenever: no stretch of time gives it more than its rate and one second's worth."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from host.lifecycle.pace import LONGEST_REST, STRETCH, Pace
from host.lifecycle.quota import Bucket

RATES = st.floats(0.001, 1000.0)
WAITS = st.lists(st.floats(0.0, 3.0) | st.just(0.0), min_size=1, max_size=60)


@given(rate=RATES, waits=WAITS)
def test_no_stretch_of_time_grants_more_than_its_rate_and_one_second(rate: float, waits: list[float]) -> None:
    now, bucket = 1000.0, Bucket(rate, 1000.0)
    granted: list[float] = []
    for wait in waits:
        now += wait
        if bucket.take(now):
            granted.append(now)
    for first, start in enumerate(granted):
        for last, end in enumerate(granted[first:], first):
            assert last - first + 1 <= max(1.0, rate) + (end - start) * rate + 1e-6


@given(rate=RATES, waits=WAITS)
def test_who_asks_no_more_often_than_the_rate_is_never_refused(rate: float, waits: list[float]) -> None:
    now, bucket = 1000.0, Bucket(rate, 1000.0)
    for wait in waits:
        now += wait + 1.000001 / rate
        assert bucket.take(now)


@given(rate=RATES, waits=WAITS)
def test_what_is_spent_lies_between_nothing_and_one_second(rate: float, waits: list[float]) -> None:
    now, bucket = 1000.0, Bucket(rate, 1000.0)
    for wait in waits:
        now += wait
        bucket.take(now)
        assert 0.0 <= bucket.spent(now) <= max(1.0, rate) + 1e-9


@given(turns=st.lists(st.tuples(st.floats(0.0, 0.2), st.floats(0.0, 0.05)), min_size=1, max_size=60))
def test_turns_come_to_one_stretch_before_a_rest(turns: list[tuple[float, float]]) -> None:
    now, stretch = 1000.0, 0.0
    pace = Pace(lambda: now)
    for took, idle in turns:
        assume(abs(idle - STRETCH) > 1e-6)
        rest = pace.rest()
        assert rest <= LONGEST_REST + 1e-9
        if rest or idle > STRETCH:
            stretch = 0.0
        now += max(rest, idle)
        now += took
        pace.spent(took)
        stretch += took
        assert pace.rest() > 0 or stretch < STRETCH
