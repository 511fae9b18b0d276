"""Each running process shows the metrics that docs/metrics.md names for it, and no others."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, get_args

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from tests.rules.metrics_of_the_code import PREFIX, documented_metrics

from cli.status_pages import read_facts
from sluice.metrics import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.conftest import Workbook
    from tests.road_client import RoadClient

    from devstack import Stack

SERVICES = {
    "upload-api": "upload-api",
    "parser": "parser",
    "writer": "writer",
    "progress-fold": "fold",
    "progress-settler": "settler",
    "progress-gateway": "gateway",
}
STAGES = {*get_args(Stage), "stream"}
STUCK_S = 60.0


def page_of(stack: Stack, service: str) -> str:
    url = next(each.ready_url for each in stack.processes() if each.service == service)
    return httpx.get(url.replace("/readyz", "/metrics"), timeout=STUCK_S).text


def families_of(stack: Stack, service: str) -> Iterator[str]:
    for family in text_string_to_metric_families(page_of(stack, service)):
        if family.name.startswith(PREFIX):
            yield family.name + ("_total" if family.type == "counter" else "")


@pytest.mark.parametrize("service", SERVICES)
def test_a_process_shows_what_the_document_says(stack: Stack, service: str) -> None:
    told = {
        metric.name
        for metric, processes in documented_metrics().items()
        if processes & {SERVICES[service], "all"}
    }
    assert set(families_of(stack, service)) == told


def passages(stack: Stack) -> Counter[str]:
    """Return how often each stage was passed, and how many chunks were seen on a stream."""
    families = (
        family
        for service in SERVICES
        for family in text_string_to_metric_families(page_of(stack, service))
    )
    found: Counter[str] = Counter()
    for sample in (sample for family in families for sample in family.samples):
        if sample.name == "sluice_stage_duration_seconds_count":
            found[sample.labels["stage"]] += int(sample.value)
        elif sample.name == "sluice_gateway_commit_to_stream_seconds_count":
            found["stream"] += int(sample.value)
    return found


def test_an_import_moves_the_stages_and_the_delay_to_the_stream(
    stack: Stack, client: RoadClient, orders: Callable[..., Workbook]
) -> None:
    before = passages(stack)
    client.follow(client.upload(orders(1_000).path, "orders"))
    ends_s = time.monotonic() + STUCK_S
    while True:  # what is behind the last message is noted a moment after it
        moved = set(passages(stack) - before)
        if moved >= STAGES or time.monotonic() > ends_s:
            break
        time.sleep(0.2)
    assert moved == STAGES


def test_the_command_line_reads_how_things_go(stack: Stack) -> None:
    urls = [each.ready_url for each in stack.processes()]
    ends_s = time.monotonic() + STUCK_S
    while not ((facts := read_facts(urls)) and facts["jobs"]) and time.monotonic() < ends_s:
        continue  # the settler takes stock every 5 s; a reading takes one
    assert facts is not None
    assert set(facts["jobs"]) == {"pending", "processing", "retrying", "paused"}
    assert "sluice-writer imports.chunks" in facts["lag"]
    assert set(facts["versions"]) == set(SERVICES)
    assert set(facts["readers"]) == {"upload-api", "parser"}
    assert facts["halted"] == []
    assert facts["storageFreeBytes"] > 0
