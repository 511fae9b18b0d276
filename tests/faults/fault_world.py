"""The whole of Sluice with a proxy on every road, failpoints, small disks: where faults happen."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
from tests.faults.small_disk import SmallDisk, disks_are_possible, unmount_forgotten
from tests.faults.tcp_proxy import Proxies

from devstack import SluiceOptions, Stack
from devstack.locations import project_root
from sluice import failpoints

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KAFKA_CLIENTS = ("upload-api", "parser", "writer", "progress-fold", "progress-settler")
POSTGRES_CLIENTS = ("upload-api", "parser", "writer", "progress-settler", "progress-gateway")
REDIS_CLIENTS = ("writer", "progress-fold", "progress-settler", "progress-gateway")
SERVICES = (
    "upload-api", "parser", "writer", "progress-fold", "progress-settler", "progress-gateway",
)  # fmt: skip
CHUNK_ROWS = 250
READY_WITHIN_S = 60.0

TARGET = """
name: {name}
table: {name}
mode: {mode}
key: [key]
columns:
  - {{name: key, type: bigint, required: true}}
  - {{name: value, type: text, required: true}}
  - {{name: pieces, type: integer, required: true, min: 1}}
"""
KEY_TARGETS = {"fault_inserts": "insert", "fault_upserts": "upsert"}
TABLES = ("orders", *KEY_TARGETS)


@dataclass(slots=True, kw_only=True)
class FaultWorld:
    """A running stack and every lever by which it can be harmed."""

    stack: Stack
    proxies: Proxies
    folder: Path
    disks: dict[str, SmallDisk]
    hogs: list[psycopg.Connection[tuple[object, ...]]] = field(default_factory=list)
    extra_writers: list[str] = field(default_factory=list)
    token: str = ""
    job_ids: list[str] = field(default_factory=list)
    """Of the run's imports, as they are accepted."""
    over: threading.Event = field(default_factory=threading.Event)
    """Set when a run's imports have ended: there is nothing left to be harmed."""

    @property
    def points(self) -> Path:
        return self.folder / "points"

    @property
    def files(self) -> Path:
        return self.disks["files"].path if "files" in self.disks else self.folder / "files"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def spill(self) -> Path:
        return self.disks["spill"].path if "spill" in self.disks else self.folder / "spill"

    @property
    def client_url(self) -> str:
        """The gateway, through its proxy."""
        return f"http://127.0.0.1:{self.stack.ports.port('via-clients')}"

    @property
    def database_url(self) -> str:
        return self.stack.database_url

    def copies(self, service: str) -> list[str]:
        return [each.name for each in self.stack.processes() if each.service == service]

    def arm(self, point: str, action: str) -> None:
        (self.points / (point + failpoints.CLAIMED)).unlink(missing_ok=True)
        work = self.points / f".{point}"
        work.write_text(action)
        work.rename(self.points / point)

    def has_fired(self, point: str) -> bool:
        return (self.points / (point + failpoints.CLAIMED)).exists()

    def disarm(self, point: str = "*") -> None:
        """Take back one point, or all."""
        for armed in self.points.glob(point):
            armed.unlink(missing_ok=True)

    def heal(self) -> None:
        """Undo every harm and wait until everything is ready."""
        self.disarm()
        self.proxies.clear()
        for disk in self.disks.values():
            disk.make_room()
        while self.hogs:
            self.hogs.pop().close()
        while self.extra_writers:
            self.stack.remove(self.extra_writers.pop())
        for process in self.stack.processes():
            if process.paused:
                self.stack.resume(process.name)
            if process.phase == "stopped":
                self.stack.start(process.name)
        self.wait_ready()

    def wait_ready(self) -> None:
        for name in dict.fromkeys(each.service for each in self.stack.processes()):
            self.stack.wait_ready(name, READY_WITHIN_S)

    def empty_tables(self) -> None:
        with psycopg.connect(self.database_url, autocommit=True) as conn:
            for table in (*TABLES, "sluice.records"):
                conn.execute(f"TRUNCATE {table}")

    def keep_logs(self, folder: Path) -> None:
        shutil.copytree(self.stack.folder / "logs", folder / "logs", dirs_exist_ok=True)


