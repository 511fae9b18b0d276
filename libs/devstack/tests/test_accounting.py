import signal
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from devstack.accounting import Snapshot, Usage, reset_peaks, snapshot
from devstack.pytest_fixtures import Infra
from devstack.service_spec import ServiceSpec
from devstack.supervisor import Supervisor

MakeScript = Callable[..., ServiceSpec]

_BURNS_IN_CHILDREN = """
import pathlib, subprocess, sys, time
burn = "import time\\nwhile time.process_time() < 0.4: pass\\n"
subprocess.run([sys.executable, "-S", "-c", burn], check=True)
stay = burn + "print(1, flush=True); time.sleep(600)"
live = subprocess.Popen([sys.executable, "-S", "-c", stay], stdout=subprocess.PIPE)
live.stdout.readline()
(pathlib.Path(sys.argv[1]) / sys.argv[2]).touch()
time.sleep(600)
"""

_BURNS_ITSELF = """
import pathlib, sys, time
while time.process_time() < 0.4: pass
(pathlib.Path(sys.argv[1]) / sys.argv[2]).touch()
time.sleep(600)
"""

_GROWS = """
import pathlib, sys, time
held = bytearray(80_000_000)
del held
(pathlib.Path(sys.argv[1]) / sys.argv[2]).touch()
time.sleep(600)
"""


def start(supervisor: Supervisor, spec: ServiceSpec) -> None:
    supervisor.wait_ready(supervisor.add([spec]), within_s=30)


def test_children_count_whether_they_live_or_have_ended(
    supervisor: Supervisor, script: MakeScript
) -> None:
    start(supervisor, script("parent", _BURNS_IN_CHILDREN))
    assert snapshot(supervisor.statuses()).by_name["parent"].cpu_s >= 0.75


def test_earlier_lives_of_a_service_count(
    supervisor: Supervisor, script: MakeScript, tmp_path: Path
) -> None:
    start(supervisor, script("worker", _BURNS_ITSELF))
    (tmp_path / "worker").unlink()
    supervisor.kill("worker", signal.SIGKILL)
    supervisor.wait_ready(["worker"], within_s=30)
    assert snapshot(supervisor.statuses()).by_name["worker"].cpu_s >= 0.75


def test_the_peak_is_remembered_until_it_is_reset(
    supervisor: Supervisor, script: MakeScript
) -> None:
    start(supervisor, script("worker", _GROWS))
    assert snapshot(supervisor.statuses()).by_name["worker"].peak_rss_bytes > 80_000_000
    reset_peaks(supervisor.statuses())
    assert 0 < snapshot(supervisor.statuses()).by_name["worker"].peak_rss_bytes < 80_000_000


def test_the_peak_of_an_ended_life_is_kept(supervisor: Supervisor, script: MakeScript) -> None:
    start(supervisor, script("worker", _GROWS))
    supervisor.stop("worker")
    assert snapshot(supervisor.statuses()).by_name["worker"].peak_rss_bytes > 80_000_000


def test_snapshots_subtract_cpu_and_keep_the_latest_peak() -> None:
    earlier = Snapshot({"writer": Usage(1.5, 300)})
    later = Snapshot({"writer": Usage(4.0, 500), "parser": Usage(2.0, 100)})
    assert later - earlier == Snapshot({"writer": Usage(2.5, 500), "parser": Usage(2.0, 100)})


@pytest.mark.usefixtures("postgres_server")
def test_a_query_is_charged_to_postgres_during_its_session_and_after(
    infra: Infra, eventually: Callable[[Callable[[], object]], None]
) -> None:
    stack = infra.with_parts("postgres")
    if stack.endpoints.by_part["postgres"].source != "native":
        pytest.skip("a database that is given is not ours to account for")
    before = snapshot(stack.processes())
    with psycopg.connect(stack.database_url) as connection:
        connection.execute("SELECT count(*) FROM generate_series(1, 4000000)")
        during = (snapshot(stack.processes()) - before).by_name["postgres"].cpu_s
    assert during > 0.1
    # Its seconds pass to the postmaster when that waits for it, a moment after its end.
    eventually(lambda: (snapshot(stack.processes()) - before).by_name["postgres"].cpu_s >= during)
