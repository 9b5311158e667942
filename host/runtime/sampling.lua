--- Samples of what a module runs, taken while somebody looks.
---
--- Where a count hook looks at the clock, its ticks are the samples; elsewhere LuaJIT's own profiler takes them, by a
--- signal of the kernel's. A sample is the stack from the outermost function of the module to the line it was at.

local byte, concat, format, sub = string.byte, table.concat, string.format, string.sub
local debug_frame, encode, require = debug.getinfo, require("string.buffer").encode, require

local MODULE_FILE = byte("@") -- what a module's chunk names begin with
local MOST_STACKS, MOST_PLACES = 400, 1000 -- different ones between two looks; what comes on top is counted only
local DEEPEST, MOST_FRAMES = 200, 40 -- frames that are looked at, and of the module's those that are kept
local LONGEST_NAME = 80 -- bytes
local RUN = 100 -- samples after which only each second as many are taken, until somebody looks

---@param watch fun(body: function?) have each tick call something, or nothing
---@param watched boolean whether there are ticks
---@param label_of fun(body: function): string? what a function was registered as
---@return fun(on: boolean): string what was noted since the call before, encoded
return function(watch, watched, label_of)
    local profiler = not watched and require("jit.profile")
    local places, known, stacks, labels ---@type table, table, table, table
    local distinct, total, beyond = 0, 0, 0
    local stride, tick, taken, running = 1, 0, 0, false

    local function begin_anew()
        places, known, stacks, labels = {}, {}, {}, {}
        distinct, total, beyond = 0, 0, 0
        stride, tick, taken = 1, 0, 0
    end

    --- The number of a place: the name of a function with where it begins, or of a line.
    local function place_of(name, file, line)
        local key = format("%s\n%s\n%d", name, file, line)
        local number = known[key]
        if not number and #places < MOST_PLACES then
            number = #places + 1
            known[key], places[number] = number, { name, file, line }
        end
        return number or 0
    end

    local function name_of(frame)
        local body = frame.func
        if labels[body] == nil then
            labels[body] = label_of(body) or false
        end
        return sub(labels[body] or frame.name or "function", 1, LONGEST_NAME)
    end

    --- Add one stack, given what reads its frames by their levels.
    local function add(weight, frame_at)
        local path, count = {}, 0
        for level = 0, DEEPEST do
            local frame = frame_at(level)
            if not frame or count >= MOST_FRAMES then
                break
            elseif byte(frame.source, 1) == MODULE_FILE then
                local file = sub(frame.source, 2)
                if count == 0 then
                    path[1], count = place_of("", file, frame.currentline), 1
                end
                count = count + 1
                path[count] = place_of(name_of(frame), file, frame.linedefined)
            end
        end
        if count == 0 then
            return
        end
        total = total + weight
        local key = concat(path, ",")
        if stacks[key] then
            stacks[key] = stacks[key] + weight
        elseif distinct < MOST_STACKS then
            distinct, stacks[key] = distinct + 1, weight
        else
            beyond = beyond + weight
        end
    end

    --- At a tick; `above`: frames of the host's own between this and the module's.
    local function sample(above)
        tick = tick + 1
        if tick % stride == 0 then
            taken = taken + 1
            add(stride, function(level)
                return debug_frame(level + above, "Slnf")
            end)
            if taken % RUN == 0 then
                stride = stride * 2
            end
        end
    end

    local function interrupted(thread, samples)
        add(samples, function(level)
            return debug_frame(thread, level, "Slnf")
        end)
    end

    local function switch(on)
        if on == running then
            return
        end
        running = on
        if watched then
            watch(on and sample or nil)
        elseif on then
            profiler.start("i1", interrupted)
        else
            profiler.stop()
        end
    end

    begin_anew()
    return function(on)
        local noted = encode({ places = places, stacks = stacks, total = total, beyond = beyond })
        begin_anew()
        switch(on)
        return noted
    end
end
