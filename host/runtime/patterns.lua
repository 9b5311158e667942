--- The matcher of Lua 5.1 patterns, written in Lua so that a count hook can end it.
---
--- A pattern becomes a chain of closures, one an item: each takes the position in the subject where it begins and gives
--- the position after the whole match, or nil. What follows an item is a tail call unless the item can be tried again,
--- so the Lua stack grows with the pattern and not with the subject, and no C function calls back.
---
--- An error in the pattern is raised when the matcher comes to it, not before, as in the original. It travels as a
--- result (FAULTY), to be raised where the position of the caller is known.

local byte, char, gmatch, sub = string.byte, string.char, string.gmatch, string.sub
local error, pairs, unpack = error, pairs, unpack

setfenv(1, {})

local CACHED_PROGRAMS = 16
local LONGEST_CLASS = 2000 -- bytes of one [set]: 256 tests of each
local MOST_CAPTURES = 32
local MOST_NESTED = 199 -- captures and repetitions inside each other
local FAULTY = -1
local TOO_COMPLEX = "pattern too complex"
local BYTES_PER_STEP = 64 -- that C compares or passes over
local CARET, DOLLAR, PERCENT, OPEN, CLOSE, BRACKET, END_BRACKET, DOT = 94, 36, 37, 40, 41, 91, 93, 46
local STAR, PLUS, MINUS, QUESTION, ZERO, NINE, LETTER_B, LETTER_F = 42, 43, 45, 63, 48, 57, 98, 102

---@alias Set table<integer, true> the bytes that a class matches
---@alias Rest fun(at: integer): integer? matches what follows
---@class Item
---@field kind string
---@field set Set?
---@field literal string? the class is this one character
---@field any boolean? the class is every character
---@field index integer? of a capture
---@field first integer? byte that opens a balanced text
---@field last integer? byte that closes it
---@field message string? what is wrong

local ALL = {} ---@type Set
local EVERY_BYTE ---@type string
do
    local bytes = {}
    for code = 0, 255 do
        ALL[code], bytes[code + 1] = true, code
    end
    EVERY_BYTE = char(unpack(bytes))
end

local function fault(message)
    return { kind = "fault", message = message }
end

