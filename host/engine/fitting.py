"""Whether a version fits beside what is loaded; asked where no plan can be made, as its files may be gone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from host.vocabulary.constraint import parse_constraint
from host.vocabulary.errors import HostError
from host.vocabulary.manifest import Manifest
from host.vocabulary.version import parse_version


def refuse_misfit(manifest: Manifest, loaded: Iterable[Manifest]) -> None:
    """Refuse a version that a loaded module does not take, or that does not take a loaded one.

    Raises:
        HostError: the first reason, without a final stop.
    """
    for other in loaded:
        if other.name != manifest.name:
            for one, another in ((other, manifest), (manifest, other)):
                _refuse(one, another)


def refuse_unfit(manifest: Manifest, loaded: Mapping[str, Manifest]) -> None:
    """Refuse a version as :func:`refuse_misfit`, and one that needs what is not loaded.

    Raises:
        HostError: the first reason, without a final stop.
    """
    for name, need in manifest.dependencies.items():
        if name not in loaded and not need.optional:
            raise HostError(f"{manifest.key} needs {name}, which is not loaded")
    refuse_misfit(manifest, loaded.values())


def _refuse(one: Manifest, another: Manifest) -> None:
    need = one.dependencies.get(another.name)
    if need is not None and not admits(need.specifier, another):
        raise HostError(f"{one.key} needs {another.name} {need.specifier}, which {another.version} is not")
    conflict = one.conflicts.get(another.name)
    if conflict is not None and admits(conflict, another):
        raise HostError(f"{one.key} conflicts with {another.key}")


def admits(specifier: str, manifest: Manifest) -> bool:
    """Whether a range, as a manifest writes it, has a version in it."""
    return parse_constraint(specifier).admits(parse_version(manifest.version))
