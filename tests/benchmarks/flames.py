"""`make flame SERVICE=…`: where a service spends its time during an import, as a flame graph.

Imports once to warm up, then again while py-spy watches the service and its children (the parser's
reads the sheet), native frames included, and writes an SVG to `.cache/flames`. `SERVICE` may name
several, with commas between them: each sampler takes some CPU of its own, so one alone is best.

Environment: `SERVICE`, what `make bench` takes (`ROWS`, `FILE`, `STRINGS` …), and `NATIVE=0` for
Python's frames only.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from tests.benchmarks.whole_road import run, workbook
from tests.table_facts import empty_orders

from devstack import SluiceOptions, Stack
from devstack.locations import cache_folder, project_root

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PY_SPY = "py-spy==0.4.1"
RATE = 200
SERVICES = (
    "parser",
    "writer",
    "progress-fold",
    "progress-settler",
    "progress-gateway",
    "upload-api",
)
NOT_PYTHON = ("kafka", "postgres", "redis")


def main() -> int:
    names = os.environ.get("SERVICE", "").split(",")
    wrong = [name for name in names if name not in SERVICES]
    if wrong:
        others = f" ({', '.join(NOT_PYTHON)} are no Python: use their own profilers)"
        print(f"SERVICE={wrong[0]} is none of {', '.join(SERVICES)}{others}", file=sys.stderr)
        return 2
    sampler, order = _sampler(), workbook()
    with Stack.ephemeral("flame", sluice=SluiceOptions()) as stack:
        _import_once(stack)
        empty_orders(stack.database_url)
        with ExitStack() as watched:
            pictures = [watched.enter_context(_watched(sampler, stack, name)) for name in names]
            figures = run(stack, order)
    print(f"{figures['rows']:,} rows in {figures['wall_s']} s; CPU s: {figures['cpu_s']}")
    for picture in pictures:
        print(picture)
    return 0 if all(picture.exists() for picture in pictures) else 1


def _import_once(stack: Stack) -> None:
    empty_orders(stack.database_url)
    run(stack, workbook())


def _sampler() -> Path:
    """Return py-spy, installed into the cache at the first time."""
    folder = cache_folder() / "tools"
    found = folder / "bin" / "py-spy"
    if not found.exists():
        uv = project_root() / ".venv" / "bin" / "uv"
        env = {**os.environ, "UV_TOOL_DIR": str(folder), "UV_TOOL_BIN_DIR": str(found.parent)}
        subprocess.run([str(uv), "tool", "install", "--quiet", PY_SPY], env=env, check=True)
    return found


@contextmanager
def _watched(sampler: Path, stack: Stack, service: str) -> Iterator[Path]:
    """Sample a service within the block; the picture is written at its end."""
    pid = next(each.pid for each in stack.processes() if each.service == service)
    picture = cache_folder() / "flames" / f"{service}.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    picture.unlink(missing_ok=True)
    native = ["--native"] if os.environ.get("NATIVE", "1") == "1" else []
    argv = [
        *(str(sampler), "record", "--pid", str(pid), "--subprocesses", "--rate", str(RATE)),
        *("--output", str(picture), *native),
    ]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as sampling:
        yield picture
        sampling.send_signal(signal.SIGINT)
        _, told = sampling.communicate(timeout=60)
    if not picture.exists():
        print(told.decode(errors="replace"), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
