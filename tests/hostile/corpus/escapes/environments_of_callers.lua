--- Looks for the environment of whoever calls it, by levels, threads and the functions on the stack.
--- needs: victim
--- at: call
--- expect: contained
return {
    exports = {
        f = function()
            local own = getfenv(1)
            for level = 0, 60 do
                local ok, found = pcall(getfenv, level)
                assert(not ok or found == own, level)
                local set = pcall(setfenv, level, own)
                assert(not set or getfenv(1) == own)
            end
            assert(getfenv(coroutine.wrap) == own and getfenv(pcall) == own)
            assert(rawget(own, "python") == nil and rawget(own, "jit") == nil and rawget(own, "ffi") == nil)
            for _, name in ipairs({ "python", "jit", "ffi", "io", "package", "lupa", "__lupa", "debug.debug" }) do
                assert(not pcall(require, name))
            end
            return "contained"
        end,
    },
}
