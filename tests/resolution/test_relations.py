from __future__ import annotations

from host.resolution.relations import dependents, why
from tests.resolution.made_manifests import made

LOADED = (
    made("chat 1.0", {"http": "*", "state": "*"}),
    made("http 1.0", {"state": "*"}),
    made("log 1.0"),
    made("state 1.0"),
    made("theme 1.0", optional={"state": "*"}),
)


def test_dependents_come_in_the_order_in_which_they_can_be_unloaded() -> None:
    assert dependents(LOADED, "state") == ("chat", "http")


def test_dependents_by_an_optional_need_count_where_they_are_asked_for() -> None:
    assert set(dependents(LOADED, "state", optional=True)) == {"chat", "http", "theme"}


def test_nothing_needs_what_stands_alone() -> None:
    assert dependents(LOADED, "log") == ()
    assert dependents(LOADED, "unknown") == ()


def test_why_is_a_shortest_chain_from_what_was_asked() -> None:
    assert why(LOADED, ["chat"], "state") == ("chat", "state")
    assert why(LOADED, ["chat"], "http") == ("chat", "http")
    assert why(LOADED, ["state"], "state") == ("state",)


def test_why_is_empty_where_nothing_leads_there() -> None:
    assert why(LOADED, ["chat"], "log") == ()
    assert why(LOADED, [], "state") == ()
