"""Start, identify and end processes so that none outlives its stack."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import psutil

MAX_LOG_BYTES = 50_000_000
_IF_OURS = 'test "$PPID" = "$0" && exec "$@"'
_STARTTIME = 19  # field 22 of /proc/<pid>/stat, counted after the command's closing bracket


@cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class ProcessIdentity:
    """A pid with its start: a number that is used again names another process."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The identity of a running process, None for one that has ended (zombies have)."""
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return None if Path("/proc/self").exists() else cls._without_proc(pid)
        except ProcessLookupError:
            return None
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, f"{_boot_id()}:{fields[_STARTTIME]}")

    @classmethod
    def ours(cls) -> Self:
        identity = cls.of(os.getpid())
        assert identity is not None  # noqa: S101 - who asks is alive
        return identity

    @classmethod
    def _without_proc(cls, pid: int) -> Self | None:
        try:
            process = psutil.Process(pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return None
            return cls(pid, str(process.create_time()))
        except psutil.NoSuchProcess:
            return None

    def is_alive(self) -> bool:
        return ProcessIdentity.of(self.pid) == self

    def signal(self, number: int) -> bool:
        """Send a signal, unless the process has ended; true when it was sent."""
        if not self.is_alive():
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True


def descendants(pid: int) -> list[ProcessIdentity]:
    """All living processes below `pid`, children before grandchildren."""
    try:
        below = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    found = (ProcessIdentity.of(child.pid) for child in below)
    return [identity for identity in found if identity is not None]


@dataclass(frozen=True, slots=True)
class Account:
    """The operating system user that a process runs as."""

    name: str
    uid: int
    gid: int


def account(name: str) -> Account | None:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, found.pw_uid, found.pw_gid)


def inherited_env(own: Mapping[str, str]) -> dict[str, str]:
    """Our environment with `own` in it, which wins also over the other form of a setting.

    A setting may be given as X or, for secrets, as a file in X_FILE, and services refuse both.
    """
    others = {key.removesuffix("_FILE") if key.endswith("_FILE") else f"{key}_FILE" for key in own}
    kept = {key: value for key, value in os.environ.items() if key not in others}
    return {**kept, **own}


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    run_as: Account | None = None,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output appended to `log`.

    Where util-linux's `setpriv` is there, the process gets `death_signal` when the THREAD that
    called this ends, be it by kill -9: call it only from a thread that lives as long as the
    process should. `setpriv` and not a `preexec_fn`, because Python code between fork and exec
    can deadlock in a process with threads. Who died before the signal was asked for sends none, so
    the process then looks whether we still are its parent.
    """
    setpriv = shutil.which("setpriv")
    prefix: list[str] = []
    if setpriv:
        name = death_signal.name.removeprefix("SIG")
        prefix = [setpriv, "--pdeathsig", name, "/bin/sh", "-c", _IF_OURS, str(os.getpid())]
    with _log_file(log) as output:
        return subprocess.Popen(  # noqa: S603 - argv is the stack's own
            [*prefix, *argv],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=cwd,
            user=run_as.uid if run_as else None,
            group=run_as.gid if run_as else None,
            extra_groups=[] if run_as else None,
        )


def spawn_detached(argv: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
    """Start a process that outlives us, in a session of its own."""
    with _log_file(log) as output:
        return subprocess.Popen(  # noqa: S603 - argv is the stack's own
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


@contextlib.contextmanager
def _log_file(log: Path) -> Iterator[int]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a log for an error message; empty when there is none."""
    try:
        with log.open("rb") as source:
            source.seek(max(0, log.stat().st_size - 16_384))
            tail = source.read().decode(errors="replace")
    except OSError:
        return ""
    return "\n".join(tail.splitlines()[-count:])
