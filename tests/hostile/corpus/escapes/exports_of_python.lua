--- Exports by names that mean something in Python: they are keys and no attributes.
--- at: call
--- expect: contained

return { exports = {
    f = function() return "contained" end,
    __class__ = print, __dict__ = print, ["f.__globals__"] = print, [""] = print, ["\255\254"] = print, pop = print,
} }
