"""Time for a look: a service stands still, so that what it works at stays in the middle."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from devstack import Stack


@contextmanager
def frozen(stack: Stack, service: str) -> Iterator[None]:
    """Freeze a service for the block; it goes on where it was."""
    stack.pause(service)
    try:
        yield
    finally:
        stack.resume(service)
