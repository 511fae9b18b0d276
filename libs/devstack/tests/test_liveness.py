import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from devstack.liveness import LivenessBook, LivenessPolicy
from devstack.ports import PortBook
from devstack.service_spec import ServiceSpec
from devstack.supervisor import Supervisor

MakeScript = Callable[..., ServiceSpec]
Eventually = Callable[[Callable[[], object]], None]
POLICY = LivenessPolicy(every_s=0.05, timeout_s=0.5, failures=3)

# Ready at once; answers 200 to the first request and 503 from then on.
_STALLS = """
import http.server, pathlib, sys
class Handler(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Handler.asked += 1
        self.send_response(200 if Handler.asked < 2 else 503)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[3])), Handler)
(pathlib.Path(sys.argv[1]) / sys.argv[2]).touch()
server.serve_forever()
"""


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs", liveness=POLICY)
    yield supervisor
    supervisor.close()


def test_so_many_failures_in_a_row_are_a_hang() -> None:
    book = LivenessBook(POLICY)
    answers = ["no", "no", None, "no", "no", "no"]
    assert [book.hangs("fold", "life 1", answer) for answer in answers] == [False] * 5 + [True]
    assert not book.hangs("fold", "life 1", "no")


def test_failures_of_an_earlier_life_or_of_others_do_not_count() -> None:
    book = LivenessBook(POLICY)
    lives = [("fold", "1"), ("fold", "1"), ("fold", "2"), ("writer", "1"), ("fold", "2")]
    assert not any(book.hangs(name, life, "no") for name, life in lives)


def test_a_process_that_stalls_is_started_again(
    watching: Supervisor, script: MakeScript, eventually: Eventually
) -> None:
    spec = script("web", _STALLS, live="http://127.0.0.1:{port}/livez")
    web = replace(spec, argv=(*spec.argv, "{port}"), ports=(PortBook().port("web"),))
    watching.wait_ready(watching.add([web]), within_s=20)
    eventually(lambda: watching.statuses()[0].restarts >= 1)


def test_a_paused_process_is_left_alone_until_it_goes_on(
    watching: Supervisor, script: MakeScript, eventually: Eventually, tmp_path: Path
) -> None:
    alive = tmp_path / "alive"
    alive.touch()
    watching.wait_ready(watching.add([script("sleeper", live=alive.as_uri())]), within_s=20)
    watching.pause("sleeper")
    alive.unlink()
    time.sleep(10 * POLICY.every_s * POLICY.failures)
    assert watching.statuses()[0].restarts == 0
    watching.resume("sleeper")
    eventually(lambda: watching.statuses()[0].restarts >= 1)
