"""Tells at the end of a long run which member of the project its time went to."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from _pytest.terminal import TerminalReporter

TOLD_FROM_S = 60.0
"""A shorter run needs no table."""


@dataclass(slots=True)
class Times:
    """Seconds that the tests of one member took, on whichever worker they ran."""

    tests: set[str] = field(default_factory=set)
    by_phase: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    @property
    def total_s(self) -> float:
        return sum(self.by_phase.values())


def member_of(nodeid: str) -> str:
    """Return the part of the project a test belongs to: `services/writer`, `tests/e2e`."""
    return "/".join(nodeid.split("::", maxsplit=1)[0].split("/")[:2])


def times_by_member(reports: Iterable[pytest.TestReport]) -> dict[str, Times]:
    """Return the time of each member, the longest first."""
    found: dict[str, Times] = defaultdict(Times)
    for report in reports:
        times = found[member_of(report.nodeid)]
        times.tests.add(report.nodeid)
        times.by_phase[report.when] += report.duration
    return dict(sorted(found.items(), key=lambda pair: -pair[1].total_s))


def lines_of(found: dict[str, Times]) -> Iterator[str]:
    yield f"{'':28}{'tests':>7}{'setup':>8}{'call':>8}{'teardown':>10}{'all':>8}"
    for member, times in found.items():
        setup, call, teardown = (times.by_phase[p] for p in ("setup", "call", "teardown"))
        yield (
            f"{member:28}{len(times.tests):7}{setup:8.0f}{call:8.0f}{teardown:10.0f}"
            f"{times.total_s:8.0f}"
        )


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    told = [report for each in terminalreporter.stats.values() for report in each]
    found = times_by_member(each for each in told if isinstance(each, pytest.TestReport))
    if sum(times.total_s for times in found.values()) < TOLD_FROM_S:
        return
    terminalreporter.section("seconds by member, on all workers together")
    for line in lines_of(found):
        terminalreporter.write_line(line)
