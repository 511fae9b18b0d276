"""Jobs in the states that a page has to show, made once for many looks at them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.browser.frozen import frozen

from sample_data.corpus import CASES, Fails

if TYPE_CHECKING:
    from pathlib import Path

    from tests.road_client import RoadClient

    from devstack import Stack

HEADERS = (
    "order_id", "customer_name", "email", "sku", "quantity", "unit_price", "currency",
    "ordered_at", "shipped", "note",
)  # fmt: skip
ROWS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Showcase:
    """A file to choose, and the ids of jobs by what has become of them."""

    file: Path
    good: str
    with_errors: str
    failed: str
    paused: str


def small_orders(
    path: Path, first_id: int, bad: int = 0, headers: tuple[str, ...] = HEADERS
) -> Path:
    """Write a text file of orders; so many of them have words for a quantity and no address."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for number in range(ROWS):
            email, quantity = ("", "a dozen") if number < bad else ("ann@example.org", "12")
            row = [first_id + number, "Ann", email, "A-1", quantity, "1.50", "EUR", "2026-11-25"]
            writer.writerow([*row, "true", ""])
    return path


def make_showcase(stack: Stack, client: RoadClient, folder: Path) -> Showcase:
    """Import one file for each state, and wait until it shows."""

    def ended(path: Path, target: str = "orders") -> str:
        job_id = client.upload(path, target)
        client.follow(job_id)
        return job_id

    good = small_orders(folder / "good orders.csv", 1)
    broken = next(case for case in CASES if isinstance(case.must, Fails))
    broken.write(folder / "broken.xlsx")
    with frozen(stack, "writer"):
        paused = client.upload(small_orders(folder / "long.csv", 2_000), "orders")
        client.http.post(f"/api/jobs/{paused}/pause").raise_for_status()
    return Showcase(
        file=good,
        good=ended(good),
        with_errors=ended(small_orders(folder / "bad orders.csv", 1_000, bad=40)),
        failed=ended(folder / "broken.xlsx", broken.target),
        paused=paused,
    )
