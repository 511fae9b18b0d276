import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from devstack.errors import ServiceNotReadyError, StackError
from devstack.ports import PortBook
from devstack.process import ProcessIdentity
from devstack.service_spec import ServiceSpec
from devstack.supervisor import InstanceStatus, Supervisor

MakeScript = Callable[..., ServiceSpec]
Eventually = Callable[[Callable[[], object]], None]

_DEAF = """
import pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
(pathlib.Path(sys.argv[1]) / sys.argv[2]).touch()
while True:
    time.sleep(60)
"""

_PARENT = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(600)"])
(pathlib.Path(sys.argv[1]) / "child").write_text(str(child.pid))
(pathlib.Path(sys.argv[1]) / sys.argv[2]).touch()
time.sleep(600)
"""

_LINGERER = """
import pathlib, signal, sys, time
folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
def end(*_):
    with (folder / "ends").open("a") as ends:
        ends.write(name + "\\n")
    while len((folder / "ends").read_text().split()) < 2:
        time.sleep(0.01)
    (folder / (name + "-met")).touch()
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
(folder / name).touch()
while True:
    time.sleep(60)
"""

_WEB = """
import http.server, sys
http.server.test(http.server.SimpleHTTPRequestHandler, port=int(sys.argv[3]), bind="127.0.0.1")
"""


def status(supervisor: Supervisor, name: str) -> InstanceStatus:
    return next(each for each in supervisor.statuses() if each.name == name)


def start(supervisor: Supervisor, *specs: ServiceSpec) -> None:
    supervisor.wait_ready(supervisor.add(specs), within_s=20)


def test_a_crashed_service_is_started_again(supervisor: Supervisor, script: MakeScript) -> None:
    start(supervisor, script("worker"))
    before = status(supervisor, "worker")
    supervisor.kill("worker", signal.SIGKILL)
    supervisor.wait_ready(["worker"], within_s=20)
    after = status(supervisor, "worker")
    assert (before.restarts, after.restarts) == (0, 1)
    assert after.pid != before.pid
    assert after.past_peak_rss_bytes > 0


def test_a_service_that_ends_at_once_is_reported_with_its_last_lines(
    supervisor: Supervisor, script: MakeScript
) -> None:
    broken = script("broken", "print('no such table'); raise SystemExit(3)")
    names = supervisor.add([broken])
    with pytest.raises(ServiceNotReadyError, match=r"(?s)broken does not stay up.*no such table"):
        supervisor.wait_ready(names, within_s=30)


def test_a_service_that_never_gets_ready_is_reported_with_its_last_lines(
    supervisor: Supervisor, script: MakeScript
) -> None:
    slow = script("slow", "import time; print('still loading'); time.sleep(600)")
    names = supervisor.add([slow])
    with pytest.raises(ServiceNotReadyError, match=r"(?s)not ready after 1 s.*still loading"):
        supervisor.wait_ready(names, within_s=1)


def test_a_program_that_does_not_exist_is_reported(supervisor: Supervisor) -> None:
    names = supervisor.add(
        [ServiceSpec(name="ghost", argv=("/no/such/program",), ready="file:///x")]
    )
    with pytest.raises(ServiceNotReadyError, match="no/such/program"):
        supervisor.wait_ready(names, within_s=20)


def test_all_are_ended_in_reverse_order(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path
) -> None:
    for name in ("first", "second", "third"):
        start(supervisor, script(name))
    supervisor.close()
    assert (tmp_path / "ends").read_text().split() == ["third", "second", "first"]


def test_what_was_started_at_once_is_told_at_once_to_end(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path
) -> None:
    start(supervisor, script("part"))
    pair = [script(name, _LINGERER, stop_within_s=5) for name in ("one", "other")]
    start(supervisor, *pair)
    supervisor.close()
    assert (tmp_path / "ends").read_text().split()[2:] == ["part"], "what they need ends last"
    for name in ("one", "other"):
        assert (tmp_path / f"{name}-met").exists(), "neither is told only when the other is gone"


def test_what_an_add_that_fails_has_started_is_told_to_end(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path, eventually: Eventually
) -> None:
    start(supervisor, script("first"))
    with pytest.raises(StackError, match="already part"):
        supervisor.add([script("second"), script("first")])
    eventually((tmp_path / "second").exists)
    supervisor.close()
    assert (tmp_path / "ends").read_text().split() == ["second", "first"]


def test_a_service_deaf_to_sigterm_is_killed(supervisor: Supervisor, script: MakeScript) -> None:
    start(supervisor, script("deaf", _DEAF, stop_within_s=0.3))
    identity = status(supervisor, "deaf").identity
    assert identity is not None
    supervisor.stop("deaf")
    assert not identity.is_alive()
    assert status(supervisor, "deaf").phase == "stopped"


def test_children_of_a_killed_service_do_not_outlive_it(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path, eventually: Eventually
) -> None:
    start(supervisor, script("parent", _PARENT))
    child = ProcessIdentity.of(int((tmp_path / "child").read_text()))
    assert child is not None
    supervisor.kill("parent", signal.SIGKILL)
    eventually(lambda: not child.is_alive())


def test_a_stopped_service_stays_down_until_it_is_started(
    supervisor: Supervisor, script: MakeScript
) -> None:
    start(supervisor, script("worker"))
    supervisor.stop("worker")
    stopped = status(supervisor, "worker")
    assert (stopped.phase, stopped.pid, stopped.restarts) == ("stopped", None, 0)
    supervisor.start("worker")
    assert status(supervisor, "worker").pid is not None


def test_a_service_can_be_made_to_crash_and_kept_down(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path
) -> None:
    start(supervisor, script("worker"))
    supervisor.stop("worker", by=signal.SIGKILL)
    assert status(supervisor, "worker").phase == "stopped"
    assert not (tmp_path / "ends").exists()


def test_the_next_life_is_told_what_was_set_for_it(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path, eventually: Eventually
) -> None:
    code = """
