--- A resume that raises undoes nothing.
--- at: reload
--- expect: quiet

return { resume = function() error({}) end }
