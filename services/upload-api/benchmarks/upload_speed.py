"""Measures how long an upload's answer takes, beside the least that any server could do.

Run: `python services/upload-api/benchmarks/upload_speed.py`. The same multipart body goes, in turn,
to a minimal ASGI app (same server and loop, it writes the raw body to a file and syncs it), to
upload-api, and to upload-api through the gateway. Prints, as its last line, one JSON object: the
medians in seconds, their ratio to the minimal app, and how long reading a head takes.

Environment: `ROWS` (1,000,000: 70 MB), `ROUNDS` (7).
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from devstack import SluiceOptions, Stack
from sample_data import generate_orders
from upload_api.adapters.uploaded_head import HEAD_ROWS, read_head
from upload_api.domain.upload_form import UploadForm

if TYPE_CHECKING:
    from collections.abc import Callable

WORKBOOKS = Path(".cache/workbooks")
BOUNDARY = "sluice-benchmark-boundary"
UP_WITHIN_S = 20.0
MINIMAL = """
import os, sys, uuid
import uvicorn
async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = os.path.join(sys.argv[2], uuid.uuid4().hex)
    with open(path, "wb", 0) as file:
        more = True
        while more:
            message = await receive()
            file.write(message.get("body", b""))
            more = message.get("more_body", False)
        os.fsync(file.fileno())
    os.unlink(path)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"{}"})
uvicorn.run(app, port=int(sys.argv[1]), loop="uvloop", http="httptools", lifespan="off",
            access_log=False, log_level="warning")
"""


def main() -> None:
    rows, rounds = int(os.environ.get("ROWS", "1000000")), int(os.environ.get("ROUNDS", "7"))
    path = workbook(rows)
    # Nobody parses: what is measured is the way to the answer
    options = SluiceOptions(parsers=0, writers=0)
    with (
        Stack.ephemeral("bench-upload", sluice=options) as stack,
        tempfile.TemporaryDirectory(dir=stack.folder) as folder,
    ):
        port = free_port()
        argv = [sys.executable, "-c", MINIMAL, str(port), folder]
        minimal = subprocess.Popen(argv)  # noqa: S603 - our own script
        try:
            roads = {
                "minimal": f"http://127.0.0.1:{port}",
                "upload_api": stack.upload_api,
                "through_gateway": stack.gateway or "",
            }
            print(json.dumps(measure(roads, stack.login, path, rounds)))
        finally:
            minimal.terminate()
            minimal.wait()


def workbook(rows: int) -> Path:
    path = WORKBOOKS / f"orders-{rows}-inline-0.xlsx"
    if not path.exists():
        print(f"generating {path} …", flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        generate_orders(path, rows, strings="inline").write_beside(path)
    return path


def measure(
    roads: dict[str, str], login: tuple[str, str], path: Path, rounds: int
) -> dict[str, object]:
    token = sign_in(roads["upload_api"], *login)
    body = form_of(path)
    wait_until_up(roads["minimal"])
    took: dict[str, list[float]] = {name: [] for name in roads}
    for number in range(rounds + 1):
        for name, url in roads.items():
            seconds = timed(partial(send, url, token, body))
            if number:  # the first round warms up
                took[name].append(seconds)
    medians = {name: statistics.median(values) for name, values in took.items()}
    head = statistics.median(timed(partial(read_whole_head, path)) for _ in range(rounds))
    return {
        "body_mb": round(len(body) / 1e6, 1),
        "median_s": {name: round(value, 3) for name, value in medians.items()},
        "ratio": {name: round(value / medians["minimal"], 2) for name, value in medians.items()},
        "all_s": {name: [round(value, 3) for value in values] for name, values in took.items()},
        "head_s": round(head, 4),
    }


def timed(act: Callable[[], object]) -> float:
    begin_s = time.perf_counter()
    act()
    return time.perf_counter() - begin_s


def read_whole_head(path: Path) -> None:
    read_head(path, path.name, None, UploadForm().wish, HEAD_ROWS)


def form_of(path: Path) -> bytes:
    field = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="target"\r\n\r\norders\r\n'
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
        f'filename="{path.name}"\r\n\r\n'
    )
    return b"".join(
        [field.encode(), head.encode(), path.read_bytes(), f"\r\n--{BOUNDARY}--\r\n".encode()]
    )


def send(base_url: str, token: str, body: bytes) -> None:
    """Send the body from memory, so that the client costs next to nothing."""
    connection = HTTPConnection(str(urlsplit(base_url).netloc))
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }
    connection.request("POST", "/api/upload/excel", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    if answer.status != httpx.codes.OK:
        raise RuntimeError(f"{base_url}: {answer.status} {text[:300]!r}")


def sign_in(base_url: str, user: str, password: str) -> str:
    answer = httpx.post(
        f"{base_url}/api/auth/login", json={"username": user, "password": password}
    ).raise_for_status()
    return str(answer.json()["token"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(url: str) -> None:
    deadline_s = time.monotonic() + UP_WITHIN_S
    while time.monotonic() < deadline_s:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"{url} is not up")


if __name__ == "__main__":
    main()
