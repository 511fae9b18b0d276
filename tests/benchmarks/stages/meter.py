"""What a stage costs: its own CPU seconds, and those of the servers that take part in it."""

from __future__ import annotations

import json
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

from devstack.accounting import cpu_s

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVERS = "BENCH_SERVER_PIDS"
"""The servers' processes, by name, as the command tells each stage."""


@dataclass(slots=True)
class Spent:
    """What was spent between the beginning and the end of a measurement."""

    wall_s: float = 0.0
    client_s: float = 0.0
    servers_s: dict[str, float] = field(default_factory=dict)

    def as_json(self, rows: int) -> dict[str, float]:
        """Return CPU s, and wall s, for a million rows."""
        million = 1_000_000 / rows
        spent = {
            "wall_s": self.wall_s * million,
            "client_cpu_s": self.client_s * million,
            **{f"{name}_cpu_s": used_s * million for name, used_s in self.servers_s.items()},
        }
        return {name: round(figure, 3) for name, figure in spent.items()}


@contextmanager
def metered() -> Iterator[Spent]:
    """Measure what is done within the block."""
    pids: Mapping[str, int] = json.loads(os.environ.get(SERVERS, "{}"))
    spent = Spent()
    before = {name: _tree_cpu_s(pid) for name, pid in pids.items()}
    begin_s, client_s = time.perf_counter(), time.process_time()
    yield spent
    spent.client_s = time.process_time() - client_s
    spent.wall_s = time.perf_counter() - begin_s
    spent.servers_s = {
        name: used_s
        for name, pid in pids.items()
        if (used_s := _tree_cpu_s(pid) - before[name]) >= 0.0
    }


def _tree_cpu_s(pid: int) -> float:
    """Return what a server and its children have used; ended children count with their parent."""
    below = psutil.Process(pid).children(recursive=True)
    return sum(cpu_s(each) for each in (pid, *(child.pid for child in below)))
