--- Which lines of whom are written.

local T = { config = { levels = { theseus_trial = "error" }, rate = 3 } }

function T.a_module_may_have_a_level_of_its_own(t)
    t.equal(t.call("warn", "quiet"), false)
    t.equal(t.call("error", "loud"), true)
end

function T.more_lines_than_the_rate_are_left_out(t)
    local written = 0
    for n = 1, 10 do
        written = written + (t.call("error", n) and 1 or 0)
    end
    t.equal(written, 3)
    t.equal(t.call("count"), 3)
end

return T
