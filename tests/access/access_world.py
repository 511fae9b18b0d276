"""Both HTTP apps in this process, on one database and one Redis, and everybody who may ask."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx
import jwt
import psycopg
from argon2 import PasswordHasher
from psycopg import sql
from tests.access.asgi_call import ask
from tests.access.matrix import SENT

from progress_gateway.entrypoints.http_app import build_app as build_gateway
from progress_gateway.settings import GatewaySettings
from sluice.clock import SystemClock
from upload_api.bootstrap import build_app as build_upload_api
from upload_api.bootstrap import build_parts
from upload_api.settings import UploadApiSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fastapi import FastAPI
    from tests.access.matrix import Row, Sent

    from upload_api.parts import Parts

SECRET, OTHER_SECRET = "s3cret-of-this-test-" * 2, "another-secret-of-32-characters!" * 2
ROLES = {"oper": "operator", "admn": "admin"}
PEOPLE = ("disa", "othr", "publ", "laps", "view", "ctrl", "ownr", "oper", "admn")
ORDERS = """
name: orders
table: orders
key: [order_id]
columns:
  - {name: order_id, type: bigint, required: true}
"""


class NoRecords:
    """Kafka is not asked: the record of every dead letter has gone."""

    def fetch(self, topic: str, partition: int, offset: int) -> None:
        del topic, partition, offset


class Idle:
    """What runs beside the requests, at rest."""

    def start(self) -> None: ...

    def wake(self) -> None: ...

    def begin_stop(self) -> None: ...

    def stop(self, timeout_s: float = 0.0) -> None: ...

    def not_live(self) -> str:
        return ""


class AccessWorld:
    """The apps, the people, and a fresh job for each request."""

    def __init__(self, database_url: str, redis_url: str, folder: Path) -> None:
        self.clock = SystemClock()
        environ = _environ(database_url, redis_url, folder)
        self.parts = _parts(UploadApiSettings.from_env(environ))
        self._gateway_settings = GatewaySettings.from_env(environ)
        self.apps: dict[str, FastAPI] = {"upload-api": build_upload_api(self.parts)}
        self.conn = psycopg.connect(database_url, autocommit=True)
        self.people = {name: self._person(name) for name in PEOPLE}
        self.execute("UPDATE sluice.users SET disabled = true WHERE username = 'disa'")
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        hashed = cheap.hash(SENT["POST /api/auth/login"].json["password"])
        self.execute("UPDATE sluice.users SET password_hash = %s WHERE username = 'ownr'", hashed)

    async def open(self) -> None:
        """Prepare what belongs to the event loop."""
        self.parts.storage.prepare()
        self.parts.uploads.open()
        self.apps["progress-gateway"] = build_gateway(self._gateway_settings, self.clock)

    async def close(self) -> None:
        gateway = self.apps["progress-gateway"].state.parts
        await gateway.close()
        gateway.authenticator._pool.close()
        self.parts.pool.close()
        self.conn.close()

    def execute(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        cursor = self.conn.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    async def status(self, row: Row, caller: str) -> int:
        """Ask one route as one caller, about a job of this request's own."""
        job_id = self.add_job(row.sent.job, is_public=caller == "publ")
        places = self._places(job_id, row)
        request = _request(row, places, self.headers_of(caller))
        return (await ask(self.apps[row.app], request)).status_code

    def headers_of(self, caller: str) -> dict[str, str]:
        """Return the credentials of a caller."""
        if caller == "none":
            return {}
        return {"Authorization": f"Bearer {self.token_of(caller)}"}

    def token_of(self, caller: str) -> str:
        """Return a token of its own for each request: one of them signs out."""
        now, name = self.clock.now(), str(uuid4())
        owner = self.people["ownr"]
        if caller == "expd":
            token, _ = self.parts.keeper.issue(owner, name, now - timedelta(days=40))
        elif caller in {"sign", "alg0"}:
            token, _ = self.parts.keeper.issue(owner, name, now)
            claims = jwt.decode(token, options={"verify_signature": False})
            forged = (None, "none") if caller == "alg0" else (OTHER_SECRET, "HS256")
            token = jwt.encode(claims, *forged)
        else:
            token, _ = self.parts.keeper.issue(self.people[caller], name, now)
        return token

    def add_job(self, columns: Mapping[str, Any] | None = None, *, is_public: bool = False) -> UUID:
        """Add a job of the owner, shared with those that it is shared with."""
        job: dict[str, Any] = {
            "job_id": uuid4(),
            "owner_id": self.people["ownr"],
            "is_public": is_public,
            "target": "records",
            "target_definition": "{}",
            "mode": "insert",
            "layout": json.dumps(
                {"sheet": "s", "headerLine": 1, "estimatedRows": 1, "columns": []}
            ),
            "file_name": "a.xlsx",
            "file_url": "file:///a",
            "file_size_bytes": 1,
            "file_sha256": b"",
            "status": "processing",
        } | dict(columns or {})
        statement = sql.SQL("INSERT INTO sluice.jobs ({}) VALUES ({})").format(
            sql.SQL(", ").join(map(sql.Identifier, job)),
            sql.SQL(", ").join([sql.SQL("%s")] * len(job)),
        )
        self.conn.execute(statement, list(job.values()))
        for name, permission, ends in (
            ("view", "view", None),
            ("ctrl", "control", self.clock.now() + timedelta(hours=1)),
            ("laps", "control", self.clock.now() - timedelta(seconds=1)),
        ):
            self.execute(
                """INSERT INTO sluice.job_shares
                       (job_id, user_id, permission, shared_by, expires_at)
                   VALUES (%s, %s, %s, %s, %s)""",
                job["job_id"], self.people[name], permission, self.people["ownr"], ends,
            )  # fmt: skip
        found: UUID = job["job_id"]
        return found

    def add_rejected_row(self, job_id: UUID, cell: str) -> None:
        """Add a rejected row to a job, as the writer leaves it; the sentence quotes the cell."""
        self.execute(
            "INSERT INTO sluice.rejected_lines (job_id, sheet_line, chunk_no) VALUES (%s, 7, 0)",
            job_id,
        )
        self.execute(
            """INSERT INTO sluice.rejected_rows (job_id, sheet_line, error_no, chunk_no, field,
                 column_letter, code, message, value, cells)
               VALUES (%s, 7, 0, 0, 'age', 'B', 'INTEGER_INVALID', %s, %s, %s)""",
            job_id, f"{cell!r} is not a whole number", cell, json.dumps(["x", cell]),
        )  # fmt: skip
        self.execute(
            """INSERT INTO sluice.chunks (job_id, chunk_no, outcome, run, rows, failed, first_line,
                 last_line, covered_bytes, sha256)
               VALUES (%s, 0, 'written', 1, 1, 1, 7, 7, 1, '')""",
            job_id,
        )
        self.execute(
            "UPDATE sluice.jobs SET failed_rows = 1, total_rows = 1 WHERE job_id = %s", job_id
        )

    async def answer(self, row: Row, caller: str, job_id: UUID) -> httpx.Response:
        """Ask one route about a certain job."""
        request = _request(row, self._places(job_id, row), self.headers_of(caller))
        return await ask(self.apps[row.app], request)

    def _person(self, name: str) -> UUID:
        [[user_id]] = self.execute(
            "INSERT INTO sluice.users (username, role) VALUES (%s, %s) RETURNING user_id",
            name, ROLES.get(name, "user"),
        )  # fmt: skip
        found: UUID = user_id
        return found

    def _places(self, job_id: UUID, row: Row) -> dict[str, str]:
        """Return what stands for the names in a path."""
        return {
            "{job_id}": str(job_id),
            "{user_id}": str(self.people["view"]),
            "{dead_letter_id}": str(self._letter(job_id)) if "dlq" in row.path else "",
            "{replay_id}": str(self._replay()) if "replay" in row.path else "",
            "{name}": "orders",
            "{event}": "chunk-written.v1",
        }

    def _letter(self, job_id: UUID) -> int:
        [[letter_id]] = self.execute(
            """INSERT INTO sluice.dead_letters (topic, partition, kafka_offset, original_topic,
                 original_partition, original_offset, job_id, chunk_no, run, error_class,
                 error_message, attempts, replay_count, size_bytes, first_failed_at, last_failed_at)
               SELECT 'imports.chunks.dlq', 0, coalesce(max(kafka_offset), 0) + 1, 'imports.chunks',
                      0, 5, %s, 1, 1, 'DEADLOCK', 'm', 4, 0, 9, now(), now()
                 FROM sluice.dead_letters RETURNING dead_letter_id""",
            job_id,
        )
        return int(letter_id)

    def _replay(self) -> UUID:
        [[replay_id]] = self.execute(
            """INSERT INTO sluice.replays (replay_id, requested_by, selection, rate_per_s)
               VALUES (gen_random_uuid(), %s, '{}', 1) RETURNING replay_id""",
            self.people["oper"],
        )
        found: UUID = replay_id
        return found


