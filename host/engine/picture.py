"""Pictures of the host: made when they are asked for, from what stands."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Final

from host.engine.access import Access
from host.engine.casualties import FATAL, Casualties
from host.engine.chronicle import Chronicle
from host.engine.inspection import beside
from host.engine.library import Library
from host.engine.loading import Loading
from host.engine.probing import Probing
from host.engine.quarantining import remedy
from host.engine.reloading import Reloading
from host.engine.roster import Roster
from host.lifecycle.instance import Instance
from host.resolution.relations import needs_of
from host.vocabulary.clock import clock
from host.vocabulary.folders import data_option
from host.vocabulary.identity import HOST_VERSION
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Status
from host.vocabulary.views import Changes, EngineView, ModuleView, ProblemView, Snapshot, VersionView

STATISTICS_EVERY: Final = 1.0
"""Seconds between two looks at counters, while anybody asks."""


class Picture:
    """Makes views of modules, of the engine, of all."""

    def __init__(
        self,
        library: Library,
        roster: Roster,
        loading: Loading,
        casualties: Casualties,
        reloading: Reloading,
        probing: Probing,
        access: Access,
        chronicle: Chronicle,
    ) -> None:
        self._library = library
        self._roster = roster
        self._loading = loading
        self._casualties = casualties
        self._reloading = reloading
        self._probing = probing
        self._access = access
        self._chronicle = chronicle
        self._started = time.time()
        self._counted_at = time.monotonic()
        self._counted: dict[int, tuple[float, int, int]] = {}
        self._rates: dict[int, tuple[float, int]] = {}

    def snapshot(self) -> Snapshot:
        """All of it, with what each module says of its health now."""
        self._count()
        self._probing.look_at_all()
        needed_by = self._needed_by()
        return Snapshot(
            revision=self._chronicle.revision,
            engine=self.engine(),
            modules={name: self.module(name, needed_by) for name in sorted(self._known())},
            problems=self._chronicle.problems,
        )

    def changes(self, since: int) -> Changes:
        """What is newer than a revision; all, where that is 0 or not of this run."""
        if self._count():
            self._probing.look_at_all()
        chronicle, needed_by = self._chronicle, self._needed_by()
        complete = since <= 0 or since > chronicle.revision
        since = 0 if complete else since
        known = self._known()
        names = known if complete else {name for name, at in chronicle.touched.items() if at > since} & known
        return Changes(
            revision=chronicle.revision,
            complete=complete,
            engine=self.engine(),
            modules=tuple(self.module(name, needed_by) for name in sorted(names)),
            gone=tuple(sorted(name for name, at in chronicle.gone.items() if at > since and name not in known)),
            problems=chronicle.problems if complete or chronicle.problems_at > since else None,
            events=chronicle.events_since(since),
            log=chronicle.log_since(since),
        )

    def _known(self) -> set[str]:
        """All that lies on disk, and what runs on though its files are gone."""
        return {*self._library.names, *self._roster.active}

    def engine(self) -> EngineView:
        return EngineView(
            pid=os.getpid(),
            started=self._started,
            version=HOST_VERSION,
            data=str(self._roster.data),
            memory=_resident(),
            lua_ms_per_s=self._lua_ms_per_s(),
            watch=self._reloading.view(),
            last_death=self._casualties.last_death,
            left_out=self._casualties.left_out,
            gaps=self._chronicle.gaps,
        )

    def _lua_ms_per_s(self) -> float:
        """Of all modules; those that share the engine's thread have no more than its time, whatever samples say."""
        shared = apart = 0.0
        for instance in self._roster.active.values():
            rate, _ = self._rates.get(instance.serial, (0.0, 0))
            if instance.runtime.pid:
                apart += rate
            else:
                shared += rate
        return min(shared, 1000.0) + apart

    def module(self, name: str, needed_by: Mapping[str, list[str]]) -> ModuleView:
        """One module, loaded or not."""
        instance = self._roster.serving(name)
        return self._found(name) if instance is None else self._loaded(instance, tuple(needed_by.get(name, ())))

    def _needed_by(self) -> dict[str, list[str]]:
        """Names of the active modules that need each module, in one pass."""
        found: dict[str, list[str]] = {}
        for name, instance in self._roster.active.items():
            for need in instance.manifest.dependencies:
                found.setdefault(need, []).append(name)
        return found

    def _loaded(self, instance: Instance, needed_by: tuple[str, ...]) -> ModuleView:
        manifest, name, refused = instance.manifest, instance.name, self._refused(instance.name)
        rate, calls = self._rates.get(instance.serial, (0.0, 0))
        kinds, quarantined = instance.ledger, instance.status is Status.QUARANTINED
        back = self._roster.trail.back(name)
        active = self._roster.active
        health, detail = instance.health or (None, "")
        return ModuleView(
            name=name,
            tier=manifest.tier.value,
            version=instance.version,
            status=instance.status,
            reason=self._reason(instance),
            next_step=remedy(name, data_option(self._roster.data), back=back is not None)
            if quarantined
            else refused.remedy
            if refused is not None
            else "",
            truth=self._truth(instance),
            since=instance.since,
            summary=manifest.summary,
            path=str(manifest.folder),
            versions=self._versions(name),
            needs=tuple(sorted(needs_of(manifest, active))),
            needed_by=needed_by,
            autoload=manifest.autoload,
            locked=self._library.locks.get(name, ""),
            watched=manifest.reloadable and self._reloading.watches(name),
            reloadable=manifest.reloadable,
            unsaved=tuple(instance.unsaved),
            rollback_to=_rollback_to(instance, back.version, self._roster.trail.until(name, back)) if back else "",
            hooks=len(kinds.of("hook")),
            timers=len(kinds.of("timer")),
            tasks=len(instance.tasks),
            exports=len(kinds.of("export")),
            calls=calls,
            faults=instance.faults,
            ms_per_s=rate,
            memory=instance.runtime.memory,
            memory_beside=int(sum(each.used for each in beside(instance))),
            order=instance.rank,
            isolated=instance.runtime.pid != 0,
            pid=instance.runtime.pid,
            process_memory=instance.runtime.process_memory(),
            limited=instance.quota.hits.total(),
            health=health,
            health_detail=detail,
            access=self._access.rows(manifest),
            panels=instance.panels.briefs,
        )

    def _found(self, name: str) -> ModuleView:
        newest = self._library.repository.newest(name)
        failure = self._loading.failures.get(name)
        refused = [each for each in self._library.repository.refused if each.name == name]
        status, reason, next_step = Status.FOUND, "not loaded", "Load it."
        if name in self._casualties.left_out:
            reason = f"left out: the engine died {FATAL} times while it ran"
            next_step = "Load it to try again."
        elif failure is not None:
            status, reason, next_step = Status.FAILED, failure.reason, failure.remedy
        elif newest is None and refused:
            status, reason, next_step = Status.FAILED, str(refused[0].problems[0]), "Mend the manifest."
        tier = newest.tier if newest else refused[0].tier if refused else ""
        return ModuleView(
            name=name,
            tier=str(tier),
            version=failure.version if failure else newest.version if newest else "",
            status=status,
            reason=reason,
            next_step=next_step,
            truth=f"Not running: {reason}",
            since=failure.at if failure else 0.0,
            summary=newest.summary if newest else "",
            path=str(newest.folder if newest else refused[0].folder if refused else ""),
            versions=self._versions(name),
            needs=tuple(newest.dependencies) if newest else (),
            needed_by=(),
            autoload=newest.autoload if newest else False,
            locked=self._library.locks.get(name, ""),
            reloadable=newest.reloadable if newest else True,
            access=self._access.rows(newest) if newest else (),
        )

    def _versions(self, name: str) -> tuple[VersionView, ...]:
        repository = self._library.repository
        good = [VersionView(version=each.version, path=str(each.folder)) for each in repository.versions(name)]
        bad = [
            VersionView(version=each.version, path=str(each.folder), problems=tuple(map(str, each.problems)))
            for each in repository.refused
            if each.name == name
        ]
        return (*good, *bad)

    def _refused(self, name: str) -> ProblemView | None:
        """What is wrong with the newest save."""
        return next((each for each in self._chronicle.problems if each.id == f"reload:{name}"), None)

    def _reason(self, instance: Instance) -> str:
        if instance.faults:
            count = f"{instance.faults} fault{'s' if instance.faults != 1 else ''}"
            return f"{count} since it was loaded; the last: {instance.last_fault}"
        return "asked for" if instance.name in self._roster.requested else "loaded because another module needed it"

    def _truth(self, instance: Instance) -> str:
        """What runs now, since when, and why not the newest."""
        quarantined = instance.status is Status.QUARANTINED
        verb = "Quarantined, hooks and timers are off:" if quarantined else "Running"
        parts = [f"{verb} {instance.version} from {clock(instance.since)}"]
        if instance.runtime.pid:
            parts.append("in a process of its own")
        if instance.probation_until:
            parts.append(f"on probation until {clock(instance.probation_until)}")
        if instance.unsaved:
            parts.append(f"{', '.join(instance.unsaved)} runs as it was typed, and not as it lies on disk")
        newest: Manifest | None = self._library.repository.newest(instance.name)
        if refused := self._refused(instance.name):
            mistake = f"has a mistake on line {refused.line}" if refused.line else "was refused"
            parts.append(f"the newest save {mistake}")
        elif self._library.repository.at(instance.manifest.folder) is None:
            parts.append("its files are gone from disk")
        elif instance.superseded:
            parts.append("rolled back, and a newer save lies on disk")
        elif newest is not None and newest.version != instance.version:
            parts.append(f"{newest.version} is there too")
        if self._reloading.unwatched(instance.name):
            parts.append("saves of it are not taken in")
        return "; ".join(parts)

    def _count(self) -> bool:
        """Look at the counters, if it is time to; modules that did something look different afterwards."""
        now = time.monotonic()
        elapsed = now - self._counted_at
        if elapsed < STATISTICS_EVERY:
            return False
        self._counted_at = now
        counted: dict[int, tuple[float, int, int]] = {}
        for name, instance in self._roster.active.items():
            busy = instance.busy + sum(each.timing.total for each in instance.handlers.values())
            calls = sum(instance.meter(number)[0] for number in instance.ledger.numbers)
            memory = instance.runtime.memory
            before = self._counted.get(instance.serial)
            counted[instance.serial] = (busy, calls, memory)
            rate = (busy - before[0]) / elapsed * 1000 if before else 0.0
            idle = before is not None and before[1] == calls and self._rates.get(instance.serial) == (rate, calls)
            self._rates[instance.serial] = (rate, calls)
            if not idle:
                self._chronicle.touch(name)
        self._counted = counted
        self._rates = {serial: rate for serial, rate in self._rates.items() if serial in counted}
        return True


def _rollback_to(instance: Instance, version: str, until: float) -> str:
    return version if version != instance.version else f"{version} of {clock(until)}"


def _resident() -> int:
    """Bytes of memory that the process holds; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as status:  # noqa: PTH123 - asked for each picture, and opens no path object
            return int(status.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:  # not Linux
        return 0
