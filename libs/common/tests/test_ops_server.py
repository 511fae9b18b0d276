"""Life and readiness: one restarts the process, the other only keeps callers away."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPConnection, RemoteDisconnected
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from sluice.ops_server import start_ops_server

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_SERVED = "a page of the process was not served"
Ask = Callable[[str], tuple[int, str]]


class Story:
    """What the process says of itself."""

    not_ready = ""
    not_live = ""


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def ask(story: Story) -> Iterator[Ask]:
    server = start_ops_server("127.0.0.1", 0, lambda: story.not_ready, lambda: story.not_live)

    def get(path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        found = answer.status, answer.read().decode().strip()
        connection.close()
        return found

    yield get
    server.shutdown()
    server.server_close()


def test_a_process_with_nothing_to_say_is_live_and_ready(ask: Ask) -> None:
    assert ask("/livez") == (200, "ok")
    assert ask("/readyz") == (200, "ok")
    assert ask("/metrics")[0] == 200
    assert ask("/else")[0] == 404


def test_a_process_that_waits_for_another_lives(ask: Ask, story: Story) -> None:
    story.not_ready = "postgresql is away"
    assert ask("/readyz") == (503, "postgresql is away")
    assert ask("/livez") == (200, "ok")


def test_a_process_that_stands_still_says_why(ask: Ask, story: Story) -> None:
    story.not_live = "the loop has not turned for 61 s"
    assert ask("/livez") == (503, "the loop has not turned for 61 s")


@pytest.mark.parametrize(("error", "events"), [(BrokenPipeError, []), (ValueError, [NOT_SERVED])])
def test_only_faults_of_ours_are_logged_and_nothing_else_is_told(
    error: type[Exception], events: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    def fails() -> str:
        raise error

    with capture_logs() as logged:
        server = start_ops_server("127.0.0.1", 0, fails)
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request("GET", "/readyz")
        with pytest.raises(RemoteDisconnected):
            connection.getresponse()
        connection.close()
        server.shutdown()
        server.server_close()
    assert [line["event"] for line in logged] == events
    assert capfd.readouterr().err == ""
