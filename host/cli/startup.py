"""``list --startup``: what would load when a host starts, and in which order."""

from __future__ import annotations

import argparse
import json

from host.cli.finding import found_modules
from host.cli.folders import wanted
from host.resolution.answer import order_json
from host.resolution.startup import Startup, startup


def show_startup(options: argparse.Namespace) -> int:
    """Print the order of a start, and what cannot load with its reason; 1 where that was asked for by name."""
    asked = dict(map(wanted, options.wanted))
    start = startup(found_modules(options), asked)
    failed = int(any(each.name in asked for each in start.not_started))
    if options.json:
        print(json.dumps(_json(start), ensure_ascii=False))
        return failed
    for place, step in enumerate(start.order, 1):
        why = "" if step.name in start.wanted else "is needed"
        print(f"{place:>4}. {step.name:<23} {step.version:<11} {why}".rstrip())
    for each in start.not_started:
        print(f"  not {each.name}: {each.why}")
    for warning in start.warnings:
        print(f"  {warning}")
    return failed


def _json(start: Startup) -> dict[str, object]:
    return {
        "order": order_json(start.order),
        "not_started": [{"name": each.name, "message": str(each.why)} for each in start.not_started],
        "warnings": list(start.warnings),
    }
