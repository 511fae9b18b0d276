"""Fuzz the reader for a while and say what came of it: `make fuzz SECONDS=3600`.

Ends with 1 when there are findings: mend the reader, move the input to `found/` (where
`tests/test_fuzz_findings.py` reads it for ever) and fuzz again. The corpus in the work folder stays
for the next run.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

TARGET = Path(__file__).parent / "fuzz_reader.py"
_COVERAGE = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)/")
_STATISTIC = re.compile(r"stat::(\w+):\s+(\d+)")


@dataclass(slots=True)
class Figures:
    """What the runs of the target add up to: a hang or a crash ends one, and starts another."""

    executions: int = 0
    peak_rss_mib: int = 0
    slowest_s: int = 0
    coverage: tuple[str, ...] = ("0", "0", "0")
    findings: dict[str, str] = field(default_factory=dict)

    def add(self, line: str) -> None:
        if line.startswith("FINDING "):
            self.findings.setdefault(line.partition(" | ")[0], line)
        elif found := _COVERAGE.search(line):
            self.coverage = found.groups()
        elif found := _STATISTIC.search(line):
            self._add_statistic(found[1], int(found[2]))
        elif line.startswith("==") and "ERROR" in line:
            self.findings[line] = line

    def _add_statistic(self, name: str, value: int) -> None:
        if name == "number_of_executed_units":
            self.executions += value
        elif name == "peak_rss_mb":
            self.peak_rss_mib = max(self.peak_rss_mib, value)
        elif name == "slowest_unit_time_sec":
            self.slowest_s = max(self.slowest_s, value)


def main() -> int:
    arguments = _arguments()
    ends_at_s = time.monotonic() + arguments.seconds
    figures = Figures()
    began_s = time.monotonic()
    while (left_s := round(ends_at_s - time.monotonic())) > 0:
        _run(figures, left_s, arguments.work)
    edges, features, inputs = figures.coverage
    print(
        f"\n{figures.executions} executions in {time.monotonic() - began_s:.0f} s,"
        f" {edges} edges and {features} features covered by {inputs} inputs,"
        f" {len(figures.findings)} findings, slowest input {figures.slowest_s} s,"
        f" peak memory {figures.peak_rss_mib} MiB"
    )
    for finding in figures.findings.values():
        print(finding)
    return 1 if figures.findings else 0


def _run(figures: Figures, seconds: int, work: str) -> None:
    command = [sys.executable, str(TARGET), "--seconds", str(seconds), "--work", work]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, errors="replace") as target:
        for line in target.stderr or ():
            figures.add(line.rstrip())
            if "pulse" in line or "INITED" in line or line.startswith(("FINDING", "==", "Trace")):
                print(line, end="", flush=True)
    if target.returncode and not figures.executions:
        raise SystemExit(f"the fuzz target does not start: it ended with {target.returncode}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--work", default=".cache/fuzz", help="keeps the corpus and the findings")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
