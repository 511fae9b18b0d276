"""`sluice import` against a server of the test's own, on a real socket."""

import json
import re
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
        self.keys: list[str | None] = []
        self.lost_answers = 0
        self.summary: dict[str, Any] = {}


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
        self.told.keys.append(self.headers.get("idempotency-key"))
        if self.told.lost_answers:
            self.told.lost_answers -= 1
            self.close_connection = True
            return
        self._json(*self.told.upload)

    def do_GET(self) -> None:
        if self.path.endswith("/errors/summary"):
            self._json(200, self.told.summary)
            return
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
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
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


def test_an_accepted_file_tells_the_target_that_nobody_named(
    script: Script, import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    script.upload = (200, {"jobId": JOB, "message": "a.xlsx is accepted.", "target": "records"})
    assert import_() == 0
    assert f"a.xlsx is accepted. [job {JOB}, into records, " in capsys.readouterr().out


def test_a_server_that_is_not_there_is_named(
    import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert import_("--url", "http://127.0.0.1:1", "--token", "x") == 2
    assert "http://127.0.0.1:1 cannot be reached" in capsys.readouterr().err


def test_every_option_is_a_field_of_the_form(
    script: Script, import_: Callable[..., int], tmp_path: Path
) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text("columns:\n  No: order_id\n  C: null\n")
    told = ["--target", "orders", "--mode", "upsert", "--max-errors", "2.5", "--sheet", "Data"]
    assert import_(*told, "--encoding", "utf-8", "--mapping", str(mapping), "--correct", JOB) == 0
    parts = dict(re.findall(rb'name="(\w+)"\r\n\r\n(.*?)\r\n', script.uploaded))
    assert parts == {
        b"mapping": b'{"columns": {"No": "order_id", "C": null}}',
        b"target": b"orders",
        b"mode": b"upsert",
        b"maxErrorPercent": b"2.5",
        b"sheet": b"Data",
        b"encoding": b"utf-8",
        b"correctionOf": JOB.encode(),
    }
    assert import_("--mapping", "monthly") == 0
    assert b'name="mappingName"\r\n\r\nmonthly' in script.uploaded
    assert run(["import", "--kept", JOB]) == 0
    assert b'name="previewId"' in script.uploaded
    assert b"filename" not in script.uploaded
    assert run(["import"]) == import_("--kept", JOB) == import_("--mapping", "no.json") == 2


def test_a_dry_run_is_followed_and_tells_what_would_be_and_what_is_wrong(
    script: Script, import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    script.streams = [
        message(
            1,
            "completed_with_errors",
            totalRows=9,
            successRows=7,
            failedRows=2,
            dryRun=True,
            errors=["Row 3: bad"],
        )
    ]
    counts = {"insertedRows": 5, "updatedRows": 2, "skippedRows": 0, "failedRows": 2}
    script.jobs = [counts]
    script.summary = {
        "truncated": True,
        "kinds": [
            {
                "column": "B",
                "header": "Qty",
                "field": "quantity",
                "code": "NOT_AN_INTEGER",
                "count": 2,
                "samples": [{"line": 3, "message": "Column B: 'x' is no integer"}],
            }
        ],
    }
    assert import_("--dry-run") == 1
    assert b'name="dryRun"\r\n\r\ntrue' in script.uploaded
    lines = capsys.readouterr().out.splitlines()
    assert lines[-6].startswith(
        "completed_with_errors: nothing was written: 7 of 9 rows would be in, 2 would fail"
    )
    assert lines[-5] == "would be inserted 5, updated 2, skipped 0, rejected 2"
    assert lines[-2].split(maxsplit=4) == [
        "2",
        "B",
        "Qty",
        "NOT_AN_INTEGER",
        "row 3: Column B: 'x' is no integer",
    ]
    assert lines[-1] == "Not all errors are kept; the counts are of all."


def test_a_lost_answer_is_asked_for_again_under_the_same_key(
    script: Script, import_: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    script.lost_answers = 1
    assert import_() == 0
    assert "Sending it again in 1 s." in capsys.readouterr().err
    first, second = script.keys
    assert first == second
    assert script.uploaded.count(b"workbook ") == 300_000
    assert import_() == 0
    assert script.keys[2] not in {None, first}


def test_a_key_may_be_given_or_be_of_content_and_options(
    script: Script, import_: Callable[..., int]
) -> None:
    for more in ([], [], ["--target", "orders"]):
        import_("--idempotency-key", "auto", *more)
    import_("--idempotency-key", "nightly-7")
    assert script.keys[0] == script.keys[1] != script.keys[2]
    assert script.keys[3] == '"nightly-7"'
    assert import_("--idempotency-key", "é") == 2
