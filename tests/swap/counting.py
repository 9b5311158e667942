"""A module that counts, in a first version, and second versions that fail where a test wants it."""

from __future__ import annotations

from tests.engine.place import Place

OLD = """local M = {n = 0, heard = {}}
function M:init()
    host.every(1, function() if self.told then print("beat") end end)
end
M.hooks = {
    add = function(k) M.n = M.n + k end,
    hear = function(word) M.heard[#M.heard + 1] = word end,
    listen = function() M.told = true end,
}
M.exports = {n = function() return M.n end, version = function() return "old" end}
function M:getState() return {n = self.n, heard = self.heard} end
function M:setState(state) self.n, self.heard = state.n, state.heard end
function M:cleanup() print("old went") end
return M"""

NEW = """local M = {n = 0, heard = {}}
function M:init() %(init)s end
M.hooks = {
    add = function(k) M.n = M.n + k end,
    hear = function(word) M.heard[#M.heard + 1] = word end,
}
M.exports = {n = function() return M.n end, version = function() return "new" end}
function M:getState() return {n = self.n, heard = self.heard} end
function M:setState(state) %(set_state)s self.n, self.heard = state.n, state.heard end
function M:migrate(state, from) %(migrate)s return state end
function M:validate() %(validate)s return true end
function M:cleanup() print("new went") end
%(entry)s
return M"""

LIMITS = '[limits]\ncall = "20 ms"\nmemory = "4 MiB"\n[swap]\nprobation = "0 s"\n'


def new(**parts: str) -> str:
    """The second version, with Lua put into some of its parts."""
    return NEW % {"init": "", "set_state": "", "migrate": "", "validate": "", "entry": "", **parts}


def place_both(place: Place, second: str, *, first: str = OLD, more: str = LIMITS) -> None:
    """Write both versions."""
    place.module("counting", first, "1.0.0", folder="1", more=LIMITS)
    place.module("counting", second, "2.0.0", folder="2", more=more)
