"""What comes along with a swap because a new version needs it, and goes again when that version does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from host.discovery.bundle import read_bundle
from host.engine.fitting import refuse_misfit
from host.engine.keeping import Keeping
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.resolution.order import in_order
from host.resolution.relations import edges_of
from host.swap.arrival import Arrival
from host.swap.members import Member
from host.vocabulary.errors import ModuleFault
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import PlanStep

Manifests = Mapping[str, Manifest]


class Companions:
    """Makes the arrivals of a swap; takes down what came so, and is of no more use."""

    def __init__(self, library: Library, roster: Roster, loading: Loading, keeping: Keeping) -> None:
        self._library = library
        self._roster = roster
        self._loading = loading
        self._keeping = keeping

    def manifests(self, needed: Iterable[PlanStep]) -> dict[str, Manifest]:
        """Those of a plan that are not loaded.

        Raises:
            HostError: one has gone from disk since.
        """
        return {step.name: self._library.at(Path(step.path)) for step in needed if step.name not in self._roster.active}

    async def arrivals(self, coming: Manifests, fits: Manifests) -> list[Arrival]:
        """Have modules come along, with their last checkpoints.

        Args:
            coming: what is to come.
            fits: all that would be loaded then.

        Raises:
            LoadFailed: a configuration cannot be made.
        """
        kept = await self._keeping.checkpoints.of(frozenset(coming))
        states = {name: (each.state, each.version) for name, each in kept.items()}
        return [
            Arrival(
                manifest=manifest,
                bundle=partial(read_bundle, manifest),
                config=await self._loading.configuration(manifest),
                fits=partial(refuse_misfit, manifest, fits.values()),
                exchange=self._roster,
                checkpoint=states.get(name),
            )
            for name, manifest in coming.items()
        ]

    def arrived(self, instances: Iterable[Instance]) -> None:
        """Tell and keep that modules came along."""
        for instance in instances:
            instance.along = True
            self._loading.came_up(instance, fresh=False)

    def part(self, gone: Iterable[Manifest]) -> tuple[Arrival, ...]:
        """Take down what came along with versions that are gone, unless it was asked for or another needs it by now.

        Returns:
            How they come back, with code, state and configuration.
        """
        parted: list[Arrival] = []
        useless = {name for manifest in gone for name in manifest.dependencies}
        while leaving := [each for each in self._roster.active.values() if each.name in useless and self._idle(each)]:
            for instance in leaving:
                useless |= instance.manifest.dependencies.keys()
                parted.insert(0, self._returning(instance))
                self._loading.take_down(instance)
        return tuple(parted)

    def again(self, parted: Iterable[Arrival], fits: Manifests) -> list[Arrival]:
        """Have come back what parted, where it has not been loaded since."""
        return [
            replace(each, fits=partial(refuse_misfit, each.manifest, fits.values()))
            for each in parted
            if each.key.name not in self._roster.active
        ]

    def _idle(self, instance: Instance) -> bool:
        name = instance.name
        needed = any(name in each.manifest.dependencies for each in self._roster.active.values())
        return instance.along and name not in self._roster.requested and not needed

    def _returning(self, instance: Instance) -> Arrival:
        bundle = instance.bundle
        try:
            state = instance.state()
        except ModuleFault:  # told as it is taken down
            state = None
        return Arrival(
            manifest=instance.manifest,
            bundle=lambda: bundle,
            config=instance.config,
            fits=partial(refuse_misfit, instance.manifest, ()),
            exchange=self._roster,
            checkpoint=None if state is None else (state, instance.version),
        )


def in_load_order(members: Sequence[Member], fits: Manifests) -> list[Member]:
    """Members of a swap, dependencies before dependents among all that would be loaded then."""
    ordered = in_order(edges_of(fits.values()))
    places = {name: place for place, name in enumerate((*ordered.names, *sorted(ordered.rest)))}
    return sorted(members, key=lambda each: places[each.key.name])
