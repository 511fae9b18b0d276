"""What is traced, what only passes a place in a tree on, and what a dead collector costs."""

from __future__ import annotations

import json
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from prometheus_client import REGISTRY

from sluice import tracing
from sluice.errors import SettingsError
from sluice.settings import Settings
from sluice.tracing.opentelemetry import SdkTracer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = PARENT[:-2] + "00"


@pytest.fixture
def trace(tmp_path: Path) -> Iterator[Callable[..., SdkTracer]]:
    """Return a function that has this process trace into a file."""
    made: list[SdkTracer] = []

    def install(**more: str) -> SdkTracer:
        environ = {"SLUICE_TRACES": (tmp_path / "t.jsonl").as_uri(), **more}
        tracer = SdkTracer("test", Settings.from_env(environ))
        tracing.install(tracer)
        made.append(tracer)
        return tracer

    yield install
    tracing.install(None)
    for tracer in made:
        tracer.close()


def exported(tmp_path: Path, tracer: SdkTracer) -> dict[str, dict[str, Any]]:
    tracer.close()
    path = tmp_path / "t.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return {span["name"]: span for span in map(json.loads, lines)}


def test_without_a_tracer_a_parent_passes_through() -> None:
    assert tracing.begin("upload", None).traceparent is None
    assert tracing.begin("upload", PARENT, is_trusted=True).traceparent == PARENT
    assert tracing.begin("upload", PARENT).traceparent == UNSAMPLED
    assert not tracing.start("parse", PARENT).is_recorded
    assert not tracing.chunk_is_traced(0)


@pytest.mark.parametrize(
    "said", ["", "nonsense", "00-" + "0" * 32 + "-b7ad6b7169203331-01", PARENT.upper(), "é" * 55]
)
def test_what_is_no_traceparent_goes_nowhere(said: str) -> None:
    assert tracing.begin("upload", said).traceparent is None
    assert tracing.log_fields(tracing.start("parse", said).traceparent) == {}


def test_spans_of_one_tree_know_their_parents(
    tmp_path: Path, trace: Callable[..., SdkTracer]
) -> None:
    tracer = trace()
    with tracing.held(tracing.begin("upload", None, tracing.Kind.SERVER), job_id="j") as root:
        bound = structlog.contextvars.get_contextvars()
        assert bound["job_id"] == "j"
        assert f"-{bound['span_id']}-" in (root.traceparent or "")
        with tracing.within("write") as write:
            tracing.note("COMMIT", 0.5, tracing.Kind.CLIENT)
        process = tracing.start("process", root.traceparent, links=[write.traceparent or ""])
        process.set({"sluice.chunk.no": 3})
        process.end("Outage")
        process.end()
    assert "job_id" not in structlog.contextvars.get_contextvars()
    spans = exported(tmp_path, tracer)
    assert spans["upload"]["parentSpanId"] is None
    assert spans["upload"]["service"] == "sluice-test"
    assert spans["write"]["parentSpanId"] == spans["upload"]["spanId"]
    assert spans["COMMIT"]["parentSpanId"] == spans["write"]["spanId"]
    took_ns = spans["COMMIT"]["endTimeUnixNano"] - spans["COMMIT"]["startTimeUnixNano"]
    assert took_ns >= 5e8
    assert spans["process"]["links"] == [
        {"traceId": spans["write"]["traceId"], "spanId": spans["write"]["spanId"]}
    ]
    assert (spans["process"]["error"], spans["upload"]["error"]) == ("Outage", None)
    assert spans["process"]["attributes"]["sluice.chunk.no"] == 3


def test_only_an_upload_begins_a_tree(tmp_path: Path, trace: Callable[..., SdkTracer]) -> None:
    tracer = trace()
    for parent in (None, UNSAMPLED):
        span = tracing.start("parse", parent)
        assert not span.is_recorded
        assert span.traceparent == parent
        span.end()
    assert exported(tmp_path, tracer) == {}


