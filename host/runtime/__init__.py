"""LOADED: a module's Lua, in a runtime of its own, within its limits; the only importer of lupa."""
