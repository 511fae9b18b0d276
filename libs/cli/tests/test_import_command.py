"""`sluice import` against a server of the test's own, on a real socket."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import run

JOB = "00000000-0000-0000-0000-000000000001"


class Script:
    """What the server answers, and what it was asked."""

    def __init__(self) -> None:
        self.streams: list[bytes | int] = []
        self.jobs: list[dict[str, Any]] = []
        self.upload: tuple[int, dict[str, Any]] = (200, {"jobId": JOB, "message": "accepted"})
        self.asked: list[tuple[str, str | None]] = []
        self.uploaded = b""


def message(number: int, status: str, **data: Any) -> bytes:
    body = {"jobId": JOB, "type": status, "status": status, "version": number, "data": data}
    return f"event: progress\nid: {number}\ndata: {json.dumps(body)}\n\n".encode()


class Handler(BaseHTTPRequestHandler):
    told: Script

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/api/auth/login":
            self._json(200, {"token": "abc"})
            return
        self.told.uploaded = body
        self._json(*self.told.upload)

    def do_GET(self) -> None:
        self.told.asked.append((self.path, self.headers.get("last-event-id")))
        if not self.path.endswith("/stream"):
            self._json(200, self.told.jobs.pop(0))
            return
        stream = self.told.streams.pop(0)
        if isinstance(stream, int):
            self._json(stream, {})
            return
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"event: connection\ndata: {}\n\n" + stream)

    def _json(self, status: int, body: dict[str, Any]) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    told = Script()
    handler = type("ToldHandler", (Handler,), {"told": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        for name, value in {"URL": f"http://127.0.0.1:{server.server_port}", "USER": "a"}.items():
            monkeypatch.setenv(f"SLUICE_{name}", value)
        monkeypatch.setenv("SLUICE_PASSWORD", "b")
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture
def import_(tmp_path: Path) -> Callable[..., int]:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"workbook " * 300_000)
    return lambda *arguments: run(["import", str(path), *arguments])


def test_a_followed_import_shows_lines_and_ends_with_the_jobs_own_code(
    script: Script, import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    ends = {"completed": 0, "completed_with_errors": 1, "failed": 3, "cancelled": 3}
    for status, code in ends.items():
        script.streams = [
            message(1, "processing", totalRows=9, processedRows=4, percentage=40)
            + message(2, status, totalRows=9, successRows=7, failedRows=2, errors=["Row 3: bad"])
        ]
        assert import_("--follow", "--target", "orders") == code
        out = capsys.readouterr().out
        assert "processing 40.0 % 4/~9 rows" in out
        assert f"{status}: 7 of 9 rows are in, 2 failed" in out
        assert "Row 3: bad" in out
    assert b'name="target"\r\n\r\norders' in script.uploaded
    assert script.uploaded.count(b"workbook ") == 300_000


def test_a_dry_run_says_what_would_be_and_a_healing_job_is_followed_to_its_end(
    script: Script, import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    script.streams = [message(2, "completed", totalRows=9, successRows=9, dryRun=True)]
    assert import_("--follow") == 0
    out = capsys.readouterr().out
    assert "completed 100.0 % dry run  0/~9 rows" in out
    assert "nothing was written: 9 of 9 rows would be in, 0 would fail" in out

    rows = {"totalRows": 9, "processedRows": 9, "totalIsEstimate": False}
    script.streams = [
        message(
            5, "completed_with_errors", **rows, failedRows=2, healedRows=1, ongoing="correction"
        )
        + message(7, "completed", **rows, successRows=9, healedRows=3)
    ]
    assert import_("--follow") == 0
    out = capsys.readouterr().out
    assert "healing 100.0 % 9/9 rows  2 failed  1 healed" in out
    assert "completed: 9 of 9 rows are in, 0 failed, 3 healed" in out


def test_an_undo_is_followed_by_its_own_numbers(
    script: Script, import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    half = {"total": 1000, "reversed": 498, "kept": 2, "refused": 0}
    script.streams = [
        message(5, "completed", ongoing="undo", undo=half)
        + message(9, "undone", undo={"total": 1000, "reversed": 997, "kept": 2, "refused": 1})
    ]
    import_("--follow")
    out = capsys.readouterr().out
    assert "undoing 50.0 % 498/1,000 rows taken back  2 kept, changed since" in out
    assert "undone: 997/1,000 rows taken back" in out
    assert "1 held by other tables" in out


def test_a_broken_stream_is_taken_up_behind_the_last_event(
    script: Script, import_: Callable[..., int]
) -> None:
    script.streams = [message(5, "processing"), message(6, "completed")]
    script.jobs = [{"status": "processing"}]
    assert import_("--follow") == 0
    path = f"/api/progress/{JOB}/stream"
    assert script.asked == [(path, None), (f"/api/jobs/{JOB}", None), (path, "5")]


def test_without_a_stream_the_job_is_polled_to_its_end(
    script: Script, import_: Callable[..., int]
) -> None:
    script.streams = [503]
    script.jobs = [{"status": "completed_with_errors", "failedRows": 1}]
    assert import_("--follow") == 1


def test_a_refused_workbook_ends_with_what_the_server_says(
    script: Script, import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    script.upload = (415, {"detail": "This is a text file.", "code": "NOT_XLSX"})
    assert import_() == 3
    assert capsys.readouterr().err == "Error: This is a text file. [NOT_XLSX]\n"


def test_a_server_that_is_not_there_is_named(
    import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_("--url", "http://127.0.0.1:1", "--token", "x") == 2
    assert "http://127.0.0.1:1 cannot be reached" in capsys.readouterr().err
