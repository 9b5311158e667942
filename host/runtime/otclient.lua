--- The functions that modules of OTClient expect, with their meaning there, over the host's own timers.

local error, ipairs, pairs, type, unpack = error, ipairs, pairs, type, unpack
local insert, remove, format = table.insert, table.remove, string.format

local function check_signals(object, signals, where)
    if type(object) ~= "table" or type(signals) ~= "table" then
        error(format("bad argument to '%s' (an object and a table of signals expected)", where), 3)
    end
end

---@param environment table of the module
return function(environment)
    local host = environment.host

    function environment.scheduleEvent(callback, delay)
        return host.after(delay or 0, callback)
    end

    function environment.cycleEvent(callback, interval)
        return host.every(interval, callback)
    end

    function environment.addEvent(callback)
        return host.after(0, callback)
    end

    function environment.removeEvent(event)
        if event then
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

    --- Call a slot, or each of several until one returns true; whether one did.
    function environment.signalcall(slots, ...)
        if type(slots) == "function" then
            return slots(...)
        elseif type(slots) == "table" then
            for _, slot in ipairs({ unpack(slots) }) do
                if slot(...) then
                    return true
                end
            end
        elseif slots ~= nil then
            error(format("bad argument #1 to 'signalcall' (function or table expected, got %s)", type(slots)), 2)
        end
        return false
    end
end
