import http.server
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from devstack.ports import PortBook
from devstack.probes import failure


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/readyz" else 503)
        self.end_headers()
        self.wfile.write(b"database: no answer")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_http_is_ready_at_200_alone_and_else_tells_the_answer(web: str) -> None:
    assert failure(f"{web}/readyz") is None
    assert failure(f"{web}/other") == f"{web}/other answers 503 database: no answer"


def test_a_file_is_ready_when_it_is_there(tmp_path: Path) -> None:
    assert failure(tmp_path.as_uri()) is None
    assert failure((tmp_path / "none").as_uri()) == f"{tmp_path}/none does not exist"


def test_a_port_is_ready_when_it_accepts() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert failure(f"tcp://127.0.0.1:{server.getsockname()[1]}") is None


@pytest.mark.parametrize("scheme", ["http", "tcp", "kafka", "postgresql", "redis"])
def test_where_nothing_listens_is_said_for_every_kind(scheme: str) -> None:
    port = PortBook().port("nobody")
    said = failure(f"{scheme}://127.0.0.1:{port}/x", timeout_s=1)
    assert said is not None
    assert said.startswith(f"127.0.0.1:{port} does not accept connections")


@pytest.mark.parametrize("scheme", ["http", "kafka", "postgresql", "redis"])
def test_a_port_that_accepts_and_is_silent_is_not_ready(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert failure(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}/x", timeout_s=0.5)


def test_an_unknown_kind_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no probe for ftp"):
        failure("ftp://127.0.0.1/")


def test_the_real_servers_are_ready(
    kafka_bootstrap: str, empty_database: str, redis_url: str
) -> None:
    assert failure(f"kafka://{kafka_bootstrap}", timeout_s=5) is None
    assert failure(empty_database) is None
    assert failure(redis_url) is None
