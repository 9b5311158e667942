--- `table.sort` in Lua, so that a count hook sees its loops and no comparator is called from C.
---
--- Part of `bounded.lua`, loaded when the first table is sorted.

local error, rawget, rawset, sort, type = error, rawget, rawset, table.sort, type

setfenv(1, {})

local SHORT_TABLE = 2000 -- elements sorted in C: n * n / 4 comparisons at worst
local STEPS_PER_COMPARISON = 3
local SHORT_STRING = 256 -- bytes that are compared as fast as numbers

local function less(a, b)
    return a < b
end

--- Sort t[low..high] in place: the quicksort of Lua 5.1, comparison by comparison, so that ties fall the same way.
---@return boolean? invalid whether `before` turned out to be no order
local function sort_range(t, low, high, before)
    while low < high do
        local first, last = rawget(t, low), rawget(t, high)
        if before(last, first) then
            rawset(t, low, last)
            rawset(t, high, first)
            first, last = last, first
        end
        if high - low == 1 then
            return
        end
        local middle = (low + high - (low + high) % 2) / 2
        local pivot = rawget(t, middle)
        if before(pivot, first) then
            rawset(t, middle, first)
            rawset(t, low, pivot)
        elseif before(last, pivot) then
            rawset(t, middle, last)
            rawset(t, high, pivot)
        end
        if high - low == 2 then
            return
        end
        pivot = rawget(t, middle)
        rawset(t, middle, rawget(t, high - 1))
        rawset(t, high - 1, pivot)
        local i, k = low, high - 1
        while true do
            i = i + 1
            while before(rawget(t, i), pivot) do
                if i >= high then
                    return true
                end
                i = i + 1
            end
            k = k - 1
            while before(pivot, rawget(t, k)) do
                if k <= low then
                    return true
                end
                k = k - 1
            end
            if k < i then
                break
            end
            local small = rawget(t, k)
            rawset(t, k, rawget(t, i))
            rawset(t, i, small)
        end
        local misplaced = rawget(t, high - 1)
        rawset(t, high - 1, rawget(t, i))
        rawset(t, i, misplaced)
        if i - low < high - i then
            if sort_range(t, low, i - 1, before) then
                return true
            end
            low = i + 1
        else
            if sort_range(t, i + 1, high, before) then
                return true
            end
            high = i - 1
        end
    end
end

--- Whether C may compare the first `n` elements: all numbers, or all short strings.
local function compares_fast(t, n)
    local kind = type(rawget(t, 1))
    if kind ~= "number" and kind ~= "string" then
        return false
    end
    for index = 1, n do
        local value = rawget(t, index)
        if type(value) ~= kind or (kind == "string" and #value > SHORT_STRING) then
            return false
        end
    end
    return true
end

---@param spend fun(steps: number) counts C work
return function(spend)
    return function(t, before)
        if type(t) ~= "table" or (before ~= nil and type(before) ~= "function") then
            return sort(t, before)
        end
        local n = #t
        if before == nil and n <= SHORT_TABLE and compares_fast(t, n) then
            spend(n * n / 4 * STEPS_PER_COMPARISON)
            return sort(t)
        end
        if sort_range(t, 1, n, before or less) then
            error("invalid order function for sorting", 2)
        end
    end
end
