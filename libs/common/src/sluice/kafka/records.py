"""What comes from librdkafka, in the types the rest of the code is checked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confluent_kafka import Message


def header_map(message: Message) -> dict[str, bytes]:
    """Return the headers; the last of a name counts, and one without a value is left out."""
    headers: Any = message.headers() or ()
    return {name: value for name, value in headers if isinstance(value, bytes)}
