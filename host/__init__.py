"""Theseus: a desktop host for Lua modules that are replaced while the program runs."""
