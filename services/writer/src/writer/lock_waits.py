"""What a lock timeout means, by what was waited for."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sluice.errors import SluiceError


class LockTimeoutError(Exception):
    """Somebody was in front of us for too long; `means` is what that is, if it goes on."""

    def __init__(self, means: type[SluiceError]) -> None:
        super().__init__(means.__name__)
        self.means = means


@contextmanager
def lock_timeout_means(outcome: type[SluiceError]) -> Iterator[None]:
    """Tell lock timeouts within the block from those elsewhere."""
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise LockTimeoutError(outcome) from error
