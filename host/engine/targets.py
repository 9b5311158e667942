"""What a swap is made of: targets for the pipeline, out of the versions, points and texts that are wanted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from host.discovery.bundle import Bundle, read_bundle, with_texts
from host.engine.aiming import aim
from host.engine.companions import Companions, Manifests, in_load_order
from host.engine.fitting import refuse_misfit
from host.engine.keeping import Keeping
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.past import Past
from host.engine.roster import Roster
from host.storage import Point
from host.swap.arrival import Arrival
from host.swap.change import Resort, Target
from host.swap.members import Member
from host.vocabulary.errors import HostError
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import PlanStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one module is to become.

    Attributes:
        bundle: its sources; as they lie on disk where it is absent.
        state: the last that it had, for a version that does not take the one of what runs.
        edit: makes another state of that of what runs; may refuse.
        point: of the history, where it goes back to one.
    """

    manifest: Manifest
    bundle: Bundle | None = None
    state: bytes | None = None
    edit: Callable[[bytes], bytes] | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Everything for one swap.

    Attributes:
        arrivals: what comes along.
        fits: all that would be loaded then.
    """

    targets: tuple[Target, ...]
    arrivals: tuple[Arrival, ...]
    fits: Manifests

    def in_order(self, members: Sequence[Member]) -> Sequence[Member]:
        """Those that take part, dependencies before dependents; targets are so already."""
        return in_load_order(members, self.fits) if self.arrivals else members

    @property
    def manifests(self) -> tuple[Manifest, ...]:
        return (*(each.manifest for each in self.targets), *(each.manifest for each in self.arrivals))


class Targets:
    """Makes targets; nothing is changed by it."""

    def __init__(
        self,
        library: Library,
        roster: Roster,
        loading: Loading,
        keeping: Keeping,
        past: Past,
        companions: Companions,
    ) -> None:
        self._library = library
        self._roster = roster
        self._loading = loading
        self._keeping = keeping
        self._past = past
        self._companions = companions

    async def to(self, versions: Mapping[str, str]) -> Made:
        """What a swap to versions would be made of.

        Raises:
            ResolutionFailed: no choice of versions will do.
            ModuleUnknown: one is not loaded.
        """
        for name in versions:
            self._roster.get(name)
        found = await aim(self._library, self._roster.manifests, versions)
        return await self.of([Wanted(manifest=each) for each in found.manifests], found.needed)

    async def of(
        self,
        wanted: Sequence[Wanted],
        needed: Sequence[PlanStep] = (),
        beside: Manifests | None = None,
        *,
        mending: bool = False,
    ) -> Made:
        """Make them.

        Args:
            wanted: of each module; in load order.
            needed: what comes along.
            beside: what they must fit, where that is not what is loaded now.
            mending: whether what runs need not give its state, as the last that was kept will do.

        Raises:
            LoadFailed: a configuration cannot be made.
            HostError: what is to come along has gone from disk since.
        """
        coming = self._companions.manifests(needed)
        fits = {
            **(beside or self._roster.manifests),
            **{each.manifest.name: each.manifest for each in wanted},
            **coming,
        }
        arrivals = await self._companions.arrivals(coming, fits)
        resorts = await self._resorts([each.manifest.name for each in wanted]) if mending else {}
        targets = [await self._target(each, fits, resorts.get(each.manifest.name)) for each in wanted]
        return Made(targets=tuple(targets), arrivals=tuple(arrivals), fits=fits)

    async def earlier(self, name: str, to: int | None = None) -> Wanted:
        """What a roll-back of a loaded module brings back; as :meth:`Past.earlier`."""
        found = await self._past.earlier(name, to)
        return Wanted(manifest=found.manifest, bundle=found.bundle, state=found.state, point=found.point)

    def scratch(self, name: str, texts: Mapping[str, str]) -> Wanted:
        """A loaded module with other texts for some of its files.

        Raises:
            ModuleUnknown: it is not loaded.
            HostError: it has no such file, or runs with these texts already.
        """
        old = self._roster.get(name)
        bundle = with_texts(old.bundle, old.manifest, texts)
        if bundle.digest == old.bundle.digest:
            raise HostError(f"{name} runs with these texts already; nothing was changed")
        return Wanted(manifest=old.manifest, bundle=bundle)

    async def _resorts(self, names: Sequence[str]) -> dict[str, Resort]:
        """What each of some modules had last, for one that does not give its state."""
        kept = await self._keeping.checkpoints.of(frozenset(names))
        found = {name: Resort(state=(each.state, each.version), at=each.at) for name, each in kept.items()}
        return {name: found.get(name, Resort()) for name in names}

    async def _target(self, wanted: Wanted, fits: Manifests, resort: Resort | None) -> Target:
        manifest = wanted.manifest
        return Target(
            old=self._roster.get(manifest.name),
            manifest=manifest,
            bundle=partial(_bundle, wanted),
            config=await self._loading.configuration(manifest),
            check=partial(refuse_misfit, manifest, fits.values()),
            fallback=None if wanted.state is None else (wanted.state, manifest.version),
            resort=resort,
            edit=wanted.edit,
        )


def _bundle(wanted: Wanted) -> Bundle:
    return read_bundle(wanted.manifest) if wanted.bundle is None else wanted.bundle
