"""A module's settings as they are asked for and judged before they are set."""

from __future__ import annotations

from collections.abc import Mapping

from host.discovery.config_schema import read_config_schema
from host.engine.parts import Parts
from host.lifecycle.configuration import effective
from host.vocabulary.errors import HostError
from host.vocabulary.settings import SettingFault
from host.vocabulary.views import PlainData


async def settings_of(parts: Parts, name: str) -> dict[str, PlainData]:
    """The schema of a loaded module, ``None`` where it has none, and what the user set, without defaults.

    Raises:
        ModuleUnknown: it is not loaded.
        HostError: its schema cannot be read.
    """
    schema, problems = read_config_schema(parts.roster.get(name).manifest.folder)
    if problems:
        raise HostError(f"the settings of {name} cannot be shown: {problems[0]}; mend the schema and save it")
    return {"schema": schema, "settings": await parts.keeping.settings(name) or {}}


async def judged(parts: Parts, name: str, settings: PlainData) -> tuple[SettingFault, ...]:
    """What the schema of a loaded module has against settings; nothing is changed.

    Raises:
        ModuleUnknown: it is not loaded.
    """
    schema, problems = read_config_schema(parts.roster.get(name).manifest.folder)
    if problems:
        return (SettingFault(path=(), message=str(problems[0])),)
    if not isinstance(settings, Mapping):
        return (SettingFault(path=(), message="settings are an object, as in {}"),)
    return await parts.judge.faults(schema, effective(schema, settings))
