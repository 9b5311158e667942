"""From what was asked to a plan: versions chosen, in load order."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Final

from host.discovery.repository import Repository
from host.resolution.least import LeastChange
from host.resolution.request import PATIENCE, Request, Wanted
from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.identity import CONTRACT_VERSION
from host.vocabulary.manifest import Manifest
from host.vocabulary.views import Plan

_NOTHING: Final[Mapping[str, Manifest]] = MappingProxyType({})


def resolve(
    repository: Repository,
    wanted: Wanted,
    *,
    loaded: Mapping[str, Manifest] = _NOTHING,
    upgrade: bool = False,
    host_version: str = CONTRACT_VERSION,
    patience: float = PATIENCE,
) -> Plan:
    """Choose versions for what is wanted and all that it needs.

    The newest that fits is taken, and pre-releases where they are asked for. What is loaded stays as it is where a plan
    allows that, asked for or not; where not, as few as can be change, and they are part of the plan.

    Args:
        repository: all that may be chosen.
        wanted: names and specifiers (``""`` and ``"*"`` are any version).
        loaded: manifests of what runs, by name.
        upgrade: prefer the newest versions of what is wanted and of what it needs to those that run.
        host_version: of the contract for module authors.
        patience: seconds that the search may take.

    Returns:
        The wanted modules and what they need, loaded or not, and loaded ones that must change; dependencies first.

    Raises:
        ResolutionFailed: there is no such choice.
        SpecifierInvalid: a specifier does not parse.
    """
    request = Request.of(repository, wanted, loaded, host_version, patience)
    if upgrade and loaded:
        return request.upgraded()
    if request.keeping:
        # Where what is loaded stands in the way, the search below may move it, and words the refusal.
        with suppress(ResolutionFailed):
            return request.plan(fixed=request.keeping)
    return _changing_less(request, request.plan())


def _changing_less(request: Request, plan: Plan) -> Plan:
    """The plan that changes the fewest of what is loaded; the given one where there is no time to look for it."""
    moved = request.moved(plan)
    if len(moved) > 1 and (settled := LeastChange(request).smallest(below=len(moved))):
        with suppress(ResolutionFailed):
            changed = {name for name, each in settled.items() if not each.loaded}
            fewer = request.plan(fixed=request.keeping - changed)
            return min(fewer, plan, key=lambda each: len(request.moved(each)))
    return plan
