--- Queues what happens in the chat and sends it in batches; here, to a JSON-lines file.
---
--- Each event is sent once, in order. Its number says whether the file has it: a snapshot that was taken before a batch
--- went out (a swap, a restart, a crash) sends nothing twice.

local panel = require("panel")
local queue = require("queue")
local spool = require("spool")

local EVENTS = { "onMessageReceived", "onMessageSent", "onUserJoined", "onUserLeft" }

local seq = 0 ---@type integer of the newest numbered event; survives swaps
local numbering = false ---@type boolean whether the file could be asked how far it is
local sent = 0 ---@type integer events; survives swaps
local dropped = 0 ---@type integer events that found the queue full; survives swaps
local failures = 0 ---@type integer batches that could not be sent; survives swaps
local failing ---@type string? why the last batch was not sent; then only the timer tries again

local batch_size, flush_seconds, max_queue, stream = 20, 10, 5000, "analytics"
local timer ---@type { cancel: fun(): boolean }?

--- Ask the spool, which may be away while it is swapped: its answer, or nil and why not.
local function ask(call, ...)
    local ok, answer, why = pcall(call, ...)
    if not ok then
        return nil, answer
    end
    return answer, why
end

--- The number of the last event that the file has, 0 of an empty one.
local function newest_sent()
    local records, why = ask(spool.newest, stream, 1)
    if not records then
        return nil, why
    end
    return records[1] and tonumber(records[1].seq) or 0
end

local function failed(why)
    failures = failures + 1
    if not failing then
        host.log.warn(("%d events wait: %s"):format(queue.length(), tostring(why)))
    end
    failing = tostring(why)
    return nil, failing
end

local function succeeded(count)
    sent = sent + count
    if failing then
        failing = nil
        host.log.info("sending works again")
    end
end

--- Send batches while at least `least` events wait: how many events went, or nil and why not.
---@param least integer
local function send(least)
    local newest, why = newest_sent()
    if not newest then
        return failed(why)
    end
    queue.drop_to(newest)
    if not numbering then
        numbering, seq = true, queue.number(math.max(seq, newest))
    end
    local went = 0
    while queue.length() >= least do
        local batch = queue.take(batch_size)
        local written
        written, why = ask(spool.append, stream, batch)
        if not written then
            queue.put_back(batch)
            return failed(why)
        end
        succeeded(#batch)
        went = went + #batch
    end
    return went
end

local function take_in(event, data)
    panel.counted()
    if queue.length() >= max_queue then
        dropped = dropped + 1
        return
    end
    if numbering then
        seq = seq + 1
    end
    queue.add(numbering and seq or nil, event, data)
    if not failing and queue.length() >= batch_size then
        send(batch_size)
    end
end

local function flush()
    if queue.length() == 0 then
        return 0
    end
    return send(1)
end

local M = {}

-- Lifecycle

function M:init(config)
    self:configure(config)
    local newest = newest_sent()
    numbering, seq = newest ~= nil, newest or 0
    panel.open({
        stats = self.exports.stats,
        flush = flush,
        most = function()
            return max_queue
        end,
    })
end

function M:configure(config)
    batch_size = config.batchSize or batch_size
    flush_seconds = config.flushSeconds or flush_seconds
    max_queue = config.maxQueue or max_queue
    stream = config.stream or stream
    if timer then
        timer:cancel()
    end
    timer = host.every(flush_seconds * 1000, flush)
end

function M:cleanup()
    flush()
end

function M:getState()
    return { queue = queue.all(), seq = seq, sent = sent, dropped = dropped, failures = failures }
end

function M:setState(state)
    queue.adopt(state.queue or {})
    seq = math.max(seq, state.seq or 0)
    if numbering then
        seq = queue.number(seq)
    end
    sent, dropped, failures = state.sent or 0, state.dropped or 0, state.failures or 0
end

-- Hooks

M.hooks = {}

for _, event in ipairs(EVENTS) do
    M.hooks[event] = function(data)
        take_in(event, data)
    end
end

-- Exports

M.exports = {
    --- Send all that waits now: how many events went, or nil and why not.
    flush = flush,

    stats = function()
        return {
            queued = queue.length(),
            sent = sent,
            dropped = dropped,
            failures = failures,
            failing = failing,
        }
    end,
}

return M
