--- Hooks that change while they are registered.
--- at: event
--- expect: quiet

local hooks = {}
hooks.go = function()
    hooks.go = error
end
return { hooks = hooks }
