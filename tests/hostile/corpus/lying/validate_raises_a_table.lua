--- A validate that raises a table.
--- at: reload
--- expect: SwapFailed
--- says: a table

return { validate = function() error({}) end }
