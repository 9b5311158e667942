"""The events of one module, or those that matter, are shown; the ring that others look at stays whole."""

from __future__ import annotations

from host.desktop.models.columns import EVENTS
from host.desktop.models.filtered_events import FilteredEvents
from host.desktop.models.ring import Ring
from host.vocabulary.events import Event, EventKind
from tests.desktop.models.conftest import Check


def event(kind: EventKind, module: str) -> Event:
    return Event(event=kind, at=0.0, revision=1, module=module)


def test_a_filter_lets_through_one_module_and_what_matters(check_model: Check) -> None:
    ring: Ring[Event] = Ring(EVENTS)
    filtered = FilteredEvents(ring)
    check_model(filtered)
    ring.append([
        event(EventKind.MODULE_LOADED, "chat"),
        event(EventKind.RELOAD_REFUSED, "chat"),
        event(EventKind.MODULE_FAULT, "hud"),
    ])  # fmt: skip

    def shown() -> list[tuple[str, EventKind]]:
        found = [filtered.event_at(filtered.index(row, 0)) for row in range(filtered.rowCount())]
        return [(each.module, each.event) for each in found if each is not None]

    assert len(shown()) == 3
    filtered.restrict("chat", 0)
    assert shown() == [("chat", EventKind.MODULE_LOADED), ("chat", EventKind.RELOAD_REFUSED)]
    filtered.restrict("", 1)
    assert shown() == [("chat", EventKind.RELOAD_REFUSED), ("hud", EventKind.MODULE_FAULT)]
    filtered.restrict("", 2)
    ring.append([event(EventKind.MODULE_FAULT, "chat"), event(EventKind.MODULE_LOADED, "hud")])
    assert shown() == [("hud", EventKind.MODULE_FAULT), ("chat", EventKind.MODULE_FAULT)]
    assert ring.rowCount() == 5
