--- The functions that modules of OTClient expect, with their meaning there, over the host's own timers.

local error, ipairs, pairs, type, unpack = error, ipairs, pairs, type, unpack
local insert, remove, format = table.insert, table.remove, string.format

local LONGEST_DELAY = 2 ^ 31 -- milliseconds

local function check_signals(object, signals, where)
    if type(object) ~= "table" or type(signals) ~= "table" then
        error(format("bad argument to '%s' (an object and a table of signals expected)", where), 3)
    end
end

--- Look at the callback and its delay, so that a mistake is named as the module made it.
local function check_event(callback, delay, where)
    if type(callback) ~= "function" then
        error(format("bad argument #1 to '%s' (function expected, got %s)", where, type(callback)), 3)
    elseif type(delay) ~= "number" or not (delay >= 0 and delay <= LONGEST_DELAY) then
        error(format("bad argument #2 to '%s' (milliseconds from 0 to 2^31 expected)", where), 3)
    end
end

---@param environment table of the module
return function(environment)
    local after, every, log_error = environment.host.after, environment.host.every, environment.host.log.error
    local pcall = environment.pcall -- the guarded one

    function environment.scheduleEvent(callback, delay)
        check_event(callback, delay or 0, "scheduleEvent")
        return after(delay or 0, callback)
    end

    function environment.cycleEvent(callback, interval)
        check_event(callback, interval, "cycleEvent")
        return every(interval, callback)
    end

    function environment.addEvent(callback)
        check_event(callback, 0, "addEvent")
        return after(0, callback)
    end

    function environment.removeEvent(event)
        if event ~= nil and (type(event) ~= "table" or type(event.cancel) ~= "function") then
            error(format("bad argument #1 to 'removeEvent' (event expected, got %s)", type(event)), 2)
        elseif event then
            event:cancel()
        end
    end

    --- `connect(object, { signal = slot }, front)` or `connect(object, "signal", slot, front)`.
    function environment.connect(object, signals, slot, front)
        if type(signals) == "string" then
            signals = { [signals] = slot }
        else
            front = slot
        end
        check_signals(object, signals, "connect")
        for signal, handler in pairs(signals) do
            local current = object[signal]
            if current == nil then
                object[signal] = handler
            elseif type(current) == "function" then
                object[signal] = front and { handler, current } or { current, handler }
            elseif front then
                insert(current, 1, handler)
            else
                insert(current, handler)
            end
        end
    end

    function environment.disconnect(object, signals, slot)
        if type(signals) == "string" then
            signals = { [signals] = slot }
        end
        check_signals(object, signals, "disconnect")
        for signal, handler in pairs(signals) do
            local current = object[signal]
            if current == handler then
                object[signal] = nil
            elseif type(current) == "table" then
                for index, known in ipairs(current) do
                    if known == handler then
                        remove(current, index)
                        break
                    end
                end
                if #current == 1 then
                    object[signal] = current[1]
                end
            end
        end
    end

    --- A slot that fails is logged, and the next one called, as ever.
    local function called(ok, result)
        if ok then
            return result
        end
        log_error(result)
    end

    --- Call a slot, or each of several until one returns true; what the one returned, or whether one of them did.
    function environment.signalcall(slots, ...)
        if type(slots) == "function" then
            return called(pcall(slots, ...))
        elseif type(slots) == "table" then
            for _, slot in ipairs({ unpack(slots) }) do
                if called(pcall(slot, ...)) then
                    return true
                end
            end
        elseif slots ~= nil then
            error(format("bad argument #1 to 'signalcall' (function or table expected, got %s)", type(slots)), 2)
        end
        return false
    end
end