@contextmanager
def fault_world(
    name: str, *, writers: int = 2, parsers: int = 2, chunk_rows: int = CHUNK_ROWS
) -> Iterator[FaultWorld]:
    """Start everything; leave nothing. The login is an operator's."""
    with ExitStack() as cleanup:
        own = f"{name}-{os.getpid()}"  # two runs may go on beside each other
        folder = Path(f"/var/tmp/sluice-{own}")  # noqa: S108 - reachable by postgres
        unmount_forgotten(folder.parent, "sluice-fault")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o711)
        cleanup.callback(shutil.rmtree, folder, ignore_errors=True)
        for part in ("points", "tmp", "targets", "spill", "files"):
            (folder / part).mkdir()
        _write_targets(folder / "targets")
        disks = _mount_disks(folder, cleanup)
        stack = cleanup.enter_context(Stack.ephemeral(own, kafka_doors=KAFKA_CLIENTS))
        proxies = Proxies()
        cleanup.callback(proxies.close)
        world = FaultWorld(stack=stack, proxies=proxies, folder=folder, disks=disks)
        options = _options(world)
        env = {**options.env, "SLUICE_CHUNK_ROWS": str(chunk_rows)}
        stack.start_sluice(replace(options, writers=writers, parsers=parsers, env=env))
        if "tables" in disks:
            _move_tables(world)
        yield world


def _write_targets(folder: Path) -> None:
    shutil.copy(project_root() / "targets" / "orders.yaml", folder)
    for name, mode in KEY_TARGETS.items():
        (folder / f"{name}.yaml").write_text(TARGET.format(name=name, mode=mode))


def _mount_disks(folder: Path, cleanup: ExitStack) -> dict[str, SmallDisk]:
    if (why := disks_are_possible()) is not None:
        print(f"skipped: full disks ({why})", flush=True)
        return {}
    disks = {name: SmallDisk(folder / name) for name in ("files", "spill", "tables")}
    for disk in disks.values():
        disk.mount()
        cleanup.callback(disk.unmount)
    return disks


def _options(world: FaultWorld) -> SluiceOptions:
    env_of: dict[str, dict[str, str]] = {name: {} for name in SERVICES}
    stack = world.stack
    for service in KAFKA_CLIENTS:
        outside, inside = stack.door_ports(service)
        world.proxies.add(f"{service}-kafka", outside, inside)
        env_of[service]["SLUICE_KAFKA_BOOTSTRAP"] = f"127.0.0.1:{outside}"
    for part, variable, clients in (
        ("postgres", "SLUICE_DATABASE_URL", POSTGRES_CLIENTS),
        ("redis", "SLUICE_REDIS_URL", REDIS_CLIENTS),
    ):
        url = stack.endpoints.address(part)  # type: ignore[arg-type]  # two of its three
        server = urlsplit(url).port or 0
        for service in clients:
            outside = stack.ports.port(f"via-{service}-{part}")
            world.proxies.add(f"{service}-{part}", outside, server)
            env_of[service][variable] = url.replace(f":{server}", f":{outside}")
    world.proxies.add(
        "clients-gateway", stack.ports.port("via-clients"), stack.ports.port("gateway")
    )
    return SluiceOptions(
        env={
            "SLUICE_FAILPOINTS_DIR": str(world.points),
            "SLUICE_TARGETS_DIR": str(world.folder / "targets"),
            "SLUICE_STORAGE_URL": world.files.as_uri(),
            "SLUICE_SPILL_DIR": str(world.spill),
            "SLUICE_DEMO_ROLE": "operator",
            "SLUICE_MAX_UNFINISHED_JOBS": "50",
            # Small chunks in large transactions would be too few to be struck in the middle
            "SLUICE_WRITER_CHUNKS_PER_TRANSACTION": "10",
            "TMPDIR": str(world.temporary),
        },
        env_of=env_of,
    )


def _move_tables(world: FaultWorld) -> None:
    """Give the target tables a disk of their own, which can be full while the log's is not."""
    path = world.disks["tables"].path
    shutil.chown(path, "postgres", "postgres")
    with psycopg.connect(world.database_url, autocommit=True) as conn:
        conn.execute(f"CREATE TABLESPACE small LOCATION '{path}'")
        for table in (*TABLES, "sluice.records"):
            conn.execute(f"ALTER TABLE {table} SET TABLESPACE small")


def eventually(condition: Callable[[], object], within_s: float, what: str) -> None:
    """Wait until `condition()` holds.

    Raises:
        AssertionError: it did not within that time.
    """
    deadline_s = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline_s, f"{what}: not within {within_s:.0f} s"
        time.sleep(0.1)


def machine_load() -> str:
    """Return what else may have made a run slow."""
    done = subprocess.run(["uptime"], capture_output=True, text=True, check=False)
    return done.stdout.strip().rpartition("load")[2]
