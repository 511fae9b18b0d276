"""Sluice with several copies of each service, behind the nginx of `deploy/nginx`."""

from __future__ import annotations

import os
import shutil
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from devstack import ServiceSpec, SluiceOptions, Stack
from devstack.locations import project_root
from devstack.unpacked import tool_for_tests

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DEPLOY = project_root() / "deploy" / "nginx"
COPIES = {"upload-api": "upload-api-2", "progress-gateway": "progress-gateway-2"}
WORKERS = SluiceOptions(parsers=2, writers=3, env={"SLUICE_TRUSTED_PROXIES": "127.0.0.0/8"})
INSTANCES = (
    "upload-api", "upload-api-2", "parser-1", "parser-2", "writer-1", "writer-2", "writer-3",
    "progress-fold", "progress-settler", "progress-gateway", "progress-gateway-2",
)  # fmt: skip


@contextmanager
def stack_behind_nginx() -> Iterator[tuple[Stack, str]]:
    """Lend a stack with two or three of everything that may be several, and nginx's address."""
    with Stack.ephemeral(f"nginx-{os.getpid()}", sluice=WORKERS) as stack:
        for service, copy in COPIES.items():
            stack.add_copy(service, copy)
        port = stack.ports.port("nginx")
        folder = stack.folder / "nginx"
        _configure(folder, port, addresses_of(stack))
        stack.add([_nginx(folder, port)])
        yield stack, f"http://127.0.0.1:{port}"


def addresses_of(stack: Stack) -> dict[str, list[str]]:
    """Return where the copies listen, by service."""
    first = {"upload-api": stack.upload_api, "progress-gateway": str(stack.gateway)}
    return {
        service: [
            first[service].removeprefix("http://"),
            f"127.0.0.1:{stack.ports.port(f'{copy}-metrics')}",
        ]
        for service, copy in COPIES.items()
    }


def _configure(folder: Path, port: int, addresses: dict[str, list[str]]) -> None:
    """Write the deployment's own files; only where things are is this machine's."""
    folder.mkdir()
    shutil.copy(DEPLOY / "sluice.conf", folder)
    main = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    # Workers of root's nginx are nobody, who may not enter a test's folder
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(user + main, encoding="utf-8")
    (folder / "listen.conf").write_text(f"listen 127.0.0.1:{port};\n", encoding="utf-8")
    names = {"upload-api": "sluice_upload_apis", "progress-gateway": "sluice_gateways"}
    upstreams = [
        f"upstream {names[service]} {{\n"
        + "".join(f"  server {each} max_fails=1 fail_timeout=2s;\n" for each in where)
        + "  keepalive 32;\n}\n"
        for service, where in addresses.items()
    ]
    (folder / "upstreams.conf").write_text("".join(upstreams), encoding="utf-8")


def _nginx(folder: Path, port: int) -> ServiceSpec:
    config = str(folder / "nginx.conf")
    return ServiceSpec(
        name="nginx",
        argv=(
            str(tool_for_tests("nginx")), "-p", str(folder), "-c", config,
            "-e", "/dev/stderr", "-g", "daemon off;",
        ),
        ready=f"http://127.0.0.1:{port}/healthz",
        stop_signal=signal.SIGQUIT,
    )  # fmt: skip
