--- Lines with fields of their own.

local T = {}

function T.fields_stand_behind_the_text_in_order(t)
    t.equal(t.call("record", "warn", "joined", { user = "ana", rooms = { 1, 2 } }), true)
    t.equal(t.logs(), { { level = "warn", text = "joined rooms={ 1, 2 } user=ana" } })
end

function T.wrong_arguments_are_named(t)
    for message, arguments in pairs({
        ["bad argument #1 to 'record' (debug, info, warn or error expected, got loud)"] = { "record", "loud", "x" },
        ["bad argument #2 to 'record' (string expected, got number)"] = { "record", "info", 5 },
        ["bad argument #3 to 'record' (table expected, got string)"] = { "record", "info", "x", "y" },
    }) do
        t.raises(function()
            t.call(unpack(arguments))
        end, message)
    end
end

return T
