"""HOOKED: who answers which event, in which order; knows handlers, not Lua."""
