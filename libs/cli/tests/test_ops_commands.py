"""`sluice jobs` and `sluice dlq` against a server of the test's own, on a real socket."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cli.__main__ import run

JOB = "00000000-0000-0000-0000-000000000001"


def job(status: str = "processing", desired: str = "run", **more: Any) -> dict[str, Any]:
    counts = dict.fromkeys(
        ["insertedRows", "updatedRows", "skippedRows", "failedRows", "unprocessedRows"], 0
    )
    return {
        "jobId": JOB, "status": status, "desired": desired, "run": 1, "fileName": "a.xlsx",
        "target": "orders", "owner": "anna", "totalRows": 12_345, "processedRows": 7,
        "createdAt": "2026-11-25T10:00:00.123Z", "finishedAt": None, "failure": None, "errors": [],
    } | counts | more  # fmt: skip


LETTER = {
    "deadLetterId": 5, "state": "open", "errorClass": "BUG", "jobId": JOB, "chunkNo": 3,
    "replayCount": 1, "lastFailedAt": "2026-11-25T10:00:00Z", "errorMessage": "a bug",
}  # fmt: skip
HISTOGRAM = {
    "total": 3,
    "byClass": [{"name": "BUG", "count": 3}],
    "byJob": [{"name": None, "count": 3}],
    "byState": [{"name": "open", "count": 3}],
}


class Script:
    """What the server answers, by method and path, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, list[tuple[int, Any]]] = {}
        self.asked: list[tuple[str, Any]] = []

    def on(self, asked: str, *bodies: Any, status: int = 200) -> None:
        self.answers[asked] = [(status, body) for body in bodies]


