--- An entry file that returns nothing.
--- at: load
--- expect: LoadFailed
--- says: returned nothing

local _ = 1
