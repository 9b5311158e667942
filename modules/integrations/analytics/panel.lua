--- What analytics shows: what waits, what went, how much comes, and a button to send it all.

local MOST = 60 -- seconds that the plot shows

local P = {}

local panel ---@type table?
local about ---@type { stats: fun(): table, flush: fun(), most: fun(): integer }
local since = 0 -- events in this second
local history = {} ---@type integer[] events of each second

local function shown()
    local stats, most = about.stats(), about.most()
    return {
        queue = { value = stats.queued, max = most, text = ("%d of %d"):format(stats.queued, most) },
        sent = stats.sent,
        dropped = stats.dropped,
        failing = stats.failing and ("Not sent: %s"):format(stats.failing) or "",
        flush = { enabled = stats.queued > 0 },
    }
end

local function show()
    panel:update(shown())
end

--- An event came.
function P.counted()
    since = since + 1
end

local function beat()
    history[#history + 1], since = since, 0
    if #history > MOST then
        table.remove(history, 1)
    end
    panel:update({ events = { values = history } })
    show()
end

--- Show the panel.
---@param functions table what it asks and calls
function P.open(functions)
    about = functions
    local why
    panel, why = host.ui.panel({
        id = "analytics",
        title = "Analytics",
        children = {
            { kind = "meter", id = "queue", label = "Waiting" },
            { kind = "plot", id = "events", label = "Events each second", values = history, min = 0 },
            { kind = "value", id = "sent", label = "Sent", value = 0 },
            { kind = "value", id = "dropped", label = "Dropped", value = 0 },
            { kind = "button", id = "flush", text = "Send now", onClick = function()
                about.flush()
                show()
            end },
            { kind = "label", id = "failing", text = "" },
        },
    })
    if not panel then
        host.log.warn(("it shows no panel: %s"):format(why))
        return
    end
    show()
    host.every(1000, beat)
end

return P
