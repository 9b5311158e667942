--- Each task begins two more, which wait for nothing.
--- at: turns
--- within: 1.5
local function double()
    host.sleep(0)
    host.async(double)
    host.async(double)
end

return {
    exports = {
        f = function()
            host.async(double)
            return true
        end,
    },
}
