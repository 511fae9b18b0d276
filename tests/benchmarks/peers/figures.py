"""What the raw results say of each peer: its medians, and where it is ahead of Sluice."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median_low
from typing import TYPE_CHECKING, Any, Final, Self

from tests.benchmarks.peers.catalog import PEERS, SLUICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


Entry = dict[str, Any]
"""The raw results of one peer and kind of strings."""
STRINGS: Final = ("inline", "shared")
# The same for all, and mostly its shared buffers.
_NOT_COMPARED: Final = "postgres"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The medians of one peer and kind of strings."""

    wall_s: float
    cpu_s: float
    largest: str
    peak_mb: float
    own_peak_mb: float
    """The largest process that is neither Kafka nor Redis."""
    runs: int
    content: str
    damaged_rows: int

    @classmethod
    def of(cls, entry: Entry) -> Self:
        runs = entry["runs"]
        names = [name for name in runs[0]["peak_mb"] if name != _NOT_COMPARED]
        peaks = {name: median_low(run["peak_mb"][name] for run in runs) for name in names}
        largest = max(peaks, key=lambda name: peaks[name])
        return cls(
            wall_s=median_low(run["wall_s"] for run in runs),
            cpu_s=median_low(sum(run["cpu_s"].values()) for run in runs),
            largest=largest,
            peak_mb=peaks[largest],
            own_peak_mb=max(mb for name, mb in peaks.items() if name not in {"kafka", "redis"}),
            runs=len(runs),
            content=runs[-1]["content"],
            damaged_rows=runs[-1]["damaged_rows"],
        )

    def ahead_of(self, other: Figures) -> list[str]:
        """Return in what this one takes less."""
        compared = {
            "time": (self.wall_s, other.wall_s),
            "CPU": (self.cpu_s, other.cpu_s),
            "memory": (self.peak_mb, other.peak_mb),
        }
        return [name for name, (mine, others) in compared.items() if mine < others]


ByStrings = dict[str, Figures]


def by_peer(entries: Iterable[Entry]) -> dict[str, ByStrings]:
    """Return the figures of the peers that were measured, in the catalog's order."""
    found: dict[str, ByStrings] = {}
    for entry in entries:
        found.setdefault(entry["peer"], {})[entry["strings"]] = Figures.of(entry)
    return {peer.name: found[peer.name] for peer in PEERS if peer.name in found}


def still_ahead(figures: Mapping[str, Figures], sluice: Mapping[str, Figures]) -> list[str]:
    """Return in what a peer takes less than Sluice, with any kind of strings."""
    shared = [kind for kind in STRINGS if kind in figures and kind in sluice]
    ahead = [name for kind in shared for name in figures[kind].ahead_of(sluice[kind])]
    return list(dict.fromkeys(ahead))


def unlike(peers: Mapping[str, ByStrings]) -> set[str]:
    """Return the peers whose table did not hold what Sluice's did, or most sound ones."""
    loads = [(name, each) for name, kinds in peers.items() for each in kinds.values()]
    sound = [(name, each.content) for name, each in loads if not each.damaged_rows]
    ours = [content for name, content in sound if name == SLUICE]
    candidates = ours or [content for _, content in sound]
    right = max(candidates, key=candidates.count, default=None)
    return {name for name, each in loads if each.content != right}
