"""The fold with nothing to tell."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from progress_gateway.entrypoints.fold_app import _flush
from progress_gateway.entrypoints.fold_desk import FoldDesk
from progress_gateway.entrypoints.fold_metrics import WAITING
from sluice.clock import SystemClock

if TYPE_CHECKING:
    from progress_gateway.entrypoints.fold_app import FoldApp


def test_a_fold_with_nothing_to_publish_does_not_wait() -> None:
    WAITING.set(1)
    fold = cast("FoldApp", SimpleNamespace(desk=FoldDesk({}), clock=SystemClock()))
    assert asyncio.run(_flush(fold))
    assert [sample.value for family in WAITING.collect() for sample in family.samples] == [0]