def _environ(database_url: str, redis_url: str, folder: Path) -> dict[str, str]:
    targets = folder / "targets"
    targets.mkdir()
    (targets / "orders.yaml").write_text(ORDERS)
    return {
        "SLUICE_ENVIRONMENT": "test",
        "SLUICE_DATABASE_URL": database_url,
        "SLUICE_REDIS_URL": redis_url,
        "SLUICE_STORAGE_URL": (folder / "files").as_uri(),
        "SLUICE_JWT_SECRET": SECRET,
        "SLUICE_HTTP_PORT": "1",
        "SLUICE_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "SLUICE_TARGETS_DIR": str(targets),
        "SLUICE_UPLOAD_API_URL": "http://127.0.0.1:1",
        "SLUICE_MAX_UNFINISHED_JOBS": "100000",
        "SLUICE_MAX_STREAMS": "100000",
        "SLUICE_MAX_STREAM_OPENINGS": "100000",
        "SLUICE_MAX_UPLOADS_PER_HOUR": "100000",
        "SLUICE_MAX_SIGN_INS_OF_NAME": "100000",
        "SLUICE_MAX_SIGN_INS_OF_ADDRESS": "100000",
    }


def _parts(settings: UploadApiSettings) -> Parts:
    idle: Any = Idle()
    records: Any = NoRecords()
    parts = build_parts(settings)
    return dataclasses.replace(parts, relay=idle, replayer=idle, records=records)


def _request(row: Row, places: Mapping[str, str], headers: Mapping[str, str]) -> httpx.Request:
    sent: Sent = row.sent
    query = f"?{sent.query}" if sent.query else ""
    return httpx.Request(
        row.method,
        f"http://sluice.test{_filled(row.path + query, places)}",
        headers=headers,
        json=None if sent.json is None else json.loads(_filled(json.dumps(sent.json), places)),
        data=dict(sent.form) or None,
        files={"file": sent.file} if sent.file else None,
    )


def _filled(text: str, places: Mapping[str, str]) -> str:
    for place, value in places.items():
        # An id that is a number loses the quotes of its place in JSON
        quoted = f'"{place}"'
        text = text.replace(quoted, value if value.isdigit() else f'"{value}"')
        text = text.replace(place, value)
    return text
