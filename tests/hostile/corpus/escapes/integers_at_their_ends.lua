--- Numbers of 64 bits at their ends, where the processor would stop the process.
--- at: call
--- expect: contained

local M = { exports = {} }

local TRIES = {
    "return (-9223372036854775807LL - 1LL) / -1LL",
    "return (-9223372036854775807LL - 1LL) % -1LL",
    "return 1LL / 0LL",
    "return 1LL % 0LL",
    "return 1ULL / 0ULL",
    "return 1ULL % 0ULL",
    "return (-9223372036854775807LL - 1LL) ^ -9223372036854775807LL",
    "return 2LL ^ 9223372036854775807LL",
    "return -(-9223372036854775807LL - 1LL)",
    "return bit.lshift(1LL, 1e300), bit.rol(-1LL, -1)",
    "return ('x'):rep(9223372036854775807LL)",
    "return ({})[1LL], #1LL",
    "return tonumber(18446744073709551615ULL), 1LL < 'x'",
    "return string.format('%d %x %s', 1LL, -1LL, 1ULL)",
    "for i = 1LL, 3LL do local _ = i end",
}

function M.exports.f()
    for _ = 1, 100 do -- compiled, where it has a process of its own
        for _, text in ipairs(TRIES) do
            pcall(load(text))
        end
    end
    return "contained"
end

return M
