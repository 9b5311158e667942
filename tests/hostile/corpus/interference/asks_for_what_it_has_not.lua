--- Rights that nobody gave.
--- at: call
--- expect: contained

local M = { permissions = { ["fs.read"] = { "/**" } }, isolation = "none" }
M.exports = { f = function() return host.native == nil and "contained" end }
return M
