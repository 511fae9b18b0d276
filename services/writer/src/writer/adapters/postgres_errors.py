"""What PostgreSQL raises, as the outcomes the rest of the writer knows."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from sluice.db.pool import is_outage, outage_of
from sluice.errors import Transient
from writer.domain.sqlstate import Meaning, meaning_of, transient_code

if TYPE_CHECKING:
    from collections.abc import Iterator


def transient_of(error: psycopg.Error) -> Transient:
    """Return what goes up the ladder: without the driver's text, which a trigger may have made."""
    return Transient(f"{type(error).__name__} {error.sqlstate}", transient_code(error.sqlstate))


@contextmanager
def asking() -> Iterator[None]:
    """Run statements of our own tables.

    Raises:
        Outage: PostgreSQL is away.
        Transient: others are in the way; the same can be done again.
    """
    try:
        yield
    except psycopg.Error as error:
        if is_outage(error):
            raise outage_of(error) from error
        if meaning_of(error.sqlstate) is Meaning.REPEAT:
            raise transient_of(error) from error
        raise
