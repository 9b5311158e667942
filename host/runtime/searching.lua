--- `find`, `match`, `gmatch` and `gsub` for subjects on which a pattern may need long.
---
--- The steps a pattern needs at worst are known from its loops and the length of the subject. Up to HEAVY of them the
--- original does the work, beyond that the matcher of `patterns.lua`, which a count hook can end.
---
--- Part of `bounded.lua`, loaded when the first pattern is seen.

---@class Searching what the pattern functions need of the runtime they are part of
---@field max_bytes integer
---@field spend fun(steps: number) counts C work
---@field free_length table<string, number> by pattern: longest subject on which the original may be called uncounted
---@field load_part fun(name: string): any
---@field too_deep fun(text: string) told of a pattern that nests too deep: raises
---@field to_text fun(value: any): string?
---@field to_integer fun(value: any): number?

local byte, char, find, gmatch, gsub = string.byte, string.char, string.find, string.gmatch, string.gsub
local match, sub, concat = string.match, string.sub, table.concat
local error, pairs, select, type = error, pairs, select, type
local huge, max, min = math.huge, math.max, math.min

setfenv(1, {})

local FREE = 4000 -- steps of one call that are not worth counting: 10 us
local HEAVY = 4000000 -- most steps a single C call may need: 10 ms
local BYTES_PER_STEP = 4 -- of a string that is built
local PASSED_PER_STEP = 64 -- bytes that `memchr` passes over
local COMPARED_PER_STEP = 64 -- bytes that `memcmp` compares
local STEPS_PER_CANDIDATE = 4 -- for each place where a plain needle may begin
local FIRST_WINDOW = 4096 -- positions of a plain needle tried by the first C call on a long subject
local PIECES = 3000 -- of a replaced string, kept before they are joined
local CACHED_PATTERNS = 256
local CACHED_LENGTH = 128
local MOST_LOOPS = 8 -- beyond which a closer look at a pattern changes nothing

local TOO_LARGE = "resulting string too large"
local CARET, DOLLAR, PERCENT, OPEN, CLOSE, BRACKET, END_BRACKET = 94, 36, 37, 40, 41, 91, 93
local STAR, PLUS, MINUS, QUESTION, ZERO, NINE, LETTER_B, LETTER_F = 42, 43, 45, 63, 48, 57, 98, 102
local SPECIALS = "[%^%$%*%+%?%.%(%[%%%-]"

local NOTHING = "[^%z%Z]*" -- matches the empty string only
local EVERY_BYTE = "" ---@type string
for code = 0, 255 do
    EVERY_BYTE = EVERY_BYTE .. char(code)
end

-- What an item of a pattern can do, as far as its cost goes.
local FIXED, OPTIONAL, LOOP, LOOP_ONE, SCAN, CAPTURE = 1, 2, 3, 4, 5, 6
local QUANTIFIED = { [QUESTION] = OPTIONAL, [STAR] = LOOP, [MINUS] = LOOP, [PLUS] = LOOP_ONE }

