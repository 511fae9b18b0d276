"""One world of faults for the short fixed set, and workbooks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.faults.fault_world import FaultWorld, fault_world

from devstack import StackError
from devstack.pytest_fixtures import unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def world() -> Iterator[FaultWorld]:
    """A stack of its own: these tests stop and kill what others share."""
    try:
        opened = fault_world("fault-tests", parsers=1)
        entered = opened.__enter__()
    except StackError as error:
        unavailable(error)
        raise
    yield entered
    opened.__exit__(None, None, None)


@pytest.fixture(scope="session")
def books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fault-books")