class Handler(BaseHTTPRequestHandler):
    told: Script

    def do_GET(self) -> None:
        self._answer("GET", None)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self._answer("POST", json.loads(body) if body else None)

    def _answer(self, method: str, body: Any) -> None:
        assert self.headers["authorization"] == "Bearer t"
        asked = f"{method} {self.path}"
        self.told.asked.append((asked, body))
        answers = self.told.answers[asked.partition("?")[0]]
        status, answer = answers[0] if len(answers) == 1 else answers.pop(0)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Iterator[Script]:
    told = Script()
    handler = type("ToldHandler", (Handler,), {"told": told})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        monkeypatch.setenv("SLUICE_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("SLUICE_TOKEN", "t")
        yield told
        server.shutdown()
        thread.join()


def test_jobs_are_listed_in_columns_or_as_json(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    jobs = [job(), job("processing", "cancel"), job("completed", "run", finishedAt="x")]
    script.on("GET /api/jobs", {"jobs": jobs})
    assert run(["jobs", "list", "--status", "processing"]) == 0
    assert script.asked == [("GET /api/jobs?limit=20&status=processing", None)]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == [
        "JOB", "STATUS", "ROWS", "TOTAL", "FAILED", "TARGET", "CREATED", "FILE"
    ]  # fmt: skip
    assert [line.split()[1] for line in lines[1:]] == ["processing", "cancelling", "completed"]
    assert "12,345" in lines[1]
    assert "2026-11-25 10:00:00" in lines[1]
    assert run(["jobs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == jobs
    assert run(["jobs", "list", "-q"]) == 0
    assert capsys.readouterr().out == f"{JOB}\n" * 3


def test_a_job_is_shown_with_its_failure_and_first_errors(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    failed = job(
        "failed", failure={"code": "X", "message": "the disk is full"}, errors=["Row 3: bad"]
    )
    script.on(f"GET /api/jobs/{JOB}", failed)
    assert run(["jobs", "show", JOB]) == 0
    out = capsys.readouterr().out
    assert "the disk is full" in out
    assert "  Row 3: bad" in out
    assert "undone" not in out
    script.on(f"GET /api/jobs/{JOB}", job("undone", undoneRows=7, healedRows=0))
    assert run(["jobs", "show", JOB]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^undone +7$", out, re.MULTILINE)
    assert "healed" not in out


@pytest.mark.parametrize(
    ("control", "after", "told"),
    [
        ("pause", job("processing", "pause"), "pausing"),
        ("resume", job("paused", "run"), "paused"),
        ("cancel", job("paused", "cancel"), "cancelling"),
        ("retry", job("pending", "run"), "pending"),
    ],
)
def test_a_control_tells_what_the_job_is_now(
    script: Script,
    capsys: pytest.CaptureFixture[str],
    control: str,
    after: dict[str, Any],
    told: str,
) -> None:
    script.on(f"POST /api/jobs/{JOB}/{control}", after, status=202)
    assert run(["jobs", control, JOB]) == 0
    assert capsys.readouterr().out == f"{JOB} is {told} (run 1)\n"


def test_a_refused_control_ends_with_the_servers_own_words(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = {"detail": "The job is completed.", "code": "JOB_STATE_CONFLICT"}
    script.on(f"POST /api/jobs/{JOB}/cancel", problem, status=409)
    assert run(["jobs", "cancel", JOB]) == 3
    assert capsys.readouterr().err == "Error: The job is completed. [JOB_STATE_CONFLICT]\n"


def test_letters_are_listed_by_every_filter(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script.on("GET /api/ops/dlq", {"letters": [LETTER], "counts": {"total": 3, "open": 3}})
    filters = ["--job", JOB, "--class", "BUG", "--state", "open", "--state", "parked"]
    assert run(["dlq", "list", *filters, "--since", "2026-01-01T00:00:00Z"]) == 0
    [(asked, _)] = script.asked
    assert asked == (
        f"GET /api/ops/dlq?jobId={JOB}&errorClass=BUG&state=open&state=parked"
        "&since=2026-01-01T00%3A00%3A00Z&limit=50"
    )
    out = capsys.readouterr().out
    assert out.splitlines()[1].split()[:3] == ["5", "open", "BUG"]
    assert out.endswith("1 of 3 letters: 3 open\n")
    assert run(["dlq", "list", "--quiet"]) == 0
    assert capsys.readouterr().out == "5\n"


def test_letters_are_counted_and_shown(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script.on("GET /api/ops/dlq/summary", HISTOGRAM)
    assert run(["dlq", "summary"]) == 0
    assert "BUG" in capsys.readouterr().out
    record = {"headers": [{"name": "ce_type", "value": "x"}], "payload": {"chunkNo": 3}}
    script.on("GET /api/ops/dlq/5", LETTER | {"record": record}, LETTER | {"record": None})
    assert run(["dlq", "show", "5"]) == 0
    out = capsys.readouterr().out
    assert "ce_type" in out
    assert '"chunkNo": 3' in out
    assert run(["dlq", "show", "5"]) == 0
    assert "no more" in capsys.readouterr().out


def test_a_replay_names_letters_or_a_filter_or_says_all(script: Script) -> None:
    accepted = {"replayId": "r", "dryRun": False, "selected": 2, "histogram": HISTOGRAM, "link": ""}
    script.on("POST /api/ops/dlq/replays", accepted, status=202)
    assert run(["dlq", "replay"]) == 2
    assert run(["dlq", "replay", "5", "--class", "BUG"]) == 2
    assert script.asked == []
    assert run(["dlq", "replay", "5", "6", "--rate", "10", "--max", "2"]) == 0
    assert run(["dlq", "replay", "--class", "BUG"]) == 0
    assert run(["dlq", "replay", "--all"]) == 0
    bodies = [body for _, body in script.asked]
    common = {"dryRun": False, "max": 10_000, "ratePerSecond": 50.0}
    assert bodies == [
        {"ids": [5, 6], "dryRun": False, "max": 2, "ratePerSecond": 10.0},
        {"filter": {"errorClass": "BUG"}} | common,
        {"filter": {}} | common,
    ]


def test_a_dry_run_shows_the_histogram(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    dry = {"replayId": None, "dryRun": True, "selected": 3, "histogram": HISTOGRAM, "link": None}
    script.on("POST /api/ops/dlq/replays", dry)
    assert run(["dlq", "replay", "--dry-run", "--follow"]) == 0
    assert script.asked[0][1]["dryRun"] is True
    assert "nothing is sent" in capsys.readouterr().out


@pytest.mark.parametrize(("parked", "code"), [(0, 0), (1, 1)])
def test_a_followed_replay_ends_with_1_when_something_was_not_sent(
    script: Script, capsys: pytest.CaptureFixture[str], parked: int, code: int
) -> None:
    link = "/api/ops/dlq/replays/r"
    accepted = {"replayId": "r", "dryRun": False, "selected": 2, "histogram": HISTOGRAM}
    script.on("POST /api/ops/dlq/replays", accepted | {"link": link}, status=202)
    going = {"state": "running", "selected": 2, "waiting": 2, "sent": 0, "healed": 0}
    unsent = [{"deadLetterId": 9, "outcome": "parked", "reason": "too often"}] * parked
    done = {
        "state": "done", "selected": 2, "waiting": 0, "sent": 1 - parked, "alreadyWritten": 1,
        "healed": 1, "unsent": unsent,
    }  # fmt: skip
    script.on(f"GET {link}", going, done)
    assert run(["dlq", "replay", "--all", "--follow"]) == code
    out = capsys.readouterr().out
    assert "0/2 letters" in out
    assert "2/2 letters" in out
    assert ("too often" in out) == bool(parked)


def test_letters_are_given_up_with_a_reason(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script.on("POST /api/ops/dlq/discards", {"discarded": 2})
    assert run(["dlq", "discard", "5", "6"]) == 2
    assert run(["dlq", "discard", "5", "6", "--reason", "a known file"]) == 0
    body = {"ids": [5, 6], "reason": "a known file"}
    assert script.asked == [("POST /api/ops/dlq/discards", body)]
    assert "2 letters are given up" in capsys.readouterr().out


def test_who_stands_still_is_shown_and_let_go_on(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    halt = {"consumer": "writer", "reason": "too many", "haltedAt": "2026-11-25T10:00:00Z"}
    stands = halt | {"resumedAt": None, "resumedBy": None}
    goes = halt | {"resumedAt": "2026-11-25T11:00:00Z", "resumedBy": "olga"}
    script.on("GET /api/ops/consumers", {"halts": [stands]}, {"halts": [goes]})
    script.on("POST /api/ops/dlq/resume", {"consumers": ["writer"]})
    assert run(["dlq", "consumers"]) == 1
    assert run(["dlq", "resume"]) == 0
    assert run(["dlq", "consumers"]) == 0
    assert "goes on: writer" in capsys.readouterr().out


def undo_of(state: str, reversed_: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "jobId": JOB, "state": state, "total": 100, "reversed": reversed_, "kept": 0, "refused": 0,
        "trouble": None, "requestedAt": "2026-11-25T10:00:00Z", "finishedAt": None,
        "rows": [], "nextCursor": None,
    } | more  # fmt: skip


def test_an_undo_is_followed_to_its_end_and_tells_what_stayed(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    stayed = [{"line": 7, "outcome": "kept", "reason": "changed since", "key": {"id": 5}}]
    end = undo_of("done", 99, kept=1, rows=stayed, finishedAt="2026-11-25T10:00:09Z")
    script.on(f"POST /api/jobs/{JOB}/undo", undo_of("running"))
    script.on(f"GET /api/jobs/{JOB}/undo", undo_of("running", 50), end, end)
    assert run(["jobs", "undo", JOB, "--yes"]) == 1
    out = capsys.readouterr().out
    assert re.search(r"reversed +99\n", out)
    assert re.search(r"7 +kept +id=5 +changed since", out)
    assert [asked for asked, _ in script.asked].count(f"POST /api/jobs/{JOB}/undo") == 1


def test_an_undo_asks_first_and_takes_no_for_an_answer(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script.on(f"GET /api/jobs/{JOB}", job("completed", insertedRows=4_321))
    assert run(["jobs", "undo", JOB]) != 0
    assert "4,321 rows" in capsys.readouterr().out
    assert [asked for asked, _ in script.asked] == [f"GET /api/jobs/{JOB}"]


def test_the_status_of_an_undo_is_shown_without_asking_for_one(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script.on(f"GET /api/jobs/{JOB}/undo", undo_of("running", 60, trouble="rows are locked"))
    assert run(["jobs", "undo", JOB, "--status"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"waiting +40\n", out)
    assert "rows are locked" in out


def test_an_undo_that_is_refused_tells_why(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = {"detail": "The job is a dry run.", "code": "UNDO_REFUSED", "reason": "DRY_RUN"}
    script.on(f"POST /api/jobs/{JOB}/undo", problem, status=409)
    assert run(["jobs", "undo", JOB, "--yes"]) == 3
    assert "The job is a dry run. [UNDO_REFUSED]" in capsys.readouterr().err
