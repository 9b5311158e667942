"""Which modules a module may call, and which events it may listen to and emit."""

from __future__ import annotations

import pytest

from host import HostError
from tests.engine.place import Place, lines

SHOP = """
local sold = 0
return {
    hooks = { onSale = function() sold = sold + 1 end, onPrice = function(price) return price + 1 end },
    exports = { sold = function() return sold end, close = function() return "closed" end },
}
"""
BUYER = """
local shop = require("shop")
local heard = 0
local M = { exports = {} }
M.hooks = { onOpen = function() heard = heard + 1 end }
function M.exports.sold() return shop.sold() end
function M.exports.close() return shop.close() end
function M.exports.buy() return host.emit("onSale") end
function M.exports.price() return host.filter("onPrice", 1) end
function M.exports.heard() return heard end
function M.exports.listen() return M:registerHook("onMore", function() end) end
function M.exports.waiting()
    local result
    host.async(function()
        local _, why = shop.close()
        print(why)
    end)
end
return M
"""
NEEDS = '[dependencies]\nshop = "*"\n'


def asks(*patterns: str) -> str:
    return NEEDS + f"[permissions]\nmodules = {list(patterns)}\n"


@pytest.fixture
def shop(place: Place) -> Place:
    place.module("shop", SHOP)
    return place


async def test_a_module_that_says_nothing_of_it_may_use_all_that_it_declared(shop: Place) -> None:
    shop.module("buyer", BUYER, more=NEEDS)
    async with shop.host() as host:
        await host.load("buyer")
        assert await host.call("buyer", "buy") == 1
        assert await host.call("buyer", "sold") == 1
        assert await host.call("buyer", "price") == 2
        assert await host.call("buyer", "listen") is True
        assert await host.audit("buyer") == ()


async def test_one_that_names_exports_may_call_those_that_are_granted(shop: Place) -> None:
    shop.module("buyer", BUYER, more=asks("shop.sold"))
    async with shop.host() as host:
        await host.load("buyer")
        assert (await host.call("buyer", "sold"))[0] is None
        await host.grant("buyer")
        assert await host.call("buyer", "sold") == 0
        nothing, why = await host.call("buyer", "close")
        assert nothing is None
        assert why.startswith("permission denied: buyer may not use modules for 'call:shop.close'")
        assert await host.call("buyer", "buy") == 1  # of events, its manifest says nothing


async def test_one_that_names_a_module_may_call_all_of_its_exports(shop: Place) -> None:
    shop.module("buyer", BUYER, more=asks("shop"))
    async with shop.host() as host:
        await host.load("buyer")
        await host.grant("buyer")
        assert await host.call("buyer", "close") == "closed"


async def test_one_that_names_events_may_emit_and_listen_to_those(shop: Place) -> None:
    shop.module("buyer", BUYER, more=asks("emit:onP*", "listen:onOpen"))
    async with shop.host() as host:
        await host.grant("buyer")
        await host.load("buyer")
        assert await host.call("buyer", "price") == 2
        nothing, why = await host.call("buyer", "buy")
        assert (nothing, "for 'emit:onSale'" in why) == (None, True)
        nothing, why = await host.call("buyer", "listen")
        assert (nothing, "for 'listen:onMore'" in why) == (None, True)
        await host.emit("onOpen")
        assert await host.call("buyer", "heard") == 1
        rows = {(row.wanted, row.verdict) for row in await host.audit("buyer") if row.permission == "modules"}
        assert rows == {
            ("emit:onPrice", "allowed"),
            ("listen:onOpen", "allowed"),
            ("emit:onSale", "denied"),
            ("listen:onMore", "denied"),
        }


async def test_what_the_user_denies_ends_at_once_also_hooks_that_are_registered(shop: Place) -> None:
    shop.module("buyer", BUYER, more=NEEDS)
    async with shop.host() as host:
        await host.load("buyer")
        await host.emit("onOpen")
        await host.revoke("buyer", {"modules": ["listen:onOpen", "emit:onSale", "shop.close"]})
        assert (await host.emit("onOpen")).delivered == 0
        assert (await host.call("buyer", "buy"))[0] is None
        assert (await host.call("buyer", "close"))[1].endswith("allow it with: theseus grant buyer --use shop.close")
        assert await host.call("buyer", "price") == 2
        await host.grant("buyer", {"modules": ["listen:onOpen"]})
        assert (await host.emit("onOpen")).delivered == 1
        assert await host.call("buyer", "heard") == 2


async def test_a_hook_that_is_denied_leaves_the_module_running_without_it(shop: Place) -> None:
    shop.module("buyer", BUYER, more=asks("listen:onClose"))
    async with shop.host() as host:
        await host.load("buyer")
        assert (await host.emit("onOpen")).delivered == 0
        assert await host.call("buyer", "buy") == 1
        assert any("listen:onOpen" in line for line in lines(host.chronicle, "buyer"))


async def test_a_task_is_told_as_all_else_is(shop: Place) -> None:
    shop.module("buyer", BUYER, more=asks("shop.sold"))
    async with shop.host() as host:
        await host.load("buyer")
        await host.call("buyer", "waiting")
        while not any("call:shop.close" in line for line in lines(host.chronicle, "buyer")):
            assert await host.chronicle.newer_than(host.chronicle.revision, 10.0)


async def test_what_is_no_use_of_modules_is_refused(shop: Place) -> None:
    shop.module("buyer", BUYER, more=NEEDS)
    async with shop.host() as host:
        for pattern in ("hear:onOpen", "listen:", "Shop", "", "shop.", "a b"):
            with pytest.raises(HostError, match="a module or an export"):
                await host.revoke("buyer", {"modules": [pattern]})


async def test_a_rehearsal_leaves_no_trace_of_what_it_asked(shop: Place) -> None:
    shop.module("buyer", BUYER, more=asks("listen:onOpen"), folder="1")
    shop.module("buyer", BUYER, "2.0.0", more=asks("listen:onClose"), folder="2")
    async with shop.host() as host:
        await host.grant("buyer", {"modules": ["listen:onOpen"]})
        await host.load("buyer", "==1.0.0")
        before = len(await host.audit("buyer"))
        await host.rehearse("buyer", "2.0.0")
        assert len(await host.audit("buyer")) == before
        assert [each.id for each in host.snapshot().problems] == []
