"""A dump is restored into a new cluster, with a new Kafka, by the commands of the manual."""

from __future__ import annotations

import os
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from tests.docs.document_shell import script_of
from tests.documents import ROOT, Block, blocks_of
from tests.live_process import until
from tests.road_client import RoadClient
from tests.table_facts import expected_orders, ledger_of, orders_of

from devstack import SluiceOptions, Stack
from devstack.install import find_postgres_bin
from devstack.native_postgres import unprivileged_account

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Workbook

ME, MANUAL = "tests/e2e/test_backup.py", "docs/operations.md"
ROWS = 20_000
FURTHER = 5_000_000
"""Transactions more than the old cluster had: the new one's counter crosses a file of its log."""
SPENT = 60_000
"""Transactions that make the old cluster older than the new one gets in this test by itself."""
_SPEND = f"""
DO $$ BEGIN
    FOR i IN 1..{SPENT} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP;
END $$
"""
_JOBS = """
SELECT job_id, status, total_rows, inserted_rows, failed_rows, finished_at
  FROM sluice.jobs WHERE job_id = %s
"""


def blocks_for_this_test() -> list[Block]:
    text = (ROOT / MANUAL).read_text("utf-8")
    return [block for block in blocks_of(MANUAL, text) if block.mark == f"by {ME}"]


def typed(block: Block, folder: Path, **env: str) -> str:
    """Type a block; as the account that PostgreSQL runs as where it is about its files."""
    programs = [str(ROOT / ".venv" / "bin"), str(find_postgres_bin()), os.environ["PATH"]]
    found = {"PATH": os.pathsep.join(programs), "HOME": str(folder), "LANG": "C.UTF-8", **env}
    account = unprivileged_account() if "PGDATA" in env else None
    done = subprocess.run(
        ["bash", "-c", script_of([block])], cwd=folder, env=found, capture_output=True, text=True,
        check=False, user=account.uid if account else None,
        group=account.gid if account else None,
    )  # fmt: skip
    said: str = done.stdout + done.stderr
    assert done.returncode == 0, f"{block.place}: {said}"
    return said


def back_up(stack: Stack, folder: Path) -> None:
    """Type what the manual says of a backup, with transactions added to what it notes."""
    text = (ROOT / MANUAL).read_text("utf-8")
    [block] = [each for each in blocks_of(MANUAL, text) if "pg_dump" in each.text]
    typed(block, folder, SLUICE_DATABASE_URL=stack.database_url)
    noted = folder / "sluice.xid"
    noted.write_text(str(int(noted.read_text()) + FURTHER))


def data_of(stack: Stack) -> Path:
    """Return the folder of the cluster of a stack."""
    with psycopg.connect(stack.database_url) as conn:
        row = conn.execute("SHOW data_directory").fetchone()
    assert row is not None
    return (stack.folder / str(row[0])).resolve()


def record_of(url: str, job: str) -> tuple[Any, ...] | None:
    with psycopg.connect(url) as conn:
        return conn.execute(_JOBS, [job]).fetchone()


def is_sealed(url: str) -> bool:
    """Tell whether everything that was done since is sealed, too."""
    with psycopg.connect(url) as conn:
        row = conn.execute(
            "SELECT max(l.xid) < (SELECT max(to_xid) FROM sluice.audit_seals)"
            " FROM sluice.audit_log l"
        ).fetchone()
    return bool(row and row[0])


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can read, too."""
    with tempfile.TemporaryDirectory(prefix="sluice-backup-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def restored_from(place: Path, storage: str) -> Iterator[Stack]:
    """Follow the manual: a new cluster, a new Kafka, the services of the same release."""
    move_on, fill, _ = blocks_for_this_test()
    with Stack.ephemeral(f"restored-{os.getpid()}") as stack:
        data = data_of(stack)
        stack.stop("postgres")
        typed(move_on, place, PGDATA=str(data))
        stack.start("postgres")
        typed(fill, place, RESTORED_URL=stack.database_url)
        stack.start_sluice(SluiceOptions(env={"SLUICE_STORAGE_URL": storage}))
        yield stack


def test_a_restored_installation_goes_on_where_the_backup_was(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook], place: Path
) -> None:
    old_url = stack.database_url
    done_book, paused_book = orders(ROWS // 2, bad_share=0.01), orders(ROWS)
    done = client.upload(done_book.path, "orders")
    client.follow(done)
    with psycopg.connect(old_url, autocommit=True) as conn:
        conn.execute("SET synchronous_commit = off")
        conn.execute(_SPEND)
        conn.execute("UPDATE orders SET order_id = -order_id")  # the other book has the same keys
    paused = client.upload(paused_book.path, "orders")
    client.http.post(f"/api/jobs/{paused}/pause").raise_for_status()
    until(lambda: client.job(paused)["status"] == "paused", "the import is paused")
    back_up(stack, place)
    client.http.post(f"/api/jobs/{paused}/cancel").raise_for_status()

    with restored_from(place, (stack.folder / "files").as_uri()) as restored:
        url = restored.database_url
        assert record_of(url, done) == record_of(old_url, done)
        assert ledger_of(url, done) == ledger_of(old_url, done)
        assert orders_of(url, done)[0] == done_book.expected.good_rows
        with closing(RoadClient(restored.gateway, *restored.login)) as again:
            again.http.post(f"/api/jobs/{paused}/resume").raise_for_status()
            assert again.follow(paused)[-1].data["status"] == "completed"
        assert orders_of(url, paused) == expected_orders(paused_book.expected)
        until(lambda: is_sealed(url), "the audit is sealed behind the restored chain")
        *_, prove = blocks_for_this_test()
        assert "; 0 faults" in typed(prove, place, SLUICE_DATABASE_URL=url)