--- The position after the class that begins at `at`, or nil when the class is not finished.
---@param p string
---@param at integer
---@return integer?
local function class_end(p, at)
    local c = byte(p, at)
    if c == PERCENT then
        return at < #p and at + 2 or nil
    elseif c ~= BRACKET then
        return at + 1
    end
    at = byte(p, at + 1) == CARET and at + 2 or at + 1
    repeat
        local member = byte(p, at)
        if not member then
            return nil
        end
        at = at + ((member == PERCENT and at < #p) and 2 or 1)
    until byte(p, at) == END_BRACKET
    return at + 1
end

--- What the item at `at` costs and matches.
---@param p string
---@param at integer
---@return integer kind
---@return number width steps of one test
---@return integer? following where the next item begins; nil: the pattern ends
---@return string? class pattern of the bytes that it takes or begins with, "" for none; nil when it is not looked at
local function item_at(p, at)
    local c, after = byte(p, at, at + 1)
    if c == OPEN then
        return CAPTURE, 1, after == CLOSE and at + 2 or at + 1
    elseif c == CLOSE then
        return CAPTURE, 1, at + 1
    elseif c == DOLLAR and not after then
        return FIXED, 1, nil, ""
    elseif c == PERCENT and after == LETTER_B then
        return SCAN, 1, at + 4
    elseif c == PERCENT and after == LETTER_F then
        local stop = byte(p, at + 2) == BRACKET and class_end(p, at + 2) or nil
        return FIXED, 1 + ((stop or at) - at) / 2, stop
    elseif c == PERCENT and after and after >= ZERO and after <= NINE then
        return SCAN, 1, at + 2
    end
    local stop = class_end(p, at)
    if not stop then
        return FIXED, 1, nil
    end
    local class = sub(p, at, stop - 1)
    if c == CARET or c == DOLLAR then
        class = "%" .. class
    end
    local kind = QUANTIFIED[byte(p, stop)]
    return kind or FIXED, 1 + (stop - at - 1) / 4, kind and stop + 1 or stop, #class <= CACHED_LENGTH and class or nil
end

local function count_of(bytes, class)
    local _, found = gsub(bytes, class, "")
    return found
end

--- Whether the loop at `index` can be left at one place only, since nothing after it takes what it takes.
local function has_one_end(kinds, classes, index)
    local outside = classes[index] and gsub(EVERY_BYTE, classes[index], "")
    for following = index + 1, outside and #kinds or 0 do
        local kind, class = kinds[following], classes[following]
        if kind ~= CAPTURE then
            if not class or (class ~= "" and count_of(outside, class) ~= count_of(EVERY_BYTE, class)) then
                return false
            elseif kind == FIXED or kind == LOOP_ONE then
                return true
            end
        end
    end
    return false
end

--- The items of a pattern, and the last of them that can fail.
local function items_of(p, at)
    local kinds, widths, classes, last_failing = {}, {}, {}, 0
    local index = 0
    while at and at <= #p do
        index = index + 1
        kinds[index], widths[index], at, classes[index] = item_at(p, at)
        local kind = kinds[index]
        if kind == FIXED or kind == LOOP_ONE or kind == SCAN then
            last_failing = index
        end
    end
    return kinds, widths, classes, last_failing
end

--- Weights of the number of ways to choose j positions in the subject, j = 0, 1, ..., whose sum bounds the steps.
---
--- An item is tried at most once for each choice of the position where the match starts (unless anchored) and of the
--- ends of the loops before it; positions only grow, so there are C(n + j, j) choices. Each `?` doubles them. A loop
--- after which nothing can fail gives no choice: it is run once for each match, and matches do not overlap. A loop
--- with one possible end gives a choice only as far as the next item that must take something: there all others fail.
---@param p string without NUL
---@return table<integer, number> weights from index 0 on, without gaps
local function weigh(p)
    local j = byte(p, 1) == CARET and 0 or 1
    local kinds, widths, classes, last_failing = items_of(p, 2 - j)
    local weights, ways = { [0] = 0 }, 1
    local tried, after = 1, nil -- loops whose choices add up here, and j after the next item that must take something
    weights[j] = 1
    for index = 1, #kinds do
        local kind, cost = kinds[index], ways * widths[index]
        local is_loop, may_fail = kind == LOOP or kind == LOOP_ONE, index < last_failing
        weights[j] = weights[j] + tried * cost
        if after and (kind == FIXED or kind == LOOP_ONE) then
            j, after, tried = after, nil, 1
        end
        if kind == SCAN then
            weights[j + 1] = (weights[j + 1] or 0) + cost
        elseif kind == OPTIONAL and may_fail then
            ways = ways * 2
        elseif is_loop and not may_fail then
            weights[1] = (weights[1] or 0) + widths[index]
        elseif is_loop then
            local one_end = j < MOST_LOOPS and has_one_end(kinds, classes, index)
            if after then
                tried, after = tried + 1, one_end and after or after + 1
                j = max(j, one_end and after + 1 or after)
            elseif one_end then
                tried, after, j = 2, j, j + 1
            else
                j = j + 1
            end
            weights[j] = (weights[j] or 0) + tried * cost
        end
    end
    return weights
end

--- Bound of the steps that a weighed pattern needs on a subject of `n` bytes.
local function steps_of(weights, n)
    local total, choices = weights[0], 1
    for j = 1, #weights do
        choices = choices * (n + j) / j
        total = total + weights[j] * choices
        if total > HEAVY then
            return huge
        end
    end
    return total
end

--- About the longest subject on which a weighed pattern is not worth counting.
local function longest_free(weights)
    if steps_of(weights, huge) < FREE then
        return huge
    end
    local n, growth = 0, 512
    while growth >= 1 do
        if steps_of(weights, n + growth) < FREE then
            n = n + growth
        else
            growth = growth / 2
        end
    end
    return n
end

--- Append what the replacement text `template` stands for; the captures begin with the whole match when there are none.
local function expand(template, s, a, b, ...)
    local pieces, from = {}, 1
    while true do
        local escape = find(template, "%", from, true)
        if not escape then
            break
        end
        pieces[#pieces + 1] = sub(template, from, escape - 1)
        local code = byte(template, escape + 1)
        if code == ZERO then
            pieces[#pieces + 1] = sub(s, a, b)
        elseif code and code > ZERO and code <= NINE then
            if code - ZERO > select("#", ...) then
                error("invalid capture index", 4)
            end
            pieces[#pieces + 1] = (select(code - ZERO, ...))
        else
            pieces[#pieces + 1] = code and char(code) or "\0"
        end
        from = escape + 2
    end
    pieces[#pieces + 1] = sub(template, from)
    return concat(pieces)
end

--- What one match is replaced by, the length of that, and where the match was.
local function replacement(s, substitute, kind, a, b, first, ...)
    if not a then
        return nil
    end
    if first == nil then
        first = sub(s, a, b)
    end
    local value
    if kind == "function" then
        value = substitute(first, ...)
    elseif kind == "table" then
        value = substitute[first]
    else
        value = expand(substitute, s, a, b, first, ...)
    end
    if not value then
        value = sub(s, a, b)
    elseif type(value) == "number" then
        value = value .. ""
    elseif type(value) ~= "string" then
        error("invalid replacement value (a " .. type(value) .. ")", 3)
    end
    return value, #value, a, b
end

local function matched(s, a, b, first, ...)
    if not a then
        return nil
    elseif first == nil then
        return sub(s, a, b)
    end
    return first, ...
end

---@param runtime Searching
---@return table<string, function> `find`, `match`, `gmatch` and `gsub`
return function(runtime)
    local max_bytes, spend, free_length = runtime.max_bytes, runtime.spend, runtime.free_length
    local load_part, to_text, to_integer = runtime.load_part, runtime.to_text, runtime.to_integer
    local weights_of, cached = {}, 0 ---@type table<string, table>, integer
    local find_in_lua ---@type function?

    ---@param p string without NUL
    local function weights_for(p)
        local weights = weights_of[p]
        if not weights then
            weights = weigh(p)
            if #p <= CACHED_LENGTH then
                if cached == CACHED_PATTERNS then
                    for known in pairs(weights_of) do
                        free_length[known] = nil
                    end
                    weights_of, cached = {}, 0
                end
                free_length[p], weights_of[p], cached = longest_free(weights), weights, cached + 1
            end
        end
        return weights
    end

    ---@param init integer
    local function find_plain(s, p, init)
        local width = #p
        local from = max(1, init < 0 and init + #s + 1 or init)
        local last = #s - width + 1
        local per_position = width > 1 and STEPS_PER_CANDIDATE + width / COMPARED_PER_STEP or 1 / PASSED_PER_STEP
        local needed = max(0, last - from + 1) * per_position
        if width == 0 or needed <= HEAVY then
            spend(needed)
            return find(s, p, init, true)
        end
        local positions = min(FIRST_WINDOW, HEAVY / 2 / per_position)
        while from <= last do
            positions = max(1, positions - positions % 1)
            spend(positions * per_position)
            local a, b = find(sub(s, from, from + positions + width - 2), p, 1, true)
            if a then
                return a + from - 1, b + from - 1
            end
            from, positions = from + positions, min(2 * positions, HEAVY / 2 / per_position)
        end
        return nil
    end

    --- Steps of a pattern on what is left of a subject from `init` on.
    local function needed_by(s, p, init)
        return steps_of(weights_for(p), init > 1 and max(0, #s - init + 1) or #s)
    end

    --- `find` by pattern, in C or in Lua. The pattern holds no NUL.
    local function seek(s, p, init)
        local needed = needed_by(s, p, init)
        if needed <= HEAVY then
            spend(needed)
            return find(s, p, init)
        elseif not find(p, SPECIALS) then
            return find_plain(s, p, init)
        end
        find_in_lua = find_in_lua or load_part("patterns")(find, spend, runtime.too_deep)
        return find_in_lua(s, p, init)
    end

    --- The arguments of a pattern function as text and integer; nil when the original would refuse one of them.
    local function checked(s, p, init)
        s, p, init = to_text(s), to_text(p), init == nil and 1 or to_integer(init)
        if s and p and init then
            return s, p, init
        end
    end

    --- A pattern up to its first NUL, where it ends, such that `find` takes it for a pattern and not for plain text:
    --- which makes a difference for ")" only.
    local function ended(p)
        local nul = find(p, "\0", 1, true)
        p = nul and sub(p, 1, nul - 1) or p
        if find(p, ")", 1, true) and not find(p, SPECIALS) then
            return NOTHING .. p
        end
        return p
    end

    local function bounded_find(s, p, init, plain)
        local text, pattern, start = checked(s, p, init)
        if not text then
            return find(s, p, init, plain)
        elseif plain then
            return find_plain(text, pattern, start)
        elseif not find(pattern, SPECIALS) then
            weights_for(pattern) -- so that the next call is known to be cheap
            return find_plain(text, pattern, start)
        end
        return seek(text, ended(pattern), start)
    end

    local function bounded_match(s, p, init)
        local text, pattern, start = checked(s, p, init)
        if not text then
            return match(s, p, init)
        end
        pattern = ended(pattern)
        local needed = needed_by(text, pattern, start)
        if needed <= HEAVY then
            spend(needed)
            return match(text, pattern, start)
        end
        return matched(text, seek(text, pattern, start))
    end

    --- A function to look for a pattern in one subject again and again, and the steps to count for each call.
    ---@return function look
    ---@return number price
    local function repeated(s, p)
        local needed = needed_by(s, p, 1)
        if needed < FREE then
            return find, 0
        elseif needed <= HEAVY then
            return find, needed
        end
        return seek, 0
    end

    --- An iterator whose single steps are counted, or made in Lua.
    local function gmatch_slowly(s, p)
        local look, price = repeated(s, p)
        local from = 1
        local function step(a, b, first, ...)
            if not a then
                from = #s + 2
                return
            end
            from = b < a and a + 1 or b + 1
            if first == nil then
                return sub(s, a, b)
            end
            return first, ...
        end
        return function()
            if from <= #s + 1 then
                spend(price)
                return step(look(s, p, from))
            end
        end
    end

    local function bounded_gmatch(s, p)
        local text, pattern = checked(s, p)
        if not text then
            return gmatch(s, p)
        end
        pattern = ended(pattern)
        if byte(pattern, 1) == CARET then
            pattern = "%" .. pattern -- an anchor would stop the iteration, so here it is a character
        end
        if steps_of(weights_for(pattern), #text) < FREE then
            return gmatch(text, pattern)
        end
        return gmatch_slowly(text, pattern)
    end

    local function gsub_in_lua(s, p, substitute, kind, most)
        local joined, pieces, count, made, size, from = {}, {}, 0, 0, 0, 1
        local once = byte(p, 1) == CARET
        local look, price = repeated(s, p)
        while made < most do
            spend(price)
            local value, width, a, b = replacement(s, substitute, kind, look(s, p, from))
            if not value then
                break
            end
            local skipped, passed = sub(s, from, a - 1), b < a and sub(s, a, a) or "" -- an empty match lets a byte pass
            pieces[count + 1], pieces[count + 2], pieces[count + 3] = skipped, value, passed
            count, made, from = count + 3, made + 1, b < a and a + 1 or b + 1
            size = size + #skipped + width + #passed
            if size > max_bytes then
                error(TOO_LARGE, 2)
            elseif count == PIECES then
                joined[#joined + 1], count = concat(pieces), 0
            end
            if once or from > #s + 1 then
                break
            end
        end
        pieces[count + 1] = sub(s, from)
        size = size + #pieces[count + 1]
        if size > max_bytes then
            error(TOO_LARGE, 2)
        end
        spend(size / BYTES_PER_STEP)
        joined[#joined + 1] = concat(pieces, "", 1, count + 1)
        return concat(joined), made
    end

    local function bounded_gsub(s, p, substitute, most)
        local kind = type(substitute)
        local text, pattern, limit = checked(s, p, most)
        if kind == "number" then
            substitute, kind = substitute .. "", "string"
        end
        if not text or (kind ~= "string" and kind ~= "function" and kind ~= "table") then
            return gsub(s, p, substitute, most)
        end
        limit, pattern = most == nil and huge or limit, ended(pattern)
        if kind == "string" then
            local needed = steps_of(weights_for(pattern), #text)
            local largest = #text + #substitute * (1.5 * #text + 1)
            if needed <= HEAVY and largest <= max_bytes then
                spend(needed + largest / BYTES_PER_STEP)
                return gsub(text, pattern, substitute, most)
            end
        end
        return gsub_in_lua(text, pattern, substitute, kind, limit)
    end

    return { find = bounded_find, match = bounded_match, gmatch = bounded_gmatch, gsub = bounded_gsub }
end
