--- Copies of the standard functions that end in bounded time and never nest on the C stack.
---
--- A count hook sees VM instructions only, so a C function that loops is out of its reach. Each function here either
--- calls the original, when the work is known beforehand to be small, or does the work in Lua, where the hook sees it.
--- Nothing here calls back from C: replacements, comparators and `__tostring` run in Lua frames, may yield and nest
--- as deep as the Lua stack. Only a resumed coroutine takes C stack (83 bytes a level), so resumes are counted.
---
---     local bounded = assert(loadstring(source, "=bounded"))()
---     local safe = bounded({ max_bytes = 2^23, tick = tick, load_part = load_part })
---     module_environment.string, module_environment.table = safe.string, safe.table
---
--- The host loads this file while the globals are still the originals, and makes `safe.string` the `__index` of the
--- string metatable. The functions made here have an empty environment, so `getfenv` on them shows nothing; on a C
--- function it shows the real globals, as always, so it must be taken from modules or wrapped. Errors found while a
--- pattern is matched may name a line of this file: load it under a name that a module's author can make sense of.
---
--- What many runtimes never need is loaded on first need: `searching.lua` (what a pattern may cost, and the functions
--- for when that is much), `patterns.lua` (the matcher in Lua) and `sorting.lua`.
---
--- Work is counted in steps of about 2.5 ns in C. `tick` is called once per STEPS_PER_TICK of them: between two VM
--- instructions seen by the hook at most one C call of HEAVY steps runs unseen.

---@class Limits
---@field max_bytes integer length of the longest string a function here may build
---@field tick fun() called after about each millisecond of C work: reads a clock and raises when the time is over
---@field load_part fun(name: string): any gives what `<name>.lua` beside this file returns; called at most once a name
---@field max_depth integer? coroutines resumed inside each other; 190 when absent
---@field too_deep fun(text: string) told of coroutines resumed inside each other too deep, and of patterns: raises
---@field resumed (fun(thread: thread, ok: boolean, ...): ...)? looks at what a resume gives, and may raise

local byte, char, find, format, gmatch = string.byte, string.char, string.find, string.format, string.gmatch
local gsub, len, lower, match, rep = string.gsub, string.len, string.lower, string.match, string.rep
local reverse, sub, upper = string.reverse, string.sub, string.upper
local concat, insert, remove = table.concat, table.insert, table.remove
local create, resume, running, status = coroutine.create, coroutine.resume, coroutine.running, coroutine.status
local wrap, yield, isyieldable = coroutine.wrap, coroutine.yield, coroutine.isyieldable
local error, getmetatable, ipairs, next, pairs = error, getmetatable, ipairs, next, pairs
local rawget, select, setmetatable = rawget, select, setmetatable
local tonumber, tostring, type, unpack = tonumber, tostring, type, unpack
local min = math.min

setfenv(len, {}) -- these two are Lua inside, so they have an environment to show
setfenv(remove, {})
setfenv(1, {})

local STEPS_PER_TICK = 400000
local SMALL_BYTES = 4096 -- strings up to this length are built without counting
local BYTES_PER_STEP = 4 -- of a string that is built or changed
local PLAIN_LENGTH = 1000 -- of a subject in which a plain needle is not worth counting
local CONCAT_CHUNK = 50000 -- elements joined by one C call
local FREE_MOVES = 2000 -- elements moved by `insert` that are not worth counting
local MOVES_PER_STEP = 4
local MOST_HOLES = 100000 -- nil elements that `insert` at a position below 1 may move
local INT_MIN = -2147483648
local TOO_LARGE = "resulting string too large"
local CARET = 94

--- As the C functions see a number argument: truncated to 32 bits, all that does not fit becomes the least integer.
---@return number?
local function to_integer(value)
    local number = tonumber(value)
    if not number then
        return nil
    elseif not (number > INT_MIN and number < -INT_MIN) then
        return INT_MIN
    end
    local fraction = number % 1
    return (fraction ~= 0 and number < 0) and number - fraction + 1 or number - fraction
end

--- A string, or a number as a string; nil when the original would refuse the value.
---@return string?
local function to_text(value)
    local kind = type(value)
    if kind == "string" then
        return value
    elseif kind == "number" then
        return value .. ""
    end
end

--- Whether any of the arguments could run `__tostring`, and how many bytes the strings among them have.
local function survey(...)
    local objects, bytes = false, 0
    for index = 1, select("#", ...) do
        local value = select(index, ...)
        local kind = type(value)
        if kind == "string" then
            bytes = bytes + #value
        elseif kind == "table" or kind == "userdata" then
            objects = true
        end
    end
    return objects, bytes
