"""The parts of a running host, put together in the order in which they need each other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from host.discovery.repository import Repository
from host.engine.access import Access
from host.engine.aftermath import Aftermath
from host.engine.casualties import Casualties
from host.engine.chronicle import Chronicle
from host.engine.companions import Companions
from host.engine.faulting import Faulting
from host.engine.granting import Granting
from host.engine.grounds import Grounds
from host.engine.handling import Handling
from host.engine.inspection import Inspection
from host.engine.isolating import Isolating
from host.engine.keeping import Keeping
from host.engine.last_swaps import LastSwaps
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.past import Past
from host.engine.picture import Picture
from host.engine.probations import Probations
from host.engine.probing import Probing
from host.engine.profiling import Profiling
from host.engine.pulse import Pulse
from host.engine.quarantining import Patience, Quarantining
from host.engine.refitting import Refitting
from host.engine.reloading import Reloading
from host.engine.resettling import Resettling
from host.engine.restarting import Restarting
from host.engine.roster import Roster
from host.engine.showing import Showing
from host.engine.swapping import Swapping
from host.engine.targets import Targets
from host.lifecycle.instance import Instance
from host.lifecycle.judge import Judge
from host.runtime.making import Runtimes
from host.vocabulary.marker import MarkerReading
from host.vocabulary.views import AuditRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a running host is made of.

    Attributes:
        changing: held by whoever loads, swaps or unloads: one at a time.
        died: how the engine before ended, where it did not end cleanly.
    """

    chronicle: Chronicle
    access: Access
    granting: Granting
    isolating: Isolating
    roster: Roster
    library: Library
    keeping: Keeping
    past: Past
    casualties: Casualties
    probations: Probations
    quarantining: Quarantining
    loading: Loading
    restarting: Restarting
    targets: Targets
    swapping: Swapping
    refitting: Refitting
    resettling: Resettling
    reloading: Reloading
    inspection: Inspection
    handling: Handling
    profiling: Profiling
    probing: Probing
    judge: Judge
    showing: Showing
    pulse: Pulse
    picture: Picture
    changing: asyncio.Lock
    died: MarkerReading | None

    @classmethod
    def open(cls, repository: Repository, data: Path, chronicle: Chronicle, patience: Patience | None) -> Self:
        """Open the data folder; nothing is loaded yet.

        Raises:
            HostBusy: another host holds the data folder.
        """
        grounds = Grounds(data)
        changing = asyncio.Lock()

        def goes_back(name: str) -> bool:
            return roster.trail.back(name) is not None

        faulting = Faulting(chronicle, goes_back=goes_back)
        probations = Probations(lambda: roster.dispatch, chronicle)
        quarantining = Quarantining(patience, chronicle, data, goes_back=goes_back)

        def counted(instance: Instance, *, asked: bool) -> None:
            if not probations.faulted(instance) and not asked:
                quarantining.faulted(instance)

        def ended(instance: Instance) -> None:
            probations.ended(instance)
            restarting.ended(instance)

        def painted(module: str, *, anew: bool) -> None:
            if anew:
                chronicle.touch(module)
            showing.wake()

        def kept(rows: Sequence[AuditRow]) -> None:
            keeping.audit(rows)

        access = Access(data, repository.roots, grounds.store.grants.all(), kept, chronicle)
        isolating = Isolating(grounds.store.origins.versions(), grounds.store.isolations.all())
        runtimes = Runtimes(isolating, asyncio.get_running_loop())
        roster = Roster(grounds.marker, chronicle.log, faulting.faulted, counted, ended, runtimes, data, access.gate)
        roster.panel_changed = painted
        showing = Showing(roster)
        library = Library(repository, chronicle, grounds.store.version_locks.all())
        keeping = Keeping(grounds, roster, chronicle)
        granting = Granting(access, library, roster, keeping, chronicle)
        casualties = Casualties(keeping.store, chronicle, data)
        last_swaps = LastSwaps()
        past = Past(library, roster, keeping, last_swaps)
        judge = Judge()
        loading = Loading(library, roster, keeping, past, probations, judge, chronicle)
        restarting = Restarting(roster, loading, keeping, quarantining, probations, chronicle, changing)
        aftermath = Aftermath(roster, keeping, chronicle, probations, last_swaps)
        companions = Companions(library, roster, loading, keeping)
        targets = Targets(library, roster, loading, keeping, past, companions)
        swapping = Swapping(library, roster, loading, keeping, aftermath, probations, companions, targets)
        refitting = Refitting(keeping, swapping, judge, chronicle)
        reloading = Reloading(repository.roots, library, roster, swapping, refitting, chronicle, changing)
        probing = Probing(roster, chronicle)
        return cls(
            chronicle=chronicle,
            access=access,
            granting=granting,
            isolating=isolating,
            roster=roster,
            library=library,
            keeping=keeping,
            past=past,
            casualties=casualties,
            probations=probations,
            quarantining=quarantining,
            loading=loading,
            restarting=restarting,
            targets=targets,
            swapping=swapping,
            refitting=refitting,
            resettling=Resettling(isolating, keeping, library, roster, swapping),
            reloading=reloading,
            inspection=Inspection(roster, last_swaps),
            handling=Handling(roster, chronicle),
            profiling=Profiling(roster),
            probing=probing,
            judge=judge,
            showing=showing,
            pulse=Pulse(grounds.marker.entered, chronicle),
            picture=Picture(library, roster, loading, casualties, reloading, probing, access, chronicle),
            changing=changing,
            died=grounds.died,
        )
