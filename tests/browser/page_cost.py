"""What a run costs the browser: heap, and script per frame, from Chromium's own trace."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from playwright.sync_api import Browser, CDPSession, Page

MAX_HEAP = 100_000_000
"""Bytes that the page may hold, however many rows go by."""
MAX_SCRIPT_MS = 50
"""CPU time of script in a frame, at the 99th percentile."""
CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "v8"]
FRAME = "BeginCommitCompositorFrame"
"""The moment the page hands a finished frame over."""
SCRIPT = {
    "EvaluateScript",
    "EventDispatch",
    "FireAnimationFrame",
    "FireIdleCallback",
    "FunctionCall",
    "RunMicrotasks",
    "TimerFire",
    "v8.compile",
    "v8.compileModule",
    "v8.evaluateModule",
}
SAMPLE_MS = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCost:
    """Bytes of heap, and milliseconds of script that ran between one frame and the next."""

    heap_peak: int
    heap_in_the_end: int
    script_of_frames_ms: tuple[float, ...]

    def percentile_ms(self, percent: float) -> float:
        ordered = sorted(self.script_of_frames_ms)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def measured(browser: Browser, page: Page, until: Callable[[], bool]) -> PageCost:
    """Trace a page until something holds; the heap in the end is what a collection leaves."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    browser.start_tracing(page=page, categories=CATEGORIES)
    peak = 0
    while not until():
        peak = max(peak, _heap(session))
        page.wait_for_timeout(SAMPLE_MS)
    trace = json.loads(browser.stop_tracing())
    peak = max(peak, _heap(session))
    session.send("HeapProfiler.collectGarbage")
    return PageCost(
        heap_peak=peak,
        heap_in_the_end=_heap(session),
        script_of_frames_ms=tuple(script_of_frames(trace["traceEvents"])),
    )


def _heap(session: CDPSession) -> int:
    """Return what JavaScript and the document hold now."""
    told = session.send("Runtime.getHeapUsage")
    return int(told["usedSize"] + told.get("embedderHeapUsedSize", 0))


def script_of_frames(events: Sequence[dict[str, Any]]) -> list[float]:
    """Return the script of each frame in ms: CPU time where the trace tells it."""
    by_thread = Counter(_thread(event) for event in events if event["name"] == "FunctionCall")
    main = by_thread.most_common(1)[0][0]
    mine = [event for event in events if _thread(event) == main and "ts" in event]
    frames = sorted(event["ts"] for event in mine if event["name"] == FRAME)
    script = _outermost(event for event in mine if event["name"] in SCRIPT and "dur" in event)
    return [
        sum(event.get("tdur", event["dur"]) for event in script if begin <= event["ts"] < end)
        / 1000
        for begin, end in pairwise(frames)
    ]


def _thread(event: dict[str, Any]) -> tuple[int, int]:
    return event["pid"], event["tid"]


def _outermost(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what runs inside another: its time is in the other's."""
    found: list[dict[str, Any]] = []
    end = -1
    for event in sorted(events, key=lambda event: (event["ts"], -event["dur"])):
        if event["ts"] >= end:
            found.append(event)
            end = event["ts"] + event["dur"]
    return found
