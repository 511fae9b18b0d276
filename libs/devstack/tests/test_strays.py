import signal
import subprocess
from collections.abc import Callable
from typing import Any

from devstack.process import ProcessIdentity
from devstack.strays import end_strays

Eventually = Callable[[Callable[[], object]], None]


def recorded(identity: ProcessIdentity) -> dict[str, Any]:
    process = {"pid": identity.pid, "started": identity.started, "stop_signal": signal.SIGTERM}
    return {"processes": [process]}


def test_a_process_that_a_dead_stack_left_is_ended_with_its_children() -> None:
    argv = ["sh", "-c", "sleep 600 & echo $!; wait"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as stray:
        assert stray.stdout is not None
        child = ProcessIdentity.of(int(stray.stdout.readline()))
        identity = ProcessIdentity.of(stray.pid)
        assert child is not None
        assert identity is not None
        assert set(end_strays(recorded(identity))) == {identity, child}
        assert not identity.is_alive()
        assert not child.is_alive()


def test_a_pid_used_again_by_another_process_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        assert end_strays(recorded(ProcessIdentity(other.pid, "an earlier start"))) == []
        assert other.poll() is None
        other.kill()


def test_a_stack_that_was_never_up_has_no_strays() -> None:
    assert end_strays({}) == []
