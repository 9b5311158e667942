--- From channel to channel: pipelines, fan-out, fan-in.

local error, format = error, string.format
local ipairs, rawget, type, unpack = ipairs, rawget, type, unpack

local BETWEEN = 10 -- values that wait between two stages
local MOST_CHANNELS, MOST_WORKERS = 1000, 256

local goroutine, given, expecting, objects, jobs, Channel = ...
local frozen, native, pcall = given.frozen, given.native, given.pcall
local expect, whole, expect_whole = expecting.expect, expecting.whole, expecting.expect_whole
local number_of, numbers_of = objects.number_of, jobs.numbers_of

--- One worker of a stage: what its function gives for each value goes on; nothing, and what failed, does not.
local function work(body, input, output)
    while true do
        local value, ok = input:receive()
        if not ok then
            return
        end
        local went, result = pcall(body, value)
        if not went then
            native("failed", type(result) == "string" and result or "(error value: a " .. type(result) .. ")")
        elseif result ~= nil and not output:send(result) then
            return
        end
    end
end

--- Have functions work on what comes from a channel, one after another: the channel that the last one sends to.
---@param input Channel
---@param stages { workers: integer?, fn: fun(value: any): any }[]
---@return Channel?, string?
function goroutine.pipeline(input, stages)
    number_of(Channel, input, 1, "pipeline")
    expect("table", stages, 2, "pipeline")
    for index, stage in ipairs(stages) do
        if type(stage) ~= "table" or type(stage.fn) ~= "function" then
            error(format("bad stage %d to 'pipeline' (a function fn expected)", index), 2)
        elseif stage.workers ~= nil and not whole(stage.workers, 1, MOST_WORKERS) then
            error(format("bad stage %d to 'pipeline' (1 to %d workers expected)", index, MOST_WORKERS), 2)
        end
    end
    for _, stage in ipairs(stages) do
        local output, begun = goroutine.channel(BETWEEN), {}
        local image, held = frozen(work, stage.fn, input, output)
        for worker = 1, stage.workers or 1 do
            local number, why = native("spawn", image, "", unpack(numbers_of(held)))
            if not number then
                return nil, why
            end
            begun[worker] = number
        end
        native("close_after", rawget(output, 1), unpack(begun))
        input = output
    end
    return input
end

--- Hand what comes from a channel to several, each value to one of them.
---@param input Channel
---@param count integer
---@return Channel[]
function goroutine.fan_out(input, count)
    local number = number_of(Channel, input, 1, "fan_out")
    expect_whole(count, 1, MOST_CHANNELS, 2, "fan_out")
    local outputs, numbers = {}, {}
    for index = 1, count do
        outputs[index] = goroutine.channel(BETWEEN)
        numbers[index] = rawget(outputs[index], 1)
    end
    native("fan_out", number, unpack(numbers))
    return outputs
end

--- Hand what comes from several channels to one, which closes after the last of them.
---@param inputs Channel[]
---@return Channel
function goroutine.fan_in(inputs)
    expect("table", inputs, 1, "fan_in")
    local numbers = {}
    for index, input in ipairs(inputs) do
        numbers[index] = number_of(Channel, input, 1, "fan_in")
    end
    if #numbers == 0 or #numbers > MOST_CHANNELS then
        error(format("bad argument #1 to 'fan_in' (1 to %d channels expected)", MOST_CHANNELS), 2)
    end
    local output = goroutine.channel(BETWEEN)
    native("fan_in", rawget(output, 1), unpack(numbers))
    return output
end

given.name("goroutine.work", work)
