"""PostgreSQL from the system, in a cluster of the stack's own."""

import contextlib
import os
import secrets
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from devstack.endpoints import Endpoint
from devstack.errors import PartUnavailableError
from devstack.install import POSTGRES, require
from devstack.ports import PortBook
from devstack.process import Account, account
from devstack.service_spec import ServiceSpec
from devstack.state import read_or_make_secret

USER = "sluice"
DATABASE = "sluice"

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    # TCP only: a socket's path has a limit of 107 bytes that a project's folder may pass.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    # Durability stays as in production, or the benchmark would praise a database that is not.
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_compression": "on",
    # With the default 1GB and 5 min a million-row import runs into several checkpoints.
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "log_checkpoints": "off",
    # What an error is about are values of cells: "Key (email)=(…)", the line of a COPY.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "timezone": "UTC",
}


def native_postgres(folder: Path, ports: PortBook) -> tuple[ServiceSpec, Endpoint]:
    """Prepare a cluster; `initdb` runs at the first time.

    Raises:
        PartUnavailableError: PostgreSQL is not on this machine, or `initdb` failed.
    """
    programs = require(POSTGRES)
    run_as = unprivileged_account()
    home = _home(folder, run_as)
    password = read_or_make_secret(folder / "postgres.password", secrets.token_urlsafe(18))
    data = home / "data"
    if not (data / "PG_VERSION").exists():
        _initdb(programs, data, password, run_as)
    port = ports.port("postgres")
    settings = {**SETTINGS, "port": str(port)}
    arguments = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
    address = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
    spec = ServiceSpec(
        name="postgres",
        argv=(str(programs / "postgres"), "-D", str(data), *arguments),
        # The database of that name is made once the server answers; `postgres` is always there.
        ready=address.removesuffix(DATABASE) + "postgres",
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        inherit_env=False,
        stop_signal=signal.SIGINT,  # "fast": ends the sessions, keeps the data clean
        death_signal=signal.SIGINT,
        run_as=run_as,
        cwd=home,
    )
    return spec, Endpoint("postgres", address, "native")


def unprivileged_account() -> Account | None:
    """Whom PostgreSQL runs as when we are root, which it refuses; None: as ourselves.

    Raises:
        PartUnavailableError: we are root and there is no other account.
    """
    if os.geteuid() != 0:
        return None
    found = account("postgres") or account("nobody")
    if found is None:
        raise PartUnavailableError(
            "PostgreSQL refuses to run as root: add an account named postgres"
        )
    return found


def _home(folder: Path, run_as: Account | None) -> Path:
    """The folder of the cluster: in the stack's, or in /var/tmp where the account cannot go."""
    inside = folder / "postgres"
    elsewhere = folder / "postgres.home"
    if elsewhere.exists():
        return Path(elsewhere.read_text())
    inside.mkdir(mode=0o700, parents=True, exist_ok=True)
    if run_as is None:
        return inside
    folder.chmod(0o711)
    os.chown(inside, run_as.uid, run_as.gid)
    if _reachable(inside, run_as):
        return inside
    inside.rmdir()
    outside = Path(tempfile.mkdtemp(prefix="sluice-postgres-", dir="/var/tmp"))
    os.chown(outside, run_as.uid, run_as.gid)
    elsewhere.write_text(str(outside))
    return outside


def _reachable(folder: Path, run_as: Account) -> bool:
    asked = _run(["/bin/sh", "-c", 'cd "$0" && test -w .', str(folder)], run_as, Path("/"))
    return asked.returncode == 0


def _initdb(programs: Path, data: Path, password: str, run_as: Account | None) -> None:
    with tempfile.TemporaryDirectory(dir=data.parent) as scratch:
        secret = Path(scratch, "password")
        secret.write_text(password)
        if run_as:
            os.chown(scratch, run_as.uid, run_as.gid)
            os.chown(secret, run_as.uid, run_as.gid)
        options = ["-U", USER, "--pwfile", str(secret), "--auth=scram-sha-256", "-E", "UTF8",
                   "--locale=C.UTF-8", "--no-sync", "--no-instructions"]  # fmt: skip
        done = _run([str(programs / "initdb"), "-D", str(data), *options], run_as, Path(scratch))
    if done.returncode:
        raise PartUnavailableError(f"initdb failed: {done.stderr.strip()}")


def _run(argv: list[str], run_as: Account | None, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as the account when there is one."""
    return subprocess.run(  # noqa: S603 - fixed argv
        argv,
        user=run_as.uid if run_as else None,
        group=run_as.gid if run_as else None,
        extra_groups=[] if run_as else None,
        env={"PATH": os.defpath},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def ensure_database(address: str) -> None:
    """Create the database that `address` names, unless it is there."""
    server, _, name = address.rpartition("/")
    with (
        psycopg.connect(f"{server}/postgres", autocommit=True) as connection,
        contextlib.suppress(psycopg.errors.DuplicateDatabase),
    ):
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
