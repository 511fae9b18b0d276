"""What each service and part has used: CPU seconds of its whole tree, and peak memory."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from devstack.supervisor import InstanceStatus

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_UTIME = 11  # field 14 of /proc/<pid>/stat, counted after the command's closing bracket
_RESET_PEAK = "5"  # proc(5), /proc/<pid>/clear_refs


@dataclass(frozen=True, slots=True)
class Usage:
    """CPU seconds (user and system) and the peak resident memory of the largest process."""

    cpu_s: float
    peak_rss_bytes: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The usage of each service at one moment, since its first start."""

    by_name: Mapping[str, Usage]

    def __sub__(self, earlier: Self) -> "Snapshot":
        """What was used since `earlier`: the CPU between the two, the peak as it is now."""
        nothing = Usage(0.0, 0)
        return Snapshot(
            {
                name: Usage(usage.cpu_s - earlier.by_name.get(name, nothing).cpu_s,
                            usage.peak_rss_bytes)
                for name, usage in self.by_name.items()
            }
        )  # fmt: skip


def snapshot(processes: Iterable[InstanceStatus]) -> Snapshot:
    """The usage per service; copies of a service are summed (their CPU) and compared (peak).

    CPU counts living processes of the tree, children that ended and were waited for (how the
    backends of PostgreSQL end up), and earlier lives of a service that was restarted. The peak
    is the kernel's VmHWM, in which PostgreSQL's shared buffers count for each process that
    touched them. Parts that are not the stack's own processes (given, in Docker) are absent.
    """
    usages: dict[str, Usage] = {}
    for process in processes:
        own = _of_instance(process)
        so_far = usages.get(process.service, Usage(0.0, 0))
        usages[process.service] = Usage(
            so_far.cpu_s + own.cpu_s, max(so_far.peak_rss_bytes, own.peak_rss_bytes)
        )
    return Snapshot(usages)


def reset_peaks(processes: Iterable[InstanceStatus]) -> None:
    """Let the peaks start again from what is resident now, for a second measurement."""
    for process in processes:
        for pid in _tree(process):
            try:
                Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK)
            except OSError:
                continue  # it has ended meanwhile


def _of_instance(process: InstanceStatus) -> Usage:
    pids = _tree(process)
    return Usage(
        process.past_cpu_s + sum(cpu_s(pid) for pid in pids),
        max([process.past_peak_rss_bytes, *(peak_rss_bytes(pid) for pid in pids)]),
    )


def _tree(process: InstanceStatus) -> Sequence[int]:
    identity = process.identity
    if identity is None or not identity.is_alive():
        return []
    try:
        below = psutil.Process(identity.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    # Also those that have ended and not been waited for: nobody else has their seconds yet.
    return [identity.pid, *(child.pid for child in below)]


def cpu_s(pid: int) -> float:
    """User and system seconds of a process and of the children it has waited for; 0 once gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    ticks = stat.rpartition(")")[2].split()[_UTIME : _UTIME + 4]
    return sum(int(each) for each in ticks) / _TICKS_PER_S


def peak_rss_bytes(pid: int) -> int:
    """The most that a process had resident (VmHWM); 0 once it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
