--- What is asked wrongly.

local T = {}

function T.wrong_arguments_are_named(t)
    for message, arguments in pairs({
        ["bad argument #1 to 'get' (string expected, got nil)"] = { "get" },
        ["bad field 'timeout' to 'get' (a number from 0 to 86400 expected)"] = { "get", "http://x/", { timeout = -1 } },
        ["bad field 'headers' to 'post' (table expected, got string)"] = { "post", "http://x/", { headers = "x" } },
        ["unknown option 'timeuot' to 'get'; it has backoff, body"] = { "get", "http://x/", { timeuot = 1 } },
        ["unknown option 'follow' to 'download'"] = { "download", "http://x/", "data/x", { follow = true } },
        ["bad argument #2 to 'download' (string expected, got nil)"] = { "download", "http://x/" },
    }) do
        t.raises(function()
            t.call(unpack(arguments))
        end, message)
    end
end

function T.what_was_not_granted_is_refused(t)
    local nothing, why = t.call("get", "http://127.0.0.1:10/")
    t.equal(nothing, nil)
    t.matches(why, "permission denied: .* may not use net")
end

function T.what_nobody_answers_is_said(t)
    local nothing, why = t.call("get", "http://127.0.0.1:9/", { retries = 1, backoff = 0.001 })
    t.equal(nothing, nil)
    t.matches(why, "127.0.0.1 cannot be asked")
end

return T
