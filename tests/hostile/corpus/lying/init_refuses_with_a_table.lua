--- A refusal whose reason is no text.
--- at: load
--- expect: LoadFailed
--- says: it gave no reason

return { init = function() return false, {} end }
