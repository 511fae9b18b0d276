import contextlib
import dataclasses
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
import uvicorn
from openpyxl import Workbook
from psycopg.types.json import Jsonb

from devstack.databases import PostgresServer
from sluice.confinement.child import prepare_forkserver
from sluice.db.migrate import migrate
from upload_api.adapters.postgres_users import upsert_user
from upload_api.bootstrap import build_app, build_parts
from upload_api.parts import Parts
from upload_api.settings import UploadApiSettings

START_S = 60.0
LAYOUT = {"sheet": "Data", "headerLine": 1, "estimatedRows": 9, "columns": []}
ORDERS = """
name: orders
table: orders
key: [order_id]
columns:
  - {name: order_id, type: bigint, required: true}
  - {name: quantity, type: integer, required: true}
"""


class QuietRelay:
    """Does nothing beside the requests: so the outbox stays as it is, and tests can read it."""

    def __init__(self) -> None:
        self.woken = 0

    def start(self) -> None: ...

    def wake(self) -> None:
        self.woken += 1

    def stop(self, timeout_s: float = 0.0) -> None: ...

    def not_live(self) -> str:
        return ""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Api:
    """A running upload-api with its own database and folder."""

    client: httpx.Client
    port: int
    database_url: str
    files: Path
    parts: Parts

    def headers(self, name: str = "anna", role: str = "user") -> dict[str, str]:
        """A signed-in user, made when new; as fast as a token can be made."""
        with psycopg.connect(self.database_url, autocommit=True) as conn:
            user_id = upsert_user(conn, name, "no hash", role)
            found = conn.execute(
                "SELECT token_generation FROM sluice.users WHERE user_id = %s", [user_id]
            ).fetchone()
        assert found is not None
        token, _ = self.parts.keeper.issue(user_id, name, self.parts.clock.now(), found[0])
        return {"Authorization": f"Bearer {token}"}

    def upload(self, content: bytes, name: str = "a.xlsx", **fields: str) -> httpx.Response:
        return self.client.post(
            "/api/upload/excel",
            files={"file": (name, content)},
            data=fields,
            headers=self.headers(),
        )

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.database_url) as conn:
            return conn.execute(sql, values).fetchall()

    def stored(self) -> list[str]:
        return sorted(path.name for path in self.files.iterdir())

    def nothing_is_left(self) -> bool:
        counts = self.rows("SELECT (SELECT count(*) FROM sluice.jobs), count(*) FROM sluice.outbox")
        return self.stored() == [] and counts == [(0, 0)]


StartApi = Callable[..., Api]


def untidy(parts: Parts) -> Parts:
    """Have nobody clean up or seal."""
    asleep: Any = QuietRelay()
    return dataclasses.replace(parts, sweeper=asleep, sealer=asleep, retention=asleep)


@pytest.fixture
def database_url(postgres_server: PostgresServer) -> Iterator[str]:
    def build(url: str) -> None:
        migrate(url)

    with postgres_server.database(postgres_server.template("migrated", build)) as url:
        yield url


def settings_of(database_url: str, folder: Path, **more: str) -> UploadApiSettings:
    targets = folder / "targets"
    targets.mkdir(exist_ok=True)
    (targets / "orders.yaml").write_text(ORDERS)
    environ = {
        "SLUICE_DATABASE_URL": database_url,
        "SLUICE_STORAGE_URL": (folder / "files").as_uri(),
        "SLUICE_ENVIRONMENT": "test",
        "SLUICE_JWT_SECRET": "s" * 32,
        "SLUICE_HTTP_PORT": "1",
        "SLUICE_KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "SLUICE_TARGETS_DIR": str(targets),
        "SLUICE_MAX_UPLOADS_PER_HOUR": "100000",
    }
    return UploadApiSettings.from_env(environ | more)


@contextlib.contextmanager
def serving(parts: Parts) -> Iterator[int]:
    """Run the app on a free port, on a real socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        build_app(parts), loop="uvloop", http="httptools", access_log=False, log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + START_S
    while not server.started:
        assert thread.is_alive(), "the server ended at its start"
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(START_S)
        listener.close()


def end_producers(parts: Parts) -> None:
    """End the producers of an app that has stopped: each is three threads, which go on asking for
    a broker. FastAPI keeps a hundred apps' functions in a cache, and these keep the parts.
    """
    owners: tuple[Any, Any] = (parts.relay, parts.replayer)
    for owner in owners:
        del owner._producer


@pytest.fixture
def start_api(database_url: str, tmp_path: Path) -> Iterator[StartApi]:
    with contextlib.ExitStack() as running:

        def start(
            *,
            quiet: bool = True,
            tidy: bool = True,
            change: Callable[[Parts], Parts] = lambda p: p,
            **more: str,
        ) -> Api:
            """Start one; unless `tidy`, nothing of it meets a test's locks by itself."""
            built = build_parts(settings_of(database_url, tmp_path, **more))
            running.callback(end_producers, built)
            parts = change(built)
            if quiet:
                parts = dataclasses.replace(parts, relay=QuietRelay())
            if not tidy:
                parts = untidy(parts)
            port = running.enter_context(serving(parts))
            client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
            running.enter_context(client)
            return Api(
                client=client,
                port=port,
                database_url=database_url,
                files=tmp_path / "files",
                parts=parts,
            )

        yield start


@pytest.fixture
def api(start_api: StartApi) -> Api:
    return start_api()


@pytest.fixture(scope="module")
def shared_api(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """One api for a whole file of tests; each makes jobs of its own."""
    prepare_forkserver("upload_api.adapters.row_child")

    def build(url: str) -> None:
        migrate(url)

    folder = tmp_path_factory.mktemp("api")
    with contextlib.ExitStack() as running:
        template = postgres_server.template("migrated", build)
        url = running.enter_context(postgres_server.database(template))
        settings = settings_of(url, folder, SLUICE_MAX_UNFINISHED_JOBS="1000")
        parts = build_parts(settings)
        running.callback(end_producers, parts)
        parts = dataclasses.replace(parts, relay=QuietRelay(), retention=QuietRelay())
        port = running.enter_context(serving(parts))
        client = httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20)
        running.enter_context(client)
        yield Api(client=client, port=port, database_url=url, files=folder / "files", parts=parts)


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., bytes]:
    """Makes a workbook of the given rows."""

    def make(*rows: list[Any]) -> bytes:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "Data"
        for row in rows:
            sheet.append(row)
        path = tmp_path / "made.xlsx"
        book.save(path)
        return path.read_bytes()

    return make


@pytest.fixture
def add_job(api: Api) -> Callable[[str], UUID]:
    """Puts a job of somebody into the database."""

    def add(owner: str) -> UUID:
        api.headers(owner)
        sql = """INSERT INTO sluice.jobs (job_id, owner_id, target, target_definition, mode,
                    layout, file_name, file_url, file_size_bytes, file_sha256)
                 SELECT gen_random_uuid(), user_id, 'records', '{}', 'insert',
                    %s, 'a.xlsx', 'file:///a', 1, ''
                   FROM sluice.users WHERE username = %s RETURNING job_id"""
        with psycopg.connect(api.database_url) as conn:
            row = conn.execute(sql, [Jsonb(LAYOUT), owner]).fetchone()
        assert row is not None
        job_id: UUID = row[0]
        return job_id

    return add


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Polls until something holds, to a deadline."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_S
        while not holds():
            assert time.monotonic() < deadline, "it did not come to hold"
            time.sleep(0.02)

    return wait
