"""upload-api as a process: it ends cleanly and in time, and is killed without harm."""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from tests.letter_box import LetterBox

from sluice.auth.tokens import TokenKeeper
from sluice.clock import SystemClock
from upload_api.adapters.postgres_users import upsert_user
from upload_api.settings import UploadApiSettings

DEADLINE_S = 60.0
WITHIN_S = 15.0
PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.xlsx"\r\n\r\n'
Wait = Callable[[Callable[[], bool]], None]


@dataclass
class Program:
    """Processes of upload-api over one database, one folder and one broker."""

    env: dict[str, str]
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    port: int = 0

    def start(self) -> subprocess.Popen[bytes]:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        env = {**self.env, "SLUICE_HTTP_PORT": str(self.port)}
        process = subprocess.Popen([sys.executable, "-m", "upload_api"], env=env)
        self.processes.append(process)
        deadline = time.monotonic() + DEADLINE_S
        while not self._is_ready():
            assert process.poll() is None, "upload-api ended at its start"
            assert time.monotonic() < deadline, "upload-api does not start"
            time.sleep(0.05)
        return process

    def _is_ready(self) -> bool:
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=2, trust_env=False)
        except httpx.HTTPError:
            return False
        return answer.is_success

    def token(self, role: str = "user") -> str:
        settings = UploadApiSettings.from_env({**self.env, "SLUICE_HTTP_PORT": "1"})
        with psycopg.connect(self.env["SLUICE_DATABASE_URL"], autocommit=True) as conn:
            user_id = upsert_user(conn, role, "no hash", role)
        return TokenKeeper(settings).issue(user_id, role, SystemClock().now())[0]

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token('operator')}"}
        with httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False) as client:
            answer = client.request(method, path, json=body, headers=headers, timeout=20)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    @contextlib.contextmanager
    def uploading(self, declared_bytes: int, sent: bytes) -> Iterator[socket.socket]:
        """An upload whose body is not complete."""
        head = (
            f"POST /api/upload/excel HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.token()}"
            "\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            f"Content-Length: {declared_bytes}\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as connection:
            connection.sendall(head.encode() + sent)
            yield connection

    def stored(self) -> list[str]:
        return [path.name for path in (self.folder / "files").iterdir()]


@pytest.fixture
def program(database_url: str, kafka_bootstrap: str, tmp_path: Path) -> Iterator[Program]:
    points = tmp_path / "points"
    points.mkdir()
    env = {
        "SLUICE_DATABASE_URL": database_url,
        "SLUICE_STORAGE_URL": (tmp_path / "files").as_uri(),
        "SLUICE_JWT_SECRET": "s" * 32,
        "SLUICE_KAFKA_BOOTSTRAP": kafka_bootstrap,
        "SLUICE_ENVIRONMENT": "test",
        "SLUICE_FAILPOINTS_DIR": str(points),
    }
    made = Program(env, tmp_path)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()


def ended_within(process: subprocess.Popen[bytes], began: float) -> None:
    assert process.wait(WITHIN_S) == 0
    assert time.monotonic() - began < WITHIN_S


def test_an_upload_that_does_not_end_is_told_so_and_leaves_nothing(
    program: Program, eventually: Wait
) -> None:
    process = program.start()
    body = PART + b"x" * 3_000_000
    with program.uploading(100_000_000, body) as connection:
        eventually(lambda: len(program.stored()) == 1)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
        assert answer.startswith(b"HTTP/1.1 503"), answer
        assert b"SERVICE_STOPPING" in answer
        assert b"retry-after" in answer.lower()
        ended_within(process, began)
    assert program.stored() == []


def test_an_upload_that_ends_soon_is_accepted_before_the_process_ends(
    program: Program, workbook: Callable[..., bytes]
) -> None:
    process = program.start()
    body = PART + workbook(["a"], [1]) + b"\r\n--b--\r\n"
    with program.uploading(len(body), body[:200]) as connection:
        time.sleep(0.5)  # its head is read; so short a body leaves no trace before its end
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(body[200:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        ended_within(process, began)
    assert len(program.stored()) == 1


def test_a_process_without_kafka_and_postgres_ends_in_time(program: Program) -> None:
    program.env["SLUICE_KAFKA_BOOTSTRAP"] = "127.0.0.1:1"
    process = program.start()
    with psycopg.connect(program.env["SLUICE_DATABASE_URL"]) as conn:
        conn.execute(
            "INSERT INTO sluice.outbox (job_id, topic, key, headers, value)"
            " VALUES (%s, 'imports.jobs', 'k', '[]', 'v')",
            [uuid4()],
        )
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    ended_within(process, began)


def test_an_upload_killed_in_its_body_is_sent_again_under_its_key_and_makes_one_job(
    program: Program, workbook: Callable[..., bytes], database_url: str
) -> None:
    content = workbook(["a"], [1])

    def send(more: bytes = b"") -> httpx.Response:
        address = f"http://127.0.0.1:{program.port}/api/upload/excel"
        headers = {"Authorization": f"Bearer {program.token()}", "Idempotency-Key": "k"}
        files = {"file": ("a.xlsx", content + more)}
        return httpx.post(address, files=files, headers=headers, timeout=20, trust_env=False)

    (program.folder / "points" / "upload.mid_body").write_text("kill")
    process = program.start()
    with pytest.raises(httpx.HTTPError):
        send(bytes(2_000_000))
    assert process.wait(DEADLINE_S) == -signal.SIGKILL
    program.start()
    assert send().json()["code"] == "IDEMPOTENCY_KEY_IN_USE"
    with psycopg.connect(database_url) as conn:
        conn.execute("UPDATE sluice.idempotency_keys SET taken_at = taken_at - interval '61 s'")
    first, again = send(), send()
    assert (first.status_code, again.headers.get("idempotent-replayed")) == (200, "true")
    with psycopg.connect(database_url) as conn:
        jobs = conn.execute("SELECT job_id::text FROM sluice.jobs").fetchall()
    assert jobs == [(first.json()["jobId"],)] == [(again.json()["jobId"],)]


def test_a_replay_killed_in_the_middle_goes_on_in_the_next_process(
    program: Program, database_url: str, kafka_bootstrap: str, eventually: Wait
) -> None:
    box = LetterBox(kafka_bootstrap, database_url)
    job_id = add_failed_job(database_url, program)
    for chunk_no in range(4):
        box.dead_chunk(job_id, chunk_no)
    (program.folder / "points" / "replay.after_ack").write_text("kill@2")
    process = program.start()
    asked = {"filter": {"jobId": str(job_id)}, "ratePerSecond": 8}
    link = program.call("POST", "/api/ops/dlq/replays", asked)["link"]
    assert process.wait(DEADLINE_S) == -signal.SIGKILL
    program.start()
    found: dict[str, Any] = {}

    def is_done() -> bool:
        found.update(program.call("GET", link))
        return bool(found["state"] == "done")

    eventually(is_done)
    assert (found["sent"], found["waiting"]) == (4, 0)
    keys = [bytes(message.key() or b"") for message in box.produced(6)]
    assert {keys.count(f"{job_id}:{chunk_no}".encode()) for chunk_no in range(4)} <= {1, 2}
    box.close()
    with psycopg.connect(database_url) as conn:
        rows = conn.execute("SELECT state, replay_count FROM sluice.dead_letters").fetchall()
        assert rows == [("replaying", 1)] * 4
        assert conn.execute("SELECT run FROM sluice.jobs").fetchall() == [(2,)]


def add_failed_job(database_url: str, program: Program) -> UUID:
    program.token("operator")
    with psycopg.connect(database_url) as conn:
        row = conn.execute(
            "INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode, layout,"
            " file_name, file_url, file_size_bytes, file_sha256, status)"
            " SELECT gen_random_uuid(), user_id, 'records', '{}', 'insert', '{}', 'a', 'file:///a',"
            " 1, '', 'failed' FROM sluice.users RETURNING job_id"
        ).fetchone()
    assert row is not None
    found: UUID = row[0]
    return found
