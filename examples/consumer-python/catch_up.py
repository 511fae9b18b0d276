"""For a late joiner: takes ended imports over HTTP, where Kafka has forgotten them.

Run it once, while `consumer.py` runs already. What both find has the same id and takes effect once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import psycopg
from effects import JOB_EVENTS, Event, handle

if TYPE_CHECKING:
    from collections.abc import Iterator

ENDED = ("completed", "completed_with_errors", "failed", "cancelled", "undone")
PAGE = 200


def main() -> int:
    """Page through the ended jobs; print how many were new."""
    url, token = os.environ["SLUICE_URL"], os.environ["SLUICE_TOKEN"]
    headers = {"Authorization": f"Bearer {token}"}
    seen = new = 0
    with (
        httpx.Client(base_url=url, headers=headers, timeout=60) as http,
        psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as conn,
    ):
        conn.execute(Path(__file__).with_name("schema.sql").read_text(encoding="utf-8"))
        for status in ENDED:
            for job in jobs_of(http, status):
                with conn.transaction():
                    new += handle(conn, end_of(job))
                seen += 1
    print(f"{seen} imports, {new} that were new")
    return 0


def jobs_of(http: httpx.Client, status: str) -> Iterator[dict[str, Any]]:
    """Yield every job of a status that the token may see."""
    params: dict[str, str | int] = {"status": status, "limit": PAGE}
    while True:
        page = http.get("/api/jobs", params=params).raise_for_status().json()
        yield from page["jobs"]
        if page["nextCursor"] is None:
            return
        params["cursor"] = page["nextCursor"]


def end_of(job: dict[str, Any]) -> Event:
    """Return the job's last `job-finished`, with the id that it has on Kafka."""
    identity = [job["jobId"], "job-finished", job["run"]]
    if job["status"] == "undone":
        identity.append("undone")
    elif job["healedRows"]:
        identity.append(job["healedRows"])
    body = {
        "jobId": job["jobId"],
        "run": job["run"],
        "status": job["status"],
        "inserted": job["insertedRows"],
        "updated": job["updatedRows"],
        "healed": job["healedRows"],
        "undone": job["undoneRows"],
        "correctionOf": job["correctionOf"],
        "dryRun": job["dryRun"],
    }
    return Event(
        topic=JOB_EVENTS,
        ce_id=":".join(map(str, identity)),
        ce_type="io.sluice.imports.job-finished.v1",
        body=body,
    )


if __name__ == "__main__":
    sys.exit(main())
