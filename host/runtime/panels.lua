--- `host.ui.panel`: widgets that a module declares as data. Their handlers stay here, the rest goes to the host.

local concat, error, format, next, type = table.concat, error, string.format, next, type

local MOST_WIDGETS = 500 -- as the host has it; more than a few times as many are not even copied
local DEEPEST = 40 -- rows and columns inside each other; the host takes half of that
local EVENTS = { onClick = true, onChange = true, onSubmit = true }

---@class Declaring what is being declared
---@field handlers table<string, table<string, function>> by widget and event
---@field below table<string, string[]> widgets that have handlers, by the row or column they are in
---@field widgets integer

---@param values table from values.lua
---@param port table<string, function> what Python answers
---@param answered fun(ok: boolean, ...): ... raises what was refused
---@param expect fun(kind: string, value: any, position: integer, where: string)
---@param offer_ways fun(body: function): function gives Python the ways into a function
---@param met fun(id: integer, meter: function?) keeps, or drops, a meter
return function(values, port, answered, expect, offer_ways, met)
    local copied

    local function refuse(where, place, expected, got)
        error(format("bad argument #1 to '%s' (%s: %s expected, got %s)", where, concat(place), expected, type(got)), 0)
    end

    --- A copy of a list of widgets for the host, without functions; each has an id, or a number in its place.
    local function copied_list(list, declaring, holder, place, numbered)
        if type(list) ~= "table" then
            return list -- the host refuses it
        elseif #place > 2 * DEEPEST then
            return {} -- the host refuses it for where it is
        end
        local copy, level = {}, #place
        for index, widget in next, list do
            declaring.widgets = declaring.widgets + 1
            if declaring.widgets > 4 * MOST_WIDGETS then
                return copy
            end
            place[level + 1] = type(index) == "number" and "[" .. index .. "]" or "[?]"
            copy[index] = copied(widget, declaring, holder, place, numbered)
            place[level + 1] = nil
        end
        return copy
    end

    --- A copy of the properties of one widget; `key` is its id.
    local function copied_properties(widget, key, declaring, holder, place, numbered)
        local copy, handlers, level = {}, nil, #place
        for name, value in next, widget do
            if EVENTS[name] then
                if type(value) ~= "function" then
                    place[level + 1] = "." .. name
                    refuse(declaring.where, place, "function", value)
                end
                handlers = handlers or {}
                handlers[name], copy[name] = value, true
            elseif name == "children" then
                place[level + 1] = ".children"
                copy.children = copied_list(value, declaring, key, place, numbered)
                place[level + 1] = nil
            else
                copy[name] = value
            end
        end
        if handlers then
            declaring.handlers[key] = handlers
            local beside = declaring.below[holder] or {}
            declaring.below[holder] = beside
            beside[#beside + 1] = key
        end
        return copy
    end

    function copied(widget, declaring, holder, place, numbered)
        if type(widget) ~= "table" then
            return widget
        end
        local key = widget.id
        if type(key) ~= "string" then
            key = numbered()
        end
        -- A holder leads on to those in it, so that all below it is found when it gets others.
        if widget.children ~= nil then
            local beside = declaring.below[holder] or {}
            declaring.below[holder] = beside
            beside[#beside + 1] = key
        end
        local copy = copied_properties(widget, key, declaring, holder, place, numbered)
        copy.key = key
        return copy
    end

    --- Take in what was accepted.
    local function adopt(known, declaring)
        for key, handlers in next, declaring.handlers do
            known.handlers[key] = known.handlers[key] or {}
            for event, handler in next, handlers do
                known.handlers[key][event] = handler
            end
        end
        for holder, keys in next, declaring.below do
            known.below[holder] = keys
        end
    end

    --- Let the handlers go of all that is in a row or a column.
    local function forget(known, holder)
        local keys = known.below[holder] or {}
        known.below[holder] = nil
        for index = 1, #keys do
            known.handlers[keys[index]] = nil
            forget(known, keys[index])
        end
    end

    local function new_declaring(where)
        return { where = where, handlers = {}, below = {}, widgets = 0 }
    end

    --- `host.ui.panel { id =, title =, children = {} }`: the panel, or nil and why it is not shown.
    local function panel(declaration)
        expect("table", declaration, 1, "host.ui.panel")
        local last, closed = 0, false
        local function numbered()
            last = last + 1
            return "#" .. last
        end
        local declaring = new_declaring("host.ui.panel")
        local copy = {}
        for name, value in next, declaration do
            copy[name] = value
        end
        copy.children = copied_list(declaration.children, declaring, "", { "children" }, numbered)
        local known = { handlers = {}, below = {} }
        local meter = offer_ways(function(key, event, value)
            local handlers = known.handlers[key]
            if handlers and handlers[event] then
                handlers[event](value)
            end
        end)
        local id, why = answered(port.show_panel(values.snapshot(copy, "the panel")))
        if not id then
            return nil, why
        end
        adopt(known, declaring)
        met(id, meter)

        local methods = {}

        --- `panel:update { id = { property = value } }`, or `{ id = value }` for what a widget is about.
        function methods.update(_, changes)
            expect("table", changes, 1, "panel:update")
            if closed then
                return nil, "the panel is closed"
            end
            local changing, changed, replaced = new_declaring("panel:update"), {}, {}
            for key, change in next, changes do
                if type(change) == "table" and type(key) == "string" then
                    change = copied_properties(change, key, changing, "", { key }, numbered)
                    replaced[key] = change.children ~= nil or nil
                end
                changed[key] = change
            end
            changing.below[""] = nil -- those stay in what they were in
            local updated, reason = answered(port.update_panel(id, values.snapshot(changed, "the change")))
            if not updated then
                return nil, reason
            end
            for key in next, replaced do
                forget(known, key)
            end
            adopt(known, changing)
            return true
        end

        --- What a widget shows now, with what was typed, ticked or chosen there.
        function methods.value(_, key)
            expect("string", key, 1, "panel:value")
            if closed then
                return nil, "the panel is closed"
            end
            local ok, shape, payload = port.panel_value(id, key)
            if not ok then
                return answered(ok, shape)
            end
            return values.unpacked(shape, payload)
        end

        --- Take the panel away; false where it was gone.
        function methods.close()
            closed = true
            met(id, nil)
            return (answered(port.cancel(id)))
        end

        return methods
    end

    return panel
end
