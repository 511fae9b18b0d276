"""Spans as the services use them, whatever records them; without a tracer they cost nothing."""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from structlog.contextvars import bound_contextvars

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
"""https://www.w3.org/TR/trace-context/#traceparent-header; later versions may add to it."""
SAMPLED = 1


class Kind(Enum):
    """What a span is to its neighbours, as OpenTelemetry tells them apart."""

    INTERNAL = 0
    SERVER = 1
    CLIENT = 2
    PRODUCER = 3
    CONSUMER = 4


class Span(Protocol):
    """Something that takes time. It is recorded when it ends, once."""

    @property
    def traceparent(self) -> str | None:
        """What its children are told, also those in other processes; None: there is no trace."""
        ...

    @property
    def is_recorded(self) -> bool:
        """Whether anybody will see it."""
        ...

    def set(self, attributes: Mapping[str, str | int | float | bool]) -> None:
        """Add what is known by now; never a cell's value, a name or a token."""
        ...

    def end(self, error: str = "") -> None:
        """Record it, with a failure's class where it failed; the second time does nothing."""
        ...


class Tracer(Protocol):
    """Makes the spans that are recorded."""

    chunk_ratio: float
    """This share of a job's chunks is traced."""

    def draw(self) -> bool:
        """Tell, by lot, whether the next tree is traced."""
        ...

    def start(
        self,
        name: str,
        parent: str | None,
        kind: Kind,
        links: Iterable[str] = (),
        ago_s: float = 0.0,
    ) -> Span:
        """Begin a span; without a parent it is the first of a new tree, where that is sampled."""
        ...


class _Passed:
    """A span that is not recorded: whoever comes behind it gets what came before it."""

    is_recorded = False

    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def set(self, attributes: Mapping[str, str | int | float | bool]) -> None:
        """Nobody will see it."""

    def end(self, error: str = "") -> None:
        """Nobody will see it."""


NOT_TRACED: Span = _Passed(None)


class _Installed:
    """The process's tracer, if it has one."""

    tracer: Tracer | None = None


_current: ContextVar[Span] = ContextVar("sluice_span", default=NOT_TRACED)


def install(tracer: Tracer | None) -> None:
    """Record spans by this tracer from now on; None: not at all."""
    _Installed.tracer = tracer


def begin(
    name: str, traceparent: str | None, kind: Kind = Kind.SERVER, *, is_trusted: bool = False
) -> Span:
    """Begin what may be the first span of a tree; a caller's trace is gone on with.

    Whether it is recorded says our own ratio, unless the caller is trusted to say so: else anybody
    could have all that they send traced, and choose an id that every ratio takes.
    """
    tracer, caller = _Installed.tracer, valid(traceparent)
    if caller is not None and not is_trusted:
        caller = _flagged(caller, is_sampled=tracer is not None and tracer.draw())
    if tracer is None:
        return _Passed(caller)
    return tracer.start(name, caller, kind)


def start(
    name: str, parent: str | None, kind: Kind = Kind.INTERNAL, links: Iterable[str] = ()
) -> Span:
    """Begin a span below one that is traced; below any other nothing is recorded."""
    if _Installed.tracer is None or not is_sampled(parent):
        return _Passed(valid(parent))
    return _Installed.tracer.start(name, parent, kind, links)


def note(name: str, seconds: float, kind: Kind = Kind.INTERNAL) -> None:
    """Record what just ended and was measured elsewhere, below the current span."""
    parent = _current.get()
    if parent.is_recorded and _Installed.tracer is not None:
        _Installed.tracer.start(name, parent.traceparent, kind, (), max(0.0, seconds)).end()


def current() -> Span:
    """Return the span that is in hand in this thread or task."""
    return _current.get()


@contextmanager
def held(span: Span, **fields: object) -> Iterator[Span]:
    """Have a span in hand, name it and these fields in every log line meanwhile, then end it."""
    token = _current.set(span)
    error = ""
    try:
        with bound_contextvars(**fields, **log_fields(span.traceparent)):
            yield span
    except BaseException as caught:
        error = type(caught).__name__
        raise
    finally:
        _current.reset(token)
        span.end(error)


@contextmanager
def within(name: str) -> Iterator[Span]:
    """Record a part of what is in hand."""
    parent = _current.get()
    if not parent.is_recorded:
        yield parent
        return
    with held(start(name, parent.traceparent)) as span:
        yield span


def chunk_is_traced(chunk_no: int) -> bool:
    """Tell whether a chunk is of the share that is traced: the first is, the others are spread."""
    ratio = _Installed.tracer.chunk_ratio if _Installed.tracer is not None else 0.0
    if ratio <= 0:
        return False
    return chunk_no == 0 or int((chunk_no + 1) * ratio) > int(chunk_no * ratio)


def valid(traceparent: str | None) -> str | None:
    """Return a traceparent that says something, of whoever it came from; None for any other."""
    found = TRACEPARENT.match(traceparent or "")
    if found is None or not int(found[1], 16) or not int(found[2], 16):
        return None
    return f"00-{found[1]}-{found[2]}-{found[3]}"


def is_sampled(traceparent: str | None) -> bool:
    """Tell whether the span that a traceparent names is recorded."""
    known = valid(traceparent)
    return known is not None and bool(int(known[-2:], 16) & SAMPLED)


def unsampled(traceparent: str | None) -> str | None:
    """Return the same place in the tree for whom nothing is to be recorded."""
    known = valid(traceparent)
    return None if known is None else _flagged(known, is_sampled=False)


def _flagged(known: str, *, is_sampled: bool) -> str:
    return known[:-2] + ("01" if is_sampled else "00")


def log_fields(traceparent: str | None) -> dict[str, str]:
    """Return what a log line says of a span."""
    found = TRACEPARENT.match(traceparent or "")
    return {} if found is None else {"trace_id": found[1], "span_id": found[2]}
