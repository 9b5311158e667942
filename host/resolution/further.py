"""A swap is planned: with what is loaded as it is, or with the fewest further swaps that make it legal."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from host.discovery.repository import Repository
from host.resolution.least import LeastChange
from host.resolution.request import PATIENCE, Request, Wanted
from host.resolution.wording import further_needed
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.identity import CONTRACT_VERSION
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Plan


def plan_swap(
    repository: Repository,
    wanted: Wanted,
    loaded: Mapping[str, Manifest],
    *,
    host_version: str = CONTRACT_VERSION,
    patience: float = PATIENCE,
) -> Plan:
    """Plan other versions of what is wanted, while all else that is loaded keeps its own.

    Raises:
        ResolutionFailed: with ``further``, the smallest set of other loaded modules that would have to change along,
            and to which versions; without it there is no such set, and the refusal says why.
        SpecifierInvalid: a specifier does not parse.
    """
    request = Request.of(repository, wanted, loaded, host_version, patience)
    with suppress(ResolutionFailed):
        return request.plan(fixed=frozenset(request.staying))
    search = LeastChange(request)
    settled = search.smallest()
    if not settled:  # then this says why; or the time was too short, or it takes a pre-release, and there is a plan
        plan = request.plan()
        settled = search.settled(plan)
    further = {name: each.manifest.version for name, each in settled.items() if name in request.staying}
    if not further:
        return request.plan()
    own = {name: each.manifest.version for name, each in settled.items() if name not in further}
    raise further_needed(own, further, search.obstacles(settled, further))