--- The class that begins at `at`, as an item without a kind, and the position after it; or a fault.
---@return Item
---@return integer? following
local function class_at(p, at)
    local c, stop = byte(p, at), at + 1
    if c == DOT then
        return { set = ALL, any = true }, stop
    elseif c == PERCENT then
        stop = at + 2
        if at == #p then
            return fault("malformed pattern (ends with '%')")
        end
    elseif c == BRACKET then
        stop = byte(p, stop) == CARET and stop + 1 or stop
        repeat
            local member = byte(p, stop)
            if not member then
                return fault("malformed pattern (missing ']')")
            end
            stop = stop + ((member == PERCENT and stop < #p) and 2 or 1)
        until byte(p, stop) == END_BRACKET
        stop = stop + 1
    else
        return { set = { [c] = true }, literal = char(c) }, stop
    end
    if stop - at > LONGEST_CLASS then
        return fault(TOO_COMPLEX)
    end
    local set, members, member = {}, 0, nil
    for matching in gmatch(EVERY_BYTE, sub(p, at, stop - 1)) do
        set[byte(matching)], members, member = true, members + 1, matching
    end
    return { set = set, literal = members == 1 and member or nil }, stop
end

--- The captures that are begun, and those of them not yet closed, as the pattern is read from left to right.
local function capture_at(p, at, captures)
    if byte(p, at) == CLOSE then
        local index = captures.open[#captures.open]
        if not index then
            return fault("invalid pattern capture")
        end
        captures.open[#captures.open], captures.closed[index] = nil, true
        return { kind = "close", index = index }, at + 1
    elseif captures.count == MOST_CAPTURES then
        return fault("too many captures")
    end
    captures.count = captures.count + 1
    if byte(p, at + 1) == CLOSE then
        captures.closed[captures.count] = true
        return { kind = "position", index = captures.count }, at + 2
    end
    captures.open[#captures.open + 1] = captures.count
    return { kind = "open", index = captures.count }, at + 1
end

local REPEATED = { [STAR] = "most", [PLUS] = "most_of_one", [MINUS] = "fewest", [QUESTION] = "optional" }

--- The item at `at` and where the next one begins; no next one after a fault or at the end.
---@return Item
---@return integer? following
local function item_at(p, at, captures)
    local c, after = byte(p, at, at + 1)
    if c == OPEN or c == CLOSE then
        return capture_at(p, at, captures)
    elseif c == DOLLAR and not after then
        return { kind = "end" }
    elseif c == PERCENT and after == LETTER_B then
        local first, last = byte(p, at + 2, at + 3)
        if not last then
            return fault("unbalanced pattern")
        end
        return { kind = "balanced", first = first, last = last }, at + 4
    elseif c == PERCENT and after == LETTER_F then
        if byte(p, at + 2) ~= BRACKET then
            return fault("missing '[' after '%f' in pattern")
        end
        local item, stop = class_at(p, at + 2)
        item.kind = item.kind or "frontier"
        return item, stop
    elseif c == PERCENT and after and after >= ZERO and after <= NINE then
        if not captures.closed[after - ZERO] then
            return fault("invalid capture index")
        end
        return { kind = "again", index = after - ZERO }, at + 2
    end
    local item, stop = class_at(p, at)
    if not stop then
        return item
    end
    item.kind = REPEATED[byte(p, stop)]
    if item.kind then
        return item, stop + 1
    end
    item.kind = "one"
    return item, stop
end

local NESTS = { open = true, close = true, position = true }
for _, kind in pairs(REPEATED) do
    NESTS[kind] = true
end

---@return Item[]
---@return table captures
local function parse(p, at)
    local items, captures, nested = {}, { count = 0, open = {}, closed = {} }, 0
    while at and at <= #p do
        local item, following = item_at(p, at, captures)
        if NESTS[item.kind] then
            nested = nested + 1
            if nested > MOST_NESTED then
                item, following = fault(TOO_COMPLEX), nil
            end
        end
        items[#items + 1], at = item, following
    end
    return items, captures
end

--- The first item from `index` on which takes a character for certain, if there is one before any other choice.
---@return Item?
local function taking(items, index)
    local item = items[index]
    while item and (item.kind == "open" or item.kind == "close" or item.kind == "position") do
        index = index + 1
        item = items[index]
    end
    if item and (item.kind == "one" or item.kind == "most_of_one") then
        return item
    end
end

---@param find function the original
---@param spend fun(steps: number) counts work that is done in C
---@param too_deep fun(text: string) told of a pattern that nests too deep: raises
---@return fun(s: string, p: string, init: number): ... as `string.find` does
return function(find, spend, too_deep)
    --- A function that looks for a pattern in a subject, from a position on.
    local function compile(p)
        local anchored = byte(p, 1) == CARET
        local items, captures = parse(p, anchored and 2 or 1)
        local subject, size, message = "", 0, nil
        local from, upto = {}, {} -- captures by index: first and last position; no last for a position capture
        local build = {}

        --- As `find`, plain, of one character.
        local function next_literal(literal, at)
            local found = find(subject, literal, at, true)
            spend(((found or size) - at) / BYTES_PER_STEP)
            return found
        end

        function build.one(item, rest)
            local set = item.set
            return function(at)
                if set[byte(subject, at)] then
                    return rest(at + 1)
                end
            end
        end

        function build.optional(item, rest)
            local set = item.set
            return function(at)
                return set[byte(subject, at)] and rest(at + 1) or rest(at)
            end
        end

        function build.most(item, rest, needed)
            local set, any = item.set, item.any
            return function(at)
                local stop = at
                if any then
                    stop = size + 1
                else
                    while set[byte(subject, stop)] do
                        stop = stop + 1
                    end
                end
                for attempt = stop, at, -1 do
                    if not needed or needed.set[byte(subject, attempt)] then
                        local ended = rest(attempt)
                        if ended then
                            return ended
                        end
                    end
                end
            end
        end

        function build.most_of_one(item, rest, needed)
            local set, most = item.set, build.most(item, rest, needed)
            return function(at)
                if set[byte(subject, at)] then
                    return most(at + 1)
                end
            end
        end

        function build.fewest(item, rest, needed)
            local set = item.set
            if item.any and needed and needed.literal then
                local literal = needed.literal
                return function(at)
                    local attempt = next_literal(literal, at)
                    while attempt do
                        local ended = rest(attempt)
                        if ended then
                            return ended
                        end
                        attempt = next_literal(literal, attempt + 1)
                    end
                end
            end
            return function(at)
                while true do
                    local ended = rest(at)
                    if ended then
                        return ended
                    elseif not set[byte(subject, at)] then
                        return nil
                    end
                    at = at + 1
                end
            end
        end

        function build.balanced(item, rest)
            local first, last = item.first, item.last
            return function(at)
                if byte(subject, at) ~= first then
                    return nil
                end
                local pending = 1
                for position = at + 1, size do
                    local c = byte(subject, position)
                    if c == last then
                        pending = pending - 1
                        if pending == 0 then
                            return rest(position + 1)
                        end
                    elseif c == first then
                        pending = pending + 1
                    end
                end
            end
        end

        function build.frontier(item, rest)
            local set = item.set
            return function(at)
                if not set[at > 1 and byte(subject, at - 1) or 0] and set[byte(subject, at) or 0] then
                    return rest(at)
                end
            end
        end

        function build.again(item, rest)
            local index = item.index
            return function(at)
                local last = upto[index]
                local length = last and last - from[index] + 1
                if last and at + length <= size + 1 then
                    spend(length / BYTES_PER_STEP)
                    if sub(subject, at, at + length - 1) == sub(subject, from[index], last) then
                        return rest(at + length)
                    end
                end
            end
        end

        function build.open(item, rest)
            local index = item.index
            return function(at)
                from[index] = at
                return rest(at)
            end
        end

        build.position = build.open

        function build.close(item, rest)
            local index = item.index
            return function(at)
                upto[index] = at - 1
                return rest(at)
            end
        end

        build["end"] = function(_, rest)
            return function(at)
                if at == size + 1 then
                    return rest(at)
                end
            end
        end

        function build.fault(item)
            return function()
                message = item.message
                return FAULTY
            end
        end

        local rest = function(at)
            return at
        end ---@type Rest
        for index = #items, 1, -1 do
            local item = items[index]
            rest = build[item.kind](item, rest, taking(items, index + 1))
        end

        local function captured(index)
            if index > captures.count then
                return
            end
            return (upto[index] and sub(subject, from[index], upto[index]) or from[index]), captured(index + 1)
        end

        local needed = taking(items, 1)
        local literal = needed and needed.literal

        --- First position of the leftmost match and the one after it.
        local function leftmost(at)
            if anchored then
                return at, rest(at)
            end
            while at <= size + 1 do
                if literal then
                    at = next_literal(literal, at)
                    if not at then
                        return nil
                    end
                end
                if not needed or needed.set[byte(subject, at)] then
                    local ended = rest(at)
                    if ended then
                        return at, ended
                    end
                end
                at = at + 1
            end
        end

        local function done(...)
            subject = "" -- a program is kept longer than what it was used on
            return ...
        end

        return function(s, init)
            subject, size = s, #s
            local at, ended = leftmost(init)
            if not ended then
                return done(nil)
            elseif ended ~= FAULTY and #captures.open > 0 then
                message, ended = "unfinished capture", FAULTY
            end
            if ended == FAULTY then
                if message == TOO_COMPLEX then
                    too_deep(message)
                end
                error(message, 2)
            end
            return done(at, ended - 1, captured(1))
        end
    end

    local programs, cached = {}, 0 ---@type table<string, function>, integer

    return function(s, p, init)
        local program = programs[p]
        if not program then
            if cached == CACHED_PROGRAMS then
                programs, cached = {}, 0
            end
            program = compile(p)
            programs[p], cached = program, cached + 1
        end
        if init < 0 then
            init = init + #s + 1
        end
        if init < 1 then
            init = 1
        elseif init > #s + 1 then
            init = #s + 1
        end
        return program(s, init)
    end
end
