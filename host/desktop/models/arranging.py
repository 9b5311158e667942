"""How the modules are arranged: by tier, by who needs whom, or as they were loaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from host.vocabulary.identity import Tier
from host.vocabulary.states import RUNNING

if TYPE_CHECKING:
    from host.vocabulary.views import ModuleView

Rank = tuple[int, str]
_TIERS: Final = {str(tier): at for at, tier in enumerate(Tier)}
_REST: Final = "not loaded"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a module stands: under another module, or under the title of a branch; ``rank`` among its neighbours."""

    rank: Rank
    branch: str = ""
    branch_rank: int = 0
    under: str = ""


Arrangement = Callable[[Mapping[str, "ModuleView"]], Mapping[str, Home]]


def by_tier(views: Mapping[str, ModuleView]) -> dict[str, Home]:
    """Tiers, and in each its modules by name."""
    return {
        name: Home((0, name), branch=view.tier, branch_rank=_TIERS.get(view.tier, len(_TIERS)))
        for name, view in views.items()
    }


def by_load(views: Mapping[str, ModuleView]) -> dict[str, Home]:
    """What is loaded in the order in which it was, then the rest by name."""
    return {
        name: Home((view.order, name), branch="in load order")
        if view.status in RUNNING
        else Home((0, name), branch=_REST, branch_rank=1)
        for name, view in views.items()
    }


def by_need(views: Mapping[str, ModuleView]) -> dict[str, Home]:
    """What runs, and under each what it needs, once: below the first that needs it; then the rest by name."""
    under: dict[str, str] = {}
    running = sorted(name for name, view in views.items() if view.status in RUNNING)
    for name in running:
        holders = (each for each in sorted(views[name].needed_by) if each in views and views[each].status in RUNNING)
        holder = next((each for each in holders if not _stands_under(each, name, under)), None)
        if holder is not None:
            under[name] = holder
    homes = {name: Home((0, name), branch=_REST, branch_rank=1) for name in views}
    homes |= {name: Home((0, name), branch="loaded") for name in running}
    return homes | {name: Home((0, name), under=holder) for name, holder in under.items()}


def _stands_under(name: str, other: str, under: Mapping[str, str]) -> bool:
    """Whether a module stands under another, at however many steps, or is that one."""
    while name != other:
        if name not in under:
            return False
        name = under[name]
    return True


ARRANGEMENTS: Final[Mapping[str, Arrangement]] = {"tier": by_tier, "need": by_need, "load": by_load}
