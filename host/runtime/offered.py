"""What a module finds when it runs: asked of a sandbox itself, so that nothing else has to know."""

from __future__ import annotations

from functools import cache
from typing import Final, cast

from host.runtime.codec import decode
from host.runtime.crossing import Requests
from host.runtime.inprocess import Runtime
from host.vocabulary.identity import ModuleKey
from host.vocabulary.manifest import Limits

_LOOKS: Final = b"""
local function looked(found, prefix, members, depth)
    for name, value in pairs(members) do
        if type(name) == "string" and value ~= _G then
            found[prefix .. name] = type(value)
            if type(value) == "table" and depth > 1 then
                looked(found, prefix .. name .. ".", value, depth - 1)
            end
        end
    end
    return found
end
return { getState = function() return looked({}, "", _G, 3) end }
"""


class _Alone:
    """Surroundings in which there is one file and nothing else."""

    def source(self, _path: str) -> bytes:
        return _LOOKS


@cache
def offered_names() -> dict[str, str]:
    """The type of each global, and of what is in those that are tables: ``string.format``, ``host.log.info``."""
    runtime = Runtime(ModuleKey("offered", "1"), 0, Limits(), cast("Requests", _Alone()))
    try:
        runtime.start("init.lua")
        return cast("dict[str, str]", decode(runtime.get_state()))
    finally:
        runtime.close()
