"""A module's own Lua tests, each against the real module in a host of its own; see ``docs/module-tests.md``."""

from host.engine.trials.run import TestResult, run_tests

__all__ = ["TestResult", "run_tests"]
