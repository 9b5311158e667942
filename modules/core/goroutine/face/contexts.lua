--- Contexts: what tells jobs that they are no longer wanted.

local error = error

local LARGEST = 2 ^ 53

local goroutine, given, expecting, objects = ...
local native = given.native
local expect, expect_time = expecting.expect, expecting.expect_time
local asks, class, made, number_of = objects.asks, objects.class, objects.made, objects.number_of

local Context = class("context", {})
local context = Context.__index
context.err = asks(Context, "err")
context.cancel = asks(Context, "cancel")

function context:is_cancelled()
    return self:err() ~= nil
end

--- Milliseconds since the epoch, and true; nothing and false where there is none.
function context:deadline()
    local milliseconds = native("deadline", number_of(Context, self, 0, "deadline"))
    return milliseconds, milliseconds ~= nil
end

local function with_cancel(new)
    return new, function()
        return new:cancel()
    end
end

function context:with_cancel()
    return with_cancel(made(Context, nil, nil, "context", number_of(Context, self, 0, "with_cancel")))
end

function context:with_timeout(milliseconds)
    local number = number_of(Context, self, 0, "with_timeout")
    expect_time(milliseconds, 1, "with_timeout")
    return with_cancel(made(Context, nil, nil, "context", number, milliseconds))
end

---@param milliseconds number since the epoch
function context:with_deadline(milliseconds)
    local number = number_of(Context, self, 0, "with_deadline")
    expect("number", milliseconds, 1, "with_deadline")
    if not (milliseconds >= 0 and milliseconds <= LARGEST) then
        error("bad argument #1 to 'with_deadline' (milliseconds since the epoch expected)", 2)
    end
    return with_cancel(made(Context, nil, nil, "with_deadline", number, milliseconds))
end

--- Something that can be cancelled, and what does it.
function goroutine.context()
    return with_cancel(made(Context, nil, nil, "context"))
end

return { Context }
