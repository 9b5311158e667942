--- What arguments have to be; an error names the function, the argument and what was expected.

local floor, format = math.floor, string.format
local error, type = error, type

local LONGEST = 2 ^ 31 -- milliseconds

local function expect(kind, value, position, where)
    if type(value) ~= kind then
        error(format("bad argument #%d to '%s' (%s expected, got %s)", position, where, kind, type(value)), 3)
    end
end

local function whole(value, least, most)
    return type(value) == "number" and value >= least and value <= most and value == floor(value)
end

local function expect_whole(value, least, most, position, where)
    if not whole(value, least, most) then
        local text = "bad argument #%d to '%s' (a whole number from %.0f to %.0f expected)"
        error(format(text, position, where, least, most), 3)
    end
end

local function expect_time(value, position, where)
    if type(value) ~= "number" or not (value >= 0 and value <= LONGEST) then
        error(format("bad argument #%d to '%s' (milliseconds from 0 to 2^31 expected)", position, where), 3)
    end
end

return {
    expect = expect,
    whole = whole,
    expect_whole = expect_whole,
    expect_time = expect_time,
}
