"""Traces: one import is one tree, from the upload through Kafka and COMMIT to the viewers.

The W3C `traceparent` of the upload is kept with the job and travels in the headers of its records.
Off, and then nothing is imported and nothing is done. Spans are recorded where their parent is:
only an upload begins a tree. Of the chunks a share is traced; the others have a parent that is not.
"""

from sluice.tracing.spans import (
    NOT_TRACED,
    Kind,
    Span,
    Tracer,
    begin,
    chunk_is_traced,
    current,
    held,
    install,
    is_sampled,
    log_fields,
    note,
    start,
    unsampled,
    within,
)

__all__ = [
    "NOT_TRACED",
    "Kind",
    "Span",
    "Tracer",
    "begin",
    "chunk_is_traced",
    "current",
    "held",
    "install",
    "is_sampled",
    "log_fields",
    "note",
    "start",
    "unsampled",
    "within",
]
