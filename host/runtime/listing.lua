--- What the bytecode of a source says, function by function; compiles it and runs nothing of it.
-- Each function is a list of instructions, and each of these { op, A, B, C, D, writes A, line, constant }. A constant
-- is a string, the types of a table's fields by their names, or the place of an inner function among all.

local encode = require("string.buffer").encode
local util = require("jit.util")
local band, rshift = bit.band, bit.rshift

local DESTINATION = 1 -- what the mode of an operand says of one that is written
local KSTR, FNEW, TDUP, GGET, GSET, TGETS, TSETS = 39, 51, 53, 54, 55, 57, 61
local D_CONSTANT = { [KSTR] = true, [FNEW] = true, [TDUP] = true, [GGET] = true, [GSET] = true }
local C_CONSTANT = { [TGETS] = true, [TSETS] = true }

local function types_of(template)
    local types = {}
    for key, value in pairs(template) do
        if type(key) == "string" then
            types[key] = type(value)
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
        local code, constants = {}, {}
        functions[place] = code
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
                return place
            end
            local op, d = band(instruction, 255), rshift(instruction, 16)
            local c = band(d, 255)
            local index = D_CONSTANT[op] and d or C_CONSTANT[op] and c
            code[pc] = {
                op, band(rshift(instruction, 8), 255), rshift(instruction, 24), c, d, band(mode, 7) == DESTINATION,
                util.funcinfo(body, pc).currentline, index and constants[index + 1],
            }
        end
    end
    add(chunk)
    return encode(functions)
end
