"""The steps of a swap, as they are timed and told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from host.vocabulary.errors import HostError
from host.vocabulary.views import SwapStep


class Steps:
    """What was done so far; a step that refuses is noted with its reason and passed on."""

    def __init__(self) -> None:
        self.done: list[SwapStep] = []
        self.refusal: HostError | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step; a refusal in it ends the swap."""
        start = time.perf_counter()
        try:
            yield
        except HostError as error:
            self.refusal = error
            self.done.append(SwapStep(name=name, seconds=time.perf_counter() - start, error=str(error)))
            raise
        self.done.append(SwapStep(name=name, seconds=time.perf_counter() - start))

    @property
    def failed(self) -> str:
        """Name of the step that refused, empty where none did."""
        return self.done[-1].name if self.done and self.done[-1].error else ""
