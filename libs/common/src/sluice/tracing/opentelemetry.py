"""Spans recorded by OpenTelemetry's SDK: in batches, from a thread, lost rather than waited for."""

from __future__ import annotations

import json
import logging
import os
import threading
from random import SystemRandom
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from sluice.clock import SystemClock
from sluice.metrics import SPANS
from sluice.tracing.spans import TRACEPARENT, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import Span as SdkSpan

    from sluice.settings import Settings
    from sluice.tracing.spans import Span

_LOTS = SystemRandom()
QUEUE = 4096
"""Spans that wait for the exporter; the oldest give way."""
BATCH = 256
EVERY_MS = 1000
COLLECTOR_S = 2.0
"""A collector that does not answer by then has lost the batch."""
FLUSH_S = 2.0
"""How long an ending process waits for its last spans."""


class SdkTracer:
    """Makes spans of the SDK."""

    def __init__(self, service: str, settings: Settings) -> None:
        for chatty in ("opentelemetry.exporter", "opentelemetry.sdk"):
            logging.getLogger(chatty).setLevel(logging.CRITICAL)  # the metric tells what is lost
        self.chunk_ratio = settings.traces_chunk_ratio
        self._ratio = settings.traces_ratio
        self._clock = SystemClock()
        self._provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(settings.traces_ratio)),
            resource=Resource({"service.name": f"sluice-{service}", "process.pid": os.getpid()}),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                Counted(exporter_of(settings.traces or "")),
                max_queue_size=QUEUE,
                schedule_delay_millis=EVERY_MS,
                max_export_batch_size=BATCH,
            )
        )
        self._tracer = self._provider.get_tracer("sluice")

    def draw(self) -> bool:
        """Draw by the ratio, from what nobody outside can guess or repeat."""
        return _LOTS.random() < self._ratio

    def start(
        self,
        name: str,
        parent: str | None,
        kind: Kind,
        links: Iterable[str] = (),
        ago_s: float = 0.0,
    ) -> Span:
        """Begin a span; see the protocol."""
        context = Context()
        if parent is not None:
            context = set_span_in_context(NonRecordingSpan(context_of(parent)), context)
        began_ns = int((self._clock.now().timestamp() - ago_s) * 1e9) if ago_s else None
        return _Recorded(
            self._tracer.start_span(
                name,
                context,
                SpanKind[kind.name],
                links=[Link(context_of(each)) for each in links],
                start_time=began_ns,
            )
        )

    def close(self) -> None:
        """Export what is left, for a moment: a collector that is away holds nobody up."""
        last = threading.Thread(target=self._provider.shutdown, name="last-spans", daemon=True)
        last.start()
        last.join(FLUSH_S)


class _Recorded:
    """A span of the SDK; one that is not sampled still has a place in the tree."""

    def __init__(self, span: SdkSpan) -> None:
        self._span = span

    @property
    def traceparent(self) -> str | None:
        known = self._span.get_span_context()
        return f"00-{known.trace_id:032x}-{known.span_id:016x}-{known.trace_flags:02x}"

    @property
    def is_recorded(self) -> bool:
        return self._span.is_recording()

    def set(self, attributes: Mapping[str, str | int | float | bool]) -> None:
        self._span.set_attributes(attributes)

    def end(self, error: str = "") -> None:
        if not self._span.is_recording():
            return
        if error:
            self._span.set_status(StatusCode.ERROR, error)
            self._span.set_attribute("error.type", error)
        self._span.end()


def context_of(traceparent: str) -> SpanContext:
    """Return what a valid traceparent names."""
    found = TRACEPARENT.match(traceparent)
    if found is None:
        raise ValueError("not a traceparent")
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    return SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))


def exporter_of(url: str) -> SpanExporter:
    """Return what `SLUICE_TRACES` names: `file:///…` or `otlp+http(s)://…`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FileExporter(unquote(parts.path))
    # Imported here: it brings an HTTP client
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )

    address = url.removeprefix("otlp+").rstrip("/")
    return OTLPSpanExporter(endpoint=f"{address}/v1/traces", timeout=COLLECTOR_S)


class Counted(SpanExporter):
    """Counts what an exporter took and what it lost; an exporter's own failure is a loss."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        try:
            result = self._exporter.export(spans)
        except Exception:  # noqa: BLE001 - whatever it is, no import stands still for its trace
            result = SpanExportResult.FAILURE
        outcome = "exported" if result is SpanExportResult.SUCCESS else "lost"
        SPANS.labels(outcome).inc(len(spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class FileExporter(SpanExporter):
    """Appends one JSON object a span; several processes may share the file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        lines = "".join(json.dumps(described(span)) + "\n" for span in spans)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND  # one write of whole lines is not torn
        file = os.open(self._path, flags, 0o600)
        try:
            os.write(file, lines.encode())
        finally:
            os.close(file)
        return SpanExportResult.SUCCESS


def described(span: ReadableSpan) -> dict[str, Any]:
    """Return a span as the file has it; names as in OTLP's JSON."""
    context, parent = span.get_span_context(), span.parent
    return {
        "traceId": f"{context.trace_id:032x}" if context else None,
        "spanId": f"{context.span_id:016x}" if context else None,
        "parentSpanId": f"{parent.span_id:016x}" if parent else None,
        "name": span.name,
        "kind": span.kind.name,
        "service": span.resource.attributes["service.name"],
        "startTimeUnixNano": span.start_time,
        "endTimeUnixNano": span.end_time,
        "attributes": dict(span.attributes or {}),
        "links": [
            {"traceId": f"{link.context.trace_id:032x}", "spanId": f"{link.context.span_id:016x}"}
            for link in span.links
        ],
        "error": span.status.description if span.status.status_code is StatusCode.ERROR else None,
    }
