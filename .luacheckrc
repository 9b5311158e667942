-- Lua 5.1 on LuaJIT everywhere. A module's file may read what the host gives it, and may set no global.
std = "luajit"
max_line_length = 120
ignore = { "212/self" } -- each callback of a module is handed self, whether it needs it or not

local given = {
  "host",
  "require",
  "print",
  "scheduleEvent",
  "cycleEvent",
  "addEvent",
  "removeEvent",
  "connect",
  "disconnect",
  "signalcall",
}

files["modules/**/*.lua"] = { read_globals = given }
files["host/discovery/*.lua"] = { read_globals = given, globals = { "modules", "dofile", "dofiles" } }
files["host/engine/trials/*.lua"] = { read_globals = given } -- runs as a module
files["host/packages/annotations/*.lua"] = { -- tells an editor what there is; never run
  globals = { "debug", "os", "_G" },
  ignore = { "111", "112", "121", "131", "212", "241", "143" },
}
files["host/runtime/**/*.lua"] = { std = "luajit" }
