--- Coroutines that resume what resumes them, and iterators that are made of themselves.
--- at: call
--- expect: RecursionExceeded
return {
    exports = {
        f = function()
            local thread
            thread = coroutine.create(function() return coroutine.resume(thread) end)
            local ok, inner, why = coroutine.resume(thread)
            assert(ok and inner == false and type(why) == "string")
            local wrapped
            wrapped = coroutine.wrap(function() return wrapped() end)
            assert(not pcall(wrapped))
            local function nested(n)
                return coroutine.wrap(function()
                    if n > 0 then
                        return nested(n - 1)()
                    end
                    return "deep"
                end)
            end
            assert(nested(100)() == "deep")
            return pcall(nested(5000))
        end,
    },
}
