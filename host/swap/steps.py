"""The steps of a swap, as they are timed and told of each module."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from host.vocabulary.errors import HostError
from host.vocabulary.views import SwapStep


class Steps:
    """What was done for a module so far; one has an error where it refused."""

    def __init__(self) -> None:
        self.done: list[SwapStep] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step; a refusal in it is noted and passed on."""
        start = time.perf_counter()
        try:
            yield
        except HostError as error:
            self.done.append(SwapStep(name=name, seconds=time.perf_counter() - start, error=str(error)))
            raise
        self.done.append(SwapStep(name=name, seconds=time.perf_counter() - start))

    @property
    def failed(self) -> str:
        """Name of the step that refused, empty where none did."""
        return next((step.name for step in self.done if step.error), "")


@contextmanager
def one_step(name: str, of: Iterable[Steps]) -> Iterator[None]:
    """Time a step that several modules take at once, and that cannot fail."""
    start = time.perf_counter()
    yield
    step = SwapStep(name=name, seconds=time.perf_counter() - start)
    for steps in of:
        steps.done.append(step)
