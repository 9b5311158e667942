--- Objects: a number of the host's with methods, in module and jobs alike.

local format, min = string.format, math.min
local error, getmetatable, newproxy, rawget = error, getmetatable, newproxy, rawget
local setmetatable, type, unpack = setmetatable, type, unpack

local AT_ONCE = 200 -- numbers that one question holds

local native, is_of = ...

local function class(name, methods)
    return { __index = methods, __metatable = name, __name = name }
end

-- What is garbage here is let go by the host, too: it holds each thing for the runtimes that know of it.
local alive, forgotten = {}, {} ---@type table<integer, integer>, integer[] objects by number; numbers
local guards = setmetatable({}, { __mode = "k" }) ---@type table<table, userdata> each is garbage after its object

local function guarded(made)
    local number, guard = made[1], newproxy(true)
    alive[number] = (alive[number] or 0) + 1
    getmetatable(guard).__gc = function()
        alive[number] = alive[number] > 1 and alive[number] - 1 or nil
        if not alive[number] then
            forgotten[#forgotten + 1] = number
        end
    end
    guards[made] = guard
    return made
end

local function let_go()
    local numbers = forgotten
    forgotten = {}
    for first = 1, #numbers, AT_ONCE do
        native("let_go", unpack(numbers, first, min(first + AT_ONCE - 1, #numbers)))
    end
end

--- A new thing of the host's, which asks for it: its object, or nothing and why.
local function made(kind, extra, only, name, ...)
    if forgotten[1] then
        let_go()
    end
    local number, why = native(name, ...)
    if number == nil then
        return nil, why
    end
    return guarded(setmetatable({ number, extra, only }, kind))
end

--- The number of an object of a class.
local function number_of(kind, value, position, where)
    if type(value) ~= "table" or not is_of(value, kind) then
        local text = "bad argument #%d to '%s' (a %s expected, got %s)"
        error(format(text, position, where, kind.__name, type(value)), 3)
    end
    return rawget(value, 1)
end

--- A method that asks for something of its object, with nothing else.
local function asks(kind, name, operation)
    return function(self)
        return native(operation or name, number_of(kind, self, 0, name))
    end
end

return {
    class = class,
    made = made,
    number_of = number_of,
    asks = asks,
}
