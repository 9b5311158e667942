--- Loads text with environments of all kinds, names that look like the host's, and readers that lie.
--- at: call
--- expect: contained
return {
    exports = {
        f = function()
            for _, name in ipairs({ "=(host guard)", "@host/runtime/guard.lua", "=[C]", ("x"):rep(1e5), "\0", "=?" }) do
                local chunk = load("return getfenv(1)", name)
                assert(not chunk or chunk() == getfenv(1))
                local raising = load("error('x')", name)
                if raising then
                    local ok, why = pcall(raising)
                    assert(not ok and #tostring(why) < 2000)
                end
            end
            assert(not load("\27LJ\2\10"))
            local once = true
            local ok, chunk_of_bytes = pcall(load, function()
                if once then
                    once = false
                    return "\27Lua"
                end
            end)
            assert(not ok or not chunk_of_bytes)
            local calls = 0
            assert(not pcall(load, function() calls = calls + 1 return calls < 3 and {} or nil end) or calls < 3)
            local sealed = setmetatable({}, { __index = function() error("read") end })
            local chunk = setfenv(assert(load("return x")), sealed)
            assert(not pcall(chunk))
            return "contained"
        end,
    },
}
