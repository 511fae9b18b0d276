"""The table at the end: fault, runs, rows checked, lost, doubled, recovery."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import quantiles
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.faults.fault_run import RunReport

HEADER = (
    "| fault | runs | rows checked | lost | doubled | recovery p50 | p95 |",
    "|---|--:|--:|--:|--:|--:|--:|",
)


@dataclass(slots=True)
class Line:
    """What all runs with one fault showed."""

    runs: int = 0
    rows: int = 0
    lost: int = 0
    doubled: int = 0
    recoveries_s: list[float] = field(default_factory=list)

    def add(self, report: RunReport, recovery_s: float | None) -> None:
        self.runs += 1
        self.rows += report.verdict.rows
        self.lost += report.verdict.lost
        self.doubled += report.verdict.doubled
        if recovery_s is not None:
            self.recoveries_s.append(recovery_s)

    def cells(self, name: str) -> str:
        p50, p95 = percentile(self.recoveries_s, 50), percentile(self.recoveries_s, 95)
        figures = (f"{self.rows:,}", str(self.lost), str(self.doubled), seconds(p50), seconds(p95))
        return f"| {name} | {self.runs} | {' | '.join(figures)} |"


def percentile(values: Sequence[float], share: int) -> float | None:
    """Return the value that so many per cent do not exceed; None where there are none."""
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[share - 1]


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"


def table(reports: Iterable[RunReport]) -> str:
    """Return the table in Markdown; what did not strike is not counted."""
    lines: dict[str, Line] = {}
    everything = Line()
    for report in reports:
        struck = [done for done in report.faults if done.healed_s is not None]
        for done in struck:
            lines.setdefault(done.name, Line()).add(report, done.recovery_s)
        everything.add(report, None)
        everything.recoveries_s += [d.recovery_s for d in struck if d.recovery_s is not None]
    rows = [lines[name].cells(name) for name in sorted(lines)]
    return "\n".join([*HEADER, *rows, everything.cells("**all runs**")])
