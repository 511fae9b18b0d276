"""`sluice jobs errors|failed-rows|unprocessed-rows|erase` against a server of the test's own."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from cli.__main__ import run

JOB = "00000000-0000-0000-0000-000000000001"
ROOT = f"/api/jobs/{JOB}"


def error(line: int) -> dict[str, Any]:
    return {
        "line": line, "column": "B", "header": "Quantity", "code": "NOT_A_NUMBER",
        "message": "found 'x', expected a whole number", "value": "x",
    }  # fmt: skip


def page(*lines: int, cursor: str | None = None) -> dict[str, Any]:
    return {
        "errors": [error(line) for line in lines], "nextCursor": cursor,
        "totalErrors": 1_500, "storedErrors": 900, "truncated": True,
    }  # fmt: skip


SUMMARY = {
    "totalErrors": 1_500, "storedErrors": 900, "failedRows": 1_200, "truncated": True,
    "kinds": [{
        "column": "B", "header": "Quantity", "code": "NOT_A_NUMBER", "count": 1_500,
        "samples": [{"line": 2, "message": "found 'x'"}, {"line": 7, "message": "found 'y'"}],
    }],
}  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    answers: dict[str, tuple[int, bytes]]
    asked: list[str]

    def do_GET(self) -> None:
        self._answer("GET")

    def do_DELETE(self) -> None:
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        self.asked.append(f"{method} {self.path}")
        status, body = self.answers[f"{method} {self.path}"]
        self.send_response(status)
        if status != 206:  # here: a file that breaks off
            self.send_header("content-length", str(len(body)))
        else:
            self.send_header("content-length", str(len(body) + 1))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Handler]]:
    told = type("ToldHandler", (Handler,), {"answers": {}, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), told) as http:
        thread = threading.Thread(target=http.serve_forever, args=[0.01], daemon=True)
        thread.start()
        monkeypatch.setenv("SLUICE_URL", f"http://127.0.0.1:{http.server_port}")
        monkeypatch.setenv("SLUICE_TOKEN", "t")
        yield told
        http.shutdown()
        thread.join()


def on(server: type[Handler], asked: str, body: Any, status: int = 200) -> None:
    encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.answers[asked] = (status, encoded)


def test_errors_are_told_page_by_page_up_to_a_limit(
    server: type[Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    on(server, f"GET {ROOT}/errors?code=NOT_A_NUMBER&column=B&limit=3", page(2, 3, cursor="next"))
    path = f"{ROOT}/errors?code=NOT_A_NUMBER&column=B&cursor=next&limit=1"
    on(server, f"GET {path}", page(4, cursor="more"))
    options = ["--code", "NOT_A_NUMBER", "--column", "B", "--limit", "3"]
    assert run(["jobs", "errors", JOB, *options]) == 0
    heading, *rows, counts = capsys.readouterr().out.splitlines()
    assert heading.split() == ["ROW", "COLUMN", "HEADER", "CODE", "MESSAGE"]
    assert [row.split()[:4] for row in rows] == [
        [line, "B", "Quantity", "NOT_A_NUMBER"] for line in ("2", "3", "4")
    ]
    assert counts == "3 of 1,500 errors; 900 of them are kept"


def test_the_summary_tells_kinds_and_rows(
    server: type[Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    on(server, f"GET {ROOT}/errors/summary", SUMMARY)
    assert run(["jobs", "errors", JOB, "--summary"]) == 0
    _, row, counts = capsys.readouterr().out.splitlines()
    assert row.split() == [
        "1,500", "B", "Quantity", "NOT_A_NUMBER", "2,", "7", "found", "'x'",
    ]  # fmt: skip
    assert counts == "1,500 errors in 1,200 rows; 900 of them are kept"
    assert run(["jobs", "errors", JOB, "--summary", "--code", "X"]) == 2


@pytest.mark.parametrize("kind", ["failed-rows", "unprocessed-rows"])
def test_a_file_is_fetched_whole(server: type[Handler], tmp_path: Path, kind: str) -> None:
    on(server, f"GET {ROOT}/{kind}.xlsx", b"a workbook")
    output = tmp_path / "rows.XLSX"
    assert run(["jobs", kind, JOB, "-o", str(output)]) == 0
    assert output.read_bytes() == b"a workbook"


def test_csv_goes_to_the_standard_output(
    server: type[Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    on(server, f"GET {ROOT}/failed-rows.csv", b"a;b\r\n")
    assert run(["jobs", "failed-rows", JOB, "-o", "-"]) == 0
    assert capsys.readouterr().out == "a;b\r\n"


def test_a_file_that_breaks_off_or_is_refused_is_not_there(
    server: type[Handler], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "rows.csv"
    on(server, f"GET {ROOT}/failed-rows.csv", b"half a ro", status=206)
    assert run(["jobs", "failed-rows", JOB, "-o", str(output)]) == 2
    problem = {"detail": "The uploaded file is deleted.", "code": "FILE_GONE"}
    on(server, f"GET {ROOT}/failed-rows.csv", problem, status=410)
    assert run(["jobs", "failed-rows", JOB, "-o", str(output)]) == 3
    assert "The uploaded file is deleted. [FILE_GONE]" in capsys.readouterr().err
    assert run(["jobs", "failed-rows", JOB, "-o", str(tmp_path / "rows.ods")]) == 2
    assert run(["jobs", "failed-rows", JOB, "-o", str(tmp_path / "none" / "rows.csv")]) == 2
    assert f"there is no folder {tmp_path / 'none'}\n" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_job_is_erased_when_that_is_confirmed(
    server: type[Handler], capsys: pytest.CaptureFixture[str]
) -> None:
    on(server, f"DELETE {ROOT}", b"", status=204)
    assert run(["jobs", "erase", JOB]) != 0  # nobody is there to say yes
    assert server.asked == []
    assert run(["jobs", "erase", JOB, "--yes"]) == 0
    assert f"{JOB} is erased" in capsys.readouterr().out
