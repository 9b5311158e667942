--- What modules and their jobs get from `require("goroutine")`; it runs in their runtimes, and asks `native.py`.

local parts = ... ---@type table<string, function> what the files in `face` say
local ipairs, unpack = ipairs, unpack

---@param host { native: fun(name: string, ...): any, freezer: table, pcall: fun(...): ... }
return function(host)
    local goroutine, freezer, native = {}, host.freezer, host.native
    local given = {
        native = native,
        pcall = host.pcall,
        frozen = freezer.frozen,
        packed = freezer.packed,
        unpacked = freezer.unpacked,
        is_of = freezer.is_of,
        name = freezer.name,
    }
    local expecting = parts.expecting()
    local objects = parts.objects(native, given.is_of)
    local channels = parts.channels(goroutine, given, expecting, objects)
    local locks = parts.locks(goroutine, given, expecting, objects)
    local contexts = parts.contexts(goroutine, given, expecting, objects)
    local handles, jobs = parts.jobs(goroutine, given, expecting, objects)
    parts.pools(goroutine, given, expecting, jobs)
    parts.streams(goroutine, given, expecting, objects, jobs, channels[1])

    local classes = {}
    for _, some in ipairs({ channels, locks, contexts, handles }) do
        for _, class in ipairs(some) do
            classes[#classes + 1] = class
        end
    end
    freezer.let_cross(function(crossing)
        native("keep", unpack(jobs.numbers_of(crossing)))
    end, unpack(classes))
    return goroutine
end
