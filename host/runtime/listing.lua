--- What the bytecode of a source says, function by function; compiles it and runs nothing of it.
-- Each function is two words of 32 bits for each instruction, itself and its line, with the upper bit of the line set
-- where it writes its first operand; and its constants by their number: a string, the types of a table's fields by
-- their names, the place of an inner function among all, or false.

local encode = require("string.buffer").encode
local ffi = require("ffi")
local util = require("jit.util")
local band = bit.band

local DESTINATION = 1 -- what the mode of an operand says of one that is written
local WRITES = 2 ^ 31
local MOST_FIELDS = 1000 -- of a table; no module may have more hooks or exports

local function types_of(template)
    local types, count = {}, 0
    for key, value in pairs(template) do
        if type(key) == "string" and count < MOST_FIELDS then
            types[key], count = type(value), count + 1
        end
    end
    return types
end

---@param source string
---@param name string of the chunk
---@return string? listing encoded
---@return string? message where it does not compile
return function(source, name)
    local chunk, message = load(source, name, "t")
    if not chunk then
        return nil, message
    end
    local functions = {}
    local function add(body)
        local place = #functions + 1
        local constants, words = {}, {}
        functions[place] = { "", constants }
        for index = 1, math.huge do
            local constant = util.funck(body, -index)
            if constant == nil then
                break
            end
            local kind = type(constant)
            constants[index] = kind == "proto" and add(constant) or kind == "table" and types_of(constant)
                or kind == "string" and constant or false
        end
        for pc = 1, math.huge do
            local instruction, mode = util.funcbc(body, pc)
            if not instruction then
                break
            end
            words[2 * pc - 1] = instruction % 2 ^ 32
            words[2 * pc] = util.funcinfo(body, pc).currentline + (band(mode, 7) == DESTINATION and WRITES or 0)
        end
        functions[place][1] = ffi.string(ffi.new("uint32_t[?]", #words, words), 4 * #words)
        return place
    end
    add(chunk)
    return encode(functions)
end
