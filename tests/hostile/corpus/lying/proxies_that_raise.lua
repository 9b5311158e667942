--- Hands tables over whose metamethods raise as soon as anybody reads them.
--- at: call
--- expect: contained
local function raise() error("read") end
local trap = { __index = raise, __newindex = raise, __len = raise, __call = raise, __eq = raise, __pairs = raise,
    __ipairs = raise, __tostring = raise, __concat = raise, __unm = raise, __metatable = "locked", __mode = "kv" }

return {
    exports = {
        f = function()
            local proxy = setmetatable({ 1, 2, x = setmetatable({}, trap) }, trap)
            host.emit("heard", proxy)
            assert(type(host.filter("nobody", proxy)) == "table")
            local ok = pcall(host.ui.panel, proxy)
            local nested = pcall(host.ui.panel, { id = "p", title = proxy, children = setmetatable({ proxy }, trap) })
            assert(not ok and not nested)
            pcall(print, proxy)
            pcall(host.log.info, proxy)
            pcall(host.after, proxy, proxy)
            return "contained"
        end,
    },
}
