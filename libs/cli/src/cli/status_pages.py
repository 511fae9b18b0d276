"""Reads the metrics of a stack's processes, twice: the second time shows the pace."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

from cli.status_facts import facts_of, samples_of
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

READY = "/readyz"
BETWEEN_S = 1.0
ANSWER_S = 5.0


def read_facts(ready_urls: Sequence[str]) -> dict[str, Any] | None:
    """Return how things go; None where no process answers."""
    urls = [url.replace(READY, "/metrics") for url in ready_urls if url.endswith(READY)]
    clock = SystemClock()
    begun_s = clock.monotonic_s()
    before = _pages(urls)
    if not before:
        return None
    time.sleep(BETWEEN_S)
    after = _pages(urls)
    return facts_of(samples_of(before), samples_of(after), clock.monotonic_s() - begun_s)


def _pages(urls: Sequence[str]) -> list[str]:
    """Return what answers; a process that is down tells nothing."""
    pages = []
    for url in urls:
        try:
            pages.append(httpx.get(url, timeout=ANSWER_S).raise_for_status().text)
        except httpx.HTTPError:
            continue
    return pages
