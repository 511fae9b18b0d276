"""Scans of a whole table: as long as they take, seen to be alive, ended when the process stops."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import structlog

from writer.adapters.sql_files import statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sluice.db.pool import Connection

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.5
LOOKER_LEAVES_WITHIN_S = 5.0


class ScanCanceled(Exception):
    """We stop, or an administrator wants it so; nothing was done."""


class Watch(NamedTuple):
    """What a long scan says and asks: `breathe` is called from another thread."""

    breathe: Callable[[], None]
    is_stopping: Callable[[], bool]


@contextmanager
def scanning(conn: Connection, watch: Watch) -> Iterator[None]:
    """Let statements of the transaction scan the table, without a timeout.

    Whoever holds the row of the undo keeps it meanwhile, lease or not: others skip what is locked.

    Raises:
        ScanCanceled: the scan was ended.
    """
    done = threading.Event()
    looker = threading.Thread(
        target=_look_on, args=(conn, watch, done), name="undo-scan", daemon=True
    )
    try:
        conn.execute(statement("undo_take_time"))
        looker.start()
        yield
    except psycopg.errors.QueryCanceled as error:
        raise ScanCanceled from error
    finally:
        done.set()
        if looker.ident is not None:
            looker.join(LOOKER_LEAVES_WITHIN_S)


def _look_on(conn: Connection, watch: Watch, done: threading.Event) -> None:
    while not done.wait(LOOK_EVERY_S):
        watch.breathe()
        if watch.is_stopping():
            try:
                conn.cancel()
            except psycopg.Error as error:
                log.info("a scan could not be cancelled", reason=type(error).__name__)
