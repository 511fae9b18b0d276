"""A signed-in client of the running stack, and workbooks whose contents are known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from tests.road_client import RoadClient
from tests.table_facts import empty_orders

from sample_data import Expected, generate_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from devstack import Stack


@dataclass(frozen=True, slots=True)
class Workbook:
    """A generated workbook and what its import must leave in the table."""

    path: Path
    expected: Expected


@pytest.fixture
def client(stack: Stack) -> Iterator[RoadClient]:
    assert stack.gateway is not None
    empty_orders(stack.database_url)
    road = RoadClient(stack.gateway, *stack.login)
    yield road
    road.close()


@pytest.fixture(scope="session")
def orders(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Workbook]:
    """Return a function that makes a workbook of orders, each shape once."""
    folder = tmp_path_factory.mktemp("workbooks")
    made: dict[tuple[int, float, str], Workbook] = {}

    def make(rows: int, bad_share: float = 0.0, strings: str = "inline") -> Workbook:
        key = (rows, bad_share, strings)
        if key not in made:
            path = folder / f"orders-{rows}-{bad_share}-{strings}.xlsx"
            made[key] = Workbook(
                path,
                generate_orders(path, rows, bad_share=bad_share, strings=strings),  # type: ignore[arg-type]  # a literal in each test
            )
        return made[key]

    return make