import os, pathlib, sys, time
(pathlib.Path(sys.argv[1]) / sys.argv[2]).write_text(os.environ.get("WORD", "") + ".")
time.sleep(600)
"""
    start(supervisor, script("worker", code))
    eventually(lambda: (tmp_path / "worker").read_text() == ".")
    supervisor.set_env("worker", {"WORD": "told"})
    supervisor.restart("worker")
    eventually(lambda: (tmp_path / "worker").read_text() == "told.")


def test_a_paused_service_stands_still_until_it_is_resumed(
    supervisor: Supervisor, script: MakeScript, eventually: Eventually
) -> None:
    start(supervisor, script("worker"))
    pid = status(supervisor, "worker").pid
    supervisor.pause("worker")
    eventually(lambda: psutil.Process(pid).status() == psutil.STATUS_STOPPED)
    assert status(supervisor, "worker").paused
    supervisor.resume("worker")
    eventually(lambda: psutil.Process(pid).status() != psutil.STATUS_STOPPED)


def test_a_paused_service_is_woken_to_end_by_itself(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path
) -> None:
    start(supervisor, script("worker"))
    supervisor.pause("worker")
    supervisor.stop("worker")
    assert (tmp_path / "ends").read_text() == "worker\n"


def test_copies_have_own_ports_and_can_be_killed_one_by_one(
    supervisor: Supervisor, script: MakeScript
) -> None:
    book = PortBook()
    web = script("web", _WEB, ready="http://127.0.0.1:{port}/", replicas=2,
                 ports=(book.port("a"), book.port("b")))  # fmt: skip
    with_port = ServiceSpec(
        name=web.name, argv=(*web.argv, "{port}"), ready=web.ready, replicas=2, ports=web.ports
    )
    start(supervisor, with_port)
    supervisor.kill("web-2", signal.SIGKILL)
    supervisor.wait_ready(["web-1", "web-2"], within_s=20)
    assert [each.restarts for each in supervisor.statuses()] == [0, 1]
    supervisor.stop("web")
    assert {each.phase for each in supervisor.statuses()} == {"stopped"}


def test_a_name_that_is_not_there_is_refused_with_those_that_are(
    supervisor: Supervisor, script: MakeScript
) -> None:
    start(supervisor, script("worker"))
    with pytest.raises(StackError, match="no writer here; there are: worker"):
        supervisor.kill("writer", signal.SIGTERM)


def test_what_a_service_prints_is_in_its_log(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path, eventually: Eventually
) -> None:
    supervisor.add([script("loud", "print('hello'); import time; time.sleep(600)")])
    log = tmp_path / "logs" / "loud.log"
    eventually(lambda: log.exists() and log.read_text() == "hello\n")
    assert log.stat().st_mode & 0o077 == 0
