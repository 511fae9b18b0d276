"""The whole of Sluice starts, with a stand-in for each of its programs."""

import json
import stat
from pathlib import Path
from urllib.request import urlopen

import pytest

from devstack.errors import StackError
from devstack.services import SluiceOptions, port_names
from devstack.stack import Stack

_NOTES = """
import json, os, pathlib, sys
with (pathlib.Path(os.environ["NOTES"])).open("a") as notes:
    notes.write(json.dumps([__spec__.name, sys.argv[1:], os.environ.get("SLUICE_DEMO_PASSWORD")]))
    notes.write("\\n")
if os.environ.get("FAILS") == __spec__.name:
    sys.exit("the table is locked")
"""

_SERVES = """
import http.server, os
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["SLUICE_SERVICE"].encode())
port = os.environ.get("SLUICE_HTTP_PORT") or os.environ["SLUICE_METRICS_PORT"]
http.server.HTTPServer(("127.0.0.1", int(port)), Ready).serve_forever()
"""

PREPARES = ("sluice/db.py", "sluice/kafka.py", "cli.py", "upload_api/add_user.py")
SERVES = ("upload_api/__main__.py", "parser.py", "writer.py", "progress_gateway.py")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SluiceOptions:
    """Programs of the names of Sluice's own, in their place for the processes of this test."""
    for names, code in ((PREPARES, _NOTES), (SERVES, _SERVES)):
        for name in names:
            module = tmp_path / "programs" / name
            module.parent.mkdir(parents=True, exist_ok=True)
            (module.parent / "__init__.py").touch()
            module.write_text(code)
    monkeypatch.setenv("SLUICE_STACKS", str(tmp_path / "stacks"))
    return SluiceOptions(
        writers=2,
        env={"PYTHONPATH": str(tmp_path / "programs"), "NOTES": str(tmp_path / "notes")},
    )


def notes(folder: Path) -> list[list[object]]:
    return [json.loads(line) for line in (folder / "notes").read_text().splitlines()]


def test_preparations_run_first_then_every_service_is_ready(
    programs: SluiceOptions, tmp_path: Path
) -> None:
    with Stack.ephemeral("test-all", parts=(), sluice=programs) as stack:
        found = stack.status()
        with urlopen(stack.gateway) as gateway, urlopen(stack.upload_api) as upload_api:  # noqa: S310 - our own
            assert (gateway.read(), upload_api.read()) == (b"progress-gateway", b"upload-api")
        secret = stack.folder / "jwt.secret"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert len(secret.read_text()) >= 32
    assert [process["name"] for process in found["processes"]] == [
        "upload-api", "parser", "writer-1", "writer-2", "progress-fold", "progress-settler",
        "progress-gateway",
    ]  # fmt: skip
    assert all(process["ready"] for process in found["processes"])
    assert sorted(found["ports"]) == sorted(port_names(programs))
    assert (found["phase"], found["user"]) == ("ready", "demo")
    assert notes(tmp_path) == [
        ["sluice.db", ["migrate"], None],
        ["sluice.kafka", ["create-topics"], None],
        ["cli", ["targets", "create-table", "--all"], None],
        ["upload_api.add_user", [], found["password"]],
    ]


def test_a_preparation_that_fails_starts_no_service(
    programs: SluiceOptions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAILS", "sluice.kafka")
    with (
        pytest.raises(StackError, match=r"(?s)preparing topics failed.*the table is locked"),
        Stack.ephemeral("test-all", parts=(), sluice=programs),
    ):
        pass
    assert [name for name, *_ in notes(tmp_path)] == ["sluice.db", "sluice.kafka"]
    assert list((tmp_path / "stacks").iterdir()) == []
