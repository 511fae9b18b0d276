"""What comes from librdkafka, in the types the rest of the code is checked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confluent_kafka import Message


def header_list(message: Message) -> list[tuple[str, bytes]]:
    """Return the headers as they are, to be sent on; one without a value is left out."""
    headers: Any = message.headers() or ()
    return [(name, value) for name, value in headers if isinstance(value, bytes)]


def header_map(message: Message) -> dict[str, bytes]:
    """Return the headers by name; the last of a name counts."""
    return dict(header_list(message))
