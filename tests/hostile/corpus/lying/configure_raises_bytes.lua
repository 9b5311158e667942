--- A configure that raises bytes that are no text.
--- at: configure
--- expect: LoadFailed

return { configure = function() error("\255\254\0", 0) end }
