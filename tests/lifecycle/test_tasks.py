"""Coroutines that wait for the host: what they wait for, what becomes of their errors, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from host import Host, HostError, ModuleFault
from host.vocabulary.events import EventKind
from tests.engine.place import Place, kinds, lines, until, until_logged

NATIVE = """
import asyncio

def functions(folder):
    waiting = {}

    async def answer(name):
        waiting[name] = asyncio.get_running_loop().create_future()
        try:
            return await waiting[name]
        finally:
            del waiting[name]

    async def later(value):
        await asyncio.sleep(0)
        return value

    async def refuse():
        raise PermissionError(13, "Permission denied")

    async def mistake():
        raise KeyError("lost")

    return {
        "answer": answer,
        "later": later,
        "refuse": refuse,
        "mistake": mistake,
        "give": lambda name, value: waiting[name].set_result(value),
        "asked": lambda: sorted(waiting),
    }
"""
LINE = """
local M = { exports = {} }
for _, name in ipairs({ "answer", "later", "refuse", "mistake", "give", "asked" }) do
    M.exports[name] = function(...) return host.native[name](...) end
end
M.exports.through = function(f, ...)
    host.sleep(0)
    return f(...)
end
return M
"""
NEEDS = '[dependencies]\nline = "*"\n'


@pytest.fixture
async def host(place: Place) -> AsyncIterator[Host]:
    (place.module("line", LINE, tier="core") / "native.py").write_text(NATIVE)
    async with place.host() as host:
        await host.load("line")
        yield host


async def load(host: Host, place: Place, lua: str, name: str = "m", more: str = NEEDS) -> None:
    place.module(name, f'local line = require("line")\n{lua}', more=more)
    await host.rescan()
    await host.load(name)


async def until_asked(host: Host, *names: str) -> None:
    """Wait until these answers are waited for, and no others."""
    async with asyncio.timeout(10):
        while await host.call("line", "asked") != (list(names) or {}):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)


def debts(host: Host, name: str) -> dict[int, str]:
    return host.parts.roster.get(name).ledger.of("task")


async def until_in_debt(host: Host, name: str) -> None:
    async with asyncio.timeout(10):
        while not debts(host, name):  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)


async def test_a_task_waits_for_a_native_answer_and_others_run_meanwhile(host: Host, place: Place) -> None:
    await load(
        host, place, 'return { hooks = { onGo = function() host.async(function() print(line.answer("a")) end) end } }'
    )
    await host.emit("onGo")
    await until_asked(host, "a")
    assert host.snapshot().modules["m"].tasks == 1
    assert [row.name for row in host.parts.inspection.activity("m") if row.kind == "task"] == ["async"]
    await host.call("line", "give", "a", {"deep": [1, 2]})
    await until_logged(host.chronicle, "{deep = {[1] = 1, [2] = 2}}")
    assert host.snapshot().modules["m"].tasks == 0
    assert not debts(host, "m")
    assert not debts(host, "line")


async def test_a_call_of_the_host_waits(host: Host, place: Place) -> None:
    await load(host, place, "return { exports = { f = function(...) host.sleep(1) return line.later(...), 2 end } }")
    assert await host.call("m", "f", {"a": 1}) == ({"a": 1}, 2)


async def test_a_request_waits(host: Host, place: Place) -> None:
    lua = 'return { execute = function(_, context) return { status = "success", data = line.later(context.x) } end }'
    await load(host, place, lua)
    assert await host.execute("m", {"x": 7}) == {"status": "success", "data": 7}


async def test_a_function_that_was_handed_over_may_wait(host: Host, place: Place) -> None:
    lua = """
    return { exports = { f = function()
        return line.through(function(a) host.sleep(1) return a, nil, 3 end, 1)
    end } }"""
    await load(host, place, lua)
    assert await host.call("m", "f") == (1, None, 3)


async def test_what_is_refused_later_is_nothing_and_a_message(host: Host, place: Place) -> None:
    await load(host, place, "return { exports = { f = function() return line.refuse() end } }")
    assert await host.call("m", "f") == (None, "permission denied")


async def test_a_mistake_that_comes_later_is_an_error_where_it_was_waited_for(host: Host, place: Place) -> None:
    await load(host, place, "return { exports = { f = function() return pcall(line.mistake) end } }")
    ok, message = await host.call("m", "f")
    assert ok is False
    assert message.startswith("line failed in export mistake: line failed in native mistake (native.py:")
    assert message.endswith("): there is no 'lost'")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("host.sleep(1)", "host.sleep waits, and cannot here: call it inside host.async(function() ... end)"),
        ('error((select(2, line.later("x"))), 0)', "line.later waits, and cannot here: call it inside host.async"),
        ("coroutine.wrap(function() host.sleep(1) end)()", "host.sleep waits, and cannot here"),
    ],
)
async def test_where_nothing_can_wait_it_is_said(call: str, says: str, host: Host, place: Place) -> None:
    await load(
        host, place, f"return {{ hooks = {{ onGo = function() print(select(2, pcall(function() {call} end))) end }} }}"
    )
    await host.emit("onGo")
    assert says in lines(host.chronicle, "m")[-1]
    assert host.parts.roster.get("line").faults == 0, "the mistake is the caller's"


async def test_a_handler_that_a_task_reaches_cannot_wait(host: Host, place: Place) -> None:
    lua = """
    return {
        hooks = { onInner = function() print(pcall(host.sleep, 1)) end },
        exports = { f = function() host.emit("onInner") host.sleep(0) return "went on" end },
    }"""
    await load(host, place, lua)
    assert await host.call("m", "f") == "went on"
    assert lines(host.chronicle, "m")[-1].startswith("false host.sleep waits, and cannot here")


async def test_a_coroutine_of_the_module_s_own_may_wait_inside_a_task(host: Host, place: Place) -> None:
    lua = """
    return { exports = { f = function()
        local found = {}
        local inner = coroutine.create(function()
            for n = 1, 3 do
                coroutine.yield(line.later(n))
            end
        end)
        while true do
            local ok, value = coroutine.resume(inner)
            if not value then return found, coroutine.status(inner) end
            found[#found + 1] = value
        end
    end } }"""
    await load(host, place, lua)
    assert await host.call("m", "f") == ([1, 2, 3], "dead")


async def test_nobody_else_resumes_a_coroutine_that_waits(host: Host, place: Place) -> None:
    lua = """
    local task, inner
    return {
        exports = { f = function()
            task = coroutine.running()
            inner = coroutine.create(function() return line.answer("a") end)
            return select(2, coroutine.resume(inner))
        end },
        hooks = { onTry = function()
            for _, each in ipairs({ task, inner }) do
                print(coroutine.status(each), coroutine.resume(each, "false answer"))
            end
        end },
    }"""
    await load(host, place, lua)
    answer = asyncio.ensure_future(host.call("m", "f"))
    await until_asked(host, "a")
    await host.emit("onTry")
    assert lines(host.chronicle, "m") == ["normal false cannot resume non-suspended coroutine"] * 2
    await host.call("line", "give", "a", "true answer")
    assert await answer == "true answer"


async def test_a_task_that_yields_by_itself_lets_others_go_first(host: Host, place: Place) -> None:
    lua = """
    return { exports = { f = function()
        local seen = {}
        local other = host.async(function() seen[#seen + 1] = "other" end)
        coroutine.yield()
        coroutine.yield()
        seen[#seen + 1] = "first"
        other.wait()
        return seen
    end } }"""
    await load(host, place, lua)
    assert await host.call("m", "f") == ["other", "first"]


async def test_an_error_in_a_task_is_the_module_s_fault_with_its_place(host: Host, place: Place) -> None:
    lua = """local function deep() error("lost") end
    return { hooks = { onGo = function() host.async(function()
        host.sleep(0)
        deep()
    end) end } }"""
    await load(host, place, lua)
    await host.emit("onGo")
    event = await until(host.events(), EventKind.MODULE_FAULT, "m")
    assert event.error == "m failed in a task: m/init.lua:2: lost"
    assert "m/init.lua:5" in event.traceback
    assert host.snapshot().modules["m"].faults == 1
    assert not debts(host, "m")


async def test_a_task_over_its_time_is_ended_and_the_next_goes_on(host: Host, place: Place) -> None:
    lua = """
    return { exports = {
        endless = function() host.sleep(0) while true do pcall(function() while true do end end) end end,
        f = function() host.sleep(0) return "well" end,
    } }"""
    await load(host, place, lua, more=f'[limits]\ncall = "20 ms"\n{NEEDS}')
    with pytest.raises(ModuleFault, match="over"):
        await host.call("m", "endless")
    assert await host.call("m", "f") == "well"
    assert not debts(host, "m")


async def test_each_turn_has_the_whole_time_of_a_call(host: Host, place: Place) -> None:
    lua = """
    return { exports = { f = function()
        for _ = 1, 4 do
            local start = os.clock()
            while os.clock() - start < 0.02 do end
            host.sleep(0)
        end
        return "well"
    end } }"""
    await load(host, place, lua, more=f'[limits]\ncall = "60 ms"\n{NEEDS}')
    assert await host.call("m", "f") == "well"


async def test_a_task_that_is_cancelled_sees_an_error_and_winds_up(host: Host, place: Place) -> None:
    lua = """
    local task
    return {
        hooks = { onGo = function()
            task = host.async(function()
                print(pcall(line.answer, "a"))
                print(pcall(host.sleep, 1))
            end)
        end },
        exports = {
            stop = function() return task.cancel(), task.wait() end,
            again = function() return task.cancel() end,
        },
    }"""
    await load(host, place, lua)
    await host.emit("onGo")
    await until_asked(host, "a")
    assert await host.call("m", "stop") == (True, True)
    assert lines(host.chronicle, "m") == ["false cancelled", "false cancelled"]
    await until_asked(host)
    assert await host.call("m", "again") is False


async def test_a_caller_that_goes_away_ends_what_it_asked_for(host: Host, place: Place) -> None:
    await load(host, place, 'return { exports = { f = function() return line.answer("a") end } }')
    answer = asyncio.ensure_future(host.call("m", "f"))
    await until_asked(host, "a")
    answer.cancel()
    await until_asked(host)
    assert not debts(host, "line")


async def test_an_unload_ends_its_tasks_and_clean_up_comes_after(host: Host, place: Place) -> None:
    lua = """
    return {
        hooks = { onGo = function()
            host.async(function() print(pcall(line.answer, "a")) end)
            host.async(function() pcall(host.sleep, 1e6) coroutine.yield() print("never") end)
            host.async(function() host.sleep(1e6) end)
        end },
        cleanup = function() print("clean-up") end,
    }"""
    await load(host, place, lua)
    await host.emit("onGo")
    await until_asked(host, "a")
    await host.unload("m")
    assert lines(host.chronicle, "m") == ["false cancelled: the module ends", "clean-up"]
    assert EventKind.MODULE_FAULT not in kinds(host.chronicle)
    await until_asked(host)


async def test_who_waits_for_a_module_that_ends_is_told(host: Host, place: Place) -> None:
    await load(host, place, "return { exports = { f = function() host.sleep(1e6) end } }")
    answer = asyncio.ensure_future(host.call("m", "f"))
    await until_in_debt(host, "m")
    await host.unload("m")
    with pytest.raises(HostError, match="cancelled: the module ends"):
        await answer


async def test_what_is_begun_in_init_runs_once_the_module_counts(host: Host, place: Place) -> None:
    await load(host, place, 'return { init = function() host.async(function() print("runs") end) print("init") end }')
    await until_logged(host.chronicle, "runs")
    assert lines(host.chronicle, "m") == ["init", "runs"]


async def test_what_is_begun_by_an_init_that_fails_never_runs(host: Host, place: Place) -> None:
    with pytest.raises(HostError):
        await load(
            host, place, 'return { init = function() host.async(function() print("runs") end) return false end }'
        )
    await asyncio.sleep(0)
    assert "runs" not in lines(host.chronicle)


async def test_a_swap_waits_for_what_is_under_way(host: Host, place: Place) -> None:
    lua = """
    local got
    return {
        hooks = { onGo = function() host.async(function() got = line.answer("a") end) end },
        getState = function() return { got = got } end,
        setState = function(_, state) got = state.got end,
    }"""
    await load(host, place, lua)
    await host.emit("onGo")
    await until_asked(host, "a")
    swap = asyncio.ensure_future(host.reload("m"))
    await asyncio.sleep(0)
    await host.call("line", "give", "a", "in time")
    await swap
    assert await host.state("m") == {"got": "in time"}


async def test_a_swap_does_not_wait_for_sleepers_which_go_on_if_it_is_taken_back(host: Host, place: Place) -> None:
    lua = 'return { init = function() host.async(function() while true do host.sleep(1) print("%s") end end) end %s }'
    await load(host, place, lua % ("old", ""))
    await until_logged(host.chronicle, "old")
    place.module("m", lua % ("new", ", hooks = { onGo = function() error('bad') end }"), more=NEEDS)
    await host.rescan()
    await until_logged(host.chronicle, "new")
    old = lines(host.chronicle).count("old")
    await until_logged(host.chronicle, "new", 3)
    assert lines(host.chronicle).count("old") == old
    for _ in range(3):
        await host.emit("onGo")
    await until_logged(host.chronicle, "old", old + 2)


async def test_who_waits_for_a_module_that_is_swapped_is_told_at_once(host: Host, place: Place) -> None:
    await load(host, place, "return { exports = { f = function() host.sleep(1e6) end } }")
    await load(
        host,
        place,
        'local m = require("m")\nreturn { exports = { g = function() return pcall(m.f) end } }',
        "user",
        NEEDS + 'm = "*"\n',
    )
    answer = asyncio.ensure_future(host.call("user", "g"))
    await until_in_debt(host, "m")
    await host.reload("m")
    assert await answer == (False, "cancelled: m was swapped meanwhile; call it again")


async def test_a_quarantined_module_still_answers_calls_that_wait(host: Host, place: Place) -> None:
    lua = """
    return {
        hooks = { onGo = function() error("bad") end },
        exports = { f = function() host.sleep(0) return line.later("well") end },
    }"""
    await load(host, place, lua)
    for _ in range(5):
        await host.emit("onGo")
    assert host.snapshot().modules["m"].status == "quarantined"
    assert await host.call("m", "f") == "well"


async def test_more_tasks_than_there_may_be_are_refused(host: Host, place: Place) -> None:
    lua = """
    return { exports = { f = function()
        local made = 0
        while host.async(function() host.sleep(1e6) end) do made = made + 1 end
        return made, select(2, host.async(print))
    end } }"""
    await load(host, place, lua, more=f'[limits]\nmemory = "64 MiB"\ncall = "10 s"\ntasks = "100000/s"\n{NEEDS}')
    assert await host.call("m", "f") == (10_000, "too many tasks")


async def test_more_tasks_in_a_second_than_may_be_begun_are_refused(host: Host, place: Place) -> None:
    lua = """
    return { exports = { f = function()
        local first = host.async(print)
        local second, why = host.async(print)
        return first ~= nil, second, why
    end } }"""
    await load(host, place, lua, more=f'[limits]\ntasks = "1/s"\n{NEEDS}')
    first, second, why = await host.call("m", "f")
    assert (first, second) == (True, None)
    assert "tasks" in why


async def test_a_fault_of_the_engine_s_end_leaves_nothing_behind(host: Host, place: Place) -> None:
    await load(host, place, 'return { hooks = { onGo = function() host.async(function() line.answer("a") end) end } }')
    await host.emit("onGo")
    await until_asked(host, "a")
    runtime = host.parts.roster.get("m").runtime
    await host.unload("line", cascade=True)
    assert runtime.gone


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("host.async(5)", "bad argument #1 to 'async' (function expected, got number)"),
        ("host.sleep()", "bad argument #1 to 'sleep' (number expected, got nil)"),
        ("host.sleep(-1)", "bad argument #1 to 'sleep' (milliseconds from 0 to 2^31 expected)"),
        ("host.sleep(0/0)", "bad argument #1 to 'sleep' (milliseconds from 0 to 2^31 expected)"),
    ],
)
async def test_a_wrong_argument_is_named(call: str, says: str, host: Host, place: Place) -> None:
    await load(host, place, f"return {{ exports = {{ f = function() return pcall(function() {call} end) end }} }}")
    ok, message = await host.call("m", "f")
    assert (ok, says in message) == (False, True)


NAMED = """
def functions(folder, gate):
    async def later(caller):
        return caller.name
    return {"later": later, "name": lambda caller: caller.name}
"""
NAMING = (
    "return { exports = { later = host.native.later, name = function() host.sleep(0) return host.native.name() end } }"
)


async def test_what_goes_on_later_still_does_it_in_its_caller_s_name(host: Host, place: Place) -> None:
    (place.module("naming", NAMING, tier="core") / "native.py").write_text(NAMED)
    lua = """
    local naming = require("naming")
    return {
        exports = { f = function() return naming.name(), naming.later() end },
        hooks = { onGo = function() host.async(function() host.sleep(0) print(naming.name()) end) end },
    }"""
    await load(host, place, lua, "ana", more='[dependencies]\nline = "*"\nnaming = "*"\n')
    await load(host, place, lua, "ben", more='[dependencies]\nline = "*"\nnaming = "*"\n')
    assert await host.call("ana", "f") == ("ana", "ana")
    assert await host.call("ben", "f") == ("ben", "ben")
    await host.emit("onGo")
    await until_logged(host.chronicle, "ana")
    await until_logged(host.chronicle, "ben")


async def test_a_mistake_of_the_host_in_going_on_is_told_and_ends_the_wait(
    host: Host, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for the task waited for ever, and nobody learned of it."""
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))
    await load(host, place, 'return { exports = { f = function() return line.answer("a") end } }')
    call = asyncio.ensure_future(host.call("m", "f"))
    await until_asked(host, "a")

    def mistaken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(host.parts.roster.get("m").runtime, "go_on", mistaken)
    await host.call("line", "give", "a", 1)
    async with asyncio.timeout(10):
        with pytest.raises(HostError, match="the host made a mistake in export f; its log says more"):
            await call
    assert told == ["a fault in going on with export f"]
    assert host.snapshot().modules["m"].tasks == 0
