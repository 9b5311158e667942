"""Spans of hooks, calls and swaps through OpenTelemetry, which is an extra: ``pip install 'theseus-host[otel]'``."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from host.vocabulary.errors import HostError

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.trace import Span as OpenSpan
    from opentelemetry.trace import Status, StatusCode
except ImportError as missing:
    raise HostError("spans need packages that are not installed: pip install 'theseus-host[otel]'") from missing

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor

PATIENCE: Final = 2.0
"""Seconds that a collector has to take what is sent; what it does not take is lost."""


class _Span:
    def __init__(self, span: OpenSpan) -> None:
        self._span = span

    def failed(self, why: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, why[:1000]))


class _Once(logging.Handler):
    """In place of the library's own words."""

    def __init__(self, lost: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._lost: Callable[[], None] | None = lost

    def emit(self, record: logging.LogRecord) -> None:
        del record
        lost, self._lost = self._lost, None
        if lost is not None:
            lost()


class OpenTelemetry:
    """Implements ``vocabulary.tracer.Tracer``."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "theseus"}), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("theseus")

    @classmethod
    def at(cls, collector: str, lost: Callable[[], None]) -> OpenTelemetry:
        """Send to a collector, as at ``http://127.0.0.1:4318``, from a thread; ``lost`` is called once if it fails."""
        logger = logging.getLogger("opentelemetry")
        logger.propagate = False
        logger.handlers = [_Once(lost)]
        return cls(BatchSpanProcessor(OTLPSpanExporter(f"{collector.rstrip('/')}/v1/traces", timeout=PATIENCE)))

    @contextmanager
    def span(self, kind: str, name: str, module: str = "") -> Iterator[_Span]:
        attributes = {"theseus.kind": kind} | ({"theseus.module": module} if module else {})
        with self._tracer.start_as_current_span(
            f"{kind} {name}", attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as span:
            made = _Span(span)
            try:
                yield made
            except BaseException as error:
                made.failed(str(error) or type(error).__name__)
                raise

    def close(self) -> None:
        """Send what is left; waits for the collector."""
        self._provider.shutdown()
