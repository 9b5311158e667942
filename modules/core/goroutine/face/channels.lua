--- Channels, and selects over them.

local format = string.format
local error, ipairs, rawget, type, unpack = error, ipairs, rawget, type, unpack

local MOST_CAPACITY, MOST_CASES = 1e6, 1000

local goroutine, given, expecting, objects = ...
local native, packed, unpacked, is_of = given.native, given.packed, given.unpacked, given.is_of
local expect, expect_whole, expect_time = expecting.expect, expecting.expect_whole, expecting.expect_time
local asks, class, made, number_of = objects.asks, objects.class, objects.made, objects.number_of

---@class Channel
local Channel = class("channel", {})
local channel = Channel.__index

local function received(value, why)
    if type(value) == "string" then
        return unpacked(value), true
    elseif why then
        error(why, 3) -- nothing and false says that it is closed
    end
    return nil, false
end

--- The number of a channel that lets one send, or receive.
local function end_of(self, way, where)
    local number, only = number_of(Channel, self, 0, where), rawget(self, 3)
    if only and only ~= way then
        error(format("cannot %s on a channel that was made to %s", way, only), 3)
    end
    return number
end

--- Hand a value over; waits until somebody has it, or there is room. False, and why, where it is closed.
---@return boolean, string?
function channel:send(value)
    return native("send", end_of(self, "send", "send"), packed("the value", value))
end

--- The oldest value, and true; waits for one. Nothing and false where it is closed and empty. Where it cannot wait,
--- that is an error.
---@return any, boolean
function channel:receive()
    return received(native("receive", end_of(self, "receive", "receive")))
end

--- As `send`, where that would not wait.
---@return boolean, string?
function channel:try_send(value)
    return native("try_send", end_of(self, "send", "try_send"), packed("the value", value))
end

---@return any, boolean
function channel:try_receive()
    return received(native("try_receive", end_of(self, "receive", "try_receive")))
end

channel.close = asks(Channel, "close")
channel.len = asks(Channel, "len")
channel.is_closed = asks(Channel, "is_closed")

function channel:cap()
    return rawget(self, 2)
end

--- Call a function with each value until it is closed and empty.
---@param body fun(value: any)
function channel:range(body)
    expect("function", body, 1, "range")
    while true do
        local value, ok = self:receive()
        if not ok then
            return
        end
        body(value)
    end
end

---@param capacity integer? values that wait in it; 0: a sender waits for a receiver
---@param only string? `"send"` or `"receive"`: what alone it is for
---@return Channel
function goroutine.channel(capacity, only)
    capacity = capacity == nil and 0 or capacity
    expect_whole(capacity, 0, MOST_CAPACITY, 1, "channel")
    if only ~= nil and only ~= "send" and only ~= "receive" then
        error("bad argument #2 to 'channel' ('send' or 'receive' expected)", 2)
    end
    return made(Channel, capacity, only, "channel", capacity)
end

--- The cases of a select as they are asked for, and the handler of the default.
local function asked_cases(cases, where)
    expect("table", cases, #where == 6 and 1 or 2, where)
    local asked, chosen, default = {}, {}, nil
    for index, case in ipairs(cases) do
        if type(case) ~= "table" or case.handler ~= nil and type(case.handler) ~= "function" then
            error(format("bad case %d to '%s' (a table with a function as handler expected)", index, where), 3)
        elseif case.default then
            default = case
        elseif type(case.channel) ~= "table" or not is_of(case.channel, Channel) then
            error(format("bad case %d to '%s' (a channel expected)", index, where), 3)
        elseif case.receive ~= true and case.send == nil then
            error(format("bad case %d to '%s' (receive = true or send = VALUE expected)", index, where), 3)
        else
            asked[#asked + 1] = rawget(case.channel, 1)
            asked[#asked + 1] = case.receive ~= true and packed("the value", case.send)
            chosen[#chosen + 1] = { case = case, index = index }
        end
    end
    if #asked > 2 * MOST_CASES then
        error(format("bad argument to '%s' (at most %d cases expected)", where, MOST_CASES), 3)
    end
    return asked, chosen, default
end

local function handled(taken, ...)
    if taken.case.handler then
        taken.case.handler(...)
    end
    return taken.index, ...
end

--- Call the handler of the case that was taken: its number, and what the handler was called with.
local function taken_case(chosen, number, value)
    local taken = chosen[number]
    if taken.case.receive == true then
        return handled(taken, received(value))
    end
    return handled(taken, value == true)
end

--- Do exactly one of several: any that is ready; else the default; without one, the first that becomes ready.
---@param cases { channel: Channel?, receive: boolean?, send: any, default: boolean?, handler: fun(...)? }[]
---@return integer the number of the case
---@return any what was received, or whether it was sent: false where the channel is closed
---@return boolean? whether something was received
function goroutine.select(cases)
    local asked, chosen, default = asked_cases(cases, "select")
    if #asked == 0 and not default then
        error("bad argument #1 to 'select' (a case expected)", 2)
    end
    local number, value
    if #asked > 0 then
        number, value = native("select", default and 0 or -1, unpack(asked))
    end
    if number then
        return taken_case(chosen, number, value)
    elseif value then
        return nil, value
    elseif default then
        if default.handler then
            default.handler()
        end
        for index, case in ipairs(cases) do
            if case == default then
                return index
            end
        end
    end
end

--- As `select`, for a while: true where none became ready, else false and the number of the case.
---@param milliseconds number
---@return boolean, integer?
function goroutine.select_timeout(milliseconds, cases)
    expect_time(milliseconds, 1, "select_timeout")
    local asked, chosen, default = asked_cases(cases, "select_timeout")
    if default or #asked == 0 then
        error("bad argument #2 to 'select_timeout' (cases expected, and no default)", 2)
    end
    local number, value = native("select", milliseconds, unpack(asked))
    if number then
        return false, taken_case(chosen, number, value)
    elseif value then
        return nil, value
    end
    return true
end

return { Channel }
