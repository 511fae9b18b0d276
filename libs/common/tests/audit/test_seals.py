"""The audit grows, is sealed, and shows what was done to it."""

import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from sluice.audit.records import Actor, Caller, put_audit
from sluice.audit.seals import seal_waiting, verify

CALLER = Caller(ip="10.1.2.3", user_agent="pytest", request_id=str(uuid4()))


@pytest.fixture
def conn(database_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(database_url, autocommit=True) as conn:
        yield conn


def add(conn: psycopg.Connection[Any], count: int = 1) -> None:
    actor = Actor(user_id=uuid4(), caller=CALLER)
    for number in range(count):
        put_audit(conn, "job_accessed", actor, uuid4(), {"number": number})


def tamper(conn: psycopg.Connection[Any], *statements: str) -> list[str]:
    """Do it as a superuser can: with the trigger off; return what a check then finds."""
    for table in ("audit_log", "audit_seals", "audit_forgotten"):
        conn.execute(f"ALTER TABLE sluice.{table} DISABLE TRIGGER only_grows")
    for statement in statements:
        conn.execute(statement)
    return [fault.code for fault in verify(conn).faults]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sluice.audit_log SET action = 'x'",
        "DELETE FROM sluice.audit_log WHERE false",
        "TRUNCATE sluice.audit_log",
        "UPDATE sluice.audit_seals SET seal_no = 7",
        "DELETE FROM sluice.audit_seals",
        "SET session_replication_role = replica; DELETE FROM sluice.audit_log",
        "SET sluice.audit_retention = 'on'; UPDATE sluice.audit_log SET action = 'x'",
    ],
)
def test_rows_and_seals_only_grow(conn: psycopg.Connection[Any], statement: str) -> None:
    add(conn)
    seal_waiting(conn)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only grows"):
        conn.execute(statement)


def test_an_untouched_audit_is_whole(conn: psycopg.Connection[Any]) -> None:
    for _ in range(3):
        add(conn, 5)
        assert seal_waiting(conn) is not None
    add(conn, 2)
    assert seal_waiting(conn) is not None
    assert seal_waiting(conn) is None  # nothing waits, so no seal says so
    found = verify(conn)
    assert (found.seals, found.rows, found.unsealed, found.faults) == (4, 17, 0, ())


def test_a_seal_takes_no_more_rows_than_it_may(conn: psycopg.Connection[Any]) -> None:
    add(conn, 10)
    with conn.transaction():
        add(conn, 3)
    sizes = []
    while (seal := seal_waiting(conn, max_rows=4)) is not None:
        sizes.append(len(seal.audit_ids))
    assert sizes == [4, 4, 5]  # the last three are one transaction's
    assert verify(conn).faults == ()


def test_a_row_that_is_committed_late_is_sealed_later(
    conn: psycopg.Connection[Any], database_url: str
) -> None:
    with psycopg.connect(database_url) as slow:
        add(slow)  # the lowest id, and the last to be committed
        add(conn)
        assert seal_waiting(conn) is None  # nothing behind a running transaction is closed
        slow.commit()
    seal = seal_waiting(conn)
    assert seal is not None
    assert len(seal.audit_ids) == 2
    assert verify(conn).faults == ()


def test_many_sealers_make_one_chain(conn: psycopg.Connection[Any], database_url: str) -> None:
    def work() -> None:
        with psycopg.connect(database_url, autocommit=True) as mine:
            for _ in range(20):
                add(mine)
                seal_waiting(mine)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seal_waiting(conn)
    found = verify(conn)
    assert (found.rows, found.unsealed, found.faults) == (80, 0, ())


@pytest.mark.parametrize(
    ("statement", "codes"),
    [
        ("UPDATE sluice.audit_log SET user_agent = 'x' WHERE audit_id = 4", ["ROW_CHANGED"]),
        ("UPDATE sluice.audit_log SET at = at + interval '1 us' WHERE audit_id = 4", None),
        ("UPDATE sluice.audit_log SET ip = NULL WHERE audit_id = 4", ["ROW_CHANGED"]),
        ("DELETE FROM sluice.audit_log WHERE audit_id = 4", ["ROW_REMOVED"]),
        (
            """INSERT INTO sluice.audit_log (action, xid)
               SELECT 'x', xid FROM sluice.audit_log WHERE audit_id = 4""",
            ["ROW_INSERTED"],
        ),
        (
            """UPDATE sluice.audit_log SET job_id = other.job_id FROM sluice.audit_log other
                WHERE (audit_log.audit_id, other.audit_id) IN ((4, 5), (5, 4))""",
            ["ROW_CHANGED", "ROW_CHANGED"],
        ),
        ("DELETE FROM sluice.audit_seals WHERE seal_no = 2", ["SEAL_REMOVED"]),
        ("UPDATE sluice.audit_seals SET sealed_at = now() WHERE seal_no = 2", ["SEAL_CHANGED"]),
        (
            "UPDATE sluice.audit_seals SET previous_hash = seal_hash WHERE seal_no = 2",
            ["CHAIN_BROKEN", "SEAL_CHANGED"],
        ),
    ],
)
def test_what_was_done_to_a_row_is_found(
    conn: psycopg.Connection[Any], statement: str, codes: list[str] | None
) -> None:
    for _ in range(3):
        add(conn, 3)
        seal_waiting(conn)
    assert tamper(conn, statement) == (codes or ["ROW_CHANGED"])


def test_what_was_cut_off_is_found_by_a_head_that_was_written_down(
    conn: psycopg.Connection[Any],
) -> None:
    for _ in range(2):
        add(conn)
        seal_waiting(conn)
    head = verify(conn).head
    cut = (
        "DELETE FROM sluice.audit_log WHERE audit_id = 2",
        "DELETE FROM sluice.audit_seals WHERE seal_no = 2",
    )
    assert tamper(conn, *cut) == []  # a shorter chain is a whole one
    assert [fault.code for fault in verify(conn, head).faults] == ["HEAD_UNKNOWN"]


def test_retention_takes_whole_seals_and_leaves_the_chain(
    conn: psycopg.Connection[Any],
) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="90 days"):
        conn.execute("SELECT sluice.forget_audit('1 day')")
    conn.execute("ALTER TABLE sluice.audit_seals DISABLE TRIGGER only_grows")
    for day in (200, 1):
        add(conn, 3)
        seal = seal_waiting(conn)
        assert seal is not None
        # The seal of a day long ago: its hash covers the time, so it is made anew
        old_us = seal.sealed_at_us - day * 86_400_000_000
        aged = {name: getattr(seal, name) for name in seal.__slots__} | {"sealed_at_us": old_us}
        conn.execute(
            "UPDATE sluice.audit_seals SET sealed_at = sealed_at - %s * interval '1 day',"
            " seal_hash = %s WHERE seal_no = %s",
            [day, type(seal)(**aged).expected_hash(), seal.seal_no],
        )
    assert verify(conn).faults == ()
    row = conn.execute("SELECT sluice.forget_audit('100 days')").fetchone()
    seal_waiting(conn)
    found = verify(conn)
    assert (row, found.rows, found.forgotten_through, found.faults) == ((3,), 4, 1, ())


def test_a_younger_cluster_is_told(conn: psycopg.Connection[Any]) -> None:
    add(conn)
    seal_waiting(conn)
    conn.execute("ALTER TABLE sluice.audit_seals DISABLE TRIGGER only_grows")
    conn.execute("UPDATE sluice.audit_seals SET to_xid = '4000000000'")
    with pytest.raises(Exception, match="this cluster is at"):
        seal_waiting(conn)