end

--- The arguments of `format` with those shown by `%s` and `%q` made strings here rather than in C.
local function shown(template, ...)
    local values, count, index, from = { ... }, select("#", ...), 0, 1
    while true do
        local _, stop, letter = find(template, "%%[-+ #0]*%d*%.?%d*(.)", from)
        if not stop then
            return unpack(values, 1, count)
        end
        if letter ~= "%" then
            index = index + 1
            local kind = type(values[index])
            if (letter == "s" or letter == "q") and (kind == "table" or kind == "userdata") then
                local text = tostring(values[index])
                local again = type(text) == "table" or type(text) == "userdata"
                values[index] = again and type(text) .. format(": %p", text) or text
            end
        end
        from = stop + 1
    end
end

---@param max_bytes integer
---@param spend fun(steps: number)
local function built_strings(max_bytes, spend)
    local small_bytes = min(SMALL_BYTES, max_bytes)

    local function bounded_rep(s, n, separator)
        if type(s) == "string" and type(n) == "number" and separator == nil then
            local bytes = #s * n
            if bytes >= 1 and bytes <= small_bytes then
                return rep(s, n)
            end
        end
        local text, times, between = to_text(s), to_integer(n), separator == nil and "" or to_text(separator)
        if not (text and times and between) then
            return rep(s, n, separator)
        end
        local size = #text * times + #between * (times - 1)
        if times <= 0 or size == 0 then
            return ""
        elseif size > max_bytes then
            error(TOO_LARGE, 2)
        elseif size > small_bytes then
            spend(size / BYTES_PER_STEP)
        end
        return rep(text, times, between)
    end

    --- A copy of a function that takes a string and gives one of the same length.
    local function counted(change)
        return function(s)
            if type(s) == "string" and #s > SMALL_BYTES then
                spend(#s / BYTES_PER_STEP)
            end
            return change(s)
        end
    end

    local function format_counted(template, ...)
        local _, bytes = survey(template, ...)
        spend(bytes / BYTES_PER_STEP)
        local text = format(template, ...)
        if #text > max_bytes then
            error(TOO_LARGE, 2)
        end
        return text
    end

    local function bounded_format(template, ...)
        local objects, bytes = survey(template, ...)
        if objects and type(template) == "string" then
            return format_counted(template, shown(template, ...))
        elseif bytes > small_bytes / 4 then
            return format_counted(template, ...)
        end
        return format(template, ...)
    end

    return bounded_rep, bounded_format, counted
end

---@param max_bytes integer
---@param spend fun(steps: number)
local function changed_tables(max_bytes, spend)
    local small_bytes = min(SMALL_BYTES, max_bytes)

    local function bounded_insert(t, ...)
        if select("#", ...) == 2 and type(t) == "table" then
            local position = to_integer((...)) or 1
            if position < 1 - MOST_HOLES then
                error("bad argument #2 to 'insert' (position out of bounds)", 2)
            elseif #t - position > FREE_MOVES then
                spend((#t - position) / MOVES_PER_STEP)
            end
        end
        return insert(t, ...)
    end

    local function bounded_maxn(t)
        if type(t) ~= "table" then
            error("bad argument #1 to 'maxn' (table expected, got " .. type(t) .. ")", 2)
        end
        local most = 0
        for key in next, t do
            if type(key) == "number" and key > most then
                most = key
            end
        end
        return most
    end

    --- Bytes that t[from..to] joined with a separator of `width` bytes has, and what cannot be joined, if any.
    ---@return number size
    ---@return integer? invalid
    local function joined_size(t, from, to, width)
        local size = (to - from) * width
        if getmetatable(t) == nil then
            for index = from, to do
                local value = t[index]
                local kind = type(value)
                if kind == "string" then
                    size = size + #value
                elseif kind == "number" then
                    size = size + #(value .. "")
                else
                    return size, index
                end
            end
            return size
        end
        for index = from, to do
            local value = rawget(t, index)
            if type(value) ~= "string" and type(value) ~= "number" then
                return size, index
            end
            size = size + (type(value) == "string" and #value or #(value .. ""))
        end
        return size
    end

    local function concat_in_chunks(t, separator, from, to, size)
        local parts = {}
        for start = from, to, CONCAT_CHUNK do
            spend(CONCAT_CHUNK + size / BYTES_PER_STEP)
            parts[#parts + 1] = concat(t, separator, start, min(to, start + CONCAT_CHUNK - 1))
        end
        return concat(parts, separator)
    end

    local function bounded_concat(t, separator, first, last)
        local between, from = separator == nil and "" or separator, 1 ---@type string?, number?
        local to ---@type number?
        if type(t) ~= "table" then
            return concat(t)
        elseif type(between) ~= "string" then
            between = to_text(between)
        end
        if first ~= nil then
            from = to_integer(first)
        end
        if last == nil then
            to = #t
        else
            to = to_integer(last)
        end
        if not (between and from and to) then
            return concat(t, separator, first, last)
        elseif from > to then
            return ""
        end
        local size, invalid = joined_size(t, from, to, #between)
        if invalid then
            return concat(t, between, invalid, to)
        elseif size > max_bytes then
            error(TOO_LARGE, 2)
        elseif to - from >= CONCAT_CHUNK then
            return concat_in_chunks(t, between, from, to, size)
        elseif size > small_bytes then
            spend(size / BYTES_PER_STEP)
        end
        return concat(t, between, from, to)
    end

    return bounded_concat, bounded_insert, bounded_maxn
end

local function unlooked(_, ...)
    return ...
end

--- Coroutines that count how deep they are resumed inside each other, and the counter.
---
--- A coroutine that yields WAIT waits for the host, and so does each that resumed it: what comes goes straight to the
--- innermost, and nobody else can resume any of them meanwhile.
---@param max_depth integer
---@param look fun(thread: thread, ...): ...
---@param too_deep fun(text: string)
local function counted_coroutines(max_depth, look, too_deep)
    local WAIT = {}
    local base, level = 0, 0 -- C levels in use below the running coroutine, and in all
    local waiting = setmetatable({}, { __mode = "k" }) ---@type table<thread, true>
    local held = 0 -- of them; a look into the table takes a third of what a resume costs

    local function hold(thread)
        waiting[thread], held = true, held + 1
    end

    local function release(thread)
        if waiting[thread] then
            waiting[thread], held = nil, held - 1
        end
    end

    local bounded_resume

    local function gone_on(thread, ...)
        release(thread)
        return bounded_resume(thread, ...)
    end

    local function resumed(outer_base, outer_level, thread, ...)
        base, level = outer_base, outer_level
        local _, first = ...
        if first == WAIT then -- it has no metatable, so nobody else is asked
            hold(thread)
            return gone_on(thread, yield(select(2, ...)))
        end
        return look(thread, ...)
    end

    function bounded_resume(thread, ...)
        if type(thread) ~= "thread" then
            return resume(thread, ...)
        elseif level >= max_depth then
            too_deep("C stack overflow")
        elseif held ~= 0 and waiting[thread] then
            return false, "cannot resume non-suspended coroutine"
        end
        local outer_base, outer_level = base, level
        base, level = outer_level + 1, outer_level + 1
        return resumed(outer_base, outer_level, thread, resume(thread, ...))
    end

    local function bounded_status(thread)
        return waiting[thread] and "normal" or status(thread)
    end

    local function unwrapped(succeeded, ...)
        if succeeded then
            return ...
        end
        error((...), type((...)) == "string" and 2 or 0)
    end

    local function bounded_wrap(body)
        if type(body) ~= "function" then
            return wrap(body)
        end
        local thread = create(body)
        return function(...)
            return unwrapped(bounded_resume(thread, ...))
        end
    end

    local depth = {}

    --- C levels in use within the running coroutine. Every wrapped `pcall` keeps it before the call ...
    function depth.get()
        return level - base
    end

    --- ... and restores it after a caught error, which left the counter where it was raised. Valid across yields.
    function depth.set(kept)
        level = base + kept
    end

    --- Forget everything: where the host enters a runtime that is not already running.
    function depth.reset()
        base, level = 0, 0
    end

    local function left_off(outer_base, outer_level, thread, ...)
        base, level = outer_base, outer_level
        if status(thread) == "suspended" then
            hold(thread)
        end
        return ...
    end

    --- Go on with a coroutine of the host's own, which no module can resume.
    function depth.go_on(thread, ...)
        if level >= max_depth then
            too_deep("C stack overflow")
        end
        release(thread)
        local outer_base, outer_level = base, level
        base, level = outer_level + 1, outer_level + 1
        return left_off(outer_base, outer_level, thread, resume(thread, ...))
    end

    depth.WAIT = WAIT

    local function left(outer, ...)
        level = outer
        return ...
    end

    --- Call a C function which calls back, such as `load` with a reader, one level deeper.
    function depth.call(calls_back, ...)
        if level >= max_depth then
            too_deep("C stack overflow")
        end
        local outer = level
        level = outer + 1
        return left(outer, calls_back(...))
    end

    return {
        create = create,
        isyieldable = isyieldable,
        resume = bounded_resume,
        running = running,
        status = bounded_status,
        wrap = bounded_wrap,
        yield = yield,
    }, depth
end

--- The pattern functions. Cheap calls are told by a look into a table; the others go to `searching.lua`.
---@param limits Limits
---@param spend fun(steps: number)
local function pattern_functions(limits, spend)
    local free_length = {} ---@type table<string, number> by pattern: longest subject not worth counting
    local small_bytes = min(SMALL_BYTES, limits.max_bytes)
    local parts ---@type table<string, function>?

    local function slow()
        parts = parts or limits.load_part("searching")({
            max_bytes = limits.max_bytes,
            spend = spend,
            free_length = free_length,
            load_part = limits.load_part,
            too_deep = limits.too_deep,
            to_text = to_text,
            to_integer = to_integer,
        })
        return parts
    end

    local function bounded_find(s, p, init, plain)
        if type(s) == "string" then
            local most = free_length[p]
            if plain then
                most = type(p) == "string" and PLAIN_LENGTH
            end
            if most and #s <= most then
                return find(s, p, init, plain)
            end
        end
        return slow().find(s, p, init, plain)
    end

    local function bounded_match(s, p, init)
        local most = free_length[p]
        if most and type(s) == "string" and #s <= most then
            return match(s, p, init)
        end
        return slow().match(s, p, init)
    end

    local function bounded_gmatch(s, p)
        local most = free_length[p]
        if most and type(s) == "string" and #s <= most and byte(p, 1) ~= CARET then
            return gmatch(s, p)
        end
        return slow().gmatch(s, p)
    end

    local function bounded_gsub(s, p, substitute, most)
        local longest = free_length[p]
        if longest and type(s) == "string" and type(substitute) == "string" and #s <= longest then
            if most == nil and (#s + 1) * #substitute <= small_bytes then
                return gsub(s, p, substitute)
            end
        end
        return slow().gsub(s, p, substitute, most)
    end

    return bounded_find, bounded_gmatch, bounded_gsub, bounded_match
end

---@param limits Limits
---@return table safe `string`, `table`, `coroutine`, the bare functions by name, and `depth`
return function(limits)
    local max_bytes, tick, steps = limits.max_bytes, limits.tick, 0

    local function spend(amount)
        steps = steps + amount
        if steps >= STEPS_PER_TICK then
            steps = 0
            tick()
        end
    end

    local sort_in_lua ---@type function?
    local function bounded_sort(t, before)
        sort_in_lua = sort_in_lua or limits.load_part("sorting")(spend)
        return sort_in_lua(t, before)
    end

    local function bounded_tonumber(value, ...)
        if type(value) == "string" and #value > SMALL_BYTES then
            spend(#value / BYTES_PER_STEP)
        end
        return tonumber(value, ...)
    end

    local bounded_find, bounded_gmatch, bounded_gsub, bounded_match = pattern_functions(limits, spend)
    local bounded_rep, bounded_format, counted = built_strings(max_bytes, spend)
    local bounded_concat, bounded_insert, bounded_maxn = changed_tables(max_bytes, spend)
    local coroutines, depth =
        counted_coroutines(limits.max_depth or 190, limits.resumed or unlooked, limits.too_deep)

    return {
        string = {
            byte = byte,
            char = char,
            find = bounded_find,
            format = bounded_format,
            gmatch = bounded_gmatch,
            gsub = bounded_gsub,
            len = len,
            lower = counted(lower),
            match = bounded_match,
            rep = bounded_rep,
            reverse = counted(reverse),
            sub = sub,
            upper = counted(upper),
        },
        table = {
            concat = bounded_concat,
            insert = bounded_insert,
            maxn = bounded_maxn,
            remove = remove,
            sort = bounded_sort,
        },
        coroutine = coroutines,
        -- Bounded as they are, but for `tonumber`: results by the stack, the others do constant work.
        ipairs = ipairs,
        next = next,
        pairs = pairs,
        select = select,
        tonumber = bounded_tonumber,
        tostring = tostring,
        unpack = unpack,
        depth = depth,
    }
end
