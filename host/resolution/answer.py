"""The answer to ``theseus resolve --json``: a plan, or the facts of a refusal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from host.vocabulary.errors import ResolutionFailed
from host.vocabulary.views import Plan, PlanStep


def resolution_json(answer: Plan | ResolutionFailed) -> dict[str, Any]:
    """Plain data in the shape of the contract for the command line."""
    match answer:
        case Plan():
            return {"ok": True, "order": order_json(answer.order), "warnings": list(answer.warnings)}
        case ResolutionFailed():
            return {"ok": False, "error": _refusal(answer)}
        case _:
            assert_never(answer)


def order_json(order: Iterable[PlanStep]) -> list[dict[str, str]]:
    """Steps of a plan in the same shape; one that replaces what runs says which version."""
    return [
        {"name": step.name, "version": step.version, "tier": step.tier, "path": step.path}
        | ({"replaces": step.replaces} if step.replaces else {})
        for step in order
    ]


def _refusal(refusal: ResolutionFailed) -> dict[str, Any]:
    return {
        "kind": refusal.kind,
        "message": refusal.message,
        "cycles": [list(cycle) for cycle in refusal.cycles],
        "causes": [
            {"module": cause.module, "requirement": cause.requirement, "wanted_by": cause.wanted_by}
            for cause in refusal.causes
        ],
        "prereleases": dict(refusal.prereleases),
    }
