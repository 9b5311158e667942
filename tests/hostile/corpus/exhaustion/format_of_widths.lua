--- Formats with widths and precisions beyond all bounds, and joins what comes of it.
--- at: call
--- expect: contained
return {
    exports = {
        f = function()
            for _, width in ipairs({ "100", "999", "99999999", "2147483648", "99999999999999999999" }) do
                assert(not pcall(string.format, "%" .. width .. "d", 1))
                assert(not pcall(string.format, "%." .. width .. "f", 1))
                assert(not pcall(string.format, "%-" .. width .. "s", "x"))
            end
            local much = ("x"):rep(2 ^ 20)
            assert(not pcall(table.concat, { much, much, much, much, much, much, much, much, much }, much))
            return "contained"
        end,
    },
}
