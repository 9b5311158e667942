--- What programs say, how they end, and which do not run.

local T = {}

function T.what_it_says_and_how_it_ended(t)
    local said = t.call("run", "sh", { args = { "-c", "echo out; echo err >&2; exit 3" } })
    t.equal(said, { stdout = "out\n", stderr = "err\n", exit_code = 3, success = false, truncated = false })
    t.equal(t.call("run", "false").exit_code, 1)
end

function T.arguments_are_handed_over_as_they_are(t)
    local odd = "$(id) `id` ; * 'a' \"b\" \255"
    t.equal(t.call("run", "sh", { args = { "-c", 'printf %s "$1"', "sh", odd } }).stdout, odd)
end

function T.much_is_read_and_a_part_of_it_kept(t)
    local said = t.call("run", "sh", {
        args = { "-c", "i=0; while [ $i -lt 900 ]; do echo 0123456789; i=$((i+1)); done" },
        max_output = 100,
    })
    t.equal({ #said.stdout, said.truncated, said.success }, { 100, true, true })
end

function T.it_reads_what_it_is_given(t)
    t.equal(t.call("run", "cat", { stdin = "\0\255" }).stdout, "\0\255")
    t.equal(t.call("run", "false", { stdin = ("x"):rep(1e6) }).success, false)
end

function T.one_that_ignores_being_asked_is_ended_with_its_children(t)
    local said = t.call("run", "sh", { args = { "-c", "trap '' TERM; sleep 60 & wait; sleep 60" }, timeout = 0.1 })
    t.equal({ said.timed_out, said.success }, { true, false })
end

function T.its_surroundings_are_those_that_were_given(t)
    local said = t.call("run", "env", { env = { COLOUR = "red" } })
    t.matches(said.stdout, "COLOUR=red")
    t.equal(said.stdout:find("THESEUS", 1, true), nil)
end

function T.what_may_not_run_is_said(t)
    for why, arguments in pairs({
        ["permission denied: .*'rm'"] = { "rm", { args = { "x" } } },
        ["; there is no shell: run 'sleep' with what comes after it as args$"] = { "sleep 0.1" },
        ["permission denied: .*fs.read"] = { "pwd", { workdir = "/etc" } },
        ["permission denied: .*env"] = { "env", { env = { SECRET = true } } },
        ["says no place"] = { "pwd", { workdir = "somewhere" } },
    }) do
        local nothing, message = t.call("run", unpack(arguments))
        t.equal(nothing, nil)
        t.matches(message, why)
    end
end

function T.wrong_arguments_are_named(t)
    for message, arguments in pairs({
        ["bad argument #1 to 'run' (string expected, got nil)"] = {},
        ["bad field 'args' to 'run' (table expected, got string)"] = { "cat", { args = "-c" } },
        ["bad field 'args[1]' to 'run' (text without NUL expected)"] = { "cat", { args = { "a\0b" } } },
        ["bad field 'timeout' to 'run'"] = { "cat", { timeout = 0 } },
        ["unknown option 'timeuot' to 'run'; it has args, env, max_output"] = { "cat", { timeuot = 1 } },
        ["unknown option 'shell' to 'run'"] = { "cat", { shell = true } },
        ["bad field 'stdin' to 'run' (string expected, got number)"] = { "cat", { stdin = 5 } },
    }) do
        t.raises(function()
            t.call("run", unpack(arguments))
        end, message)
    end
end

return T
