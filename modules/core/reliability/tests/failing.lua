--- What becomes of functions that fail.

local T = {}

function T.a_retry_ends_with_the_last_failure(t)
    local calls = 0
    local nothing, why = t.call("retry", { attempts = 3, delay = 0.001 }, function(attempt)
        calls = calls + 1
        return nil, "no " .. attempt
    end)
    t.equal({ calls, nothing == nil, why }, { 3, true, "no 3" })
    t.raises(function()
        t.call("retry", 2, 0.001, function()
            error("boom")
        end)
    end, "boom")
end

function T.a_retry_gives_all_results(t)
    local a, b, c = t.call("retry", 2, 0.001, function()
        return false, nil, 3
    end)
    t.equal({ a, b == nil, c }, { false, true, 3 })
end

function T.a_circuit_opens_is_tried_and_closes(t)
    local works = false
    local function call()
        return t.call("circuit_breaker", "c", { failures = 2, timeout = 0.02, successes = 2 }, function()
            if works then
                return "well"
            end
            return nil, "down"
        end)
    end
    t.equal(select(2, call()), "down")
    t.equal(t.call("circuit_state", "c"), "closed")
    t.equal(select(2, call()), "down")
    t.equal(select(2, call()), "circuit c is open")
    host.sleep(25)
    t.equal(select(2, call()), "down", "tried once")
    t.equal(select(2, call()), "circuit c is open")
    host.sleep(25)
    works = true
    t.equal(call(), "well")
    t.equal(t.call("circuit_state", "c"), "half_open")
    t.equal(call(), "well")
    t.equal(t.call("circuit_state", "c"), "closed")
    t.call("circuit_reset", "c")
    t.equal(t.call("circuit_state", "c"), nil)
end

function T.a_rate_is_kept_or_refused(t)
    local done = 0
    local function act()
        done = done + 1
        return done
    end
    t.equal(t.call("rate_limit", "r", { rate = 0.001, burst = 2, wait = false }, act), 1)
    t.equal(t.call("rate_limit", "r", { rate = 0.001, burst = 2, wait = false }, act), 2)
    local nothing, why = t.call("rate_limit", "r", { rate = 0.001, burst = 2, wait = false }, act)
    t.equal({ nothing == nil, why, done }, { true, "more than 0.001 a second of r", 2 })
end

function T.a_cache_remembers_what_went_well_and_forgets_the_least_used(t)
    local calls = 0
    local function ask(key)
        return t.call("cache", "k", key, { ttl = 100, size = 2 }, function()
            calls = calls + 1
            if key == "bad" then
                return nil, "no"
            end
            return key, nil, calls
        end)
    end
    t.equal(select(3, ask("a")), 1)
    t.equal(select(3, ask("b")), 2)
    t.equal(select(3, ask("a")), 1)
    ask("bad")
    ask("bad")
    t.equal(calls, 4)
    t.equal(select(3, ask("c")), 5)
    t.equal(select(3, ask("a")), 1, "b was used longest ago")
    t.equal(select(3, ask("b")), 6)
    t.call("cache_clear", "k")
    t.equal(select(3, ask("b")), 7)
end

function T.a_cache_lets_go_after_its_time(t)
    local calls = 0
    local function ask()
        return t.call("cache", "k", 1, { ttl = 0 }, function()
            calls = calls + 1
            return calls
        end)
    end
    t.equal({ ask(), ask() }, { 1, 2 })
end

function T.wrong_arguments_are_named(t)
    for message, arguments in pairs({
        ["(number expected, got nil)"] = { "retry" },
        ["bad option 'attempts' to 'retry' (a number from 1 to 1000 expected)"] = { "retry", 0, 1, print },
        ["unknown option 'atempts' to 'retry'; it has attempts, delay"] = { "retry", { atempts = 1 }, print },
        ["unknown option 'size' to 'rate_limit'; it has burst, rate"] = { "rate_limit", "x", { size = 1 }, print },
        ["unknown option 'tries' to 'circuit_breaker'"] = { "circuit_breaker", "x", { tries = 1 }, print },
        ["unknown option 'most' to 'cache'; it has size, ttl"] = { "cache", "x", 1, { most = 1 }, print },
        ["bad option 'rate' to 'rate_limit'"] = { "rate_limit", "x", { rate = 0 }, print },
        ["bad argument #2 to 'cache'"] = { "cache", "x", {}, {}, print },
    }) do
        t.raises(function()
            t.call(unpack(arguments))
        end, message)
    end
end

return T
