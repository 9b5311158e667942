"""Laws of what runs: after any load, upgrade or swap it holds together, and it is what the plan said; or as before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, NamedTuple

from hypothesis import event, given, settings
from hypothesis import strategies as st

from host import Host, HostError
from host.vocabulary.manifest import Manifest
from tests.engine.place import Place
from tests.laws.small_graphs import FINAL, NAMES, TIES, holds, in_range, tied


class Ask(NamedTuple):
    """What a user asks of a running host."""

    kind: Literal["load", "upgrade", "swap", "unload"]
    wanted: dict[str, str]


SPECIFIERS = st.sampled_from([*TIES, *(f"=={version}" for version in FINAL)])
ASKS = st.builds(
    Ask,
    st.sampled_from(("load", "load", "upgrade", "swap", "unload")),
    st.dictionaries(st.sampled_from(NAMES[:4]), SPECIFIERS, min_size=1, max_size=2),
)


def write(place: Place, manifest: Manifest) -> None:
    needs = [
        f'{name} = {{ version = "{need.specifier}", optional = {str(need.optional).lower()} }}\n'
        for name, need in manifest.dependencies.items()
    ]
    conflicts = [f'{name} = "{specifier}"\n' for name, specifier in manifest.conflicts.items()]
    more = "".join(["[dependencies]\n", *needs, "[conflicts]\n", *conflicts])
    place.module(manifest.name, "return {}", manifest.version, more=more, folder=manifest.version)


@settings(max_examples=40, deadline=None)
@given(tied(), st.lists(ASKS, min_size=1, max_size=6))
def test_what_runs_holds_together_and_is_what_the_plan_said(manifests: list[Manifest], asks: list[Ask]) -> None:
    with TemporaryDirectory() as folder:
        place = Place(Path(folder))
        for manifest in manifests:
            write(place, manifest)
        asyncio.run(_answered(place, asks))


async def _answered(place: Place, asks: Sequence[Ask]) -> None:
    async with place.host() as host:
        for ask in asks:
            before = _running(host)
            try:
                expected = await _done(host, ask)
            except HostError:
                expected = before
                event(f"{ask.kind} refused")
            else:
                event(f"{ask.kind} done")
            assert _running(host) == expected
            assert holds(host.parts.roster.manifests, {})


async def _done(host: Host, ask: Ask) -> dict[str, str]:
    """Do it; gives what should run then."""
    before = _running(host)
    match ask.kind:
        case "load" | "upgrade":
            upgrade = ask.kind == "upgrade"
            planned = await host.resolve(ask.wanted, upgrade=upgrade)
            plan = await host.load_all(ask.wanted, upgrade=upgrade)
            assert plan == planned
            if any(step.replaces for step in plan.order) and any(step.name not in before for step in plan.order):
                event("swaps and loads at once")
            return before | {step.name: step.version for step in plan.order}
        case "swap":
            await host.swap(ask.wanted)
            now, manifests = _running(host), host.parts.roster.manifests
            assert all(in_range(specifier, manifests[name]) for name, specifier in ask.wanted.items())
            assert now.items() >= {name: version for name, version in before.items() if name not in ask.wanted}.items()
            return now
        case "unload":
            gone = await host.unload(next(iter(ask.wanted)), cascade=True)
            return {name: version for name, version in before.items() if name not in gone}


def _running(host: Host) -> dict[str, str]:
    return {name: manifest.version for name, manifest in host.parts.roster.manifests.items()}
