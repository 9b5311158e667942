--- Each timer makes two more, which are due at once.
--- at: turns
--- within: 1.5
local function double()
    host.after(0, double)
    host.after(0, double)
end

return {
    exports = {
        f = function()
            double()
            return true
        end,
    },
}
