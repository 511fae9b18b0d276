"""What an answer of PostgreSQL means for the batch in hand, by its SQLSTATE."""

from __future__ import annotations

from enum import Enum, auto

LOCK_TIMEOUT = "55P03"
QUERY_CANCELED = "57014"
DISK_FULL = "53100"
TABLE_GONE = frozenset({"42P01", "3F000"})
"""No such table, no such schema."""
TABLE_ALTERED = frozenset({"0A000", "42804", "42883"})
"""A plan, a stage or a comparison is of types that the table may have had before."""
EXHAUSTED = frozenset({DISK_FULL, "53200", "53300"})
"""Disk, memory or connections: somebody may be making room."""
IDLE_IN_TRANSACTION = "25P03"
READ_ONLY = "25006"


class Meaning(Enum):
    """What the writer does next."""

    REPEAT = auto()
    """The same again: another transaction was in the way."""
    DATA = auto()
    """Some row is refused: take the next road, which names it."""
    CRITICAL = auto()
    """No row of this job can be written until somebody mends it."""
    BUG = auto()
    """Nothing we know: crash rather than guess."""


_REPEAT = frozenset({"40001", "40P01", LOCK_TIMEOUT, QUERY_CANCELED, IDLE_IN_TRANSACTION})
"""Serialization failure, deadlock, lock timeout, statement timeout, and the session of a process
that stood still within a transaction."""
DATA_CLASSES = frozenset({"09", "21", "22", "23", "2F", "38", "39", "44", "P0"})
"""Data, constraints, views with a check, and whatever triggers raise."""
_CRITICAL_CLASSES = frozenset({"0A", "28", "3D", "3F", "42", "53", "54", "55"})
"""Undefined or not permitted, not supported, limits; 53 comes here only when its outage lasted."""


def meaning_of(sqlstate: str | None) -> Meaning:
    """Return what to do about an error that is not an outage."""
    if sqlstate is None:
        return Meaning.BUG
    if sqlstate in _REPEAT:
        return Meaning.REPEAT
    if sqlstate[:2] in DATA_CLASSES:
        return Meaning.DATA
    if sqlstate[:2] in _CRITICAL_CLASSES:
        return Meaning.CRITICAL
    return Meaning.BUG


_CODES = {
    "42P01": "TARGET_TABLE_MISSING",
    "42703": "TARGET_COLUMN_MISSING",
    "42501": "TARGET_NO_PERMISSION",
    "3F000": "TARGET_SCHEMA_MISSING",
    DISK_FULL: "DATABASE_DISK_FULL",
    "53200": "DATABASE_OUT_OF_MEMORY",
    "53300": "DATABASE_OUT_OF_CONNECTIONS",
}
_TRANSIENT_CODES = {
    "40001": "SERIALIZATION_FAILURE",
    "40P01": "DEADLOCK",
    LOCK_TIMEOUT: "LOCK_TIMEOUT",
    QUERY_CANCELED: "STATEMENT_TIMEOUT",
    IDLE_IN_TRANSACTION: "IDLE_IN_TRANSACTION",
}


def failure_code(sqlstate: str | None) -> str:
    """Return the stable code of the failure that a critical error makes."""
    return _CODES.get(sqlstate or "", "TARGET_UNUSABLE")


def transient_code(sqlstate: str | None) -> str:
    """Return the stable class of an error that may be gone in some seconds."""
    return _TRANSIENT_CODES.get(sqlstate or "", "TRANSIENT")


def repeats_in_place(sqlstate: str | None) -> bool:
    """Tell whether a repeat right now can help: a statement that took 30 s takes as long again."""
    return sqlstate != QUERY_CANCELED
