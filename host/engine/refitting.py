"""A running module's configuration: set by the user, and looked at again when its schema was saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from host.discovery.config_schema import SCHEMA_NAME, read_config_schema
from host.engine.chronicle import Chronicle
from host.engine.keeping import Keeping
from host.engine.swapping import Swapping
from host.lifecycle.bring_up import reconfigure
from host.lifecycle.configuration import ConfigurationInvalid, effective, kept
from host.lifecycle.instance import Instance
from host.lifecycle.judge import Judge
from host.vocabulary.errors import HostError, LoadFailed, SwapFailed
from host.vocabulary.views import ProblemView, Severity


class Refitting:
    """Hands a configuration over that came out otherwise; one that fits no longer changes nothing and is told."""

    def __init__(self, keeping: Keeping, swapping: Swapping, judge: Judge, chronicle: Chronicle) -> None:
        self._keeping = keeping
        self._swapping = swapping
        self._judge = judge
        self._chronicle = chronicle

    async def configure(self, instance: Instance, settings: Mapping[str, Any]) -> None:
        """Give a module new settings while it runs: by its ``configure``, or by a reload where it has none.

        Raises:
            ConfigurationInvalid: its schema refuses them, or cannot be used; or they are no JSON.
            LoadFailed: ``configure`` refused them or failed.
            SwapFailed: the reload was taken back.
            The settings before are kept in each case.
        """
        name = instance.name
        schema, problems = read_config_schema(instance.manifest.folder)
        if problems:
            raise ConfigurationInvalid(name, problems[0].where, f"{problems[0].message}; mend it first")
        settings = kept(name, settings)
        config = effective(schema, settings)
        await self._judge.check(name, schema, config)
        before = await self._keeping.settings(name)
        self._keeping.configure(name, settings)  # a reload reads what is kept
        try:
            await self._take(instance, config)
        except HostError:
            self._keeping.configure(name, before or {})
            raise
        self._chronicle.settled(f"config:{name}")

    async def look(self, instance: Instance) -> None:
        """Check what the user set by the schema as it now lies there, and take new defaults in."""
        name = instance.name
        schema, problems = read_config_schema(instance.manifest.folder)
        if problems:
            self._tell(instance, f"the schema of {name} cannot be used: {problems[0]}", problems[0].line)
            return
        settings = await self._keeping.settings(name)
        config = effective(schema, settings)
        try:
            if settings:
                await self._judge.check(name, schema, config)
            if config != instance.config:
                await self._take(instance, config)
        except ConfigurationInvalid as misfit:
            self._tell(instance, f"what is configured for {name} fits no longer at {misfit.path}: {misfit.reason}")
        except LoadFailed as refusal:
            self._tell(instance, f"{name} refused the configuration by its new schema: {refusal.reason}")
        except SwapFailed:  # told as an event and a problem where it was refused
            return
        else:
            self._chronicle.settled(f"config:{name}")

    async def _take(self, instance: Instance, config: Mapping[str, Any]) -> None:
        if not reconfigure(instance, config):
            await self._swapping.reload([instance.manifest])

    def _tell(self, instance: Instance, reason: str, line: int = 0) -> None:
        self._chronicle.stands(
            ProblemView(
                id=f"config:{instance.name}",
                severity=Severity.WARNING,
                message=f"{reason}; it runs on as it was configured",
                module=instance.name,
                file=str(instance.manifest.folder / SCHEMA_NAME),
                line=line,
                remedy="Mend the schema and save it, or configure the module anew.",
            )
        )
