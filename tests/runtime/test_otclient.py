"""The functions that modules of OTClient expect keep their meaning."""

from tests.runtime.surroundings import answer, doing


def test_events_are_timers() -> None:
    module = doing(
        """local function note() end
        events = { scheduleEvent(note, 250), cycleEvent(note, 1000), addEvent(note), scheduleEvent(note) }"""
    )
    module.call()
    assert [(seconds, repeating) for seconds, _, repeating in module.around.timers.values()] == [
        (0.25, False),
        (1.0, True),
        (0.0, False),
        (0.0, False),
    ]


def test_an_event_is_removed_by_its_handle_and_nil_is_none() -> None:
    module = doing(
        "local event = cycleEvent(print, 5) removeEvent(event) removeEvent(event) removeEvent(nil) return 'done'"
    )
    assert module.call() == "done"
    assert module.around.timers == {}


def test_one_slot_is_a_function_and_several_are_called_in_order() -> None:
    code = """
        local object, heard = {}, {}
        local function slot(name) return function(value) heard[#heard + 1] = name .. value end end
        connect(object, { onMove = slot("first ") })
        local alone = type(object.onMove)
        connect(object, { onMove = slot("second ") })
        connect(object, { onMove = slot("front ") }, true)
        connect(object, "onMove", slot("last "))
        signalcall(object.onMove, 1)
        return alone, heard"""
    assert answer(code) == ("function", ["front 1", "first 1", "second 1", "last 1"])


def test_a_slot_that_returns_true_ends_the_call() -> None:
    code = """
        local object, calls = {}, 0
        connect(object, { s = function() calls = calls + 1 return true end })
        connect(object, { s = function() calls = calls + 1 end })
        return signalcall(object.s), calls, signalcall(nil), signalcall({}), signalcall(function(a) return a end, 5)"""
    assert answer(code) == (True, 1, False, False, 5)


def test_a_slot_that_fails_is_logged_and_the_next_one_called() -> None:
    module = doing(
        """local object, heard = {}, 0
        connect(object, { s = function() error("first") end })
        connect(object, { s = function() heard = heard + 1 end })
        signalcall(object.s)
        signalcall(function() error({}) end)
        return heard"""
    )
    assert module.call() == 1
    assert module.around.lines == [("error", "m/init.lua:4: first"), ("error", "{}")]


def test_disconnecting_takes_one_slot_away() -> None:
    code = """
        local object, heard = {}, {}
        local function one() heard[#heard + 1] = 1 end
        local function two() heard[#heard + 1] = 2 end
        connect(object, { s = one })
        connect(object, { s = two })
        disconnect(object, { s = one })
        signalcall(object.s)
        local left = object.s == two
        disconnect(object, "s", print)
        disconnect(object, "s", two)
        disconnect(object, { s = two })
        return heard, left, object.s == nil"""
    assert answer(code) == ([2], True, True)


def test_a_slot_may_disconnect_itself_while_it_is_called() -> None:
    code = """
        local object, heard = {}, 0
        local function once() heard = heard + 1 disconnect(object, { s = once }) end
        connect(object, { s = once })
        connect(object, { s = function() heard = heard + 10 end })
        signalcall(object.s)
        signalcall(object.s)
        return heard"""
    assert answer(code) == 21
