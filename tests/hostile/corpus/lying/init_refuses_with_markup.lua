--- A refusal with markup, colours and lines: they are shown as text.
--- at: load
--- expect: LoadFailed
--- says: <b>no</b>

return { init = function() return false, "<b>no</b>\n\27[31mred\r\n\7" end }
