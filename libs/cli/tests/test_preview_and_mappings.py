"""`sluice preview` and `sluice mappings` against a server of the test's own."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from cli.__main__ import run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEEN = {
    "sheets": [{"name": "Data"}, {"name": "Notes"}],
    "sheet": "Data",
    "headerLine": 2,
    "estimatedRows": 1200,
    "target": "orders",
    "duplicateOf": None,
    "previewId": "p-1",
    "faults": [],
    "suggestedMapping": {"columns": {"No": "order_id", "Pcs": "quantity"}, "mappingName": None},
    "headers": [
        {
            "letter": "A",
            "header": "No",
            "detectedType": "integer",
            "field": "order_id",
            "suggested": "order_id",
            "confidence": 1.0,
            "via": "alias",
            "samples": ["1", "2"],
        },
        {
            "letter": "B",
            "header": "Pcs",
            "detectedType": "number",
            "field": None,
            "suggested": "quantity",
            "confidence": 0.8,
            "via": "close",
            "samples": [],
        },
    ],
}
SAVED = {
    "name": "a b",
    "version": 2,
    "target": "orders",
    "columns": {"No": "order_id", "C": None},
    "headers": ["No", "x", ""],
    "savedAt": "2026-11-25T10:00:00Z",
}


class Handler(BaseHTTPRequestHandler):
    answers: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[list[tuple[str, bytes]]] = []

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = f"{self.command} {self.path}"
        self.asked.append((asked, body))
        status, answer = self.answers.get(asked, (404, {"detail": "nothing", "code": "UNKNOWN"}))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode() if status != 204 else b"")

    do_GET = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 - as the base class wants them

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Handler]]:
    handler = type("ToldHandler", (Handler,), {"answers": {}, "asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=[0.01], daemon=True)
        thread.start()
        monkeypatch.setenv("SLUICE_URL", f"http://127.0.0.1:{listening.server_port}")
        monkeypatch.setenv("SLUICE_TOKEN", "t")
        yield handler
        listening.shutdown()
        thread.join()


@pytest.fixture
def sheet(tmp_path: Path) -> str:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"workbook")
    return str(path)


def test_a_preview_shows_each_column_and_saves_what_it_suggests(
    server: type[Handler], sheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers["POST /api/upload/preview"] = (200, SEEN)
    server.answers["PUT /api/mappings/a%20b"] = (200, SAVED)
    assert run(["preview", sheet, "--target", "orders", "--keep", "--save", "a b"]) == 0
    out = capsys.readouterr().out
    assert "A       No      integer  order_id     100% alias  1 | 2" in out
    assert "B       Pcs     number   (quantity?)  80% close   -" in out
    assert "other sheets     Notes" in out
    assert "kept as          p-1" in out
    assert "mapping a b is saved, version 2" in out
    (_, form), (_, saved) = server.asked
    assert b'name="keep"\r\n\r\ntrue' in form
    assert b"workbook" in form
    assert json.loads(saved) == {
        "target": "orders",
        "columns": {"No": "order_id", "Pcs": "quantity"},
        "headers": ["No", "Pcs"],
    }


def test_a_preview_with_faults_ends_with_one(
    server: type[Handler], sheet: str, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers["POST /api/upload/preview"] = (200, SEEN | {"faults": ["No column feeds 'x'."]})
    assert run(["preview", sheet]) == 1
    assert "  No column feeds 'x'." in capsys.readouterr().out
    assert run(["preview", sheet, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["target"] == "orders"


def test_mappings_are_listed_shown_saved_and_deleted(
    server: type[Handler], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.answers |= {
        "GET /api/mappings?target=orders": (200, {"mappings": [SAVED]}),
        "GET /api/mappings/a%20b": (200, SAVED),
        "GET /api/mappings/a%20b?version=1": (200, SAVED),
        "PUT /api/mappings/a%20b": (200, SAVED),
        "DELETE /api/mappings/a%20b": (204, None),
    }
    assert run(["mappings", "list", "--target", "orders"]) == 0
    assert "a b         2  orders  2026-11-25 10:00:00" in capsys.readouterr().out
    assert run(["mappings", "show", "a b", "--version", "1"]) == 0
    assert "No      order_id" in capsys.readouterr().out
    # What `show` prints for programs, `save` takes
    assert run(["mappings", "show", "a b", "--json"]) == 0
    file = tmp_path / "map.json"
    file.write_text(capsys.readouterr().out)
    assert run(["mappings", "save", "a b", str(file)]) == 0
    assert json.loads(server.asked[-1][1]) == {
        "target": "orders",
        "columns": SAVED["columns"],
        "headers": SAVED["headers"],
    }
    assert run(["mappings", "delete", "a b"]) == 0
    assert run(["mappings", "delete", "c"]) == 3


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "columns: []", "columns: {a: [b]}", "columns:\n\t- x", "{"]
)
def test_a_file_that_holds_no_mapping_is_named(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("map.yaml", "map.json"):
        (tmp_path / name).write_text(text)
        path = str(tmp_path / name)
        told = ["mappings", "save", "a", path, "--target", "t", "--url", "http://127.0.0.1:1"]
        assert run([*told, "--token", "x"]) == 2
        assert name in capsys.readouterr().err
