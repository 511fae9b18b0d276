import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devstack.process import MAX_LOG_BYTES, ProcessIdentity, inherited_env, last_lines, spawn

Eventually = Callable[[Callable[[], object]], None]

_SUPERVISING = """
import pathlib, sys, time
from devstack.service_spec import ServiceSpec
from devstack.supervisor import Supervisor
folder = pathlib.Path(sys.argv[1])
supervisor = Supervisor(folder)
spec = ServiceSpec(name="worker", argv=("sleep", "600"), ready=folder.as_uri())
supervisor.wait_ready(supervisor.add([spec]))
print(supervisor.statuses()[0].pid, flush=True)
time.sleep(600)
"""


@contextmanager
def a_killed_supervisor(folder: Path) -> Iterator[ProcessIdentity]:
    """Give the child of a supervisor that was killed; ends it if that did not."""
    argv = [sys.executable, "-c", _SUPERVISING, str(folder)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as supervising:
        assert supervising.stdout is not None
        child = ProcessIdentity.of(int(supervising.stdout.readline()))
        assert child is not None
        supervising.kill()
        try:
            yield child
        finally:
            child.signal(signal.SIGKILL)


def test_a_pid_that_another_process_has_by_now_is_not_signalled() -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        stale = ProcessIdentity(other.pid, "an earlier start")
        assert not stale.is_alive()
        assert not stale.signal(signal.SIGKILL)
        assert other.poll() is None
        now = ProcessIdentity.of(other.pid)
        assert now is not None
        assert now.signal(signal.SIGKILL)


def test_a_process_that_ended_is_not_alive_even_before_it_is_waited_for(
    eventually: Eventually,
) -> None:
    with subprocess.Popen(["true"]) as ended:
        eventually(lambda: ProcessIdentity.of(ended.pid) is None)


def test_children_end_when_their_supervisor_is_killed(
    tmp_path: Path, eventually: Eventually
) -> None:
    with a_killed_supervisor(tmp_path) as worker:
        eventually(lambda: not worker.is_alive())


def test_a_child_ends_when_its_supervisor_died_before_it_had_asked_for_the_signal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("needs util-linux's setpriv")
    slow = tmp_path / "bin" / "setpriv"
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\nsleep 1\nexec {setpriv} "$@"\n')
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", str(slow.parent), prepend=os.pathsep)
    with a_killed_supervisor(tmp_path) as worker:
        eventually(lambda: not worker.is_alive())


def test_a_log_that_has_grown_is_set_aside_at_the_next_start(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.touch()
    os.truncate(log, MAX_LOG_BYTES + 1)
    spawn(["true"], env={"PATH": os.defpath}, log=log).wait()
    assert log.stat().st_size == 0
    assert (tmp_path / "worker.log.1").stat().st_size == MAX_LOG_BYTES + 1


def test_the_last_lines_of_a_log_are_few_and_whole(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("".join(f"line {number}\n" for number in range(10_000)))
    assert last_lines(log, 2) == "line 9998\nline 9999"
    assert last_lines(tmp_path / "none.log") == ""


def test_a_secret_of_the_stack_replaces_both_forms_of_one_that_is_inherited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SLUICE_CACHE", raising=False)
    monkeypatch.setenv("SLUICE_JWT_SECRET", "of the shell")
    monkeypatch.setenv("SLUICE_DATABASE_URL_FILE", "/of/the/shell")
    monkeypatch.setenv("SLUICE_CHUNK_ROWS", "7")
    env = inherited_env({"SLUICE_JWT_SECRET_FILE": "/ours", "SLUICE_DATABASE_URL": "ours"})
    ours = {key: value for key, value in env.items() if key.startswith("SLUICE_")}
    assert ours == {
        "SLUICE_CHUNK_ROWS": "7",
        "SLUICE_JWT_SECRET_FILE": "/ours",
        "SLUICE_DATABASE_URL": "ours",
    }
