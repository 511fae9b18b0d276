"""`sluice trace JOB`: the spans of one import as a tree, from the file that holds them."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.exit_codes import DONE, ROW_ERRORS, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Span = dict[str, Any]
SHOWN = ("sluice.chunk.no", "sluice.rows", "sluice.chunks", "messaging.batch.message_count")


@click.command()
@click.argument("job")
@click.option(
    "--file",
    "path",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Where SLUICE_TRACES=file:///… wrote the spans.",
)
def trace(job: str, path: Path) -> int:
    """Show the spans of an import as a tree; exit code 1 when none is there."""
    spans = spans_of(job, _written_to(path))
    for line in tree_of(spans):
        click.echo(line)
    return DONE if spans else ROW_ERRORS


def _written_to(path: Path) -> Iterator[Span]:
    """Yield the spans of a file; a last line that is still being written is left out."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n"):
                return
            try:
                span = json.loads(line)
            except ValueError:
                span = None
            if not isinstance(span, dict) or "traceId" not in span:
                raise Failure(f"{path}, line {number}: no span; name a file of SLUICE_TRACES")
            yield span


def spans_of(job: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans of the trace that a job's upload began, oldest first."""
    held = list(spans)
    ours = (span["traceId"] for span in held if span["attributes"].get("sluice.job.id") == job)
    trace_id = next(ours, None)
    found = [span for span in held if span["traceId"] == trace_id]
    return sorted(found, key=lambda span: int(span["startTimeUnixNano"]))


def tree_of(spans: list[Span]) -> Iterator[str]:
    """Yield a line for each span below its parent; one whose parent is elsewhere is a root."""
    known = {span["spanId"] for span in spans}
    below: dict[str | None, list[Span]] = defaultdict(list)
    for span in spans:
        parent = span["parentSpanId"]
        below[parent if parent in known else None].append(span)
    waiting = [(0, span) for span in reversed(below[None])]
    begun_ns = spans[0]["startTimeUnixNano"] if spans else 0
    while waiting:
        depth, span = waiting.pop()
        yield _line(depth, span, begun_ns)
        waiting += [(depth + 1, child) for child in reversed(below[span["spanId"]])]


def _line(depth: int, span: Span, begun_ns: int) -> str:
    at_ms = (span["startTimeUnixNano"] - begun_ns) / 1e6
    took_ms = (span["endTimeUnixNano"] - span["startTimeUnixNano"]) / 1e6
    told = [f"{name.rpartition('.')[2]}={span['attributes'][name]}"
            for name in SHOWN if name in span["attributes"]]  # fmt: skip
    failed = [f"FAILED {span['error']}"] if span["error"] else []
    service = span["service"].removeprefix("sluice-")
    said = "  ".join([f"{'  ' * depth}{span['name']} [{service}]", *told, *failed])
    return f"{at_ms:>10,.1f} ms {took_ms:>10,.1f} ms  {said}"
