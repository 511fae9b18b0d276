"""Server-sent events out of bytes, as the HTML standard cuts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One event; `event_id` is the last id that the stream has named."""

    name: str
    data: str
    event_id: str


def events_of(blocks: Iterable[bytes]) -> Iterator[ServerSentEvent]:
    """Cut blocks of any length into events; comments are dropped.

    Lines end with LF or CR LF: our servers send no lone CR.
    """
    name, data, event_id = "message", list[str](), ""
    for raw in _lines_of(blocks):
        line = raw.decode("utf-8", errors="replace")
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield ServerSentEvent(name=name, data="\n".join(data), event_id=event_id)
            name, data = "message", []
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id":
            event_id = value


def _lines_of(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r")