def test_an_import_that_is_not_sampled_has_no_span(
    tmp_path: Path, trace: Callable[..., SdkTracer]
) -> None:
    tracer = trace(SLUICE_TRACES_RATIO="0")
    root = tracing.begin("upload", None)
    assert not tracing.is_sampled(root.traceparent)
    tracing.start("parse", root.traceparent).end()
    root.end()
    assert exported(tmp_path, tracer) == {}


def begun(parent: str, *, is_trusted: bool = False) -> bool:
    """Begin a tree below a caller's, which keeps its id; return whether it is recorded."""
    span = tracing.begin("upload", parent, is_trusted=is_trusted)
    assert (span.traceparent or "")[:36] == parent[:36]
    assert tracing.is_sampled(span.traceparent) == span.is_recorded
    return span.is_recorded


@pytest.mark.parametrize("parent", [PARENT, UNSAMPLED])
@pytest.mark.parametrize("trace_id", ["0" * 31 + "1", "f" * 32])
def test_whether_a_callers_trace_is_gone_on_with_says_our_own_ratio(
    trace: Callable[..., SdkTracer], parent: str, trace_id: str
) -> None:
    """Ratios of ids take 0…01 always and f…f never: callers choose their ids."""
    parent = parent[:3] + trace_id + parent[35:]
    trace(SLUICE_TRACES_RATIO="0")
    assert not begun(parent)
    trace(SLUICE_TRACES_RATIO="1")
    assert begun(parent)
    trace(SLUICE_TRACES_RATIO="0.5")
    assert {begun(parent) for _ in range(100)} == {True, False}


def test_a_trusted_caller_says_whether_it_is_traced(trace: Callable[..., SdkTracer]) -> None:
    trace(SLUICE_TRACES_RATIO="0")
    assert begun(PARENT, is_trusted=True)
    trace(SLUICE_TRACES_RATIO="1")
    assert not begun(UNSAMPLED, is_trusted=True)


def test_of_the_chunks_a_share_is_traced_and_the_first(trace: Callable[..., SdkTracer]) -> None:
    trace(SLUICE_TRACES_CHUNK_RATIO="0.1")
    traced = [number for number in range(1000) if tracing.chunk_is_traced(number)]
    assert traced[0] == 0
    assert 95 <= len(traced) <= 105
    assert tracing.unsampled(PARENT) == UNSAMPLED
    assert tracing.unsampled(None) is None


def test_a_collector_that_is_away_costs_spans_and_no_time() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"otlp+http://127.0.0.1:{closed.getsockname()[1]}"
        tracer = SdkTracer("test", Settings.from_env({"SLUICE_TRACES": url}))
        before = lost()
        for _ in range(5_000):  # more than the queue holds
            tracer.start("span", None, tracing.Kind.INTERNAL).end()
        tracer.close()
        ends_s = time.monotonic() + 60
        while lost() == before and time.monotonic() < ends_s:
            time.sleep(0.05)
        _wait_for_last_spans()
    assert lost() > before


def _wait_for_last_spans() -> None:
    """The exporter's last tries draw from `random`, which tests that make examples must own."""
    for thread in threading.enumerate():
        if thread.name == "last-spans" or "BatchSpan" in thread.name:
            thread.join(60)
            assert not thread.is_alive()


def lost() -> float:
    return REGISTRY.get_sample_value("sluice_trace_spans_total", {"outcome": "lost"}) or 0.0


def test_a_collector_elsewhere_is_reached_by_tls_or_not_at_all() -> None:
    for wrong in ("http://127.0.0.1:4318", "otlp+http://collector:4318", "file://relative"):
        with pytest.raises(SettingsError, match="SLUICE_TRACES"):
            Settings.from_env({"SLUICE_TRACES": wrong})
    Settings.from_env({"SLUICE_TRACES": "otlp+https://collector:4318"})
    Settings.from_env({"SLUICE_TRACES": "otlp+http://collector:4318", "SLUICE_ENVIRONMENT": "test"})
